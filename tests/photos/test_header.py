"""What a file is, said by its own bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ranger_app.photos.intake.header import read_header
from tests.photos.pictures import drawn, jpeg

WHOLE = jpeg(size=(640, 480))


def other(form: str, **options: object) -> bytes:
    out = io.BytesIO()
    drawn(size=(30, 20)).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(jpeg(size=(30, 20)), "image/jpeg"), (other("PNG"), "image/png"), (other("TIFF"), "image/tiff")],
)
def test_kind_and_size_come_from_the_bytes(data: bytes, media_type: str) -> None:
    header = read_header(data)
    assert header is not None
    assert (header.media_type, header.width_px, header.height_px) == (media_type, 30, 20)
    assert header.whole


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"GIF89a", b"hello" * 100, b"\0" * 5000])
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    assert read_header(data) is None


def test_a_picture_cut_off_in_its_pixels_is_not_whole() -> None:
    header = read_header(WHOLE[: len(WHOLE) * 2 // 3])
    assert header is not None
    assert (header.width_px, header.whole) == (640, False)


def test_a_picture_cut_off_in_its_header_is_none() -> None:
    assert read_header(WHOLE[:100]) is None


def test_a_cut_png_is_not_whole() -> None:
    header = read_header(other("PNG")[:-20])
    assert header is not None
    assert not header.whole


def test_what_a_camera_appends_after_the_picture_does_no_harm() -> None:
    header = read_header(WHOLE + b"preview" * 500)
    assert header is not None
    assert header.whole


def test_the_small_picture_inside_does_not_stand_for_the_end_of_the_large_one() -> None:
    exif = Image.Exif()
    exif[0x010E] = "thumb"
    small = jpeg(taken=None, size=(16, 12))
    block = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0") + small
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
    plain = jpeg(taken=None, size=(640, 480))
    cut = plain[:2] + segment + plain[2 : len(plain) // 2]
    header = read_header(cut)
    assert header is not None
    assert (header.width_px, header.whole) == (640, False)


@pytest.mark.parametrize("orientation", [1, 2, 3, 4])
def test_an_upright_or_turned_over_picture_keeps_its_sides(orientation: int) -> None:
    header = read_header(jpeg(size=(30, 20), tags={0x0112: orientation}))
    assert header is not None
    assert header.upright_size == (30, 20)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_a_picture_on_its_side_changes_its_sides(orientation: int) -> None:
    header = read_header(jpeg(size=(30, 20), tags={0x0112: orientation}))
    assert header is not None
    assert header.upright_size == (20, 30)


def test_an_orientation_that_does_not_exist_is_upright() -> None:
    header = read_header(jpeg(tags={0x0112: 77}))
    assert header is not None
    assert header.exif.orientation == 1


def test_a_png_of_four_thousand_million_pixels_is_refused() -> None:
    data = bytearray(other("PNG"))
    data[16:24] = (65_000).to_bytes(4, "big") * 2
    assert read_header(bytes(data)) is None


@given(st.binary(max_size=300))
def test_no_bytes_can_make_reading_fail(junk: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0"):
        read_header(start + junk)


@given(st.data())
def test_no_damage_can_make_reading_fail(data: st.DataObject) -> None:
    block = bytearray(WHOLE[:1000] + WHOLE[-100:])
    for _ in range(data.draw(st.integers(0, 8))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    read_header(bytes(block))


def test_the_hard_pictures_are_what_they_are_called(shared_data: Path) -> None:
    folder = shared_data / "formats" / "photos-hard"
    headers = {path.stem: read_header(path.read_bytes()) for path in folder.glob("*.jpg")}
    assert all(headers.values())
    cut = {name for name, header in headers.items() if header and not header.whole}
    print_colours = {name for name, header in headers.items() if header and header.channels == 4}
    on_its_side = {name for name, header in headers.items() if header and header.exif.orientation >= 5}
    assert cut == {"african_elephants_truncated_file"}
    assert print_colours == {"african_elephants_cmyk"}
    assert on_its_side == {"african_elephants_with_exif_orientation"}
