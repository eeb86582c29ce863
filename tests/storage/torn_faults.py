"""Faults of the program that only a power cut tells of: what is left out, or done too early."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app import durable
from ranger_app.hub import folder_handed_on, folder_shelf
from ranger_app.security import succession
from ranger_app.storage import backups, engine, files, opening, settling
from ranger_app.sync.bundles import keeping, stick
from tests.sync.planting import Change


@dataclass(frozen=True)
class Fault:
    work: str
    """In which it has to be noticed."""
    changes: tuple[Change, ...]


def fault(work: str, *changes: Change) -> Fault:
    return Fault(work, changes)


FAULTS = {
    "the name of a key is left to the system": fault(
        "join",
        Change(durable.write_whole, "flush_folder(path.parent)", "pass"),
    ),
    "keys are put in place before they are on the disk": fault(
        "passphrase",
        Change(durable.write_whole, "os.fsync(out.fileno())", "pass"),
    ),
    "new keys come before the word that vouches for them": fault(
        "a copied laptop",
        Change(
            succession.renew_vouched_for,
            "return renew(folder, before, first=give_word)",
            "give_word(after := renew(folder, before))\n    return after",
        ),
    ),
    "the folder of a backup is left to the system": fault(
        "a backup",
        Change(durable.make_folder, "(*new, *named)", "()"),
    ),
    "the name of a backup is left to the system": fault(
        "a sealed backup",
        Change(backups.back_up, "flush_folder(folder)", "pass"),
    ),
    "the old database, its log and the new one move in any order": fault(
        "restore",
        Change(
            backups.put_back,
            "kept / present.name)\n                    flush_folder(workspace)",
            "kept / present.name)",
        ),
    ),
    "an older database is upgraded bit by bit": fault(
        "upgrade",
        Change(opening._bring_up_to_date, 'connection.execute("begin immediate")', "pass"),
        Change(opening._bring_up_to_date, 'connection.execute("commit")', "pass"),
    ),
    "the folder of a hub's sites is left to the system": fault(
        "a hub",
        Change(folder_shelf.FolderShelf._make, "make_folder(self._folder)", "self._folder.mkdir()"),
    ),
    "a hub takes a sealed bundle before it is on the disk": fault(
        "a hub",
        Change(folder_handed_on.put_note, "if not for_good:", "if True:"),
    ),
    "the folder of a bundle is left to the system": fault(
        "give",
        Change(durable.make_folder, "(*new, *named)", "new"),
    ),
    "a part has its name before it is on the stick": fault(
        "give, sealed",
        Change(stick.StickFolder.name, "os.fsync(written.fileno())", "pass"),
    ),
    "the names of parts are left to the system": fault(
        "give",
        Change(stick.StickFolder.name, "flush_folder(self.folder)", "pass"),
    ),
    "a receipt is given before what it signs for is on the disk": fault(
        "read",
        Change(engine.connect_raw, "pragma synchronous=full", "pragma synchronous=normal"),
    ),
    "a receipt is given before files have their names for good": fault(
        "read, sealed",
        Change(keeping.Keeping.finish, "self._workspace.files.settle()", "pass"),
    ),
    "a unit is kept before it is on the disk": fault(
        "units",
        Change(engine.connect_raw, "pragma synchronous=full", "pragma synchronous=normal"),
    ),
    "the database never waits for the disk": fault(
        "sealed units",
        Change(engine.connect_raw, "pragma synchronous=full", "pragma synchronous=off"),
    ),
    "a file has its name before it is on the disk": fault(
        "sealed units",
        Change(files._Aside.flush, "os.fsync(self._file.fileno())", "pass"),
    ),
    "the names of files are left to the system": fault(
        "a card",
        Change(settling.Settling.settle, "flush_folder(folder)", "pass"),
    ),
    "the folder that files of a new beginning lie in is left to the system": fault(
        "units",
        Change(files.FileStore._name, "self._settling.add(self._folder)", "pass"),
    ),
    "what a killed program left is believed": fault(
        "a card, after a kill",
        Change(settling.settle_what_was_left, "mark.exists()", "False"),
    ),
}
