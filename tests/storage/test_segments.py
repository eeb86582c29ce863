"""Signed bytes: the same for the same segment, and nothing else gets in."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.changes import FORMAT, MAX_OPS, MAX_OPS_READ, Dot, Op, Segment
from ranger_app.domain.errors import BadInput
from ranger_app.storage.changes.segments import MAX_SEGMENT, decode, encode, hash_of

SIXTEEN = st.binary(min_size=16, max_size=16)
NUMBERS = st.integers(0, 2**63 - 1)
PLAIN = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.binary()
    | st.text(st.characters(codec="utf-8"))
)
OWN = b"o" * 16


@st.composite
def ops(draw: st.DrawFn) -> Op:
    kind, row, field = draw(NUMBERS), draw(SIXTEEN), draw(st.sampled_from([0, 1, 2, 900]))
    if field == 0:
        said = draw(st.dictionaries(NUMBERS, PLAIN, max_size=4))
        return Op(kind, row, field, [part for entry in said.items() for part in entry])
    dots = draw(
        st.lists(st.builds(Dot, SIXTEEN.filter(lambda r: r != OWN), st.integers(1, 9), NUMBERS), max_size=3)
    )
    own = draw(st.lists(st.builds(Dot, st.just(OWN), st.integers(1, 6), NUMBERS), max_size=2))
    value = {"gone": True, "reason": "demo"} if field == 1 else draw(PLAIN)
    return Op(kind, row, field, value, tuple(dots + own))


SEGMENTS = st.builds(
    Segment,
    stream=SIXTEEN,
    replica=st.just(OWN),
    seq=st.integers(7, 2**63 - 1),
    previous=st.binary(min_size=32, max_size=32),
    hlc=NUMBERS,
    author=st.just(b"") | SIXTEEN,
    directory_version=NUMBERS,
    schema_version=NUMBERS,
    action=st.text(st.characters(codec="utf-8"), max_size=200),
    ops=st.lists(ops(), max_size=30).map(tuple),
)


@given(SEGMENTS)
def test_a_segment_comes_back_as_it_was(segment: Segment) -> None:
    body = encode(segment)
    assert decode(body) == segment
    assert encode(decode(body)) == body


@given(SEGMENTS)
def test_its_bytes_are_the_shortest_that_cbor_knows(segment: Segment) -> None:
    """Deterministic (RFC 8949, 4.2.1), so that anybody who writes the same segment gets the same hash."""
    body = encode(segment)
    assert cbor2.dumps(cbor2.loads(body), canonical=True) == body


@given(segment=SEGMENTS, at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=300)
def test_a_flipped_bit_is_told_or_gives_a_segment_of_another_hash(
    segment: Segment, at: float, bit: int
) -> None:
    body = bytearray(encode(segment))
    body[int(len(body) * at)] ^= 1 << bit
    assert hash_of(bytes(body)) != hash_of(encode(segment))
    with suppress(BadInput):
        assert isinstance(decode(bytes(body)), Segment)


@given(segment=SEGMENTS, share=st.floats(0, 1, exclude_max=True))
def test_a_cut_segment_is_none(segment: Segment, share: float) -> None:
    body = encode(segment)
    with pytest.raises(BadInput):
        decode(body[: int(len(body) * share)])


@given(st.binary(max_size=300))
@settings(max_examples=500)
def test_noise_is_refused_and_nothing_else_happens(noise: bytes) -> None:
    with pytest.raises(BadInput):
        decode(noise)


def body_of(**changed: Any) -> bytes:
    entries: dict[str, Any] = {
        "format": FORMAT,
        "stream": bytes(16),
        "replica": OWN,
        "seq": 2,
        "previous": bytes(32),
        "hlc": 5,
        "author": b"",
        "directory": 0,
        "schema": 1,
        "action": "demo",
        "ops": [],
    }
    entries.update(changed)
    return cbor2.dumps(list(entries.values()))


def op(**changed: Any) -> list[Any]:
    entries: dict[str, Any] = {"kind": 12, "row": bytes(16), "field": 2, "value": "a", "dots": [[b"", 1, 0]]}
    entries.update(changed)
    return list(entries.values())


HOSTILE = {
    "another format": body_of(format=2),
    "a short stream": body_of(stream=bytes(15)),
    "text for a replica": body_of(replica="o" * 16),
    "number nought": body_of(seq=0),
    "a huge number": body_of(seq=2**63),
    "a true number": body_of(seq=True),
    "a number with a point": body_of(hlc=5.0),
    "before all time": body_of(hlc=-1),
    "a hash of another length": body_of(previous=bytes(31)),
    "an endless action": body_of(action="x" * 201),
    "a map for ops": body_of(ops={}),
    "too many ops": body_of(ops=[0] * (MAX_OPS_READ + 1)),
    "an op with too little": body_of(ops=[[12, bytes(16), 2]]),
    "an op with too much": body_of(ops=[[*op(), 1]]),
    "an op that is text": body_of(ops=["abcde"]),
    "a field that is no number": body_of(ops=[op(field="2")]),
    "a dot of two": body_of(ops=[op(dots=[[b"", 1]])]),
    "dots that are none": body_of(ops=[op(dots="abc")]),
    "an op that replaces itself": body_of(ops=[op(dots=[[b"", 2, 0]])]),
    "an op that replaces a later one": body_of(ops=[op(dots=[[OWN, 2, 7]])]),
    "an op that replaces a later segment": body_of(ops=[op(dots=[[b"", 3, 0]])]),
    "a record of a map": body_of(ops=[op(field=0, value={2: "a"})]),
    "a record with half a value": body_of(ops=[op(field=0, value=[2])]),
    "a record that says a field twice": body_of(ops=[op(field=0, value=[2, "a", 2, "b"])]),
    "a record with a name for a number": body_of(ops=[op(field=0, value=["number", "a"])]),
    "a date": body_of(ops=[op(value=cbor2.CBORTag(1, 5))]),
    "a regular expression": body_of(ops=[op(value=cbor2.CBORTag(35, "(a+)+$"))]),
    "a mail": body_of(ops=[op(value=cbor2.CBORTag(36, "x"))]),
    "a tag that nobody knows": body_of(ops=[op(value=cbor2.CBORTag(60_000, "x"))]),
    "a list in itself": body_of(ops=[op(value=cbor2.CBORTag(28, [cbor2.CBORTag(29, 0)]))]),
    "numbers for keys": body_of(ops=[op(value={1: 2})]),
    "a list of unknown length": b"\x9f" + body_of()[1:] + b"\xff",
    "keys given twice": body_of(ops=[op(value="?")]).replace(b"\x61?", b"\xa2\x61a\x01\x61a\x02"),
    "lists in lists": body_of(ops=[op(value=[[[[[[[[[1]]]]]]]]])]),
    "nothing": b"",
    "a list that says it is longer": b"\x9b" + b"\xff" * 8,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode(body)


def test_what_a_later_version_adds_at_the_end_is_carried_on_unread() -> None:
    plain = cbor2.loads(body_of(ops=[op()]))
    assert decode(cbor2.dumps([*plain, "a later entry"])) == decode(cbor2.dumps(plain))


def test_keys_that_collide_cannot_keep_us_busy() -> None:
    """A map of a hundred thousand numbers with one hash takes minutes to build; so numbers are no keys."""
    head = b"\xba" + (200_000).to_bytes(4, "big")
    pairs = b"".join(cbor2.dumps((2**61 - 1) * n) + b"\xf6" for n in range(8)) * 25_000
    begun = time.perf_counter()
    with pytest.raises(BadInput):
        decode(body_of(ops=[op(value="?")]).replace(b"\x61?", head + pairs))
    assert time.perf_counter() - begun < 5


def test_a_segment_that_is_too_long_is_not_even_read() -> None:
    with pytest.raises(BadInput):
        decode(bytes(MAX_SEGMENT + 1))


def test_the_most_that_we_write_is_less_than_we_read() -> None:
    assert MAX_OPS < MAX_OPS_READ
