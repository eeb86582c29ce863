"""What a laptop may bring hangs on the list of devices alone; new keys of a laptop are no way round it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ranger_app.domain.directory import QUOTA, Directory, Entry, grow
from ranger_app.domain.quotas import UNDER_AN_UNNAMED, UNNAMED, USUAL, allowance, is_beyond
from ranger_app.domain.roles import RANGER
from tests.domain.chains import directory, enrol, entry, found, replica, revoke

POST = replica("post")


def let(after: Entry, changes: object, *, by: str = "office") -> Entry:
    return entry(after, by, QUOTA, {"replica": POST, "changes": changes})


def joined() -> tuple[Entry, Entry]:
    first = found()
    return first, enrol(first, "post", role=RANGER)


def with_heirs(known: Directory, heirs: Mapping[str, str]) -> Directory:
    return replace(known, heirs={replica(after): replica(before) for after, before in heirs.items()})


def test_where_the_list_says_nothing_the_usual_holds() -> None:
    known = directory(*joined())
    assert allowance(known, POST) == allowance(known, replica("office")) == USUAL
    assert allowance(known, replica("stranger")) == 0


def test_the_last_word_of_an_administrator_holds() -> None:
    first, second = joined()
    third = let(second, {POST: 5})
    assert allowance(directory(first, second, third), POST) == 5
    assert allowance(directory(first, second, third, let(third, {POST: 7})), POST) == 7
    assert allowance(directory(first, second, let(second, {POST: 5}, by="post")), POST) == USUAL


def test_it_stays_when_a_laptop_is_shut_out_and_taken_back() -> None:
    first, second = joined()
    third = let(second, {POST: 5})
    fourth = revoke(third, "post", up_to=1)
    back = directory(first, second, third, fourth, enrol(fourth, "post", role=RANGER))
    assert allowance(back, POST) == 5


@pytest.mark.parametrize("odd", [None, 5, {POST: -1}, {POST: True}, {b"short": 5}, {POST: 1 << 62}])
def test_one_that_makes_no_sense_is_not_taken(odd: object) -> None:
    first, second = joined()
    assert grow(directory(first, second), let(second, odd), lambda _key, _entry: True) is None


def test_a_key_that_only_the_laptop_vouches_for_brings_less() -> None:
    first, second = joined()
    known = with_heirs(directory(first, second), {"post 2": "post", "post 3": "post 2"})
    assert allowance(known, replica("post 3")) == UNDER_AN_UNNAMED < USUAL
    named = with_heirs(
        directory(first, second, let(second, {POST: 7, replica("post 2"): 9})),
        {"post 2": "post", "post 3": "post 2"},
    )
    assert [allowance(named, replica(name)) for name in ("post", "post 2", "post 3")] == [7, 9, 7]


def test_any_number_of_new_keys_brings_no_more_than_twice_as_much() -> None:
    first, second = joined()
    line = ["post", *(f"post {n}" for n in range(UNNAMED + 5))]
    heirs = dict(zip(line[1:], line, strict=False))
    many = heirs | {f"side {n}": line[UNNAMED] for n in range(200)}
    known = with_heirs(directory(first, second), many)
    assert sum(allowance(known, replica(name)) for name in ("post", *many)) <= 2 * USUAL
    firsts = [allowance(known, replica(name)) for name in line[1 : UNNAMED + 1]]
    assert firsts == [UNDER_AN_UNNAMED] * UNNAMED, "those that came first, one after another"


def test_what_was_there_before_there_was_a_list_counts_whatever_it_comes_to() -> None:
    known = directory(found(accepted={POST: 3}))
    assert not is_beyond(known, POST, 3, 99, 5)
    assert is_beyond(known, POST, 4, 99, 5)
    assert not is_beyond(known, POST, 4, 5, 5)
