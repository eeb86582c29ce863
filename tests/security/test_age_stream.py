"""What is sealed as a stream is an age file like any other, whole or not taken for whole."""

from __future__ import annotations

import io

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.security.age_header import INTRO, NotAHead, make_head, read_head
from ranger_app.security.sealing import (
    BrokenSeal,
    NotForUs,
    new_secret,
    recipient_of,
    seal,
    seal_stream,
    unseal_stream,
)
from ranger_app.security.stream import CHUNK, TAG

SECRET, OTHER = new_secret(), new_secret()
IDENTITY = pyrage.x25519.Identity.from_str(SECRET)
BATCH = 16 * CHUNK
LENGTHS = st.one_of(
    st.integers(0, 300),
    st.builds(
        lambda whole, off: max(0, whole + off),
        st.sampled_from([CHUNK, 2 * CHUNK, BATCH, 2 * BATCH]),
        st.integers(-2, 2),
    ),
)


def content_of(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


def stream_sealed(content: bytes, *, step: int = 1 << 20, secrets: tuple[str, ...] = (SECRET,)) -> bytes:
    out = io.BytesIO()
    pieces = (content[at : at + step] for at in range(0, len(content), step))
    seal_stream(pieces, out.write, [recipient_of(one) for one in secrets])
    return out.getvalue()


def stream_opened(sealed: bytes, *secrets: str) -> bytes:
    out = io.BytesIO()
    unseal_stream(io.BytesIO(sealed), out.write, secrets)
    return out.getvalue()


@given(LENGTHS, st.sampled_from([1_000, CHUNK - 1, CHUNK, CHUNK + 1, 400_000]))
def test_another_program_opens_what_we_seal_and_we_open_what_it_seals(length: int, step: int) -> None:
    content = content_of(length)
    sealed = stream_sealed(content, step=step)
    assert pyrage.decrypt(sealed, [IDENTITY]) == content
    assert stream_opened(sealed, SECRET) == content
    assert stream_opened(seal(content, [recipient_of(OTHER), recipient_of(SECRET)]), SECRET) == content


def test_each_recipient_opens_it_and_nobody_else() -> None:
    sealed = stream_sealed(b"demo", secrets=(SECRET, OTHER))
    assert stream_opened(sealed, new_secret(), SECRET) == stream_opened(sealed, OTHER) == b"demo"
    for secrets in ((), (new_secret(),)):
        with pytest.raises(NotForUs):
            stream_opened(sealed, *secrets)


LONG = stream_sealed(content_of(BATCH + CHUNK + 9))


@given(st.one_of(st.integers(0, 400), st.integers(0, len(LONG) - 1)), st.integers(0, 7))
def test_a_flipped_bit_is_noticed_and_what_came_before_is_sound(place: int, bit: int) -> None:
    flipped = bytearray(LONG)
    flipped[place] ^= 1 << bit
    out = bytearray()
    with pytest.raises((BrokenSeal, NotForUs)):
        unseal_stream(io.BytesIO(flipped), out.extend, [SECRET])
    assert content_of(BATCH + CHUNK + 9).startswith(out)
    assert len(out) >= place - 600 - CHUNK - 20 * TAG


@pytest.mark.parametrize("lost", [1, TAG, 9 + TAG, 9 + TAG + 1, 9 + CHUNK + 2 * TAG, len(LONG) - 250])
def test_a_cut_file_is_noticed_wherever_it_was_cut(lost: int) -> None:
    with pytest.raises(BrokenSeal):
        stream_opened(LONG[:-lost], SECRET)


def test_what_follows_the_end_is_noticed() -> None:
    for more in (b"x", LONG[-9 - TAG :], bytes(CHUNK + TAG)):
        with pytest.raises(BrokenSeal):
            stream_opened(LONG + more, SECRET)


def test_what_either_end_raises_leaves_as_it_is() -> None:
    def full(_piece: object) -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        seal_stream([b"demo"], full, [recipient_of(SECRET)])
    with pytest.raises(OSError, match="full"):
        unseal_stream(io.BytesIO(LONG), full, [SECRET])


def test_recipients_of_other_sorts_are_passed_over() -> None:
    head, _key = make_head([recipient_of(SECRET)])
    odd = b"-> demo-grease one two\n" + b"A" * 64 + b"\n\n"
    changed = INTRO + odd + head.removeprefix(INTRO)
    with pytest.raises(NotAHead):  # it was not there when the head was made
        read_head(changed, [SECRET])
    assert read_head(changed, [OTHER]) == (len(changed), None)


@pytest.mark.parametrize(
    "stanza",
    [
        b"->\n\n",
        b"-> X25519\n" + b"A" * 43 + b"\n",
        b"-> X25519 " + b"A" * 43 + b" more\n" + b"A" * 43 + b"\n",
        b"-> X25519 " + b"A" * 43 + b"\n" + b"A" * 43 + b"\n",  # a share that gives nothing
        b"-> X25519 " + b"B" * 43 + b"\n" + b"A" * 43 + b"\n",  # bits that no writer sets
        b"-> X25519 " + b"A" * 42 + b"\n" + b"A" * 43 + b"\n",
        b"-> demo x\n" + b"A" * 65 + b"\n",
        b"-> demo x\n" + b"A" * 64 + b"\n",
        b"-> demo x\n" + b"AA==\n",
        b"-> demo x\n" + b"A A\n",
        b"demo\n\n",
    ],
)
def test_a_head_that_nobody_writes_is_none(stanza: bytes) -> None:
    head, _key = make_head([recipient_of(SECRET)])
    with pytest.raises(NotAHead):
        read_head(INTRO + stanza + head[head.index(b"--- ") :], [SECRET])
