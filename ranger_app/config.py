"""Where things are on this computer, and what this user has set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from ranger_app import installed
from ranger_app.domain.errors import DiskTrouble
from ranger_app.i18n import _

RECENT_WORKSPACES = 10
LOCK_AFTER_AT_MOST_MIN = 24 * 60
TEXT_SCALE_FROM, TEXT_SCALE_TO = 0.8, 3.0
SETTINGS_BYTES_AT_MOST = 1_000_000


# ---- places


def resources_dir() -> Path:
    """Form packs, words, icons, base map and report templates, as shipped."""
    return installed("resources")


def models_dir() -> Path:
    """The model packs that are shipped."""
    return installed("models")


def config_dir() -> Path:
    """This user's settings. `RANGER_CONFIG_DIR` moves it, and the two below into it, out of the home."""
    return _own("RANGER_CONFIG_DIR") or _platform("user_config_dir")


def data_dir() -> Path:
    """What this user has added and would miss: further model packs, base maps, logs."""
    return _under_own("data") or _platform("user_data_dir")


def cache_dir() -> Path:
    """What can be made again at any time."""
    return _under_own("cache") or _platform("user_cache_dir")


def _own(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


def _under_own(name: str) -> Path | None:
    own = _own("RANGER_CONFIG_DIR")
    return own / name if own else None


def _platform(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, kind)("ranger", appauthor=False))


# ---- settings


class Appearance(StrEnum):
    """Whether the window is light or dark, or as the computer has it."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Settings:
    """What this user has set; a new setting is one field here and one line in `_READERS`."""

    language: str = ""  # empty: as the computer has it
    appearance: Appearance = Appearance.SYSTEM
    text_scale: float = 1.0
    lock_after_min: int = 10  # quiet minutes until a protected workspace is locked; 0: never
    reviewer: str = ""  # the name put on labels; empty: the computer's account
    last_workspace: Path | None = None
    recent_workspaces: tuple[Path, ...] = ()
    unknown: Mapping[str, object] = field(default_factory=dict)  # a newer Ranger's settings, kept for it

    def with_workspace(self, folder: Path) -> Settings:
        """These settings after `folder` was opened: it is the last one, and the first of the recent ones."""
        folder = folder.absolute()
        recent = (folder, *(other for other in self.recent_workspaces if other != folder))
        return replace(self, last_workspace=folder, recent_workspaces=recent[:RECENT_WORKSPACES])


class SettingsRead(NamedTuple):
    """The settings, and a sentence for each thing in the file that could not be used."""

    settings: Settings
    notes: tuple[str, ...]


def reviewer_name(settings: Settings) -> str:
    """Who labels photos here: the name that was set, else that of the computer's account, else empty."""
    if settings.reviewer.strip():
        return settings.reviewer.strip()
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such account, as in some containers
        return ""


def settings_path() -> Path:
    """The file that holds this user's settings."""
    return config_dir() / "settings.json"


def read_settings() -> SettingsRead:
    """This user's settings. Whatever is missing or damaged is the default, with a note; never an error."""
    path = settings_path()
    try:
        with path.open("rb") as file:
            raw = file.read(SETTINGS_BYTES_AT_MOST + 1)
    except FileNotFoundError:
        return SettingsRead(Settings(), ())
    except OSError as error:
        note = _("Your settings could not be read ({reason}), so the usual ones are used.")
        return SettingsRead(Settings(), (note.format(reason=error.strerror),))
    kept = _parse(raw)
    if kept is None:
        with suppress(OSError):  # kept for whoever can read it; the next change would write over it
            os.replace(path, path.with_suffix(".damaged"))
        note = _("Your settings file is damaged, so the usual settings are used; it is kept as {name}.")
        return SettingsRead(Settings(), (note.format(name=path.with_suffix(".damaged").name),))
    return _understand(kept)


def write_settings(settings: Settings) -> None:
    """Keep the settings for next time, wholly or not at all.

    Raises `DiskTrouble` when the folder cannot be written.
    """
    path = settings_path()
    plain = dict(settings.unknown) | {
        "language": settings.language,
        "appearance": settings.appearance.value,
        "text_scale": settings.text_scale,
        "lock_after_min": settings.lock_after_min,
        "reviewer": settings.reviewer,
        "last_workspace": str(settings.last_workspace) if settings.last_workspace else None,
        "recent_workspaces": [str(folder) for folder in settings.recent_workspaces],
    }
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8") as file:
            json.dump(plain, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise DiskTrouble(
            _("Your settings could not be saved in {folder}: {reason}.").format(
                folder=path.parent, reason=error.strerror
            ),
            _("Free some space there, or ask for the right to write to it."),
        ) from error


def _parse(raw: bytes) -> dict[str, object] | None:
    if len(raw) > SETTINGS_BYTES_AT_MOST:
        return None
    try:
        kept = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return kept if isinstance(kept, dict) else None


def _understand(kept: Mapping[str, object]) -> SettingsRead:
    known: dict[str, Any] = {}
    notes = []
    for name, read in _READERS.items():
        if name not in kept:
            continue
        try:
            known[name] = read(kept[name])
        except (TypeError, ValueError):
            note = _("The setting “{name}” could not be understood, so the usual one is used.")
            notes.append(note.format(name=name))
    unknown = {name: value for name, value in kept.items() if name not in _READERS}
    return SettingsRead(Settings(**known, unknown=unknown), tuple(notes))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _scale(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not TEXT_SCALE_FROM <= value <= TEXT_SCALE_TO:
        raise ValueError(value)
    return float(value)


def _minutes(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    if not 0 <= value <= LOCK_AFTER_AT_MOST_MIN:
        raise ValueError(value)
    return value


def _folder(value: object) -> Path | None:
    return Path(_text(value)) if value else None


def _folders(value: object) -> tuple[Path, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(Path(_text(one)) for one in value[:RECENT_WORKSPACES])


_READERS: Mapping[str, Callable[[object], object]] = {
    "language": _text,
    "appearance": lambda value: Appearance(_text(value)),
    "text_scale": _scale,
    "lock_after_min": _minutes,
    "reviewer": _text,
    "last_workspace": _folder,
    "recent_workspaces": _folders,
}
