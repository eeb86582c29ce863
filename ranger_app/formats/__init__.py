"""Every foreign format that Ranger reads or writes, listed once."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.found import Found, Written
from ranger_app.domain.xml_text import HEAD_BYTES, first_element
from ranger_app.durable import flush_folder
from ranger_app.formats import geojson, gpx, megadetector, results_table, smart, speciesnet, table
from ranger_app.i18n import _
from ranger_app.jobs import Work

Read = Callable[..., Found]
Write = Callable[..., Written]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `read(path, work=)` and `write(found, path, work=)` are None where it cannot do that."""

    id: str
    title: Callable[[], str]
    extensions: tuple[str, ...]
    sniff: Callable[[Path, bytes], bool]
    """Whether a file with this beginning (`HEAD_BYTES` of it) is one."""
    read: Read | None = None
    write: Write | None = None


def _is_gpx(_path: Path, head: bytes) -> bool:
    element = first_element(head)
    return element is not None and element.name == "gpx"


def _is_smart(path: Path, head: bytes) -> bool:
    if head.startswith(b"PK\x03\x04"):
        return path.suffix.lower() == ".zip" and zipfile.is_zipfile(path)
    element = first_element(head)
    return element is not None and element.name in smart.DOCUMENTS


def _never(_path: Path, _head: bytes) -> bool:
    return False


FORMATS: tuple[Format, ...] = (
    Format("gpx", lambda: _("GPX of a receiver or phone"), (".gpx",), _is_gpx, gpx.read, gpx.write),
    Format("smart", lambda: _("SMART patrol"), (".xml", ".zip"), _is_smart, smart.read, smart.write),
    Format("geojson", lambda: _("GeoJSON for maps"), (".geojson",), _never, write=geojson.write),
    Format("csv", lambda: _("table of what was seen"), (".csv",), _never, write=table.write),
)
BY_ID = {one.id: one for one in FORMATS}

_BOUNDARIES = frozenset((".geojson", ".gpkg", ".kml", ".kmz", ".shp"))


def sniff(path: Path) -> Format:
    """The format of a file by what is in it. `BadInput` when it is none, `NotFound` when it is not there."""
    head = _head(path)
    for one in FORMATS:
        if one.read is not None and one.sniff(path, head):
            return one
    if not head.strip(b"\0 \t\r\n"):
        raise BadInput(
            _("“{name}” is empty.").format(name=path.name),
            _("Copy it from the receiver again."),
        )
    if any(way.is_one(head) for way in (megadetector, speciesnet, results_table)):
        raise BadInput(
            _("“{name}” holds what a model saw on photos, not patrols.").format(name=path.name),
            _("Take it in with: ranger-app photos read-results FILE"),
        )
    if path.suffix.lower() in _BOUNDARIES:
        raise BadInput(
            _("“{name}” holds areas, not patrols.").format(name=path.name),
            _("To set the site's boundary, choose it under Settings, or say it when making the workspace."),
        )
    raise BadInput(
        _("“{name}” is not in a format that Ranger reads patrols from.").format(name=path.name),
        _("Ranger reads: {formats}.").format(
            formats=", ".join(one.title() for one in FORMATS if one.read is not None)
        ),
    )


def read(path: Path, *, format_id: str | None = None, work: Work | None = None) -> Found:
    """What a file holds, in the named format or the one that it looks like.

    `NotFound` and `BadInput` are about this one file; nothing of it has been kept then.
    """
    chosen = format_named(format_id) if format_id else sniff(path)
    if chosen.read is None:
        raise BadInput(
            _("Ranger writes “{format}” and does not read it.").format(format=chosen.id),
            _("Leave the format out: Ranger finds it by what is in the file."),
        )
    try:
        return chosen.read(path, work=work or Work())
    except OSError as error:
        raise _unreadable(path, error) from None


def write(found: Found, path: Path, *, format_id: str, work: Work | None = None) -> Written:
    """Write what was found, or gathered, in the named format.

    The file takes its place only when it is whole: whatever goes wrong, what was there stays. Raises
    `BadInput` for a format that is not written, `Refused`, or an error of the disk.
    """
    chosen = format_named(format_id)
    if chosen.write is None:
        raise BadInput(
            _("Ranger reads “{format}” and does not write it.").format(format=chosen.id),
            _("Use one of: {formats}.").format(formats=", ".join(f.id for f in FORMATS if f.write)),
        )
    if path.is_dir():
        raise Refused(
            _("“{name}” is a folder.").format(name=path.name),
            _("Give the name of the file to be written, such as patrols{ending}.").format(
                ending=chosen.extensions[0]
            ),
        )
    aside = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        written = chosen.write(found, aside, work=work or Work())
        with aside.open("rb") as whole:
            os.fsync(whole.fileno())
        aside.replace(path)
        flush_folder(path.parent)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return written


def format_named(format_id: str) -> Format:
    """The format with this id; `BadInput` lists them when there is none."""
    try:
        return BY_ID[format_id.lower()]
    except KeyError:
        raise BadInput(
            _("There is no format called “{name}”.").format(name=format_id[:40]),
            _("Use one of: {formats}.").format(formats=", ".join(BY_ID)),
        ) from None


def format_by_ending(path: Path) -> str:
    """The id of the format that files with this ending are written in; `BadInput` lists the endings."""
    for one in FORMATS:
        if one.write is not None and path.suffix.lower() in one.extensions:
            return one.id
    raise BadInput(
        _("“{name}” does not say by its ending what it is to be.").format(name=path.name),
        _("Use one of: {formats}.").format(
            formats=", ".join(ending for one in FORMATS if one.write for ending in one.extensions)
        ),
    )


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> BadInput | NotFound:
    if isinstance(error, FileNotFoundError):
        return NotFound(
            _("“{name}” is not there.").format(name=path.name),
            _("Check the name, and that the stick or receiver is still plugged in."),
        )
    return BadInput(
        _("“{name}” cannot be read: {reason}.").format(name=path.name, reason=error.strerror or error),
        _("Check that you may read it, and that the stick or receiver is still plugged in."),
    )
