"""What stands in the window before a workspace is open: open one, make one, or try the demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from ranger_app import __version__
from ranger_app.domain.errors import KnownError
from ranger_app.gui.entering.unlock import Unlock
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.banner import Banner
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, OneShown, column, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import muted, plain, small, title
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.gui.entering.join_site import JoinSite
    from ranger_app.gui.entering.new_site import NewSite

WIDTH_EMS = 100
RECENT_SHOWN = 6


class StartScreen(QScrollArea):
    """Choices, the form for a new site, the question for a passphrase, or a word that it is opening."""

    open_asked = Signal(object)  # a folder, or None to be asked for one
    new_asked = Signal(object)  # a SiteWish
    demo_asked = Signal()
    join_asked = Signal(object)  # a JoinWish

    def __init__(self) -> None:
        super().__init__()
        self.new_site: NewSite | None = None
        self.join_site: JoinSite | None = None
        self.banner = Banner()
        self.busy = plain()
        self.unlock = Unlock()
        self._choices: QWidget = QWidget()  # until somebody says what is to be shown
        self._busy_page = _page(Sign("clock", "muted", steps=8), self.busy, None)
        self.stack = OneShown(self._choices, self._busy_page, self.unlock)
        self.unlock.cancelled.connect(self.show_choices)
        column_widget = QWidget()
        column_widget.setMaximumWidth(ems(WIDTH_EMS))
        column_widget.setLayout(column(_brand(), self.banner, self.stack, gap=6))
        inside = _Inside()
        inside.setProperty("kind", "page")
        middle = row(column_widget)
        middle.setContentsMargins(space(6), space(10), space(6), space(6))
        inside.setLayout(middle)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inside)
        self._recent: Sequence[Path] = ()

    def show_choices(self, recent: Sequence[Path] = ()) -> None:
        """Offer what can be done, with the workspaces that were open lately."""
        if recent:
            self._recent = recent
        fresh = _Choices(self._recent)
        fresh.open_asked.connect(self.open_asked)
        fresh.demo_asked.connect(self.demo_asked)
        fresh.new_asked.connect(self.show_form)
        fresh.join_asked.connect(self.show_join_form)
        self._show(fresh)
        self.stack.removeWidget(self._choices)
        self._choices.setParent(None)
        self._choices.deleteLater()
        self._choices = fresh
        if self.isVisible():
            fresh.first.setFocus()

    def forget_passphrases(self) -> None:
        """Leave none in a form that is only hidden: the workspace is open."""
        for form in (self.new_site, self.join_site):
            if form is not None:
                form.protection.new.clear()

    def show_busy(self, words: str) -> None:
        """Say what is being opened or made."""
        self.busy.setText(words)
        self.banner.hide()
        self._show(self._busy_page)

    def ask_passphrase(self, folder: Path, people: Sequence[str] | None = None) -> None:
        """Ask for the passphrase of a workspace, of one of these people; None: of the same as before."""
        self._show(self.unlock)
        self.unlock.ask(folder, people)

    def show_page(self, page: QWidget) -> None:
        """Show what an open workspace asks before it is shown itself."""
        self.banner.hide()
        self._show(page)

    def show_error(self, error: KnownError) -> None:
        """Say why a workspace cannot be opened or made, above what was being done."""
        self.banner.show_error(error)

    def show_form(self, *, afresh: bool = True) -> None:
        """Show the form for a new site, empty or as it was left."""
        if self.new_site is None:
            from ranger_app.gui.entering.new_site import NewSite  # the list of time zones is long

            self.new_site = NewSite()
            self.new_site.asked.connect(self.new_asked)
            self.new_site.cancelled.connect(self.show_choices)
        self._show(self.new_site)
        if afresh:
            self.banner.hide()
            self.new_site.begin()

    def show_join_form(self, *, afresh: bool = True) -> None:
        """Show the form for joining a site, empty or as it was left."""
        if self.join_site is None:
            from ranger_app.gui.entering.join_site import JoinSite

            self.join_site = JoinSite()
            self.join_site.asked.connect(self.join_asked)
            self.join_site.cancelled.connect(self.show_choices)
        self._show(self.join_site)
        if afresh:
            self.banner.hide()
            self.join_site.begin()

    def _show(self, page: QWidget) -> None:
        self.stack.show_one(page)
        self.verticalScrollBar().setValue(0)


class _Inside(QWidget):
    """As high as its words need at the width that there is; at the least width they would need more."""

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class _Choices(QWidget):
    open_asked = Signal(object)
    new_asked = Signal()
    join_asked = Signal()
    demo_asked = Signal()

    def __init__(self, recent: Sequence[Path]) -> None:
        super().__init__()
        known = [folder for folder in recent if folder.is_dir()][:RECENT_SHOWN]
        new = button(_("New site…"), icon="plus", kind="primary", on=self.new_asked.emit)
        join = button(_("Join a site…"), icon="device", on=self.join_asked.emit)
        open_ = button(_("Open a workspace…"), icon="folder", on=lambda: self.open_asked.emit(None))
        demo = button(_("Try the demo"), icon="tent", on=self.demo_asked.emit)
        parts: list[QWidget] = [
            Card(
                _("Begin"),
                ButtonRow(new, join, open_, demo, None),
                muted(
                    _(
                        "A workspace is a folder with everything of one site. Begin a new site, or join one "
                        "that others have begun: then this laptop becomes one of its devices. The demo is a "
                        "made-up park to learn with."
                    )
                ),
            )
        ]
        self.first: QPushButton = new
        """Where the keys begin: what was open last, else what begins a site."""
        if known:
            again = [self._again(folder) for folder in known]
            parts.append(Card(_("Open again"), *again))
            self.first = again[0].findChild(QPushButton) or new
        self.setLayout(column(*parts, None, gap=5))

    def _again(self, folder: Path) -> QWidget:
        made = button(folder.stem, icon="folder", kind="row", on=lambda: self.open_asked.emit(folder))
        made.setToolTip(str(folder))
        where = small(str(folder.parent))
        where.setWordWrap(False)
        inside = row(made, where, gap=3)
        inside.setStretch(0, 1)
        both = QWidget()
        inside.setContentsMargins(0, 0, 0, 0)
        both.setLayout(inside)
        return both


def _brand() -> QWidget:
    made = QWidget()
    said = column(
        title(_("Ranger")),
        muted(_("Patrols, camera traps and the Green List for protected areas. Works without a network.")),
        gap=1,
    )
    inside = row(Sign("ranger", "accent", steps=14), said, small(__version__), gap=4)
    inside.setStretch(1, 1)
    made.setLayout(inside)
    return made


def _page(*parts: QWidget | None) -> QWidget:
    made = QWidget()
    made.setLayout(column(*parts, gap=4))
    return made
