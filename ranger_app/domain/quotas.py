"""How many changes each laptop may bring, by the list of devices; what is beyond it is kept aside.

Counted are the ops of a feed from its first segment on, those that do not count for another reason too. So
what is said of a segment hangs on nothing but its own feed and the directory, and is the same everywhere.
A segment that goes beyond is kept aside whole: a unit of work counts wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from ranger_app.domain.directory import Directory
from ranger_app.domain.members import Member

USUAL = 10_000_000
"""Changes that a laptop may bring under its first key where nobody said otherwise. A station with a million
photos, and what models and people say of each, comes to about six million, and so does a park's whole past
read from files in one go; on the other hand all of it is a few GB, which the smallest laptop still holds."""
UNNAMED = 20
"""Later keys of a laptop, as it gets when it is restored or copied, that count before the list names them."""
UNDER_AN_UNNAMED = USUAL // UNNAMED
"""Changes under each of those: nobody but the laptop vouches for its new keys, and it can make any number of
them. So all of them together bring no more than the first."""
NEARLY = 0.9
"""The share of its quota from which on a laptop is told of it: there is time for an administrator to act."""


def allowance(directory: Directory, replica: bytes) -> int:
    """How many changes count of the feed of a replica, a device's own or an heir's."""
    member = directory.member_of(replica)
    if member is None:
        return 0
    if replica in member.quota:
        return member.quota[replica]
    first = member.quota.get(member.replica, USUAL)
    if replica == member.replica:
        return first
    return min(first, UNDER_AN_UNNAMED) if replica in _first_unnamed(directory, member) else 0


def _first_unnamed(directory: Directory, member: Member) -> list[bytes]:
    """Of the keys that the list does not name, those that came first one after another."""
    depths: Mapping[bytes, int] = {
        replica: _depth(directory, replica)
        for replica in directory.incarnations(member)
        if replica != member.replica and replica not in member.quota
    }
    return sorted(depths, key=lambda replica: (depths[replica], replica))[:UNNAMED]


def _depth(directory: Directory, replica: bytes) -> int:
    depth = 0
    while replica not in directory.members:
        replica, depth = directory.heirs[replica], depth + 1
    return depth


def is_beyond(directory: Directory, replica: bytes, seq: int, changes: int, allowed: int) -> bool:
    """Whether a segment lies beyond the quota of its feed, which comes to so many `changes` with it. What was
    there before there was a directory counts whatever it comes to."""
    return changes > allowed and seq > directory.accepted.get(replica, 0)


def fingerprint() -> str:
    """A text that moves when the usual quotas do: state that was made under others is made anew."""
    return repr((USUAL, UNNAMED, UNDER_AN_UNNAMED))
