"""Writes 100,000 photo records in one unit of work, beside the same rows without any change being kept.

The peer gets its rows ready made, in the same schema with its indexes and guards, with the same settings of
the database, in one transaction; ours begins with the records and ends with rows, signed segments and the
flushed log. Both commit to the disk. The rounds are interleaved, and the quickest of each side counts:
other work on the machine slows both.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from ranger_app.bootstrap import Ranger
from ranger_app.domain.ids import Id
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from tests.benchmarks.captures import Work, bare, captured, insert_photos, rows_of, saved_uncaptured
from tests.benchmarks.report import Report
from tests.builders import a_workspace

RECORDS = 100_000
ROUNDS = 4
AT_MOST_TIMES = 2.0
CAPTURE_TIMES = 1.4
EDITS = 20_000
EDITS_ALONE = 300
DIGEST_S, STATUS_S, OPEN_S, CHANGES_PER_S = 3.0, 1.0, 0.2, 5_000
BEGIN = datetime(2026, 1, 1)


def run(report: Report) -> None:
    """Measure a large unit, small ones, and what the start screen asks for."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        place = Path(name)
        ours: list[float] = []
        peer: list[float] = []
        for turn in range(ROUNDS):
            with a_workspace(place / f"peer{turn}.ranger") as plain:
                peer.append(_insert_plainly(plain, _photos(plain.site_id)))
            with a_workspace(place / f"ours{turn}.ranger") as workspace:
                ours.append(_insert(workspace, _photos(workspace.site_id)))
        report.peer(
            f"{RECORDS:,} photos in one unit, with their segments",
            measured=min(ours),
            peer=min(peer),
            name="the rows alone",
            at_most_times=AT_MOST_TIMES,
            note="records to rows and signing included; the peer's rows are ready",
        )
        folder = place / f"ours{ROUNDS - 1}.ranger"
        report.budget(
            f"open a workspace of {RECORDS:,} records", measured=_quickest(_open(folder)), at_most=OPEN_S
        )
        with Ranger.open(folder) as ranger:
            workspace = ranger.workspace
            report.budget(
                f"digest of {RECORDS:,} records, worked out",
                measured=_quickest(lambda: workspace.digest(afresh=True)),
                at_most=DIGEST_S,
            )
            report.budget(
                f"status of {RECORDS:,} records", measured=_quickest(ranger.status), at_most=STATUS_S
            )
            report.rate(
                "changes of two fields, in one unit",
                measured=_changes_per_s(workspace),
                at_least=CHANGES_PER_S,
                unit="records/s",
            )
        _capture(report, folder, place / f"peer{ROUNDS - 1}.ranger")


def _capture(report: Report, ours: Path, plain: Path) -> None:
    """Edits with what is kept and signed of them, beside the same edits of which nothing is kept, in two
    readings of what those are: a save as a person's is, which looks at the record, puts values in form
    and leaves alone what is so already; and bare SQL with ready values, as the 1.13 to 1.37 of triggers that
    sign nothing were measured (sync.md, 5). Rounds are interleaved, and the quickest of each counts."""
    with Workspace.open(ours) as workspace, Workspace.open(plain) as peer:
        for what, alone in ((f"{EDITS:,} changed records in one unit", False), ("saves, each flushed", True)):
            ways = ((workspace, captured), (peer, saved_uncaptured), (peer, bare))
            times: list[list[float]] = [[] for _ in ways]
            for _round in range(ROUNDS):
                for (one, way), taken in zip(ways, times, strict=True):
                    works = list(_works(one, alone=alone))
                    begun = time.perf_counter()
                    for work in works:
                        way(one, work)
                    taken.append(time.perf_counter() - begun)
            measured, saved, raw = (min(taken) for taken in times)
            for peer_s, name in ((saved, "the same save, nothing kept"), (raw, "bare SQL, values ready")):
                report.peer(
                    f"{what}, captured",
                    measured=measured,
                    peer=peer_s,
                    name=name,
                    at_most_times=CAPTURE_TIMES,
                    note="kept op by op and signed",
                )


def _works(workspace: Workspace, *, alone: bool) -> Iterator[Work]:
    """What is to be done to a workspace, in the shares of the reference: six of ten records get two fields,
    three are new, one is removed. Alone, only edits."""
    mark = os.urandom(4).hex()
    with workspace.reading() as data:
        ids = data.column(Photo, "id", limit=EDITS_ALONE if alone else EDITS * 7 // 10)
    if alone:
        yield from (Work(mark, [id_]) for id_ in ids)
    else:
        share = EDITS // 10
        yield Work(mark, ids[share:], _photos(workspace.site_id, 3 * share), ids[:share])


def _photos(site_id: Id, many: int = RECORDS) -> list[Photo]:
    return [
        Photo(
            site_id=site_id,
            file=os.urandom(32),
            file_name=f"IMG_{n:06}.JPG",
            folder="100DEMO",
            size_bytes=3_000_000 + n,
            width_px=4000,
            height_px=3000,
            taken_local=BEGIN + timedelta(seconds=20 * n),
            time_source="exif",
            taken_raw="2026:01:01 00:00:00",
            camera_make="Demo",
            camera_model="Trap 1",
            exif={"ExposureTime": 0.01, "ISOSpeedRatings": 400},
        )
        for n in range(many)
    ]


def _insert(workspace: Workspace, photos: list[Photo]) -> float:
    os.sync()
    begun = time.perf_counter()
    with workspace.unit("bench") as unit:
        unit.add_many(photos)
    return time.perf_counter() - begun


def _insert_plainly(workspace: Workspace, photos: list[Photo]) -> float:
    rows = rows_of(photos)
    os.sync()
    begun = time.perf_counter()
    with workspace.transaction() as (_connection, database):
        insert_photos(database, rows)
    return time.perf_counter() - begun


def _changes_per_s(workspace: Workspace, records: int = 20_000) -> float:
    with workspace.reading() as data:
        ids = data.column(Photo, "id", limit=records)
    begun = time.perf_counter()
    with workspace.unit("change") as unit:
        for n, id_ in enumerate(ids):
            unit.change((Photo, id_), note="Demo", width_px=n)
    return records / (time.perf_counter() - begun)


def _open(folder: Path) -> Callable[[], object]:
    return lambda: Workspace.open(folder).close()


def _quickest(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return min(taken)
