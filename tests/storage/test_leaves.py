"""Sensitive values in leaves of their own: they can be left out, and what was signed stays as it was."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.changes import WITHHELD, Op, Segment
from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import INSERT, Privacy
from ranger_app.domain.patrols import Value, Waypoint
from ranger_app.domain.seeing import NONE_MARKED
from ranger_app.storage.changes.leaves import (
    SEALED,
    joined,
    leaf_hash,
    root_of,
    signed_part,
    without,
)
from ranger_app.storage.changes.segments import OpsWriter, decode, decode_marked, encode, hash_of
from ranger_app.storage.changes.withholding import for_outsiders

SECRET = "Demo Suspect"
COMMENT, LON, LAT, NUMBER = 13, 5, 6, 4
ATTRIBUTE, TEXT = 3, 5


def waypoint(*said: object, row: int = 1) -> Op:
    return Op(Waypoint.KIND, bytes([row]) * 16, INSERT, list(said))


def value(attribute: str, text: str) -> Op:
    return Op(Value.KIND, bytes(16), INSERT, [2, bytes(16), ATTRIBUTE, attribute, TEXT, text])


def segment(*ops: Op) -> bytes:
    writer = OpsWriter(bytes(16), seals=True)
    for op in ops:
        writer.put(op)
    return writer.body(Segment(stream=bytes(16), replica=bytes(16), seq=1, previous=b"", hlc=1))


def nothing_stays(body: bytes) -> bytes:
    return without(body, decode_marked(body), lambda _op, _mark: False)


values = st.one_of(st.none(), st.text(max_size=5), st.floats(allow_nan=False), st.integers(0, 99))
waypoints = st.lists(
    st.tuples(st.integers(0, 9), values, values, values).map(
        lambda drawn: waypoint(NUMBER, "1", LON, drawn[1], LAT, drawn[2], COMMENT, drawn[3], row=drawn[0])
    ),
    max_size=6,
)


@given(waypoints)
def test_a_segment_with_leaves_comes_back_as_it_was(ops: list[Op]) -> None:
    read = decode(segment(*ops))
    assert [op[:2] for op in read.ops] == [op[:2] for op in ops]
    assert [said(op) for op in read.ops] == [said(op) for op in ops]
    assert not read.lacking


def said(op: Op) -> dict[int, object]:
    return dict(zip(op.value[::2], op.value[1::2], strict=True))


@given(waypoints)
def test_what_is_signed_hangs_on_no_leaf_that_is_left_out(ops: list[Op]) -> None:
    body = segment(*ops)
    bare = nothing_stays(body)
    assert hash_of(bare) == hash_of(body)
    assert signed_part(bare) == signed_part(body) == bare
    assert decode(bare).lacking == bool(ops)


def test_no_sensitive_value_is_in_what_is_signed() -> None:
    body = segment(waypoint(NUMBER, "7", LON, 131.25, COMMENT, SECRET), value("phone", "555 0199"))
    assert SECRET.encode() in body
    bare = signed_part(body)
    assert SECRET.encode() not in bare
    assert b"555 0199" not in bare
    assert cbor2.dumps(131.25, canonical=True) not in bare
    assert said(decode(bare).ops[0]) == {NUMBER: "7", LON: WITHHELD, COMMENT: WITHHELD}


def test_a_hash_tells_nobody_which_of_two_names_it_is_of() -> None:
    """Each leaf has its own salt: the same name twice, and the same segment twice, look different."""
    one = segment(value("phone", "555 0199"), value("phone", "555 0199"))
    assert signed_part(one) != signed_part(segment(value("phone", "555 0199"), value("phone", "555 0199")))


def test_outsiders_get_plain_attributes_and_no_other() -> None:
    body = segment(value("speciescount", "seven"), value("nameornames1", SECRET), waypoint(COMMENT, SECRET))
    given_away = for_outsiders(body, NONE_MARKED)
    assert SECRET.encode() not in given_away
    first, second, third = decode(given_away).ops
    assert first.value[-1] == "seven"
    assert second.value[-1] is WITHHELD
    assert third.value[-1] is WITHHELD
    assert hash_of(given_away) == hash_of(body)


def test_an_attribute_that_the_data_model_marks_stays_behind() -> None:
    body = segment(value("Hideout", SECRET), value("weather", "rain"))
    first, second = decode(for_outsiders(body, frozenset({"hideout"}))).ops
    assert first.value[-1] is WITHHELD
    assert second.value[-1] == "rain"


def test_leaves_that_come_apart_come_together_again() -> None:
    body = segment(value("speciescount", "seven"), value("phone", SECRET), waypoint(COMMENT, SECRET))
    marked = decode_marked(body)
    some = without(body, marked, lambda op, _mark: op is marked[0])
    others = without(body, marked, lambda op, _mark: op is not marked[0])
    assert decode(some).lacking
    assert decode(others).lacking
    for both in (joined(some, others), joined(others, some), joined(signed_part(body), body)):
        assert decode(both).ops == decode(body).ops
        assert not decode(both).lacking
        assert hash_of(both) == hash_of(body)
    assert joined(some, some) == some
    assert joined(body, some) == body


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_leaf_that_was_changed_on_the_way_is_not_believed(at: float, bit: int) -> None:
    body = bytearray(segment(value("phone", SECRET), waypoint(LON, 131.25, LAT, 43.5)))
    behind = len(signed_part(bytes(body)))
    before = hash_of(bytes(body))
    body[behind + int((len(body) - behind) * at)] ^= 1 << bit
    if hash_of(bytes(body)) == before:  # of another hash, the signature is not of it
        with pytest.raises(BadInput):
            decode(bytes(body))


def test_another_segments_leaves_are_not_believed() -> None:
    one, other = segment(value("phone", SECRET)), segment(value("phone", "another"))
    with pytest.raises(BadInput):
        decode(signed_part(one) + other[len(signed_part(other)) :])


def test_leaves_behind_a_segment_that_has_none_are_refused() -> None:
    plain = encode(Segment(stream=bytes(16), replica=bytes(16), seq=1, previous=b"", hlc=1))
    with pytest.raises(BadInput):
        decode(plain + split_off(segment(value("phone", SECRET))))


def split_off(body: bytes) -> bytes:
    return body[len(signed_part(body)) :]


@pytest.mark.parametrize("leaf", [b"", b"\xff", b"\x80", b"\x82\x01\x02", b"\x81\x81\x01", b"\x81"])
def test_a_leaf_of_another_shape_leaves_a_mark_that_no_field_can_hold(leaf: bytes) -> None:
    """Somebody may sign such a thing; nobody is stopped by it, and nothing is shown of it."""
    body = segment(value("phone", SECRET))
    salt = bytes(16)
    root = root_of([leaf_hash(salt, leaf)])
    entries = [*cbor2.loads(signed_part(body))[:11], root, 0]
    packed = cbor2.dumps([b"", [[salt, leaf]]])
    forged = cbor2.dumps(entries, canonical=True) + packed + len(packed).to_bytes(4, "big") + b"\xffRSL"
    assert decode(forged).ops[0].value[-1] == [Privacy.ATTRIBUTE.value]


def test_the_marks_are_permanent() -> None:
    """They are on people's sticks."""
    assert {one.name: one.value for one in Privacy} == {
        "OPEN": 0,
        "PERSON": 1,
        "POSITION": 2,
        "PRIVATE": 3,
        "ATTRIBUTE": 4,
        "FIGURE": 5,
        "ROUTE": 6,
    }
    assert SEALED[Waypoint.KIND][COMMENT] == Privacy.PERSON.value
