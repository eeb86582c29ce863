"""One difference in full: its values beside one another, and what may be done about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QPushButton, QWidget

from ranger_app.gui.look.theme import ems
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.flow import Flow
from ranger_app.gui.widgets.layout import Card, Part, boxed, column
from ranger_app.gui.widgets.marked_text import MarkedText
from ranger_app.gui.widgets.text import field_label, heading, muted, plain, say, strong
from ranger_app.i18n import _, moment, ngettext, number
from ranger_app.sync.differences import KIND, TRIP, Unsettled, Version

NEW_LINES = 4
VERSION_EMS = 34  # of one value's card; narrower ones stand below one another
CHOICE_CHARS = 18
KEYS_AT_MOST = 9


class VersionCard(Card):
    """One of the values, with who wrote it, when and where."""

    def __init__(self, one: Unsettled, at: int) -> None:
        version = one.versions[at]
        other = one.versions[1 if at == 0 else 0]
        self.keep = button(_keep_words(one, version, at), icon="check")
        self.text: QWidget
        if one.is_text and not version.is_hidden and not other.is_hidden:
            text = MarkedText(name=_("Value {n}").format(n=number(at + 1)))
            text.show_beside(version.value, other.value)
            self.text = text
        else:
            self.text = plain(version.words)
        super().__init__(
            "", strong(_who(version)), muted(_when(version)), self.text, ButtonRow(self.keep, None)
        )


class DifferenceSheet(QWidget):
    """The sheet with its buttons. The page does what they ask for."""

    keep_asked = Signal(object)
    """A `Version` to be kept."""
    write_asked = Signal(str)
    alike_asked = Signal(str, object)
    """How far (`trip` or `kind`), and the `Version` whose laptop decides."""
    record_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shown: Unsettled | None = None
        self.cards: list[VersionCard] = []
        self.name, self.about, self.refused = heading(""), muted(), plain()
        self.open = button(_("Show the record"), icon="right", on=self.record_asked.emit)
        self.versions = boxed(column())
        self.new = QPlainTextEdit()
        self._aside: dict[str, str] = {}
        """What was begun to be written for differences that are not shown, by their keys."""
        self.new.setTabChangesFocus(True)
        self.new.setFixedHeight(self.new.fontMetrics().lineSpacing() * (NEW_LINES + 1))
        self.write = button(_("Put this in the place of all"), on=self._write)
        self.write.setEnabled(False)
        self.new.textChanged.connect(self._turn)
        self.choice = QComboBox()
        self.choice.setPlaceholderText(_("Choose…"))
        self.choice.setAccessibleName(_("Write something new"))
        self.choice.currentIndexChanged.connect(self._turn)
        self.how = muted()
        self.begin: list[QPushButton] = []
        self._starts = boxed(column())
        self._new_card = Card(
            "",
            field_label(_("Write something new"), self.new),
            self.how,
            self._starts,
            self.new,
            self.choice,
            ButtonRow(self.write, None),
        )
        self.reach, self.whose = QComboBox(), QComboBox()
        for box in (self.reach, self.whose):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(CHOICE_CHARS)
            box.setMinimumWidth(ems(CHOICE_CHARS))
        self.alike = button(_("Settle alike"), on=self._alike)
        self._alike_card = Card(
            _("Settle several alike"),
            field_label(_("Which"), self.reach),
            self.reach,
            field_label(_("Keep what was written on"), self.whose),
            self.whose,
            ButtonRow(self.alike, None),
            hint=_("Where nothing was written on that laptop, nothing is settled."),
        )
        self.reach.currentIndexChanged.connect(lambda _at: self._say_alike())
        self._below = Beside([self._new_card], [self._alike_card], narrow_ems=VERSION_EMS)
        head = Card("", self.name, self.about, self.refused, ButtonRow(self.open, None))
        self.setLayout(column(head, self.versions, self._below, None, gap=4))

    def show_one(self, one: Unsettled, every: Sequence[Unsettled]) -> None:
        """Show this difference, one of these."""
        afresh = self.shown is None or self.shown.key != one.key
        if afresh:
            self._lay_aside()
        self.shown = one
        say(self.name, one.record)
        about = one.about if one.trip == one.id else f"{one.about} · {one.trip_words}"
        say(self.about, about)
        say(self.refused, one.refused, "warning" if one.refused else "")
        self._show_versions(one)
        self._new_card.setVisible(one.may_write and not one.refused)
        self._starts.setVisible(one.is_text)
        say(self.how, "" if one.is_text or one.choices else _("Write {form}.").format(form=one.looks_like))
        self.new.setVisible(not one.choices)
        self.choice.setVisible(bool(one.choices))
        if afresh:
            self.new.setPlainText(self._aside.pop(one.key, ""))
            self.choice.clear()
            for typed, words in one.choices.items():
                self.choice.addItem(words, typed)
            self.choice.setCurrentIndex(-1)
            self._turn()
        self._show_alike(one, every)

    def _lay_aside(self) -> None:
        """Keep what was being written for the one that is shown still."""
        if self.shown is not None and (words := self.new.toPlainText().strip()):
            self._aside[self.shown.key] = words

    def half_written(self, waiting: Collection[str]) -> Mapping[str, str]:
        """What was begun to be written for those that still wait, by their keys."""
        self._lay_aside()
        return {key: words for key, words in self._aside.items() if key in waiting}

    def write_again(self, begun: Mapping[str, str]) -> None:
        """What had been begun, when they are shown next."""
        self._aside.update(begun)

    def keep(self, at: int) -> None:
        """Keep the value with this number, if there is one and it may be."""
        if self.shown is not None and not self.shown.refused and at < len(self.shown.versions):
            self.keep_asked.emit(self.shown.versions[at])

    def write_new(self) -> None:
        """Go to where something new is written."""
        if self._new_card.isVisible():
            (self.choice if self.choice.isVisible() else self.new).setFocus()

    # ---- inside

    def _turn(self) -> None:
        self.write.setEnabled(bool(self._typed().strip()))

    def _typed(self) -> str:
        if self.shown is not None and self.shown.choices:
            return str(self.choice.currentData() or "")
        return self.new.toPlainText()

    def _show_versions(self, one: Unsettled) -> None:
        layout = self.versions.layout()
        starts = self._starts.layout()
        assert layout is not None
        assert starts is not None
        for old in (layout, starts):
            while (item := old.takeAt(0)) is not None:
                if widget := item.widget():
                    widget.hide()  # it is gone when Qt comes to it, and must not be seen below the new ones
                    widget.deleteLater()
        self.cards = [VersionCard(one, at) for at in range(len(one.versions))]
        for at, card in enumerate(self.cards):
            card.keep.clicked.connect(partial(self._keep, at))
            card.keep.setEnabled(not one.refused and not one.versions[at].is_hidden)
        columns: list[list[Part]] = [[card] for card in self.cards]
        layout.addWidget(Beside(*columns, narrow_ems=VERSION_EMS))
        self.begin = [
            button(_("Begin with {n}").format(n=number(at + 1)), kind="quiet", on=partial(self._begin, at))
            for at, version in enumerate(one.versions)
            if not version.is_hidden
        ]
        starts.addWidget(Flow(*self.begin))

    def _keep(self, at: int, _checked: bool = False) -> None:
        self.keep(at)

    def _begin(self, at: int) -> None:
        if self.shown is not None:
            self.new.setPlainText(self.shown.versions[at].value)
            self.new.setFocus()

    def _write(self) -> None:
        self.write_asked.emit(self._typed())

    def _show_alike(self, one: Unsettled, every: Sequence[Unsettled]) -> None:
        chosen = self.reach.currentData()
        self.reach.blockSignals(True)
        self.reach.clear()
        everywhere = _("Everywhere: {field}").format(field=one.about)
        for alike, words in ((TRIP, one.trip_words), (KIND, everywhere)):
            count = sum(other.is_like(one, alike=alike) for other in every)
            if count > 1:
                counted = ngettext("{what} ({n})", "{what} ({n})", count)
                self.reach.addItem(counted.format(what=words, n=number(count)), (alike, count))
        self.reach.setCurrentIndex(max(0, self.reach.findData(chosen)))
        self.reach.blockSignals(False)
        before = self.whose.currentText()
        self.whose.clear()
        for version in {version.replica: version for version in one.versions}.values():
            self.whose.addItem(version.device, version)
        self.whose.setCurrentIndex(max(0, self.whose.findText(before)))
        self._alike_card.setVisible(self.reach.count() > 0 and not one.refused)
        self._say_alike()

    def _say_alike(self) -> None:
        _alike, count = self.reach.currentData() or ("", 0)
        words = ngettext("Settle {n} alike", "Settle {n} alike", count).format(n=number(count))
        self.alike.setText(words)
        self.alike.setAccessibleName(words)

    def _alike(self) -> None:
        alike, _count = self.reach.currentData()
        self.alike_asked.emit(alike, self.whose.currentData())


def _keep_words(one: Unsettled, version: Version, at: int) -> str:
    words = _("Keep this")
    if one.is_removal:
        words = _("Remove it") if version.value else _("Keep it")
    return _("{words}  ({key})").format(words=words, key=at + 1) if at < KEYS_AT_MOST else words


def _who(version: Version) -> str:
    return " · ".join(filter(None, (version.by, version.device)))


def _when(version: Version) -> str:
    return moment(version.at.astimezone())
