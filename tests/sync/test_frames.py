"""Records that check themselves: what is sound is found, whatever lies around it."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.sync.bundles.frames import MAGIC, MAX_PAYLOAD, Frame, frame, frames

FRAMES = st.lists(st.builds(Frame, st.integers(0, 65_535), st.binary(max_size=60)), max_size=6)


def read(raw: bytes) -> list[Frame | None]:
    return list(frames(io.BytesIO(raw)))


def written(these: list[Frame]) -> bytes:
    return b"".join(frame(one.type, one.payload) for one in these)


@given(FRAMES)
def test_records_come_back_in_their_order(these: list[Frame]) -> None:
    assert read(written(these)) == these


@given(these=FRAMES, share=st.floats(0, 1, exclude_max=True))
def test_a_cut_file_keeps_every_whole_record(these: list[Frame], share: float) -> None:
    raw = written(these)
    cut = raw[: int(len(raw) * share)]
    whole, size = [], 0
    for one in these:
        size += len(frame(one.type, one.payload))
        if size > len(cut):
            break
        whole.append(one)
    found = read(cut)
    assert found == (whole if len(written(whole)) == len(cut) else [*whole, None])


@given(these=FRAMES.filter(bool), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_costs_the_record_that_it_is_in(these: list[Frame], at: float, bit: int) -> None:
    raw = bytearray(written(these))
    place = int(len(raw) * at)
    raw[place] ^= 1 << bit
    hurt, size = 0, 0
    for number, one in enumerate(these):
        size += len(frame(one.type, one.payload))
        if place < size:
            hurt = number
            break
    assert read(bytes(raw)) == [*these[:hurt], None, *these[hurt + 1 :]]


@given(before=st.binary(max_size=100), these=FRAMES.filter(bool), after=st.binary(max_size=100))
def test_noise_before_and_after_is_passed_over(before: bytes, these: list[Frame], after: bytes) -> None:
    found = read(before + written(these) + after)
    assert [one for one in found if one is not None] == these


def test_a_type_or_a_length_that_was_changed_is_noticed() -> None:
    raw = bytearray(frame(1, b"payload"))
    raw[5] = 2
    assert read(bytes(raw)) == [None]
    assert read(frame(1, b"payload") + frame(2, b"")) == [Frame(1, b"payload"), Frame(2, b"")]


def test_a_record_has_its_bounds() -> None:
    with pytest.raises(ValueError, match="at most 64 MiB"):
        frame(1, bytes(MAX_PAYLOAD + 1))
    head = MAGIC + struct.pack(">HI", 1, 0xFFFFFFFF) + bytes(32)
    assert read(head + b"x" * 100) == [None]


FALSE_HEADS = {
    "one every few bytes": MAGIC * 500_000,
    "all promising much": (MAGIC + struct.pack(">HI", 1, 1_000_000) + bytes(32)) * 40_000,
    "all promising little": (MAGIC + struct.pack(">HI", 1, 10) + bytes(32)) * 40_000,
}


@pytest.mark.parametrize("raw", FALSE_HEADS.values(), ids=FALSE_HEADS.keys())
def test_false_heads_cannot_keep_us_busy(raw: bytes) -> None:
    begun = time.perf_counter()
    assert read(raw) == [None]
    assert time.perf_counter() - begun < 20


def test_many_damaged_small_records_do_not_hide_the_sound_ones() -> None:
    chance = random.Random(1)
    these = [Frame(3, os.urandom(10_000)) for _ in range(300)]
    raw, lost, place = bytearray(written(these)), set(), 0
    for number, one in enumerate(these):
        size = len(frame(one.type, one.payload))
        if chance.random() < 0.3:
            raw[place + chance.randrange(size)] ^= 1
            lost.add(number)
        place += size
    sound = [one for number, one in enumerate(these) if number not in lost]
    assert [one for one in read(bytes(raw)) if one is not None] == sound


def test_a_bundle_inside_a_file_is_part_of_that_file() -> None:
    inner = written([Frame(1, b"inner"), Frame(2, b"inner")])
    assert read(frame(3, inner)) == [Frame(3, inner)]


def test_the_format_is_as_it_is_written_down() -> None:
    """Magic, type, length, SHA-256 of type, length and payload; big-endian. It can never change."""
    head = struct.pack(">HI", 7, 4)
    assert frame(7, b"demo") == b"RSR1" + head + hashlib.sha256(head + b"demo").digest() + b"demo"
