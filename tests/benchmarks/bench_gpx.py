"""A GPX of a million fixes: seconds of the processor and memory, with gpxpy beside it on a tenth of it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.report import Report

TRACKS, FIXES = 2000, 500
CPU_AT_MOST_S = 3.0
MEMORY_AT_MOST_MB = 300.0
PEER_SHARE = 10
"""gpxpy reads one track in so many: its time grows in proportion, and the whole would take a minute."""

_OURS = """
import json, resource, sys, time
from pathlib import Path
from ranger_app.formats import gpx
from ranger_app.jobs import Work
begun = time.process_time()
found = gpx.read(Path(sys.argv[1]), work=Work())
spent = time.process_time() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([spent, peak, sum(len(track.fixes) for track in found.tracks)]))
"""
_PEER = """
import json, sys, time
import gpxpy
begun = time.process_time()
with open(sys.argv[1], encoding="utf-8") as file:
    found = gpxpy.parse(file)
spent = time.process_time() - begun
print(json.dumps([spent, 0, sum(len(s.points) for t in found.tracks for s in t.segments)]))
"""


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = _written(Path(folder) / "whole.gpx", TRACKS)
        part = _written(Path(folder) / "part.gpx", TRACKS // PEER_SHARE)
        spent_s, peak_mb, fixes = _measured(_OURS, whole)
        assert fixes == TRACKS * FIXES
        note = f"{whole.stat().st_size / 1e6:.0f} MB"
        report.budget("GPX: 1 M fixes read, CPU", measured=spent_s, at_most=CPU_AT_MOST_S, note=note)
        report.budget("GPX: 1 M fixes read, memory", measured=peak_mb, at_most=MEMORY_AT_MOST_MB, unit="MB")
        ours_s, _peak, _fixes = _measured(_OURS, part)
        peer_s, _peak, peer_fixes = _measured(_PEER, part)
        assert peer_fixes == fixes // PEER_SHARE
        report.peer("GPX: 100 000 fixes read, CPU", measured=ours_s, peer=peer_s, name="gpxpy")
        rich = _written(Path(folder) / "rich.gpx", TRACKS, rest=_dilution)
        spent_s, peak_mb, _fixes = _measured(_OURS, rich)
        report.budget("GPX: 1 M fixes with hdop and sat, CPU", measured=spent_s, at_most=2 * CPU_AT_MOST_S)
        report.budget(
            "GPX: 1 M fixes with hdop and sat, memory", measured=peak_mb, at_most=MEMORY_AT_MOST_MB, unit="MB"
        )


def _measured(program: str, path: Path) -> tuple[float, float, int]:
    """Seconds of the processor, peak in MB and fixes, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    spent_s, peak_mb, fixes = json.loads(done.stdout)
    return spent_s, peak_mb, fixes


def _dilution(number: int) -> str:
    return f"<sat>{4 + number % 9}</sat><hdop>{(number % 40) / 10:.1f}</hdop>"


def _written(path: Path, tracks: int, rest: object = None) -> Path:
    """Made-up walks, as a receiver writes them: four hours apart, a fix every 15 seconds."""
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="demo" ')
        out.write('xmlns="http://www.topografix.com/GPX/1/1">\n')
        for track in range(tracks):
            out.write(f"<trk><name>Demo {track:04d}</name><trkseg>\n")
            begun = 1_767_225_600 + track * 4 * 3600
            for fix in range(FIXES):
                lat = -2.5 + math.sin(track) / 5 + fix * 1.37e-5
                lon = 34.8 + math.cos(track) / 5 + fix * 0.91e-5
                at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun + fix * 15))
                more = rest(track * FIXES + fix) if callable(rest) else ""
                out.write(
                    f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>{1500 + fix / 10:.1f}</ele>'
                    f"<time>{at}</time>{more}</trkpt>\n"
                )
            out.write("</trkseg></trk>\n")
        out.write("</gpx>\n")
    return path
