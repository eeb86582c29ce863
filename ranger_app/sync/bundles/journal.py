"""Remembers which parts of a bundle lie on the stick, so that an interrupted writing can be gone on with.

It lies in the cache: without it the parts on the stick are of use all the same, and a new bundle is begun.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.contents import MAX_CONTENTS, Contents, read_contents
from ranger_app.sync.bundles.looking import read_head_in
from ranger_app.sync.bundles.manifest import (
    FOLDER,
    HEAD_NAME,
    MANIFEST_NAME,
    NewerBundle,
    Part,
    is_part_name,
    mark,
)
from ranger_app.sync.bundles.stick import hash_of_file

KEPT = 20
"""Journals of bundles that were never finished; older ones are thrown away."""


class Journal:
    """The parts of one bundle that were written and read back."""

    def __init__(self, workspace: Workspace, bundle: str) -> None:
        self._folder = _place(workspace) / bundle
        self._files = workspace.files
        with suppress(OSError):  # before the first part: a kill may come between its renaming and its note
            self._folder.mkdir(parents=True, exist_ok=True)

    def note(self, part: Part, listed: bytes) -> None:
        """Remember a part and the list of what is in it. What cannot be noted only costs time later."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = self._folder / f"{part.name}.new"
            told = [part.name, part.size_bytes, part.sha256, part.contents, listed]
            aside.write_bytes(self._files.covered(cbor2.dumps(told), self._name(part.name)))
            os.replace(aside, self._folder / part.name)

    def sound_parts(self, folder: Path, work: Work) -> Iterator[tuple[Part, Contents]]:
        """Those parts that still lie on the stick as they were written; each is read anew."""
        noted = sorted(filter(is_part_name, _names(self._folder)))
        for n, name in enumerate(noted):
            work.tick(n, len(noted), _("what was written before"))
            found = self._read(name)
            if found is not None and _is_there(folder, found[0]):
                yield found

    def close(self) -> None:
        """The bundle is finished."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _name(self, part: str) -> bytes:
        return f"journal {self._folder.name} {part}".encode()

    def _read(self, name: str) -> tuple[Part, Contents] | None:
        try:
            with self._files.cached(self._folder / name, self._name(name)).open() as source:
                raw = source.read(MAX_CONTENTS + 1_000)
            told: Any = read_cbor(raw, depth=2)
            part, size, sha256, listed, contents = told
            return Part(part, size, sha256, listed), read_contents(contents)
        except (OSError, ValueError, TypeError, BadInput):
            return None


def unfinished(workspace: Workspace, target: Path, recipients: Sequence[str]) -> str | None:
    """The bundle on a stick that this laptop began for these recipients and did not finish."""
    noted = _names(_place(workspace))
    _throw_old_away(_place(workspace), noted)
    keys = tuple(mark(one.encode()) for one in recipients)
    for bundle in sorted(_names(target / FOLDER)):
        folder = target / FOLDER / bundle
        names = _names(folder)
        # Parts that nothing is noted of are not written over: they may be of use to somebody.
        if MANIFEST_NAME in names or (bundle not in noted and any(map(is_part_name, names))):
            continue
        try:
            head = read_head_in({HEAD_NAME: folder / HEAD_NAME})
        except NewerBundle:
            continue
        if head is not None and (head.bundle, head.sender_mark, head.site_mark, head.key_marks) == (
            bundle,
            mark(workspace.keys.replica),
            mark(workspace.site_id),
            keys,
        ):
            return bundle
    return None


def _place(workspace: Workspace) -> Path:
    return workspace.cache / "bundles"


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _throw_old_away(folder: Path, names: list[str]) -> None:
    with suppress(OSError):
        by_age = sorted(names, key=lambda name: (folder / name).stat().st_mtime)
        for name in by_age[:-KEPT]:
            shutil.rmtree(folder / name, ignore_errors=True)


def _is_there(folder: Path, part: Part) -> bool:
    path = folder / part.name
    try:
        return path.stat().st_size == part.size_bytes and hash_of_file(path) == part.sha256
    except OSError:
        return False
