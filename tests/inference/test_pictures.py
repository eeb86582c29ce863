"""Whatever a card holds is opened upright and in colour, or refused with a sentence."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.inference.pictures import open_picture, orientation
from tests.inference.pictures_made import corner_picture, encoded, exif_with_orientation, noise_picture

UPRIGHT = {  # how the upright picture lies in the file, by the EXIF orientation that says so
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def reddest_corner(image: Image.Image) -> tuple[int, ...]:
    pixel = image.getpixel((3, 3))
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", sorted(UPRIGHT))
def test_every_orientation_comes_out_upright(value: int, order: str) -> None:
    upright = corner_picture(120, 80)
    turn = UPRIGHT[value]
    stored = upright if turn is None else upright.transpose(turn)
    raw = encoded(stored, exif=exif_with_orientation(value, order))
    picture = open_picture(raw)
    assert (picture.width_px, picture.height_px) == picture.image.size == (120, 80)
    red, _green, blue = reddest_corner(picture.image)
    assert red > 200 > 60 > blue


def test_a_picture_decoded_small_still_tells_the_size_of_the_file() -> None:
    raw = encoded(noise_picture(1600, 1200), exif=exif_with_orientation(6))
    picture = open_picture(raw, draft_px=300)
    assert picture.image.size == (300, 400)
    assert (picture.width_px, picture.height_px) == (1200, 1600)


@given(st.binary(max_size=300))
def test_no_block_of_exif_is_too_odd(block: bytes) -> None:
    assert 1 <= orientation(block) <= 8
    assert 1 <= orientation(b"Exif\x00\x00II*\x00" + block) <= 8


def test_a_cut_jpeg_is_decoded_as_far_as_it_goes_with_a_note() -> None:
    whole = noise_picture(640, 480)
    raw = encoded(whole)
    picture = open_picture(raw[: len(raw) * 2 // 3])
    assert "cut off" in picture.notes[0]
    upper = np.asarray(picture.image, int)[:200] - np.asarray(whole, int)[:200]
    assert np.abs(upper).mean() < 8
    assert open_picture(raw).notes == ()


def opened_size(raw: bytes) -> tuple[int, int] | str:
    """The size of the picture, or that it was refused; any other error is a bug and is left to fly."""
    try:
        return open_picture(raw).image.size
    except KnownError:
        return "refused"


@given(st.integers(0, 4000))
def test_a_jpeg_cut_anywhere_is_a_picture_or_a_sentence(keep: int) -> None:
    sizes = {(200, 150), "refused"}
    assert opened_size(encoded(noise_picture(200, 150))[:keep]) in sizes


@given(st.integers(0, 5999), st.binary(min_size=1, max_size=8))
def test_a_damaged_jpeg_never_ends_in_a_traceback(place: int, junk: bytes) -> None:
    raw = bytearray(encoded(noise_picture(200, 150)))
    raw[place : place + len(junk)] = junk
    assert opened_size(bytes(raw))


def test_grey_printing_colours_and_sixteen_bits_become_colour() -> None:
    grey = open_picture(encoded(corner_picture().convert("L")))
    assert (grey.image.mode, grey.notes) == ("RGB", ())
    printed = open_picture(encoded(corner_picture().convert("CMYK")))
    assert printed.image.mode == "RGB"
    assert "CMYK" in printed.notes[0]
    assert reddest_corner(printed.image)[0] > 200
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    deep = open_picture(encoded(Image.fromarray(ramp), "PNG"))
    assert "16 bits" in deep.notes[0]
    assert np.abs(np.asarray(deep.image)[:, :, 1].astype(int) - (ramp >> 8)).max() == 0


def test_floating_point_pictures_are_stretched_from_black_to_white() -> None:
    values = np.linspace(-3.0, 5.0, 32 * 32, dtype=np.float32).reshape(32, 32)
    values[4, 4] = np.nan
    picture = open_picture(encoded(Image.fromarray(values), "TIFF"))
    shown = np.asarray(picture.image)
    assert (shown.min(), shown.max()) == (0, 255)


def test_palettes_and_transparency_become_colour() -> None:
    flat = corner_picture().convert("P", palette=Image.Palette.ADAPTIVE)
    flat.info["transparency"] = bytes([0, 128, 255])
    assert open_picture(encoded(flat, "PNG", transparency=bytes([0, 128, 255]))).image.mode == "RGB"
    assert open_picture(encoded(corner_picture().convert("RGBA"), "PNG")).image.mode == "RGB"


def test_a_wrong_extension_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(encoded(corner_picture(), "PNG"))
    assert open_picture(path).image.size == (120, 80)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff", "no picture"),
        (b"hello, this is a text", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(40), "clip"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "IMG_0002.JPG"
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=words):
        open_picture(path)


def png_of_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 10_000), (60_000, 60_000), (2_000_000_000, 2)])
def test_a_picture_of_200_million_pixels_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="pixels"):
        open_picture(png_of_size(*size))


def test_what_is_missing_or_no_plain_file_is_said_and_never_waited_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not there"):
        open_picture(tmp_path / "gone.jpg")
    with pytest.raises(BadInput, match="not a file"):
        open_picture(tmp_path)
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with pytest.raises(BadInput, match="not a file"):
        open_picture(pipe)


# ---- real files


def test_the_hard_pictures_all_open_with_the_right_notes(shared_data: Path) -> None:
    folder = shared_data / "formats" / "photos-hard"
    found = {path.name: open_picture(path, draft_px=800) for path in sorted(folder.iterdir())}
    assert {(one.width_px, one.height_px) for name, one in found.items() if "elephants" in name} == {
        (2048, 1536)
    }
    assert {name for name, one in found.items() if one.notes} == {
        "african_elephants_truncated_file.jpg",
        "african_elephants_cmyk.jpg",
    }
    upright = np.asarray(found["african_elephants.jpg"].image.resize((64, 48)), float)
    for name in ("cmyk", "truncated_file", "with_exif_orientation"):
        other = np.asarray(found[f"african_elephants_{name}.jpg"].image.resize((64, 48)), float)
        assert np.abs(upright - other).mean() < 12, name


def test_every_original_opens_without_a_note(shared_data: Path) -> None:
    folder = shared_data / "photos" / "originals"
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in (".jpg", ".jpeg")]
    assert len(paths) == 37
    for path in paths:
        picture = open_picture(path, draft_px=400)
        assert picture.notes == (), path.name
        assert min(picture.image.size) >= min(400, picture.width_px, picture.height_px)
