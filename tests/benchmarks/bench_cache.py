"""Reads and edits 100,000 photos in a keyed database beside the same without a key, at three page caches.

Each page of a keyed database is deciphered when it is read, so few should be read twice. Both databases get
the same questions in the same order on fresh connections, interleaved; the quickest round counts,
in seconds of the processor.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from ranger_app.domain.sites import Site
from ranger_app.storage import Workspace
from ranger_app.storage.engine import DATABASE, connect_raw
from tests.benchmarks.bench_storage import RECORDS, _photos
from tests.benchmarks.report import Report
from tests.builders import a_site

CACHES_MB = (16, 32, 64, 256)
ROUNDS = 2
LOOKUPS = 20_000
AT_MOST_TIMES = 3.0
PASSPHRASE = "a demo passphrase"


def run(report: Report) -> None:
    """The same work keyed and unkeyed, by size of the cache."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        site = a_site()
        places = {True: Path(name) / "keyed", False: Path(name) / "unkeyed"}
        keys = {keyed: _fill(folder, site, keyed=keyed) for keyed, folder in places.items()}
        quickest = {(keyed, mb): [9e9] * 3 for keyed in places for mb in CACHES_MB}
        for _round in range(ROUNDS):
            for keyed, mb in quickest:
                times = _work(places[keyed] / DATABASE, keys[keyed], mb)
                quickest[keyed, mb] = [min(pair) for pair in zip(times, quickest[keyed, mb], strict=True)]
        for mb in CACHES_MB:
            for what, keyed_s, unkeyed_s in zip(
                (
                    f"{LOOKUPS:,} lookups, two rounds of them",
                    "count and sort all, twice",
                    "10,000 edits of rows",
                ),
                quickest[True, mb],
                quickest[False, mb],
                strict=True,
            ):
                report.peer(
                    f"keyed, cache of {mb} MB: {what}",
                    measured=keyed_s,
                    peer=unkeyed_s,
                    name="without a key",
                    at_most_times=AT_MOST_TIMES,
                )


def _fill(folder: Path, site: Site, *, keyed: bool) -> bytes | None:
    with Workspace.create(folder, site=site, passphrase=PASSPHRASE if keyed else None) as made:
        with made.unit("photos") as unit:
            unit.add_many(_photos(site.id))
        return made.keys.database_key


def _work(database: Path, key: bytes | None, cache_mb: int) -> list[float]:
    """Seconds for lookups by id all over the table, for two passes over all of it, and for edits."""
    connection = connect_raw(database, key, cache_kib=cache_mb << 10)
    try:
        run = connection.execute
        ids = [row[0] for row in run("select id from photo order by id")]
        chosen = random.Random(1).sample(ids, LOOKUPS)
        times = []
        begun = time.process_time()
        for _twice in range(2):
            for id_ in chosen:
                run("select * from photo where id = ?", (id_,)).fetchone()
        times.append(time.process_time() - begun)
        begun = time.process_time()
        for _twice in range(2):
            run("select count(*), max(taken_local), sum(length(hex(file))) from photo").fetchone()
            run("select id from photo order by taken_local desc limit 100").fetchall()
        times.append(time.process_time() - begun)
        begun = time.process_time()
        run("begin immediate")
        run("update gate set open = 1")
        for id_ in chosen[: LOOKUPS // 2]:
            run("update photo set note = 'demo' where id = ?", (id_,))
        times.append(time.process_time() - begun)
        run("rollback")
    finally:
        connection.close()
    assert len(ids) == RECORDS
    return times
