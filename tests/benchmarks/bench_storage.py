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
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from ranger_app.bootstrap import Ranger
from ranger_app.domain.ids import Id
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.codecs import CODECS
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
    """Edits of two fields, with what is kept and signed of them, beside the bare updates of the same rows."""
    with Workspace.open(ours) as workspace, Workspace.open(plain) as peer:
        for what, alone in ((f"{EDITS:,} edits in one unit", False), ("edits, each flushed", True)):
            report.peer(
                f"{what}, captured",
                measured=_quickest(partial(_edit, workspace, alone=alone)),
                peer=_quickest(partial(_edit_plainly, peer, alone=alone)),
                name="the plain edits",
                at_most_times=CAPTURE_TIMES,
                note="kept op by op and signed",
            )


def _edit(workspace: Workspace, *, alone: bool) -> None:
    mark = os.urandom(4).hex()
    with workspace.reading() as data:
        ids = data.column(Photo, "id", limit=EDITS_ALONE if alone else EDITS)
    for some in [[id_] for id_ in ids] if alone else [ids]:
        with workspace.unit("edit") as unit:
            for id_ in some:
                unit.change((Photo, id_), note=mark, taken_raw=mark)


def _edit_plainly(workspace: Workspace, *, alone: bool) -> None:
    mark = os.urandom(4).hex()
    with workspace.reading() as data:
        ids = data.column(Photo, "id", limit=EDITS_ALONE if alone else EDITS)
    for some in [[id_] for id_ in ids] if alone else [ids]:
        with workspace.transaction() as (_connection, database):
            rows = [(mark, mark, id_) for id_ in some]
            database.executemany("update photo set note = ?, taken_raw = ? where id = ?", rows)


def _photos(site_id: Id) -> list[Photo]:
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
        for n in range(RECORDS)
    ]


def _insert(workspace: Workspace, photos: list[Photo]) -> float:
    os.sync()
    begun = time.perf_counter()
    with workspace.unit("bench") as unit:
        unit.add_many(photos)
    return time.perf_counter() - begun


def _insert_plainly(workspace: Workspace, photos: list[Photo]) -> float:
    codec = CODECS[Photo.KIND]
    names = ", ".join(
        f'"{name}"' for name in ("id", "site_id", "_feed", "_seq", "_op", "_gone", *codec.names)
    )
    marks = ", ".join("?" * (6 + len(codec.names)))
    rows = [
        (photo.id, photo.site_id, 1, n // 1_000, n % 1_000, 0, *codec.row(codec.wire(photo)))
        for n, photo in enumerate(photos)
    ]
    os.sync()
    begun = time.perf_counter()
    with workspace.transaction() as (_connection, database):
        database.executemany(f"insert into photo ({names}) values ({marks})", rows)
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
