"""The sticks that are plugged in, each with its room and what lies on it; one press chooses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ranger_app.gui.sticks import Stick
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import column
from ranger_app.gui.widgets.text import muted, say
from ranger_app.i18n import _, file_size


class StickList(QWidget):
    """Emits `chosen` with a Stick."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.none = muted(_("Looking for sticks…"))
        self._rows = column(self.none, gap=1)
        self.setLayout(self._rows)
        self.sticks: tuple[Stick, ...] = ()
        self.buttons: list[QPushButton] = []
        self._chosen: Path | None = None
        self._told: tuple[tuple[Stick, str], ...] | None = None

    def show_sticks(self, sticks: Sequence[Stick], holds: Mapping[Path, str]) -> None:
        """Show these, with what is known of what each holds. The one that has the focus keeps it."""
        told = tuple((one, holds.get(one.place, "")) for one in sticks)
        if told == self._told:
            return
        focused = next((at for at, one in enumerate(self.buttons) if one.hasFocus()), None)
        stood_on = self.sticks[focused].place if focused is not None else None
        for old in self.buttons:
            self._rows.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._told, self.sticks, self.buttons = told, tuple(sticks), []
        before: QWidget = self.none
        for stick, words in told:
            line = button(
                "\n".join(filter(None, (room_words(stick), words))),
                icon="exchange",
                kind="row",
                on=partial(self.chosen.emit, stick),
            )
            line.setProperty("framed", True)
            line.setCheckable(True)
            self._rows.addWidget(line)
            QWidget.setTabOrder(before, line)
            self.buttons.append(line)
            before = line
            if stick.place == stood_on:
                line.setFocus()
        self.stand_on(self._chosen)
        nothing = _("No stick is plugged in. Plug one in, and it appears here.")
        say(self.none, "" if sticks else nothing)

    def stand_on(self, place: Path | None) -> None:
        """Show which of them is looked at below."""
        self._chosen = place
        for stick, line in zip(self.sticks, self.buttons, strict=True):
            line.setChecked(stick.place == place)


def room_words(stick: Stick) -> str:
    """The name of a stick and its room."""
    words = _("{name}: {size}, can only be read") if stick.read_only else _("{name}: {free} free of {size}")
    return words.format(name=stick.name, free=file_size(stick.free_bytes), size=file_size(stick.size_bytes))
