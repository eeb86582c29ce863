"""Where a workspace lies: a copy of its folder, or an older state of it, is told from the workspace itself.

Its numbers must never be used twice, so a copy gets keys of its own before it writes. Copies are noticed by
what the database and this user's settings remember: the folder, the computer, and how far its feed had come.
What is not noticed here, such as the image of a whole disk, is noticed when both sides have written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ranger_app.config import config_dir
from ranger_app.domain.errors import KnownError
from ranger_app.security.keys import public_key_in
from ranger_app.storage.engine import DATABASE
from ranger_app.storage.meta import read_note, write_note

PLACES = "places"
"""By the mark of each computer on which it was opened, the folder where it lay last."""
FILE = "workspaces.json"
MAX_FILE = 1 << 20  # bytes
MAX_COMPUTERS, MAX_WORKSPACES = 64, 500
DEVICE_FOLDER = "device"
_PURPOSE = b"ranger computer v1"


def is_copy(folder: Path, public_key: bytes, replica: bytes, applied: int, database: Any) -> bool:
    """Whether the folder that is opened is a copy of one that is still there, comes from another computer,
    or is an older state of what this computer has seen already."""
    here, mark = folder.resolve(), computer()
    places = _places(database)
    known = _registry().get(replica.hex(), {})
    if int(known.get("seq", 0)) > applied:
        return True
    if mark and places and mark not in places:
        return True
    before = {Path(str(path)) for path in (places.get(mark), known.get("path")) if path}
    return any(_lives_at(path, public_key, besides=here) for path in before)


def note_place(folder: Path, database: Any) -> bool:
    """Remember in the database where it lies, inside the caller's transaction; False if that was known."""
    places, mark, here = _places(database), computer(), str(folder.resolve())
    if places.get(mark) == here:
        return False
    others = [(one, path) for one, path in places.items() if one != mark]
    write_note(database, PLACES, dict([*others[1 - MAX_COMPUTERS :], (mark, here)]))
    return True


def knows_place(folder: Path, database: Any) -> bool:
    """Whether the database says that it lies here."""
    return _places(database).get(computer()) == str(folder.resolve())


def note_state(folder: Path, replica: bytes, applied: int) -> None:
    """Remember among this user's settings how far this workspace's own feed has come. A folder that cannot
    be written is no reason not to work: then only the database remembers."""
    registry = _registry()
    said = {"path": str(folder.resolve()), "seq": applied}
    if registry.get(replica.hex()) == said:
        return
    registry.pop(replica.hex(), None)
    kept = dict([*registry.items()][1 - MAX_WORKSPACES :]) | {replica.hex(): said}
    path = config_dir() / FILE
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        os.replace(aside, path)


def computer() -> str:
    """A mark of this computer that lasts as long as its system; empty where it cannot be told."""
    found = ""
    with suppress(OSError, AttributeError, ImportError):
        found = _windows() if sys.platform == "win32" else _unix()
    return hashlib.sha256(_PURPOSE + found.encode()).hexdigest()[:16] if found else ""


def _unix() -> str:
    return Path("/etc/machine-id").read_text(encoding="ascii", errors="replace").strip()


def _windows() -> str:
    import winreg

    key = r"SOFTWARE\Microsoft\Cryptography"
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:  # type: ignore[attr-defined,unused-ignore]
        return str(winreg.QueryValueEx(opened, "MachineGuid")[0])  # type: ignore[attr-defined,unused-ignore]


def _lives_at(path: Path, public_key: bytes, *, besides: Path) -> bool:
    """Whether a workspace with these keys lies there, which is not the one at `besides` by another name."""
    try:
        return (
            (path / DATABASE).is_file()
            and not os.path.samefile(path / DATABASE, besides / DATABASE)
            and public_key_in(path / DEVICE_FOLDER) == public_key
        )
    except (OSError, KnownError):
        return False


def _places(database: Any) -> dict[str, str]:
    found = read_note(database, PLACES)
    return {str(mark): str(path) for mark, path in found.items()} if isinstance(found, dict) else {}


def _registry() -> dict[str, dict[str, Any]]:
    try:
        with open(config_dir() / FILE, "rb") as source:
            found = json.loads(source.read(MAX_FILE))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {str(one): said for one, said in entries if isinstance(said, dict) and _is_state(said)}


def _is_state(said: dict[str, Any]) -> bool:
    return isinstance(said.get("path"), str) and type(said.get("seq")) is int
