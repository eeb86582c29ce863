"""What is made ahead comes in its order, by every core, and a fault belongs to the thing that has it."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from ranger_app.domain.errors import BadInput, KnownError
from ranger_app.inference.ahead import Ahead, cores, threads_beside


def makers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ranger-decode")]


def test_all_things_come_in_their_order() -> None:
    things = list(range(50))
    assert [made.result() for made in Ahead(lambda one: one * one, things, at_most=4)] == [
        one * one for one in things
    ]
    assert makers() == []


def test_who_waits_makes_a_later_thing_meanwhile() -> None:
    """The thread that takes finds the first thing in the works, and makes the next one itself."""
    mine = threading.get_ident()
    made_by_me: list[int] = []
    helped = threading.Event()

    def make(one: int) -> int:
        if threading.get_ident() == mine:
            made_by_me.append(one)
            helped.set()
        else:
            helped.wait(30)  # the others are slow until the taker has lent a hand
        return one

    ahead = Ahead(make, range(2 + threads_beside()), at_most=2 + threads_beside())
    assert [made.result() for made in ahead] == list(range(2 + threads_beside()))
    assert made_by_me
    assert min(made_by_me) >= threads_beside()  # what nobody had begun


def test_no_more_than_so_many_are_made_before_they_are_taken() -> None:
    begun: list[int] = []

    def make(one: int) -> int:
        begun.append(one)
        return one

    with closing(Ahead(make, range(20), at_most=3)) as ahead:
        taking = iter(ahead)
        for place in range(10):
            next(taking)
            assert max(begun) <= place + 2


@pytest.mark.parametrize("at_most", [1, 4])
def test_a_fault_is_raised_where_its_thing_is_taken_and_the_others_come(at_most: int) -> None:
    def make(one: int) -> int:
        if one % 3 == 1:
            raise BadInput(f"thing {one}.")
        return one

    came: list[int | str] = []
    for made in Ahead(make, range(7), at_most=at_most):
        try:
            came.append(made.result())
        except KnownError as error:
            came.append(error.text)
    assert came == [0, "thing 1.", 2, 3, "thing 4.", 5, 6]


def test_nothing_is_left_running_when_nobody_takes_any_more() -> None:
    ahead = Ahead(lambda one: one, range(100), at_most=4)
    next(iter(ahead))
    ahead.close()
    assert makers() == []


def test_one_core_is_left_to_the_thread_that_takes() -> None:
    assert 1 <= threads_beside() <= max(1, cores() - 1)
