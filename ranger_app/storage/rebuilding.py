"""Makes every state table anew from the signed segments, as the menu item and an upgrade do."""

from __future__ import annotations

from typing import Any

from ranger_app.storage.changes.erasing import look_at_cut
from ranger_app.storage.changes.feeds import FeedBook, stored
from ranger_app.storage.changes.merging import Applied
from ranger_app.storage.changes.receiving import apply_ready
from ranger_app.storage.codecs import sift
from ranger_app.storage.digest import forget_digest
from ranger_app.storage.pausing import no_search_for_cycles
from ranger_app.storage.tables import APPLIED, GUARDED, PARKED


def rebuild_state(database: Any) -> Applied:
    """Empty the state and apply all segments again, inside the caller's transaction with the gate open."""
    for name in GUARDED:
        database.execute(f'delete from "{name}"')
    database.execute("update segment set state = ? where state = ?", (PARKED, APPLIED))
    database.execute("update feed set applied = 0, stamp = 0, changes = 0")
    forget_digest(database)
    _read_again(database)
    book, applied = FeedBook(database), Applied()
    with no_search_for_cycles():
        for stream in book.streams():
            apply_ready(database, book, stream, applied)
    look_at_cut(database, book)
    return applied


def _read_again(database: Any) -> None:
    """Segments that an older version could not read in full may be readable now."""
    for feed, seq, hash_, body in database.execute(
        "select feed, seq, hash, body from segment where unread = 1"
    ).fetchall():
        if sift(stored(body))[1]:
            database.execute(
                "update segment set unread = 0 where feed = ? and seq = ? and hash = ?", (feed, seq, hash_)
            )
