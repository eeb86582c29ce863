"""Writes a bundle to a folder: changes first, then files, in sealed parts that are each of use alone."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ranger_app.domain.errors import DiskTrouble, Refused
from ranger_app.durable import make_folder
from ranger_app.i18n import _, file_size
from ranger_app.jobs import Work
from ranger_app.security.entries import pack_entries
from ranger_app.security.sealing import seal_stream
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import Tips, tips
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.ahead import Ahead
from ranger_app.sync.bundles.cargo import (
    Aboard,
    Cargo,
    Item,
    Originals,
    Wanted,
    Weight,
    weigh,
)
from ranger_app.sync.bundles.contents import Contents, contents_bytes
from ranger_app.sync.bundles.frames import (
    CONTENTS,
    DIRECTORY,
    HEAD,
    MANIFEST,
    frame,
    head_of,
)
from ranger_app.sync.bundles.heard import Lacking
from ranger_app.sync.bundles.journal import Journal, unfinished
from ranger_app.sync.bundles.manifest import (
    FOLDER,
    HEAD_NAME,
    KEYS_NAME,
    MANIFEST_NAME,
    MAX_PARTS,
    PLAIN,
    SEALED,
    Head,
    Manifest,
    Part,
    head_bytes,
    manifest_bytes,
    mark,
    part_name,
)
from ranger_app.sync.bundles.recipients import Sealing, sealing_for, sealing_of, will_be_sealed
from ranger_app.sync.bundles.stick import OnStick, StickFolder, Write, free_bytes

PART_BYTES = 64 << 20
"""Of a part as it lies on the stick."""
RESERVE = 8 << 20
"""Bytes that stay free for the list of contents, and for a receipt on the way back."""
_SEALING = 64 << 10
"""More than sealing adds to a part: 16 bytes for every 64 KiB, and the header."""
_AHEAD = 24 << 20
"""Bytes that are read and hashed while those before them are being sealed."""


@dataclass(slots=True)
class BundleWritten:
    """What was put on the stick and read back from it."""

    folder: Path
    parts: list[str] = field(default_factory=list)
    segments: int = 0
    files: int = 0
    files_elsewhere: int = 0
    """Files that records speak of and that are not on this laptop."""
    files_left_out: int = 0
    """Files that there was no room for."""
    small_pictures: int = 0
    bytes: int = 0
    sealed: bool = False
    outside: Path | None = None
    """The bundle beside it for the outsiders who are enrolled, such as assessors."""
    resumed: bool = False
    """A bundle that was not finished before was gone on with."""
    for_outsiders: bool = False
    """It is sealed to outsiders and to nobody else."""


def write_bundle(
    workspace: Workspace,
    target: Path,
    work: Work,
    *,
    known: Tips | None = None,
    originals: Originals = Originals.ALL,
    held: Callable[[bytes], bool] = lambda _sha256: False,
    outsiders: Sequence[str] | None = None,
) -> BundleWritten:
    """Write what a receiver with the tips `known` and the files that are `held` lacks (everything, when they
    are not known), sealed to the site (see `sealing_of`). A bundle for `outsiders` is sealed to their keys
    and leaves here what tells who and where.

    Each part is written aside, flushed, renamed and read back; a full or vanished stick leaves whole parts
    behind, which are of use, and nothing half-written under a part's name. Written again to the same stick,
    a bundle that was not finished is gone on with.
    """
    sealing = sealing_of(workspace) if outsiders is None else sealing_for(workspace, outsiders)
    wanted = Wanted(
        known=known or {},
        # A sealed bundle is for the laptops of one site; an open one carries on all that is here.
        site=workspace.site_id if sealing.recipients or outsiders is not None else None,
        originals=originals,
        held=held,
        whole=outsiders is None,
    )
    earlier = unfinished(workspace, target, sealing.recipients) if outsiders is None else None
    bundle = earlier or base64.b32encode(os.urandom(5)).decode()
    with disk_told(target):
        folder = target / FOLDER / bundle
        make_folder(folder, below=target)
    done = _Writer(workspace, folder, sealing, resumed=earlier is not None).write(wanted, work)
    done.for_outsiders = outsiders is not None
    return done


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written to a place, and the room that there is."""

    weight: Weight
    free_bytes: int
    sealed: bool
    """Whether only the site's laptops will be able to read it; asked without making any keys."""

    @property
    def fits(self) -> bool:
        return self.free_bytes >= self.weight.bytes + RESERVE

    @property
    def changes_fit(self) -> bool:
        return self.free_bytes >= self.weight.changes_bytes + RESERVE


