"""Who belongs to a site: a chain of signed entries, and what it says at each of its versions.

Only the site's administrators add to the chain, and the first entry makes its writer one. Every entry
names the one before it by its hash, so the chain is the same for everybody who holds its end. Two entries
after the same one are a fork: the more senior hand wins, the printed recovery sheet is the most senior of
all, and where one hand signed both, neither holds until a more senior one decides. What falls aside is
kept and told, and counts for nothing. So the directory is a function of the set of entries, whatever the
order in which they came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ranger_app.domain.members import Member, Spell, last_spells
from ranger_app.domain.people import (
    MAX_NAME,
    Numbers,
    People,
    Roles,
    anybody_on,
    asked_of,
    is_bytes,
    is_name,
    is_numbers,
    told,
)
from ranger_app.domain.roles import ADMINISTRATOR

FOUND, ENROL, ROLE, REVOKE, QUOTA = "found", "enrol", "role", "revoke", "quota"
GROUP_KEY, OUTSIDE_KEY, RECOVERY_KEY = "group key", "outside key", "recovery key"
MAX_ENTRIES = 10_000
MAX_SEALED = 256 << 10  # bytes
MAX_HEIRS = 64
"""New signing keys one after another that are followed back to the device that they carry on."""
EVERYTHING = ADMINISTRATOR
"""What a laptop could do before there was a directory it could do lawfully."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it was signed. Kinds and keys of `content` that are not known are kept and do nothing."""

    hash: bytes
    site: bytes
    number: int
    previous: bytes
    signer: bytes
    at_ms: int
    kind: str
    content: Mapping[str, Any]


Genuine = Callable[[bytes, Entry], bool]
"""Whether the holder of this public key signed the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What the chain says up to one of its entries."""

    site: bytes
    version: int
    head: bytes  # hash of the newest entry
    root: bytes  # hash of the first: which directory this is
    founder: bytes
    changed_at_ms: int
    members: Mapping[bytes, Member]
    accepted: Numbers  # the segments that were there before there was a directory, and count
    groups: tuple[str, ...]
    """Public halves of the group keys, oldest first; bundles are sealed to the last."""
    outside: tuple[str, ...] = ()  # the same for enrolled outsiders, who get no group key of the park
    recovery_key: bytes = b""
    recovery_recipient: str = ""
    heirs: Mapping[bytes, bytes] = field(default_factory=dict)
    """By the replica of a new signing key, that of the key before it on the same laptop, which vouches."""
    people: People = field(default_factory=dict)
    """By their id, those who sign in."""

    def member_of(self, replica: bytes) -> Member | None:
        """The device that a replica is, or carries on."""
        for _step in range(MAX_HEIRS):
            if replica in self.members or replica not in self.heirs:
                break
            replica = self.heirs[replica]
        return self.members.get(replica)

    def incarnations(self, member: Member) -> list[bytes]:
        """The replica of a device and those of its heirs."""
        return [member.replica, *sorted(r for r in self.heirs if self.member_of(r) == member)]

    def role_of(self, replica: bytes, seq: int, version: int) -> str | None:
        """The role of the laptop that a segment was written under; None when its ops do not count."""
        member = self.member_of(replica)
        if seq <= self.accepted.get(replica, 0) and not (member and member.shuts_out(replica, seq)):
            return EVERYTHING
        return member.role_of(replica, seq, version) if member is not None else None

    def roles_of(self, replica: bytes, seq: int, version: int, author: bytes) -> Roles | None:
        """The roles that a segment has to be within, of its laptop and of the person that it names; None
        when its ops do not count."""
        member, role = self.member_of(replica), self.role_of(replica, seq, version)
        if role is None:
            return None
        if member is None or seq <= self.accepted.get(replica, 0):
            return (frozenset({role}),)
        return asked_of(
            self.people,
            device=member.replica,
            role=role,
            author=author,
            replica=replica,
            seq=seq,
            version=version,
        )

    def administers(self, member: Member, person: bytes) -> bool:
        """Whether this person may write entries on this device; nobody need, where nobody signs in."""
        if member.role != ADMINISTRATOR:
            return False
        if not anybody_on(self.people, member.replica):
            return True
        one = self.people.get(person)
        return one is not None and ADMINISTRATOR in one.roles and one.signs_in_on(member.replica)

    def can_be_administered(self) -> bool:
        """Whether somebody is left who may add to it."""
        return bool(self.recovery_key) or any(
            self.administers(m, person) for m in self.members.values() for person in (b"", *self.people)
        )

    def seniority(self, signer: bytes) -> int | None:
        """How senior an administrator is, smaller being more; None when this hand may not sign."""
        if self.recovery_key and signer == replica_of(self.recovery_key):
            return 0
        member = self.members.get(signer)
        if member is None or member.role != ADMINISTRATOR:
            return None
        return last_spells(member)[-1].version

    def key_of(self, signer: bytes) -> bytes:
        """The public key that an administrator signs with."""
        if self.recovery_key and signer == replica_of(self.recovery_key):
            return self.recovery_key
        return self.members[signer].public_key

    def standing(self) -> list[Member]:
        """The devices that are not revoked, in the order in which they came."""
        return sorted((m for m in self.members.values() if m.role is not None), key=lambda m: m.since)


