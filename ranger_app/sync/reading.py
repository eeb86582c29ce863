"""Reads bundles: any parts, in any order, any number of times; nothing on a stick is believed unchecked."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
import zstandard

from ranger_app.domain.errors import BadInput, DiskTrouble, NotFound
from ranger_app.domain.ids import Id
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.storage.exchanging import keep_strays, sites, take
from ranger_app.storage.faults import disk_told
from ranger_app.storage.receiving import SignedSegment
from ranger_app.storage.segments import MAX_SEGMENT
from ranger_app.sync.frames import FILE_PIECE, MANIFEST, MAX_PAYLOAD, SEGMENTS, WHOLE_FILE, Frame, frames
from ranger_app.sync.manifest import (
    HEAD_NAME,
    MANIFEST_NAME,
    MAX_HEAD,
    Head,
    Manifest,
    part_name,
    read_head,
    read_manifest,
)
from ranger_app.sync.pieces import Pieces
from ranger_app.sync.writing import FOLDER

MAX_PART = 256 << 20  # bytes
MAX_BATCH = 256 << 20  # bytes of segments in one record, once unpacked
MAX_BUNDLES = 1_000
_STRAYS_AT_ONCE = 64


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
    damaged: int = 0
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
        if (place / HEAD_NAME).is_file() or any(place.glob("P*.RSB")):
            return [place]
        root = place / FOLDER if (place / FOLDER).is_dir() else place
        found = sorted(p for p in root.iterdir() if p.is_dir() and _looks_like_bundle(p))
    if not found:
        raise NotFound(
            _("There is no bundle in “{name}”.").format(name=place),
            _("Choose the stick, or the folder that holds RANGERSYNC."),
        )
    return found[:MAX_BUNDLES]


def _looks_like_bundle(folder: Path) -> bool:
    return (folder / HEAD_NAME).is_file() or any(folder.glob("P*.RSB"))


def show_bundle(folder: Path) -> BundleShown:
    """Say what a bundle folder holds and what is missing of it."""
    head, manifest = _head(folder), _manifest(folder)
    expected = _expected(folder, head, manifest)
    missing = [name for name in expected if not _sound(folder / name, manifest)]
    name = head.bundle if head else manifest.bundle if manifest else folder.name[:8]
    return BundleShown(folder, name, len(expected), missing, manifest)


def read_bundles(workspace: Workspace, place: Path, work: Work) -> BundleRead:
    """Take everything that is sound and new from every bundle at a place."""
    result = BundleRead()
    joining = not workspace.has_site
    for folder in find_bundles(place):
        _read_bundle(workspace, folder, work, result)
        result.bundles += 1
    if joining:
        result.joined = _join(workspace, place)
    result.differences = workspace.differences()
    return result


def _read_bundle(workspace: Workspace, folder: Path, work: Work, result: BundleRead) -> None:
    head, manifest = _head(folder), _manifest(folder)
    expected = _expected(folder, head, manifest)
    if manifest is not None:
        _need_space(workspace, 2 * manifest.file_bytes)
    for n, name in enumerate(expected):
        work.tick(n, len(expected), f"{folder.name}/{name}")
        path = folder / name
        if not path.is_file() or path.stat().st_size > MAX_PART:
            result.missing_parts.append(f"{folder.name}/{name}")
            continue
        before = result.damaged
        _read_part(workspace, path, work, result)
        if result.damaged > before or not _sound(path, manifest):
            result.missing_parts.append(f"{folder.name}/{name}")


def _read_part(workspace: Workspace, path: Path, work: Work, result: BundleRead) -> None:
    """One part: files are staged for good first, then its segments are applied in one transaction."""
    segments: list[SignedSegment] = []
    odd: list[tuple[bytes, int, bytes]] = []
    pieces = Pieces(workspace)
    with disk_told(path), open(path, "rb") as source:
        for found in frames(source):
            work.tick(result.segments_new, None, path.name)
            if found is None:
                result.damaged += 1
            elif found.type == SEGMENTS:
                taken = _unpacked(found)
                if taken is None:
                    result.damaged += 1
                else:
                    segments += taken
            elif found.type == WHOLE_FILE:
                result.files_new += _keep_file(workspace, found.payload)
            elif found.type == FILE_PIECE:
                result.files_new += pieces.put(found.payload)
            elif found.type != MANIFEST and len(odd) < _STRAYS_AT_ONCE:
                odd.append((hashlib.sha256(found.payload).digest(), found.type, found.payload))
    workspace.files.settle()
    keep_strays(workspace, odd)
    received = take(workspace, segments)
    result.segments_new += received.new
    result.segments_known += received.known
    result.segments_refused += received.refused
    result.forks += received.forks


def _keep_file(workspace: Workspace, content: bytes) -> int:
    if workspace.files.has(hashlib.sha256(content).digest()):
        return 0
    _need_space(workspace, len(content))
    workspace.files.add_bytes(content, settle=False)
    return 1


def _unpacked(found: Frame) -> list[SignedSegment] | None:
    """The segments in a record, with its size bounded while it is unpacked; None when it is unsound."""
    try:
        raw = b"".join(_decompress(found.payload))
        batch = cbor2.loads(raw, max_depth=4, allow_indefinite=False)
        return [_signed(*entry) for entry in batch]
    except (zstandard.ZstdError, cbor2.CBORDecodeError, ValueError, TypeError, BadInput):
        return None


def _decompress(payload: bytes) -> Iterator[bytes]:
    if zstandard.get_frame_parameters(payload).content_size > MAX_BATCH:
        raise BadInput(_("A record of the bundle unpacks to more than it may."))
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(payload)
    size = 0
    while piece := reader.read(1 << 20):
        size += len(piece)
        if size > MAX_BATCH:
            raise BadInput(_("A record of the bundle unpacks to more than it may."))
        yield piece


def _signed(public_key: Any, body: Any, signature: Any) -> SignedSegment:
    sound = (
        isinstance(public_key, bytes)
        and len(public_key) == 32
        and isinstance(body, bytes)
        and len(body) <= MAX_SEGMENT
        and isinstance(signature, bytes)
        and len(signature) == 64
    )
    if not sound:
        raise ValueError("not a signed segment")
    return SignedSegment(public_key, body, signature)


def _join(workspace: Workspace, place: Path) -> str:
    """Make the sender's site the home of a workspace that has none."""
    known = {site.id: site for site in sites(workspace)}
    for folder in find_bundles(place):
        manifest = _manifest(folder)
        if manifest is not None and Id(manifest.home) in known:
            workspace.settle_in(Id(manifest.home))
            return known[Id(manifest.home)].name
    if len(known) == 1:
        (site,) = known.values()
        workspace.settle_in(site.id)
        return site.name
    return ""