def plan_bundle(workspace: Workspace, target: Path, spare: Lacking, work: Work) -> Plan:
    """What `write_bundle` would write."""
    sealed = will_be_sealed(workspace)
    site = workspace.site_id if sealed else None
    weight = weigh(workspace, Wanted(known=spare.known, site=site, held=spare.held), work)
    return Plan(weight, free_bytes(target), sealed)


def need_room(target: Path, size: int) -> None:
    """`DiskTrouble` unless so many bytes fit, with what a bundle needs besides."""
    free = free_bytes(target)
    if free < size + RESERVE:
        raise DiskTrouble(
            _("There is no room on “{name}”: {needed} are needed and {free} are free.").format(
                name=target.name, needed=file_size(size + RESERVE), free=file_size(free)
            ),
            _("Take along only as many originals as fit, or none; or take a larger stick."),
        )


class _Writer:
    """One bundle as it is written."""

    def __init__(self, workspace: Workspace, folder: Path, sealing: Sealing, *, resumed: bool) -> None:
        self._workspace = workspace
        self._sealing = sealing
        self._stick = StickFolder(folder)
        self._journal = Journal(workspace, folder.name)
        self._done = BundleWritten(folder, sealed=bool(sealing.recipients), resumed=resumed)
        self._parts: dict[str, tuple[Part, bytes]] = {}
        """Those that are on the stick for good, by name, each with the list of what is in it."""
        self._named: set[str] = set()
        self._closing: Future[None] | None = None
        self._opening = frame(DIRECTORY, pack_entries(sealing.entries)) if sealing.entries else b""

    def write(self, wanted: Wanted, work: Work) -> BundleWritten:
        """The whole bundle: keys, parts, and last the list of contents."""
        has = tips(self._workspace)
        aboard = self._aboard(work)
        must = replace(wanted, originals=Originals.NONE) if wanted.originals is Originals.FIT else wanted
        need_room(self._stick.stick, weigh(self._workspace, must, work, aboard=aboard).bytes)
        self._write_head()  # first, so that it is known whose this is if nothing follows
        if self._opening:
            self._put(KEYS_NAME, [self._opening], self._sealing.earlier)
        cargo = Cargo(self._workspace, wanted, aboard, room=self._room)
        headed = ((item, head_of(item.type, item.payload)) for item in cargo.items(work))
        ahead = Ahead(headed, size_of=lambda one: len(one[0].payload), at_most=_AHEAD)
        try:
            with ThreadPoolExecutor(1, thread_name_prefix="closing") as closing, ahead:
                items = _Peeked(ahead)
                while items or not self._named:
                    self._write_part(items, closing)
                self._closed()
        except BaseException:
            with suppress(DiskTrouble):  # the stick is gone: what led here is the error to tell
                self._stick.clear_aside()
            raise
        self._write_manifest(cargo, {s: f for s, f in has.items() if wanted.site in (None, s)})
        self._journal.close()
        done = self._done
        done.parts = sorted(self._parts)
        done.segments, done.files, done.small_pictures = cargo.segments, cargo.files, cargo.small_pictures
        done.files_elsewhere, done.files_left_out = cargo.elsewhere, cargo.left_out
        done.bytes = self._stick.bytes
        return done

    def _aboard(self, work: Work) -> Aboard:
        """What is there from before, read anew: what does not read is written again."""
        aboard = Aboard()
        self._stick.clear_aside()
        for part, contents in self._journal.sound_parts(self._stick.folder, work):
            self._parts[part.name] = part, contents_bytes(contents)
            self._named.add(part.name)
            self._done.resumed = True
            aboard.add(contents)
        return aboard

    def _room(self) -> int:
        return free_bytes(self._stick.folder) - PART_BYTES - RESERVE

    def _write_part(self, items: _Peeked, closing: ThreadPoolExecutor) -> None:
        if len(self._named) >= MAX_PARTS:
            raise Refused(_("This is more than one bundle can hold."), _("Leave the files out."))
        name = next(name for n in range(1, MAX_PARTS + 1) if (name := part_name(n)) not in self._named)
        contents = Contents()
        drawn = _drawn(items, contents, self._opening)
        aside = self._stick.put_aside(name, self._filled(drawn, self._sealing.recipients))
        self._closed()
        self._named.add(name)
        self._closing = closing.submit(self._close_part, aside, contents_bytes(contents))

    def _closed(self) -> None:
        """Wait until the part before is on the stick for good; one at a time is under way."""
        if self._closing is not None:
            self._closing.result()
            self._closing = None

    def _close_part(self, aside: OnStick, listed: bytes) -> None:
        """Flush and read back one part while the next is being sealed."""
        written = self._stick.name(aside)
        part = Part(written.name, written.size_bytes, written.sha256, hashlib.sha256(listed).digest())
        self._parts[part.name] = part, listed
        self._journal.note(part, listed)
        self._write_head()

    def _write_head(self) -> None:
        head = Head(
            self._stick.folder.name,
            len(self._parts),
            mark(self._workspace.site_id),
            mark(self._workspace.keys.replica),
            SEALED if self._sealing.recipients else PLAIN,
            tuple(mark(one.encode()) for one in self._sealing.recipients),
        )
        self._put(HEAD_NAME, [frame(HEAD, head_bytes(head))], ())

    def _write_manifest(self, cargo: Cargo, has: Tips) -> None:
        workspace = self._workspace
        listed = [self._parts[name] for name in sorted(self._parts)]
        manifest = Manifest(
            bundle=self._stick.folder.name,
            home=workspace.site_id,
            sender=workspace.keys.replica,
            parts=tuple(part for part, _contents in listed),
            segments=cargo.segments,
            files=cargo.files,
            file_bytes=cargo.file_bytes,
            tips=has,
            recipients=self._sealing.recipients,
            directory_version=self._sealing.version,
            at=workspace.clock.last,
            small_pictures=cargo.small_pictures,
        )
        signed = manifest_bytes(manifest, workspace.keys.public_key, workspace.keys.sign)
        lists = (frame(CONTENTS, contents) for _part, contents in listed)
        self._put(MANIFEST_NAME, _after(frame(MANIFEST, signed), lists), self._sealing.recipients)

    def _put(self, name: str, records: Iterable[bytes], recipients: tuple[str, ...]) -> None:
        """Write one file of records for good."""
        self._stick.put(name, self._filled(records, recipients))

    @staticmethod
    def _filled(records: Iterable[bytes], recipients: tuple[str, ...]) -> Callable[[Write], None]:
        """A way to fill a file with records, sealed if there is anybody to seal to."""

        def fill(write: Write) -> None:
            if recipients:
                seal_stream(records, write, recipients)
            else:
                for record in records:
                    write(record)

        return fill


Headed = tuple[Item, bytes]
"""A record, and what stands before its payload."""


class _Peeked:
    """Records of which the next can be looked at; false when there is none left."""

    def __init__(self, items: Iterator[Headed]) -> None:
        self._items = items
        self.next: Headed | None = next(items, None)

    def __bool__(self) -> bool:
        return self.next is not None

    def take(self) -> None:
        self.next = next(self._items, None)


def _drawn(items: _Peeked, contents: Contents, opening: bytes) -> Iterator[bytes]:
    """The records of one part: a part is closed before it would grow past its size."""
    size, begun = len(opening) + _SEALING, False
    yield opening
    while items.next is not None:
        item, head = items.next
        length = len(head) + len(item.payload)
        if begun and size + length > PART_BYTES:
            return
        size, begun = size + length, True
        item.list_in(contents)
        yield head
        yield item.payload
        items.take()


def _after(first: bytes, more: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from more