@dataclass(frozen=True, slots=True)
class Followed:
    """What a set of entries comes to."""

    directory: Directory
    chain: tuple[Entry, ...]
    aside: tuple[Entry, ...]
    """Genuine entries of branches that do not hold."""
    highest: int
    """The largest number of any genuine entry, aside or not."""


def replica_of(public_key: bytes) -> bytes:
    """A device's id: the first half of the SHA-256 of its key."""
    return hashlib.sha256(public_key).digest()[:16]


def follow(entries: Collection[Entry], root: bytes, genuine: Genuine) -> Followed | None:
    """The directory that begins with the entry `root`; None when that entry is not among these or not sound.

    Entries that do not hang on the root by genuine entries are left out of everything.
    """
    after: dict[bytes, list[Entry]] = {}
    first: Entry | None = None
    for entry in {entry.hash: entry for entry in entries}.values():
        if entry.hash == root:
            first = entry
        else:
            after.setdefault(entry.previous, []).append(entry)
    begun = _found(first, genuine) if first is not None else None
    if first is None or begun is None:
        return None
    sound: dict[bytes, tuple[Entry, Directory]] = {first.hash: (first, begun)}
    waiting = [first.hash]
    while waiting:
        there = sound[waiting.pop()][1]
        for entry in after.get(there.head, ()):
            grown = grow(there, entry, genuine)
            if grown is not None:
                sound[entry.hash] = entry, grown
                waiting.append(entry.hash)
    chain = list(_main_branch(first.hash, after, sound))
    holding = {entry.hash for entry in chain}
    aside = sorted(
        (entry for entry, _ in sound.values() if entry.hash not in holding), key=lambda e: (e.number, e.hash)
    )
    return Followed(
        directory=sound[chain[-1].hash][1],
        chain=tuple(chain),
        aside=tuple(aside),
        highest=max(entry.number for entry, _ in sound.values()),
    )


def _main_branch(
    root: bytes, after: Mapping[bytes, list[Entry]], sound: Mapping[bytes, tuple[Entry, Directory]]
) -> Iterator[Entry]:
    entry, directory = sound[root]
    while True:
        yield entry
        ranked = sorted(
            (directory.seniority(e.signer) or 0, e.hash)
            for e in after.get(directory.head, ())
            if e.hash in sound
        )
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return
        entry, directory = sound[ranked[0][1]]


def _found(entry: Entry, genuine: Genuine) -> Directory | None:
    if entry.kind != FOUND or entry.number != 1 or entry.previous:
        return None
    member = _member(entry, ADMINISTRATOR)
    group, accepted = entry.content.get("group"), entry.content.get("accepted")
    if member is None or member.replica != entry.signer or not genuine(member.public_key, entry):
        return None
    if not is_name(group) or not is_numbers(accepted):
        return None
    return Directory(
        site=entry.site,
        version=1,
        head=entry.hash,
        root=entry.hash,
        founder=entry.signer,
        changed_at_ms=entry.at_ms,
        members={member.replica: member},
        accepted=dict(accepted),
        groups=(group,),
    )


