"""Finds model packs, folders with a `pack.toml`, by name and version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.inference.packs.manifest_toml import inside
from ranger_app.inference.packs.pack import MANIFEST, Pack, read_pack

__all__ = ["FoundPack", "Pack", "find_packs", "pick_pack", "read_pack"]

PACKS_AT_MOST = 500  # folders looked into by `find_packs`


@dataclass(frozen=True, slots=True)
class FoundPack:
    """A folder with a `pack.toml`: the pack, or the sentence that says why it cannot be read."""

    folder: Path
    pack: Pack | None
    problem: str = ""


def find_packs(dirs: Iterable[Path]) -> tuple[FoundPack, ...]:
    """The packs that lie in the folders `dirs`, by id and version; the same pack twice is listed once.

    The first folder wins. A folder that is missing is no fault: there are just no packs in it.
    """
    found: dict[tuple[str, str], FoundPack] = {}
    for folder in _folders(dirs):
        try:
            pack = read_pack(folder)
        except BadInput as error:
            found.setdefault((folder.name, str(folder)), FoundPack(folder, None, error.text))
        else:
            found.setdefault((pack.id, pack.version), FoundPack(folder, pack))
    return tuple(found[key] for key in sorted(found))


def pick_pack(name: str, dirs: Iterable[Path]) -> Pack:
    """The pack called `name`: an id, an id@version, or the path of a folder. Raises `NotFound`, `BadInput`.

    Of several versions the one that sorts highest is taken.
    """
    if (Path(name) / MANIFEST).is_file():
        return read_pack(Path(name))
    packs = [found.pack for found in find_packs(dirs) if found.pack]
    for pack in sorted(packs, key=lambda pack: _version_key(pack.version), reverse=True):
        if name in (pack.id, f"{pack.id}@{pack.version}"):
            return pack
    names = ", ".join(sorted({pack.id for pack in packs})) or "–"
    raise NotFound(
        _("There is no model pack called {name}.").format(name=name),
        _("Choose one of these: {names}.").format(names=names),
    )


def _folders(dirs: Iterable[Path]) -> Iterator[Path]:
    count = 0
    for place in dirs:
        try:
            inner = sorted(place.iterdir())
        except OSError:
            continue
        for folder in inner:
            if not folder.name.startswith(".") and inside(folder.name) and (folder / MANIFEST).is_file():
                count += 1
                if count > PACKS_AT_MOST:
                    return
                yield folder


def _version_key(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in version.split("."))
