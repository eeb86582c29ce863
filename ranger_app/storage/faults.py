"""Turns what the database and the disk complain about into sentences with a way out."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from ranger_app.domain.errors import DiskTrouble, KnownError, WorkspaceDamaged, WorkspaceLocked
from ranger_app.i18n import _

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def database_told(place: Path) -> Iterator[None]:
    """Let the database's faults of the world leave as `KnownError`; a bug in our SQL leaves as it is."""
    try:
        yield
    except DBAPIError as error:
        raise _from_database(str(error.orig), place) or error from error
    except dbapi2.Error as error:
        raise _from_database(str(error), place) or error from error


@contextmanager
def disk_told(place: Path) -> Iterator[None]:
    """Let the file system's faults leave as `KnownError`."""
    try:
        yield
    except OSError as error:
        raise from_disk(error, place) from error


def from_disk(error: OSError, place: Path) -> KnownError:
    """The sentence for an error of the file system at `place`."""
    if error.errno in _FULL:
        return DiskTrouble(
            _("The disk with “{name}” is full.").format(name=place.name),
            _("Free some space and do it again; nothing half-written was kept."),
        )
    if error.errno in _READ_ONLY:
        return DiskTrouble(
            _("“{name}” cannot be written to.").format(name=place.name),
            _("Choose a folder that you may write to, or ask for the right to."),
        )
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR):
        return DiskTrouble(
            _("“{name}” is not there, or went away half way.").format(name=place.name),
            _("Check that the disk or stick is still plugged in."),
        )
    return DiskTrouble(
        _("“{name}” could not be read or written: {why}.").format(
            name=place.name, why=error.strerror or error
        ),
        _("Check the disk; what was saved before is safe."),
    )


def _from_database(message: str, place: Path) -> KnownError | None:
    said = message.lower()
    if "is full" in said:
        return from_disk(OSError(errno.ENOSPC, message), place)
    if "readonly" in said or "read-only" in said:
        return from_disk(OSError(errno.EROFS, message), place)
    if "locked" in said or "busy" in said:
        return WorkspaceLocked(
            _("Another program is writing to “{name}”.").format(name=place.name),
            _("Close the other window and try again."),
        )
    if "malformed" in said or "not a database" in said or "corrupt" in said:
        return WorkspaceDamaged(
            _("The database of “{name}” does not read as it was written.").format(name=place.name),
            _("Restore the newest backup: ranger-app restore --workspace DIR."),
        )
    if "disk i/o" in said or "unable to open" in said:
        return DiskTrouble(
            _("The disk with “{name}” does not answer as it should.").format(name=place.name),
            _("Check that it is plugged in and not full; what was saved before is safe."),
        )
    return None
