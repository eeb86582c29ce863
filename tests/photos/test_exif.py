"""What a camera says in its picture, and what is not believed."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.photos.intake.exif import Exif, parse_stamp, read_exif
from ranger_app.photos.intake.header import read_header
from tests.photos.pictures import TAKEN, jpeg, rational

NORTH = {1: "N", 2: (rational(43, 1), rational(7, 1), rational(30, 1))}
EAST = {3: "E", 4: (rational(131, 1), rational(15, 1), rational(0, 1))}


def exif_of(data: bytes) -> Exif:
    header = read_header(data)
    assert header is not None
    return header.exif


# ---- time


def test_the_original_time_wins_over_the_others() -> None:
    exif = exif_of(jpeg(details={0x9004: "2024:06:01 00:00:00"}, tags={0x0132: "2024:07:01 00:00:00"}))
    assert (exif.taken_local, exif.taken_tag) == (TAKEN, "DateTimeOriginal")
    assert exif.taken_raw == "2024:05:31 08:25:38"


@pytest.mark.parametrize(
    ("tags", "details", "tag"),
    [
        ({0x0132: "2024:05:31 08:25:38"}, {}, "DateTime"),
        ({}, {0x9004: "2024:05:31 08:25:38"}, "DateTimeDigitized"),
        ({}, {0x9003: "0000:00:00 00:00:00", 0x9004: "2024:05:31 08:25:38"}, "DateTimeDigitized"),
    ],
)
def test_the_next_tag_is_used_when_one_says_nothing(
    tags: dict[int, Any], details: dict[int, Any], tag: str
) -> None:
    exif = exif_of(jpeg(taken=None, tags=tags, details=details))
    assert (exif.taken_local, exif.taken_tag) == (TAKEN, tag)


@pytest.mark.parametrize(("text", "microsecond"), [("5", 500_000), ("042", 42_000), ("123456789", 123_456)])
def test_a_fraction_of_a_second_is_part_of_the_time(text: str, microsecond: int) -> None:
    assert exif_of(jpeg(details={0x9291: text})).taken_local == TAKEN.replace(microsecond=microsecond)


@pytest.mark.parametrize("text", ["x", "", "  ", "-1", "٣"])
def test_a_fraction_that_is_no_number_is_left_out(text: str) -> None:
    assert exif_of(jpeg(details={0x9291: text})).taken_local == TAKEN


@pytest.mark.parametrize(
    "text",
    ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2023:02:29 10:00:00", "2024:05:31 24:00:00", "soon"],
)
def test_an_impossible_time_is_no_time_and_its_text_is_kept(text: str) -> None:
    exif = exif_of(jpeg(taken=None, details={0x9003: text, 0x9000: "0220"}))
    assert exif.taken_local is None
    assert exif.taken_raw == text.strip()


@pytest.mark.parametrize("text", ["2024-05-31 08:25:38", "2024/05/31 8:25:38", "2024-05-31T08:25:38+08:00"])
def test_times_as_makers_write_them_are_understood(text: str) -> None:
    assert parse_stamp(text) == TAKEN


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_every_time_in_exif_form_is_read_to_the_second(moment: datetime) -> None:
    assert parse_stamp(moment.strftime("%Y:%m:%d %H:%M:%S")) == moment.replace(microsecond=0)


# ---- place


def test_a_true_position_is_read() -> None:
    exif = exif_of(jpeg(gps=NORTH | EAST))
    assert exif.lat == pytest.approx(43.125)
    assert exif.lon == pytest.approx(131.25)


def test_south_and_west_are_negative() -> None:
    exif = exif_of(jpeg(gps=NORTH | EAST | {1: "S", 3: "W"}))
    assert exif.lat == pytest.approx(-43.125)
    assert exif.lon == pytest.approx(-131.25)


ZERO = (rational(0, 1),) * 3
PLACEHOLDER = (rational(2151088128, 2151088128), rational(640, 480), rational(0, 1))


@pytest.mark.parametrize(
    "gps",
    [
        {1: "", 2: PLACEHOLDER, 3: "", 4: PLACEHOLDER},  # as cameras of one maker write it
        {1: "N", 2: PLACEHOLDER, 3: "E", 4: PLACEHOLDER},
        {1: "N", 2: ZERO, 3: "E", 4: ZERO},
        {1: "N", 2: (rational(0, 0),) * 3, 3: "E", 4: (rational(0, 0),) * 3},
        NORTH,
        NORTH | EAST | {1: "X"},
        NORTH | EAST | {2: (rational(91, 1), rational(0, 1), rational(0, 1))},
        NORTH | EAST | {4: (rational(131, 1), rational(60, 1), rational(0, 1))},
    ],
)
def test_what_a_camera_without_a_receiver_writes_is_no_position(gps: dict[int, Any]) -> None:
    exif = exif_of(jpeg(gps=gps))
    assert (exif.lon, exif.lat) == (None, None)
    assert exif.taken_local == TAKEN


# ---- damage


WHOLE = jpeg(tags={0x010F: "Demo", 0x0110: "Trap 1"}, details={0xA431: "D-17"}, gps=NORTH | EAST)
BLOCK = WHOLE[WHOLE.index(b"Exif\0\0") + 6 :][:500]


def test_maker_model_and_serial_are_read() -> None:
    exif = exif_of(WHOLE)
    assert (exif.make, exif.model, exif.serial) == ("Demo", "Trap 1", "D-17")


@given(st.binary(max_size=400))
def test_no_bytes_can_make_reading_fail(junk: bytes) -> None:
    for start in (b"", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0"):
        read_exif(start + junk)


@given(st.lists(st.tuples(st.integers(0, len(BLOCK) - 1), st.integers(0, 255)), max_size=12), st.data())
def test_no_damage_to_a_real_block_can_make_reading_fail(
    flips: list[tuple[int, int]], data: st.DataObject
) -> None:
    block = bytearray(BLOCK)
    for place, value in flips:
        block[place] = value
    exif = read_exif(bytes(block[: data.draw(st.integers(0, len(block)))]))
    assert all(len(str(value)) < 1000 for value in exif.tags.values())


def test_a_directory_that_points_to_itself_is_read_once() -> None:
    loop = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" + b"\0\0\0\0"
    assert read_exif(loop).damaged


def test_a_count_of_four_thousand_million_is_not_believed() -> None:
    liar = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x0f\x01\x02\0\xff\xff\xff\xff\x08\0\0\0" + b"\0\0\0\0"
    assert read_exif(liar) == Exif(damaged=True)


def test_text_that_is_not_utf8_is_still_text() -> None:
    data = WHOLE.replace(b"Demo", b"D\xe9mo")
    assert exif_of(data).make == "Démo"


# ---- real files


def test_the_real_pictures_say_what_their_list_says(shared_data: Path) -> None:
    folder = shared_data / "photos" / "originals"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        exif = exif_of((folder / row["path"]).read_bytes())
        said = exif.taken_local.strftime("%Y:%m:%d %H:%M:%S") if exif.taken_local else ""
        assert (row["path"], exif.make, exif.model, said) == (
            row["path"],
            row["exif_make"],
            row["exif_model"],
            row["exif_datetime"],
        )
        assert (exif.lon, exif.lat) == (None, None)
