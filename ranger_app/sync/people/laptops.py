"""The laptops that a workspace knows of: the site's devices, and others that have only written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ranger_app.domain.directory import Directory
from ranger_app.domain.members import Member
from ranger_app.domain.quotas import NEARLY, allowance
from ranger_app.domain.sites import Device
from ranger_app.i18n import _, number
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import brought_by, vectors


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
    brought: int
    """How many changes are in them, as its quota counts."""
    quota: int | None
    """How many it may bring; None where there is no list of devices, or it is none of them."""
    this: bool

    @property
    def is_beyond(self) -> bool:
        """Whether it has brought more than it may: the rest is kept aside."""
        return self.quota is not None and self.brought > self.quota

    @property
    def is_nearly_there(self) -> bool:
        """Whether it has brought nearly as much as it may."""
        return self.quota is not None and self.brought >= NEARLY * self.quota


def quota_words(found: Sequence[Laptop]) -> list[str]:
    """Which laptops have brought more than they may, and whether this one nearly has, with what to do."""
    told = []
    for one in found:
        if one.is_beyond:
            words = _(
                "“{name}” has brought {n} single changes and may bring {most}: what is beyond is kept aside, "
                "and comes in when an administrator raises it."
            )
        elif one.this and one.is_nearly_there:
            words = _(
                "“{name}” has brought {n} of the {most} single changes that it may bring: an administrator "
                "can raise it before nothing more can be written here."
            )
        else:
            continue
        told.append(words.format(name=one.name, n=number(one.brought), most=number(one.quota or 0)))
    if told:
        told.append(_("To raise it: on the page of people, or ranger-app device quota DEVICE N."))
    return told


def laptops(workspace: Workspace, directory: Directory | None) -> list[Laptop]:
    """The site's devices in the order in which they came, then the others by name."""
    own, held = workspace.keys.replica, vectors(workspace).get(workspace.site_id, {})
    brought = brought_by(workspace, workspace.site_id)
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
            brought=brought.get(replica, 0),
            quota=allowance(directory, replica) if directory is not None and member is not None else None,
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
