"""Sealed bundles by way of a hub that cannot open them: left there as they lie on a stick, and fetched."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.sealing import NotForUs
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.carrying import streams_here
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.looking import find_bundles, inside, look_at, read_head_in, small_file
from ranger_app.sync.bundles.manifest import (
    FOLDER,
    HEAD_NAME,
    KEYS_NAME,
    MANIFEST_NAME,
    MAX_HEAD,
    NewerBundle,
    mark,
)
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.recipients import opening_secrets
from ranger_app.sync.bundles.stick import free_bytes, hash_of_file
from ranger_app.sync.bundles.stick_receipts import receipts_on
from ranger_app.sync.bundles.taking import KEPT_FREE, BundleRead, all_here
from ranger_app.sync.hub.line import HubRefused, Patience
from ranger_app.sync.hub.memory import KnownHub, remember
from ranger_app.sync.hub.sealed_list import (
    MAX_LIST,
    ListedFile,
    SealedList,
    list_bytes,
    may_be_listed,
    named,
    read_list,
    sign_for_all,
    signer_of,
)
from ranger_app.sync.hub.talk import Talk
from ranger_app.sync.hub.visit import talking

_ROOM_TIMES = 2
"""A part takes its room twice: as it came, and as what is in it."""


@dataclass(slots=True)
class SealedSent:
    """What was left at a hub."""

    bundles: list[str] = field(default_factory=list)
    files: int = 0
    """Of bundles, that the hub did not have."""
    bytes: int = 0
    left_out: list[str] = field(default_factory=list)
    """Why not, a sentence for each bundle that was not."""


@dataclass(slots=True)
class SealedFetched:
    """What was fetched from a hub."""

    read: list[BundleRead] = field(default_factory=list)
    bundles: list[str] = field(default_factory=list)
    """Those of which everything is here now, and which were signed for."""
    left_out: list[str] = field(default_factory=list)


def send_to_hub(
    workspace: Workspace,
    place: Path,
    work: Work,
    *,
    url: str | None = None,
    patience: Patience | None = None,
) -> SealedSent:
    """Leave the sealed bundles at a place at a hub, for the laptops of their sites."""
    with talking(workspace, work, url=url, patience=patience) as (talk, known):
        holdings = talk.hello(streams_here(workspace))
        remember(workspace.folder, KnownHub(known.url, talk.hub_key, known.automatic))
        return _send_bundles(talk, holdings, place, work)


def fetch_from_hub(
    workspace: Workspace, work: Work, *, url: str | None = None, patience: Patience | None = None
) -> SealedFetched:
    """Fetch and read the sealed bundles that wait at a hub, and exchange nothing else with it."""
    with talking(workspace, work, url=url, patience=patience) as (talk, known):
        holdings = talk.hello(streams_here(workspace))
        remember(workspace.folder, KnownHub(known.url, talk.hub_key, known.automatic))
        return fetch_bundles(workspace, talk, list(holdings), work)


def _send_bundles(talk: Talk, streams: Mapping[bytes, object], place: Path, work: Work) -> SealedSent:
    """Leave every sealed bundle at a place at the hub, whoever wrote it: nothing of it is opened. `streams`
    are those that this laptop may exchange with the hub."""
    done = SealedSent()
    sites = {mark(stream): stream for stream in streams}
    for folder in find_bundles(place):
        try:
            _send(talk, sites, folder, done, work)
        except NewerBundle as error:
            done.left_out.append(f"{folder.name}: {error.text}")
    return done


def _send(talk: Talk, sites: Mapping[bytes, bytes], folder: Path, done: SealedSent, work: Work) -> None:
    with disk_told(folder):
        names = inside(folder)
        raw_head, head = small_file(names.get(HEAD_NAME), MAX_HEAD), read_head_in(names)
        files = [
            ListedFile(name, path.stat().st_size, hash_of_file(path))
            for name, path in sorted(names.items())
            if may_be_listed(name) and path.is_file()
        ]
    if head is None or raw_head is None or not head.sealed or not files:
        done.left_out.append(
            _("{name} is not sealed, or its head is gone: read it here, and exchange with the hub.").format(
                name=folder.name
            )
        )
        return
    stream, listed = sites.get(head.site_mark), list_bytes(raw_head, files)
    if stream is None:
        done.left_out.append(
            _("{name} is for a site that the hub does not let this laptop in to.").format(name=folder.name)
        )
        return
    if len(listed) > MAX_LIST:
        done.left_out.append(_("{name} has too many parts for a hub.").format(name=folder.name))
        return
    for sha256, start in talk.missing(stream, [one.sha256 for one in files]):
        one = next(one for one in files if one.sha256 == sha256)
        work.tick(done.files, None, f"{folder.name}/{one.name}")
        with disk_told(folder), open(names[one.name], "rb") as source:
            talk.send_file(stream, sha256, source, one.size_bytes, start=start)
        done.files += 1
        done.bytes += one.size_bytes
    talk.send_sealed(stream, named(listed), listed)
    done.bundles.append(head.bundle)


def fetch_bundles(workspace: Workspace, talk: Talk, streams: Sequence[bytes], work: Work) -> SealedFetched:
    """Fetch and read the sealed bundles of these sites that wait at the hub, of each as much as is new here;
    for those of which all is here then, the hub gets this laptop's word. What is interrupted is gone on with.
    """
    done = SealedFetched()
    for stream in streams:
        try:
            waiting = talk.sealed(stream)
        except HubRefused as refusal:
            if refusal.status != 404:  # a hub of an earlier version
                raise
            continue
        for address, raw, signed in waiting:
            if named(raw) == address and not _signed_by_us(workspace, signed, address, stream):
                try:
                    listed = read_list(raw)
                except (BadInput, NewerBundle):
                    continue
                _Fetch(workspace, talk, stream, work, done).fetch(address, listed)
    return done


def _signed_by_us(workspace: Workspace, signed: list[bytes], address: bytes, stream: bytes) -> bool:
    for one in signed:
        try:
            if signer_of(one, address, stream) == workspace.keys.replica:
                return True
        except BadInput:
            continue
    return False


class _Fetch:
    """The fetching of one bundle into the cache."""

    def __init__(
        self, workspace: Workspace, talk: Talk, stream: bytes, work: Work, done: SealedFetched
    ) -> None:
        self._workspace = workspace
        self._talk = talk
        self._stream = stream
        self._work = work
        self._done = done

    def fetch(self, address: bytes, listed: SealedList) -> None:
        if listed.head.sender_mark == mark(self._workspace.keys.replica):
            self._sign(address)  # our own: what is in it came from here
            return
        root = self._workspace.cache / "hub" / "sealed" / address.hex()
        folder = root / FOLDER / listed.head.bundle
        with disk_told(self._workspace.folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / HEAD_NAME).write_bytes(listed.raw_head)
        try:
            whole = self._fetch_and_read(folder, listed)
        except (NotForUs, NewerBundle) as error:
            self._done.left_out.append(error.text)
            shutil.rmtree(root, ignore_errors=True)
            return
        if whole:
            self._sign(address)
            self._done.bundles.append(listed.head.bundle)
            shutil.rmtree(root, ignore_errors=True)

    def _fetch_and_read(self, folder: Path, listed: SealedList) -> bool:
        """Whether everything in it is here now."""
        files = {one.name: one for one in listed.files}
        for name in (KEYS_NAME, MANIFEST_NAME):
            if name in files and not self._fetch_file(folder, files[name]):
                return False
        bundle = look_at(folder, opening_secrets(self._workspace))
        for name in bundle.expected():
            here = all_here(self._workspace, bundle.contents(name))
            if not here and name in files and not self._fetch_file(folder, files[name]):
                return False
        read = read_bundles(self._workspace, folder, self._work)
        self._done.read.append(read)
        secrets = opening_secrets(self._workspace)
        ours = self._workspace.keys.replica
        return any(
            receipt.complete and receipt.receiver == ours
            for _name, receipt in receipts_on(look_at(folder, secrets), secrets)
        )

    def _fetch_file(self, folder: Path, one: ListedFile) -> bool:
        """Fetch a file, or the rest of it; False when there is no room, or the hub has another one."""
        path, part = folder / one.name, folder / f"{one.name}.part"
        with disk_told(self._workspace.folder):
            if path.exists():
                return True
            if free_bytes(folder) < _ROOM_TIMES * one.size_bytes + KEPT_FREE:
                self._done.left_out.append(_("There is no room here for a bundle that waits at the hub."))
                return False
            self._work.tick(0, None, f"{folder.name}/{one.name}")
            part.touch()
            try:
                with open(part, "r+b") as sink:
                    self._talk.fetch_file(self._stream, one.sha256, sink)
            except HubRefused as refusal:
                if refusal.status != 404:  # its last receiver signed for it meanwhile
                    raise
                return False
            if hash_of_file(part) != one.sha256:
                part.unlink()
                return False
            part.replace(path)
        return True

    def _sign(self, address: bytes) -> None:
        signed = sign_for_all(address, self._stream, self._workspace.keys)
        self._talk.sign_sealed(self._stream, address, signed)
