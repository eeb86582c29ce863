"""What every small form is made of: the dialog that asks, and a field for a day that may be left empty."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QLineEdit, QScrollArea, QWidget

from ranger_app.gui.drafts import Drafts, Typed, back_words, drafts_of, type_again, typed_in
from ranger_app.gui.look.theme import SHARE_OF_SCREEN, dialog_width, space
from ranger_app.gui.widgets.buttons import button, dress
from ranger_app.gui.widgets.layout import Part, column, row
from ranger_app.gui.widgets.text import fault, heading, say
from ranger_app.i18n import _

WIDTH_EMS = 84
LEAST_STEPS = 30


class _Inside(QWidget):
    """As high as its words need at the width that there is; at the least width they would need more."""

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(hint.width(), 0) if self.hasHeightForWidth() else hint


class Body(QScrollArea):
    """The fields of a form: as high as they need, and scrolled where the screen is too small for that."""

    def __init__(self, *parts: Part) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = _Inside()
        inside = column(*parts, None, gap=4)
        inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setLayout(inside)
        self.setWidget(self._inside)

    def needed_height(self) -> int:
        """What the fields need at the width that they have."""
        if self._inside.hasHeightForWidth():
            return self._inside.heightForWidth(self.viewport().width())
        return self._inside.sizeHint().height()

    def sizeHint(self) -> QSize:
        hint = self._inside.sizeHint()
        return QSize(hint.width() + self._bar(), hint.height())

    def minimumSizeHint(self) -> QSize:
        least = self._inside.minimumSizeHint()
        return QSize(least.width() + self._bar(), min(least.height(), space(LEAST_STEPS)))

    def _bar(self) -> int:
        return self.verticalScrollBar().sizeHint().width()


class KeptDialog(QDialog):
    """A dialog whose fields are kept for who typed into them until it is answered: the window may be locked,
    the laptop may die. Opened again, it has them back. What is secret is never kept."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.fault: QLabel = fault()
        """Where it is said what is wrong, and that something is back."""
        self.about = ""
        """What it is about, where its title does not say so: words of one patrol are not those of another."""
        self._at_first: Typed | None = None
        self._is_put_away = False

    def showEvent(self, event: QShowEvent) -> None:
        """What was left half written before is back in the fields."""
        super().showEvent(event)
        if self._at_first is None:
            self._at_first = self.typed_in()
            drafts = self._drafts()
            typed, was_sent = drafts.again(self.draft_key) if drafts is not None else (None, False)
            if typed is not None:
                self.type_again(typed)
                say(self.fault, back_words(was_sent=was_sent), "warning" if was_sent else "good")

    def keep(self) -> None:
        """Keep what stands in it now, if that is another than at first."""
        drafts, typed = self._drafts(), self.typed_in()
        if drafts is None or self._at_first is None:
            return
        if typed != self._at_first:
            drafts.keep(self.draft_key, typed)
        else:
            drafts.forget(self.draft_key)

    def put_away(self) -> None:
        """Close it unasked and keep what was typed."""
        self.keep()
        self._is_put_away = True
        self.reject()

    def done(self, result: int) -> None:
        drafts, typed = self._drafts(), self.typed_in()
        if drafts is not None and not self._is_put_away:
            if typed and result == QDialog.DialogCode.Accepted:
                drafts.send(self.draft_key, typed)
            else:
                drafts.forget(self.draft_key)
        super().done(result)

    def typed_in(self) -> Typed:
        """What stands in the fields."""
        return typed_in(self)

    def type_again(self, typed: Typed) -> None:
        """Put it back."""
        type_again(self, typed)

    @property
    def draft_key(self) -> str:
        """By which it is found again: the form, and what it is about."""
        return f"{type(self).__module__}.{type(self).__qualname__} {self.windowTitle()} {self.about}".strip()

    def _drafts(self) -> Drafts | None:
        parent = self.parentWidget()
        return drafts_of(parent) if parent is not None else None


class Asking(KeptDialog):
    """A dialog with a heading, fields, a place for what is wrong, and two buttons. Enter goes on."""

    def __init__(self, parent: QWidget, title: str, yes: str, *parts: Part) -> None:
        super().__init__(parent, title)
        self.setMinimumWidth(dialog_width(WIDTH_EMS))
        self.go_on = button(yes, kind="primary", on=self._go_on)
        self.go_on.setDefault(True)
        self.cancel = button(_("Cancel"), on=self.reject)
        buttons = row(None, self.cancel, self.go_on)
        self._body = Body(*parts)
        self.setLayout(column(heading(title), self._body, self.fault, buttons, gap=4, margin=5))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the fields need, as far as the screen has it."""
        super().showEvent(event)
        around = self.height() - self._body.viewport().height()
        room = round(self.screen().availableGeometry().height() * SHARE_OF_SCREEN)
        self.resize(self.width(), min(self._body.needed_height() + around, room))

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
