"""The laptops that a workspace knows of: the site's devices, and others that have only written."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.domain.directory import Directory, Member
from ranger_app.domain.sites import Device
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """One of the site's devices, or one that has written and is none."""

    replica: bytes
    name: str
    role: str | None
    """None for one that is revoked or was never enrolled."""
    enrolled: bool
    accept_up_to: int | None
    """For a revoked one, the last of its changes that counts."""
    changes: int
    """How many segments of its changes are here."""
    this: bool


def laptops(workspace: Workspace, directory: Directory | None) -> list[Laptop]:
    """The site's devices in the order in which they came, then the others by name."""
    own, held = workspace.keys.replica, vectors(workspace).get(workspace.site_id, {})
    with workspace.reading() as data:
        names = {d.replica: d.name for d in data.find(Device, order=("name",))}
    members = sorted(directory.members.values(), key=lambda m: m.since) if directory else []
    others = sorted(
        (names.keys() | held.keys()) - {m.replica for m in members}, key=lambda r: (names.get(r, ""), r)
    )

    def shown(replica: bytes, name: str, member: Member | None) -> Laptop:
        revoked = member is not None and member.revoked_at is not None
        return Laptop(
            replica=replica,
            name=name,
            role=member.role if member else None,
            enrolled=member is not None,
            accept_up_to=member.accept_up_to.get(replica, 0) if member is not None and revoked else None,
            changes=held.get(replica, 0),
            this=replica == own,
        )

    return [
        *(shown(m.replica, m.name, m) for m in members),
        *(shown(r, *_name_of(r, names, directory)) for r in others),
    ]


def _name_of(
    replica: bytes, names: dict[bytes, str], directory: Directory | None
) -> tuple[str, Member | None]:
    """What a laptop calls itself, and the device that it carries on under a new key."""
    member = directory.member_of(replica) if directory else None
    return names.get(replica) or (member.name if member else replica.hex()[:12]), member
