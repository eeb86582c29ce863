"""What somebody had typed into a form when it was put away: kept for them, and back in it next time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from ranger_app.i18n import _

Typed = Mapping[str, Any]
"""What stands in the fields of a form, by their kind, name and place."""
SECRET = "secret"
"""A field with this property is never kept."""
MOST_CHARACTERS = 200_000  # of one form; no form of ours comes near
_SENT = "sent"


class Drafts:
    """The forms that one person has left half written. The window keeps them in the workspace.

    A form that was answered is let go of when what it asked for is done, and not before: that may wait for
    a long job, and the laptop may die or its disk be full meanwhile. Until then it is kept under a key of its
    own, so that the same form may be filled again.
    """

    def __init__(self, kept: Mapping[str, Typed] | None = None) -> None:
        self._kept: dict[str, Typed] = dict(kept or {})
        self._changed: set[str] = set()
        self._sent: list[str] = []
        """Answered, and no job has asked for them yet."""
        self._awaited: set[str] = set()
        """A job does what they ask for."""
        self._written: SimpleQueue[Sequence[str]] = SimpleQueue()

    @property
    def forms(self) -> list[str]:
        """The forms that wait, by their key."""
        self._let_go()
        return [form for form in self._kept if not self._is_of_now(form)]

    def keep(self, form: str, typed: Typed) -> None:
        """Keep what stands in a form."""
        if self._kept.get(form) != typed:
            self._kept[form] = typed
            self._changed.add(form)

    def of(self, form: str) -> Typed | None:
        """What had been typed into a form."""
        return self._kept.get(form)

    def forget(self, form: str) -> None:
        """The form was sent, or put away on purpose."""
        if self._kept.pop(form, None) is not None:
            self._changed.add(form)

    # ---- forms that were answered

    def send(self, form: str, typed: Typed) -> None:
        """The form was answered: the job that does what it asks for takes it next, with `take_sent`."""
        self.forget(form)
        key = next(key for n in count(1) if (key := f"{_SENT} {n} {form}") not in self._kept)
        self.keep(key, typed)
        self._sent.append(key)

    def take_sent(self) -> Sequence[str]:
        """The keys of what was answered just now, for the job that does it. It says how that went."""
        taken, self._sent = tuple(self._sent), []
        self._awaited.update(taken)
        return taken

    def written(self, sent: Sequence[str]) -> None:
        """What these asked for is done; may be called from any thread."""
        self._written.put(sent)

    def not_written(self, sent: Iterable[str]) -> bool:
        """It could not be done: what was typed is half written once more. False if nothing of it is kept."""
        self._let_go()
        is_kept = False
        for key in sent:
            self._awaited.discard(key)
            form, typed = _form_of(key), self._kept.get(key)
            is_kept |= typed is not None
            if form not in self._kept and typed is not None:
                self.forget(key)
                self.keep(form, typed)
        return is_kept

    def again(self, form: str) -> tuple[Typed | None, bool]:
        """What had been typed into a form, and whether it had been answered when Ranger was cut off. From now
        on it is half written once more."""
        self._let_go()
        if (typed := self._kept.get(form)) is not None:
            return typed, False
        for key in [key for key in self._kept if _form_of(key) == form and not self._is_of_now(key)]:
            typed = self._kept[key]
            self.forget(key)
            self.keep(form, typed)
            return typed, True
        return None, False

    def _is_of_now(self, key: str) -> bool:
        """Whether it was answered while Ranger runs, and so is on its way."""
        return key in self._awaited or key in self._sent

    def _let_go(self) -> None:
        while True:
            try:
                written = self._written.get_nowait()
            except Empty:
                return
            for key in written:
                self._awaited.discard(key)
                self.forget(key)

    # ---- what the workspace is told

    def changes(self) -> dict[str, Typed | None]:
        """What the workspace does not know yet; None for what is to be forgotten. It is told once."""
        self._let_go()
        for key in self._sent:  # no job has asked for these: nothing is to be waited for
            self.forget(key)
        self._sent = []
        changed = {form: self._kept.get(form) for form in sorted(self._changed)}
        self._changed.clear()
        return changed

    def owe(self, forms: Iterable[str]) -> None:
        """The workspace was told of these forms and has not kept them: it is to be told again."""
        self._changed.update(forms)


def drafts_of(widget: QWidget) -> Drafts | None:
    """The forms that whoever sits before this widget's window has left half written."""
    found = getattr(widget.window(), "drafts", None)
    return found if isinstance(found, Drafts) else None


def back_words(*, was_sent: bool = False) -> str:
    """What a form says that has something back."""
    if was_sent:
        return _(
            "Ranger was cut off when you had sent this. Look whether it is there before you send it again."
        )
    return _("What you had typed here before is back; nothing of it is saved yet.")


def _form_of(key: str) -> str:
    """The form whose answer is kept under this key; empty when it is none's."""
    mark, _space, rest = key.partition(" ")
    return rest.partition(" ")[2] if mark == _SENT else ""


def typed_in(form: QWidget) -> dict[str, Any]:
    """What stands in the fields of a form. What is secret is left out."""
    found: dict[str, Any] = {}
    room = MOST_CHARACTERS
    for name, field in _fields(form):
        value = _value(field)
        room -= len(value) if isinstance(value, str) else 0
        if room >= 0:
            found[name] = value
    return found


def type_again(form: QWidget, typed: Typed) -> None:
    """Put back what had been typed, into the fields that are still there."""
    for name, field in _fields(form):
        if name in typed:
            _put(field, typed[name])


def _fields(form: QWidget) -> Iterator[tuple[str, QWidget]]:
    count: dict[str, int] = {}
    for field in form.findChildren(QWidget):
        if not isinstance(field, _KINDS) or isinstance(field.parentWidget(), (QAbstractSpinBox, QComboBox)):
            continue
        if field.property(SECRET):
            continue
        if isinstance(field, QLineEdit) and field.echoMode() != QLineEdit.EchoMode.Normal:
            continue
        name = f"{type(field).__name__} {field.accessibleName()}"
        count[name] = count.get(name, 0) + 1
        yield f"{name} {count[name]}", field


_KINDS = (
    QLineEdit,
    QPlainTextEdit,
    QComboBox,
    QCheckBox,
    QRadioButton,
    QSpinBox,
    QDoubleSpinBox,
    QDateTimeEdit,
)


def _value(field: QWidget) -> Any:
    match field:
        case QLineEdit():
            return field.text()
        case QPlainTextEdit():
            return field.toPlainText()
        case QComboBox():
            return field.currentText()
        case QCheckBox() | QRadioButton():
            return field.isChecked()
        case QSpinBox() | QDoubleSpinBox():
            return field.value()
        case QDateTimeEdit():
            return field.dateTime().toString("yyyy-MM-ddTHH:mm:ss.zzz")
    return None


def _put(field: QWidget, value: Any) -> None:
    match field, value:
        case QLineEdit(), str():
            field.setText(value)
        case QPlainTextEdit(), str():
            field.setPlainText(value)
        case QComboBox(), str():
            at = field.findText(value)
            if at >= 0:
                field.setCurrentIndex(at)
            elif field.isEditable():
                field.setEditText(value)
        case ((QCheckBox() | QRadioButton()), bool()):
            field.setChecked(value)
        case QSpinBox(), int():
            field.setValue(value)
        case QDoubleSpinBox(), int() | float():
            field.setValue(float(value))
        case QDateTimeEdit(), str():
            field.setDateTime(field.dateTime().fromString(value, "yyyy-MM-ddTHH:mm:ss.zzz"))
