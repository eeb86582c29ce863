"""Asks what was seen, where and when, with the attributes that the data model has for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QWidget,
)

from ranger_app.domain.ids import Id
from ranger_app.gui.drafts import Typed
from ranger_app.gui.look.theme import dialog_width, ems, space
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.forms import Asking, DayField
from ranger_app.gui.widgets.layout import Form, boxed, column, row
from ranger_app.gui.widgets.patrols.category import CategoryField
from ranger_app.gui.widgets.patrols.forms import ClockField, NumberField
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _
from ranger_app.patrols.recording import ObservationEntry, WaypointEntry
from ranger_app.patrols.vocabulary import Attribute, Choice, Vocabulary

_PLACE = re.compile(r"\s*([-−+]?\d+(?:[.,]\d+)?)°?\s*[,;\s]\s*([-−+]?\d+(?:[.,]\d+)?)°?\s*")
WIDTH_EMS = 116
SIDE_EMS = 44
TALL_STEPS = 60

CATEGORY = "category"
Answer = float | str | bool | tuple[str, ...]


class ObservationForm(Asking):
    """`seen` is what was seen; `place` where and when, when it was asked."""

    def __init__(
        self,
        parent: QWidget,
        words: Vocabulary,
        frequent: Sequence[Choice],
        *,
        patrol_id: Id | None,
        propose: date | None = None,
        with_place: bool = True,
    ) -> None:
        self._words = words
        self._patrol_id = patrol_id
        self._with_place = with_place
        self.category = CategoryField(words, frequent)
        self.position, self.day, self.clock = QLineEdit(), DayField(propose), ClockField()
        self.position.setPlaceholderText(_("such as 43.5012, 134.4987"))
        self.comment = QLineEdit()
        self.fields: dict[str, QWidget] = {}
        self._attributes: list[Attribute] = []
        self._side = QScrollArea()
        self._side.setWidgetResizable(True)
        self._side.setFrameShape(QFrame.Shape.NoFrame)
        self._side.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys go to what is in it
        self._side.setMinimumSize(ems(SIDE_EMS), space(TALL_STEPS))
        left = Form()
        left.field(_("What was seen"), self.category)
        if with_place:
            left.field(_("Latitude, longitude"), self.position)
            when = Form()
            when.field(_("Day"), self.day)
            at = Form()
            at.field(_("Time"), self.clock)
            left.addLayout(row(when, at, gap=4))
        left.field(_("Note"), self.comment)
        inside = Beside([boxed(left)], [self._side], gap=5, narrow_ems=SIDE_EMS)
        super().__init__(parent, _("An observation"), _("Keep"), inside)
        self.setMinimumWidth(dialog_width(WIDTH_EMS))
        self.category.chosen.connect(self._ask_more)
        self._ask_more(self.category.key)

    def typed_in(self) -> Typed:
        return {**super().typed_in(), CATEGORY: self.category.key}

    def type_again(self, typed: Typed) -> None:
        if key := typed.get(CATEGORY):
            self.category.choose(str(key))  # the fields of its attributes are there now
        super().type_again(typed)

    def _ask_more(self, category: str) -> None:
        """Show the fields of this category's attributes; what was typed into the same ones stays."""
        kept = self._answers()
        self._attributes = self._words.attributes_of(category)
        self.fields = {one.key: _field(one) for one in self._attributes}
        form = Form()
        for one in self._attributes:
            field = self.fields[one.key]
            form.field(one.words, field)
            if one.key in kept:
                _put(field, kept[one.key])
        rest = [muted(_("Choose what was seen; more can be said of it here then."))] if not category else []
        self._side.setWidget(boxed(column(form, *rest, None)))

    def _answers(self) -> dict[str, Answer]:
        found = {key: _answer(field) for key, field in self.fields.items()}
        return {key: value for key, value in found.items() if value is not None}

    def find_fault(self) -> str:
        if not self.category.key:
            self.category.setFocus()
            return _("Choose what was seen.")
        for field in self.fields.values():
            if isinstance(field, NumberField) and (wrong := field.find_fault()):
                return wrong
        if self.position.text().strip() and self.lat_lon is None:
            self.position.setFocus()
            return _("Write latitude and longitude in degrees, such as 43.5012, 134.4987.")
        return self.day.find_fault() or self.clock.find_fault()

    @property
    def lat_lon(self) -> tuple[float, float] | None:
        """The position as typed, north and east positive; None when there is none or it is nowhere."""
        found = _PLACE.fullmatch(self.position.text())
        if found is None:
            return None
        lat, lon = (float(part.replace("−", "-").replace(",", ".")) for part in found.groups())
        return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None

    @property
    def seen(self) -> ObservationEntry:
        comment = self.comment.text() if not self._with_place else ""
        return ObservationEntry(category=self.category.key, values=self._answers(), comment=comment)

    @property
    def place(self) -> WaypointEntry:
        lat, lon = self.lat_lon or (None, None)
        day, clock = self.day.day, self.clock.time
        at = datetime.combine(day, clock) if day is not None and clock is not None else None
        return WaypointEntry(
            patrol_id=self._patrol_id, lat=lat, lon=lon, at_local=at, comment=self.comment.text()
        )


def _field(attribute: Attribute) -> QWidget:
    match attribute.type:
        case "NUMERIC":
            return NumberField()
        case "BOOLEAN":
            return _choice([("", None), (_("yes"), True), (_("no"), False)])
        case "LIST" | "TREE":
            return _choice([("", None), *((_deep(one), (one.key,)) for one in attribute.choices)])
        case "MLIST":
            made = QListWidget()
            made.setMaximumHeight(space(30))
            for one in attribute.choices:
                item = QListWidgetItem(_deep(one))
                item.setData(Qt.ItemDataRole.UserRole, one.key)
                item.setCheckState(Qt.CheckState.Unchecked)
                made.addItem(item)
            return made
    return QLineEdit()


def _choice(choices: Sequence[tuple[str, Answer | None]]) -> QComboBox:
    made = QComboBox()
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    for words, value in choices:
        made.addItem(words, value)
    return made


def _deep(choice: Choice) -> str:
    return "  " * len(choice.path) + choice.words


def _answer(field: QWidget) -> Answer | None:
    """What a field says; None when it is empty."""
    match field:
        case NumberField():
            return field.value
        case QLineEdit():
            return field.text().strip() or None
        case QComboBox():
            value = field.currentData()
            return tuple(value) if isinstance(value, list | tuple) else value
        case QListWidget():
            items = [field.item(at) for at in range(field.count())]
            ticked = [one for one in items if one.checkState() is Qt.CheckState.Checked]
            return tuple(one.data(Qt.ItemDataRole.UserRole) for one in ticked) or None
    return None


def _put(field: QWidget, value: Answer) -> None:
    match field, value:
        case NumberField(), int() | float():
            field.setText(f"{value:g}")
        case QLineEdit(), str():
            field.setText(value)
        case QComboBox(), _:
            for at in range(field.count()):
                held = field.itemData(at)
                if (tuple(held) if isinstance(held, list | tuple) else held) == value:
                    field.setCurrentIndex(at)
        case QListWidget(), tuple():
            for at in range(field.count()):
                item = field.item(at)
                on = item.data(Qt.ItemDataRole.UserRole) in value
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
