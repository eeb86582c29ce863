"""Words that people compare aloud and copy from paper."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.security.spoken import (
    COMPARED_WORDS,
    ENOUGH_LETTERS,
    SECRET_WORDS,
    compared_words,
    read_secret,
    secret_words,
    words_on_sheet,
)
from ranger_app.security.word_list import WORDS

SECRETS = st.binary(min_size=32, max_size=32)


def test_the_list_is_what_it_was_when_the_first_sheet_was_printed() -> None:
    assert len(WORDS) == len(set(WORDS)) == 2048
    assert len({word[:ENOUGH_LETTERS] for word in WORDS}) == 2048
    assert all(word.isascii() and word.isalpha() and word.islower() and 4 <= len(word) <= 7 for word in WORDS)
    assert hashlib.sha256(" ".join(WORDS).encode()).hexdigest().startswith("2c4a4553bb90849a")
    assert compared_words(b"demo") == ("plural", "sunday", "herd", "unique", "answer", "super")
    assert secret_words(bytes(range(32)))[:3] == ("abacus", "apart", "lens")


@given(one=st.binary(max_size=40), other=st.binary(max_size=40))
def test_other_bytes_have_other_words(one: bytes, other: bytes) -> None:
    assert len(compared_words(one)) == COMPARED_WORDS
    assert (compared_words(one) == compared_words(other)) == (one == other)


def test_where_one_part_ends_and_the_next_begins_counts() -> None:
    assert compared_words(b"ab", b"c") != compared_words(b"a", b"bc")


@given(secret=SECRETS)
def test_a_secret_comes_back_from_its_words(secret: bytes) -> None:
    words = secret_words(secret)
    assert len(words) == SECRET_WORDS
    assert read_secret(words) == secret
    assert read_secret([word[:ENOUGH_LETTERS].upper() for word in words]) == secret


@given(secret=SECRETS, place=st.integers(0, SECRET_WORDS - 2))
def test_words_that_changed_places_are_noticed(secret: bytes, place: int) -> None:
    words = list(secret_words(secret))
    words[place], words[place + 1] = words[place + 1], words[place]
    if words != list(secret_words(secret)):
        assert _read_or_none(words) != secret


def test_nearly_every_mistake_is_noticed() -> None:
    """One byte of check lets one in 256 through; such a key is nobody's."""
    words = list(secret_words(bytes(range(32))))
    wrong = [[*words[:3], other, *words[4:]] for other in WORDS[:1000] if other != words[3]]
    assert sum(_read_or_none(one) is not None for one in wrong) < 20


def _read_or_none(words: list[str]) -> bytes | None:
    try:
        return read_secret(words)
    except BadInput:
        return None


def test_a_word_that_is_on_no_sheet_is_named_with_its_place() -> None:
    words = list(secret_words(bytes(32)))
    words[4] = "xylophone"
    with pytest.raises(BadInput, match="Word 5, “xylophone”"):
        read_secret(words)


@pytest.mark.parametrize("count", [0, 1, 23, 25])
def test_a_sheet_with_another_number_of_words_is_refused(count: int) -> None:
    with pytest.raises(BadInput, match="24 words"):
        read_secret((secret_words(bytes(32)) * 2)[:count])


@given(secret=SECRETS)
def test_words_may_be_typed_with_their_numbers_or_without(secret: bytes) -> None:
    words = secret_words(secret)
    numbered = "\n".join(f"{n}. {word}" for n, word in reversed(list(enumerate(words, start=1))))
    assert words_on_sheet(numbered) == list(words)
    assert words_on_sheet(" ".join(words)) == list(words)
