"""What SMART exports, read and written again."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app import formats
from ranger_app.domain.errors import Refused
from ranger_app.domain.found import (
    NO_TIME_MS,
    Fixes,
    Found,
    FoundDay,
    FoundLeg,
    FoundObservation,
    FoundPatrol,
    FoundValue,
    FoundWaypoint,
)
from ranger_app.formats import smart
from ranger_app.formats.smart.geometry import NotATrack, decode_track, encode_track
from ranger_app.jobs import Work
from tests.formats.gpx_files import codes, plain_fixes
from tests.formats.smart_files import day, geometry, observation, packed, patrol, read, waypoint, write

MS = 1_778_050_800_000.0


def plain(value: Any) -> Any:
    """In a form that compares, whatever is in it."""
    if isinstance(value, Fixes):
        return plain_fixes(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name != "read"}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value


def test_a_patrol_is_read_whole(tmp_path: Path) -> None:
    found = read(write(tmp_path / "p.xml", patrol()))
    (one,) = found.patrols
    assert (one.number, one.team, one.objective, one.comment) == (
        "DEMO_000001",
        "Demo team",
        "boundary",
        "a demo",
    )
    assert one.armed
    (leg,) = one.legs
    assert (leg.transport, leg.mandate) == ("Foot", "Anti-poaching")
    assert [(m["given"], m["leader"]) for m in leg.members] == [("Demo", True), ("Demo", False)]
    (on,) = leg.days
    assert on.day == date(2026, 5, 6)
    assert (on.starts_local, on.ends_local) == (datetime(2026, 5, 6, 7), datetime(2026, 5, 6, 15, 30))
    assert on.rest_s == 1800
    assert on.waypoints[0].at_local == datetime(2026, 5, 6, 7, 30)
    assert not found.doubts
    assert not found.unmapped


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.9"])
def test_any_version_is_read_and_written_as_it_was(tmp_path: Path, version: str) -> None:
    space = f"http://www.smartconservationsoftware.org/xml/{version}/patrol"
    found = read(write(tmp_path / "p.xml", patrol(space=space)))
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert f'xmlns="{space}"' in (tmp_path / "q.xml").read_text()


def test_observations_may_hang_on_the_waypoint_itself(tmp_path: Path) -> None:
    direct = day(waypoints=waypoint(inner=observation("a.") + observation("b.")))
    found = read(write(tmp_path / "p.xml", patrol(days=direct)))
    (point,) = found.patrols[0].legs[0].days[0].waypoints
    assert [o.category for o in point.observations] == ["a.", "b."]
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert "<groups" not in (tmp_path / "q.xml").read_text()


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    attributes = (
        '<attributes attributeKey="n"><dValue>64.5</dValue></attributes>'
        '<attributes attributeKey="b"><bValue>true</bValue></attributes>'
        '<attributes attributeKey="s"><sValue> two  words </sValue></attributes>'
        '<attributes attributeKey="l"><itemKey>one</itemKey></attributes>'
        '<attributes attributeKey="m"><itemKey>one</itemKey><itemKey>two</itemKey></attributes>'
        '<attributes attributeKey="t"><itemKey>a.b.</itemKey></attributes>'
        '<attributes attributeKey="e"/>'
        '<attributes attributeKey="d"><dateValue>2026-05-06</dateValue></attributes>'
    )
    inner = f"<groups>{observation('x.', attributes)}</groups>"
    found = read(write(tmp_path / "p.xml", patrol(days=day(waypoints=waypoint(inner=inner)))))
    values = found.patrols[0].legs[0].days[0].waypoints[0].observations[0].values
    by_key = {v.attribute: v for v in values}
    assert by_key["n"].number == 64.5
    assert by_key["b"].flag is True
    assert by_key["s"].text == " two  words "
    assert by_key["l"].items == ("one",)
    assert by_key["m"].items == ("one", "two")
    assert by_key["t"].items == ("a.b.",)
    assert by_key["e"] == FoundValue(attribute="e")
    assert by_key["d"].raw["elements"][0]["text"] == "2026-05-06"
    assert found.unmapped == {"attributes/dateValue"}


def test_what_nobody_knows_is_kept_and_written_back(tmp_path: Path) -> None:
    more = '<future xmlns="urn:demo" kind="x"><part>1 &lt; 2</part></future>'
    text = patrol(days=day(waypoints=waypoint(more=' accuracy="7"')), more=' cloudId="c1"')
    text = text.replace("</patrol>", more + "</patrol>")
    found = read(write(tmp_path / "p.xml", text))
    assert found.unmapped == {"patrol@cloudId", "patrol/future", "waypoints@accuracy"}
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert plain(read(tmp_path / "q.xml").patrols) == plain(found.patrols)
    written = (tmp_path / "q.xml").read_text()
    assert 'cloudId="c1"' in written
    assert 'accuracy="7"' in written
    assert "1 &lt; 2" in written


def test_an_end_before_the_start_is_the_next_day(tmp_path: Path) -> None:
    found = read(write(tmp_path / "p.xml", patrol(days=day(start="22:00:00", end="02:00:00"))))
    on = found.patrols[0].legs[0].days[0]
    assert on.ends_local == datetime(2026, 5, 7, 2)
    assert "over-midnight" in codes(found)


def test_a_waypoint_off_the_earth_loses_its_position_and_nothing_else(tmp_path: Path) -> None:
    text = patrol().replace('y="43.5"', 'y="143.5"')
    found = read(write(tmp_path / "p.xml", text))
    point = found.patrols[0].legs[0].days[0].waypoints[0]
    assert (point.lon, point.lat) == (None, None)
    assert point.observations
    assert "bad-position" in codes(found)
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert 'y="143.5"' in (tmp_path / "q.xml").read_text()


def test_an_incident_is_a_waypoint_without_a_patrol(tmp_path: Path) -> None:
    text = (
        '<Waypoint xmlns="http://www.smartconservationsoftware.org/xml/1.0/independentincident" id="7" '
        'x="134.5" y="43.5" dateTime="2026-05-06T07:30:00"><comment>smoke</comment>'
        '<observations categoryKey="fire."><attributes attributeKey="seen"><bValue>true</bValue></attributes>'
        "</observations></Waypoint>"
    )
    found = read(write(tmp_path / "i.xml", text))
    (point,) = found.waypoints
    assert (point.number, point.comment, point.at_local) == ("7", "smoke", datetime(2026, 5, 6, 7, 30))
    assert point.observations[0].values[0].flag is True
    smart.write(found, tmp_path / "j.xml", work=Work())
    assert plain(read(tmp_path / "j.xml").waypoints) == plain(found.waypoints)


def test_an_incident_with_a_zone_is_an_instant(tmp_path: Path) -> None:
    text = '<Waypoint id="7" x="1" y="2" dateTime="2026-05-06T07:30:00+10:00"/>'
    point = read(write(tmp_path / "i.xml", text)).waypoints[0]
    assert point.at == datetime(2026, 5, 5, 21, 30, tzinfo=UTC)
    assert point.at_local is None


def test_real_files_survive_there_and_back(shared_data: Path, tmp_path: Path) -> None:
    found = read(shared_data / "formats" / "smart" / "SMART_000006_001.xml")
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert plain(read(tmp_path / "q.xml").patrols) == plain(found.patrols)
    track = found.patrols[0].legs[0].days[0].tracks[0]
    assert track.clock == "local"
    first = datetime.fromtimestamp(track.fixes.time_ms[0] / 1000, tz=UTC).replace(tzinfo=None)
    assert first.replace(microsecond=0) == found.patrols[0].legs[0].days[0].starts_local


def test_a_real_data_model_gives_its_words(shared_data: Path) -> None:
    found = read(shared_data / "formats" / "smart" / "datamodel.xml")
    (model,) = found.models
    assert model.version == "1.1"
    assert len(model.definition["attributes"]) == 218
    keys = [c["key"] for c in model.definition["categories"]]
    assert "position" in keys


# ---- tracks


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("code", [0x80000005, 1005])
def test_either_order_of_bytes_and_either_flag_is_read(order: str, code: int) -> None:
    text = geometry(
        [[(134.5, 43.5, MS), (134.6, 43.6, MS + 15)], [(1.0, 2.0, MS + 30)]], order=order, code=code
    )
    fixes, timed = decode_track(text)
    assert timed
    assert list(fixes.time_ms) == [MS, MS + 15, MS + 30]
    assert fixes.starts == (0, 2)
    assert list(fixes.lon) == [134.5, 134.6, 1.0]


def test_a_third_number_that_is_a_height_is_no_time() -> None:
    fixes, timed = decode_track(geometry([[(1.0, 2.0, 350.0), (1.0, 2.1, 0.0)]]))
    assert not timed
    assert set(fixes.time_ms) == {NO_TIME_MS}
    assert fixes.elevation_m[0] == 350.0


def test_a_track_without_a_third_number_has_no_times() -> None:
    fixes, timed = decode_track(geometry([[(1.0, 2.0), (1.0, 2.1)]], code=5))
    assert not timed
    assert len(fixes) == 2


def test_an_empty_track_is_nothing_and_its_distance_stays(tmp_path: Path) -> None:
    found = read(write(tmp_path / "p.xml", patrol(days=day(track='<track distance="12.5"/>'))))
    on = found.patrols[0].legs[0].days[0]
    assert on.tracks == ()
    assert on.stated_distance_m == 12_500
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert '<track distance="12.5"/>' in (tmp_path / "q.xml").read_text()


@pytest.mark.parametrize("text", ["zz", "00", "0080000005ffffffff", geometry([[(500.0, 2.0, MS)]])])
def test_a_track_that_cannot_be_read_is_kept_as_a_doubt(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotATrack):
        decode_track(text)
    found = read(write(tmp_path / "p.xml", patrol(days=day(track=f'<track geom="{text}" distance="1"/>'))))
    assert "track-unreadable" in codes(found)
    smart.write(found, tmp_path / "q.xml", work=Work())
    assert text in (tmp_path / "q.xml").read_text()


@given(st.text(alphabet="0123456789abcdef", max_size=400))
def test_no_hexadecimal_can_do_harm(text: str) -> None:
    try:
        fixes, _timed = decode_track(text)
    except NotATrack:
        return
    assert len(fixes) <= 400


@given(
    st.lists(
        st.lists(
            st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.integers(20_000, 4_000_000_000_000)),
            min_size=1, max_size=5,
        ),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_tracks_go_there_and_back(lines: list[list[tuple[float, float, int]]]) -> None:
    fixes, _timed = decode_track(geometry([[(x, y, float(z)) for x, y, z in line] for line in lines]))
    again, _timed = decode_track(encode_track(fixes))
    assert plain_fixes(again) == plain_fixes(fixes)


# ---- whole patrols there and back

WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12
).map(str.strip)
KEYS = st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,6}){0,2}\.", fullmatch=True)
values = st.one_of(
    st.builds(lambda k, n: FoundValue(attribute=k, number=n), KEYS, st.floats(-1e6, 1e6)),
    st.builds(lambda k, t: FoundValue(attribute=k, text=t), KEYS, WORDS),
    st.builds(lambda k, f: FoundValue(attribute=k, flag=f), KEYS, st.booleans()),
    st.builds(
        lambda k, i: FoundValue(attribute=k, items=tuple(i)), KEYS, st.lists(KEYS, min_size=1, max_size=3)
    ),
)
observations = st.builds(
    lambda c, v, t: FoundObservation(category=c, values=tuple(v), comment=t),
    KEYS, st.lists(values, max_size=3), WORDS,
)  # fmt: skip
points = st.builds(
    lambda n, lon, lat, o, t: FoundWaypoint(
        number=str(n),
        lon=lon,
        lat=lat,
        at_local=datetime(2026, 5, 6, 7, n % 60),
        comment=t,
        observations=tuple(o),
    ),
    st.integers(1, 999), st.floats(-180, 180), st.floats(-90, 90), st.lists(observations, max_size=3), WORDS,
)  # fmt: skip
patrols = st.builds(
    lambda team, comment, some: FoundPatrol(
        number="DEMO_1", team=team, comment=comment, starts_on=date(2026, 5, 6), ends_on=date(2026, 5, 6),
        legs=(FoundLeg(label="1", days=(FoundDay(day=date(2026, 5, 6), waypoints=tuple(some)),)),),
    ),
    WORDS, WORDS, st.lists(points, max_size=4),
)  # fmt: skip


@given(patrols)
def test_any_patrol_goes_there_and_back(tmp_path_factory: pytest.TempPathFactory, one: FoundPatrol) -> None:
    path = tmp_path_factory.mktemp("smart") / "p.xml"
    smart.write(Found(format="smart", patrols=(one,)), path, work=Work())
    again = read(path).patrols
    smart.write(Found(format="smart", patrols=again), path, work=Work())
    twice = read(path).patrols
    assert plain(twice) == plain(again)
    assert said(again[0]) == said(one)


def said(one: FoundPatrol) -> Any:
    """What a person said of it, without what a form of XML adds."""
    return [
        (one.number, one.team, one.comment),
        [
            (w.number, w.lon, w.lat, w.at_local, w.comment, [plain(o.values) for o in w.observations])
            for leg in one.legs
            for on in leg.days
            for w in on.waypoints
        ],
    ]


# ---- zips


def test_a_zip_brings_its_attachments(tmp_path: Path) -> None:
    files = '<attachments filename="photos/snare.jpg"/><attachments filename="lost.jpg"/>'
    inner = f"{files}<groups>{observation()}</groups>"
    text = patrol(days=day(waypoints=waypoint(inner=inner)))
    path = packed(tmp_path / "p.zip", {"patrol.xml": text.encode(), "attachments/snare.jpg": b"jpeg"})
    found = read(path)
    (file,) = found.patrols[0].legs[0].days[0].waypoints[0].files
    assert (file.name, file.size_bytes, file.read()) == ("snare.jpg", 4, b"jpeg")
    assert "attachment-missing" in codes(found)
    smart.write(found, tmp_path / "q.zip", work=Work())
    again = read(tmp_path / "q.zip").patrols[0].legs[0].days[0].waypoints[0]
    assert again.files[0].read() == b"jpeg"


def test_several_patrols_need_a_zip(tmp_path: Path) -> None:
    two = Found(format="smart", patrols=(FoundPatrol(number="1"), FoundPatrol(number="2")))
    with pytest.raises(Refused, match="exactly one"):
        formats.write(two, tmp_path / "p.xml", format_id="smart")
    assert not list(tmp_path.iterdir())
    smart.write(two, tmp_path / "p.zip", work=Work())
    assert {p.number for p in read(tmp_path / "p.zip").patrols} == {"1", "2"}
