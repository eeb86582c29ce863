"""Buttons with words or an icon, always with a name that can be read aloud."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QToolButton

from ranger_app.gui.look import icons
from ranger_app.gui.widgets.row_button import RowButton

_ICON_ROLES = {"primary": "on_accent", "danger": "danger", "quiet": "accent"}


def button(
    words: str,
    *,
    icon: str = "",
    kind: str = "plain",
    on: Callable[[], object] | None = None,
    tip: str = "",
    role: str = "",
) -> QPushButton:
    """A button with words. Kinds: plain; primary (one a page: what to do next); danger; quiet (in a row
    of text); row (a line of a list: its words wrap). `role` is the colour of the icon."""
    role = role or _ICON_ROLES.get(kind, "text")
    if kind == "row":
        made: QPushButton = RowButton(words, icon=icon, role=role)
    else:
        made = QPushButton(words)
        if icon:
            icons.wear(made, icon, role, gap=True)
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    _finish(made, words, tip, on)
    return made


def icon_button(
    words: str, *, icon: str, on: Callable[[], object] | None = None, role: str = "muted"
) -> QToolButton:
    """A button with an icon only; the words are its name and its tip."""
    made = QToolButton()
    made.setProperty("kind", "quiet")
    icons.wear(made, icon, role)
    _finish(made, words, words, on)
    return made


def dress(made: QPushButton, kind: str) -> None:
    """Have a button without an icon be of another kind from now on."""
    made.setProperty("kind", kind)
    made.style().unpolish(made)
    made.style().polish(made)


def offer(made: QPushButton, *, fits: bool, why_not: str = "") -> None:
    """Let a button be pressed where it fits and nothing stands against it; what does is said on it."""
    made.setEnabled(fits and not why_not)
    made.setToolTip(why_not if fits else "")
    made.setAccessibleDescription(why_not if fits else "")


def _finish(made: QPushButton | QToolButton, words: str, tip: str, on: Callable[[], object] | None) -> None:
    made.setAccessibleName(words)
    if tip:
        made.setToolTip(tip)
    if on is not None:
        made.clicked.connect(lambda: on())
