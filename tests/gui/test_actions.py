"""The one list of actions holds together: ids, icons, keys, pages."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from ranger_app.config import resources_dir
from ranger_app.gui.actions import ACTIONS, Action
from ranger_app.gui.pages import PAGES

PAGE_IDS = {spec.id for spec in PAGES}


def test_every_id_is_given_once() -> None:
    twice = [id_ for id_, count in Counter(action.id for action in ACTIONS).items() if count > 1]
    assert not twice


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_has_words_a_known_page_and_a_drawn_icon(action: Action) -> None:
    assert action.words
    assert action.page in {"", *PAGE_IDS}
    if action.icon:
        assert (resources_dir() / "icons" / f"{action.icon}.svg").is_file()


@pytest.mark.parametrize("action", [one for one in ACTIONS if one.keys], ids=lambda action: action.id)
def test_qt_understands_the_keys(action: Action) -> None:
    keys = QKeySequence(action.keys)
    assert keys.count() == 1
    assert keys.toString(QKeySequence.SequenceFormat.PortableText) == action.keys


@pytest.mark.parametrize("page_id", sorted(PAGE_IDS))
def test_no_key_has_two_meanings_on_a_page(page_id: str) -> None:
    keys = [action.keys for action in ACTIONS if action.keys and action.page in ("", page_id)]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    assert not twice


@pytest.mark.parametrize("spec", PAGES, ids=lambda spec: spec.id)
def test_every_page_has_a_drawn_icon_and_an_action_to_go_there(spec: object) -> None:
    id_, icon = getattr(spec, "id", ""), getattr(spec, "icon", "")
    assert (resources_dir() / "icons" / f"{icon}.svg").is_file()
    assert f"go.{id_}" in {action.id for action in ACTIONS}
