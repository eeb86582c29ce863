"""One unit of work, the only way to change data: rows, signed segments, and word of what was touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from ranger_app.domain.changes import MAX_OPS, Op, Segment, deletion, restoration
from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.fields import DELETED, INSERT, FieldSpec, KindSpec, Merge, Privacy, Record
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Device
from ranger_app.i18n import _, ngettext
from ranger_app.security.keys import DeviceKeys
from ranger_app.storage.changes.erasing import drop_erased
from ranger_app.storage.changes.feeds import Feed, FeedBook, store_segment
from ranger_app.storage.changes.judging import Standing, standing
from ranger_app.storage.changes.kinship import CHILDREN
from ranger_app.storage.changes.leaves import signed_part
from ranger_app.storage.changes.merging import Applied, Written, apply
from ranger_app.storage.changes.places import Place, belongings, look_up, removed_with, unsettled
from ranger_app.storage.changes.receiving import apply_awakened
from ranger_app.storage.changes.segments import MAX_SEGMENT, SEGMENT_BYTES, OpsWriter, hash_of
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.engine import raw
from ranger_app.storage.faults import database_told
from ranger_app.storage.pausing import no_search_for_cycles
from ranger_app.storage.reading import Reading
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.rows import record_value, wire_value
from ranger_app.storage.sight import Looker
from ranger_app.storage.tables import APPLIED
from ranger_app.storage.touched import Touched

R = TypeVar("R", bound=Record)
FLUSH_OPS = 250  # ops kept in memory before they are written; more are slower, not quicker


@dataclass(slots=True)
class _Open:
    """The segment of one stream that is being filled: its ops are in the tables, its bytes not yet."""

    feed: Feed
    seq: int
    ops: OpsWriter

    @property
    def full(self) -> bool:
        return self.ops.count >= MAX_OPS or self.ops.size_bytes >= SEGMENT_BYTES


class Unit:
    """Gathers changes and writes them in one transaction; made by `Workspace.unit`, used in one thread."""

    def __init__(
        self,
        connection: Connection,
        *,
        book: FeedBook,
        keys: DeviceKeys,
        signer: Ed25519PrivateKey,
        clock: HybridClock,
        author: bytes,
        action: str,
        place: Path,
        introduction: Device | None,
        looker: Looker | None = None,
    ) -> None:
        self._looker = looker
        self._introduction = introduction
        self._database = raw(connection)
        self._place = place
        self._book = book
        self._keys = keys
        self._replica = keys.replica
        self._signer = signer
        self._author = author
        self._action = action
        self._hlc = clock.tick()
        self._waiting: dict[bytes, list[tuple[Op, list[Any] | None]]] = defaultdict(list)
        self._count = 0
        self._unwritten: set[tuple[int, bytes]] = set()
        """Records with a change among those waiting."""
        self._unwritten_kinds: set[int] = set()
        self._open: dict[bytes, _Open] = {}
        self._standings: dict[bytes, Standing] = {}
        self._said: dict[bytes, int] = defaultdict(int)
        """Ops of this unit by stream."""
        self._applied = Applied()
        self._reading = Reading(connection, place, before_history=self._seal_all)
        self.touched = Touched({})

    @property
    def data(self) -> Reading:
        """A view that sees what this unit has written so far."""
        self.flush()
        return self._reading

    def add(self, record: Record) -> None:
        """Keep a new record; `BadInput` when something in it is too large to be kept."""
        said, row = CODECS[record.KIND].made(record)
        self._wait(record.site_id, Op(record.KIND, record.id, INSERT, said), row)

    def add_many(self, records: Iterable[Record]) -> None:
        """Keep many new records; any number, written as they come."""
        for record in records:
            self.add(record)

    def change(self, what: Record | tuple[type[R], Id], /, **fields: Any) -> bool:
        """Set fields of a record. Fields that have the value already are left alone, also those that show it
        blurred or not at all to whoever is signed in: False when all have. `BadInput` when a field cannot
        hold its value, `Refused` where it never changes, or must not yet."""
        spec, id_, place = self._find(what, fields=tuple(fields))
        known, row = spec.by_name, place.row
        wanted = {name: wire_value(known[name], value) for name, value in fields.items()}
        changed = {
            name: value
            for name, value in wanted.items()
            if row[name] != value and not self._shown_so(spec, known[name], id_, place, value)
        }
        for name in list(changed):
            for other in spec.companions(known[name]):  # one value of several numbers is written as one
                changed.setdefault(other.name, wanted.get(other.name, row[other.name]))
        for name, value in changed.items():
            self._set(spec, id_, place, known[name], value)
        return bool(changed)

    def _shown_so(self, spec: KindSpec, field: FieldSpec, id_: Id, place: Place, value: Any) -> bool:
        """Whether this is what is shown in the place of a value that is not to be seen whole."""
        if self._looker is None or field.privacy is Privacy.OPEN:
            return False
        present = record_value(field, place.row[field.name])
        attribute = str(place.row.get("attribute", ""))
        seen = self._looker.value(field, present, kind=spec.number, id_=id_, attribute=attribute)
        return seen is not present and wire_value(field, seen) == value

    def remove(self, what: Record | tuple[type[R], Id], *, reason: str = "") -> None:
        """Hide a record with everything that belongs to it. Nothing is erased, and an edit made elsewhere
        meanwhile shows it again."""
        spec, id_, place = self._find(what)
        self._remove(spec, id_, place, reason)

    def _remove(self, spec: KindSpec, id_: Id, place: Place, reason: str) -> None:
        for child, one in self._belonging(spec, place.stream, id_):
            self._hide(child, one, self._find((child.cls, one))[2], reason)
        self._hide(spec, id_, place, reason)

    def _hide(self, spec: KindSpec, id_: Id, place: Place, reason: str) -> None:
        self._wait(place.stream, Op(spec.number, id_, DELETED, deletion(reason), place.everything()))

    def _belonging(self, spec: KindSpec, stream: bytes, id_: Id) -> list[tuple[KindSpec, Id]]:
        if CHILDREN[spec.number] and self._unwritten_kinds - {spec.number}:
            self.flush()
        with database_told(self._place):
            return list(belongings(self._database, spec, stream, id_))

    def restore(self, cls: type[R], id_: Id) -> None:
        """Bring back a hidden record, with what was hidden in one go with it; one that is not hidden is left
        alone."""
        spec, id_, place = self._find((cls, id_), hidden_too=True)
        if place.row["_gone"]:
            self._bring_back(spec, id_, place)

    def _bring_back(self, spec: KindSpec, id_: Id, place: Place) -> None:
        self.flush()
        with database_told(self._place):
            others = list(removed_with(self._database, self._book, spec, place.stream, id_))
        self._wait(place.stream, Op(spec.number, id_, DELETED, restoration(), place.standing[DELETED]))
        for child, one in others:
            dots = self._find((child.cls, one), hidden_too=True)[2].standing[DELETED]
            self._wait(place.stream, Op(child.number, one, DELETED, restoration(), dots))

    def settle(self, what: Record | tuple[type[R], Id], field: str, value: Any) -> None:
        """Put one value in place of all that stand, also when it is the one that was shown. For the field
        "deleted" the value says whether the record is to be hidden."""
        spec, id_, place = self._find(what, hidden_too=field == "deleted")
        if field == "deleted":
            if value:
                self._remove(spec, id_, place, "")
            else:
                self._bring_back(spec, id_, place)
            return
        if isinstance(value, Unseen):
            raise Refused(
                _("This value is not shown to you, so you cannot choose it."),
                _("Write a new one, or ask somebody who sees both."),
            )
        known = spec.by_name[field]
        self._set(spec, id_, place, known, wire_value(known, value))

    def lay_open(self, what: Record | tuple[type[R], Id], field: str, values: Sequence[Any]) -> None:
        """Take back that a field was settled: these values stand beside one another again, in the place of
        what stands now. For the field "deleted" a record that is to be seen is again said to be hidden."""
        spec, id_, place = self._find(what, hidden_too=field == "deleted")
        if field == "deleted":
            self._wait(place.stream, Op(spec.number, id_, DELETED, deletion(""), place.standing[DELETED]))
            return
        known = spec.by_name[field]
        for value in values:
            self._set(spec, id_, place, known, wire_value(known, value))

    def _set(self, spec: KindSpec, id_: Id, place: Place, field: FieldSpec, value: Any) -> None:
        if field.merge is Merge.FIXED:
            raise _fixed(spec, field)
        if field.closed and value == field.closed:
            self.flush()
            with database_told(self._place):
                open_ = unsettled(self._database, self._book, spec, place.stream, id_)
            if open_:
                raise _still_open(open_)
        self._wait(place.stream, Op(spec.number, id_, field.number, value, place.replaced(field.number)))

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
        self._unwritten.clear()
        self._unwritten_kinds.clear()
        with database_told(self._place), no_search_for_cycles():
            for stream_id, ops in waiting.items():
                self._write(stream_id, ops)

    def finish(self) -> None:
        """Write the rest and say what was touched; the caller commits."""
        if self._introduction is not None and (self._count or self._applied.rows):
            self.add(self._introduction)
        self.flush()
        self._seal_all()
        with database_told(self._place), no_search_for_cycles():
            apply_awakened(self._database, self._book, self._applied)
        if drop_erased(self._database, self._book, self._applied):
            rebuild_state(self._database)
        self.touched = Touched.of(self._applied.rows)

    def _wait(self, stream_id: bytes, op: Op, row: list[Any] | None = None) -> None:
        self._standing(stream_id).check(op)
        self._waiting[stream_id].append((op, row))
        self._unwritten.add((op.kind, op.row))
        self._unwritten_kinds.add(op.kind)
        self._count += 1
        if self._count >= FLUSH_OPS:
            self.flush()

    def _standing(self, stream_id: bytes) -> Standing:
        """What this laptop may do in a stream."""
        if stream_id not in self._standings:
            with database_told(self._place):
                feed = self._book.find_in(stream_id, self._replica)
                self._standings[stream_id] = standing(
                    self._database, feed, stream_id, self._replica, self._author
                )
        return self._standings[stream_id]

    def _write(self, stream_id: bytes, ops: list[tuple[Op, list[Any] | None]]) -> None:
        self._said[stream_id] += len(ops)
        self._standing(stream_id).check_quota(self._said[stream_id])
        stream = self._book.stream_number(stream_id)
        written: list[Written] = []
        segment = self._open.get(stream_id)
        for op, row in ops:
            if segment is None:
                segment = self._open[stream_id] = self._begin(stream)
            written.append(Written(segment.feed.number, segment.seq, segment.ops.count, self._hlc, op, row))
            segment.ops.put(op)
            if segment.full:
                self._seal(stream_id)
                segment = None
        apply(self._database, self._book, stream, written, self._applied)

    def _begin(self, stream: int) -> _Open:
        feed = self._book.open(stream, self._replica, self._keys.public_key)
        self._book.note_stamp(feed.number, feed.applied + 1, self._hlc)
        return _Open(feed, feed.applied + 1, OpsWriter(self._replica, seals=True))

    def _seal_all(self) -> None:
        self.flush()
        with database_told(self._place):
            for stream_id in list(self._open):
                self._seal(stream_id)

    def _seal(self, stream_id: bytes) -> None:
        """Sign the open segment of a stream and keep it."""
        filled = self._open.pop(stream_id)
        head = Segment(
            stream=stream_id,
            replica=self._replica,
            seq=filled.seq,
            previous=self._book.tip(filled.feed),
            hlc=self._hlc,
            author=self._author,
            directory_version=self._standing(stream_id).version,
            action=self._action,
        )
        body = filled.ops.body(head)
        if len(body) > MAX_SEGMENT:
            raise BadInput(
                _("This is too large to be kept in a record."), _("Attach it as a file instead, or split it.")
            )
        hash_ = hash_of(body)
        store_segment(
            self._database,
            filled.feed.number,
            head,
            hash_=hash_,
            body=body,
            signature=self._signer.sign(signed_part(body)),
            state=APPLIED,
            unread=False,
        )
        count = filled.ops.count
        self._book.advance(filled.feed, filled.seq, hash_=hash_, hlc=self._hlc, changes=count)

    def _find(
        self,
        what: Record | tuple[type[R], Id],
        *,
        hidden_too: bool = False,
        fields: tuple[str, ...] = (),
    ) -> tuple[KindSpec, Id, Place]:
        """The record as it stands now, whatever copy of it the caller holds, with what has to be known to
        change these fields."""
        cls, id_ = (type(what), what.id) if isinstance(what, Record) else what
        spec = BY_NUMBER[cls.KIND]
        if (spec.number, id_) in self._unwritten:
            self.flush()
        with database_told(self._place):
            place = look_up(self._database, self._book, spec, id_, _asked_for(spec.number, fields))
        if place is None or (place.row["_gone"] and not hidden_too):
            raise _not_there(id_)
        return spec, id_, place


@lru_cache(maxsize=1_000)
def _asked_for(kind: int, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that an edit of these fields has to know: theirs, what is one value with them, and what
    says of a value whom it tells about."""
    spec = BY_NUMBER[kind]
    found = {other.name: None for name in fields for other in spec.companions(spec.by_name[name])}
    return (*found, *({"attribute"} & spec.by_name.keys() - found.keys()))


def _fixed(spec: KindSpec, field: FieldSpec) -> Refused:
    return Refused(
        _("“{field}” of a {kind} is never changed once it is written.").format(
            field=field.name, kind=spec.name.replace("_", " ")
        ),
        _("Add another one that says it rightly, and remove this one if it must not be seen."),
    )


def _still_open(differences: int) -> Refused:
    return Refused(
        ngettext(
            "This cannot be made final while {n} difference waits to be settled.",
            "This cannot be made final while {n} differences wait to be settled.",
            differences,
        ).format(n=differences),
        _("Settle them first: ranger-app differences list."),
    )


def _not_there(id_: Id) -> NotFound:
    return NotFound(
        _("There is no record {id} here, or it was deleted.").format(id=id_text(id_)),
        _("Look at the list again; it may have changed meanwhile."),
    )
