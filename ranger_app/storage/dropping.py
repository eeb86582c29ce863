"""Drops a sensitive value of a record for good: finds every place where it ever stood, and signs that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ranger_app.domain.changes import Op
from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.fields import INSERT, FieldSpec, Form, KindSpec, Merge, Privacy
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.sites import Erasure
from ranger_app.i18n import _
from ranger_app.storage.changes.feeds import FeedBook, stored
from ranger_app.storage.changes.leaves import SEALED
from ranger_app.storage.reading import Reading
from ranger_app.storage.tables import APPLIED
from ranger_app.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of a value."""

    fields: tuple[str, ...]
    """What was dropped: the field, and what is one value with it or cannot be kept without it."""
    places: int
    """Changes that it stood in."""
    files: int


def is_droppable(spec: KindSpec, field: FieldSpec) -> bool:
    """Whether values of a field can be dropped: those that are not in what is signed, and files."""
    return field.number in SEALED.get(spec.number, {}) or field.form is Form.FILE


def drop_value(workspace: Workspace, spec: KindSpec, id_: Id, field: FieldSpec, *, reason: str) -> Dropped:
    """Drop every value that a field of a record ever had, as far as is known here, on this laptop now and on
    every other when it hears of it. `Refused` without the right to it, `NotFound` when there is no record.

    A leaf of the op that made the record may hold other fields. What of them still stands is said once more
    by an ordinary change, so that it stays.
    """
    if not is_droppable(spec, field):
        raise Refused(
            _("“{field}” stands in what was signed and cannot be dropped.").format(field=field.name),
            _("Change it instead; what it was stays in the history."),
        )
    with workspace.reading_raw() as database:
        site = _site_of(database, spec, id_)
        together = one_value(spec, field)
        places = sorted(set(_places(database, site, spec, id_, together)))
        beside = _beside(database, spec, id_, together)
    with workspace.reading(whole=True) as data:
        files = _files(data, spec, id_, together)
        kept = {f.name: getattr(data.get(spec.cls, id_, hidden_too=True), f.name) for f in beside}
        record = data.get(spec.cls, id_)
    with workspace.unit("drop a value for good") as unit:
        if kept and record is None:  # what is said of a removed record shows it, so it is removed again
            unit.restore(spec.cls, id_)
        for name, value in kept.items():
            if spec.by_name[name].merge is not Merge.FIXED:
                unit.settle((spec.cls, id_), name, value)
        if kept and record is None:
            unit.remove((spec.cls, id_))
        unit.add(
            Erasure(
                site_id=Id(site),
                kind=spec.name,
                record_id=id_,
                field=field.name,
                leaves=[list(one) for one in places] or None,
                files=files or None,
                reason=reason,
            )
        )
    lost = [f for f in beside if f.merge is Merge.FIXED]
    return Dropped(tuple(f.name for f in (*together, *lost)), len(places), len(files))


def one_value(spec: KindSpec, field: FieldSpec) -> tuple[FieldSpec, ...]:
    """The fields that go with a field: the other number of a position, the other forms of an attribute, and
    with a file all that is sensitive of its record, as its name and where it was taken."""
    if field.form is Form.FILE:
        return (field, *(f for f in spec.fields if f.privacy is not Privacy.OPEN))
    if field.privacy is Privacy.ATTRIBUTE:
        return tuple(f for f in spec.fields if f.privacy is Privacy.ATTRIBUTE)
    return spec.companions(field)


def not_promised() -> tuple[str, ...]:
    """What no program can take back, in sentences for whoever drops a value."""
    return (
        _("Other laptops drop it when they next hear of it, by a stick or the hub; until then they have it."),
        _("Exports, packets and printed pages that were made before are out of reach, and so are sticks with "
          "earlier bundles, until they are cleared or written over."),
        _("A hub on a database keeps what it was sent; its keeper has to take it out there. Backups that "
          "were made before hold the value until they are replaced."),
        _("What somebody copied into other words, such as a remark or a merged text, is a value of its own."),
    )  # fmt: skip


