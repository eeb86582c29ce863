"""What on each page writes what: shut, with the reason, for who may not. Merging asks the same table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from ranger_app.domain.roles import Deed
from ranger_app.gui.page import Page

WhyNot = Callable[[str, Deed], str]
"""Why a kind of record may not be treated so here; empty when it may."""

ADD, CHANGE, REMOVE = Deed.ADD, Deed.CHANGE, Deed.REMOVE

GUARDED: Mapping[str, tuple[tuple[str, str, Deed], ...]] = {
    "patrols": (
        ("take", "patrol", ADD),
        ("new", "patrol", ADD),
        ("sheet.edit", "patrol", CHANGE),
        ("sheet.finish", "patrol", CHANGE),
        ("sheet.remove", "patrol", REMOVE),
        ("sheet.add_day", "leg_day", ADD),
        ("sheet.seen.add_one", "observation", ADD),
        ("sheet.seen.more", "observation", ADD),
        ("sheet.seen.erase", "erasure", ADD),
        ("incidents.erase", "erasure", ADD),
    ),
    "photos": (
        ("add", "photo", ADD),
        ("run", "detection", ADD),
        ("desk.panel.species", "label", ADD),
    ),
    "green_list": (
        ("steps.start", "assessment", ADD),
        ("steps.final", "assessment", CHANGE),
        ("steps.reopen", "assessment", CHANGE),
        ("sheet.rating_row", "answer", CHANGE),
        ("sheet.reason", "answer", CHANGE),
        ("sheet.narrative", "answer", CHANGE),
        ("sheet.gap", "answer", CHANGE),
        ("sheet.gap_type", "answer", CHANGE),
        ("sheet.confidence", "answer", CHANGE),
        ("sheet.evidence.add_file", "evidence", ADD),
        ("sheet.evidence.add_figure", "evidence", ADD),
        ("sheet.evidence.add_again", "evidence_link", ADD),
        ("sheet.evidence.describe", "evidence", CHANGE),
        ("sheet.evidence.uncite", "evidence_link", REMOVE),
        ("sheet.action_list.plan", "action", ADD),
        ("sheet.action_list.turn", "action", CHANGE),
    ),
    "settings": (
        ("name", "site", CHANGE),
        ("local_name", "site", CHANGE),
        ("country", "site", CHANGE),
        ("zone", "site", CHANGE),
        ("save", "site", CHANGE),
        ("find_boundary", "site", CHANGE),
    ),
}
"""By page: its widgets, and what they do to which kind of record."""


def guard(page: Page, why_not: WhyNot) -> None:
    """Shut what may not be done on this page now, and open again what may."""
    for path, kind, deed in GUARDED.get(page.page_id, ()):
        widget: QWidget = attrgetter(path)(page)
        if why := why_not(kind, deed) or page.closed_for(kind, deed):
            shut(widget, why)
        else:
            release(widget)


class _Shut(QObject):
    """Keeps a widget shut while its page, which knows of no roles, opens it."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.wanted = widget.isEnabled()
        self.tip = widget.toolTip()
        widget.setEnabled(False)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.EnabledChange and isinstance(watched, QWidget) and watched.isEnabled():
            self.wanted = True
            watched.setEnabled(False)
        return False


def shut(widget: QWidget, why: str) -> None:
    """Let nobody use it, and say why. A text can still be read and copied."""
    if isinstance(widget, (QLineEdit, QPlainTextEdit)):
        widget.setReadOnly(True)
    elif widget.findChild(_Shut) is None:
        _Shut(widget)
    widget.setToolTip(why)
    widget.setAccessibleDescription(why)
    widget.setProperty("shut", True)


def release(widget: QWidget) -> None:
    """Open what was shut; the page has the last word on whether it is of use now."""
    if not widget.property("shut"):
        return
    widget.setProperty("shut", False)
    widget.setAccessibleDescription("")
    widget.setToolTip("")
    if isinstance(widget, (QLineEdit, QPlainTextEdit)):
        widget.setReadOnly(False)
        return
    keeper = widget.findChild(_Shut)
    if isinstance(keeper, _Shut):
        widget.removeEventFilter(keeper)
        widget.setToolTip(keeper.tip)
        widget.setEnabled(keeper.wanted)
        keeper.setParent(None)
        keeper.deleteLater()
