"""The short cut through long tracks gives exactly what the parser alone would give."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ranger_app.domain.xml_text import Utf8
from ranger_app.formats.gpx import reading
from ranger_app.formats.gpx.runs import Runs
from ranger_app.formats.gpx.shapes import Rest, Shapes
from tests.formats.gpx_files import HEAD, codes, plain, read

NUMBERS = st.sampled_from(
    ["1.5", "-2.25", "0", "7", "0012.50", "+3", "1e1", "", " 4 ", "x", "99999999999999999"]
)
SPACES = st.sampled_from(["", " ", "\n  ", "\t"])
SPEED = (
    '<extensions><t:TrackPointExtension xmlns:t="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">'
    "<t:speed>{}</t:speed><t:course>{}</t:course></t:TrackPointExtension></extensions>"
)


@st.composite
def rests(draw: st.DrawFn) -> str:
    number = draw(NUMBERS)
    return draw(
        st.sampled_from(
            [
                "",
                f"<hdop>{number}</hdop>",
                f"<sat>{number}</sat><hdop>{draw(NUMBERS)}</hdop>",
                f"<fix>3d</fix><sat>{number}</sat>",
                f"<name>camp {number}</name>",
                f"<name>{number}</name><name>{draw(NUMBERS)}</name>",
                SPEED.format(number, draw(NUMBERS)),
                f"<extensions><a b='{number}'>{draw(NUMBERS)}</a> text </extensions>",
                f"<extensions><hr>{number}</hr></extensions>",
                f"<speed>{number}</speed>",
                "<!-- <trkpt lat='1' lon='1'></trkpt> -->",
                f"<desc><![CDATA[<hdop>{number}</hdop>]]></desc>",
                "<time>2026-05-06T07:12:00Z</time>",
                "<ele>5</ele><ele>6</ele>",
                f"<cmt>&amp;&#65;{number}</cmt>",
            ]
        )
    )


@st.composite
def points(draw: st.DrawFn) -> str:
    quote = draw(st.sampled_from("\"'"))
    lat, lon = draw(NUMBERS), draw(NUMBERS)
    names = [("lat", lat), ("lon", lon)]
    if draw(st.booleans()):
        names.reverse()
    attributes = " ".join(f"{name}={quote}{value}{quote}" for name, value in names)
    gap = draw(SPACES)
    ele = draw(st.sampled_from(["", f"<ele>{draw(NUMBERS)}</ele>"]))
    at = draw(
        st.sampled_from(["", "<time>2026-05-06T07:12:00Z</time>", "<time>2026-05-06T10:12:01+03:00</time>"])
    )
    one = f"<trkpt {attributes}>{gap}{ele}{gap}{at}{gap}{draw(rests())}{gap}</trkpt>{gap}"
    return one * draw(st.integers(1, 4))


@st.composite
def bodies(draw: st.DrawFn) -> str:
    out = []
    for _track in range(draw(st.integers(1, 3))):
        segments = ["".join(draw(st.lists(points(), max_size=5))) for _ in range(draw(st.integers(0, 3)))]
        inside = "".join(f"<trkseg>{segment}</trkseg>" for segment in segments)
        own = draw(st.sampled_from(["", ' xmlns:t="urn:other"']))
        out.append(f"<trk{own}><name>demo</name>{inside}</trk>")
    return "".join(out)


@given(bodies(), st.sampled_from([100, 300, 1000]))
@example("<trk><trkseg>" + "<trkpt lat='1' lon='2'><hdop>1</hdop></trkpt>" * 30 + "</trkseg></trk>", 100)
def test_with_and_without_the_short_cut_a_file_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, body: str, piece_bytes: int
) -> None:
    """In small pieces, so that what was learnt from one is used in the next."""
    path = tmp_path_factory.mktemp("runs") / "a.gpx"
    path.write_text(f'{HEAD}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ranger_app.domain.xml_text.HEAD_BYTES", 130)
        patch.setattr(reading, "Utf8", partial(Utf8, piece_bytes=piece_bytes))
        quick = read(path)
        patch.setattr(Runs, "cut", lambda self, piece: piece)
        slow = read(path)
    assert plain(quick) == plain(slow)
    assert codes(quick) == codes(slow)


def test_what_was_learnt_from_one_piece_is_used_in_the_next() -> None:
    runs = Runs("")
    point = b'<trkpt lat="1" lon="2"><hdop>%d</hdop></trkpt>'
    first = runs.cut(b"".join(point % n for n in range(20)))
    assert first.count(b"<trkpt") == 21  # as they were, and one question
    question = first.partition(b'" lon="0"><hdop>')[2].partition(b"</hdop>")[0]
    runs.shapes.learn(0, Rest({"hdop": float(question)}, ""))
    second = runs.cut(b"".join(point % n for n in range(20)))
    assert second.count(b"<trkpt") == 0
    rests = runs.run("0").rests
    assert rests is not None
    assert [rest.more["hdop"] for rest in rests if rest] == [float(n) for n in range(20)]


def test_a_shape_is_learnt_from_one_answer() -> None:
    shapes = Shapes()
    rest = b"<sat>7</sat><hdop>1.5</hdop>"
    assert shapes.fill(rest) is None
    question = shapes.question(rest)
    assert question is not None
    number, text = question
    sat, hdop = (float(part) for part in text.decode().replace("</sat><hdop>", " ")[5:-7].split())
    shapes.learn(number, Rest({"sat": sat, "hdop": hdop}, "<x>" + str(int(hdop)) + "</x>"))
    assert shapes.fill(rest) is None  # a number that turns up twice is not understood
    shapes.forget()
    question = shapes.question(rest)
    assert question is not None
    number, text = question
    sat, hdop = (float(part) for part in text.decode().replace("</sat><hdop>", " ")[5:-7].split())
    shapes.learn(number, Rest({"sat": sat, "hdop": hdop}, ""))
    assert shapes.fill(b"<sat>9</sat><hdop>0.25</hdop>") == Rest({"sat": 9.0, "hdop": 0.25}, "")
    assert shapes.question(rest) is None


def test_fixes_of_a_long_track_go_past_the_parser() -> None:
    runs = Runs("")
    cut = runs.cut(b'<trkpt lat="1" lon="2"><ele>3</ele></trkpt>\n' * 1000 + b"</trkseg>")
    assert len(cut) < 100
    assert cut.endswith(b"</trkseg>")
