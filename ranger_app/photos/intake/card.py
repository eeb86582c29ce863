"""Walks a memory card or a folder of pictures, without following links or stumbling over what it finds."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.photos.intake.sequences import natural_key

DEPTH_AT_MOST = 32
PHOTO_BYTES_AT_MOST = 256_000_000
"""Ten times the largest camera's picture. A larger file is only taken if it is a clip."""
CLIP_BYTES_AT_MOST = 64 * 2**30
"""Cameras part their films at 4 GB; nothing of one is held in memory. A larger file is left out unread."""
LITTER = frozenset({"thumbs.db", "desktop.ini", "system volume information", "$recycle.bin", "lost.dir"})
CLIP_PREVIEWS = frozenset({".thm"})
WORKSPACE_MARK = "ranger.db"
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be a picture."""

    path: Path
    folder: str
    """Relative to what was added, with forward slashes; empty at the top."""
    name: str
    size_bytes: int

    @property
    def file(self) -> str:
        """Where it lies, relative to what was added."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not taken, and the sentence that says why."""

    file: str
    text: str


@dataclass(slots=True)
class Card:
    """What lies in a folder, in the order in which cameras number their pictures."""

    folder: Path
    found: list[Found] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def read_card(folder: Path) -> Card:
    """List everything under `folder`. Raises `NotFound` or `BadInput` when it cannot be listed at all."""
    if not folder.exists():
        raise NotFound(
            _("There is no folder “{folder}”.").format(folder=shown(str(folder))),
            _("Check that the card is in the reader, and how the folder is written."),
        )
    if not folder.is_dir():
        raise BadInput(
            _("“{folder}” is a file, not a folder.").format(folder=shown(folder.name)),
            _("Give the folder that the pictures are in."),
        )
    card = Card(folder)
    for piece in _walk(folder, "", 0):
        if isinstance(piece, Found):
            card.found.append(piece)
        else:
            card.left_out.append(piece)
    return card


@contextmanager
def opened(found: Found) -> Iterator[tuple[BufferedReader, os.stat_result]]:
    """A file on the card, and what is known of it. Raises `OSError`."""
    handle = os.open(found.path, os.O_RDONLY | _NO_FOLLOW)
    with open(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > CLIP_BYTES_AT_MOST:
            raise OSError(errno.EINVAL, _("it changed meanwhile"))
        yield file, about


def read_file(found: Found) -> bytes:
    """The bytes of a picture on the card. Raises `OSError`."""
    with opened(found) as (file, about):
        if about.st_size > PHOTO_BYTES_AT_MOST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return file.read(about.st_size)


def is_gone(folder: Path) -> bool:
    """Whether the card is not there any more: an empty mount point counts as gone."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def shown(name: str) -> str:
    """A name as it can be kept and shown: what is no text in it, or would steer a terminal, is replaced."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _walk(folder: Path, relative: str, depth: int) -> Iterator[Found | LeftOut]:
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: natural_key(entry.name))
    except OSError as error:
        if not depth:
            raise BadInput(
                _("“{folder}” cannot be opened: {why}.").format(
                    folder=shown(folder.name), why=error.strerror
                ),
                _("Ask for the right to read it, or check the card."),
            ) from error
        yield LeftOut(relative, _("This folder cannot be opened: {why}.").format(why=error.strerror))
        return
    if any(entry.name == WORKSPACE_MARK for entry in listed):
        # Its store holds copies of pictures under names that say nothing.
        yield LeftOut(relative or shown(folder.name), _("This is a workspace of Ranger, not a card."))
        return
    # Files before folders, so that what lies together is taken together.
    for entry in listed:
        if not _is_hidden(entry.name) and not entry.is_dir(follow_symlinks=False):
            yield _file(entry, relative)
    for entry in listed:
        if _is_hidden(entry.name) or not entry.is_dir(follow_symlinks=False):
            continue
        inner = _join(relative, entry.name)
        if depth + 1 > DEPTH_AT_MOST:
            yield LeftOut(inner, _("This folder lies too deep inside others."))
        else:
            yield from _walk(Path(entry.path), inner, depth + 1)


def _file(entry: os.DirEntry[str], relative: str) -> Found | LeftOut:
    name = _join(relative, entry.name)
    if entry.is_symlink():
        return LeftOut(name, _("This is a link, and links are not followed."))
    try:
        about = entry.stat(follow_symlinks=False)
    except OSError as error:
        return LeftOut(name, cannot_be_read(error))
    ending = os.path.splitext(entry.name)[1].lower()
    if not stat.S_ISREG(about.st_mode):
        return LeftOut(name, _("This is not a file."))
    if ending in CLIP_PREVIEWS:
        return LeftOut(name, _("This is only the small preview of a film clip."))
    if not about.st_size:
        return LeftOut(name, _("The file is empty."))
    if about.st_size > CLIP_BYTES_AT_MOST:
        return LeftOut(name, _("The file is too large for a picture or a clip."))
    return Found(Path(entry.path), shown(relative), shown(entry.name), about.st_size)


def cannot_be_read(error: OSError) -> str:
    """The sentence for a file that the card does not give."""
    return _("The file cannot be read: {why}.").format(why=error.strerror or error)


def _join(relative: str, name: str) -> str:
    return f"{shown(relative)}/{shown(name)}" if relative else shown(name)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in LITTER
