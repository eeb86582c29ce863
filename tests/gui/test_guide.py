"""The guide tells of every page, in the words that stand on the screen, and opens where the reader is."""

from __future__ import annotations

import ast
import re

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from ranger_app import installed
from ranger_app.gui.guide import Guide, chapters, split
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages import PAGES
from tests.gui.screen import press, settled
from tests.rules.sources import code


def test_every_page_has_its_chapter_and_no_chapter_is_empty() -> None:
    told = {one.id: one.text for one in chapters("en")}
    assert {spec.id for spec in PAGES} <= set(told)
    assert all(told.values())


def test_what_the_guide_names_stands_on_the_screen() -> None:
    words = {
        node.value
        for source in code("ranger_app/gui")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {
        name
        for chapter in chapters("en")
        for name in re.findall(r"\*\*(.+?)\*\*", chapter.text)
        if not name.endswith((".", "”"))  # a sentence about what went wrong, not the name of a button
    }
    assert len(named) > 30
    assert named <= words


@pytest.mark.parametrize(
    "file", sorted((installed("resources") / "guide").glob("*.md")), ids=lambda f: f.stem
)
def test_every_language_has_the_same_chapters(file: object) -> None:
    assert [one.id for one in chapters(getattr(file, "stem", ""))] == [one.id for one in chapters("en")]


def test_a_language_without_a_guide_reads_the_english_one() -> None:
    assert chapters("xx") == chapters("en")


def test_text_before_the_first_head_belongs_to_no_chapter() -> None:
    assert [one.title for one in split("lost\n# One {#one}\na\n# Two {#two}\nb")] == ["One", "Two"]


def test_the_guide_opens_at_the_page_in_front_and_is_walked_by_keys(qtbot: QtBot, opened: MainWindow) -> None:
    press(opened, "Ctrl+4")
    settled(qtbot, opened)
    press(opened, "F1")
    guide = next(one for one in opened.findChildren(QDialog) if one.isVisible())
    assert isinstance(guide, Guide)
    assert "Empty a card" in guide.text.toPlainText()
    press(guide.list, "Down")
    assert "Green List" in guide.text.toPlainText().splitlines()[0]
    press(guide, "Esc")
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in opened.findChildren(QDialog)))


def test_the_guide_opens_before_a_workspace_does(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "F1")
    guide = next(one for one in window.findChildren(QDialog) if one.isVisible())
    assert isinstance(guide, Guide)
    assert guide.text.toPlainText().startswith("Begin")
    guide.close()
