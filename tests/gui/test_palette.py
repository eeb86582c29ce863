"""The palette finds what was meant from a few letters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ranger_app.gui.actions import ACTIONS, Action
from ranger_app.gui.palette import fitting

OFFERS = [(action, "Exchange" if action.page else "") for action in ACTIONS]


def _found(typed: str) -> list[str]:
    return [action.id for action, _page in fitting(OFFERS, typed)]


def test_nothing_typed_offers_everything_in_order() -> None:
    assert _found("") == [action.id for action in ACTIONS]


def test_every_word_must_fit_in_any_order_and_case() -> None:
    assert "exchange.write" in _found("BUNDLE wri")
    assert "exchange.write" not in _found("bundle photo")


def test_a_word_that_is_begun_comes_before_one_that_only_holds_the_letters() -> None:
    offers = [(Action("inside", "Unread things"), ""), (Action("begun", "Read a bundle"), "")]
    assert [action.id for action, _page in fitting(offers, "read")] == ["begun", "inside"]


def test_the_page_of_an_action_finds_it_too() -> None:
    assert "exchange.backup" in _found("exchange backup")


@given(st.text(max_size=12))
def test_what_is_found_is_among_the_offers_once(typed: str) -> None:
    found = _found(typed)
    assert len(found) == len(set(found))
    assert set(found) <= {action.id for action in ACTIONS}
