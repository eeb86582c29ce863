"""Reads bundles: any parts, in any order, any number of times; nothing on a stick is believed unchecked."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ranger_app.domain.errors import BadInput, DiskTrouble, NotFound
from ranger_app.domain.ids import Id
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Work
from ranger_app.security.entries import SignedEntry, unpack_entries
from ranger_app.storage import Workspace
from ranger_app.storage.exchanging import keep_strays, sites, take
from ranger_app.storage.faults import disk_told
from ranger_app.storage.files import StoredFile
from ranger_app.storage.receiving import SignedSegment
from ranger_app.sync.batches import unpack
from ranger_app.sync.frames import (
    DIRECTORY,
    FILE_PIECE,
    HEAD,
    MANIFEST,
    SEGMENTS,
    WHOLE_FILE,
    Frame,
    frames,
)
from ranger_app.sync.manifest import (
    HEAD_NAME,
    MANIFEST_NAME,
    MAX_HEAD,
    MAX_MANIFEST,
    Head,
    Manifest,
    NewerBundle,
    is_part_name,
    part_name,
    read_head,
    read_manifest,
)
from ranger_app.sync.pieces import Pieces
from ranger_app.sync.writing import FOLDER

MAX_PART = 256 << 20  # bytes
MAX_BUNDLES = 1_000
KEPT_FREE = 64 << 20  # bytes that files leave for the changes themselves
TAKEN_AT_ONCE = 4 << 20
"""Bytes gathered before they are applied or kept, so that no bundle fills the memory."""


@dataclass(slots=True)
class BundleShown:
    """What a stick holds, without taking anything from it."""

    folder: Path
    bundle: str
    parts: int
    missing_parts: list[str]
    manifest: Manifest | None


@dataclass(slots=True)
class BundleRead:
    """What was taken from the bundles of a stick, and what could not be."""

    bundles: int = 0
    segments_new: int = 0
    segments_known: int = 0
    segments_refused: int = 0
    files_new: int = 0
    forks: int = 0
    strange_entries: int = 0
    """Entries of lists of devices that this workspace does not follow."""
    damaged: int = 0
    too_new: int = 0
    """Bundles that only a newer version can read."""
    files_without_room: int = 0
    unread_left_out: int = 0
    """Records that this version cannot read and had no room to carry on."""
    missing_parts: list[str] = field(default_factory=list)
    differences: int = 0
    joined: str = ""
    """Name of the site that an empty workspace joined by this."""


def find_bundles(place: Path) -> list[Path]:
    """The bundle folders at a place: a stick, its RANGERSYNC folder, or one bundle."""
    with disk_told(place):
        if not place.is_dir():
            raise NotFound(
                _("“{name}” is not there.").format(name=place), _("Check that the stick is plugged in.")
            )
        if _looks_like_bundle(place):
            return [place]
        root = _inside(place).get(FOLDER, place)
        found = sorted(path for path in root.iterdir() if path.is_dir() and _looks_like_bundle(path))
    if not found:
        raise NotFound(
            _("There is no bundle in “{name}”.").format(name=place),
            _("Choose the stick, or the folder that holds RANGERSYNC."),
        )
    return found[:MAX_BUNDLES]


def _inside(folder: Path) -> dict[str, Path]:
    """What is in a folder, by the names that we wrote: some sticks give them back in small letters."""
    return {path.name.upper(): path for path in folder.iterdir()}


def _looks_like_bundle(folder: Path) -> bool:
    try:
        names = _inside(folder)
    except OSError:  # some folder that the system keeps for itself
        return False
    return any(name == HEAD_NAME or is_part_name(name) for name in names)


def show_bundle(folder: Path) -> BundleShown:
    """Say what a bundle folder holds and what is missing of it; `NewerBundle` when it cannot be read."""
    with disk_told(folder):
        names = _inside(folder)
    head, manifest = _head(names), _manifest(names)
    expected = _expected(names, head, manifest)
    missing = [name for name in expected if not _sound(names.get(name), name, manifest)]
    name = head.bundle if head else manifest.bundle if manifest else folder.name[:8]
    return BundleShown(folder, name, len(expected), missing, manifest)


def read_bundles(workspace: Workspace, place: Path, work: Work) -> BundleRead:
    """Take everything that is sound and new from every bundle at a place. A bundle from a newer version is
    left for that version, and the others are read; when there is no other, `NewerBundle` is raised.
    `DiskTrouble` when files found no room here; everything else was taken then."""
    result = BundleRead()
    joining = not workspace.has_site
    too_new: NewerBundle | None = None
    for folder in find_bundles(place):
        try:
            _read_bundle(workspace, folder, work, result)
            result.bundles += 1
        except NewerBundle as error:
            too_new = error
            result.too_new += 1
    if too_new is not None and not result.bundles:
        raise too_new
    if joining:
        result.joined = _join(workspace, place)
    result.differences = workspace.differences()
    if result.files_without_room:
        raise DiskTrouble(
            ngettext(
                "There is no room on this laptop for {n} file of this bundle.",
                "There is no room on this laptop for {n} files of this bundle.",
                result.files_without_room,
            ).format(n=result.files_without_room),
            _("Free some space and read it again; all changes and the other files were taken."),
        )
    return result


def _read_bundle(workspace: Workspace, folder: Path, work: Work, result: BundleRead) -> None:
    with disk_told(folder):
        names = _inside(folder)
    head, manifest = _head(names), _manifest(names)
    expected = _expected(names, head, manifest)
    for n, name in enumerate(expected):
        work.tick(n, len(expected), f"{folder.name}/{name}")
        path, before = names.get(name), result.damaged
        if path is not None:
            _read_part(workspace, path, work, result)
        if result.damaged > before or not _sound(path, name, manifest):
            result.missing_parts.append(f"{folder.name}/{name}")
            with disk_told(folder):
                os.stat(folder)  # a part that does not read is damage; a stick that is gone is not


def _read_part(workspace: Workspace, path: Path, work: Work, result: BundleRead) -> None:
    """One part. Files are staged for good before the segments that came after them are applied, a bounded
    number in one transaction, each of which leaves a state that is complete in itself."""
    taken = _Taken(workspace, result)
    pieces = Pieces(workspace)
    try:
        if not path.is_file() or path.stat().st_size > MAX_PART:
            result.damaged += 1
            return
        with open(path, "rb") as source:
            for found in frames(source):
                work.tick(result.segments_new, None, path.name)
                _take_record(workspace, found, taken, pieces, result)
    except OSError:  # the stick's; those of our own disk are told as such
        result.damaged += 1
    taken.finish()


def _take_record(
    workspace: Workspace, found: Frame | None, taken: _Taken, pieces: Pieces, result: BundleRead
) -> None:
    if found is None:
        result.damaged += 1
    elif found.type == SEGMENTS:
        segments = _unpacked(found)
        if segments is None:
            result.damaged += 1
        else:
            taken.add(segments)
    elif found.type == DIRECTORY:
        taken.add_entries(found)
    elif found.type in (WHOLE_FILE, FILE_PIECE):
        if not _is_room(workspace, len(found.payload)):
            result.files_without_room += 1
        elif found.type == WHOLE_FILE:
            result.files_new += _keep_file(workspace, found.payload)
        else:
            result.files_new += pieces.put(found.payload)
    elif found.type not in (MANIFEST, HEAD):
        taken.add_stray(found)


class _Taken:
    """What was read and is not applied yet."""

    def __init__(self, workspace: Workspace, result: BundleRead) -> None:
        self._workspace = workspace
        self._result = result
        self._segments: list[SignedSegment] = []
        self._strays: list[tuple[bytes, int, bytes]] = []
        self._entries: list[SignedEntry] = []
        self._size = 0

    def add(self, segments: list[SignedSegment]) -> None:
        for segment in segments:
            self._segments.append(segment)
            self._grow(len(segment.body))

    def add_entries(self, found: Frame) -> None:
        """Directories; they stay at hand while the part is read, since they may wait for their site."""
        try:
            self._entries = unpack_entries(found.payload)
        except BadInput:
            self._result.damaged += 1

    def add_stray(self, found: Frame) -> None:
        self._strays.append((hashlib.sha256(found.payload).digest(), found.type, found.payload))
        self._grow(len(found.payload))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size >= TAKEN_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Apply and keep what was gathered."""
        segments, strays, self._segments, self._strays, self._size = self._segments, self._strays, [], [], 0
        self._workspace.files.settle()
        self._result.unread_left_out += keep_strays(self._workspace, strays)
        if not segments and not self._entries:
            return
        received = take(self._workspace, segments, entries=self._entries)
        self._result.strange_entries += received.entries_strange
        self._result.segments_new += received.new
        self._result.segments_known += received.known
        self._result.segments_refused += received.refused
        self._result.forks += received.forks


