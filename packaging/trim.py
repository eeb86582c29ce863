"""Leaves out of the frozen program whatever of Qt nothing in it needs.

PyInstaller's hooks collect what Qt might want. We keep the plugins that we name, follow the libraries that
what remains asks for, and drop the rest. Excluding modules alone does little, because hooks collect files.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import PurePath
from typing import Any

Entry = tuple[str, str, str]  # PyInstaller's: where it goes, where it comes from, what kind it is

PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qjpeg", "qsvg", "qwebp", "qtiff", "qgif", "qico"},
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qminimal", "qwindows", "qcocoa"},
    "platformthemes": {"qxdgdesktopportal"},
    "styles": None,  # None: all of them
    "wayland-decoration-client": None,
    "wayland-graphics-integration-client": None,
    "wayland-shell-integration": None,
    "xcbglintegrations": None,
}
UNWANTED = re.compile(r"/Qt/(qml|metatypes|resources|include)/|\.pyi$|\.prl$|WebEngine|QtWebChannel")
QT_WORDS = re.compile(r"/Qt/translations/(?!qtbase_)")


def trim(analysis: Any) -> None:
    """Cut `binaries` and `datas` of a PyInstaller analysis down, in place."""
    before = len(analysis.binaries) + len(analysis.datas)
    analysis.datas = [one for one in analysis.datas if _is_wanted(one)]
    analysis.binaries = _reachable([one for one in analysis.binaries if _is_wanted(one)])
    print(f"trim: {before} files, {len(analysis.binaries) + len(analysis.datas)} of them kept")


def _is_wanted(entry: Entry) -> bool:
    place = PurePath(entry[0]).as_posix()
    if UNWANTED.search(place) or QT_WORDS.search(place):
        return False
    plugin = re.search(r"/plugins/([^/]+)/(?:lib)?([^/.]+)\.", place)
    if not plugin or "/Qt/" not in place:
        return True
    kept = PLUGINS.get(plugin[1], set())
    return kept is None or plugin[2] in kept


def _reachable(binaries: list[Entry]) -> list[Entry]:
    """What is left when every library that nothing asks for is gone; Linux only, elsewhere all stay."""
    if sys.platform != "linux":
        return binaries
    by_name = {PurePath(place).name: (place, source) for place, source, _ in binaries}
    waiting = [source for place, source, _ in binaries if not _is_library(place)]
    seen: set[str] = set()
    needed: set[str] = set()
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        for name in _asks_for(source) & by_name.keys():
            place, found = by_name[name]
            needed.add(place)
            waiting.append(found)
    return [one for one in binaries if not _is_library(one[0]) or one[0] in needed]


def _is_library(place: str) -> bool:
    """Whether a file is there only for others: Qt's own libraries, and the system's at the top."""
    path = PurePath(place)
    alone = len(path.parts) == 1 and ".so" in path.name and not path.name.startswith("libpython")
    return alone or "/Qt/lib/" in path.as_posix()


def _asks_for(source: str) -> set[str]:
    told = subprocess.run(["objdump", "-p", source], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"NEEDED\s+(\S+)", told))
