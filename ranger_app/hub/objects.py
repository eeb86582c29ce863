"""Where a hub with a database keeps the bytes of files: an S3-compatible store, or a folder of its own."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.durable import flush_folder, make_folder
from ranger_app.i18n import _
from ranger_app.storage.faults import disk_told

if TYPE_CHECKING:
    from obstore.store import S3Store

_READ_AT_ONCE = 1 << 20  # bytes
_RETRIES, _RETRY_S, _ANSWER_S = 4, 30, 60
_PROBE = "ranger-hub"


class ObjectsAway(KnownError):
    """The store of files does not answer as it should."""

    code = "files-away"


class Objects(Protocol):
    """Bytes under names of ours. What `put` has returned from is there for good."""

    def put(self, name: str, content: bytes) -> None:
        """Keep it. Under one name there is always the same content."""

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """Its bytes from `start` up to `end`; `NotFound` when it is not there."""

    def remove(self, names: Iterable[str]) -> None:
        """Throw them away, those that are there."""

    def well(self) -> None:
        """`KnownError` when it does not answer."""


def open_objects(place: str, options: Mapping[str, str]) -> Objects:
    """The store that a keeper named: `s3://bucket/prefix` with options as obstore has them, or a folder."""
    if place.startswith("s3://"):
        return StoreObjects(place, options)
    if "://" in place or not Path(place).is_absolute():
        raise BadInput(
            _("“{name}” is no store of files.").format(name=place[:100]),
            _("It looks like s3://bucket/prefix, or is the whole path of a folder."),
        )
    return FolderObjects(Path(place))


class FolderObjects:
    """A folder. Each file is flushed before it gets its name, and its folder after: obstore's own would lose
    what it has said to keep when the power goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self._folder / name
        with disk_told(self._folder):
            make_folder(path.parent)
            handle, aside = tempfile.mkstemp(dir=path.parent)
            try:
                with open(handle, "wb") as out:
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())
                os.replace(aside, path)
            except BaseException:
                Path(aside).unlink(missing_ok=True)
                raise
            flush_folder(path.parent)

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        try:
            source = open(self._folder / name, "rb")  # noqa: SIM115 - closed below
        except FileNotFoundError:
            raise _not_there() from None
        with source, disk_told(self._folder):
            source.seek(start)
            while start < end and (piece := source.read(min(_READ_AT_ONCE, end - start))):
                start += len(piece)
                yield piece

    def remove(self, names: Iterable[str]) -> None:
        with disk_told(self._folder):
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

    def well(self) -> None:
        with disk_told(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)


class StoreObjects:
    """An S3-compatible store, asked for nothing but PUT, GET with a range and DELETE."""

    def __init__(self, url: str, options: Mapping[str, str]) -> None:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        plain = dict(options)
        # Where a store cannot refuse to write over something, it writes the same bytes again.
        self._careful = plain.get("conditional_put", "etag") != "disabled"
        client = {
            "timeout": timedelta(seconds=_ANSWER_S),
            "allow_http": plain.get("endpoint", "").startswith("http:"),
        }
        try:
            self._store: S3Store = S3Store.from_url(
                url,
                config=plain,  # type: ignore[arg-type]
                client_options=client,  # type: ignore[arg-type]
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_RETRY_S)},
            )
        except (BaseError, ValueError) as error:
            raise BadInput(
                _("The store of files is not described as it should be: {why}").format(
                    why=_first_line(error)
                ),
                _("See docs/hub.md for what hub.toml may say."),
            ) from error

    def put(self, name: str, content: bytes) -> None:
        """A store that refuses to write over something does so also while another worker is about to write
        there (412 and 409): what lies there then is looked at. What was written counts when the store's tag
        says that it is that, or when it gives it back."""
        import obstore

        with _told():
            try:
                tag = self._write(name, content, "create" if self._careful else "overwrite")
            except obstore.exceptions.AlreadyExistsError:
                if self._holds(name, content):
                    return
                tag = self._write(name, content, "overwrite")
            if tag != _tag_of(content) and not self._holds(name, content):
                raise ObjectsAway(
                    _("The hub's store of files does not keep what it is given."),
                    _("Tell the hub's keeper; nothing was signed for."),
                )

    def _write(self, name: str, content: bytes, mode: Literal["create", "overwrite"]) -> str | None:
        import obstore

        return obstore.put(self._store, name, content, mode=mode, use_multipart=False)["e_tag"]

    def _holds(self, name: str, content: bytes) -> bool:
        import obstore

        try:
            found = obstore.get(self._store, name)
        except FileNotFoundError:
            return False
        if found.meta["size"] != len(content):
            return False
        at = 0
        for piece in found.stream(min_chunk_size=_READ_AT_ONCE):
            if bytes(piece) != content[at : at + len(piece)]:
                return False
            at += len(piece)
        return at == len(content)

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        import obstore

        if start >= end:
            return
        with _told():
            try:
                found = obstore.get(self._store, name, options={"range": (start, end)})
                for piece in found.stream(min_chunk_size=_READ_AT_ONCE):
                    yield bytes(piece)
            except FileNotFoundError:
                raise _not_there() from None

    def remove(self, names: Iterable[str]) -> None:
        import obstore

        with _told():
            for name in names:
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue

    def well(self) -> None:
        import obstore

        with _told():
            try:
                obstore.head(self._store, _PROBE)
            except FileNotFoundError:
                return


@contextmanager
def _told() -> Iterator[None]:
    """Let the store's faults leave as `KnownError`."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError) as error:
        raise ObjectsAway(
            _("The hub's store of files does not answer as it should: {why}").format(why=_first_line(error)),
            _("Try again later; nothing that was signed for is lost."),
        ) from error


def _tag_of(content: bytes) -> str:
    """The tag that S3 gives what is written in one go, unless the store seals it with keys of its own."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _not_there() -> NotFound:
    return NotFound(_("The hub's store of files lacks a file that should be in it."))
