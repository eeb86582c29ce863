"""The one dialog for a fault that nobody foresaw: what is safe, where the report is, and carry on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from ranger_app.gui.look.theme import dialog_width
from ranger_app.gui.outside import open_outside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import column, fit_height, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import heading, plain, small
from ranger_app.i18n import _

WIDTH_EMS = 64


class Unforeseen(QDialog):
    """Says it once, calmly; further faults while it is open are only counted among the reports."""

    def __init__(self, parent: QWidget, report: Path | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Something unforeseen"))
        self.setFixedWidth(dialog_width(WIDTH_EMS))
        where = (
            _("A report was saved, without any of your data: {path}").format(path=report)
            if report
            else _("A report could not be saved.")
        )
        words = column(
            heading(_("Ranger made a mistake that nobody foresaw.")),
            plain(
                _(
                    "What was saved is safe. What you were just doing may not have been done. "
                    "You can carry on; if it happens again, leave Ranger and start it anew."
                )
            ),
            small(where),
            None,
            gap=3,
        )
        self.carry_on = button(_("Carry on"), kind="primary", on=self.accept)
        buttons: list[QWidget | None] = [None, self.carry_on]
        if report:
            show = button(_("Show the report"), icon="file", on=lambda: open_outside(report))
            buttons.insert(1, show)
        sign = Sign("warning", "warning", steps=8)
        top = row(sign, words, gap=4)
        top.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(top, row(*buttons), gap=5, margin=5))
        self.carry_on.setDefault(True)
        self.carry_on.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Stand in a window that is as high as its words."""
        super().showEvent(event)
        fit_height(self)
