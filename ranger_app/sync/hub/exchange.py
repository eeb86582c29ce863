"""Exchanges with a hub until both sides have the same, and says so only when the hub has signed for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from ranger_app.domain.errors import Unfinished
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.keys import replica_of
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.carrying import (
    NOTHING,
    Reaches,
    directory_here,
    files_of,
    reaches,
    run_above,
    stream_of,
    streams_here,
)
from ranger_app.storage.exchange.exchanging import take
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.batches import BATCH_BYTES, in_batches
from ranger_app.sync.bundles.taking import KEPT_FREE
from ranger_app.sync.bundles.telling import what_words
from ranger_app.sync.hub.line import HubRefused, Patience
from ranger_app.sync.hub.memory import KnownHub, remember
from ranger_app.sync.hub.receipts import Receipts, covers
from ranger_app.sync.hub.relay import exchange_words, relay_strays
from ranger_app.sync.hub.sealed import fetch_bundles
from ranger_app.sync.hub.talk import Talk
from ranger_app.sync.hub.visit import talking
from ranger_app.sync.hub.wire import Holding, directory_mark

ROUNDS = 3
"""Others may write to the hub meanwhile, and a fork shows only when both sides of it are known."""
ASKED_AT_ONCE = 4_000  # files in one message


@dataclass(slots=True)
class Synced:
    """What moved, in both directions, and what the hub has signed for."""

    hub: str
    segments_sent: int = 0
    segments_received: int = 0
    segments_refused: int = 0
    """By either side: not signed as they should be, or of another site."""
    files_sent: int = 0
    files_received: int = 0
    files_confirmed: int = 0
    """Files that are here and that the hub has signed for, now or before."""
    files_elsewhere: int = 0
    """Files that records speak of and that are neither here nor at the hub."""
    files_not_sent: int = 0
    """Files that are here and that the hub did not take, or that are damaged here."""
    files_without_room: int = 0
    """Files that the hub has and that found no room here."""
    forks: int = 0
    bundles_received: int = 0
    """Sealed bundles that waited at the hub and are here as a whole now."""
    bytes_sent: int = 0
    bytes_received: int = 0
    line_breaks: int = 0
    confirmed_at: datetime | None = None
    """When the hub signed that it holds everything that is here; None when it did not."""
    joined: str = ""
    """Name of the site that an empty workspace joined by this."""
    not_confirmed: list[str] = field(default_factory=list)
    """Why not, a sentence each."""

    @property
    def complete(self) -> bool:
        """Whether the hub has signed for all changes and files that are here."""
        return self.confirmed_at is not None


def sync_with_hub(
    workspace: Workspace,
    work: Work,
    *,
    url: str | None = None,
    new_hub: bool = False,
    files: bool = True,
    patience: Patience | None = None,
) -> Synced:
    """Send what the hub lacks, take what it has, and get its receipt. Without a `url`, the hub of last time.

    `new_hub` forgets the key that the hub had. `Unfinished` when the line does not hold; what moved is kept.
    """
    with talking(workspace, work, url=url, new_hub=new_hub, patience=patience) as (talk, known):
        done = Synced(known.url)
        try:
            _Exchange(workspace, talk, work, done, files=files, automatic=known.automatic).run()
        except Unfinished as error:
            raise Unfinished(" ".join(filter(None, [error.text, _so_far(done)])), error.what_to_do) from error
        finally:
            done.bytes_sent, done.bytes_received = talk.line.bytes_out, talk.line.bytes_in
            done.line_breaks = talk.line.breaks
    return done


def _so_far(done: Synced) -> str:
    """What moved before the line broke; nothing is said of nothing."""
    sent = what_words(done.segments_sent, done.files_sent, 0)
    received = what_words(done.segments_received, done.files_received, 0)
    if sent and received:
        return _("Until then were sent: {sent}; and received: {received}.").format(
            sent=sent, received=received
        )
    if sent:
        return _("Until then were sent: {sent}.").format(sent=sent)
    return _("Until then were received: {received}.").format(received=received) if received else ""


class _Exchange:
    """One exchange under way."""

    def __init__(
        self, workspace: Workspace, talk: Talk, work: Work, done: Synced, *, files: bool, automatic: bool
    ) -> None:
        self._workspace = workspace
        self._talk = talk
        self._work = work
        self._done = done
        self._with_files = files
        self._automatic = automatic
        self._moved = 0

    def run(self) -> None:
        holdings = self._talk.hello(streams_here(self._workspace))
        remember(self._workspace.folder, KnownHub(self._done.hub, self._talk.hub_key, self._automatic))
        mine = streams_here(self._workspace)
        for stream in [s for s in mine if s not in holdings]:
            self._done.not_confirmed.append(
                _("The hub does not let this laptop in to one of its sites ({id}).").format(
                    id=id_text(Id(stream))
                )
            )
        for stream, holding in holdings.items():
            self._receipts().review(stream, holding.reaches)
            self._changes(stream, holding)
        self._settle_in(holdings)
        for stream in holdings:
            relay_strays(self._workspace, self._talk, stream)
        fetched = fetch_bundles(self._workspace, self._talk, list(holdings), self._work)
        self._done.bundles_received = len(fetched.bundles)
        self._workspace.files.settle()
        if self._with_files:
            for stream in holdings:
                self._send_files(stream)
            for stream in holdings:
                self._fetch_files(stream)
        signed = [self._confirm(stream) for stream in holdings]
        for stream in holdings:
            exchange_words(self._workspace, self._talk, stream)
        if all(signed) and not self._done.not_confirmed:
            self._done.confirmed_at = datetime.now(UTC)

    # -- changes

    def _changes(self, stream: bytes, holding: Holding) -> None:
        """Both sides come to hold the same segments and the same directory of the site."""
        theirs = self._push(stream, holding.reaches)
        self._pull(stream, theirs)
        entries = directory_here(self._workspace, stream)
        if directory_mark(entries) != holding.directory:
            if holding.directory:
                take(self._workspace, [], entries=self._talk.directory(stream))
            if entries:
                self._talk.send_directory(stream, directory_here(self._workspace, stream))

    def _push(self, stream: bytes, theirs: Reaches) -> Reaches:
        for batch in in_batches(self._lacking(stream, theirs)):
            sent = self._talk.send(stream, batch)
            self._done.segments_sent += sent.held
            self._done.segments_refused += sent.refused
            theirs = sent.reaches
            self._tick(_("changes to the hub"))
        return theirs

    def _lacking(self, stream: bytes, theirs: Reaches) -> Iterator[SignedSegment]:
        for replica, reach in reaches(self._workspace, stream).items():
            there = theirs.get(replica, NOTHING)
            if there == reach or (reach.upto <= there.upto and not reach.beyond):
                continue
            above, more = min(there.upto, reach.upto), True
            while more:
                run = run_above(
                    self._workspace, stream, replica, above, at_most_bytes=BATCH_BYTES, complete=True
                )
                yield from run.segments
                above, more = run.through, run.more

    def _pull(self, stream: bytes, theirs: Reaches) -> None:
        mine = reaches(self._workspace, stream)
        for replica, there in theirs.items():
            here = mine.get(replica, NOTHING)
            if there == here or (there.upto <= here.upto and not there.beyond):
                continue
            above, more = min(there.upto, here.upto), True
            while more:
                segments, above, more = self._talk.run(stream, replica, above)
                self._need_room(sum(len(s.body) for s in segments))
                ours = [s for s in segments if stream_of(s.body) == stream]
                received = take(self._workspace, ours)
                self._done.segments_received += received.new
                self._done.segments_refused += received.refused + len(segments) - len(ours)
                self._done.forks += received.forks
                self._tick(_("changes from the hub"))

    def _settle_in(self, holdings: dict[bytes, Holding]) -> None:
        """A workspace that belongs to no site yet joins the one that it got."""
        if self._workspace.has_site:
            return
        with self._workspace.reading() as data:
            found = [site for site in data.find(Site, order=("id",)) if bytes(site.id) in holdings]
        if len(found) == 1:
            self._workspace.settle_in(Id(found[0].id))
            self._done.joined = found[0].name

    # -- files

    def _send_files(self, stream: bytes) -> None:
        receipts = self._receipts()
        sure = receipts.files(stream)
        here = [f for f in files_of(self._workspace, stream) if f not in sure and self._path(f) is not None]
        for some in _some(here):
            for sha256, start in self._talk.missing(stream, some):
                self._send_file(stream, sha256, start)

    def _send_file(self, stream: bytes, sha256: bytes, start: int) -> None:
        found = self._workspace.files.find(sha256)
        if found is None:
            return
        try:
            with found.open() as source:
                length = source.seek(0, 2)
                self._talk.send_file(stream, sha256, source, length, start=start)
        except OSError:  # a linked original on a card that was taken out
            self._done.files_not_sent += 1
        except HubRefused as refusal:
            if refusal.status not in (413, 422, 507):
                raise
            self._done.files_not_sent += 1
            if refusal.text not in self._done.not_confirmed:
                self._done.not_confirmed.append(refusal.text)
        else:
            self._done.files_sent += 1
        self._tick(_("files to the hub"))

    def _fetch_files(self, stream: bytes) -> None:
        wanted = [f for f in files_of(self._workspace, stream) if self._path(f) is None]
        for some in _some(wanted):
            lacking = {sha256 for sha256, _start in self._talk.missing(stream, some)}
            self._done.files_elsewhere += len(lacking)
            for sha256 in some:
                if sha256 not in lacking:
                    self._fetch_file(stream, sha256)
        self._workspace.files.settle()

    def _fetch_file(self, stream: bytes, sha256: bytes) -> None:
        part = self._workspace.cache / "hub" / f"{sha256.hex()}.part"
        with disk_told(part):
            part.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(part.parent).free < KEPT_FREE:
                self._done.files_without_room += 1
                return
            begun = self._is_begun(part)
            whole = self._fetch_into(part, stream, sha256)
            if not whole and begun:  # what was left of an earlier exchange was not the beginning of it
                whole = self._fetch_into(part, stream, sha256)
        if whole:
            self._done.files_received += 1
        else:
            self._done.files_elsewhere += 1
        self._tick(_("files from the hub"))

    def _is_begun(self, part: Path) -> bool:
        if not part.exists():
            return False
        with self._workspace.files.growing(part) as sink:
            return sink.seek(0, os.SEEK_END) > 0

    def _fetch_into(self, part: Path, stream: bytes, sha256: bytes) -> bool:
        """Fetch the rest of a file; False, and nothing is left of it, when it is not what its name says."""
        with self._workspace.files.growing(part) as sink:
            self._talk.fetch_file(stream, sha256, sink)
        if self._workspace.files.adopt(part, sha256):
            return True
        part.unlink()
        return False

    def _path(self, sha256: bytes) -> Path | None:
        return self._workspace.files.path(sha256)

    # -- the receipt

    def _receipts(self) -> Receipts:
        return Receipts(self._workspace.folder, replica_of(self._talk.hub_key))

    def _confirm(self, stream: bytes) -> bool:
        """Whether the hub signs for everything of this site that is here."""
        receipts = self._receipts()
        if not self._confirm_changes(stream, receipts):
            self._done.not_confirmed.append(_("The hub has not signed for all changes; run it again."))
            return False
        return not self._with_files or self._confirm_files(stream, receipts)

    def _confirm_changes(self, stream: bytes, receipts: Receipts) -> bool:
        for _round in range(ROUNDS):
            receipt = self._talk.receipt(stream)
            receipts.review(stream, receipt.reaches, receipt.at_ms)
            if covers(receipt.reaches, reaches(self._workspace, stream)):
                receipts.keep_changes(receipt)
                return True
            self._changes(stream, Holding(receipt.reaches, directory_mark(self._talk.directory(stream))))
        return False

    def _confirm_files(self, stream: bytes, receipts: Receipts) -> bool:
        """Ask for a receipt for each file that is here and has none; files that the hub turns out to lack are
        sent again."""
        here = [f for f in files_of(self._workspace, stream) if self._path(f) is not None]
        for attempt in range(2):
            sure = receipts.files(stream)
            unsure = [f for f in here if f not in sure]
            for some in _some(unsure):
                receipt = self._talk.receipt(stream, some)
                if receipt.files:
                    receipts.keep_files(receipt)
            sure = receipts.files(stream)
            if attempt == 0 and not all(f in sure for f in here):
                self._send_files(stream)
        self._done.files_confirmed += sum(f in sure for f in here)
        if all(f in sure for f in here):
            return True
        self._done.not_confirmed.append(_("The hub does not hold all of the files that are here."))
        return False

    # -- the rest

    def _need_room(self, size: int) -> None:
        with disk_told(self._workspace.folder):
            free = shutil.disk_usage(self._workspace.folder).free
        if free < 4 * size + KEPT_FREE // 4:
            raise Unfinished(
                _("The disk of this laptop is nearly full."),
                _("Free some space and run it again; what came through is kept."),
            )

    def _tick(self, note: str) -> None:
        self._moved += 1
        self._work.tick(self._moved, None, note)


def _some(files: Sequence[bytes]) -> Iterator[list[bytes]]:
    rest = iter(files)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
