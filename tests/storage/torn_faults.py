"""Faults of the program that only a power cut tells of: what is left out, or done too early."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.storage import engine, files, settling
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
    "the folder of a bundle is left to the system": fault(
        "give",
        Change(engine.make_folder, "flush_folder(one.parent)", "pass"),
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
