"""Writes the packet of a whole assessment: 50 indicators answered, a plan cited for each, 40 photos."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

from PIL import Image

from ranger_app.packets.service import Packets
from ranger_app.packets.verify import verify_packet
from tests.assessments.parks import Park, a_file, open_park
from tests.benchmarks.report import Report
from tests.packets.sites import A_PDF

PHOTOS = 40
PHOTO_PX = 2_048, 1_536
NARRATIVE = "The management council meets four times a year, and its members are named in the by-laws. " * 8


def run(report: Report) -> None:
    """Measure the first packet of a process, and the check of it."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        place = Path(name)
        with open_park(place / "demo.ranger") as park:
            _fill(park, place)
            packets = Packets(park.workspace, park.assessments)
            started = time.perf_counter()
            made = packets.write(place / "packet.zip")
            report.budget(
                f"packet of 50 indicators and {PHOTOS} photos ({made.bytes / 1e6:.0f} MB)",
                measured=time.perf_counter() - started,
                at_most=5.0,
                note="page, report, tables, pictures cleaned, signed",
            )
            started = time.perf_counter()
            verdict = verify_packet(made.path)
            assert verdict.good
            report.budget("the same packet verified", measured=time.perf_counter() - started, at_most=2.0)


def _fill(park: Park, place: Path) -> None:
    room = park.assessments
    room.start()
    plan = a_file(place / "papers", content=A_PDF)
    for page, sheet in enumerate(room.whole().sheets, start=1):
        room.answer(sheet.code, rating="met", narrative=NARRATIVE)
        room.cite(sheet.code, plan, page=str(page), title="Plan", dated_on=date.today())
    for at in range(PHOTOS):
        # Noise packs badly, so that each picture is as large as a camera's.
        noise = Image.effect_noise(PHOTO_PX, 64 + at).convert("RGB")
        noise.save(place / f"{at}.jpg", quality=90)
        room.cite("4.1.1", place / f"{at}.jpg", title=f"Demo photo {at}")
    room.freeze("3.5.2", "demo.distance")
