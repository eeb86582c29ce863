"""Photos of which people together have said which animal they show: what a model may be taught with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from ranger_app.domain.ids import Id
from ranger_app.domain.photos import WITHDRAWN, Label, Photo
from ranger_app.photos.review import OF_LATEST
from ranger_app.storage.reading import Reading

ANIMAL = "animal"


class Confirmed(NamedTuple):
    """A photo that everybody who spoke of it calls the same animal."""

    photo_id: Id
    sha256: bytes
    station_id: Id | None
    sequence_id: Id | None
    taken_local: datetime | None
    species: str
    """As most people write it."""


def confirmed(data: Reading) -> list[Confirmed]:
    """Every confirmed photo, by its picture. The same picture taken in twice is there once, if words agree.

    A photo that two people call by two names is not confirmed by either.
    """
    said = agreed(data.columns(Label, OF_LATEST, order=("at", "id")))
    spelling = _spellings(name for name, _at in said.values())
    found: dict[bytes, Confirmed] = {}
    doubted: set[bytes] = set()
    rows = data.columns(Photo, ("id", "file", "station_id", "sequence_id", "taken_local"), order=("id",))
    for id_, sha256, station_id, sequence_id, taken_local in rows:
        if id_ not in said:
            continue
        one = Confirmed(id_, sha256, station_id, sequence_id, taken_local, spelling[said[id_][0].casefold()])
        if found.setdefault(sha256, one).species != one.species:
            doubted.add(sha256)
    return [found[sha256] for sha256 in sorted(found) if sha256 not in doubted]


def agreed(rows: Iterable[tuple[Any, ...]]) -> dict[Id, tuple[str, Id]]:
    """The animal's name on which all who spoke of a photo agree, with the last label that says it.

    `rows` hold the fields OF_LATEST of labels in the order in which they were given.
    """
    rows = list(rows)
    taken_back = {
        (withdraws, person_id or by.casefold())
        for _photo, _id, type_, _name, by, person_id, withdraws in rows
        if type_ == WITHDRAWN
    }
    spoken: dict[Id, dict[Any, tuple[str, str, Id]]] = {}
    for photo_id, id_, type_, name, by, person_id, _withdraws in rows:
        who = person_id or by.casefold()
        if type_ != WITHDRAWN and (id_, who) not in taken_back:
            spoken.setdefault(photo_id, {})[who] = (type_, name, id_)
    found = {}
    for photo_id, words in spoken.items():
        type_, name, _label = first = next(iter(words.values()))
        same = all((one, other.casefold()) == (type_, name.casefold()) for one, other, _id in words.values())
        if same and type_ == ANIMAL and name:
            found[photo_id] = first[1:]
    return found


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """For each name in small letters how it is written most often; of two ways the first by letters."""
    counts: dict[str, Counter[str]] = {}
    for name in names:
        counts.setdefault(name.casefold(), Counter())[name] += 1
    return {low: min(ways, key=lambda way: (-ways[way], way)) for low, ways in counts.items()}
