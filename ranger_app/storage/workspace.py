"""A workspace: one folder with database, files, keys and backups, open to one program at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cbor2

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import NotFound, Refused, WorkspaceDamaged, WorkspaceTooNew
from ranger_app.domain.ids import Id
from ranger_app.domain.sites import Device, Site
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys, is_sealed, make_keys, new_incarnation, read_keys, write_keys
from ranger_app.storage import migrations
from ranger_app.storage.backups import back_up, put_back
from ranger_app.storage.digest import cached_digest, keep_digest, state_digest
from ranger_app.storage.engine import (
    APPLICATION_ID,
    DATABASE,
    connect_raw,
    flush_folder,
    lock,
    open_engine,
    raw,
)
from ranger_app.storage.faults import database_told, disk_told
from ranger_app.storage.feeds import FeedBook
from ranger_app.storage.files import FileStore, Link, sweep
from ranger_app.storage.query import equal
from ranger_app.storage.reading import Reading
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.unit import Touched, Unit

_HOME = "home site"
Watcher = Callable[[Touched], None]


class Workspace:
    """An open workspace. Reading and writing may be asked for from any thread."""

    def __init__(self, folder: Path, keys: DeviceKeys, holder: Any) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.keys = keys
        self._holder = holder
        self._signer = keys.signer()
        self._writer = open_engine(self.database, keys.database_key, writer=True)
        self._readers = open_engine(self.database, keys.database_key, writer=False)
        self._write_lock = threading.RLock()
        self._writing = threading.local()
        self._watchers: list[Watcher] = []
        self._introduced = False
        self.device_name = ""
        self.files = FileStore(folder / "files", self._find_link)
        self.clock = HybridClock(self._last_stamp())

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @property
    def site_id(self) -> Id:
        """The site that this laptop works for; `NotFound` in a workspace that has not joined one."""
        home = self._meta(_HOME)
        if home is None:
            raise NotFound(
                _("This workspace belongs to no site yet."),
                _("Read the first bundle of the site: ranger-app bundle read DIR --workspace DIR."),
            )
        return Id(home)

    @property
    def has_site(self) -> bool:
        return self._meta(_HOME) is not None

    # -- opening and closing

    @classmethod
    def create(
        cls, folder: Path, *, site: Site | None, passphrase: str | None = None, device: str = ""
    ) -> Workspace:
        """A new workspace in a folder that is not there or is empty. Without a site it joins one later."""
        folder = folder.absolute()
        with disk_told(folder):
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise Refused(
                    _("“{name}” is there already and is not empty.").format(name=folder.name),
                    _("Choose another name; Ranger never writes over what is there."),
                )
            folder.mkdir(parents=True, exist_ok=True)
            holder = lock(folder)
            for part in ("files", "backups", "cache"):
                (folder / part).mkdir()
            keys = make_keys(keyed=passphrase is not None)
            write_keys(folder / "device", keys, passphrase)
        with database_told(folder):
            connection = connect_raw(folder / DATABASE, keys.database_key)
            try:
                connection.execute("begin immediate")
                migrations.make_schema(connection)
                connection.execute("commit")
            finally:
                connection.close()
        with disk_told(folder):
            flush_folder(folder)
            flush_folder(folder.parent)
        made = cls(folder, keys, holder)
        if site is not None:
            made.device_name = device
            made.settle_in(site.site_id)
            with made.unit("new workspace") as unit:
                unit.add(site)
        return made

    @classmethod
    def open(cls, folder: Path, *, passphrase: str | None = None) -> Workspace:
        """Open and lock a workspace; an older one is brought up to date after a verified copy."""
        folder = folder.absolute()
        if not (folder / DATABASE).is_file():
            raise NotFound(
                _("“{name}” is not a Ranger workspace.").format(name=folder.name),
                _("Choose the folder that holds ranger.db, or make a new one: ranger-app new DIR."),
            )
        with disk_told(folder):
            holder = lock(folder)
        try:
            keys = read_keys(folder / "device", passphrase)
            _bring_up_to_date(folder, keys)
            with disk_told(folder):
                sweep(folder / "files")
            return cls(folder, keys, holder)
        except BaseException:
            holder.close()
            raise

    @staticmethod
    def needs_passphrase(folder: Path) -> bool:
        """Whether opening this folder asks for one."""
        return is_sealed(folder / "device")

    def close(self) -> None:
        """Let go of the database and the lock."""
        self._writer.dispose()
        self._readers.dispose()
        self._holder.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading and writing

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One consistent view of the records, for one thread."""
        with database_told(self.folder):
            connection = self._readers.connect()
        with connection:
            yield Reading(connection, self.folder)

    @contextmanager
    def unit(self, action: str, *, by: Id | None = None) -> Iterator[Unit]:
        """One unit of work: all of it is written, or nothing. One at a time; others wait."""
        introduction = self._introduction()
        with self.transaction() as (connection, _database):
            unit = Unit(
                connection,
                keys=self.keys,
                signer=self._signer,
                clock=self.clock,
                author=by or b"",
                action=action[:200],
                place=self.folder,
                introduction=introduction,
            )
            yield unit
            unit.finish()
        self.tell(unit.touched)

    @contextmanager
    def transaction(self) -> Iterator[tuple[Any, Any]]:
        """The writer's connection and the bare one under it, gate open; for units and for merging."""
        if getattr(self._writing, "on", False):
            raise RuntimeError("a unit of work inside another would wait for itself")
        with self._write_lock:
            with database_told(self.folder):
                connection = self._writer.connect()
            self._writing.on = True
            try:
                with connection:
                    with database_told(self.folder):
                        connection.begin()
                        database = raw(connection)
                        database.execute("update gate set open = 1")
                    try:
                        yield connection, database
                        with database_told(self.folder):
                            database.execute("update gate set open = 0")
                            connection.commit()
                    except BaseException:
                        self._undo(connection)
                        raise
            finally:
                self._writing.on = False

    def _undo(self, connection: Any) -> None:
        # SQLite has already rolled back by itself after some errors; the first error is the one to tell.
        if raw(connection).in_transaction:
            raw(connection).rollback()
        connection.invalidate()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` after each commit, on the thread that committed; returns a way to stop that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def tell(self, touched: Touched) -> None:
        """Tell the watchers what changed."""
        if touched:
            for watcher in list(self._watchers):
                watcher(touched)

    # -- the workspace as a whole

    def settle_in(self, site_id: Id) -> None:
        """Make this the laptop's home site."""
        with self.transaction() as (_connection, database):
            _set_meta(database, _HOME, site_id)

    def _introduction(self) -> Device | None:
        """This laptop's entry in the list of devices, to go with the first thing that it writes."""
        if self._introduced or not self.has_site:
            return None
        with self.reading() as data:
            self._introduced = data.count(Device, equal("replica", self.keys.replica)) > 0
        if self._introduced:
            return None
        return Device(
            site_id=self.site_id,
            name=self.device_name or _("laptop {mark}").format(mark=self.keys.replica[:3].hex()),
            replica=self.keys.replica,
            public_key=self.keys.public_key,
        )

    def digest(self, *, afresh: bool = False) -> str:
        """One number for the whole state (see `storage.digest`)."""
        with self.transaction() as (_connection, database), database_told(self.folder):
            book = FeedBook(database)
            kept = None if afresh else cached_digest(database, book)
            if kept is None:
                kept = state_digest(database, book)
                keep_digest(database, book, kept)
        return kept

    def differences(self) -> int:
        """How many fields have two standing values that a person has not settled."""
        with self.reading() as data, database_told(self.folder):
            row = raw(data._connection).execute("select count(*) from difference").fetchone()
        return int(row[0])

    def back_up(self, folder: Path | None = None, *, label: str = "") -> Path:
        """A verified copy of the database among the backups, or in another folder."""
        return back_up(self.database, self.keys.database_key, folder or self.folder / "backups", label=label)

    def rebuild(self) -> tuple[str, str]:
        """Make the state anew from the segments; returns the digests before and after, which should agree."""
        before = self.digest(afresh=True)
        with self.transaction() as (_connection, database), database_told(self.folder):
            rebuild_state(database, self.clock)
        self.tell(Touched({"everything": ()}))
        return before, self.digest(afresh=True)

    def _find_link(self, sha256: bytes) -> Link | None:
        with self.reading() as data, database_told(self.folder):
            row = (
                raw(data._connection)
                .execute("select path, size_bytes, mtime_ns from link where sha256 = ?", (sha256,))
                .fetchone()
            )
        return Link(Path(row[0]), row[1], row[2]) if row else None

    def _meta(self, key: str) -> Any:
        with self.reading() as data, database_told(self.folder):
            row = raw(data._connection).execute("select value from meta where key = ?", (key,)).fetchone()
        return cbor2.loads(row[0]) if row else None

    def _last_stamp(self) -> int:
        with self.reading_raw() as database:
            row = database.execute("select max(hlc) from segment where state = 1").fetchone()
        return int(row[0] or 0)

    @contextmanager
    def reading_raw(self) -> Iterator[Any]:
        """A bare connection on one consistent view, for the rooms of storage itself."""
        with database_told(self.folder), self._readers.connect() as connection:
            connection.begin()
            yield raw(connection)


def restore(folder: Path, backup: Path, *, passphrase: str | None = None) -> Path:
    """Put a backup in place. The laptop becomes a new incarnation, so that no number of its feed is used
    twice; returns where the replaced database is kept."""
    folder = folder.absolute()
    with disk_told(folder), lock(folder):
        keys = read_keys(folder / "device", passphrase)
        kept = put_back(backup, keys.database_key, folder)
        write_keys(folder / "device", new_incarnation(keys), passphrase if keys.database_key else None)
    return kept


def _set_meta(database: Any, key: str, value: Any) -> None:
    database.execute(
        "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
        (key, cbor2.dumps(value)),
    )


def _bring_up_to_date(folder: Path, keys: DeviceKeys) -> None:
    database = folder / DATABASE
    with database_told(folder):
        connection = connect_raw(database, keys.database_key)
        try:
            application = connection.execute("pragma application_id").fetchone()[0]
            found = connection.execute("pragma user_version").fetchone()[0]
            if application != APPLICATION_ID:
                raise WorkspaceDamaged(
                    _("The database of “{name}” is not one of Ranger's.").format(name=folder.name),
                    _("Restore the newest backup: ranger-app restore --workspace DIR."),
                )
            if found > SCHEMA_VERSION:
                raise WorkspaceTooNew(
                    _("“{name}” was made by a newer Ranger.").format(name=folder.name),
                    _("Install the newer version on this laptop; nothing was changed."),
                )
            if found < SCHEMA_VERSION:
                back_up(database, keys.database_key, folder / "backups", label=f"before-v{SCHEMA_VERSION}")
                connection.execute("begin immediate")
                migrations.upgrade(connection, found)
                unread = connection.execute("select 1 from segment where unread = 1 limit 1").fetchone()
                if unread:
                    connection.execute("update gate set open = 1")
                    rebuild_state(connection, HybridClock())
                    connection.execute("update gate set open = 0")
                connection.execute("commit")
        finally:
            connection.close()
