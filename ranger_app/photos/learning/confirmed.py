"""What people together say of photos: what a model may be taught with, and what it may be judged by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from ranger_app.domain.ids import Id
from ranger_app.domain.photos import WITHDRAWN, Label, Photo
from ranger_app.storage.reading import Reading

KINDS = {"animal": "animal", "human": "person", "vehicle": "vehicle", "blank": "empty"}
"""What a label's type says that a photo shows."""


class Confirmed(NamedTuple):
    """A photo of which all who spoke say the same."""

    photo_id: Id
    sha256: bytes
    station_id: Id | None
    sequence_id: Id | None
    kind: str
    """animal, person, vehicle or empty."""
    species: str
    """As most people write it; empty when nobody named it."""
    said_at: datetime | None
    """When the last of them said so."""


def confirmed(data: Reading) -> list[Confirmed]:
    """Every confirmed photo, by its picture. A picture taken in twice is there once, if the words agree.

    A photo that two people call by two names is not confirmed by either.
    """
    fields = ("photo_id", "id", "type", "name", "by", "person_id", "withdraws", "at")
    said = _agreed(data.columns(Label, fields, order=("at", "id")))
    spelling = _spellings(name for _type, name, _at in said.values() if name)
    found: dict[bytes, Confirmed] = {}
    doubted: set[bytes] = set()
    rows = data.columns(Photo, ("id", "file", "station_id", "sequence_id"), order=("id",))
    for id_, sha256, station_id, sequence_id in rows:
        type_, name, at = said.get(id_, ("", "", None))
        if type_ not in KINDS:
            continue
        one = Confirmed(
            id_, sha256, station_id, sequence_id, KINDS[type_], spelling.get(name.casefold(), ""), at
        )
        other = found.setdefault(sha256, one)
        if (other.kind, other.species) != (one.kind, one.species):
            doubted.add(sha256)
    return [found[sha256] for sha256 in sorted(found) if sha256 not in doubted]


def _agreed(rows: Iterable[tuple[Any, ...]]) -> dict[Id, tuple[str, str, datetime | None]]:
    """Type, name and time of what is said of each photo on which all who spoke agree."""
    rows = list(rows)
    taken_back = {(row[6], row[5] or row[4].casefold()) for row in rows if row[2] == WITHDRAWN}
    spoken: dict[Id, dict[Any, tuple[str, str, datetime | None]]] = {}
    for photo_id, id_, type_, name, by, person_id, _withdraws, at in rows:
        who = person_id or by.casefold()
        if type_ != WITHDRAWN and (id_, who) not in taken_back:
            spoken.setdefault(photo_id, {})[who] = (type_, name, at)
    found = {}
    for photo_id, by_whom in spoken.items():
        words = list(by_whom.values())
        if len({(type_, name.casefold()) for type_, name, _at in words}) == 1:
            last = max((at for _type, _name, at in words if at), default=None)
            found[photo_id] = (*words[0][:2], last)
    return found


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """For each name in small letters how it is written most often; of two ways the first by letters."""
    counts: dict[str, Counter[str]] = {}
    for name in names:
        counts.setdefault(name.casefold(), Counter())[name] += 1
    return {low: min(ways, key=lambda way: (-ways[way], way)) for low, ways in counts.items()}