def grow(directory: Directory, entry: Entry, genuine: Genuine) -> Directory | None:
    """The directory with one more entry, or None when the entry does not belong at its end."""
    if entry.site != directory.site or entry.previous != directory.head:
        return None
    if entry.number != directory.version + 1 or entry.number > MAX_ENTRIES:
        return None
    if directory.seniority(entry.signer) is None or not genuine(directory.key_of(entry.signer), entry):
        return None
    member, by = directory.members.get(entry.signer), entry.content.get("by", b"")
    if member is not None and not (isinstance(by, bytes) and directory.administers(member, by)):
        return None
    told = _tell(directory, entry)
    if told is None:
        return None
    return replace(
        told,
        version=entry.number,
        head=entry.hash,
        changed_at_ms=max(entry.at_ms, directory.changed_at_ms),
    )


def _tell(directory: Directory, entry: Entry) -> Directory | None:
    """What an entry changes; None when it makes no sense."""
    content = entry.content
    match entry.kind:
        case "enrol":
            role = content.get("role")
            member = _member(entry, role) if is_name(role) else None
            return None if member is None else _take_in(directory, member)
        case "role":
            present = _named(directory, content)
            role, after = content.get("role"), content.get("after")
            if present is None or present.role is None or not is_name(role) or not is_numbers(after):
                return None
            spell = Spell(entry.number, role, dict(after))
            return _with(directory, replace(present, spells=(*present.spells, spell)))
        case "revoke":
            present = _named(directory, content)
            up_to = content.get("accept_up_to")
            if present is None or not is_numbers(up_to):
                return None
            return _with(directory, replace(present, revoked_at=entry.number, accept_up_to=dict(up_to)))
        case "quota":
            present = _named(directory, content)
            changes = content.get("changes")
            if present is None or not is_numbers(changes):
                return None
            return _with(directory, replace(present, quota=dict(changes)))
        case "group key":
            group = content.get("group")
            return replace(directory, groups=(*directory.groups, group)) if is_name(group) else None
        case "outside key":
            group = content.get("group")
            return replace(directory, outside=(*directory.outside, group)) if is_name(group) else None
        case "recovery key":
            key, recipient = content.get("key"), content.get("recipient")
            if not is_bytes(key, 32) or not is_name(recipient):
                return None
            return replace(directory, recovery_key=key, recovery_recipient=recipient)
        case "person" | "retire":
            people = told(directory.people, kind=entry.kind, number=entry.number, content=content)
            return None if people is None else _if_left(replace(directory, people=people))
        case _:
            return directory  # a newer Ranger's: it has its place in the chain and does nothing here


def _take_in(directory: Directory, member: Member) -> Directory | None:
    """A new device, or one that had been revoked: what it wrote lawfully before keeps its role."""
    present = directory.members.get(member.replica)
    if present is None:
        return _with(directory, member)
    if present.revoked_at is None:
        return None
    again = replace(member.spells[0], after=present.accept_up_to)
    return _with(
        directory, replace(present, name=member.name, spells=(*present.spells, again), revoked_at=None)
    )


def _with(directory: Directory, member: Member) -> Directory | None:
    """The directory with this member; None when nobody would be left to administer it."""
    return _if_left(replace(directory, members={**directory.members, member.replica: member}))


def _if_left(grown: Directory) -> Directory | None:
    return grown if grown.can_be_administered() else None


def _member(entry: Entry, role: str) -> Member | None:
    device = entry.content.get("device")
    if not isinstance(device, dict):
        return None
    key, recipient, name = device.get("key"), device.get("recipient"), device.get("name")
    if not is_bytes(key, 32) or not is_name(recipient) or not isinstance(name, str) or len(name) > MAX_NAME:
        return None
    return Member(
        replica=replica_of(key),
        public_key=key,
        recipient=recipient,
        name=name,
        since=entry.number,
        spells=(Spell(entry.number, role, {}),),
    )


def _named(directory: Directory, content: Mapping[str, Any]) -> Member | None:
    replica = content.get("replica")
    return directory.members.get(replica) if is_bytes(replica, 16) else None
