"""The keys that a laptop writes with: new ones where its folder was copied, vouched for by those before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ranger_app.security.entries import SignedEntry
from ranger_app.security.keys import DeviceKeys
from ranger_app.security.succession import renew_vouched_for, successions
from ranger_app.storage.changes.directories import admit, entries_of
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.faults import disk_told
from ranger_app.storage.meta import COPIED, DEVICE, HOME, read_note, write_note


class OwnKeys:
    """A laptop's keys, kept in a folder of its workspace."""

    def __init__(self, folder: Path, keys: DeviceKeys) -> None:
        self.keys = keys
        self.signer = keys.signer()
        self._folder = folder
        self._vouched_for = b""
        """The replica that the directory is known to have, as far as anything vouches for it."""

    def make_ready(self, database: Any, keep: Callable[[], None]) -> None:
        """Before anything is written: leave keys that somebody else has too, and put among the entries of the
        directory what vouches for the present ones. `keep` makes sure of what was written so far: the keys
        are new whatever becomes of the unit of work that is the first under them."""
        if self._are_copied(database):
            self._keep_name(database)
            keep()
            self._renew(home=read_note(database, HOME))
        if self._vouched_for != self.keys.replica:
            if admit(database, FeedBook(database), self._vouched()).new:
                keep()
            self._vouched_for = self.keys.replica

    def are_told(self, database: Any) -> bool:
        """Whether what vouches for the present keys is among the entries of the directory. After a restore it
        is not, and until it is, this laptop is none of its site's devices."""
        home, vouched = read_note(database, HOME), self._vouched()
        return not vouched or home is None or {*vouched} <= {*entries_of(database, home)}

    def tell(self, database: Any) -> None:
        """Put what vouches for the present keys among the entries of the directory."""
        admit(database, FeedBook(database), self._vouched())

    def _vouched(self) -> Sequence[SignedEntry]:
        with disk_told(self._folder.parent):
            return successions(self._folder)

    def _are_copied(self, database: Any) -> bool:
        question = "select exists (select 1 from feed where replica = ? and forked_at is not null)"
        forked = database.execute(question, (self.keys.replica,)).fetchone()[0]
        return bool(forked) or read_note(database, COPIED) == self.keys.replica

    def _keep_name(self, database: Any) -> None:
        name = database.execute("select name from device where replica = ?", (self.keys.replica,)).fetchone()
        if name is not None:
            write_note(database, DEVICE, name[0])

    def _renew(self, *, home: bytes | None) -> None:
        before = self.keys
        with disk_told(self._folder.parent):
            self.keys = renew_vouched_for(self._folder, before, home)
        self.signer = self.keys.signer()
