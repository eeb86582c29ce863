"""Finds the bundles on a stick, and reads what each says of itself; nothing of it is believed unchecked."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.security.sealing import NotForUs, recipient_of
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.contents import Contents, read_contents
from ranger_app.sync.bundles.frames import CONTENTS, HEAD, MANIFEST, Frame, frames
from ranger_app.sync.bundles.manifest import (
    FOLDER,
    HEAD_NAME,
    KEYS_NAME,
    MANIFEST_NAME,
    MAX_HEAD,
    MAX_LISTING,
    MAX_MANIFEST,
    Head,
    Manifest,
    NewerBundle,
    Part,
    is_part_name,
    mark,
    part_name,
    read_head,
    read_manifest,
)
from ranger_app.sync.bundles.unwrapping import read_records

MAX_BUNDLES = 1_000


@dataclass(slots=True)
class Bundle:
    """A bundle as it lies on a stick, before anything is taken from it."""

    folder: Path
    names: Mapping[str, Path]
    """What is in the folder, by the names that we write."""
    head: Head | None = None
    manifest: Manifest | None = None
    listed: dict[str, bytes] = field(default_factory=dict)
    """What is in each part, as far as the sender has said so, in the form in which it came."""
    closed: bool = False
    """The list of contents is sealed, and not to us."""
    sealed_anew: bool = False
    """Somebody sealed it for us whom it was not written for: its list is not believed."""

    @property
    def name(self) -> str:
        said = self.head or self.manifest
        return said.bundle if said else self.folder.name[:8]

    @property
    def finished(self) -> bool:
        """Whether its writer came to the end."""
        return MANIFEST_NAME in self.names

    def is_of(self, replica: bytes) -> bool:
        """Whether this laptop wrote it."""
        if self.manifest is not None:
            return self.manifest.sender == replica
        return self.head is not None and self.head.sender_mark == mark(replica)

    def is_for(self, keys: Collection[str]) -> bool:
        """Whether its head says that it is sealed to one of these keys."""
        marks = {mark(one.encode()) for one in keys}
        return self.head is not None and not marks.isdisjoint(self.head.key_marks)

    def expected(self) -> list[str]:
        """The names of the parts that there should be; with head and manifest gone, those that are there."""
        if self.manifest is not None:
            return [part.name for part in self.manifest.parts]
        if self.head is not None:
            return [part_name(n) for n in range(1, self.head.parts + 1)]
        return sorted(filter(is_part_name, self.names))

    def contents(self, name: str) -> Contents | None:
        """What is in a part, if its sender has said so."""
        try:
            return read_contents(self.listed[name]) if name in self.listed else None
        except BadInput:
            return None

    def part(self, name: str) -> Part | None:
        """What the list says of a part."""
        if self.manifest is None:
            return None
        return next((part for part in self.manifest.parts if part.name == name), None)


def find_bundles(place: Path) -> list[Path]:
    """The bundle folders at a place: a stick, its RANGERSYNC folder, or one bundle."""
    found = bundles_at(place)
    if not found:
        raise NotFound(
            _("There is no bundle in “{name}”.").format(name=place),
            _("Choose the stick, or the folder that holds RANGERSYNC."),
        )
    return found


def bundles_at(place: Path) -> list[Path]:
    """The same; none is no error."""
    with disk_told(place):
        if place.is_file():
            raise NotFound(
                _("“{name}” is a file, and no stick or folder.").format(name=place),
                _("Choose the stick, or the folder that holds RANGERSYNC."),
            )
        if not place.is_dir():
            raise NotFound(
                _("“{name}” is not there.").format(name=place), _("Check that the stick is plugged in.")
            )
        if _looks_like_bundle(place):
            return [place]
        root = inside(place).get(FOLDER, place)
        found = sorted(path for path in root.iterdir() if path.is_dir() and _looks_like_bundle(path))
    return found[:MAX_BUNDLES]


def inside(folder: Path) -> dict[str, Path]:
    """What is in a folder, by the names that we wrote: some sticks give them back in small letters."""
    return {path.name.upper(): path for path in folder.iterdir()}


def stick_of(folder: Path) -> Path:
    """Where a bundle lies, as a person knows it: by the name of the stick, and not of a folder of ours."""
    return folder.parent.parent if folder.parent.name.upper() == FOLDER else folder


def _looks_like_bundle(folder: Path) -> bool:
    try:
        names = inside(folder)
    except OSError:  # some folder that the system keeps for itself
        return False
    return any(name in (HEAD_NAME, KEYS_NAME) or is_part_name(name) for name in names)


def look_at(folder: Path, secrets: Sequence[str]) -> Bundle:
    """What a bundle says of itself to whoever has these secrets; `NewerBundle` when only a newer version can
    read it."""
    with disk_told(stick_of(folder)):
        bundle = Bundle(folder, inside(folder))
    bundle.head = read_head_in(bundle.names)
    path = bundle.names.get(MANIFEST_NAME)
    if path is not None:
        try:
            _read_listing(bundle, path, secrets)
        except NotForUs:
            bundle.closed = True
        except (OSError, BadInput):
            bundle.manifest, bundle.listed = None, {}
    return bundle


def _read_listing(bundle: Bundle, path: Path, secrets: Sequence[str]) -> None:
    by_hash: dict[bytes, list[str]] = defaultdict(list)
    """Names of parts; those of one large file say alike what is in them."""

    def take(found: Frame) -> None:
        if found.type == MANIFEST and bundle.manifest is None and len(found.payload) <= MAX_MANIFEST:
            bundle.manifest = read_manifest(found.payload)
            for part in bundle.manifest.parts:
                by_hash[part.contents].append(part.name)
        elif found.type == CONTENTS:
            names = by_hash.get(hashlib.sha256(found.payload).digest(), ())
            bundle.listed.update(dict.fromkeys(names, found.payload))

    read = read_records(path, secrets, take, at_most=MAX_LISTING)
    if read is None or bundle.manifest is None:
        return
    ours = {recipient_of(one) for one in secrets}
    named = set(bundle.manifest.recipients)
    meant = bool(ours & named) if read.sealed else not named
    if not meant or (bundle.head is not None and bool(bundle.head.sealed) != read.sealed):
        bundle.manifest, bundle.listed, bundle.sealed_anew = None, {}, True


def read_head_in(names: Mapping[str, Path]) -> Head | None:
    """The head, if there is one that reads; `NewerBundle` when a newer version wrote it."""
    return head_in(small_file(names.get(HEAD_NAME), MAX_HEAD) or b"")


def head_in(raw: bytes) -> Head | None:
    """The same from the bytes of the file."""
    for found in frames(io.BytesIO(raw)):
        if found is not None and found.type == HEAD:
            try:
                return read_head(found.payload)
            except NewerBundle:
                raise
            except BadInput:
                return None
    return None


def small_file(path: Path | None, limit: int) -> bytes | None:
    """The bytes of a file that is no longer than it may be; None when it is missing or does not read."""
    try:
        if path is None or not path.is_file():
            return None
        with open(path, "rb") as source:
            raw = source.read(limit + 1)
    except OSError:
        return None
    return raw if len(raw) <= limit else None
