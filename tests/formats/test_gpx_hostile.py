"""GPX files that are broken, cut off or meant to do harm."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ranger_app import formats
from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.domain.xml_text import Utf8
from ranger_app.formats.gpx import fragments, reading
from ranger_app.jobs import Cancelled, Work
from tests.formats.gpx_files import HEAD, codes, fix, plain_fixes, read, track, write

AT = "<time>2026-05-06T07:12:{:02}Z</time>"
BOMB = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def whole_file() -> bytes:
    points = [fix(1 + n / 100, 2, f"<ele>{n}</ele>" + AT.format(n)) for n in range(30)]
    odd = [fix(5, n, AT.format(n) + f"<hdop>{n}</hdop><extensions><a>{n}</a></extensions>") for n in range(9)]
    body = f'<wpt lat="1" lon="2"><name>ü</name></wpt>{track(*points, name="čaj")}{track(*odd)}'
    return f'{HEAD}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>'.encode()


WHOLE = whole_file()


@given(cut=st.integers(0, len(WHOLE)))
@example(cut=0)
@example(cut=len(WHOLE) - 1)
def test_a_cut_file_keeps_every_whole_fix(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.gpx"
    path.write_bytes(WHOLE[:cut])
    whole = WHOLE[:cut].count(b"</trkpt>")
    try:
        found = read(path)
    except BadInput:
        assert whole == 0
        return
    assert sum(len(t.fixes) for t in found.tracks) == whole
    assert len(found.waypoints) == WHOLE[:cut].count(b"</wpt>")
    assert ("truncated" in codes(found)) == (cut < len(WHOLE))


@given(garbage=st.binary(max_size=300), at=st.integers(0, len(WHOLE)))
def test_garbage_gives_a_sentence_or_what_stands_before(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes, at: int
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "a.gpx"
    path.write_bytes(WHOLE[:at] + garbage + WHOLE[at:])
    with contextlib.suppress(KnownError):  # anything else fails the test
        read(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.gpx"
    path.write_bytes(content)
    with pytest.raises(KnownError) as error:
        formats.read(path)
    assert error.value.text
    assert error.value.what_to_do


@pytest.mark.parametrize("piece_bytes", [1, 7, 64, 1000])
def test_however_the_file_comes_in_pieces_it_says_the_same(
    tmp_path: Path, piece_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.gpx"
    path.write_bytes(WHOLE)
    whole = [plain_fixes(t.fixes) for t in read(path).tracks]

    monkeypatch.setattr(reading, "Utf8", partial(Utf8, piece_bytes=piece_bytes))
    monkeypatch.setattr("ranger_app.domain.xml_text.HEAD_BYTES", piece_bytes)
    assert [plain_fixes(t.fixes) for t in read(path).tracks] == whole


@pytest.mark.parametrize("prolog", [BOMB, '<!DOCTYPE gpx SYSTEM "file:///etc/hostname">', "<!DOCTYPE gpx>"])
def test_a_document_type_is_refused(tmp_path: Path, prolog: str) -> None:
    path = write(tmp_path / "a.gpx", "<trk><name>&b;</name></trk>", head=HEAD + prolog)
    with pytest.raises(BadInput, match="document type"):
        formats.read(path)


def test_an_entity_that_nobody_defined_ends_the_reading(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.gpx", track(fix(1, 2)) + "<trk><name>&b;</name></trk>"))
    assert len(found.tracks) == 1
    assert "truncated" in codes(found)


def test_a_deep_extension_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    deep = "<e>" * 5_000 + "</e>" * 5_000
    body = f'<wpt lat="1" lon="2"><name>a</name><extensions>{deep}</extensions></wpt>{track(fix(1, 2))}'
    found = read(write(tmp_path / "a.gpx", body))
    assert found.waypoints[0].name == "a"
    assert not found.waypoints[0].raw
    assert "extension-too-large" in codes(found)
    assert len(found.tracks) == 1


def test_what_was_nested_to_do_harm_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="thousand elements deep"):
        read(write(tmp_path / "a.gpx", "<e>" * 50_000))


def test_a_large_extension_is_left_out(tmp_path: Path) -> None:
    large = "<e>" + "x" * 1000 + "</e>"
    body = f'<wpt lat="1" lon="2"><extensions><a>{large * 400}</a></extensions></wpt>'
    found = read(write(tmp_path / "a.gpx", body))
    assert "extension-too-large" in codes(found)
    assert len(large) * 400 > fragments.MAX_FRAGMENT_CHARS


@pytest.mark.parametrize(
    "body",
    [
        "<trk><name>" + "x" * (3 << 20) + "</name></trk>",
        '<trk a="' + "x" * (3 << 20) + '"/>',
        "<!--" + "x" * (5 << 20),
    ],
    ids=["text", "attribute", "comment"],
)
def test_endless_letters_are_refused_before_they_fill_the_memory(tmp_path: Path, body: str) -> None:
    with pytest.raises(BadInput, match="million letters"):
        read(write(tmp_path / "a.gpx", body))


def test_more_fixes_than_any_receiver_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_FIXES", 100)
    with pytest.raises(BadInput, match="more than 100 fixes"):
        read(write(tmp_path / "a.gpx", track(*[fix(1, 2)] * 101)))


@pytest.mark.parametrize("limit", ["MAX_THINGS", "MAX_KEPT_CHARS"])
def test_more_waypoints_than_any_receiver_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(reading, limit, 100)
    with pytest.raises(BadInput, match="than any receiver holds"):
        read(write(tmp_path / "a.gpx", '<wpt lat="1" lon="2"><desc>a</desc></wpt>' * 101))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"\0" * 5000, "empty"), (b"<kml/>", "not in a format"), (b"lat,lon\n1,2\n", "not in")],
)
def test_what_is_no_gpx_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.gpx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        formats.read(path)


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not there"):
        formats.read(tmp_path / "a.gpx")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        formats.read(tmp_path)


def test_an_area_is_not_a_patrol(tmp_path: Path) -> None:
    path = tmp_path / "park.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(BadInput, match="areas, not patrols"):
        formats.read(path)


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    work = Work()
    work.cancel()
    path = write(tmp_path / "a.gpx", track(fix(1, 2)))
    with pytest.raises(Cancelled):
        formats.read(path, work=work)
