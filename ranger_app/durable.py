"""Puts files and folders on the disk so that they are there when the power comes back."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

_CANNOT_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}


def write_whole(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all, by its name too, and readable by its owner alone."""
    aside = path.with_name(path.name + ".new")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, path)
        flush_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def make_folder(folder: Path, *, below: Path | None = None) -> None:
    """Make a folder with those above it, and the names of all that are new durable. What is below `below`, or
    if that is not said the folder itself, is made sure of even if it was there: whoever made it may have been
    killed before that. A folder above that may not be read is left to the system."""
    below = below or folder.parent
    new = [one for one in (below, *below.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    named = [one for one in (folder, *folder.parents) if one.is_relative_to(below) and one != below]
    for one in (*new, *named):
        with suppress(PermissionError):
            flush_folder(one.parent)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable. Windows does so by itself; some network and stick drivers do not
    know the question, and there is nothing else that could be done there."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise
    finally:
        os.close(handle)
