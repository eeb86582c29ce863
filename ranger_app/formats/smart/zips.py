"""A zip that SMART exported, with its documents and attachments; nothing is ever unpacked to a folder."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found import FoundFile
from ranger_app.domain.xml_text import HEAD_BYTES, first_element
from ranger_app.i18n import _

MAX_ENTRIES = 20_000
MAX_DOCUMENT_BYTES = 1 << 28
MAX_FILE_BYTES = 1 << 28
MAX_TOTAL_BYTES = 1 << 33
MAX_RATIO = 2_000
"""XML packs to a fiftieth at best; a bomb to a thousandth and less."""
DOCUMENTS = frozenset(("patrol", "Waypoint", "waypoint", "DataModel", "ConfigurableModel"))


class Zip:
    """An open zip whose table of contents was checked. Names in it are only ever compared, never opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            raise _bad(_("The zip is damaged or breaks off.")) from None
        entries = self._zip.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or unpacked > MAX_TOTAL_BYTES:
            self._zip.close()
            raise _bad(_("The zip would unpack to more than any patrol has."))
        self._entries = [e for e in entries if not e.is_dir()]

    def __enter__(self) -> Zip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def documents(self) -> list[zipfile.ZipInfo]:
        """The entries that are XML of SMART."""
        out = []
        for entry in self._entries:
            if not entry.filename.lower().endswith(".xml"):
                continue
            element = first_element(_read(self._zip, entry, HEAD_BYTES, whole=False))
            if element is not None and element.name in DOCUMENTS:
                out.append(entry)
        return out

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        return _read(self._zip, entry, MAX_DOCUMENT_BYTES, whole=True)

    def files(self) -> dict[str, FoundFile]:
        """The attachments by their bare names; two of one name are one."""
        out: dict[str, FoundFile] = {}
        for entry in self._entries:
            name = PurePosixPath(entry.filename.replace("\\", "/")).name
            if name and entry.file_size <= MAX_FILE_BYTES and not name.lower().endswith(".xml"):
                out.setdefault(
                    name.casefold(),
                    FoundFile(
                        name=name,
                        size_bytes=entry.file_size,
                        read=partial(_read_again, self._path, entry.filename),
                    ),
                )
        return out


def _read_again(path: Path, entry_name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as again:
            return _read(again, again.getinfo(entry_name), MAX_FILE_BYTES, whole=True)
    except (zipfile.BadZipFile, KeyError, OSError):
        raise _bad(
            _("An attachment in “{name}” could not be read any more.").format(name=path.name)
        ) from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int, *, whole: bool) -> bytes:
    """Up to `limit` bytes of an entry, however many it claims to have."""
    if entry.file_size > MAX_RATIO * max(entry.compress_size, 1) and entry.file_size > 1 << 20:
        raise _bad(_("The zip holds a file that unpacks to a thousand times its size."))
    try:
        with archive.open(entry) as stream:
            raw = stream.read(limit + 1 if whole else limit)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise _bad(_("“{name}” in the zip is damaged or locked.").format(name=entry.filename[:80])) from None
    if len(raw) > limit:
        raise _bad(_("“{name}” in the zip is too large.").format(name=entry.filename[:80]))
    return raw


def _bad(text: str) -> BadInput:
    return BadInput(text, _("Export it from SMART again; nothing of it was taken."))
