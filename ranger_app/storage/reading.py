"""One consistent view of the records; rows never leave it, frozen records do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import cbor2
from sqlalchemy import ColumnElement, Connection, Select, false, func, select

from ranger_app.domain.changes import Segment
from ranger_app.domain.clock import stamp_time
from ranger_app.domain.errors import NotFound
from ranger_app.domain.fields import DELETED, INSERT, KindSpec, Privacy, Record
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.seeing import Marked, Unseen
from ranger_app.i18n import _
from ranger_app.storage.changes.erasing import named
from ranger_app.storage.changes.feeds import stored
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.engine import raw
from ranger_app.storage.faults import database_told
from ranger_app.storage.marking import marked_attributes
from ranger_app.storage.query import Condition
from ranger_app.storage.rows import plain_value, reader_of, record_value
from ranger_app.storage.sight import GUARDED, Looker
from ranger_app.storage.tables import STATE

R = TypeVar("R", bound=Record)
_AT_ONCE = 1_000  # rows fetched in one go by `each`
MAX_ONE_OF = 30_000
"""SQLite's limit of values in one question, less a margin; longer lists are asked for in parts."""


@dataclass(frozen=True, slots=True)
class Erased:
    """When a value was dropped for good, and by whom."""

    at: datetime
    author: bytes
    device: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a record's history. `field` is empty for the making of it, `deleted` for hiding it or
    bringing it back (`value` is then True or False)."""

    at: datetime
    author: bytes
    device: bytes
    field: str
    value: Any
    standing: bool
    action: str
    erased: Erased | None = None
    """Where `value` is `Unseen.ERASED`: of a value that was dropped for good, and of the dropping itself."""


class Reading:
    """Asks for records. Made by `Workspace.reading`; used in one thread, until its `with` ends."""

    def __init__(
        self,
        connection: Connection,
        place: Path,
        *,
        before_history: Callable[[], None] = lambda: None,
        looker: Looker | None = None,
    ) -> None:
        self._looker = looker
        self._connection = connection
        self._place = place
        self._before_history = before_history

    def get(self, cls: type[R], id_: Id, *, hidden_too: bool = False) -> R | None:
        """The record with this id, or None; a deleted one is not found unless asked for."""
        table = STATE[cls.NAME]
        question = self._select(cls).where(table.c.id == id_)
        if not hidden_too:
            question = question.where(table.c._gone == 0)
        with database_told(self._place):
            row = self._connection.execute(question).first()
        return self._maker(cls)(row) if row is not None else None

    def taken_ids(self, cls: type[Record], ids: Collection[Id]) -> set[Id]:
        """Those of the ids that some record has, a deleted one too. At most MAX_ONE_OF are asked for."""
        if len(ids) > MAX_ONE_OF:
            raise ValueError(f"at most {MAX_ONE_OF} ids in one question")
        table = STATE[cls.NAME]
        with database_told(self._place):
            found = self._connection.execute(select(table.c.id).where(table.c.id.in_(ids)))
            return {Id(id_) for id_ in found.scalars()}

    @property
    def looker(self) -> Looker | None:
        """The eyes that this is read with; None when they see everything."""
        return self._looker

    @cached_property
    def marked(self) -> Marked:
        """The attributes that the site's data models mark as sensitive."""
        with database_told(self._place):
            return marked_attributes(raw(self._connection))

    @cached_property
    def erased(self) -> frozenset[bytes]:
        """The records of which something was dropped for good."""
        with database_told(self._place):
            rows = raw(self._connection).execute("select distinct record_id from erasure").fetchall()
        return frozenset(row[0] for row in rows)

    def _maker(self, cls: type[Record]) -> Callable[[Sequence[Any]], Any]:
        """Makes records of rows, as they may be seen."""
        make, looker = CODECS[cls.KIND].record, self._looker
        if looker is None or not GUARDED[cls.KIND]:
            return make
        return lambda row: looker.seen(make(row))

    def need(self, cls: type[R], id_: Id) -> R:
        """The record with this id; `NotFound` when there is none."""
        found = self.get(cls, id_)
        if found is None:
            raise _not_there(cls, id_)
        return found

    def original(self, cls: type[R], id_: Id) -> R:
        """The record as it was made, before anybody changed it; of one that was made more than once, as the
        one says that it is reckoned from. `NotFound` when there is none."""
        self._before_history()
        question = f'select site_id, _feed, _seq, _op from "{cls.NAME}" where id = ? order by _gone limit 1'
        with database_told(self._place):
            database = raw(self._connection)
            found = database.execute(question, (id_,)).fetchone()
            if found is None:
                raise _not_there(cls, id_)
            site, feed, seq, op = found
            said = _segment(database, feed, seq).ops[op].value
        codec = CODECS[cls.KIND]
        made: R = codec.record((id_, site, *codec.row(said)))
        return made if self._looker is None else self._looker.seen(made)

    def find(
        self,
        cls: type[R],
        *conditions: Condition,
        order: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[R]:
        """Records that meet every condition. `order` names fields, `-` before one for the other way round."""
        question = self._ordered(cls, self._where(cls, self._select(cls), conditions), order, limit, offset)
        make = self._maker(cls)
        with database_told(self._place):
            return [make(row) for row in self._connection.execute(question)]

    def each(self, cls: type[R], *conditions: Condition, order: Sequence[str] = ()) -> Iterator[R]:
        """The same, one by one, in a memory that does not grow."""
        question = self._ordered(cls, self._where(cls, self._select(cls), conditions), order, None, 0)
        make = self._maker(cls)
        with database_told(self._place):
            for row in self._connection.execution_options(yield_per=_AT_ONCE).execute(question):
                yield make(row)

    def columns(
        self,
        cls: type[Record],
        names: Sequence[str],
        *conditions: Condition,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> list[tuple[Any, ...]]:
        """Some fields of many records, without making the records."""
        table, fields = STATE[cls.NAME], BY_NUMBER[cls.KIND].by_name
        asked = tuple(names)
        names = (*asked, *(self._looker.needs(BY_NUMBER[cls.KIND], asked) if self._looker else ()))
        question = self._where(cls, select(*(table.c[n] for n in names)), conditions)
        question = self._ordered(cls, question, order, limit, 0)
        with database_told(self._place):
            rows = self._connection.execute(question).all()
        # Column by column, because most need no change and lists of photos are long.
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for at, name in enumerate(names if columns else ()):
            if (field := fields.get(name)) and (read := reader_of(field)):
                columns[at] = [None if value is None else read(value) for value in columns[at]]
        if len(names) > len(asked):
            columns = self._seen_columns(cls, asked, columns)
        return list(zip(*columns, strict=True))

    def _seen_columns(
        self, cls: type[Record], asked: Sequence[str], columns: list[Sequence[Any]]
    ) -> list[Sequence[Any]]:
        """The columns that were asked for, as they may be seen; the ids stand behind them, and attributes."""
        if self._looker is None or not columns:
            return columns[: len(asked)]
        fields, value = BY_NUMBER[cls.KIND].by_name, self._looker.value
        ids = columns[len(asked)]
        attributes = columns[len(asked) + 1] if len(columns) > len(asked) + 1 else [""] * len(ids)
        for at, name in enumerate(asked):
            spec = fields.get(name)
            if spec is not None and spec.privacy is not Privacy.OPEN:
                columns[at] = [
                    value(spec, one, kind=cls.KIND, id_=id_, attribute=attribute)
                    for one, id_, attribute in zip(columns[at], ids, attributes, strict=True)
                ]
        return columns[: len(asked)]

    def column(
        self,
        cls: type[Record],
        name: str,
        *conditions: Condition,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> list[Any]:
        """One field of many records."""
        return [row[0] for row in self.columns(cls, (name,), *conditions, order=order, limit=limit)]

    def count(self, cls: type[Record], *conditions: Condition) -> int:
        """How many records meet every condition."""
        question = self._where(cls, select(func.count()).select_from(STATE[cls.NAME]), conditions)
        with database_told(self._place):
            return int(self._connection.execute(question).scalar_one())

    def tally(self, cls: type[Record], name: str, *conditions: Condition) -> dict[Any, int]:
        """How many records there are for each value of a field; nothing of one that may not be seen."""
        if self._looker is not None and not self._looker.may_ask(BY_NUMBER[cls.KIND], name):
            return {}
        table = STATE[cls.NAME]
        question = self._where(cls, select(table.c[name], func.count()), conditions).group_by(table.c[name])
        field = BY_NUMBER[cls.KIND].by_name.get(name)
        with database_told(self._place):
            rows = self._connection.execute(question).all()
        return {(record_value(field, value) if field else value): n for value, n in rows}

    def history(self, cls: type[Record], id_: Id) -> list[Change]:
        """Everything that was ever done to a record, oldest first by the clocks of those who did it."""
        self._before_history()
        with database_told(self._place):
            return sorted(self._history(cls, id_), key=lambda change: (change.at, change.field != ""))

    def _history(self, cls: type[Record], id_: Id) -> Iterator[Change]:
        database, spec = raw(self._connection), BY_NUMBER[cls.KIND]
        segments: dict[tuple[int, int], Segment] = {}

        def segment(feed: int, seq: int) -> Segment:
            if (feed, seq) not in segments:
                segments[feed, seq] = _segment(database, feed, seq)
            return segments[feed, seq]

        def change(
            field: str, feed: int, seq: int, value: Any, standing: int, erased: Erased | None = None
        ) -> Change:
            made = segment(feed, seq)
            at, stands = stamp_time(made.hlc), bool(standing)
            return Change(at, made.author, made.replica, field, value, stands, made.action, erased)

        gone: dict[tuple[bytes, int, int], Erased] = {}
        for feed, seq, name, said in database.execute(
            "select _feed, _seq, field, leaves from erasure where kind = ? and record_id = ?",
            (spec.name, id_),
        ).fetchall():
            made = segment(feed, seq)
            erased = Erased(stamp_time(made.hlc), made.author, made.replica)
            gone |= {(replica, n, leaf.op): erased for replica, n, leaf, _hash in named(said or "[]")}
            yield change(name, feed, seq, Unseen.ERASED, False, erased)

        found = database.execute(
            "select e.field, e.feed, e.seq, e.value, e.standing, e.op from edit e "
            f'join stream s on s.no = e.stream join "{spec.name}" r on r.id = e.row and r.site_id = s.id '
            "where e.kind = ? and e.row = ?",
            (spec.number, id_),
        ).fetchall()
        attribute = self._attribute(spec, id_) if self._looker is not None else ""
        makers = {(feed, seq, op) for number, feed, seq, _value, _stands, op in found if number == INSERT}
        makers.update(
            database.execute(f'select _feed, _seq, _op from "{spec.name}" where id = ?', (id_,)).fetchall()
        )
        for feed, seq, _op in makers:
            yield change("", feed, seq, None, True)
        for number, feed, seq, value, standing, op in found:
            if number == DELETED:
                yield change("deleted", feed, seq, cbor2.loads(value)["gone"], standing)
            elif (feed, seq, op) not in makers:
                field = spec.by_number[number]
                told = record_value(field, value)
                place = segment(feed, seq).replica, seq, op
                if told is Unseen.WITHHELD and place in gone:
                    yield change(field.name, feed, seq, Unseen.ERASED, standing, gone[place])
                    continue
                if self._looker is not None:
                    told = self._looker.told(field, told, kind=spec.number, id_=id_, attribute=attribute)
                yield change(field.name, feed, seq, told, standing)

    def _attribute(self, kind: KindSpec, id_: Id) -> str:
        """What a value is of, where records of this kind are values."""
        if "attribute" not in kind.by_name:
            return ""
        found = raw(self._connection).execute(f'select attribute from "{kind.name}" where id = ?', (id_,))
        row = found.fetchone()
        return str(row[0]) if row else ""

    def _select(self, cls: type[Record]) -> Select[Any]:
        table = STATE[cls.NAME]
        return select(table.c.id, table.c.site_id, *(table.c[n] for n in CODECS[cls.KIND].names))

    def _where(
        self, cls: type[Record], question: Select[Any], conditions: Sequence[Condition]
    ) -> Select[Any]:
        table = STATE[cls.NAME]
        if self._looker is not None:
            kind = BY_NUMBER[cls.KIND]
            if not all(self._looker.may_ask(kind, c.field, c.relation) for c in conditions):
                return question.where(false())
        return question.where(table.c._gone == 0, *(_condition(cls, c) for c in conditions))

    def _ordered(
        self, cls: type[Record], question: Select[Any], order: Sequence[str], limit: int | None, offset: int
    ) -> Select[Any]:
        table = STATE[cls.NAME]
        for name in order:
            column = table.c[name.removeprefix("-")]
            question = question.order_by(column.desc() if name.startswith("-") else column)
        if limit is not None or offset:
            question = question.limit(limit if limit is not None else -1).offset(offset)
        return question


def _condition(cls: type[Record], condition: Condition) -> ColumnElement[bool]:
    column: ColumnElement[Any] = STATE[cls.NAME].c[condition.field]
    field = BY_NUMBER[cls.KIND].by_name.get(condition.field)

    def plain(value: Any) -> Any:
        return plain_value(field, value) if field else value

    met: ColumnElement[bool]
    match condition.relation:
        case "=":
            met = column == plain(condition.value)
        case "in":
            if len(condition.value) > MAX_ONE_OF:
                raise ValueError(f"at most {MAX_ONE_OF} values in one question")
            met = column.in_([plain(v) for v in condition.value])
        case ">=":
            met = column >= plain(condition.value)
        case "<=":
            met = column <= plain(condition.value)
        case "<":
            met = column < plain(condition.value)
        case "contains":
            met = column.icontains(condition.value, autoescape=True)
        case "missing":
            met = column.is_(None)
        case "present":
            met = column.is_not(None)
        case _:
            raise ValueError(f"no such relation: {condition.relation}")
    return met


def _not_there(cls: type[Record], id_: Id) -> NotFound:
    return NotFound(
        _("There is no {kind} {id} here, or it was deleted.").format(
            kind=cls.NAME.replace("_", " "), id=id_text(id_)
        ),
        _("Look at the list again; it may have changed meanwhile."),
    )


def _segment(database: Any, feed: int, seq: int) -> Segment:
    row = database.execute(
        "select body from segment where feed = ? and seq = ? and state = 1", (feed, seq)
    ).fetchone()
    return stored(row[0])
