"""Takes a model pack from a folder or a zip into the packs of this computer, wholly or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from ranger_app.domain.errors import BadInput, DiskTrouble, NotFound, Refused
from ranger_app.i18n import _
from ranger_app.inference.checking import FILES_AT_MOST, LITTER, PACK_BYTES_AT_MOST, check_pack
from ranger_app.inference.packs.manifest_toml import inside
from ranger_app.inference.packs.pack import MANIFEST, MANIFEST_BYTES_AT_MOST, Pack, read_pack, unfit

COPY_BYTES = 2**20
INCOMING = ".incoming-"
LEFT_OVER_AFTER_S = 86_400
NAME_PARTS_AT_MOST = 4
ENCRYPTED = 0x1
END_BYTES = 22 + 65_535 + 20  # the last record of a zip, its comment, and where zip64 goes on
CONTENTS_BYTES_AT_MOST = 1_000_000


def install_pack(source: Path, packs_dir: Path, *, dirs: Iterable[Path] = ()) -> Pack:
    """Check and try the pack in `source`, a folder or a zip, and put it into `packs_dir`; returns it there.

    dirs: where the parts of a pipeline may lie, besides `packs_dir`.

    A pack that is there already, byte for byte, is left as it is. Raises `NotFound`, `BadInput` (with the
    first problem), `Refused` (another pack has this id and version) or `DiskTrouble`.
    """
    from ranger_app.inference.trial import try_pack

    places = packs_dir, *dirs
    with _disk_trouble(packs_dir):
        packs_dir.mkdir(parents=True, exist_ok=True)
        _sweep(packs_dir)
        with TemporaryDirectory(prefix=INCOMING, dir=packs_dir) as place:
            folder = Path(place) / "pack"
            folder.mkdir()
            if source.is_dir():
                _copy_folder(source, folder, places)
            elif source.is_file():
                _unpack(source, folder)
            else:
                raise NotFound(_("There is no model pack at {path}.").format(path=source))
            problems = check_pack(folder, dirs=places)
            if not problems:
                problems = try_pack(read_pack(folder), dirs=places)
            if problems:
                raise unfit(problems)
            return _settle(read_pack(folder), packs_dir, places)


@contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """The folder of a pack; where `source` is a zip, for as long as it is looked at.

    Raises `BadInput` or `DiskTrouble`.
    """
    if not source.is_file():
        yield source
        return
    with TemporaryDirectory(prefix=INCOMING) as place:
        folder = Path(place) / "pack"
        folder.mkdir()
        with _disk_trouble(folder):
            _unpack(source, folder)
        yield folder


def _sweep(packs_dir: Path) -> None:
    """Remove what an installation left that was killed; one that is under way is younger than that."""
    for place in packs_dir.glob(f"{INCOMING}*"):
        if time.time() - place.stat().st_mtime > LEFT_OVER_AFTER_S:
            shutil.rmtree(place, ignore_errors=True)


def _settle(pack: Pack, packs_dir: Path, places: Sequence[Path]) -> Pack:
    home = packs_dir / f"{pack.id}-{pack.version}"
    if home.exists():
        same = (home / MANIFEST).read_bytes() == (pack.folder / MANIFEST).read_bytes()
        if same and not check_pack(home, dirs=places):
            return read_pack(home)
        raise Refused(
            _("Another model pack {pack} {version} is installed already.").format(
                pack=pack.id, version=pack.version
            ),
            _("Give the new one another version, or remove the folder {folder} first.").format(folder=home),
        )
    os.replace(pack.folder, home)
    return read_pack(home)


def _copy_folder(source: Path, folder: Path, places: Sequence[Path]) -> None:
    """The manifest and the files that it lists; whatever else lies there is not taken."""
    pack = read_pack(source)
    if problems := check_pack(source, dirs=places):
        raise unfit(problems)
    for path in (MANIFEST, *(file.path for file in pack.manifest.files)):
        with (source / path).open("rb") as file:
            _write(file, folder / path, PACK_BYTES_AT_MOST)


def _unpack(source: Path, folder: Path) -> None:
    _look_at_the_end(source)
    try:
        with zipfile.ZipFile(source) as archive:
            left = PACK_BYTES_AT_MOST
            for entry, name in _entries(archive):
                with archive.open(entry) as file:
                    # What the directory says of sizes may be a lie; what is read is counted.
                    left -= _write(file, folder / name, min(left, entry.file_size))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise _no_zip(source) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # the archive points to before its own beginning
            raise _no_zip(source) from error
        raise


def _look_at_the_end(source: Path) -> None:
    """Refuse a zip whose table of contents alone would fill the memory (APPNOTE.TXT 4.3.15, 4.3.16)."""
    with source.open("rb") as file:
        file.seek(-min(END_BYTES, source.stat().st_size), os.SEEK_END)
        tail = file.read(END_BYTES)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 16:
        raise _no_zip(source)
    (contents_bytes,) = struct.unpack_from("<I", tail, place + 12)
    if contents_bytes > CONTENTS_BYTES_AT_MOST or tail.rfind(b"PK\x06\x07", 0, place) >= 0:
        raise BadInput(_("The zip unpacks to more than a model pack may hold."))


def _entries(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """The files of the archive with their names in the pack. Raises `BadInput` for a name that leads out."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    entries = [entry for entry in entries if PurePosixPath(entry.filename).name not in LITTER]
    if len(entries) > FILES_AT_MOST or sum(entry.file_size for entry in entries) > PACK_BYTES_AT_MOST:
        raise BadInput(_("The zip unpacks to more than a model pack may hold."))
    names = [entry.filename for entry in entries]
    manifests = [name for name in names if name == MANIFEST or name.endswith("/" + MANIFEST)]
    if len(manifests) != 1:
        raise BadInput(_("The zip must hold one {manifest}.").format(manifest=MANIFEST))
    top = manifests[0].removesuffix(MANIFEST)
    met: set[str] = set()
    for entry in entries:
        name = entry.filename.removeprefix(top)
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if not entry.filename.startswith(top) or not inside(entry.filename) or link:
            text = _("The zip has a file that would lie outside the pack ({name}).")
            raise BadInput(text.format(name=_short(entry)))
        if len(PurePosixPath(name).parts) > NAME_PARTS_AT_MOST or name.casefold() in met:
            text = _("The zip has a file twice, or too deep in folders ({name}).")
            raise BadInput(text.format(name=_short(entry)))
        if entry.flag_bits & ENCRYPTED or entry.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise BadInput(_("The zip is locked with a password, or packed in a way that is not read here."))
        if name == MANIFEST and entry.file_size > MANIFEST_BYTES_AT_MOST:
            raise BadInput(_("The zip unpacks to more than a model pack may hold."))
        met.add(name.casefold())
        yield entry, name


def _write(source: IO[bytes], target: Path, at_most: int) -> int:
    """Copy at most so many bytes, and have them on the disk; how many they were."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with target.open("xb") as file:
        while chunk := source.read(COPY_BYTES):
            written += len(chunk)
            if written > at_most:
                raise BadInput(_("The zip unpacks to more than a model pack may hold."))
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return written


def _no_zip(source: Path) -> BadInput:
    return BadInput(_("{name} is no whole zip file.").format(name=source.name))


def _short(entry: zipfile.ZipInfo) -> str:
    return "".join(letter for letter in entry.filename[:60] if letter.isprintable())


@contextmanager
def _disk_trouble(packs_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskTrouble(
            _("The model pack could not be put into {folder}: {reason}.").format(
                folder=packs_dir, reason=error.strerror or error
            ),
            _("Free some space.")
            if error.errno == errno.ENOSPC
            else _("Check that the folder can be written to."),
        ) from error