def _expected(folder: Path, head: Head | None, manifest: Manifest | None) -> list[str]:
    """The names of the parts that there should be; with head and manifest gone, those that are there."""
    if manifest is not None:
        return [part.name for part in manifest.parts]
    if head is not None:
        return [part_name(n) for n in range(1, head.parts + 1)]
    return sorted(p.name for p in folder.glob("P[0-9][0-9][0-9][0-9].RSB"))


def _sound(path: Path, manifest: Manifest | None) -> bool:
    if not path.is_file():
        return False
    if manifest is None:
        return True
    expected = next((p for p in manifest.parts if p.name == path.name), None)
    if expected is None or path.stat().st_size != expected.size_bytes:
        return False
    with disk_told(path), open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").digest() == expected.sha256


def _head(folder: Path) -> Head | None:
    path = folder / HEAD_NAME
    if not path.is_file():
        return None
    with disk_told(path), open(path, "rb") as source:
        raw = source.read(MAX_HEAD + 1)
    try:
        return read_head(raw) if len(raw) <= MAX_HEAD else None
    except BadInput as error:
        if "newer" in error.text:
            raise
        return None


def _manifest(folder: Path) -> Manifest | None:
    path = folder / MANIFEST_NAME
    if not path.is_file() or path.stat().st_size > MAX_PAYLOAD:
        return None
    with disk_told(path), open(path, "rb") as source:
        for found in frames(source):
            if found is not None and found.type == MANIFEST:
                try:
                    return read_manifest(found.payload)
                except BadInput:
                    return None
    return None


def _need_space(workspace: Workspace, size: int) -> None:
    with disk_told(workspace.folder):
        free = shutil.disk_usage(workspace.folder).free
    if free < size:
        raise DiskTrouble(
            _("There is not enough room on this laptop for the files of this bundle."),
            _("Free some space and read it again; what was taken is kept."),
        )
