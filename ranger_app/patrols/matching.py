"""Compares records that were read with those that are here: new, the same, changed, or deleted here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ranger_app.domain.fields import Form, Record
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.patrols.proposals import Draft
from ranger_app.storage.query import one_of
from ranger_app.storage.reading import Reading

IMPORTING = "import"
"""The action of a unit that takes in files; every other edit is somebody's own."""
_AT_ONCE = 5_000


@dataclass(slots=True)
class Compared:
    """What became of the records of a draft."""

    new: list[Record] = field(default_factory=list)
    same: list[Record] = field(default_factory=list)
    changed: list[tuple[Record, Mapping[str, Any]]] = field(default_factory=list)
    """The record as it is here, and the fields that the file says otherwise."""
    edited: int = 0
    """Fields that the file says otherwise and that somebody has changed here: these stay."""
    deleted: list[Record] = field(default_factory=list)
    """Records that somebody deleted here: they are not brought back."""


def compare(data: Reading, records: Sequence[Record], *, once: frozenset[str] = frozenset()) -> Compared:
    """Each record against the one with the same id. Its fields in `once` are filled and never changed."""
    out = Compared()
    present = _present(data, records)
    deleted = _deleted(data, [record for record in records if record.id not in present])
    gone: set[Id] = set()
    for record in records:
        here = present.get(record.id)
        if here is not None:
            _compare_one(data, here, record, once, out)
        elif _parents(record) & gone or (type(record), record.id) in deleted:
            out.deleted.append(record)
            gone.add(record.id)
        else:
            out.new.append(record)
    return out


def judged(data: Reading, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """The drafts with their counts. A record of several drafts counts in the first."""
    counted: set[Id] = set()
    for draft in drafts:
        compared = compare(data, [r for r in draft.records if r.id not in counted], once=draft.once)
        counted.update(record.id for record in draft.records)
        changed = Counter(record.NAME for record, _fields in compared.changed)
        here = Counter(record.NAME for record in (*compared.same, *compared.deleted))
        yield replace(
            draft,
            made=dict(Counter(record.NAME for record in compared.new)),
            matched=dict(Counter(draft.recognised) + here + changed),
            changed=dict(changed),
        )


def _present(data: Reading, records: Sequence[Record]) -> dict[Id, Record]:
    out: dict[Id, Record] = {}
    for kind, ids in _by_kind(records):
        out.update((record.id, record) for record in data.find(kind, one_of("id", ids)))
    return out


def _deleted(data: Reading, absent: Sequence[Record]) -> set[tuple[type[Record], Id]]:
    return {(kind, id_) for kind, ids in _by_kind(absent) for id_ in data.taken_ids(kind, ids)}


def _by_kind(records: Sequence[Record]) -> Iterator[tuple[type[Record], Sequence[Id]]]:
    """The ids of the records of each kind, in runs that one question takes."""
    by_kind: dict[type[Record], list[Id]] = {}
    for record in records:
        by_kind.setdefault(type(record), []).append(record.id)
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), _AT_ONCE):
            yield kind, ids[start : start + _AT_ONCE]


def _compare_one(data: Reading, here: Record, read: Record, once: Iterable[str], out: Compared) -> None:
    differing = {
        spec.name: getattr(read, spec.name)
        for spec in BY_NUMBER[read.KIND].fields
        if spec.name not in once and not _same(spec.form, getattr(here, spec.name), getattr(read, spec.name))
    }
    if differing:
        own = {
            change.field
            for change in data.history(type(here), here.id)
            if change.field in differing and change.standing and change.action != IMPORTING
        }
        out.edited += len(own)
        differing = {name: value for name, value in differing.items() if name not in own}
    if differing:
        out.changed.append((here, differing))
    else:
        out.same.append(here)


def _same(form: Form, here: Any, read: Any) -> bool:
    if here == read:
        return True
    if form is Form.DATA:
        return json.dumps(here or None, sort_keys=True) == json.dumps(read or None, sort_keys=True)
    if form is Form.WORDS:
        return tuple(here or ()) == tuple(read or ())
    return False


def _parents(record: Record) -> set[Id]:
    names = ("patrol_id", "leg_id", "leg_day_id", "waypoint_id", "observation_id")
    return {getattr(record, name) for name in names if getattr(record, name, None) is not None}
