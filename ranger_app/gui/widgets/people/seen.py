"""What the page of people and laptops shows: gathered on a worker's thread, and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ranger_app.domain.people import Person
from ranger_app.gui.widgets.role_words import role_words
from ranger_app.i18n import _, ngettext, number
from ranger_app.sync.people.laptops import Laptop, quota_words
from ranger_app.sync.wording import said_words

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger

ASIDE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Aside:
    """One change that is kept and does not count; `role` says under what it was written."""

    laptop: str
    person: str
    number: int
    at: datetime
    what: str
    value: str
    role: str


@dataclass(frozen=True, slots=True)
class PeopleSeen:
    """All that the page shows."""

    laptops: Sequence[Laptop]
    listed: bool
    """Whether the site has a list of devices and people."""
    role: str | None
    people: Sequence[Person]
    here: frozenset[bytes]
    with_passphrase: frozenset[bytes]
    present: Person | None
    is_sealed: bool
    key_is_kept: bool
    no_store: str
    """Why this computer's key store cannot be used."""
    why_not: str
    """Why nothing may be changed here now."""
    aside: Sequence[Aside]
    aside_count: int
    quotas: Sequence[str]
    """Who has brought more than they may, and what to do."""
    has_sheet: bool

    @property
    def laptop_names(self) -> Mapping[bytes, str]:
        return {one.replica: one.name for one in self.laptops}


def look(ranger: Ranger) -> PeopleSeen:
    """Gather what the page shows; runs on a worker's thread."""
    devices, people = ranger.devices, ranger.people
    directory = devices.directory()
    laptops, everybody = devices.laptops(), people.all()
    names, persons = {one.replica: one.name for one in laptops}, people.names()
    return PeopleSeen(
        laptops=laptops,
        listed=directory is not None,
        role=devices.role(),
        people=everybody,
        here=frozenset(one.id for one in people.here()),
        with_passphrase=frozenset(one.id for one in everybody if people.has_passphrase(one)),
        present=people.present,
        is_sealed=people.is_sealed,
        key_is_kept=people.key_is_kept,
        no_store=people.no_store(),
        why_not=devices.why_not(),
        aside=[
            Aside(
                laptop=names.get(one.device, one.device.hex()[:12]),
                person=persons.get(one.author, "") if one.author else "",
                number=one.seq,
                at=one.at,
                what=f"{one.kind.replace('_', ' ')} {one.field.replace('_', ' ')}".strip(),
                value=(said_words(one.kind, one.said) if one.value is None else str(one.value))[:200],
                role=_("{role}, beyond its quota").format(role=one.role) if one.beyond else one.role,
            )
            for one in devices.aside(limit=ASIDE_SHOWN)
        ],
        aside_count=devices.count_aside(),
        quotas=quota_words(laptops),
        has_sheet=bool(directory and directory.recovery_key),
    )


def role_of(laptop: Laptop) -> str:
    """What a laptop is, in words."""
    if laptop.accept_up_to is not None:
        return _("shut out")
    return role_words(laptop.role) if laptop.enrolled else _("not enrolled")


def roles_of(person: Person) -> str:
    """What a person is, in words."""
    return ", ".join(role_words(role) for role in person.roles) or _("retired")


def where_of(person: Person, seen: PeopleSeen) -> str:
    """Where a person signs in, in words."""
    if not person.roles:
        return ""
    if person.devices is None:
        return _("everywhere")
    names = seen.laptop_names
    return ", ".join(sorted(names.get(one, one.hex()[:8]) for one in person.devices)) or _("nowhere")


def standing_words(seen: PeopleSeen) -> tuple[str, str]:
    """What this laptop may do here, with the tone to say it in."""
    if not seen.listed:
        return _(
            "Every laptop that has this site's bundles may write. Answering the first begins a list."
        ), ""
    if seen.role is None:
        return _("This laptop is not enrolled: it can read, and nobody would take its changes."), "warning"
    return _("This laptop's role: {role}.").format(role=role_words(seen.role)), ""


def aside_words(seen: PeopleSeen) -> str:
    """How much is kept aside; empty when nothing is."""
    if not seen.aside_count:
        return " ".join(seen.quotas)
    words = ngettext(
        "{count} change is kept aside. It was written by a laptop or a person without the right to it, or is "
        "more than a laptop may bring. It does not count, and is not lost.",
        "{count} changes are kept aside. They were written by laptops or people without the right to them, "
        "or are more than a laptop may bring. They do not count, and are not lost.",
        seen.aside_count,
    )
    return " ".join([words.format(count=number(seen.aside_count)), *seen.quotas])


def present_words(seen: PeopleSeen) -> str:
    """Who is signed in."""
    if seen.present is not None:
        return _("You are signed in as {name}, {roles}. What you write names you.").format(
            name=seen.present.name, roles=roles_of(seen.present)
        )
    if seen.here:
        return _("Nobody is signed in, so nothing can be written.")
    return _("Nobody signs in on this laptop: what is written names the laptop alone.")
