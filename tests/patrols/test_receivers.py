"""GPX files of receivers become patrols: cut, recognised, never doubled, nothing lost."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ranger_app.domain.found import Fixes, FoundWaypoint
from ranger_app.domain.patrols import LegDay, Patrol, PatrolPlan, Track, Waypoint
from ranger_app.domain.sites import Site
from ranger_app.patrols.fixes import decode
from ranger_app.patrols.proposals import Accepted
from ranger_app.patrols.service import Patrols
from ranger_app.patrols.slicing import take
from ranger_app.storage import Workspace
from tests.formats import gpx_files
from tests.formats.gpx_files import plain
from tests.patrols.walks import START, noted, walk, write_gpx

HOUR = timedelta(hours=1)


def taken_in(patrols: Patrols, *paths: Path) -> Accepted:
    return patrols.accept(patrols.propose(paths))


def fix_count(workspace: Workspace) -> int:
    with workspace.reading() as data:
        return sum(data.column(Track, "fix_count"))


def codes(accepted: Accepted) -> set[str]:
    return {doubt.code for doubt in accepted.doubts}


def test_one_file_is_one_patrol_of_its_local_day(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    accepted = taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()]))
    assert accepted.made == {"patrol": 1, "leg": 1, "leg_day": 1, "track": 1, "waypoint": 1}
    assert not accepted.doubts
    with workspace.reading() as data:
        (patrol,) = data.find(Patrol)
        (day,) = data.find(LegDay)
        (waypoint,) = data.find(Waypoint)
    assert (patrol.number, patrol.title, patrol.starts_on) == ("a", "demo", date(2026, 5, 7))
    assert patrol.time_zone == "Asia/Vladivostok"
    assert (day.starts_local, day.ends_local) == (datetime(2026, 5, 7, 8), datetime(2026, 5, 7, 8, 19))
    assert (waypoint.patrol_id, waypoint.leg_day_id) == (patrol.id, day.id)


def test_reading_the_same_file_again_makes_nothing_new(patrols: Patrols, tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()])
    first = taken_in(patrols, path)
    again = taken_in(patrols, path)
    assert again.made == {}
    assert again.changed == {}
    assert again.matched == first.made


def test_the_same_file_under_another_name_is_the_same(patrols: Patrols, tmp_path: Path) -> None:
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk()))
    again = taken_in(patrols, write_gpx(tmp_path / "b.gpx", walk()))
    assert (again.made, again.changed) == ({}, {})


def test_a_log_that_has_grown_updates_its_track(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(20)))
    grown = taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(50)))
    assert grown.made == {}
    assert grown.changed == {"track": 1, "leg_day": 1}
    assert fix_count(workspace) == 50
    older = taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(20)))
    assert (older.made, older.changed) == ({}, {})
    assert fix_count(workspace) == 50


def test_the_next_download_of_the_same_receiver_brings_only_what_is_new(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    """The first download is a track; the second holds its end and goes on."""
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(40)))
    rest, _ = take(walk(60), 25, 60)
    second = taken_in(patrols, write_gpx(tmp_path / "b.gpx", rest))
    assert second.made == {"track": 1}
    assert "already-here" in codes(second)
    assert fix_count(workspace) == 60
    assert len(patrols.rows()) == 1


def test_a_piece_of_what_is_here_is_recognised(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(40)))
    piece, _ = take(walk(40), 10, 30)
    again = taken_in(patrols, write_gpx(tmp_path / "b.gpx", piece))
    assert again.made == {}
    assert again.matched["track"] == 1
    assert fix_count(workspace) == 40


def test_the_same_way_with_other_heights_is_kept_and_not_counted_twice(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(20)))
    (before,) = patrols.rows()
    fixes = walk(20)
    for n in range(20):
        fixes.elevation_m[n] = 0.0
    taken_in(patrols, write_gpx(tmp_path / "b.gpx", fixes))
    (after,) = patrols.rows()
    assert fix_count(workspace) == 40
    assert after.distance_m == before.distance_m


def test_two_tracks_of_one_file_with_the_same_fixes_are_kept_and_counted_once(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk(20), walk(20))
    taken_in(patrols, path)
    taken_in(patrols, write_gpx(tmp_path / "b.gpx", walk(20)))
    assert fix_count(workspace) == 40
    (row,) = patrols.rows()
    assert row.distance_m == pytest.approx(walked_m(20), rel=1e-6)


def walked_m(count: int) -> float:
    from ranger_app.patrols.distance import length_m

    return length_m(walk(count))


def test_a_copy_of_a_file_in_the_same_batch_is_recognised(patrols: Patrols, tmp_path: Path) -> None:
    paths = [write_gpx(tmp_path / f"{name}.gpx", walk(), waypoints=[noted()]) for name in "ab"]
    accepted = taken_in(patrols, *paths)
    assert accepted.made == {"patrol": 1, "leg": 1, "leg_day": 1, "track": 1, "waypoint": 1}


def test_a_pause_of_more_than_twelve_hours_begins_another_patrol(patrols: Patrols, tmp_path: Path) -> None:
    near = walk(start=START + timedelta(hours=11), lat=43.6)
    far = walk(start=START + timedelta(hours=36), lat=43.7)
    path = write_gpx(tmp_path / "a.gpx", walk(), near, far)
    assert [d.made.get("patrol") for d in patrols.propose([path]).drafts] == [1, 1]
    assert len(patrols.propose([path], gap_h=48).drafts) == 1
    assert len(patrols.propose([path], gap_h=1).drafts) == 3


def test_a_track_over_midnight_is_two_days_and_as_long_as_it_was(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    late = walk(60, start=START + 15.5 * HOUR, every_s=60)  # half past eleven in the evening
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", late))
    (row,) = patrols.rows()
    assert row.days == 2
    assert row.distance_m == pytest.approx(walked_m(60), rel=1e-6)
    patrols.export("gpx", tmp_path / "out.gpx", names=True)
    (one,) = gpx_files.read(tmp_path / "out.gpx").tracks
    assert gpx_files.plain_fixes(one.fixes) == gpx_files.plain_fixes(late)


def test_what_was_taken_in_comes_out_as_it_was(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    days = [walk(200, start=START + n * 24 * HOUR, every_s=400, starts=(0, 50, 50)) for n in range(3)]
    path = write_gpx(tmp_path / "a.gpx", *days, waypoints=[noted(), noted(9, name="002")])
    taken_in(patrols, path)
    patrols.export("gpx", tmp_path / "out.gpx", names=True)
    before, after = plain(gpx_files.read(path)), plain(gpx_files.read(tmp_path / "out.gpx"))
    assert sorted(after["tracks"], key=str) == sorted(before["tracks"], key=str)
    assert sorted(after["waypoints"], key=str) == sorted(before["waypoints"], key=str)


def test_every_real_file_comes_out_with_all_that_went_in(
    patrols: Patrols, shared_data: Path, tmp_path: Path
) -> None:
    sources = sorted((shared_data / "formats" / "gpx").glob("*.gpx"))
    taken_in(patrols, *sources)
    patrols.export("gpx", tmp_path / "out.gpx", names=True)
    written = gpx_files.read(tmp_path / "out.gpx")
    here = {row for track in written.tracks for row in rows(track.fixes)}
    points = {str(point) for point in written.waypoints}
    routes = {str(plain_line(route.fixes)) for route in written.routes}
    for source in sources:
        found = gpx_files.read(source)
        for track in found.tracks:
            assert set(rows(track.fixes)) <= here, source.name
        assert {str(point) for point in found.waypoints} <= points, source.name
        assert {str(plain_line(route.fixes)) for route in found.routes} <= routes, source.name
    again = taken_in(patrols, *sources)
    assert (again.made, again.changed) == ({}, {})


def rows(fixes: Fixes) -> list[tuple[object, ...]]:
    said = gpx_files.plain_fixes(fixes)
    return list(zip(said["lon"], said["lat"], said["elevation"], said["time"], said["notes"], strict=True))


def plain_line(fixes: Fixes) -> object:
    return gpx_files.plain_fixes(fixes)


def test_a_file_of_waypoints_gives_incidents_unless_a_patrol_was_out(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    out, other = noted(5), noted(60 * 24 * 40, name="far")
    points = write_gpx(tmp_path / "a-waypoints.gpx", waypoints=[out, other])
    track = write_gpx(tmp_path / "b-track.gpx", walk())
    taken_in(patrols, points, track)
    with workspace.reading() as data:
        by_name = {w.name: w.patrol_id for w in data.find(Waypoint)}
        (patrol,) = data.find(Patrol)
    assert by_name == {"001": patrol.id, "far": None}
    assert [n.waypoint.name for n in patrols.incidents()] == ["far"]


def test_tracks_without_times_make_a_patrol_without_a_date(patrols: Patrols, tmp_path: Path) -> None:
    path = gpx_files.write(
        tmp_path / "a.gpx", gpx_files.track(gpx_files.fix(43.5, 134.5), gpx_files.fix(43.6, 134.5))
    )
    accepted = taken_in(patrols, path)
    assert "no-time" in codes(accepted)
    (row,) = patrols.rows()
    assert row.starts_on is None
    assert row.distance_m == pytest.approx(11_112, rel=0.01)
    assert taken_in(patrols, path).made == {}


def test_a_route_is_a_plan(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    body = '<rte><name>to the post</name><rtept lat="43.5" lon="134.5"><name>a</name></rtept></rte>'
    accepted = taken_in(patrols, gpx_files.write(tmp_path / "a.gpx", body))
    assert accepted.made == {"patrol_plan": 1}
    with workspace.reading() as data:
        (plan,) = data.find(PatrolPlan)
    assert plan.title == "to the post"
    assert len(decode(plan.route or b"")) == 1


def test_an_empty_file_says_that_there_is_nothing(patrols: Patrols, tmp_path: Path) -> None:
    assert codes(taken_in(patrols, gpx_files.write(tmp_path / "a.gpx", ""))) == {"nothing"}


def test_what_was_deleted_here_is_not_brought_back(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()])
    taken_in(patrols, path)
    (row,) = patrols.rows()
    patrols.remove(row.id, reason="a test track")
    again = taken_in(patrols, path)
    assert again.made == {}
    assert "deleted-here" in codes(again)
    assert patrols.rows() == []


def test_what_somebody_edited_here_stays(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(20)))
    with workspace.unit("correct day") as unit:
        (day,) = unit.data.find(LegDay)
        unit.change(day, ends_local=datetime(2026, 5, 7, 18))
        (track,) = unit.data.find(Track)
        unit.change(track, name="my own name")
    grown = taken_in(patrols, write_gpx(tmp_path / "a.gpx", walk(50)))
    with workspace.reading() as data:
        (day,) = data.find(LegDay)
        (track,) = data.find(Track)
    assert day.ends_local == datetime(2026, 5, 7, 18)
    assert track.name == "my own name"
    assert track.fix_count == 50
    assert "edited-here" in codes(grown)


def test_two_laptops_that_read_the_same_file_make_the_same_records(tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()])
    site = Site(id=b"s" * 16, site_id=b"s" * 16, name="Demo park", time_zone="UTC")  # type: ignore[arg-type]
    ids = []
    for name in "ab":
        with Workspace.create(tmp_path / f"{name}.ranger", site=site) as workspace:
            taken_in(Patrols(workspace), path)
            with workspace.reading() as data:
                ids.append({k.NAME: data.column(k, "id") for k in (Patrol, LegDay, Track, Waypoint)})
    assert ids[0] == ids[1]


def test_a_proposal_writes_nothing(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    before = workspace.digest()
    patrols.propose([write_gpx(tmp_path / "a.gpx", walk())])
    assert workspace.digest() == before


# ---- what a person should look at


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": START + timedelta(days=4000)}, "future-date"),
        ({"start": START - timedelta(days=365 * 50)}, "impossible-date"),
        ({"start": START - timedelta(weeks=1024)}, "week-rollover"),
        ({"lon": 10.0}, "far-from-site"),
        ({"lon": 43.5, "lat": 80.0}, "far-from-site"),
        ({"lon": 14.0, "lat": 50.0}, "zone-unlikely"),
    ],
)
def test_what_cannot_be_true_is_told(
    workspace: Workspace, patrols: Patrols, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    _with_boundary(workspace)
    path = write_gpx(tmp_path / "a.gpx", walk(**change))  # type: ignore[arg-type]
    assert code in {d.code for d in patrols.propose([path], now=START + timedelta(days=30)).doubts}


def test_exchanged_coordinates_are_noticed(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    _with_boundary(workspace, west=34.0, south=-3.0)
    path = write_gpx(tmp_path / "a.gpx", walk(lon=-2.5, lat=34.5))
    assert "swapped" in {d.code for d in patrols.propose([path]).doubts}


def test_a_patrol_at_home_has_no_doubts(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    _with_boundary(workspace)
    path = write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()])
    assert patrols.propose([path], now=START + timedelta(days=1)).doubts == ()


def test_a_site_without_a_zone_says_so_once(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    with workspace.unit("zone") as unit:
        unit.change((Site, workspace.site_id), time_zone="UTC")
    paths = [write_gpx(tmp_path / f"{n}.gpx", walk(start=START + n * 100 * HOUR)) for n in range(3)]
    assert [d.code for d in patrols.propose(paths).doubts] == ["zone-unknown"]


def _with_boundary(workspace: Workspace, *, west: float = 134.0, south: float = 43.0) -> None:
    import shapely

    with workspace.unit("boundary") as unit:
        area = shapely.MultiPolygon([shapely.box(west, south, west + 1, south + 1)])
        unit.change((Site, workspace.site_id), boundary=shapely.to_wkb(area))


def test_a_waypoint_keeps_a_wall_clock_of_its_own(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    path = write_gpx(
        tmp_path / "a.gpx",
        walk(),
        waypoints=[FoundWaypoint(lon=134.5, lat=43.5, comment="07-MAY-26 8:05:00AM")],
    )
    taken_in(patrols, path)
    with workspace.reading() as data:
        (waypoint,) = data.find(Waypoint)
    assert waypoint.at is None
    assert waypoint.at_local == datetime(2026, 5, 7, 8, 5)
    assert waypoint.patrol_id is not None


@pytest.mark.parametrize(
    "time",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00",
     "1970-01-01T00:00:00Z", "1980-01-06T00:00:00Z"],
)  # fmt: skip
@pytest.mark.parametrize("zone", ["Asia/Vladivostok", "America/St_Johns", "UTC"])
def test_the_strangest_dates_go_all_the_way_round(
    workspace: Workspace, patrols: Patrols, tmp_path: Path, time: str, zone: str
) -> None:
    with workspace.unit("zone") as unit:
        unit.change((Site, workspace.site_id), time_zone=zone)
    said = f"<time>{time}</time>"
    good = "<time>2026-05-06T07:12:00Z</time>"
    body = f'<wpt lat="1" lon="2">{said}</wpt>' + gpx_files.track(
        *[gpx_files.fix(43.5, 134.5, said)] * 3, *[gpx_files.fix(43.5, 134.5, good)] * 3
    )
    path = gpx_files.write(tmp_path / "a.gpx", body)
    taken_in(patrols, path)
    again = taken_in(patrols, path)
    assert (again.made, again.changed) == ({}, {})
    for row in patrols.rows():
        patrols.patrol(row.id)
    patrols.export("gpx", tmp_path / "out.gpx", names=True)
    patrols.export("csv", tmp_path / "out.csv", names=True)
    before, after = gpx_files.read(path), gpx_files.read(tmp_path / "out.gpx")
    assert [w.at for w in after.waypoints] == [w.at for w in before.waypoints]
    assert sorted(t for track in after.tracks for t in track.fixes.time_ms) == sorted(
        t for track in before.tracks for t in track.fixes.time_ms
    )
