"""The laptops that a workspace knows of: the site's devices, and others that have only written."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.domain.directory import Directory, Member
from ranger_app.domain.sites import Device
from ranger_app.storage import Workspace
from ranger_app.storage.exchanging import vectors


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
    others = sorted(names.keys() - {m.replica for m in members}, key=lambda r: (names[r], r))

    def shown(replica: bytes, name: str, member: Member | None) -> Laptop:
        revoked = member is not None and member.revoked_at is not None
        return Laptop(
            replica=replica,
            name=name,
            role=member.role if member else None,
            enrolled=member is not None,
            accept_up_to=member.accept_up_to if member is not None and revoked else None,
            changes=held.get(replica, 0),
            this=replica == own,
        )

    return [
        *(shown(m.replica, m.name, m) for m in members),
        *(shown(r, names[r], None) for r in others),
    ]
