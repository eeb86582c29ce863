"""Where a record stands now: its values, what an edit of it has to name, and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ranger_app.domain.changes import Dot
from ranger_app.domain.fields import DELETED, INSERT, KindSpec
from ranger_app.domain.ids import Id
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.changes.kinship import CHILDREN


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: what was asked for of its row, the ops that made it, and the standing ops of its
    fields."""

    stream: bytes
    row: dict[str, Any]
    origins: tuple[Dot, ...]
    standing: Mapping[int, tuple[Dot, ...]]

    def replaced(self, number: int) -> tuple[Dot, ...]:
        """What an edit of this field replaces."""
        return self.standing.get(number) or self.origins

    def everything(self) -> tuple[Dot, ...]:
        """Every op of the record that anybody here has seen and that nothing has replaced."""
        return tuple(sorted({*self.origins, *(dot for dots in self.standing.values() for dot in dots)}))


def look_up(
    database: Any, book: FeedBook, spec: KindSpec, id_: Id, fields: tuple[str, ...] = ()
) -> Place | None:
    """The place of a record, hidden or not, with these of its fields; None when there is none."""
    names, question = _row_of(spec.name, fields)
    found = database.execute(question, (id_,)).fetchone()
    if found is None:
        return None
    row = dict(zip(names, found, strict=True))
    standing: dict[int, tuple[Dot, ...]] = {}
    for number, feed, seq, index in database.execute(
        "select field, feed, seq, op from edit where stream = ? and kind = ? and row = ? and standing = 1",
        (book.stream_number(row["site_id"]), spec.number, id_),
    ):
        standing[number] = (*standing.get(number, ()), Dot(book.replica(feed), seq, index))
    first = Dot(book.replica(row["_feed"]), row["_seq"], row["_op"])
    return Place(row["site_id"], row, standing.get(INSERT) or (first,), standing)


@lru_cache(maxsize=1_000)
def _row_of(table: str, fields: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """What is asked for of a record, and the question. Only what is needed: a row may hold long texts."""
    names = ("site_id", "_feed", "_seq", "_op", "_gone", *fields)
    columns = ", ".join(f'"{name}"' for name in names)
    return names, f'select {columns} from "{table}" where id = ? order by _gone limit 1'


def belongings(database: Any, spec: KindSpec, site: bytes, id_: bytes) -> Iterator[tuple[KindSpec, Id]]:
    """What belongs to a record and is to be seen, the youngest first."""
    for child, field in CHILDREN[spec.number]:
        for (one,) in database.execute(
            f'select id from "{child.name}" where "{field.name}" = ? and site_id = ? and _gone = 0 '
            "order by id",
            (id_, site),
        ).fetchall():
            yield from belongings(database, child, site, one)
            yield child, Id(one)


def removed_with(
    database: Any, book: FeedBook, spec: KindSpec, site: bytes, id_: bytes
) -> Iterator[tuple[KindSpec, Id]]:
    """What belongs to a record and was hidden in the same unit of work as it, the eldest first."""
    stream = book.stream_number(site)
    for child, field in CHILDREN[spec.number]:
        for (one,) in database.execute(
            f'select id from "{child.name}" c where "{field.name}" = ? and site_id = ? and _gone = 1 '
            "and exists (select 1 from edit a join edit b on a.feed = b.feed and a.hlc = b.hlc "
            "where a.stream = ? and a.kind = ? and a.row = ? and a.field = ? and a.standing = 1 "
            "and b.stream = ? and b.kind = ? and b.row = c.id and b.field = ? and b.standing = 1) "
            "order by id",
            (id_, site, stream, spec.number, id_, DELETED, stream, child.number, DELETED),
        ).fetchall():
            yield child, Id(one)
            yield from removed_with(database, book, child, site, one)


def unsettled(database: Any, book: FeedBook, spec: KindSpec, site: bytes, id_: bytes) -> int:
    """How many differences a record has, with what belongs to it."""
    everything = [(spec.number, id_)]
    everything += [(child.number, one) for child, one in belongings(database, spec, site, id_)]
    stream = book.stream_number(site)
    question = "select count(*) from difference where stream = ? and kind = ? and row = ?"
    return sum(database.execute(question, (stream, *one)).fetchone()[0] for one in everything)
