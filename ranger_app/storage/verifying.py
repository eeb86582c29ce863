"""Checks a whole workspace: pages, the hash, signature and chain of every segment, the state, every file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ranger_app.domain.errors import BadInput, WorkspaceDamaged
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Work
from ranger_app.security.keys import genuine
from ranger_app.storage.backups import check
from ranger_app.storage.changes.feeds import FeedBook, unpack
from ranger_app.storage.changes.leaves import signed_part
from ranger_app.storage.changes.segments import decode, hash_of
from ranger_app.storage.digest import state_digest
from ranger_app.storage.exchange.exchanging import referenced_files
from ranger_app.storage.faults import database_told, disk_told
from ranger_app.storage.growing import looks_grown
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.sealed_file import looks_sealed
from ranger_app.storage.workspace import Workspace

_GROWING = ("embeddings/*.table", "hub/*.part", "hub/*.stray")
_NOTES = "bundles/*/*"
"""What the rooms above keep in the cache (`photos.embedding_store`, `sync.hub_sync`, `sync.journal`)."""


class _Undo(Exception):
    """Leaves a trial transaction without keeping it."""


@dataclass(slots=True)
class Verdict:
    """What was looked at and what was found wrong, each in a sentence."""

    segments: int = 0
    files: int = 0
    files_elsewhere: int = 0
    """Files that records speak of and that are not on this laptop; not a fault."""
    files_sealed: int = 0
    """Files that lay plain in a workspace with a passphrase, from before they were sealed."""
    problems: list[str] = field(default_factory=list)


def verify(workspace: Workspace, work: Work) -> Verdict:
    """Look at everything; changes nothing, but seals what was kept plain before files were sealed."""
    verdict = Verdict()
    try:
        check(workspace.database, workspace.keys.database_key)
    except WorkspaceDamaged as error:
        verdict.problems.append(f"{error.text} {error.what_to_do}".strip())
        return verdict
    with workspace.reading_raw() as database:
        _verify_segments(database, verdict, work)
    if not verdict.problems:
        _verify_state(workspace, verdict)
    _verify_files(workspace, verdict, work)
    _seal_cache(workspace, verdict)
    return verdict


def _verify_segments(database: Any, verdict: Verdict, work: Work) -> None:
    book = FeedBook(database)
    total = database.execute("select count(*) from segment").fetchone()[0]
    previous: tuple[int, int, bytes] = (0, 0, b"")
    for feed, seq, hash_, body, signature, state in database.execute(
        "select feed, seq, hash, body, signature, state from segment order by feed, seq"
    ):
        work.tick(verdict.segments, total, _("changes"))
        verdict.segments += 1
        try:
            raw_body = unpack(body)
            segment = decode(raw_body)
        except (BadInput, WorkspaceDamaged):
            verdict.problems.append(
                _("Segment {seq} of feed {feed} does not read.").format(seq=seq, feed=feed)
            )
            continue
        sound = (
            hash_of(raw_body) == hash_
            and segment.seq == seq
            and segment.replica == book.replica(feed)
            and genuine(book.feed(feed).public_key, signed_part(raw_body), signature)
        )
        chained = state != 1 or seq == 1 or previous == (feed, seq - 1, segment.previous)
        if not sound or not chained:
            verdict.problems.append(
                _("Segment {seq} of feed {feed} is not what its laptop signed.").format(seq=seq, feed=feed)
            )
        if state == 1:
            previous = (feed, seq, hash_)


def _verify_state(workspace: Workspace, verdict: Verdict) -> None:
    before = after = ""
    try:
        with workspace.transaction() as (_connection, database), database_told(workspace.folder):
            before = state_digest(database, FeedBook(database))
            rebuild_state(database)
            after = state_digest(database, FeedBook(database))
            raise _Undo
    except _Undo:
        pass
    if before != after:
        verdict.problems.append(
            _("Some records are not what the signed changes say; ranger-app rebuild puts them right.")
        )


def _seal_cache(workspace: Workspace, verdict: Verdict) -> None:
    """Seal what grew in the cache before there was sealing. Notes on bundles are thrown away: they only save
    time."""
    if not workspace.files.seals:
        return
    with disk_told(workspace.cache):
        for pattern in _GROWING:
            for path in sorted(workspace.cache.glob(pattern)):
                if path.stat().st_size and not looks_grown(path):
                    workspace.files.growing(path).close()
                    verdict.files_sealed += 1
        for path in sorted(workspace.cache.glob(_NOTES)):
            if path.is_file() and not looks_sealed(path):
                path.unlink()
                verdict.files_sealed += 1


def _verify_files(workspace: Workspace, verdict: Verdict, work: Work) -> None:
    wanted = referenced_files(workspace)
    damaged = 0
    for done, sha256 in enumerate(wanted):
        work.tick(done, len(wanted), _("files"))
        if workspace.files.path(sha256) is None:
            verdict.files_elsewhere += 1
            continue
        verdict.files += 1
        if workspace.files.whole(sha256):
            verdict.files_sealed += workspace.files.seal(sha256)
        else:
            damaged += 1
    workspace.files.settle()
    if damaged:
        verdict.problems.append(
            ngettext(
                "{n} file is not what it was when it was added.",
                "{n} files are not what they were when they were added.",
                damaged,
            ).format(n=damaged)
        )
