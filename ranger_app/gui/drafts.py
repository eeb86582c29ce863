"""What somebody had typed into a form when it was put away: kept for them, and back in it next time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


class Drafts:
    """The forms that one person has left half written. The window keeps them in the workspace."""

    def __init__(self, kept: Mapping[str, Typed] | None = None) -> None:
        self._kept: dict[str, Typed] = dict(kept or {})
        self._changed: set[str] = set()

    @property
    def forms(self) -> list[str]:
        """The forms that wait, by their key."""
        return list(self._kept)

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

    def changes(self) -> dict[str, Typed | None]:
        """What the workspace does not know yet; None for what is to be forgotten. It is told once."""
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


def back_words() -> str:
    """What a form says that has something back."""
    return _("What you had typed here before is back; nothing of it is saved yet.")


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
