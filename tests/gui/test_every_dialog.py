"""House rules of every dialog: named, reached by keys, safe by Enter and Esc, kept when put away unasked."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

import ranger_app.gui
from ranger_app.config import Appearance
from ranger_app.gui.drafts import SECRET
from ranger_app.gui.look.theme import SHARE_OF_SCREEN
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.widgets.forms import KeptDialog
from tests.conftest import REPOSITORY
from tests.gui.screen import FIELDS, coming_in_front, heard_name, interactive, press, settled
from tests.rules.sources import report

SCREEN = 1366, 768
TABS_AT_MOST = 60
EDGE_PX = 3


def load() -> ModuleType:
    """`packaging/dialogs_shown.py`, which is beside the package and not a part of it."""
    place = REPOSITORY / "packaging" / "dialogs_shown.py"
    spec = importlib.util.spec_from_file_location("dialogs_shown", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SHOWN = dict(load().DIALOGS)
Open = Callable[[str], QDialog]


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> QWidget:
    """A page of a workspace in which an assessment was started."""
    assert opened.ranger is not None
    opened.ranger.assessments.start(title="Demo round")
    settled(qtbot, opened)
    assert opened.view is not None
    assert opened.view.current is not None
    return opened.view.current


@pytest.fixture
def show(qtbot: QtBot, opened: MainWindow, page: QWidget) -> Open:
    """Opens a dialog by its name."""

    def open_one(name: str) -> QDialog:
        dialog: QDialog = SHOWN[name](page, opened.ranger, opened)
        with coming_in_front(qtbot, dialog):
            dialog.open()
        settled(qtbot, opened)
        return dialog

    return open_one


def every_kind_of_dialog() -> Iterator[type[QDialog]]:
    for module in pkgutil.walk_packages(ranger_app.gui.__path__, "ranger_app.gui."):
        importlib.import_module(module.name)
    waiting: list[type[QDialog]] = [QDialog]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("ranger_app.") and not kind.__subclasses__():
                yield kind


def test_every_kind_of_dialog_is_among_those_that_are_shown(opened: MainWindow, page: QWidget) -> None:
    shown = {type(make(page, opened.ranger, opened)) for make in SHOWN.values()}
    assert set(every_kind_of_dialog()) <= shown


def test_a_dialog_can_be_used_without_seeing_it(show: Open) -> None:
    faults = []
    for name in SHOWN:
        dialog = show(name)
        labels = dialog.findChildren(QLabel)
        buddies = {id(label.buddy()) for label in labels if label.buddy() is not None}
        faults += [f"{name}, no name: {one!r}" for one in interactive(dialog) if not heard_name(one).strip()]
        faults += [
            f"{name}, no label and no name of its own: {one!r}"
            for one in interactive(dialog)
            if isinstance(one, FIELDS) and id(one) not in buddies and not one.accessibleName()
        ]
        faults += [
            f"{name}, may be taken for mark-up (use widgets.text): {label.text()!r}"
            for label in labels
            if label.text() and label.textFormat() is not Qt.TextFormat.PlainText
        ]
        if not dialog.windowTitle() and not dialog.accessibleName():
            faults.append(f"{name} has no title")
        dialog.reject()
    assert not faults, report(faults)


def test_tab_comes_to_every_field_and_button(show: Open) -> None:
    faults = []
    for name in SHOWN:
        dialog = show(name)
        first = QApplication.focusWidget()
        if first is None or not dialog.isAncestorOf(first):
            faults.append(f"{name}: the keys begin outside")
        met = _met_by_tab()
        faults += [
            f"{name}: Tab never comes to {heard_name(one)!r}"
            for one in interactive(dialog)
            if _takes_tab(one) and not any(one is focused or one.isAncestorOf(focused) for focused in met)
        ]
        dialog.reject()
    assert not faults, report(faults)


def test_one_sees_where_the_keys_are(show: Open) -> None:
    """Whatever Tab comes to looks another way while the keys are there, and not by its caret alone."""
    faults = []
    for name in SHOWN:
        dialog = show(name)
        met = _met_by_tab()
        for at, one in enumerate(met):
            met[at - 1].setFocus(Qt.FocusReason.TabFocusReason)
            without = _seen_around(one)
            one.setFocus(Qt.FocusReason.TabFocusReason)
            if len(met) > 1 and _seen_around(one) == without:
                faults.append(f"{name}: {heard_name(one) or one!r} looks as ever")
        dialog.reject()
    assert not faults, report(faults)


def test_no_two_share_a_key_and_every_field_to_write_in_has_words_that_are_its_own(show: Open) -> None:
    faults = []
    for name in SHOWN:
        dialog = show(name)
        labels = dialog.findChildren(QLabel)
        buttons = dialog.findChildren(QAbstractButton)
        keys = Counter(
            QKeySequence.mnemonic(text).toString()
            for text in [
                *(one.text() for one in buttons if one.isVisible()),
                *(one.text() for one in labels if one.isVisible() and one.buddy() is not None),
            ]
        )
        faults += [f"{name}: {key} is for {count}" for key, count in keys.items() if key and count > 1]
        named = {id(label.buddy()) for label in labels if label.isVisible()}
        faults += [
            f"{name}: no words above {heard_name(field)!r} belong to it"
            for kind in (QLineEdit, QPlainTextEdit)
            for field in dialog.findChildren(kind)
            if _is_own_field(field) and field.isVisible() and not _is_named(field, named)
        ]
        dialog.reject()
    assert not faults, report(faults)


def test_esc_changes_nothing_and_enter_presses_what_looks_like_it(show: Open) -> None:
    faults = []
    for name in SHOWN:
        dialog = show(name)
        buttons = dialog.findChildren(QPushButton)
        faults += [
            f"{name}: Enter presses {one.text()!r}, which does not look like it"
            for one in buttons
            if one.isDefault() and one.property("kind") != "primary"
        ]
        faults += [
            f"{name}: {one.text()!r} looks like what Enter presses"
            for one in buttons
            if one.property("kind") == "primary"
            and one.isVisible()
            and not one.isDefault()
            and any(other.isDefault() for other in buttons)
        ]
        press(dialog, "Esc")
        if dialog.isVisible() or dialog.result() != QDialog.DialogCode.Rejected:
            faults.append(f"{name}: Esc does not put it away")
    assert not faults, report(faults)


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_a_dialog_has_room_for_its_words_on_a_small_screen(
    opened: MainWindow, show: Open, text_scale: float
) -> None:
    opened.theme.apply(appearance=Appearance.LIGHT, text_scale=text_scale)
    faults = []
    for name in SHOWN:
        dialog = show(name)
        if isinstance(dialog, KeptDialog):  # the screen of the tests is narrower than that of any laptop
            dialog.resize(round(SCREEN[0] * SHARE_OF_SCREEN), dialog.height())
            QApplication.processEvents()
        faults += [f"{name}: {fault}" for fault in _faults_of_room(dialog)]
        dialog.reject()
    assert not faults, report(faults)


def _faults_of_room(dialog: QDialog) -> Iterator[str]:
    least = dialog.minimumSizeHint().expandedTo(dialog.minimumSize()).expandedTo(dialog.size())
    if least.width() > SCREEN[0] or least.height() > SCREEN[1]:
        yield f"it needs {least.width()} × {least.height()}"
    for label in dialog.findChildren(QLabel):
        if label.isVisible() and label.text():
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            if label.height() < needed - 1:
                yield f"{label.text()[:60]!r} has {label.height()} of {needed} px"
            if not label.wordWrap() and label.width() < label.sizeHint().width() - 1:
                yield f"{label.text()[:60]!r} is cut at its end"
    for one in dialog.findChildren(QPushButton):
        if one.isVisible() and one.text() and one.width() < one.sizeHint().width() - 1:
            yield f"{one.text()!r} has {one.width()} of {one.sizeHint().width()} px"
    for area in dialog.findChildren(QScrollArea):
        inside, room = area.widget(), area.viewport().width()
        if area.isVisible() and inside is not None and inside.minimumSizeHint().width() > room:
            yield f"what scrolls needs {inside.minimumSizeHint().width()} of {room} px in width"


def test_what_was_typed_is_back_after_it_was_put_away_and_what_is_secret_is_not(show: Open) -> None:
    faults = []
    for name in SHOWN:
        dialog = show(name)
        if not isinstance(dialog, KeptDialog):
            dialog.reject()
            continue
        typed = _fill(dialog)
        for one in _secrets(dialog):
            _type(one, "hush")
        dialog.put_away()
        again = show(name)
        assert isinstance(again, KeptDialog)
        faults += [
            f"{name}: {heard_name(field)!r} has lost it"
            for kind, at, text in typed
            if _text_of(field := again.findChildren(kind)[at]) != text
        ]
        faults += [
            f"{name}: {heard_name(one)!r} has kept a secret" for one in _secrets(again) if _text_of(one)
        ]
        if typed and "is back" not in again.fault.text():
            faults.append(f"{name} does not say that something is back")
        again.reject()
        third = show(name)
        if any(_text_of(third.findChildren(kind)[at]) == text for kind, at, text in typed):
            faults.append(f"{name}: what was put away on purpose is back")
        third.reject()
    assert not faults, report(faults)


def _met_by_tab() -> list[QWidget]:
    """What the keys come to, one Tab after the other, until they are where they were."""
    met: list[QWidget] = []
    for _tab in range(TABS_AT_MOST):
        focused = QApplication.focusWidget()
        if focused is None or focused in met:
            break
        met.append(focused)
        press(focused, "Tab")
    return met


def _seen_around(one: QWidget) -> QImage:
    """What is painted of a widget, or of the field or list that it is the inside of; of a field that is
    written in, its edge alone: within it the caret comes and goes."""
    while isinstance(around := one.parentWidget(), (QAbstractSpinBox, QComboBox)):
        one = around
    picture = one.grab().toImage()
    if isinstance(one, (QLineEdit, QPlainTextEdit, QAbstractSpinBox)):
        return picture.copy(0, 0, picture.width(), EDGE_PX)
    return picture


def _is_named(field: QWidget, named: set[int]) -> bool:
    """By a label, its own or that of the larger field which it is a part of, or by words that stand in it."""
    return (
        id(field) in named
        or id(field.parentWidget()) in named
        or (isinstance(field, QLineEdit) and bool(field.placeholderText()))
    )


def _takes_tab(widget: QWidget) -> bool:
    return bool(
        widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (isinstance(widget, QAbstractButton) and widget.autoExclusive() and not widget.isChecked())
    )


def _fill(dialog: QDialog) -> list[tuple[type[QWidget], int, str]]:
    """Type into every open text field: of which kind, the how many-eth, and what stands there then."""
    done: list[tuple[type[QWidget], int, str]] = []
    kinds: tuple[type[QLineEdit | QPlainTextEdit], ...] = (QLineEdit, QPlainTextEdit)
    for kind in kinds:
        for at, field in enumerate(dialog.findChildren(kind)):
            if _is_own_field(field) and field not in _secrets(dialog) and not field.isReadOnly():
                _type(field, f"demo {at}")
                done.append((kind, at, f"demo {at}"))
    return done


def _type(field: QWidget, text: str) -> None:
    if isinstance(field, QLineEdit):
        field.setText(text)
    elif isinstance(field, QPlainTextEdit):
        field.setPlainText(text)


def _secrets(dialog: QDialog) -> list[QWidget]:
    found: list[QWidget] = [
        one
        for one in dialog.findChildren(QLineEdit)
        if one.echoMode() != QLineEdit.EchoMode.Normal or one.property(SECRET)
    ]
    return found + [one for one in dialog.findChildren(QPlainTextEdit) if one.property(SECRET)]


def _is_own_field(field: QWidget) -> bool:
    inside = isinstance(field.parentWidget(), (QAbstractSpinBox, QComboBox))
    return not inside and not field.objectName().startswith("qt_")


def _text_of(field: QWidget) -> str:
    if isinstance(field, QLineEdit):
        return field.text()
    assert isinstance(field, QPlainTextEdit)
    return field.toPlainText()
