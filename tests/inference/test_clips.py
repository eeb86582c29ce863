"""Clips are opened frame by frame, never reach for other files, and the best frame speaks for the clip."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any, BinaryIO, cast

import av
import numpy as np
import pytest

from ranger_app.domain.errors import BadInput
from ranger_app.inference import clips
from ranger_app.inference.clips import FRAMES_AT_MOST, clip_format, frame_at, frames_of, read_clip_header
from ranger_app.inference.detect import Model
from ranger_app.inference.pictures import open_picture
from tests.inference.pictures_made import corner_picture, encoded
from tests.inference.tiny import crop_pack

SIDE = 64


def a_clip(
    colours: list[tuple[int, int, int]], *, kind: str = "mp4", rate: int = 2, **metadata: str
) -> bytes:
    """A film of plain frames of these colours, `rate` a second."""
    store = io.BytesIO()
    with av.open(store, "w", format={"mp4": "mp4", "avi": "avi", "mkv": "matroska"}[kind]) as container:
        container.metadata.update(metadata)
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv420p"
        for colour in colours:
            pixels = np.full((SIDE, SIDE, 3), colour, np.uint8)
            frame: Any = av.VideoFrame
            for packet in stream.encode(frame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return store.getvalue()


GREY, RED = (110, 110, 110), (230, 20, 20)


@pytest.mark.parametrize("kind", ["mp4", "avi", "mkv"])
def test_the_clips_of_cameras_are_read(kind: str) -> None:
    raw = a_clip([GREY] * 9, kind=kind)
    header = read_clip_header(raw)
    assert header is not None
    assert (header.width_px, header.height_px) == (SIDE, SIDE)
    frames = list(frames_of(raw))
    assert [round(one.at_s) for one in frames] == [0, 1, 2, 3, 4]
    assert np.abs(np.asarray(frames[0].image, int) - GREY).max() < 12


def test_a_long_clip_is_looked_at_evenly_and_not_for_ever() -> None:
    frames = list(frames_of(a_clip([GREY] * 200, rate=2)))
    assert len(frames) == FRAMES_AT_MOST
    assert frames[-1].at_s > 80


def test_the_time_that_the_camera_wrote_is_its_own_clock() -> None:
    header = read_clip_header(a_clip([GREY], creation_time="2024-05-31T08:25:38.000000Z"))
    assert header is not None
    assert header.taken_local is not None
    assert header.taken_local.isoformat() == "2024-05-31T08:25:38"


def test_the_best_frame_speaks_for_the_clip(tmp_path: Path) -> None:
    """Red in one frame only: the classifier of whole pictures says red, and when."""
    labels = "index,id,role\n0,red,species\n1,green,blank\n2,blue,blank\n"
    pack = crop_pack(tmp_path / "namer", labels=labels)
    look = Model.open(pack).look(a_clip([GREY] * 6 + [RED] * 2 + [GREY] * 6))
    assert look.groups[0][0] == "red"
    assert look.frame_s == pytest.approx(3.0, abs=0.6)
    assert (look.width_px, look.height_px) == (SIDE, SIDE)
    assert Model.open(pack).look(encoded(corner_picture())).frame_s is None


def test_a_clip_can_be_shown_as_a_picture() -> None:
    raw = a_clip([GREY] * 4 + [RED] * 4)
    assert np.asarray(open_picture(raw).image, int)[30, 30, 0] < 150
    assert np.asarray(open_picture(raw, at_s=3.0).image, int)[30, 30, 0] > 180
    assert frame_at(raw, 999.0).at_s == pytest.approx(3.5, abs=0.1)


def test_a_clip_that_is_cut_off_gives_what_is_there() -> None:
    raw = a_clip([(at * 6, 90, 90) for at in range(40)], kind="avi")
    assert 0 < len(list(frames_of(raw[: len(raw) * 8 // 10]))) < 16


def test_of_a_long_clip_each_frame_is_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond two minutes of film it is not decoded from the start: the frames still lie evenly over it."""
    monkeypatch.setattr(clips, "DECODED_AT_MOST", 40)
    raw = a_clip([GREY] * 150 + [RED] * 50, rate=2)
    frames = list(frames_of(raw))
    assert len(frames) == FRAMES_AT_MOST
    assert [one.at_s for one in frames] == pytest.approx([at * 100 / 16 for at in range(16)], abs=0.6)
    reds = [np.asarray(one.image, int)[30, 30, 0] > 180 for one in frames]
    assert reds == [one.at_s >= 75 for one in frames]
    assert frame_at(raw, 80.0).at_s == pytest.approx(80.0, abs=0.6)
    assert frame_at(raw, 999.0).at_s == pytest.approx(99.5, abs=6.1)


def test_a_frame_of_a_long_clip_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model called the best frame is the one that is shown."""
    monkeypatch.setattr(clips, "DECODED_AT_MOST", 40)
    raw = a_clip([(at % 200, 90, 90) for at in range(200)], rate=2)
    for one in list(frames_of(raw))[::5]:
        again = frame_at(raw, one.at_s)
        assert again.at_s == one.at_s
        assert (np.asarray(again.image) == np.asarray(one.image)).all()


def four_gigabytes(path: Path, colours: list[tuple[int, int, int]]) -> Path:
    """A film with four gigabytes of nothing at its end, which take no room on the disk."""
    raw, filler = a_clip(colours), 4 * 2**30 + 2**28
    with path.open("wb") as file:
        file.write(raw + struct.pack(">I4sQ", 1, b"free", filler))
        file.truncate(len(raw) + filler)
    return path


class Watched(io.FileIO):
    """A file that remembers how much was asked for at once, and in all."""

    most = total = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(-1 if size is None else size) or b""
        self.most, self.total = max(self.most, len(found)), self.total + len(found)
        return found


def test_a_clip_of_four_gigabytes_is_read_in_pieces(tmp_path: Path) -> None:
    with Watched(four_gigabytes(tmp_path / "IMG.MP4", [GREY] * 6)) as file:
        assert len(list(frames_of(cast("BinaryIO", file)))) == 3
        assert read_clip_header(cast("BinaryIO", file)) is not None
        assert file.most <= 2**20
        assert file.total <= 2**22


def test_a_clip_that_asks_for_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "READ_AT_MOST", 2_000)
    assert read_clip_header(a_clip([GREY] * 40)) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x00\x00\x18ftypmp42" + bytes(40),
        b"RIFF\x00\x00\x00\x00AVI " + bytes(100),
        b"\x1a\x45\xdf\xa3" + b"\xff" * 200,
        b"G" + b"\x00" * 187 + b"G" + b"\x00" * 187 + b"G" + b"\x00" * 187 + b"G" + b"\x00" * 187,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(100),
    ],
)
def test_a_damaged_clip_is_refused(raw: bytes) -> None:
    assert clip_format(raw) is not None
    assert read_clip_header(raw) is None
    with pytest.raises(BadInput):
        list(frames_of(raw))
    with pytest.raises(BadInput):
        open_picture(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        encoded(corner_picture()),
        b"\x00\x00\x00\x18ftypavif" + bytes(40),
        b"",
    ],
)
def test_playlists_and_pictures_are_no_clips(raw: bytes) -> None:
    assert clip_format(raw) is None
    assert read_clip_header(raw) is None
