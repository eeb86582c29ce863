"""Takes a card into the workspace, several files at a time, in batches recorded wholly or not at all.

A batch is recorded only when all of its files are on disk for good, so killing the program at any
moment leaves whole batches, and adding the card again takes the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from ranger_app.domain.errors import DiskTrouble, KnownError, Unfinished
from ranger_app.domain.ids import Id
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Cancelled, Work
from ranger_app.photos.intake.card import Card, LeftOut
from ranger_app.photos.intake.recording import Recorder
from ranger_app.photos.intake.shots import CardGone, Mode, TakenShot, take_shot
from ranger_app.storage import Workspace

BATCH_PHOTOS = 200
READERS = 3
"""Threads; reading, hashing and flushing to disk run beside each other and beside the recording."""
AHEAD_FILES = 2 * BATCH_PHOTOS
"""Files read before they are recorded, so that reading goes on meanwhile. Only what is said of them is held:
no more pictures are in memory than there are READERS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a card."""

    added: int
    already: int
    """Pictures whose bytes were in the workspace before, or twice on the card."""
    sequences: int
    """Sequences that the added pictures are in."""
    failed: tuple[LeftOut, ...]
    """Files that were not taken."""
    notes: tuple[LeftOut, ...]
    """Pictures that were taken although something is odd about them."""
    station_id: Id | None
    """None when there was nothing to record."""
    size_bytes: int
    """Of all pictures that were read."""


def take_in(workspace: Workspace, card: Card, recorder: Recorder, *, mode: Mode, work: Work) -> Taken:
    """Take every picture of `card` that is not there yet.

    Files that are no pictures are listed and left. Raises `Unfinished` when the card or the disk gives
    out half way, and `Cancelled`; what was taken until then is recorded and stays.
    """
    failed, notes = list(card.left_out), list[LeftOut]()
    batch, size_bytes = list[TakenShot](), 0

    def record() -> None:
        workspace.files.settle()
        recorder.record(batch, link=mode is Mode.LINK)
        batch.clear()

    try:
        for done, shot in enumerate(_shots(workspace, card, mode)):
            work.tick(done, len(card.found))
            if isinstance(shot, LeftOut):
                failed.append(shot)
                continue
            if shot.note:
                notes.append(LeftOut(shot.found.file, shot.note))
            size_bytes += shot.size_bytes
            batch.append(shot)
            if len(batch) == BATCH_PHOTOS:
                record()
        record()
    except Cancelled:
        record()
        raise
    except (CardGone, DiskTrouble) as trouble:
        try:
            record()
        except DiskTrouble:
            batch.clear()  # a full disk takes no records either; the files are found again next time
        raise _unfinished(card, trouble, recorder.added + recorder.already) from trouble
    work.tick(len(card.found), len(card.found))
    return Taken(
        added=recorder.added,
        already=recorder.already,
        sequences=len(recorder.sequences),
        failed=tuple(failed),
        notes=tuple(notes),
        station_id=recorder.station_id,
        size_bytes=size_bytes,
    )


def _shots(workspace: Workspace, card: Card, mode: Mode) -> Iterator[TakenShot | LeftOut]:
    """What was read of each file, in the card's order; a few files are always under way."""
    with ThreadPoolExecutor(READERS, thread_name_prefix="ranger-card") as pool:
        waiting: deque[Future[TakenShot | LeftOut]] = deque()
        try:
            for found in card.found:
                if len(waiting) == AHEAD_FILES:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(take_shot, workspace.files, card.folder, found, mode=mode))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _unfinished(card: Card, trouble: CardGone | DiskTrouble, safe: int) -> KnownError:
    if isinstance(trouble, DiskTrouble):
        why, way_out = trouble.text, trouble.what_to_do
    else:
        why = _("“{name}” went away half way.").format(name=card.folder.name)
        way_out = _("Put the card back and add the same folder again.")
    kept = ngettext(
        "{safe} of {count} picture is safe.", "{safe} of {count} pictures are safe.", len(card.found)
    )
    return Unfinished(
        f"{why} {kept.format(safe=safe, count=len(card.found))}",
        " ".join((way_out, _("Nothing is taken twice."))),
    )
