"""GPX files for tests: written by hand, read, and compared fix by fix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ranger_app.domain.found import Fixes, Found, FoundTrack, unpack_notes
from ranger_app.formats import gpx
from ranger_app.jobs import Work

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
GPX_1_1 = 'version="1.1" creator="demo" xmlns="http://www.topografix.com/GPX/1/1"'
GPX_1_0 = 'version="1.0" creator="demo" xmlns="http://www.topografix.com/GPX/1/0"'


def write(path: Path, body: str, *, head: str = HEAD, root: str = GPX_1_1, encoding: str = "utf-8") -> Path:
    """A GPX file with this body."""
    path.write_bytes(f"{head}<gpx {root}>{body}</gpx>".encode(encoding))
    return path


def read(path: Path) -> Found:
    return gpx.read(path, work=Work())


def fix(lat: float | str, lon: float | str, inner: str = "") -> str:
    return f'<trkpt lat="{lat}" lon="{lon}">{inner}</trkpt>'


def track(*points: str, name: str = "") -> str:
    named = f"<name>{name}</name>" if name else ""
    return f"<trk>{named}<trkseg>{''.join(points)}</trkseg></trk>"


def codes(found: Found) -> set[str]:
    """The codes of its doubts."""
    return {doubt.code for doubt in found.doubts}


def plain_fixes(fixes: Fixes) -> dict[str, Any]:
    """Fixes in a form that compares, missing numbers included."""

    def column(values: Sequence[float]) -> list[float | None]:
        return [None if value != value else value + 0.0 for value in values]  # zero has no sign

    return {
        "lon": column(fixes.lon),
        "lat": column(fixes.lat),
        "elevation": column(fixes.elevation_m),
        "time": list(fixes.time_ms),
        "starts": fixes.starts,
        "more": {name: column(values) for name, values in sorted(fixes.more.items())},
        "notes": unpack_notes(fixes.notes, len(fixes)),
    }


def plain_track(track: FoundTrack) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return track.name, dict(track.raw), plain_fixes(track.fixes)


def plain(found: Found) -> dict[str, Any]:
    """Everything of a GPX file that must survive being written and read again."""
    return {
        "tracks": [plain_track(t) for t in found.tracks],
        "routes": [plain_track(r) for r in found.routes],
        "waypoints": list(found.waypoints),
        "metadata": found.raw.get("metadata"),
        "extensions": found.raw.get("extensions"),
    }
