"""What every small form is made of: the dialog that asks, and a field for a day that may be left empty."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QLineEdit, QScrollArea, QWidget

from ranger_app.gui.drafts import Drafts, Typed, type_again, typed_in
from ranger_app.gui.theme import ems, space
from ranger_app.gui.widgets.buttons import button, dress
from ranger_app.gui.widgets.layout import Part, boxed, column, row
from ranger_app.gui.widgets.text import fault, heading, say
from ranger_app.i18n import _

WIDTH_EMS = 84
SHARE_OF_SCREEN = 0.92
LEAST_STEPS = 30


class Body(QScrollArea):
    """The fields of a form: as high as they need, and scrolled where the screen is too small for that."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = inside
        self.setWidget(inside)

    def needed_height(self) -> int:
        """What the fields need at the width that they have."""
        for_width = self._inside.heightForWidth(self.viewport().width())
        return max(for_width, self._inside.sizeHint().height(), self._inside.minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        hint = self._inside.sizeHint()
        return QSize(hint.width() + self._bar(), hint.height())

    def minimumSizeHint(self) -> QSize:
        least = self._inside.minimumSizeHint()
        return QSize(least.width() + self._bar(), min(least.height(), space(LEAST_STEPS)))

    def _bar(self) -> int:
        return self.verticalScrollBar().sizeHint().width()


class Asking(QDialog):
    """A dialog with a heading, fields, a place for what is wrong, and two buttons. Enter goes on."""

    def __init__(self, parent: QWidget, title: str, yes: str, *parts: Part) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._at_first: Typed | None = None
        self._is_put_away = False
        self.setMinimumWidth(ems(WIDTH_EMS))
        self.fault: QLabel = fault()
        self.go_on = button(yes, kind="primary", on=self._go_on)
        self.go_on.setDefault(True)
        self.cancel = button(_("Cancel"), on=self.reject)
        buttons = row(None, self.cancel, self.go_on)
        self._body = Body(boxed(column(*parts, gap=4)))
        self.setLayout(column(heading(title), self._body, self.fault, buttons, gap=4, margin=5))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the fields need, as far as the screen has it; what was left half written before
        is back in them."""
        super().showEvent(event)
        if self._at_first is None:
            self._begin()
        around = self.height() - self._body.viewport().height()
        room = round(self.screen().availableGeometry().height() * SHARE_OF_SCREEN)
        self.resize(self.width(), min(self._body.needed_height() + around, room))

    def _begin(self) -> None:
        self._at_first = typed_in(self)
        drafts = self._drafts()
        if drafts is not None and (typed := drafts.of(self._key())) is not None:
            type_again(self, typed)
            say(self.fault, _("What you had typed here before is back; nothing of it is saved yet."), "good")

    def put_away(self) -> None:
        """Close it unasked and keep what was typed: the window is locked, or somebody else comes."""
        drafts, typed = self._drafts(), typed_in(self)
        if drafts is not None and typed != self._at_first:
            drafts.keep(self._key(), typed)
        self._is_put_away = True
        self.reject()

    def done(self, result: int) -> None:
        drafts = self._drafts()
        if drafts is not None and not self._is_put_away:
            drafts.forget(self._key())
        super().done(result)

    def _drafts(self) -> Drafts | None:
        parent = self.parentWidget()
        found = getattr(parent.window(), "drafts", None) if parent is not None else None
        return found if isinstance(found, Drafts) else None

    def _key(self) -> str:
        return f"{type(self).__module__}.{type(self).__qualname__} {self.windowTitle()}"

    def keep_back(self) -> None:
        """Have Enter change nothing: for what is better thought about."""
        dress(self.go_on, "plain")
        dress(self.cancel, "primary")
        self.cancel.setDefault(True)
        self.cancel.setFocus()

    def find_fault(self) -> str:
        """What is wrong with the fields, as a sentence; stand in the one to mend."""
        return ""

    def _go_on(self) -> None:
        wrong = self.find_fault()
        say(self.fault, wrong, "danger")
        if not wrong:
            self.accept()

    def asked(self) -> bool:
        """Show the dialog until it is answered; whether to go on."""
        answer = self.exec() == QDialog.DialogCode.Accepted
        self.deleteLater()
        return answer


class DayField(QLineEdit):
    """A day that may be left empty, written as 2026-05-31."""

    def __init__(self, day: date | None = None) -> None:
        super().__init__(day.isoformat() if day else "")
        self.setPlaceholderText(_("such as 2026-05-31"))

    @property
    def day(self) -> date | None:
        """The day; None when the field is empty or holds none."""
        try:
            return date.fromisoformat(self.text().strip())
        except ValueError:
            return None

    def find_fault(self) -> str:
        if self.text().strip() and self.day is None:
            self.setFocus()
            return _("Write the day as 2026-05-31.")
        return ""
