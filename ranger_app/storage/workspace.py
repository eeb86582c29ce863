"""A workspace: one folder with database, files, keys and backups, open to one program at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlcipher3 import dbapi2

from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import DiskTrouble, NotFound
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.seeing import Eyes
from ranger_app.domain.sites import Device, Erasure, Site
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys, is_sealed, read_keys
from ranger_app.storage import whereabouts
from ranger_app.storage.backups import back_up
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.digest import cached_digest, keep_digest, state_digest, vector_hash
from ranger_app.storage.engine import DATABASE, bare_reading, open_engine, raw
from ranger_app.storage.faults import database_told
from ranger_app.storage.files import FileStore, Link, sweep_shown
from ranger_app.storage.meta import COPIED, DEVICE, HOME, read_note, write_note
from ranger_app.storage.opening import DEVICE_FOLDER, Unlock, clear_away, lay_out, take_hold
from ranger_app.storage.own_keys import OwnKeys
from ranger_app.storage.reading import Reading
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.sight import Beholder, Looker, eyes_here
from ranger_app.storage.touched import Touched
from ranger_app.storage.unit import Unit
from ranger_app.storage.unsettled import count_differences
from ranger_app.storage.wiping import wipe

Watcher = Callable[[Touched], None]


class Workspace:
    """An open workspace. Reading and writing may be asked for from any thread."""

    def __init__(self, folder: Path, keys: DeviceKeys, holder: Any) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self._own = OwnKeys(folder / DEVICE_FOLDER, keys)
        self._holder = holder
        self._writer = open_engine(self.database, keys.database_key, writer=True)
        self._readers = open_engine(self.database, keys.database_key, writer=False)
        self._write_lock = threading.RLock()
        self._writing = threading.local()
        self._watchers: list[Watcher] = []
        self._introduced = b""
        """The replica that the list of devices is known to have."""
        self._beholder = Beholder()
        self.author: Id | None = None
        """Who is signed in: the person that everything written here names."""
        self.files = FileStore(folder / "files", self._find_link, key=keys.files_key)
        self.clock = self._clock()

    @property
    def keys(self) -> DeviceKeys:
        """What this laptop writes with; other ones once its folder turns out to have been copied."""
        return self._own.keys

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @property
    def site_id(self) -> Id:
        """The site that this laptop works for; `NotFound` in a workspace that has not joined one."""
        home = self._note(HOME)
        if home is None:
            raise NotFound(
                _("This workspace belongs to no site yet."),
                _("Read the first bundle of the site: ranger-app bundle read DIR --workspace DIR."),
            )
        return Id(home)

    @property
    def has_site(self) -> bool:
        return self._note(HOME) is not None

    # -- opening and closing

    @classmethod
    def create(
        cls, folder: Path, *, site: Site | None, passphrase: str | None = None, device: str = ""
    ) -> Workspace:
        """A new workspace in a folder that is not there or is empty. Without a site it joins one later."""
        folder = folder.absolute()
        keys, holder = lay_out(folder, passphrase)
        made = cls(folder, keys, holder)
        try:
            with made.transaction() as (connection, database):
                whereabouts.note_place(folder, database)
                if device:
                    write_note(database, DEVICE, device)
                if site is not None:
                    write_note(database, HOME, site.site_id)
                    unit = made._begin(connection, "new workspace", None)
                    unit.add(site)
                    unit.finish()
        except BaseException:
            made.close()
            clear_away(folder)
            raise
        return made

    @classmethod
    def open(cls, folder: Path, *, passphrase: str | None = None, unlock: Unlock | None = None) -> Workspace:
        """Open and lock a workspace, by the laptop's passphrase or as `unlock` has it; an older one is
        brought up to date after a verified copy."""
        folder = folder.absolute()
        keys, holder = take_hold(folder, unlock or (lambda device: read_keys(device, passphrase)))
        try:
            opened = cls(folder, keys, holder)
            opened._look_around()
        except BaseException:
            holder.close()
            raise
        return opened

    @staticmethod
    def needs_passphrase(folder: Path) -> bool:
        """Whether opening this folder asks for one."""
        return is_sealed(folder / "device")

    def close(self) -> None:
        """Let go of the database and the lock."""
        with suppress(DiskTrouble), self.reading_raw() as database:
            if read_note(database, COPIED) != self.keys.replica:
                whereabouts.note_state(self.folder, self.keys.replica, self._written(database))
        self._writer.dispose()
        self._readers.dispose()
        with suppress(DiskTrouble):
            self.files.close()
        sweep_shown(self.folder)
        self._holder.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading and writing

    @property
    def eyes(self) -> Eyes:
        """What may be seen by whoever is signed in on this laptop."""
        with self.reading_raw() as database:
            return eyes_here(database, self.keys.replica, self.author or b"")

    @contextmanager
    def reading(self, *, eyes: Eyes | None = None, whole: bool = False) -> Iterator[Reading]:
        """One consistent view of the records, for one thread: as whoever is signed in may see them, and no
        more than `eyes` see. `whole` is for what nobody is shown, such as telling what is the same."""
        with database_told(self.folder):
            connection = self._readers.connect()
        with connection:
            with database_told(self.folder):
                connection.begin()
                looker = None if whole else self._looker(raw(connection), eyes)
            yield Reading(connection, self.folder, looker=looker)

    def _looker(self, database: Any, eyes: Eyes | None, book: FeedBook | None = None) -> Looker | None:
        return self._beholder.looker(database, self.keys.replica, self.author or b"", eyes, book)

    @contextmanager
    def unit(self, action: str, *, by: Id | None = None) -> Iterator[Unit]:
        """One unit of work: all of it is written, or nothing. One at a time; others wait."""
        with self.transaction() as (connection, _database):
            with database_told(self.folder):
                unit = self._begin(connection, action, by)
            yield unit
            unit.finish()
        self.tell(unit.touched)

    def _begin(self, connection: Connection, action: str, by: Id | None) -> Unit:
        database = raw(connection)
        self._own.make_ready(database, lambda: _keep(connection))
        book = FeedBook(database)
        return Unit(
            connection,
            book=book,
            keys=self.keys,
            signer=self._own.signer,
            clock=self.clock,
            author=by or self.author or b"",
            action=action[:200],
            place=self.folder,
            introduction=self._introduction(database),
            looker=self._looker(database, None, book),
        )

    @contextmanager
    def transaction(self) -> Iterator[tuple[Connection, Any]]:
        """The writer's connection and the bare one under it, gate open; for units and for merging."""
        if getattr(self._writing, "on", False):
            raise RuntimeError("a unit of work inside another would wait for itself")
        with self._write_lock:
            with database_told(self.folder):
                connection = self._writer.connect()
            self._writing.on = True
            try:
                with connection:
                    try:
                        with database_told(self.folder):
                            _begin(connection)
                        yield connection, raw(connection)
                        with database_told(self.folder):
                            _commit(connection)
                    except BaseException:
                        self._undo(connection)
                        raise
            finally:
                self._writing.on = False

    def _undo(self, connection: Connection) -> None:
        # SQLite has already rolled back by itself after some errors, and a disk that is gone lets nothing
        # be rolled back: the first error is the one to tell. The connection is not used again.
        with suppress(SQLAlchemyError, dbapi2.Error):
            if raw(connection).in_transaction:
                raw(connection).rollback()
        connection.invalidate()

    def watch(self, watcher: Watcher, *, first: bool = False) -> Callable[[], None]:
        """Call `watcher` after each commit, on the thread that committed; returns a way to stop that.

        `first` is for a room that forgets what it remembers: whoever else hears of the commit may read at
        once, and must not be given what held before it.
        """
        self._watchers.insert(0 if first else len(self._watchers), watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def tell(self, touched: Touched) -> None:
        """Tell the watchers what changed."""
        self._beholder.forget()
        if Erasure.NAME in touched.kinds:
            with self._write_lock:
                wipe(self.folder, self.cache, self.files, self._writer)
        if touched:
            for watcher in list(self._watchers):
                watcher(touched)

    # -- the workspace as a whole

    def settle_in(self, site_id: Id) -> None:
        """Make this the laptop's home site."""
        with self.transaction() as (_connection, database), database_told(self.folder):
            write_note(database, HOME, site_id)

    def note_copied(self, database: Any) -> None:
        """Remember that a copy of this workspace has written with this laptop's keys: they are left for
        fresh ones before anything else is written. Inside the caller's transaction."""
        write_note(database, COPIED, self.keys.replica)

    def _look_around(self) -> None:
        """Notice that this folder is a copy, or older than what was seen here (see `whereabouts`), and that a
        backup was put back: who works here signs in before anything is written."""
        with self.reading_raw() as database:
            at_home = whereabouts.knows_place(self.folder, database) and not self._is_copy(database)
            if at_home and self._own.are_told(database):
                return
        with suppress(DiskTrouble), self.transaction() as (_connection, database):
            if self._is_copy(database):
                self.note_copied(database)
            whereabouts.note_place(self.folder, database)
            self._own.tell(database)

    def _is_copy(self, database: Any) -> bool:
        keys = self.keys
        return whereabouts.is_copy(
            self.folder, keys.public_key, keys.replica, self._written(database), database
        )

    def _written(self, database: Any) -> int:
        """How many segments this laptop has written under its present keys."""
        return sum(feed.applied for feed in FeedBook(database).feeds_of(self.keys.replica))

    def _introduction(self, database: Any) -> Device | None:
        """This laptop's entry in the list of devices, to go with the first thing that it writes."""
        replica = self.keys.replica
        if self._introduced == replica:
            return None
        home = read_note(database, HOME)
        if home is None:
            return None
        if database.execute("select 1 from device where replica = ?", (replica,)).fetchone():
            self._introduced = replica
            return None
        return Device(
            id=derived_id(0, "device", replica),
            site_id=Id(home),
            name=self._name(database),
            replica=replica,
            public_key=self.keys.public_key,
        )

    @property
    def device_name(self) -> str:
        """What this laptop is called in the list of devices."""
        with self.reading_raw() as database:
            return self._name(database)

    def _name(self, database: Any) -> str:
        given = read_note(database, DEVICE)
        return str(given) if given else _("laptop {mark}").format(mark=self.keys.replica[:3].hex())

    def digest(self, *, afresh: bool = False) -> str:
        """One number for the whole state (see `storage.digest`)."""
        with self.reading_raw() as database, database_told(self.folder):
            book = FeedBook(database)
            kept = None if afresh else cached_digest(database, book)
            if kept is not None:
                return kept
            found, of = state_digest(database, book), vector_hash(database, book)
        # Kept so as not to be worked out again; a full disk or a unit under way is no reason not to know it.
        if not getattr(self._writing, "on", False):
            with (
                suppress(DiskTrouble),
                self.transaction() as (_connection, database),
                database_told(self.folder),
            ):
                keep_digest(database, of, found)
        return found

    def differences(self) -> int:
        """How many fields have several standing values that a person has not settled."""
        with self.reading_raw() as database, database_told(self.folder):
            return count_differences(database)

    def back_up(self, folder: Path | None = None, *, label: str = "") -> Path:
        """A verified copy of the database among the backups, or in another folder."""
        if folder is None:
            return back_up(self.database, self.keys.database_key, self.folder / "backups", label=label)
        name = label or self.folder.stem
        return back_up(self.database, self.keys.database_key, folder, label=name, keep_all=True)

    def rebuild(self) -> tuple[str, str]:
        """Make the state anew from the segments; returns the digests before and after, which should agree."""
        before = self.digest(afresh=True)
        with self.transaction() as (_connection, database), database_told(self.folder):
            rebuild_state(database)
        self.tell(Touched({"everything": ()}))
        return before, self.digest(afresh=True)

    def _find_link(self, sha256: bytes) -> Link | None:
        question = "select path, size_bytes, mtime_ns from link where sha256 = ?"
        with self.reading_raw() as database:
            row = database.execute(question, (sha256,)).fetchone()
        return Link(Path(row[0]), row[1], row[2]) if row else None

    def _note(self, key: str) -> Any:
        with self.reading_raw() as database:
            return read_note(database, key)

    def _clock(self) -> HybridClock:
        """A clock that goes on from what this laptop has written, and from what others have as far as
        theirs can be believed."""
        clock = HybridClock()
        with self.reading_raw() as database:
            for replica, stamp in database.execute("select replica, stamp from feed"):
                if replica == self.keys.replica:
                    clock.last = max(clock.last, stamp)
                else:
                    clock.hear(stamp)
        return clock

    @contextmanager
    def reading_raw(self) -> Iterator[Any]:
        """A bare connection on one consistent view, for the rooms of storage itself."""
        with database_told(self.folder), bare_reading(self._readers) as database:
            yield database


def _begin(connection: Connection) -> None:
    connection.begin()
    raw(connection).execute("update gate set open = 1")


def _commit(connection: Connection) -> None:
    raw(connection).execute("update gate set open = 0")
    connection.commit()


def _keep(connection: Connection) -> None:
    """Make sure of what was written so far, and go on."""
    _commit(connection)
    _begin(connection)
