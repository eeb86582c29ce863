"""Words on the screen in one of our sizes: titles, headings, plain and muted text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QLineEdit, QSizePolicy, QWidget

from ranger_app.gui.look.theme import space


def title(words: str) -> QLabel:
    """The name of a page or of a window."""
    return _label(words, "title")


def heading(words: str) -> QLabel:
    """The name of a card or a part of a page."""
    return _label(words, "heading")


def strong(words: str) -> QLabel:
    """The name of one thing in a list, above what is said of it."""
    return _label(words, "field")


def plain(words: str = "") -> QLabel:
    """Text to read; it wraps, and can be marked and copied."""
    made = _label(words, "plain")
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def muted(words: str = "") -> QLabel:
    """Text that only helps: a hint, a unit, a time."""
    return _label(words, "muted")


def small(words: str = "") -> QLabel:
    """Muted text in the smallest size."""
    return _label(words, "small")


def figure(words: str = "") -> QLabel:
    """One number that matters."""
    return _label(words, "figure")


def code(words: str) -> QLabel:
    """Something to be typed as it stands; it can be marked and copied."""
    made = _label(words, "code")
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def fault() -> QLabel:
    """A place for what is wrong with a form: not there until `say` puts words into it."""
    made = plain()
    made.hide()
    return made


def field_label(words: str, field: QWidget) -> QLabel:
    """The name above a field; it is the field's buddy and its accessible name."""
    made = _label(words, "field")
    made.setBuddy(field)
    inset(field)
    if not field.accessibleName():
        field.setAccessibleName(words)
    return made


def inset(field: QWidget) -> None:
    """Give the words in a field of numbers or dates the room at their left that other fields have.

    The style sheet cannot: Qt leaves the line inside a spin box out of it.
    """
    if isinstance(field, QAbstractSpinBox) and (inside := field.findChild(QLineEdit)):
        inside.setTextMargins(space(2), 0, 0, 0)


def say(label: QLabel, words: str, tone: str = "") -> None:
    """Put other words into a label, in the colour of `tone`: danger, warning, good or none. Without words
    it takes no room."""
    label.setText(words)
    if label.parent() is not None:  # a label of its own would be a window of its own
        label.setVisible(bool(words))
    if label.property("tone") != tone:
        label.setProperty("tone", tone)
        label.style().unpolish(label)
        label.style().polish(label)


def _label(words: str, type_: str) -> QLabel:
    made = QLabel(words)
    made.setProperty("type", type_)
    # What comes from a file or a person must never be taken for mark-up.
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made
