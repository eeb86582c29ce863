"""Takes records into a workspace, a bounded number at a time, and counts what became of them."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field

from ranger_app.domain.errors import BadInput
from ranger_app.photos.thumbnails import take_thumbnail
from ranger_app.security.entries import SignedEntry, unpack_entries
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage import Workspace
from ranger_app.storage.changes.feeds import holds_stretch
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.exchanging import take
from ranger_app.storage.faults import disk_told
from ranger_app.storage.strays import keep_strays
from ranger_app.sync.bundles.batches import unpack
from ranger_app.sync.bundles.contents import Contents
from ranger_app.sync.bundles.frames import (
    CONTENTS,
    DIRECTORY,
    FILE_PIECE,
    HEAD,
    MANIFEST,
    RECEIPT,
    SEGMENTS,
    SMALL_PICTURE,
    WHOLE_FILE,
    Frame,
)
from ranger_app.sync.bundles.keeping import Keeping
from ranger_app.sync.bundles.pieces import Pieces

KEPT_FREE = 64 << 20  # bytes that files leave for the changes themselves
MAX_SMALL = 64 << 10  # bytes of the record of a small picture


@dataclass(slots=True)
class BundleRead:
    """What was taken from the bundles of a stick, and what could not be."""

    bundles: int = 0
    segments_new: int = 0
    segments_known: int = 0
    segments_refused: int = 0
    files_new: int = 0
    small_pictures_new: int = 0
    forks: int = 0
    strange_entries: int = 0
    """Entries of lists of devices that this workspace does not follow."""
    damaged: int = 0
    too_new: int = 0
    """Bundles that only a newer version can read."""
    not_for_us: list[str] = field(default_factory=list)
    """Bundles that are sealed for other laptops."""
    sealed_anew: list[str] = field(default_factory=list)
    """Bundles that somebody sealed for us whom they were not written for."""
    unsealed: int = 0
    """Bundles that whoever had the stick could read."""
    files_without_room: int = 0
    unread_left_out: int = 0
    """Records that this version cannot read and had no room to carry on."""
    missing_parts: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    """Names of laptops that have signed for a bundle of ours."""
    receipts_left: int = 0
    """Bundles on which our own receipt was left for the way back."""
    receipts_refused: int = 0
    """Bundles on which it could not be left: the stick cannot be written to, or is full."""
    differences: int = 0
    joined: str = ""
    """Name of the site that an empty workspace joined by this."""


class Taker:
    """Takes the records of one part. Files are staged for good before the segments that came after them are
    applied, each run of which leaves a state that is complete in itself."""

    def __init__(
        self,
        workspace: Workspace,
        result: BundleRead,
        keeping: Keeping,
        *,
        at_once: int,
        site: bytes | None = None,
    ) -> None:
        """`site`: whose laptops the part was sealed for, which is whose records nobody here can read."""
        self._workspace = workspace
        self._site = site
        self._keeping = keeping
        self._result = result
        self._at_once = at_once
        self._pieces = Pieces(workspace)
        self._segments: list[SignedSegment] = []
        self._strays: list[tuple[bytes, int, bytes]] = []
        self._entries: list[SignedEntry] = []
        self._size = 0

    def take(self, found: Frame) -> None:
        """One record; what this version does not know is kept to be carried on."""
        if found.type == SEGMENTS:
            self._add(found)
        elif found.type == DIRECTORY:
            self._add_entries(found)
        elif found.type in (WHOLE_FILE, FILE_PIECE):
            self._keep_file(found)
        elif found.type == SMALL_PICTURE:
            self._keep_small(found)
        elif found.type not in (MANIFEST, HEAD, CONTENTS, RECEIPT):
            self._strays.append((hashlib.sha256(found.payload).digest(), found.type, found.payload))
            self._grow(len(found.payload))

    def finish(self) -> None:
        """Apply and keep what was gathered."""
        segments, strays, self._segments, self._strays, self._size = self._segments, self._strays, [], [], 0
        self._result.files_new += self._keeping.finish()
        self._result.unread_left_out += keep_strays(self._workspace, strays, site=self._site)
        if not segments and not self._entries:
            return
        received = take(self._workspace, segments, entries=self._entries)
        self._result.strange_entries += received.entries_strange
        self._result.segments_new += received.new
        self._result.segments_known += received.known
        self._result.segments_refused += received.refused
        self._result.forks += received.forks

    def _add(self, found: Frame) -> None:
        try:
            segments = unpack(found.payload)
        except BadInput:
            self._result.damaged += 1
            return
        for segment in segments:
            self._segments.append(segment)
            self._grow(len(segment.body))

    def _add_entries(self, found: Frame) -> None:
        """Directories; they stay at hand while the part is read, since they may wait for their site."""
        try:
            self._entries = unpack_entries(found.payload)
        except BadInput:
            self._result.damaged += 1

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size >= self._at_once:
            self.finish()

    def _keep_file(self, found: Frame) -> None:
        if not _is_room(self._workspace, len(found.payload)):
            self._result.files_without_room += 1
        elif found.type == FILE_PIECE:
            self._result.files_new += self._pieces.put(found.payload)
        else:
            self._result.files_new += self._keeping.put(found.payload)

    def _keep_small(self, found: Frame) -> None:
        try:
            if len(found.payload) > MAX_SMALL:
                raise ValueError(len(found.payload))
            sha256, small = read_cbor(found.payload, depth=2)[:2]
            if type(sha256) is not bytes or len(sha256) != 32 or type(small) is not bytes:
                raise ValueError(sha256)
        except (ValueError, TypeError):
            self._result.damaged += 1
            return
        self._result.small_pictures_new += take_thumbnail(self._workspace, sha256, small)


def all_here(workspace: Workspace, contents: Contents | None) -> bool:
    """Whether everything in a part is here already, as far as its list tells: it need not be read again."""
    if contents is None or contents.more:
        return False
    with workspace.reading_raw() as database:
        for one in contents.stretches:
            if not holds_stretch(database, *one):
                return False
    return all(workspace.files.path(sha256) is not None for sha256 in contents.files)


def _is_room(workspace: Workspace, size: int) -> bool:
    with disk_told(workspace.folder):
        return shutil.disk_usage(workspace.folder).free >= size + KEPT_FREE
