"""The Today page: what needs doing at this site, with the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from ranger_app.gui.background import Task
from ranger_app.gui.context import Context
from ranger_app.gui.page import Page
from ranger_app.gui.to_do import Figure, Latest, Today, ToDo, look
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button, icon_button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, boxed, column, line, page_column, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import heading, muted, plain, strong
from ranger_app.i18n import _, day


class TodayPage(Page):
    """Reads anew whenever anything changes: it sums up all rooms."""

    page_id = "today"
    watches = frozenset(
        {"site", "patrol", "waypoint", "observation", "track", "photo", "label", "camera_station"}
        | {"assessment", "answer", "evidence", "device"}
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._shown: Today | None = None
        self._to_do = column(muted(_("Looking…")), gap=3)
        self._figures = column(gap=3)
        self._patrols = column(gap=1)
        self._latest = Card(_("Latest patrols"), self._patrols)
        self._latest.hide()
        self._first = Card(
            _("First steps"),
            self._step("patrols", _("Bring in patrols"), _("From a GPS, a phone or SMART.")),
            line(),
            self._step("photos", _("Empty a camera card"), _("Originals are never touched.")),
            line(),
            self._step("green_list", _("Start a self-assessment"), _("50 indicators, one at a time.")),
        )
        self._first.hide()
        context.background.ended.connect(self._ended)
        page_column(
            self,
            Beside(
                [self._first, Card(_("To do"), self._to_do), self._latest],
                [Card(_("At this site"), self._figures)],
                shares=(5, 3),
            ),
            None,
        )

    def tools(self) -> Sequence[QWidget]:
        return (muted(day(date.today())),)

    def reload(self) -> None:
        ranger = self.context.ranger
        under_way = {one.goes_on for one in self.context.background.tasks}
        self.fetch(lambda work: look(ranger, under_way=under_way), self._show, key="today")

    def came_up(self) -> None:
        self._stale = True  # the age of a backup changes with the day alone
        super().came_up()

    def _ended(self, task: Task) -> None:
        if task.goes_on and self.isVisible():
            self.reload()

    def _show(self, today: Today) -> None:
        if today == self._shown:
            return  # the buttons stay the same ones, and the keys on them
        self._shown = today
        focus = QApplication.focusWidget()
        had_the_keys = focus is not None and self.isAncestorOf(focus)
        self._first.setVisible(today.is_new)
        _empty(self._to_do)
        for at, one in enumerate(today.to_do):
            if at:
                self._to_do.addWidget(line())
            self._to_do.addWidget(self._line(one))
        if not today.to_do:
            self._to_do.addWidget(
                EmptyState("check", _("Nothing waits"), _("New patrols and photos will show here."))
            )
        _empty(self._figures)
        for number in today.figures:
            self._figures.addWidget(_figure(number))

        _empty(self._patrols)
        for patrol in today.latest:
            self._patrols.addWidget(self._patrol(patrol))
        self._latest.setVisible(bool(today.latest))
        if had_the_keys:
            self.take_focus()

    def _patrol(self, one: Latest) -> QWidget:
        go = button(
            one.words,
            icon="patrols",
            kind="row",
            on=lambda: self.context.go("patrols", patrol_id=one.id),
        )
        about = muted(one.about)
        about.setWordWrap(False)
        inside = row(go, about, gap=3)
        inside.setStretch(0, 1)
        return boxed(inside)

    def _line(self, one: ToDo) -> QWidget:
        ways: list[QWidget] = []
        if one.button:
            go = button(one.button, on=lambda: self.context.go(one.page, **one.where))
            go.setAccessibleDescription(one.words)
            ways.append(go)
        if one.begun:
            leave = icon_button(_("Do not go on with it"), icon="close", on=lambda: self._leave(one))
            leave.setAccessibleDescription(one.words)
            ways.append(leave)
        return _line(one.icon, one.tone, one.words, one.hint, *ways)

    def _leave(self, one: ToDo) -> None:
        self.context.leave(one.begun).finished.connect(self.reload)

    def _step(self, page: str, words: str, hint: str) -> QWidget:
        go = button(_("Begin"), on=lambda: self.context.go(page))
        go.setAccessibleName(words)
        return _line(page, "accent", words, hint, go)


def _line(icon: str, tone: str, words: str, hint: str, *ways: QWidget) -> QWidget:
    said = column(strong(words), muted(hint), gap=0.5)
    inside = row(Sign(icon, tone, steps=6), said, row(*ways, gap=1), gap=4)
    inside.setStretch(1, 1)
    return boxed(inside)


def _figure(one: Figure) -> QWidget:
    value = heading(one.value)
    value.setAlignment(Qt.AlignmentFlag.AlignRight)
    inside = row(plain(one.words), value)
    inside.setStretch(0, 1)
    return boxed(inside)


def _empty(layout: QVBoxLayout) -> None:
    while item := layout.takeAt(0):
        if (old := item.widget()) is not None:
            old.deleteLater()
