"""Writes and merges 100,000 changed records: 60,000 updates of two fields, 30,000 new ones, 10,000 removed.

Two laptops share a base of waypoints; one of them changes, writes what the other lacks to a folder, and the
other reads it: from the bundle on the disk to the last commit, sealed, every signature looked at and every
part compared with the list of contents. Nothing is left out because it is a benchmark. Beside it pygeodiff
and SQLite's session extension write the same changes of a plain table down, in the same run.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ranger_app.domain.ids import Id, new_id
from ranger_app.domain.patrols import Waypoint
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import tips
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from ranger_app.sync.people.devices import Devices
from tests.benchmarks.report import Report
from tests.benchmarks.rivals import Changes, Row, geodiff, session
from tests.builders import a_workspace

BASE = int(os.environ.get("RANGER_BENCH_ROWS", "200000"))
UPDATES, INSERTS, REMOVALS = 60_000, 30_000, 10_000
MERGED_PER_S = 25_000
WRITE_TIMES = 1.5
ROUNDS = 3
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def run(report: Report) -> None:
    """Measure a first bundle, and a later one with everything that changed since."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        place = Path(name)
        with a_workspace(place / "sender.ranger") as sender:
            with sender.unit("base") as unit:
                unit.add_many(_waypoint(sender.site_id, n) for n in range(BASE))
            for turn in range(ROUNDS):
                with Workspace.create(place / f"{turn}.ranger", site=None) as joining:
                    _request, asked = Devices(joining).request()
                    Devices(joining).join(Devices(sender).enrol(asked, role="ranger"))
            write_bundle(sender, place / "first", Work())
            first, written, merged = [], [], []
            for turn in range(ROUNDS):
                with Workspace.open(place / f"{turn}.ranger") as receiver:
                    first.append(_seconds_to_read(receiver, place / "first"))
                    if turn == 0:
                        _change(sender)
                    stick = place / f"stick{turn}"
                    known = tips(receiver)
                    begun = time.perf_counter()
                    done = write_bundle(sender, stick, Work(), known=known)
                    written.append(time.perf_counter() - begun)
                    merged.append(_seconds_to_read(receiver, stick))
                    assert receiver.digest() == sender.digest()
        changed = UPDATES + INSERTS + REMOVALS
        report.rate(
            f"first bundle of {BASE:,} records merged",
            measured=BASE / min(first),
            at_least=MERGED_PER_S,
            unit="records/s",
        )
        report.rate(
            f"{changed:,} changed records merged into {BASE:,}",
            measured=changed / min(merged),
            at_least=MERGED_PER_S,
            unit="records/s",
            note="60 % two-field updates, 30 % new, 10 % removed",
        )
        diffs = [geodiff(_fresh(place, f"geodiff{n}"), _rows(), _as_changes()) for n in range(ROUNDS)]
        seen = session(_fresh(place, "session"), _rows(), _as_changes())
        report.peer(
            f"{changed:,} changed records of {BASE:,} sealed, written and read back",
            measured=min(written),
            peer=min(one.seconds for one in diffs),
            name="pygeodiff",
            at_most_times=WRITE_TIMES,
            note=f"pygeodiff {diffs[0].packed_bytes / 1e6:.2f} MB, neither sealed nor flushed",
        )
        report.peer(
            "bytes of them on the stick, sealed",
            measured=done.bytes / 1e6,
            peer=seen.packed_bytes / 1e6,
            name="SQLite changeset",
            unit="MB",
            note="both compressed; ours signed, with who wrote what it replaces",
        )


def _waypoint(site_id: Id, n: int) -> Waypoint:
    return Waypoint(
        site_id=site_id,
        patrol_id=_PATROLS[n % len(_PATROLS)],
        number=str(n),
        lon=131.0 + (n * 7_919 % 100_000) / 1e6,
        lat=43.0 + (n * 104_729 % 100_000) / 1e6,
        elevation_m=float(n % 900),
        at=BEGIN + timedelta(seconds=30 * n),
        source="gps",
    )


_PATROLS = [new_id() for _ in range(500)]


def _change(workspace: Workspace) -> None:
    with workspace.reading() as data:
        ids = data.column(Waypoint, "id", order=("id",))
    step = max(1, len(ids) // (UPDATES + REMOVALS))
    chosen = ids[::step][: UPDATES + REMOVALS]
    for start in range(0, len(chosen), 1_000):
        with workspace.unit("change") as unit:
            for n, id_ in enumerate(chosen[start : start + 1_000]):
                if n % 7:
                    unit.change((Waypoint, id_), comment=f"checked {n}", name="Demo")
                else:
                    unit.remove((Waypoint, id_), reason="demo")
            unit.add_many(_waypoint(workspace.site_id, n) for n in range(1_000 * INSERTS // len(chosen)))


def _as_changes() -> Changes:
    """What `_change` does, to rows that are numbered from 1."""
    step = max(1, BASE // (UPDATES + REMOVALS))
    chosen = range(1, BASE + 1, step)[: UPDATES + REMOVALS]
    return Changes(
        [n for place, n in enumerate(chosen) if place % 7],
        [n for place, n in enumerate(chosen) if not place % 7],
        INSERTS,
    )


def _rows() -> Iterator[Row]:
    """The waypoints as rows of a plain table."""
    site = new_id()
    for n in range(BASE):
        one = _waypoint(site, n)
        at_s = int(one.at.timestamp()) if one.at else None
        place = (one.lon, one.lat, one.elevation_m)
        yield (n + 1, one.id, one.patrol_id, one.number, *place, at_s, one.source, "", "")


def _fresh(place: Path, name: str) -> Path:
    made = place / name
    made.mkdir()
    return made


def _seconds_to_read(workspace: Workspace, place: Path) -> float:
    os.sync()
    begun = time.perf_counter()
    done = read_bundles(workspace, place, Work())
    taken = time.perf_counter() - begun
    assert not done.missing_parts
    assert not done.segments_refused
    return taken
