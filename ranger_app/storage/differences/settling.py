"""Settles differences and takes that back, and signs what merged by itself; all of it in ordinary changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ranger_app.domain.changes import WITHHELD, Segment
from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.fields import DELETED, INSERT, FieldSpec, KindSpec, Merge
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NAME, BY_NUMBER
from ranger_app.i18n import _
from ranger_app.storage.changes.feeds import Feed, FeedBook, stored, unpack
from ranger_app.storage.changes.kinship import in_parts
from ranger_app.storage.changes.past import PastOfFields, value_in
from ranger_app.storage.changes.segments import writer_in
from ranger_app.storage.differences.differing import LAY_OPEN, SETTLE
from ranger_app.storage.faults import database_told
from ranger_app.storage.rows import record_value
from ranger_app.storage.tables import APPLIED
from ranger_app.storage.touched import Touched
from ranger_app.storage.unsettled import GONE, fields_named
from ranger_app.storage.workspace import Workspace

MISSING = object()
LOOKED_BACK = 2_000  # segments of this laptop, in which the last that was settled is looked for
MERGE = "merge texts"
"""The action of the unit of work that signs them."""


def sign_merges(workspace: Workspace, kinds: Mapping[str, Iterable[Id]]) -> int:
    """Write an op for every text of these records that merged by itself; returns how many.

    What is shown does not change, and it does not matter how many laptops do it: they all write the same
    text, and equal values are no difference. A laptop that may not change such a record leaves it to one that
    may.
    """
    found = list(_merged(workspace, kinds))
    if not found:
        return 0
    signed = 0
    for kind, id_, field, value in found:
        try:
            with workspace.unit(MERGE) as unit:
                if unit.data.get(kind.cls, id_) is not None:
                    unit.settle((kind.cls, id_), field.name, value)
                    signed += 1
        except Refused:
            continue
    return signed


def _merged(
    workspace: Workspace, kinds: Mapping[str, Iterable[Id]]
) -> Iterator[tuple[KindSpec, Id, FieldSpec, Any]]:
    """Texts with several values standing, all of them known and none waiting for a person: what they show was
    merged."""
    with workspace.reading_raw() as database, database_told(workspace.folder):
        for name, ids in kinds.items():
            kind = BY_NAME.get(name)
            for field in kind.fields if kind is not None else ():
                if kind is None or field.merge is not Merge.PARAGRAPHS:
                    continue
                for some, marks in in_parts(ids):
                    for row, value in database.execute(
                        f'select e.row, r."{field.name}" from edit e join stream s on s.no = e.stream '
                        f'join "{kind.name}" r on r.id = e.row and r.site_id = s.id '
                        "where e.kind = ? and e.field = ? and e.standing = 1 and r._gone = 0 "
                        f"and e.row in ({marks}) and not exists (select 1 from difference d "
                        "where d.stream = e.stream and d.kind = e.kind and d.row = e.row "
                        "and d.field = e.field) and not (e.value = ? and exists (select 1 from edit m "
                        "where m.stream = e.stream and m.kind = e.kind and m.row = e.row and m.field = ? "
                        "and m.feed = e.feed and m.seq = e.seq and m.op = e.op)) "
                        "group by e.stream, e.row having count(distinct e.value) > 1 "
                        "and coalesce(sum(e.value = ?), 0) = 0",
                        (kind.number, field.number, *some, field.default, INSERT, WITHHELD),
                    ):
                        yield kind, Id(row), field, record_value(field, value)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of one difference (see `differing.Difference`)."""

    kind: str
    id: Id
    field: str
    value: Any


def settle(workspace: Workspace, choices: Sequence[Choice]) -> Touched:
    """Write what was chosen, all of it or nothing."""
    with workspace.unit(SETTLE) as unit:
        for one in choices:
            kind = BY_NAME[one.kind]
            if one.field == GONE:
                unit.settle((kind.cls, one.id), GONE, bool(one.value))
                continue
            for field in fields_named(kind, one.field):
                value = one.value.get(field.name, MISSING) if field.together else one.value
                if value is not MISSING:
                    unit.settle((kind.cls, one.id), field.name, value)
    return unit.touched


def take_back(workspace: Workspace) -> Touched:
    """Lay open again what was last settled on this laptop and stands as it was settled. `NotFound` when there
    is nothing of the kind."""
    with workspace.reading_raw() as database, database_told(workspace.folder):
        found = _last_settled(database, workspace.keys.replica)
    if not found:
        raise NotFound(
            _("Nothing that was settled on this laptop can be laid open again."),
            _("What somebody has changed since is changed in the record itself."),
        )
    with workspace.unit(LAY_OPEN) as unit:
        for kind, id_, name, values in found:
            if name != GONE:
                unit.lay_open((kind.cls, id_), name, values)
            elif unit.data.get(kind.cls, id_) is None:
                unit.restore(kind.cls, id_)
                unit.lay_open((kind.cls, id_), GONE, ())
            else:
                unit.lay_open((kind.cls, id_), GONE, ())
    return unit.touched


Settled = tuple[KindSpec, Id, str, list[Any]]
"""A field that was settled, and the values that it was settled from."""


def _last_settled(database: Any, replica: bytes) -> list[Settled]:
    book = FeedBook(database)
    for feed in book.feeds_of(replica):
        past, hlc, found = PastOfFields(database, book, feed.stream), None, list[Settled]()
        for seq, stamp, body in database.execute(
            "select seq, hlc, body from segment where feed = ? and state = ? order by seq desc limit ?",
            (feed.number, APPLIED, LOOKED_BACK),
        ):
            if found and stamp != hlc:
                break
            if writer_in(unpack(body))[1] == SETTLE:
                hlc = stamp
                found += _settled_in(database, book, past, feed, seq, stored(body))
        if found:
            return found
    return []


def _settled_in(
    database: Any, book: FeedBook, past: PastOfFields, feed: Feed, seq: int, segment: Segment
) -> Iterator[Settled]:
    """What a segment settled, as far as nobody has written since."""
    removed = {op.row for op in segment.ops if op.field == DELETED}
    for index, op in enumerate(segment.ops):
        standing = database.execute(
            "select feed, seq, op from edit where stream = ? and kind = ? and row = ? and field = ? "
            "and standing = 1",
            (feed.stream, op.kind, op.row, op.field),
        ).fetchall()
        if standing != [(feed.number, seq, index)]:
            continue
        kind = BY_NUMBER[op.kind]
        if op.field == DELETED:
            if not removed.intersection(_parents(database, kind, book.stream_id(feed.stream), op.row)):
                yield kind, Id(op.row), GONE, []
            continue
        field = kind.by_number[op.field]
        before = [past.op(kind, op.row, field, dot) for dot in op.replaces]
        said = [value_in(kind, field, one) for one in before if one is not None]
        if len(said) > 1 and WITHHELD not in said:
            yield kind, Id(op.row), field.name, [record_value(field, value) for value in said]


def _parents(database: Any, kind: KindSpec, site: bytes, row: bytes) -> set[bytes]:
    """The records that this one belongs to."""
    if not kind.parents:
        return set()
    names = ", ".join(f'"{f.name}"' for f in kind.parents)
    return set(
        database.execute(
            f'select {names} from "{kind.name}" where id = ? and site_id = ?', (row, site)
        ).fetchone()
    )
