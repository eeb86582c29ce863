"""The devices of a site: what each was at each version of the directory, and where its changes end."""

from __future__ import annotations

from dataclasses import dataclass, field

from ranger_app.domain.people import Numbers
from ranger_app.domain.roles import ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Spell:
    """A role from one version of the directory on, or from the segments after the numbers `after` on."""

    version: int
    role: str
    after: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One device of the site."""

    replica: bytes
    public_key: bytes
    recipient: str
    name: str
    since: int
    """Version of the directory that took it in; among administrators, their seniority."""
    spells: tuple[Spell, ...]
    revoked_at: int | None = None
    accept_up_to: Numbers = field(default_factory=dict)
    """When revoked: the last numbers that count, of its own feed and of its heirs'."""
    quota: Numbers = field(default_factory=dict)
    """How many changes it may bring under each of its keys, where the list says so (see `quotas`)."""

    @property
    def role(self) -> str | None:
        """Its role at the end of the chain; None when revoked."""
        return self.spells[-1].role if self.revoked_at is None else None

    def role_of(self, replica: bytes, seq: int, version: int) -> str | None:
        """The role that a segment was written under, by it or an heir of it, which names this version."""
        if self.shuts_out(replica, seq):
            return None
        held = [s.role for s in self.spells if version >= s.version or seq > s.after.get(replica, 0)]
        return held[-1] if held else None

    def shuts_out(self, replica: bytes, seq: int) -> bool:
        """Whether a segment of it or of an heir of it does not count since it was revoked."""
        return self.revoked_at is not None and seq > self.accept_up_to.get(replica, 0)


def last_spells(member: Member) -> list[Spell]:
    """The spells since it became administrator without a break, newest first."""
    last: list[Spell] = []
    for spell in reversed(member.spells):
        if spell.role != ADMINISTRATOR:
            break
        last.append(spell)
    return last
