"""A badge where a record is shown: how many versions of a field wait to be settled, and the way there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ranger_app.domain.ids import Id
from ranger_app.gui.page import Page
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import row
from ranger_app.i18n import _, ngettext, number
from ranger_app.sync.wording import field_words

Waiting = Mapping[Id, Mapping[str, int]]
"""By record, how many versions each of its fields has that waits."""


class DifferenceBadge(QWidget):
    """Not there while nothing waits. `fields` are those that it speaks of; all of them if empty."""

    def __init__(self, *fields: str) -> None:
        super().__init__()
        self._fields = fields
        self._record: Id | None = None
        self.button = button(_("Settle…"), icon="warning", kind="quiet", role="warning", on=self._go)
        self.setLayout(row(self.button, None))
        self.hide()

    def show_waiting(self, waiting: Waiting) -> None:
        """Say what waits of these records, or go away."""
        told: dict[str, int] = {}
        self._record = None
        for record, fields in waiting.items():
            for field, count in fields.items():
                if not self._fields or field in self._fields:
                    told[field] = max(count, told.get(field, 0))
                    self._record = self._record or record
        words = _("{versions} – settle…").format(versions=versions_words(told)) if told else ""
        self.button.setText(words)
        self.button.setAccessibleName(words)
        self.setVisible(bool(told))

    def _go(self) -> None:
        page: QWidget | None = self.parentWidget()
        while page is not None and not isinstance(page, Page):
            page = page.parentWidget()
        if isinstance(page, Page) and self._record is not None:
            page.context.go("differences", record=self._record)


def versions_words(fields: Mapping[str, int]) -> str:
    """Such as “rating: 2 versions”."""
    return " · ".join(
        ngettext("{field}: {n} version", "{field}: {n} versions", count).format(
            field=field_words(field), n=number(count)
        )
        for field, count in fields.items()
    )


class ShowsWaiting(Protocol):
    """A badge, or a list with one in its lines."""

    def show_waiting(self, waiting: Waiting) -> None: ...


def look_for_differences(page: Page, ids: Collection[Id], badges: Iterable[ShowsWaiting]) -> None:
    """Have these badges of a page say what waits of these records."""
    inbox, shown = page.context.ranger.differences, list(badges)

    def show(waiting: Waiting) -> None:
        for badge in shown:
            badge.show_waiting(waiting)

    page.fetch(lambda work: inbox.waiting(ids), show, key="differences of what is shown")
