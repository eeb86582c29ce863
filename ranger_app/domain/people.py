"""People of a site: where they sign in, and what they may do there at each version of its directory.

A laptop's key signs what is written on it, whoever sits before it, so the laptop vouches for the person that
a change names, and can lend nobody more than it may do itself. What counts is what both may do. A change that
names nobody, though people sign in on its laptop, may do what at least one of them may: whoever holds the
laptop's key could have named that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

Numbers = Mapping[bytes, int]
"""By replica, the last number of its feed that something reaches; 0 for those that are not named."""
Roles = tuple[frozenset[str], ...]
"""What is asked of a change: for each set, that one of its roles may do it."""

PERSON, RETIRE = "person", "retire"
MAX_PEOPLE = 2_000
MAX_ROLES = 16
MAX_DEVICES = 2_000
MAX_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class Stay:
    """What a person may be, and where, from one version of the directory on, or from the segments after the
    numbers `after` on. Without roles: retired, and then the numbers alone decide."""

    version: int
    roles: tuple[str, ...]
    devices: frozenset[bytes] | None
    """The devices on which they sign in; None for all, those to come too."""
    after: Numbers

    def holds(self, replica: bytes, seq: int, version: int) -> bool:
        """Whether a segment was written under this, or under something later."""
        if seq > self.after.get(replica, 0):
            return True
        return bool(self.roles) and version >= self.version

    def is_on(self, device: bytes) -> bool:
        """Whether it lets them sign in on this device."""
        return self.devices is None or device in self.devices


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs in on laptops of the site."""

    id: bytes
    name: str
    since: int
    """Version of the directory that took them in."""
    stays: tuple[Stay, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """Their roles at the end of the chain; none when retired."""
        return self.stays[-1].roles

    @property
    def devices(self) -> frozenset[bytes] | None:
        """Where they sign in at the end of the chain; None for everywhere."""
        return self.stays[-1].devices

    def signs_in_on(self, device: bytes) -> bool:
        """Whether they may sign in on this device now."""
        return bool(self.roles) and self.stays[-1].is_on(device)


People = Mapping[bytes, Person]


def anybody_on(people: People, device: bytes) -> bool:
    """Whether people sign in on this device, or have: from then on nothing is written there by nobody."""
    return any(stay.roles and stay.is_on(device) for one in people.values() for stay in one.stays)


def asked_of(
    people: People, *, device: bytes, role: str, author: bytes, replica: bytes, seq: int, version: int
) -> Roles | None:
    """Which roles a segment of a device with this role has to be within; None when it does not count.

    `replica` is the device's own or that of an heir; `version` is that of the directory which it names.
    """
    present: dict[bytes, frozenset[str]] = {}
    begun = False
    for person in people.values():
        held = [stay for stay in person.stays if stay.holds(replica, seq, version)]
        begun = begun or any(stay.roles and stay.is_on(device) for stay in held)
        if held and held[-1].is_on(device):
            present[person.id] = frozenset(held[-1].roles)
    if not begun:
        return (frozenset({role}),)
    theirs = present.get(author, frozenset()) if author else frozenset().union(*present.values())
    return (frozenset({role}), theirs) if theirs else None


def told(people: People, *, kind: str, number: int, content: Mapping[str, Any]) -> People | None:
    """The people after one more entry of the directory; None when it makes no sense."""
    id_, after = content.get("person"), content.get("after")
    if not is_bytes(id_, 16) or not is_numbers(after):
        return None
    known = people.get(id_)
    if kind == RETIRE:
        if known is None:
            return None
        # Said again, only the numbers move: what was written honestly before may come to count.
        before, since = (
            (known.stays[:-1], known.stays[-1].version) if not known.roles else (known.stays, number)
        )
        return {**people, id_: replace(known, stays=(*before, Stay(since, (), None, dict(after))))}
    stay = _stay(content, number, after)
    name = content.get("name")
    if stay is None or not is_name(name) or (known is None and len(people) >= MAX_PEOPLE):
        return None
    if known is None:
        return {**people, id_: Person(id=id_, name=name, since=number, stays=(stay,))}
    return {**people, id_: replace(known, name=name, stays=(*known.stays, stay))}


def _stay(content: Mapping[str, Any], number: int, after: Numbers) -> Stay | None:
    roles, devices = content.get("roles"), content.get("devices")
    if not isinstance(roles, list) or not 0 < len(roles) <= MAX_ROLES or not all(map(is_name, roles)):
        return None
    if devices is not None and not (
        isinstance(devices, list)
        and len(devices) <= MAX_DEVICES
        and all(is_bytes(one, 16) for one in devices)
    ):
        return None
    return Stay(number, tuple(roles), None if devices is None else frozenset(devices), dict(after))


def fate(people: People, device: bytes, replica: bytes, *, applied: int, highest: int) -> tuple[object, ...]:
    """What the people say of the segments of a feed up to `applied`, which name versions up to `highest`:
    equal under two directories only if they say the same of each."""
    return tuple(
        (person.id, stays)
        for person in sorted(people.values(), key=lambda one: one.id)
        if (stays := tuple(_reaching(person, device, replica, applied, highest)))
    )


def _reaching(
    person: Person, device: bytes, replica: bytes, applied: int, highest: int
) -> Iterator[tuple[object, ...]]:
    for stay in person.stays:
        number = min(stay.after.get(replica, 0), applied)
        if number < applied or (stay.roles and stay.version <= highest):
            yield stay.version, stay.roles, stay.is_on(device), number


def is_bytes(untrusted: Any, size: int) -> TypeGuard[bytes]:
    """Whether these are so many bytes."""
    return isinstance(untrusted, bytes) and len(untrusted) == size


def is_name(untrusted: Any) -> TypeGuard[str]:
    """Whether this is a name of bounded length."""
    return isinstance(untrusted, str) and 0 < len(untrusted) <= MAX_NAME


def is_numbers(untrusted: Any) -> TypeGuard[Numbers]:
    """Whether these are numbers by replica."""
    return isinstance(untrusted, dict) and all(
        is_bytes(replica, 16) and type(number) is int and 0 <= number < 1 << 62
        for replica, number in untrusted.items()
    )
