"""One unit of work, the only way to change data: rows, signed segments, and word of what was touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from ranger_app.domain.changes import MAX_OPS, Dot, Op, Segment, deletion, restoration
from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import NotFound
from ranger_app.domain.fields import DELETED, INSERT, KindSpec, Record
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.sites import Device
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys
from ranger_app.storage.engine import raw
from ranger_app.storage.faults import database_told
from ranger_app.storage.feeds import FeedBook, store_segment
from ranger_app.storage.merging import CODECS, Applied, Written, apply
from ranger_app.storage.reading import Reading
from ranger_app.storage.rows import wire_value
from ranger_app.storage.segments import encode, hash_of
from ranger_app.storage.tables import APPLIED

R = TypeVar("R", bound=Record)
FLUSH_OPS = 10_000  # ops kept in memory before they are written


@dataclass(frozen=True, slots=True)
class Touched:
    """What a unit of work changed: ids by name of kind. Redraw, undo and audit live on it."""

    kinds: Mapping[str, tuple[Id, ...]]

    def __bool__(self) -> bool:
        return bool(self.kinds)


class Unit:
    """Gathers changes and writes them in one transaction; made by `Workspace.unit`, used in one thread."""

    def __init__(
        self,
        connection: Connection,
        *,
        keys: DeviceKeys,
        signer: Ed25519PrivateKey,
        clock: HybridClock,
        author: bytes,
        action: str,
        place: Path,
        introduction: Device | None,
    ) -> None:
        self._introduction = introduction
        self._database = raw(connection)
        self._place = place
        self._book = FeedBook(self._database)
        self._keys = keys
        self._signer = signer
        self._author = author
        self._action = action
        self._hlc = clock.tick()
        self._waiting: dict[bytes, list[Op]] = defaultdict(list)
        self._count = 0
        self._applied = Applied()
        self._reading = Reading(connection, place)
        self.touched = Touched({})

    @property
    def data(self) -> Reading:
        """A view that sees what this unit has written so far."""
        self.flush()
        return self._reading

    def add(self, record: Record) -> None:
        """Keep a new record."""
        codec = CODECS[record.KIND]
        self._waiting[record.site_id].append(Op(record.KIND, record.id, INSERT, codec.wire(record)))
        self._count += 1
        if self._count >= FLUSH_OPS:
            self.flush()

    def add_many(self, records: Iterable[Record]) -> None:
        """Keep many new records; any number, written as they come."""
        for record in records:
            self.add(record)

    def change(self, what: Record | tuple[type[R], Id], **fields: Any) -> bool:
        """Set fields of a record. Fields that have the value already are left alone; False when all have."""
        spec, current = self._current(what)
        wanted = {
            spec.by_name[name]: value for name, value in fields.items() if getattr(current, name) != value
        }
        if not wanted:
            return False
        origin, standing = self._standing(spec, current)
        for field, value in wanted.items():
            dots = standing.get(field.number, (origin,))
            self._edit(current, Op(spec.number, current.id, field.number, wire_value(field, value), dots))
        return True

    def remove(self, what: Record | tuple[type[R], Id], *, reason: str = "") -> None:
        """Hide a record. Nothing is erased, and an edit made elsewhere meanwhile shows it again."""
        spec, current = self._current(what)
        origin, standing = self._standing(spec, current)
        seen = {dot for dots in standing.values() for dot in dots}
        if any(f.number not in standing for f in spec.fields):
            seen.add(origin)
        self._edit(current, Op(spec.number, current.id, DELETED, deletion(reason), tuple(sorted(seen))))

    def restore(self, cls: type[R], id_: Id) -> None:
        """Bring back a hidden record."""
        self.flush()
        current = self._reading.get(cls, id_, hidden_too=True)
        if current is None:
            raise _not_there(id_)
        spec = BY_NUMBER[cls.KIND]
        _origin, standing = self._standing(spec, current)
        if DELETED in standing:
            self._edit(current, Op(spec.number, current.id, DELETED, restoration(), standing[DELETED]))

    def settle(self, what: Record | tuple[type[R], Id], field: str, value: Any) -> None:
        """Put one value in place of all that stand, also when it is the one that was shown."""
        spec, current = self._current(what)
        origin, standing = self._standing(spec, current)
        if field == "deleted":
            made = deletion("") if value else restoration()
            seen = {dot for dots in standing.values() for dot in dots} | {origin}
            self._edit(current, Op(spec.number, current.id, DELETED, made, tuple(sorted(seen))))
            return
        known = spec.by_name[field]
        dots = standing.get(known.number, (origin,))
        self._edit(current, Op(spec.number, current.id, known.number, wire_value(known, value), dots))

    def link(self, sha256: bytes, path: Path, *, size_bytes: int, mtime_ns: int) -> None:
        """Remember on this laptop where an original lies that was not copied."""
        with database_told(self._place):
            self._database.execute(
                "insert into link (sha256, path, size_bytes, mtime_ns) values (?,?,?,?) "
                "on conflict (sha256) do update set path = excluded.path, "
                "size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns",
                (sha256, str(path), size_bytes, mtime_ns),
            )

    def flush(self) -> None:
        """Write what is waiting; still undone with the rest if the unit fails."""
        if not self._count:
            return
        waiting, self._waiting, self._count = self._waiting, defaultdict(list), 0
        with database_told(self._place):
            for stream_id, ops in waiting.items():
                self._append(stream_id, ops)

    def finish(self) -> None:
        """Write the rest and say what was touched; the caller commits."""
        if self._introduction is not None and (self._count or self._applied.rows):
            self.add(self._introduction)
        self.flush()
        self.touched = Touched(
            {
                BY_NUMBER[number].name: tuple(Id(row) for row in rows)
                for number, rows in self._applied.rows.items()
            }
        )

    def _append(self, stream_id: bytes, ops: list[Op]) -> None:
        stream = self._book.stream_number(stream_id)
        feed = self._book.open(stream, self._keys.replica, self._keys.public_key)
        previous = self._book.last_hash(feed)
        written: list[Written] = []
        for start in range(0, len(ops), MAX_OPS):
            segment = Segment(
                stream=stream_id,
                replica=feed.replica,
                seq=feed.applied + 1,
                previous=previous,
                hlc=self._hlc,
                author=self._author,
                action=self._action,
                ops=tuple(ops[start : start + MAX_OPS]),
            )
            body = encode(segment)
            previous = hash_of(body)
            store_segment(
                self._database,
                feed.number,
                segment.seq,
                hash_=previous,
                body=body,
                signature=self._signer.sign(body),
                hlc=segment.hlc,
                state=APPLIED,
                unread=False,
            )
            self._book.advance(feed, segment.seq)
            written += [
                Written(feed.number, segment.seq, i, segment.hlc, op) for i, op in enumerate(segment.ops)
            ]
        apply(self._database, self._book, stream, written, self._applied)

    def _edit(self, current: Record, op: Op) -> None:
        self._waiting[current.site_id].append(op)
        self._count += 1

    def _current(self, what: Record | tuple[type[R], Id]) -> tuple[KindSpec, Record]:
        """The record as it stands now, whatever copy of it the caller holds."""
        self.flush()
        cls, id_ = (type(what), what.id) if isinstance(what, Record) else what
        current = self._reading.get(cls, id_)
        if current is None:
            raise _not_there(id_)
        return BY_NUMBER[cls.KIND], current

    def _standing(self, spec: KindSpec, current: Record) -> tuple[Dot, dict[int, tuple[Dot, ...]]]:
        """The op that made the record, and the standing ops of the fields that were edited since."""
        with database_told(self._place):
            feed, seq, index = self._database.execute(
                f'select _feed, _seq, _op from "{spec.name}" where id = ? and site_id = ?',
                (current.id, current.site_id),
            ).fetchone()
            origin = Dot(self._book.replica(feed), seq, index)
            standing: dict[int, tuple[Dot, ...]] = {}
            for field, f, s, i in self._database.execute(
                "select field, feed, seq, op from edit "
                "where stream = ? and kind = ? and row = ? and standing = 1",
                (self._book.stream_number(current.site_id), spec.number, current.id),
            ):
                standing[field] = (*standing.get(field, ()), Dot(self._book.replica(f), s, i))
        return origin, standing


def _not_there(id_: Id) -> NotFound:
    return NotFound(
        _("There is no record {id} here, or it was deleted.").format(id=id_text(id_)),
        _("Look at the list again; it may have changed meanwhile."),
    )
