"""The sticks that are plugged in, as the system has mounted them, and word when one comes or goes."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QStorageInfo, QTimer, Signal

SYSTEM: str = sys.platform
MOUNTS, BLOCK_DEVICES = Path("/proc/self/mountinfo"), Path("/sys/dev/block")
SOMEBODY_PLUGGED_IN = ("/media/", "/run/media/")
"""Where desktops of Linux mount what a person plugs in."""
OF_THE_SYSTEM = frozenset({"boot", "efi", "home", "nix", "opt", "snap", "srv", "tmp", "usr", "var"})
"""A laptop may run from a stick itself; that is none to carry bundles on."""
LOOK_AGAIN_MS = 2_000
DRIVE_REMOVABLE = 2  # as GetDriveTypeW of Windows says it
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Stick:
    """A place that somebody plugged in: a stick, a card, a disk on a cable."""

    place: Path
    name: str
    free_bytes: int
    size_bytes: int
    read_only: bool = False


def plugged_in() -> list[Stick]:
    """What is plugged in now. A disk may take its time to answer: ask on a worker's thread."""
    return [_told(place) for place in sorted(_places()) if place.is_dir()]


def _told(place: Path) -> Stick:
    storage = QStorageInfo(str(place))
    name = storage.name() or place.name or str(place)
    return Stick(place, name, storage.bytesAvailable(), storage.bytesTotal(), storage.isReadOnly())


def _places() -> list[Path]:
    if SYSTEM == "linux":
        return linux_places(MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"), BLOCK_DEVICES)
    mounted = [one for one in QStorageInfo.mountedVolumes() if one.isValid() and one.isReady()]
    if SYSTEM == "win32":
        return [Path(one.rootPath()) for one in mounted if _is_removable_drive(one.rootPath())]
    return [Path(one.rootPath()) for one in mounted if one.rootPath().startswith("/Volumes/")]


def linux_places(mounts: str, block_devices: Path) -> list[Path]:
    """Of the lines of /proc/self/mountinfo, where a stick is mounted. Nothing is asked of the disks: one
    over a dead network would not answer."""
    return [place for place, device in _mounts(mounts) if _is_stick(place, device, block_devices)]


def _mounts(lines: str) -> Iterator[tuple[Path, str]]:
    """Mount point and device number of each line (see proc_pid_mountinfo(5))."""
    for line in lines.splitlines():
        parts = line.split(" ")
        if len(parts) > 4:
            yield Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), parts[4])), parts[2]


def _is_stick(place: Path, device: str, block_devices: Path) -> bool:
    at = str(PurePosixPath(place))
    if at.startswith(SOMEBODY_PLUGGED_IN):
        return True
    top = place.parts[1:2]
    if not top or top[0] in OF_THE_SYSTEM:
        return False
    if not re.fullmatch(r"\d+:\d+", device):
        return False
    disk = Path(os.path.realpath(block_devices / device))
    return "/usb" in str(disk) or any(_says_removable(one / "removable") for one in (disk, disk.parent))


def _says_removable(file: Path) -> bool:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip() == "1"
    except OSError:
        return False


def _is_removable_drive(root: str) -> bool:
    import ctypes

    windows: Any = ctypes
    return bool(windows.windll.kernel32.GetDriveTypeW(root.replace("/", "\\")) == DRIVE_REMOVABLE)


class StickWatch(QObject):
    """Says when something was plugged in or taken out: Linux tells it, elsewhere we look now and then."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._mounts: int | None = None
        if SYSTEM == "linux" and MOUNTS.exists():
            self._mounts = os.open(MOUNTS, os.O_RDONLY | os.O_CLOEXEC)
            # The kernel marks this file as exceptional once for each change of the mounts.
            told = QSocketNotifier(self._mounts, QSocketNotifier.Type.Exception, self)
            told.activated.connect(self.changed)
            self._told: QSocketNotifier | QTimer = told
        else:
            timer = QTimer(self, interval=LOOK_AGAIN_MS)
            timer.timeout.connect(self.changed)
            timer.start()
            self._told = timer

    def end(self) -> None:
        """Watch no more."""
        if isinstance(self._told, QTimer):
            self._told.stop()
        else:
            self._told.setEnabled(False)
        if self._mounts is not None:
            os.close(self._mounts)
            self._mounts = None
