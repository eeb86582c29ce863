"""CBOR of any origin."""

from __future__ import annotations

from contextlib import suppress

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.security.untrusted import read_cbor

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.binary()
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=15,
)


@given(PLAIN)
def test_plain_values_are_read(value: object) -> None:
    assert read_cbor(cbor2.dumps(value), depth=40) == value


@given(st.binary(max_size=200))
@settings(max_examples=1_000)
def test_anything_else_is_a_value_error(noise: bytes) -> None:
    with suppress(ValueError):
        read_cbor(noise, depth=8)


@given(tag=st.integers(0, 2**64 - 1), value=PLAIN)
def test_no_tag_is_followed(tag: int, value: object) -> None:
    with pytest.raises(ValueError, match="plain CBOR"):
        read_cbor(cbor2.dumps(cbor2.CBORTag(tag, value)), depth=40)


def test_depth_is_bounded() -> None:
    assert read_cbor(b"\x81" * 4 + b"\x01", depth=4)
    with pytest.raises(ValueError, match="plain CBOR"):
        read_cbor(b"\x81" * 5 + b"\x01", depth=4)
    with pytest.raises(ValueError, match="plain CBOR"):
        read_cbor(b"\x81" * 1_000_000 + b"\x01", depth=4)
