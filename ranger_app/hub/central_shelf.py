"""PostgreSQL and an object store as the hub's shelf: for many sites, and any number of processes."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ranger_app.domain.directory import Directory
from ranger_app.domain.errors import BadInput, NotFound, WorkspaceDamaged
from ranger_app.domain.members import Member
from ranger_app.hub.bounds import need_room
from ranger_app.hub.central_handed_on import CentralHandedOn
from ranger_app.hub.central_uploads import (
    TOKEN_BYTES,
    CentralUpload,
    digest_of,
    file_name,
    keep_long,
    now_ms,
    piece_names,
    read_kept,
    remove_kept,
    take_up,
)
from ranger_app.hub.objects import Objects
from ranger_app.hub.shelf import HandedOn, Holdings, Visit
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Work
from ranger_app.security.entries import SignedEntry
from ranger_app.storage.central import directories, feeds, uploads, visitors
from ranger_app.storage.central.database import Central, Connection
from ranger_app.storage.central.uploads import KeptFile, Key
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.changes.segments import decode
from ranger_app.storage.changes.withholding import is_to_have_all
from ranger_app.storage.exchange.carrying import Reaches, Run, standing_in
from ranger_app.sync.bundles.pieces import PIECE_BYTES, read_piece

DIRECTORIES_KEPT = 256
VERIFIED_AT_ONCE = 1 << 20  # bytes of segments; and so many files are asked for at once:
FILES_AT_ONCE = 1_000


class CentralPlace:
    """What a hub's database has of one site (see `shelf.Place`)."""

    def __init__(self, central: Central, objects: Objects, site: bytes) -> None:
        self._central = central
        self._objects = objects
        self._site = site
        self.handed_on: HandedOn = CentralHandedOn(central, site)
        self._added: list[tuple[bytes, KeptFile]] = []

    # -- changes

    def reaches(self) -> Reaches:
        return self._central.read(lambda c: feeds.reaches(c, self._site))

    def run_above(self, replica: bytes, above: int, *, at_most_bytes: int, whole: bool = True) -> Run:
        return self._central.read(
            lambda c: feeds.run_above(c, self._site, replica, above, at_most_bytes=at_most_bytes, whole=whole)
        )

    def take(self, segments: Sequence[SignedSegment], *, entries: Sequence[SignedEntry] = ()) -> Received:
        # What takes time is done before the site's row is held.
        some, unread = feeds.read_all(segments)
        known = self._central.read(lambda c: feeds.known_hashes(c, self._site, some)) if some else set()
        sound = feeds.sound_among(some, known)

        def keep(connection: Connection) -> Received:
            site = feeds.hold(connection, self._site)
            received = feeds.take(connection, site, some, sound)
            directories.admit(connection, site, entries, received)
            return received

        received = self._central.write(keep)
        received.refused += unread
        return received

    def directory(self) -> list[SignedEntry]:
        return self._central.read(lambda c: directories.entries_of(c, self._site))

    # -- files

    def held(self, files: Sequence[bytes]) -> set[bytes]:
        return self._central.read(lambda c: uploads.held(c, self._site, files)) if files else set()

    def size(self, sha256: bytes) -> int | None:
        kept = self._kept(sha256)
        return None if kept is None else kept.size_bytes

    def _kept(self, sha256: bytes) -> KeptFile | None:
        return self._central.read(lambda c: uploads.kept_file(c, self._site, sha256))

    def read(self, sha256: bytes, start: int, end: int) -> Iterator[bytes]:
        kept = self._kept(sha256)
        if kept is not None:
            yield from read_kept(self._objects, self._site, sha256, kept, start, end)

    def add_file(self, content: bytes) -> None:
        sha256 = hashlib.sha256(content).digest()
        if sha256 not in self.held([sha256]):
            self._objects.put(file_name(self._site, sha256), content)
            self._added.append((sha256, KeptFile(len(content), None)))

    def add_piece(self, untrusted: bytes) -> int:
        found = read_piece(untrusted)
        if found is None or found.sha256 in self.held([found.sha256]):
            return 0
        # Pieces from sticks belong to nobody; those of another length, to another file.
        key = Key(self._site, hashlib.sha256(b"stick %d" % found.size).digest()[:16], found.sha256)
        token = os.urandom(TOKEN_BYTES)
        self._central.write(lambda c: uploads.begin(c, key, length=found.size, pieces=token, now_ms=now_ms()))
        begun = self._central.read(lambda c: uploads.under_way(c, key))
        if begun is None:
            return 0  # somebody else has just finished it
        names = piece_names(self._site, begun.pieces, found.size)
        self._objects.put(names[found.start // PIECE_BYTES], found.body)
        so_far = self._central.write(
            lambda c: uploads.add_stored_piece(c, key, found.start, len(found.body), now_ms())
        )
        if so_far < found.size:
            return 0
        try:
            keep_long(self._central, self._objects, key, found.size, begun.pieces)
        except BadInput:
            return 0
        return 1

    def settle(self) -> None:
        added, self._added = self._added, []
        self._central.write(lambda c: uploads.keep_files(c, self._site, added))

    def forget_file(self, sha256: bytes) -> None:
        kept = self._kept(sha256)
        if kept is not None:
            self._central.write(lambda c: uploads.forget_file(c, self._site, sha256))
            remove_kept(self._objects, self._site, sha256, kept)

    # -- what is under way

    def upload(self, caller: bytes, sha256: bytes, kind: str, length: int, gathers: int) -> CentralUpload:
        key = Key(self._site, caller, sha256)
        return CentralUpload(self._central, self._objects, key, kind, length, gathers)

    def so_far(self, caller: bytes, sha256: bytes) -> int:
        found = self._central.read(lambda c: uploads.under_way(c, Key(self._site, caller, sha256)))
        return 0 if found is None else found.so_far

    def take_upload(self, caller: bytes, sha256: bytes, *, at_most: int) -> bytes:
        return take_up(self._central, Key(self._site, caller, sha256), at_most=at_most)

    def spool(self) -> Path:
        folder = Path(tempfile.gettempdir())
        need_room(folder, 0)
        return folder

    # -- who came

    def note_visit(self, visit: Visit) -> None:
        self._central.write(
            lambda c: visitors.note_visit(c, self._site, visit.device, visit.at_ms, visit.receipt)
        )


class CentralShelf:
    """The places of all sites in one database (see `shelf.Shelf`)."""

    def __init__(self, central: Central, objects: Objects) -> None:
        self._central = central
        self._objects = objects
        self._guard = threading.Lock()
        self._directories: OrderedDict[tuple[bytes, int], Directory | None] = OrderedDict()

    def has(self, stream: bytes) -> bool:
        return self._central.read(lambda c: visitors.has_site(c, stream))

    def streams(self) -> list[bytes]:
        return self._central.read(visitors.all_sites)

    @contextmanager
    def open(self, stream: bytes) -> Iterator[CentralPlace]:
        yield CentralPlace(self._central, self._objects, stream)

    def member(self, stream: bytes, replica: bytes) -> Member | None:
        directory = self._central.read(lambda c: self._directory(c, stream))
        return None if directory is None else directory.member_of(replica)

    def _directory(self, connection: Connection, stream: bytes) -> Directory | None:
        """Worked out again only when it has grown."""
        found = directories.root_of(connection, stream)
        if found is None or found.root is None:
            return None
        key = (stream, found.grown)
        with self._guard:
            if key in self._directories:
                self._directories.move_to_end(key)
                return self._directories[key]
        directory = directories.directory_of(connection, stream, found.root)
        with self._guard:
            self._directories[key] = directory
            while len(self._directories) > DIRECTORIES_KEPT:
                self._directories.popitem(last=False)
        return directory

    def standing(self, stream: bytes) -> list[frozenset[bytes]] | None:
        directory = self._central.read(lambda c: self._directory(c, stream))
        return None if directory is None else standing_in(directory)

    def may_have_all(self, stream: bytes, replica: bytes) -> bool:
        return is_to_have_all(self._central.read(lambda c: self._directory(c, stream)), replica)

    def well(self) -> None:
        self._central.read(visitors.nothing)
        self._objects.well()

    def holdings(self) -> list[Holdings]:
        return [
            Holdings(
                site=row.site,
                name=row.name,
                laptops=row.laptops,
                segments=row.segments,
                changes_bytes=row.changes_bytes,
                files=row.files,
                files_bytes=row.files_bytes,
            )
            for row in self._central.read(visitors.site_rows)
        ]

    def visits(self, stream: bytes) -> list[Visit]:
        return [Visit(*row) for row in self._central.read(lambda c: visitors.visits(c, stream))]

    def verify(self, stream: bytes, work: Work, *, forget: bool = False) -> list[str]:
        place = CentralPlace(self._central, self._objects, stream)
        bad_changes = sum(self._bad_changes(place, stream, replica, work) for replica in place.reaches())
        bad_files = self._bad_files(stream, work, forget=forget)
        problems = []
        if bad_changes:
            problems.append(
                ngettext(
                    "{n} segment of changes is not what its laptop signed.",
                    "{n} segments of changes are not what their laptops signed.",
                    bad_changes,
                ).format(n=bad_changes)
            )
        if bad_files:
            problems.append(
                ngettext(
                    "{n} file is missing from the store, or is not what it was.",
                    "{n} files are missing from the store, or are not what they were.",
                    bad_files,
                ).format(n=bad_files)
            )
        return problems

    def _bad_changes(self, place: CentralPlace, stream: bytes, replica: bytes, work: Work) -> int:
        bad, above, more = 0, 0, True
        while more:
            try:
                run = place.run_above(replica, above, at_most_bytes=VERIFIED_AT_ONCE)
            except WorkspaceDamaged:
                return bad + 1
            for one in run.segments:
                work.tick(0, None, _("changes"))
                bad += not _is_sound(one, stream, replica)
            above, more = run.through, run.more
        return bad

    def _bad_files(self, stream: bytes, work: Work, *, forget: bool) -> int:
        bad, last = 0, b""
        while some := self._central.read(
            lambda c: uploads.files_after(c, stream, last, FILES_AT_ONCE)  # noqa: B023 - asked at once
        ):
            for sha256, kept in some:
                work.tick(0, None, _("files"))
                if not self._is_whole(stream, sha256, kept):
                    bad += 1
                    if forget:
                        CentralPlace(self._central, self._objects, stream).forget_file(sha256)
                last = sha256
        return bad

    def _is_whole(self, stream: bytes, sha256: bytes, kept: KeptFile) -> bool:
        try:
            return digest_of(self._objects, stream, sha256, kept) == sha256
        except NotFound:
            return False

    def close(self) -> None:
        self._central.close()


def _is_sound(one: SignedSegment, stream: bytes, replica: bytes) -> bool:
    try:
        segment = decode(one.body)
    except BadInput:
        return False
    ours = segment.stream == stream and segment.replica == replica
    return ours and one.genuine()