def _keep_file(workspace: Workspace, content: bytes) -> int:
    if workspace.files.holds(StoredFile(hashlib.sha256(content).digest(), len(content))):
        return 0
    workspace.files.add_bytes(content, settle=False)
    return 1


def _unpacked(found: Frame) -> list[SignedSegment] | None:
    """The segments in a record; None when it is unsound."""
    try:
        return unpack(found.payload)
    except BadInput:
        return None


def _join(workspace: Workspace, place: Path) -> str:
    """Make the sender's site the home of a workspace that has none."""
    known = {site.id: site for site in sites(workspace)}
    for folder in find_bundles(place):
        with disk_told(folder):
            manifest = _manifest(_inside(folder))
        if manifest is not None and Id(manifest.home) in known:
            workspace.settle_in(Id(manifest.home))
            return known[Id(manifest.home)].name
    if len(known) == 1:
        (site,) = known.values()
        workspace.settle_in(site.id)
        return site.name
    return ""


def _expected(names: Mapping[str, Path], head: Head | None, manifest: Manifest | None) -> list[str]:
    """The names of the parts that there should be; with head and manifest gone, those that are there."""
    if manifest is not None:
        return [part.name for part in manifest.parts]
    if head is not None:
        return [part_name(n) for n in range(1, head.parts + 1)]
    return sorted(filter(is_part_name, names))


