"""SMART patrols become records: recognised, updated when the file is, never over what a person wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ranger_app.domain.patrols import DataModel, Leg, LegDay, Observation, Patrol, Track, Value, Waypoint
from ranger_app.domain.sites import Attachment, Site
from ranger_app.patrols.proposals import Accepted
from ranger_app.patrols.service import Patrols
from ranger_app.storage import Workspace
from tests.formats import smart_files
from tests.formats.smart_files import day, geometry, observation, packed, patrol, waypoint, write
from tests.formats.test_smart import plain

MS = 1_778_137_200_000.0  # 7:00 on 7 May 2026 by the wall clock
TRACK = geometry([[(134.5, 43.5, MS), (134.5, 43.51, MS + 60_000), (134.5, 43.52, MS + 120_000)]])
VALUE = '<attributes attributeKey="{}"><sValue>{}</sValue></attributes>'


def taken_in(patrols: Patrols, *paths: Path) -> Accepted:
    return patrols.accept(patrols.propose(paths))


def test_a_patrol_becomes_its_records(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    text = patrol(days=day(track=f'<track geom="{TRACK}" distance="9.9"/>'))
    accepted = taken_in(patrols, write(tmp_path / "p.xml", text))
    assert accepted.made == {
        "patrol": 1, "leg": 1, "leg_day": 1, "track": 1, "waypoint": 1, "observation": 1,
    }  # fmt: skip
    with workspace.reading() as data:
        (one,) = data.find(Patrol)
        (track,) = data.find(Track)
        (on,) = data.find(LegDay)
    assert (one.number, one.team, one.starts_on) == ("DEMO_000001", "Demo team", date(2026, 5, 6))
    assert track.clock == "local"
    assert track.length_m == pytest.approx(2222, rel=0.01)
    assert on.stated_distance_m == 9900
    (row,) = patrols.rows()
    assert row.distance_m == track.length_m
    assert (row.patrol_s / 3600, row.field_s / 3600) == (8.5, 8)


def test_reading_it_again_makes_nothing_new(patrols: Patrols, tmp_path: Path) -> None:
    path = write(tmp_path / "p.xml", patrol())
    first = taken_in(patrols, path)
    again = taken_in(patrols, path)
    assert (again.made, again.changed) == ({}, {})
    assert again.matched == first.made


def test_a_newer_export_updates_and_adds(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    taken_in(patrols, write(tmp_path / "p.xml", patrol()))
    more = waypoint(inner=f"<groups>{observation()}{observation('fire.')}</groups>") + waypoint(2)
    accepted = taken_in(
        patrols, write(tmp_path / "p.xml", patrol(days=day(waypoints=more), comment="seen again"))
    )
    assert accepted.made == {"waypoint": 1, "observation": 2}
    assert accepted.changed == {"patrol": 1}
    with workspace.reading() as data:
        (one,) = data.find(Patrol)
    assert one.comment == "seen again"


def test_an_observation_put_in_the_middle_leaves_the_others_the_same(
    patrols: Patrols, tmp_path: Path
) -> None:
    def path(*categories: str) -> Path:
        inner = "<groups>" + "".join(observation(c, VALUE.format("k", c)) for c in categories) + "</groups>"
        return write(tmp_path / "p.xml", patrol(days=day(waypoints=waypoint(inner=inner))))

    taken_in(patrols, path("a.", "c."))
    accepted = taken_in(patrols, path("a.", "b.", "c."))
    assert accepted.made == {"observation": 1, "value": 1}
    assert accepted.changed == {"observation": 1}  # the last one's place in the list


def test_what_somebody_corrected_here_stays(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    taken_in(patrols, write(tmp_path / "p.xml", patrol()))
    with workspace.unit("correct") as unit:
        (one,) = unit.data.find(Patrol)
        unit.change(one, comment="corrected in the office")
    taken_in(patrols, write(tmp_path / "p.xml", patrol()))
    accepted = taken_in(patrols, write(tmp_path / "p.xml", patrol(comment="and changed in SMART")))
    with workspace.reading() as data:
        (one,) = data.find(Patrol)
    assert one.comment == "corrected in the office"
    assert accepted.kept_as_edited == 1
    assert "edited-here" in {d.code for d in accepted.doubts}


def test_it_comes_out_as_it_went_in(patrols: Patrols, tmp_path: Path) -> None:
    more = '<future xmlns="urn:demo" kind="x"/>'
    text = patrol(days=day(track=f'<track geom="{TRACK}" distance="9.9"/>'), more=' cloudId="c1"')
    path = write(tmp_path / "p.xml", text.replace("</patrol>", more + "</patrol>"))
    taken_in(patrols, path)
    patrols.export("smart", tmp_path / "q.xml", names=True)
    assert plain(smart_files.read(tmp_path / "q.xml").patrols) == plain(smart_files.read(path).patrols)


def test_the_real_one_comes_out_as_it_went_in(patrols: Patrols, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "formats" / "smart" / "SMART_000006_001.xml"
    accepted = taken_in(patrols, path)
    assert accepted.made["observation"] == 11
    patrols.export("smart", tmp_path / "q.xml", names=True)
    assert plain(smart_files.read(tmp_path / "q.xml").patrols) == plain(smart_files.read(path).patrols)
    (row,) = patrols.rows()
    assert row.observations == 11
    assert row.distance_m == pytest.approx(9.73, abs=0.05)  # what the file states, in metres


def test_attachments_are_stored_once(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    inner = f'<attachments filename="a.jpg"/><groups>{observation()}</groups>'
    text = patrol(days=day(waypoints=waypoint(inner=inner)))
    path = packed(tmp_path / "p.zip", {"patrol.xml": text.encode(), "a.jpg": b"demo jpeg"})
    assert taken_in(patrols, path).made["attachment"] == 1
    assert "attachment" not in taken_in(patrols, path).made
    with workspace.reading() as data:
        (one,) = data.find(Attachment)
        (point,) = data.find(Waypoint)
    assert one.owner_id == point.id
    stored = workspace.files.path(one.file)
    assert stored is not None
    assert stored.read_bytes() == b"demo jpeg"
    patrols.export("smart", tmp_path / "q.zip", names=True)
    again = smart_files.read(tmp_path / "q.zip").patrols[0].legs[0].days[0].waypoints[0]
    assert again.files[0].read() == b"demo jpeg"


def test_an_attachment_that_is_gone_leaves_a_doubt_and_the_rest(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    inner = f'<attachments filename="a.jpg"/><groups>{observation()}</groups>'
    text = patrol(days=day(waypoints=waypoint(inner=inner)))
    path = packed(tmp_path / "p.zip", {"patrol.xml": text.encode(), "a.jpg": b"demo jpeg"})
    proposal = patrols.propose([path])
    path.unlink()
    accepted = patrols.accept(proposal)
    assert accepted.made["patrol"] == 1
    assert "attachment-unreadable" in {d.code for d in accepted.doubts}


def test_names_of_people_are_marked(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    attributes = VALUE.format("nameornames", "demo suspect") + VALUE.format("weather", "rain")
    inner = f"<groups>{observation('humanactivity.people.', attributes)}</groups>"
    taken_in(patrols, write(tmp_path / "p.xml", patrol(days=day(waypoints=waypoint(inner=inner)))))
    with workspace.reading() as data:
        marked = {v.attribute: bool((v.origin_raw or {}).get("sensitive")) for v in data.find(Value)}
    assert marked == {"nameornames": True, "weather": False}


def test_an_incident_belongs_to_no_patrol(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    place = 'id="7" x="134.5" y="43.5" dateTime="2026-05-06T07:30:00"'
    text = f"<Waypoint {place}><comment>smoke</comment></Waypoint>"
    taken_in(patrols, write(tmp_path / "i.xml", text))
    assert patrols.rows() == []
    (one,) = patrols.incidents()
    assert (one.waypoint.comment, one.waypoint.patrol_id) == ("smoke", None)


def test_a_data_model_gives_words_and_tells_unknown_keys(
    workspace: Workspace, patrols: Patrols, shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "formats" / "smart"
    before = patrols.propose([folder / "SMART_000006_001.xml"])
    assert "no-data-model" in {d.code for d in before.doubts}
    taken_in(patrols, folder / "datamodel.xml")
    with workspace.reading() as data:
        assert data.count(DataModel) == 1
    known = patrols.propose([folder / "SMART_000006_001.xml"])
    assert "position." not in known.unmapped
    assert "animals.bushmeat." in known.unmapped
    assert patrols.vocabulary().category_words("humanactivity.timber.firewood.") == "Firewood"
    assert taken_in(patrols, folder / "datamodel.xml").made == {}


def test_members_of_a_leg_count_as_people(workspace: Workspace, patrols: Patrols, tmp_path: Path) -> None:
    taken_in(patrols, write(tmp_path / "p.xml", patrol()))
    (row,) = patrols.rows()
    effort = patrols.patrol(row.id).effort
    assert (effort.members, effort.man_days) == (2, 2)
    assert effort.man_field_s / 3600 == 16
    with workspace.reading() as data:
        (leg,) = data.find(Leg)
    assert leg.members[0]["leader"] is True


def test_a_report_shows_everything_by_the_clock_of_the_place(patrols: Patrols, tmp_path: Path) -> None:
    attributes = VALUE.format("nameornames", "demo suspect")
    inner = (
        f"<comment>at the ford</comment><groups>{observation('humanactivity.people.', attributes)}</groups>"
    )
    text = patrol(days=day(waypoints=waypoint(inner=inner), track=f'<track geom="{TRACK}"/>'))
    taken_in(patrols, write(tmp_path / "p.xml", text))
    (row,) = patrols.rows()
    report = patrols.patrol(row.id)
    (line,) = report.lines
    assert line.first_local is not None
    assert (line.first_local.hour, line.fix_count) == (7, 3)
    (noted,) = report.noted
    assert noted.at_local is not None
    assert noted.at_local.hour == 7
    (seen,) = noted.seen
    assert seen.words == "people"
    assert (seen.said[0].value, seen.said[0].sensitive) == ("demo suspect", True)
    assert "Vladivostok" in report.zone_words


def test_a_site_without_a_zone_shows_clocks_as_they_were(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    with workspace.unit("zone") as unit:
        unit.change((Site, workspace.site_id), time_zone="UTC")
    taken_in(patrols, write(tmp_path / "p.xml", patrol(days=day(track=f'<track geom="{TRACK}"/>'))))
    (row,) = patrols.rows()
    report = patrols.patrol(row.id)
    assert report.patrol.time_zone == ""
    assert report.lines[0].first_local is not None
    assert report.lines[0].first_local.hour == 7
    assert "UTC" in report.zone_words


def test_observations_are_all_there(workspace: Workspace, patrols: Patrols, shared_data: Path) -> None:
    taken_in(patrols, shared_data / "formats" / "smart" / "SMART_000006_001.xml")
    with workspace.reading() as data:
        seen = data.tally(Observation, "category")
    assert seen["position."] == 2


@pytest.mark.parametrize(
    ("format_id", "name", "names", "told"),
    [
        ("smart", "q.xml", True, True),
        ("smart", "q.xml", False, False),
        ("csv", "q.csv", False, False),
        ("csv", "q.csv", True, True),
        ("geojson", "q.geojson", False, False),
    ],
)
def test_names_of_people_leave_only_where_they_belong(
    patrols: Patrols, tmp_path: Path, format_id: str, name: str, names: bool, told: bool
) -> None:
    attributes = VALUE.format("nameornames", "demo suspect") + VALUE.format("weather", "rain")
    inner = f"<groups>{observation('humanactivity.people.', attributes)}</groups>"
    taken_in(patrols, write(tmp_path / "p.xml", patrol(days=day(waypoints=waypoint(inner=inner)))))
    exported = patrols.export(format_id, tmp_path / name, names=names)
    text = (tmp_path / name).read_text()
    assert "rain" in text
    assert ("demo suspect" in text) == told
    assert any("who somebody is" in one for one in exported.left_out) == (not told)


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_the_strangest_days_are_taken_in(patrols: Patrols, tmp_path: Path, on: str) -> None:
    path = write(tmp_path / "p.xml", patrol(days=day(date=on, start="22:00:00", end="02:00:00")))
    assert taken_in(patrols, path).made["leg_day"] == 1
    (row,) = patrols.rows()
    assert patrols.patrol(row.id).days[0].day.isoformat() == on
    patrols.export("gpx", tmp_path / "out.gpx", names=True)
    patrols.export("smart", tmp_path / "out.xml", names=True)
