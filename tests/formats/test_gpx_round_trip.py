"""GPX there and back: what was read is written, and what was written is read."""

from __future__ import annotations

import math
from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gpxpy
import gpxpy.gpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app import formats
from ranger_app.domain.found import NO_TIME_MS, Fixes, Found, FoundTrack, FoundWaypoint
from ranger_app.formats import gpx
from ranger_app.jobs import Cancelled, Work
from tests.formats.gpx_files import plain, read

XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20
)
DEGREES = st.integers(-1_800_000_000, 1_800_000_000).map(lambda n: n / 1e7)
MS = st.integers(0, 4_000_000_000_000) | st.just(NO_TIME_MS)


@st.composite
def fixes(draw: st.DrawFn) -> Fixes:
    count = draw(st.integers(0, 30))
    starts = sorted(draw(st.lists(st.integers(0, count), max_size=4)))

    def column(values: st.SearchStrategy[float]) -> array[float]:
        return array("d", draw(st.lists(values, min_size=count, max_size=count)))

    more = {}
    for name in draw(st.sets(st.sampled_from(["hdop", "sat", "magvar"]))):
        values = column(st.integers(0, 999).map(lambda n: n / 10) | st.just(math.nan))
        if any(value == value for value in values):
            more[name] = values
    return Fixes(
        lon=column(DEGREES),
        lat=column(DEGREES.map(lambda n: n / 2)),
        elevation_m=column(st.integers(-500_000, 9_000_000).map(lambda n: n / 1000) | st.just(math.nan)),
        time_ms=array("q", draw(st.lists(MS, min_size=count, max_size=count))),
        starts=(0, *starts) if count else tuple(starts),
        more=more,
    )


tracks = st.builds(lambda name, f: FoundTrack(name=name.strip(), fixes=f), XML_TEXT, fixes())
waypoints = st.builds(
    lambda lon, lat, name, comment, at: FoundWaypoint(
        lon=lon, lat=lat / 2, name=name, comment=comment, at=at, at_local=None
    ),
    DEGREES,
    DEGREES,
    XML_TEXT,
    XML_TEXT.filter(lambda text: not text[:1].isdigit()),
    st.integers(0, 4_000_000_000_000).map(
        lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    ),
)


@given(st.lists(tracks, max_size=4), st.lists(waypoints, max_size=5))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, some: list[FoundTrack], points: list[FoundWaypoint]
) -> None:
    path = tmp_path_factory.mktemp("there") / "a.gpx"
    found = Found(format="gpx", tracks=tuple(some), waypoints=tuple(points))
    gpx.write(found, path, work=Work())
    again = plain(read(path))
    assert again["waypoints"] == plain(found)["waypoints"]
    assert again["tracks"] == plain(found)["tracks"]


def real_files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "formats" / "gpx").glob("*.gpx"))


def test_real_files_lose_nothing_of_what_was_read(shared_data: Path, tmp_path: Path) -> None:
    for source in real_files(shared_data):
        first = read(source)
        gpx.write(first, tmp_path / "out.gpx", work=Work())
        assert plain(read(tmp_path / "out.gpx")) == plain(first), source.name


def test_real_files_say_the_same_to_another_program(shared_data: Path, tmp_path: Path) -> None:
    """Read with gpxpy before and after: every point, name, note and extension."""
    for source in real_files(shared_data):
        gpx.write(read(source), tmp_path / "out.gpx", work=Work())
        before, after = (
            gpxpy.parse(path.read_bytes().decode("utf-8-sig")) for path in (source, tmp_path / "out.gpx")
        )
        if before.version != "1.1":  # gpxpy passes over what 1.0 should not have, and programs write
            for file in (before, after):
                for track in file.tracks:
                    track.type, track.extensions = None, []
                for waypoint in file.waypoints:
                    waypoint.type, waypoint.extensions = None, []
        assert said(after) == said(before), source.name


def said(file: gpxpy.gpx.GPX) -> dict[str, Any]:
    return {
        "waypoints": [point(p) for p in file.waypoints],
        "routes": [(r.name, r.description, r.comment, [point(p) for p in r.points]) for r in file.routes],
        "tracks": [
            (t.name or None, t.description or None, t.comment, t.type, t.link, extensions(t.extensions),
             [[point(p) for p in s.points] for s in t.segments])
            for t in file.tracks
        ],
        "metadata": (file.name, file.description, file.author_name, file.time and instant(file.time)),
    }  # fmt: skip


def point(p: Any) -> tuple[Any, ...]:
    return (
        p.latitude, p.longitude, p.elevation, p.time and instant(p.time), p.name, p.comment, p.description,
        p.symbol, p.type, p.link, p.source, p.horizontal_dilution, p.vertical_dilution, p.position_dilution,
        p.satellites, p.type_of_gpx_fix or None, p.geoid_height, p.magnetic_variation, p.dgps_id,
        extensions(p.extensions),
    )  # fmt: skip


def instant(at: datetime) -> float:
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp()


def extensions(nodes: Any) -> list[Any]:
    """Tags and texts. A file without a namespace gets one, so that is left aside."""
    return [
        (node.tag.rpartition("}")[2], (node.text or "").strip(), extensions(list(node))) for node in nodes
    ]


def test_a_write_that_is_stopped_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.gpx"
    path.write_text("precious")
    work = Work()
    work.cancel()
    one = Fixes(
        lon=array("d", [1.0]), lat=array("d", [2.0]), elevation_m=array("d", [3.0]), time_ms=array("q", [0])
    )
    with pytest.raises(Cancelled):
        formats.write(Found(format="gpx", tracks=(FoundTrack(fixes=one),)), path, format_id="gpx", work=work)
    assert path.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpx"]