def _sound(path: Path | None, name: str, manifest: Manifest | None) -> bool:
    """Whether a part is there and, where the manifest says what it should be, is that."""
    try:
        if path is None or not path.is_file():
            return False
        if manifest is None:
            return True
        expected = next((part for part in manifest.parts if part.name == name), None)
        if expected is None or path.stat().st_size != expected.size_bytes:
            return False
        with open(path, "rb") as source:
            return hashlib.file_digest(source, "sha256").digest() == expected.sha256
    except OSError:
        return False


def _head(names: Mapping[str, Path]) -> Head | None:
    raw = _small_file(names.get(HEAD_NAME), MAX_HEAD)
    for found in frames(io.BytesIO(raw or b"")):
        if found is not None and found.type == HEAD:
            try:
                return read_head(found.payload)
            except NewerBundle:
                raise
            except BadInput:
                return None
    return None


def _manifest(names: Mapping[str, Path]) -> Manifest | None:
    path = names.get(MANIFEST_NAME)
    if _small_file(path, MAX_MANIFEST) is None or path is None:
        return None
    try:
        with open(path, "rb") as source:
            for found in frames(source):
                if found is not None and found.type == MANIFEST:
                    return read_manifest(found.payload)
    except (OSError, BadInput):
        return None
    return None


def _small_file(path: Path | None, limit: int) -> bytes | None:
    """The bytes of a file that is no longer than it may be; None when it is missing or does not read."""
    try:
        if path is None or not path.is_file():
            return None
        with open(path, "rb") as source:
            raw = source.read(limit + 1)
    except OSError:
        return None
    return raw if len(raw) <= limit else None


def _is_room(workspace: Workspace, size: int) -> bool:
    with disk_told(workspace.folder):
        return shutil.disk_usage(workspace.folder).free >= size + KEPT_FREE
