"""What GPX files of real receivers and phones look like, and what is read of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ranger_app.domain.found import NO_TIME_MS, unpack_notes
from tests.formats.gpx_files import GPX_1_0, codes, fix, read, track, write

AT = "<time>2026-05-06T07:12:00Z</time>"
AT_MS = 1_778_051_520_000


def test_two_segments_of_a_track_stay_apart_and_an_empty_one_stays(tmp_path: Path) -> None:
    one = fix(-2.5, 34.8, f"<ele>1500.5</ele>{AT}") + fix(-2.4, 34.9)
    body = f"<trk><name>A &amp; B</name><trkseg>{one}</trkseg><trkseg/><trkseg>{fix(1, 2)}</trkseg></trk>"
    found = read(write(tmp_path / "a.gpx", body))
    fixes = found.tracks[0].fixes
    assert found.tracks[0].name == "A & B"
    assert fixes.starts == (0, 2, 2)
    assert list(fixes.lon) == [34.8, 34.9, 2.0]
    assert fixes.elevation_m[0] == 1500.5
    assert fixes.elevation_m[1] != fixes.elevation_m[1]
    assert list(fixes.time_ms) == [AT_MS, NO_TIME_MS, NO_TIME_MS]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-05-06T07:12:00Z", AT_MS),
        ("2026-05-06T10:12:30.5+03:00", AT_MS + 30_500),
        ("2026-05-06T07:12:00.123Z", AT_MS + 123),
        ("2026-05-06T07:12:00.123456Z", AT_MS + 123),
        (" 2026-05-06T07:12:00Z ", AT_MS),
        ("2026-05-06T07:11:60Z", AT_MS),
        ("2026-05-06T07:12:00", AT_MS),
        ("2026-02-30T07:12:00Z", NO_TIME_MS),
        ("yesterday", NO_TIME_MS),
        ("", NO_TIME_MS),
        ("0000-00-00T00:00:00Z", NO_TIME_MS),
    ],
)
@pytest.mark.parametrize("fixes", [1, 5])
def test_a_time_is_utc_to_the_millisecond_or_missing(tmp_path: Path, text: str, ms: int, fixes: int) -> None:
    """Alone it is read by the parser, in a run of equals as a column of digits."""
    found = read(write(tmp_path / "a.gpx", track(*[fix(1, 2, f"<time>{text}</time>")] * fixes)))
    assert list(found.tracks[0].fixes.time_ms) == [ms] * fixes


def test_a_time_without_a_zone_is_a_doubt(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.gpx", track(fix(1, 2, "<time>2026-05-06T07:12:00</time>"))))
    assert codes(found) == {"time-without-zone"}


def test_a_track_without_times_is_a_doubt_and_not_the_epoch(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.gpx", track(fix(1, 2), fix(1, 3))))
    assert set(found.tracks[0].fixes.time_ms) == {NO_TIME_MS}
    assert codes(found) == {"no-time"}


def test_any_prefix_will_do(tmp_path: Path) -> None:
    path = tmp_path / "p.gpx"
    point = '<g:trkpt lat="1" lon="2"><g:ele>3</g:ele></g:trkpt>'
    inner = f"<g:trk><g:trkseg>{point * 9}</g:trkseg></g:trk>"
    path.write_text(f'<g:gpx xmlns:g="http://www.topografix.com/GPX/1/0">{inner}</g:gpx>')
    assert list(read(path).tracks[0].fixes.elevation_m) == [3.0] * 9


def test_fixes_outside_a_segment_are_read_too(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.gpx", f"<trk>{fix(1, 2) * 5}</trk>"))
    assert len(found.tracks[0].fixes) == 5
    assert found.tracks[0].fixes.starts == (0,)


def test_a_waypoint_keeps_everything_that_it_says(tmp_path: Path) -> None:
    inner = (
        f"<ele>75.1</ele>{AT}<magvar>1.1</magvar><name>001</name><cmt>snare</cmt><desc>wire</desc>"
        '<link href="http://demo/a.jpg"><text>photo</text></link><sym>Flag, Red</sym><hdop>6</hdop>'
        '<extensions><x:y xmlns:x="urn:demo"><x:z a="1 &gt; 0">deep</x:z></x:y></extensions>'
    )
    found = read(write(tmp_path / "a.gpx", f'<wpt lat="12.3" lon="45.6">{inner}</wpt>'))
    (waypoint,) = found.waypoints
    assert (waypoint.lat, waypoint.lon, waypoint.elevation_m) == (12.3, 45.6, 75.1)
    assert waypoint.at == datetime(2026, 5, 6, 7, 12, tzinfo=UTC)
    assert (waypoint.name, waypoint.comment, waypoint.symbol) == ("001", "snare", "Flag, Red")
    kept = dict(waypoint.raw["children"])
    assert kept["desc"] == "<desc>wire</desc>"
    assert kept["hdop"] == "<hdop>6</hdop>"
    assert kept["extensions"] == '<x:y xmlns:x="urn:demo"><x:z a="1 &gt; 0">deep</x:z></x:y>'


@pytest.mark.parametrize(
    ("comment", "local"),
    [
        ("06-MAY-26 7:12:33AM", datetime(2026, 5, 6, 7, 12, 33)),
        ("06-MAY-26 7:12:33 PM", datetime(2026, 5, 6, 19, 12, 33)),
        ("06-MAY-26 12:12:33AM", datetime(2026, 5, 6, 0, 12, 33)),
        ("06-MAY-26 17:12:33", datetime(2026, 5, 6, 17, 12, 33)),
        ("06/05/2026 7:12:33 PM", datetime(2026, 5, 6, 19, 12, 33)),
        ("06-MAY-98 17:12:33", datetime(1998, 5, 6, 17, 12, 33)),
        ("31-FEB-26 17:12:33", None),
        ("saw 06-MAY-26 7:12:33AM", None),
        ("wire snare", None),
    ],
)
def test_an_old_receivers_date_in_the_comment_is_local_time(
    tmp_path: Path, comment: str, local: datetime | None
) -> None:
    found = read(write(tmp_path / "a.gpx", f'<wpt lat="1" lon="2"><cmt>{comment}</cmt></wpt>'))
    assert found.waypoints[0].at_local == local
    assert found.waypoints[0].at is None
    assert found.waypoints[0].comment == comment
    assert codes(found) == ({"time-in-comment"} if local else {"waypoint-without-time"})


def test_what_only_gpx_1_0_has_is_said_as_in_1_1(tmp_path: Path) -> None:
    body = (
        "<author>A demo ranger</author><email>demo@example.org</email>"
        '<wpt lat="1" lon="2"><url>http://demo/a</url><urlname>A</urlname></wpt>'
        + track(fix(1, 2, "<speed>3.50</speed><course>90</course>"))
    )
    found = read(write(tmp_path / "a.gpx", body, root=GPX_1_0))
    assert found.raw["metadata"] == [
        [
            "author",
            '<author><name>A demo ranger</name><email id="demo" domain="example.org"></email></author>',
        ]
    ]
    assert found.waypoints[0].raw["children"] == [
        ["link", '<link href="http://demo/a"><text>A</text></link>']
    ]
    (note,) = unpack_notes(found.tracks[0].fixes.notes, 1)
    assert "<gpxtpx:speed>3.50</gpxtpx:speed>" in note


def test_a_fix_that_is_nowhere_is_left_out_and_told_of(tmp_path: Path) -> None:
    points = [fix(1, 2), fix(91, 2), fix("north", 2), fix("nan", 2), fix(1, 181), fix("", ""), fix(3, 4)]
    found = read(write(tmp_path / "a.gpx", track(*points)))
    assert list(found.tracks[0].fixes.lat) == [1.0, 3.0]
    assert "bad-position" in codes(found)


def test_a_decimal_comma_is_understood_and_told_of(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.gpx", track(*[fix("45,25", "13,5")] * 4)))
    assert list(found.tracks[0].fixes.lat) == [45.25] * 4
    assert "decimal-comma" in codes(found)


def test_dilution_and_satellites_become_columns(tmp_path: Path) -> None:
    points = [fix(1, 2, f"{AT}<sat>7</sat><hdop>{n}.5</hdop>") for n in range(6)] + [fix(1, 3, AT)]
    fixes = read(write(tmp_path / "a.gpx", track(*points))).tracks[0].fixes
    assert list(fixes.more["hdop"])[:6] == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert fixes.more["hdop"][6] != fixes.more["hdop"][6]
    assert list(fixes.more["sat"])[:6] == [7.0] * 6


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "windows-1252"),
        ("iso-8859-1", "ISO-8859-1"),
        ("koi8-r", "KOI8-R"),
        ("shift_jis", "Shift_JIS"),
    ],
)
def test_a_declared_encoding_is_believed(tmp_path: Path, encoding: str, declared: str) -> None:
    name = {"koi8-r": "Река", "shift_jis": "川"}.get(encoding, "Fluß café")
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    found = read(write(tmp_path / "a.gpx", track(fix(1, 2, AT), name=name), head=head, encoding=encoding))
    assert found.tracks[0].name == name
    assert not codes(found)


@pytest.mark.parametrize("declared", ["UTF-8", "UTF-16", "no-such-thing"])
def test_a_wrong_encoding_is_recovered_with_a_doubt(tmp_path: Path, declared: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    path = write(tmp_path / "a.gpx", track(fix(1, 2, AT), name="Fluß café"), head=head, encoding="cp1252")
    found = read(path)
    assert found.tracks[0].name == "Fluß café"
    assert "encoding" in codes(found)


def test_control_characters_and_a_tail_of_zeros_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpx", track(fix(1, 2, AT), name="a\x01b"))
    path.write_bytes(path.read_bytes() + b"\0" * 5000)
    found = read(path)
    assert found.tracks[0].name == "ab"
    assert codes(found) == {"control-characters"}


def test_fixes_in_a_comment_or_in_text_are_not_fixes(tmp_path: Path) -> None:
    run = fix(7, 8, AT) * 20
    body = (
        f"<!-- {run} -->"
        + f'<wpt lat="1" lon="2">{AT}<desc><![CDATA[{run}]]></desc></wpt>'
        + f'<wpt lat="1" lon="3">{AT}<extensions><old xmlns="urn:demo">{run}</old></extensions></wpt>'
        + track(*[fix(1, 2, AT)] * 5)
    )
    found = read(write(tmp_path / "a.gpx", body))
    assert [len(t.fixes) for t in found.tracks] == [5]
    assert found.waypoints[0].comment == run
    assert found.waypoints[1].raw["children"][0][1].count("<trkpt ") == 20


def test_what_is_gpx_goes_by_the_namespace_and_not_by_the_prefix(tmp_path: Path) -> None:
    ours = '<q:wpt lat="1" lon="2" xmlns:q="http://www.topografix.com/GPX/1/1"><q:name>a</q:name></q:wpt>'
    other = '<wpt lat="5" lon="6" xmlns="urn:demo"><name>b</name></wpt>'
    found = read(write(tmp_path / "a.gpx", ours + other))
    assert [(w.name, w.lat) for w in found.waypoints] == [("a", 1.0)]


def test_a_route_keeps_the_names_of_its_points(tmp_path: Path) -> None:
    points = "".join(f'<rtept lat="1.5" lon="{n}"><name>#{n}</name></rtept>' for n in range(3))
    found = read(write(tmp_path / "a.gpx", f"<rte><name>to the post</name>{points}</rte>"))
    (route,) = found.routes
    assert route.name == "to the post"
    assert unpack_notes(route.fixes.notes, 3) == [f"<name>#{n}</name>" for n in range(3)]


def test_the_head_may_be_missing(tmp_path: Path) -> None:
    assert len(read(write(tmp_path / "a.gpx", track(fix(1, 2)), head="", root="")).tracks) == 1