def _site_of(database: Any, spec: KindSpec, id_: Id) -> bytes:
    found = database.execute(f'select site_id from "{spec.name}" where id = ?', (id_,)).fetchone()
    if found is None:
        raise NotFound(
            _("There is no {kind} {id} here.").format(kind=spec.name.replace("_", " "), id=id_text(id_)),
            _("Look at the list again; it may have changed meanwhile."),
        )
    return bytes(found[0])


def _places(
    database: Any, site: bytes, spec: KindSpec, id_: Id, fields: tuple[FieldSpec, ...]
) -> Iterator[tuple[str, int, int, int, str]]:
    """Every leaf that holds a value of these fields: of the ops that made the record, of all edits, of those
    that do not count for want of a right, and of what waits or is kept aside."""
    book = FeedBook(database)
    stream = book.stream_number(site)
    seen = {
        tuple(one)
        for one in database.execute(
            f'select _feed, _seq from "{spec.name}" where id = ? and site_id = ?', (id_, site)
        ).fetchall()
    }
    for table in ("edit", "refused"):
        seen |= {
            tuple(one)
            for one in database.execute(
                f"select feed, seq from {table} where stream = ? and kind = ? and row = ?",
                (stream, spec.number, id_),
            ).fetchall()
        }
    seen |= {
        (feed.number, seq)
        for feed in book.feeds(stream)
        for (seq,) in database.execute(
            "select distinct seq from segment where feed = ? and state <> ?", (feed.number, APPLIED)
        ).fetchall()
    }
    numbers = {f.number for f in fields}
    for number, seq in sorted(seen):
        for hash_, body in database.execute(
            "select hash, body from segment where feed = ? and seq = ?", (number, seq)
        ).fetchall():
            for index, op in enumerate(stored(body).ops):
                if (op.kind, op.row) == (spec.number, id_):
                    for mark in _marks(spec, op, numbers):
                        yield book.replica(number).hex(), seq, index, mark, hash_.hex()


def _marks(spec: KindSpec, op: Op, numbers: set[int]) -> set[int]:
    """Under which marks an op holds values of these fields."""
    said = numbers.intersection(op.value[::2]) if op.field == INSERT else numbers & {op.field}
    marks = SEALED.get(spec.number, {})
    return {marks[number] for number in said if number in marks}


def _beside(database: Any, spec: KindSpec, id_: Id, fields: tuple[FieldSpec, ...]) -> tuple[FieldSpec, ...]:
    """Other fields whose shown value stands in a leaf that is to go: under the same mark, and never changed
    since the record was made."""
    marks = SEALED.get(spec.number, {})
    gone = {marks[f.number] for f in fields if f.number in marks}
    edited = {
        row[0]
        for row in database.execute(
            "select distinct field from edit where kind = ? and row = ? and standing = 1", (spec.number, id_)
        )
    }
    withheld = {
        row[0]
        for row in database.execute(
            "select field from withheld where kind = ? and row = ?", (spec.number, id_)
        )
    }
    columns = [f for f in BY_NUMBER[spec.number].fields if marks.get(f.number) in gone and f not in fields]
    return tuple(f for f in columns if f.number not in edited | withheld and _has(database, spec, id_, f))


def _has(database: Any, spec: KindSpec, id_: Id, field: FieldSpec) -> bool:
    found = database.execute(f'select "{field.name}" from "{spec.name}" where id = ?', (id_,)).fetchone()
    return found is not None and found[0] not in (None, "", field.default)


def _files(data: Reading, spec: KindSpec, id_: Id, fields: tuple[FieldSpec, ...]) -> list[str]:
    record = data.get(spec.cls, id_, hidden_too=True)
    return [value.hex() for f in fields if f.form is Form.FILE and (value := getattr(record, f.name, None))]


def erasures(data: Reading) -> list[Erasure]:
    """Everything that was dropped, the latest last."""
    return data.find(Erasure, order=("id",))
