"""What other laptops have said that they hold: so that a stick need not carry it to them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import cbor2

from ranger_app.storage.exchange.exchanging import Tip, Tips
from ranger_app.storage.faults import database_told
from ranger_app.storage.workspace import Workspace

_AT_ONCE = 10_000


def note_heard(workspace: Workspace, replica: bytes, at: int, tips: Tips) -> None:
    """Remember how far a laptop said it has every feed, unless it has said so later already."""
    plain = {s: {r: list(tip) for r, tip in feeds.items()} for s, feeds in tips.items()}
    with workspace.transaction() as (_connection, database), database_told(workspace.folder):
        database.execute(
            "insert into heard values (?,?,?) on conflict (replica) do update "
            "set at = excluded.at, tips = excluded.tips where excluded.at >= at",
            (replica, at, cbor2.dumps(plain)),
        )


def forget_heard(workspace: Workspace, replicas: Iterable[bytes]) -> None:
    """Believe no longer what a laptop said that it holds, as one does that came in from outside: it was given
    segments without their sensitive values, and said that it has them."""
    with workspace.transaction() as (_connection, database), database_told(workspace.folder):
        database.executemany("delete from heard where replica = ?", [(replica,) for replica in replicas])


def note_held(workspace: Workspace, replica: bytes, files: Iterable[bytes]) -> None:
    """Remember files that a laptop said it holds."""
    waiting: list[tuple[bytes, bytes]] = []
    for sha256 in files:
        waiting.append((replica, sha256))
        if len(waiting) == _AT_ONCE:
            _keep(workspace, waiting)
            waiting = []
    _keep(workspace, waiting)


def _keep(workspace: Workspace, rows: list[tuple[bytes, bytes]]) -> None:
    if rows:
        with workspace.transaction() as (_connection, database), database_told(workspace.folder):
            database.executemany("insert or ignore into held values (?,?)", rows)


def last_heard(workspace: Workspace, replicas: Collection[bytes]) -> tuple[bytes, Tips] | None:
    """Of one laptop under its keys one after another: which of them spoke last, and what it said."""
    found: tuple[int, bytes, bytes] | None = None
    with workspace.reading_raw() as database:
        for replica in replicas:
            row = database.execute("select at, tips from heard where replica = ?", (replica,)).fetchone()
            if row is not None and (found is None or row[0] > found[0]):
                found = (row[0], replica, row[1])
    if found is None:
        return None
    plain = cbor2.loads(found[2])
    return found[1], {s: {r: Tip(*tip) for r, tip in feeds.items()} for s, feeds in plain.items()}


def held_by_all(workspace: Workspace, replicas: Collection[bytes]) -> Callable[[bytes], bool]:
    """A way to ask whether every one of these laptops said that it holds a file; without any, nobody does."""

    def held(sha256: bytes) -> bool:
        with workspace.reading_raw() as database:
            return all(
                database.execute(
                    "select 1 from held where replica = ? and file = ?", (replica, sha256)
                ).fetchone()
                for replica in replicas
            )

    return held if replicas else lambda _sha256: False
