"""Hides records and brings them back, where some belong to others.

A record is hidden when somebody hid it who had seen all that was said of it, and when nothing that belongs to
it is to be seen: what one adds to a patrol that another is removing brings the patrol back. While anybody
still says that it is hidden, that is a difference for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ranger_app.domain.fields import DELETED, FieldSpec, KindSpec
from ranger_app.domain.kinds import BY_NAME, BY_NUMBER
from ranger_app.storage.changes.feeds import FeedBook

IDS_AT_ONCE = 400  # ids in one question
COLUMNS_BEFORE = 6
"""Of a row of state, what stands before the fields: id, site, feed, number, op, whether it is hidden."""

Key = tuple[int, bytes]
"""Kind number and id: one record within a stream."""

CHILDREN: Mapping[int, tuple[tuple[KindSpec, FieldSpec], ...]] = {
    kind.number: tuple(
        (child, f) for child in BY_NAME.values() for f in child.parents if f.parent == kind.name
    )
    for kind in BY_NAME.values()
}
"""By kind, the kinds that belong to it, each with the field that says so."""


class Kin:
    """What one run of ops has moved, until it is settled who is hidden."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._stream = stream
        self._site = book.stream_id(stream)
        self._judged: dict[int, dict[bytes, tuple[bool, bool]]] = defaultdict(dict)
        self._parents: dict[int, set[bytes]] = defaultdict(set)

    def judged(self, key: Key, gone: bool, denied: bool) -> None:
        """Whether a record is hidden by what was said of it, and whether anybody still says that it is."""
        self._judged[key[0]][key[1]] = gone, denied

    def made(self, kind: KindSpec, rows: Iterable[Sequence[Any]]) -> None:
        """New records, as rows of state: those that they belong to may have to come back."""
        for field in kind.parents:
            place = COLUMNS_BEFORE + kind.fields.index(field)
            self._parents[BY_NAME[field.parent].number].update({row[place] for row in rows} - {None})

    def moved(self, field: FieldSpec, before: bytes | None, after: bytes | None) -> None:
        """A record belongs to another now."""
        self._parents[BY_NAME[field.parent].number].update({before, after} - {None})  # type: ignore[arg-type]

    def settle(self) -> dict[int, list[bytes]]:
        """Write who is hidden. Returns, by kind, the records that have to be judged next, because something
        that belongs to them has come or gone; nothing when all is settled."""
        for number in list(self._judged):
            self._write(BY_NUMBER[number], self._judged.pop(number))
        parents, self._parents = self._parents, defaultdict(set)
        found = {
            number: sorted(self._disputed(BY_NUMBER[number], ids)) for number, ids in parents.items() if ids
        }
        return {number: ids for number, ids in found.items() if ids}

    def _write(self, kind: KindSpec, judged: dict[bytes, tuple[bool, bool]]) -> None:
        own = [id_ for id_, (gone, _denied) in judged.items() if gone]
        kept = self._with_children(kind, own)
        gone = {id_ for id_ in own if id_ not in kept}
        noted = self._differences(kind, judged)
        was = set(self._hidden(kind, judged))
        changed = [(int(id_ in gone), id_, self._site) for id_ in judged if (id_ in gone) != (id_ in was)]
        many = self._database.executemany
        many(f'update "{kind.name}" set _gone = ? where id = ? and site_id = ?', changed)
        waits = {id_ for id_, (_gone, denied) in judged.items() if denied and id_ not in gone}
        place = (self._stream, kind.number)
        many(
            "insert into difference (stream, kind, row, field) values (?,?,?,?)",
            [(*place, id_, DELETED) for id_ in waits - noted],
        )
        many(
            "delete from difference where stream = ? and kind = ? and row = ? and field = ?",
            [(*place, id_, DELETED) for id_ in noted - waits],
        )
        if changed:
            self._look_at_parents(kind, [id_ for _gone, id_, _site in changed])

    def _look_at_parents(self, kind: KindSpec, ids: Sequence[bytes]) -> None:
        for field in kind.parents:
            into = self._parents[BY_NAME[field.parent].number]
            for some, marks in in_parts(ids):
                into.update(
                    row[0]
                    for row in self._database.execute(
                        f'select distinct "{field.name}" from "{kind.name}" where site_id = ? '
                        f'and id in ({marks}) and "{field.name}" is not null',
                        (self._site, *some),
                    )
                )

    def _with_children(self, kind: KindSpec, ids: Sequence[bytes]) -> set[bytes]:
        """Those of these records that have something to be seen belonging to them."""
        found: set[bytes] = set()
        for child, field in CHILDREN[kind.number]:
            for some, marks in in_parts(ids):
                found.update(
                    row[0]
                    for row in self._database.execute(
                        f'select distinct "{field.name}" from "{child.name}" '
                        f'where "{field.name}" in ({marks}) and site_id = ? and _gone = 0',
                        (*some, self._site),
                    )
                )
        return found

    def _disputed(self, kind: KindSpec, ids: Collection[bytes]) -> set[bytes]:
        """Those of these records that somebody hid, whether they are to be seen or not."""
        return {*self._hidden(kind, ids), *self._differences(kind, ids)}

    def _hidden(self, kind: KindSpec, ids: Collection[bytes]) -> Iterator[bytes]:
        for some, marks in in_parts(ids):
            for (id_,) in self._database.execute(
                f'select id from "{kind.name}" where site_id = ? and _gone = 1 and id in ({marks})',
                (self._site, *some),
            ):
                yield id_

    def _differences(self, kind: KindSpec, ids: Collection[bytes]) -> set[bytes]:
        if not self._database.execute("select exists (select 1 from difference)").fetchone()[0]:
            return set()
        return {
            id_
            for some, marks in in_parts(ids)
            for (id_,) in self._database.execute(
                "select row from difference where stream = ? and kind = ? and field = ? "
                f"and row in ({marks})",
                (self._stream, kind.number, DELETED, *some),
            )
        }


def in_parts(ids: Iterable[bytes]) -> Iterator[tuple[list[bytes], str]]:
    """Ids in portions for one question each, with the marks that stand for them in it."""
    every = list(ids)
    for start in range(0, len(every), IDS_AT_ONCE):
        some = every[start : start + IDS_AT_ONCE]
        yield some, ",".join("?" * len(some))
