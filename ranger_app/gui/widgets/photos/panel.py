"""What the model saw and what people said of one photo, apart from each other, and the ways to say it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QCompleter, QLineEdit, QPushButton, QSpinBox, QWidget

from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.models.photos import label_words, shows_words
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, column, row
from ranger_app.gui.widgets.text import field_label, inset, muted, plain, say, small, strong
from ranger_app.i18n import _, day, percent
from ranger_app.photos.area.rules import Ruled
from ranger_app.photos.review import Word
from ranger_app.photos.views import KINDS, OnePhoto, Scores

COUNT_AT_MOST = 9999
GROUPS_SHOWN = 3
PANEL_EMS = 42


class PhotoPanel(QWidget):
    """The column beside the photo. `said` carries a `Word` and whether it is for the whole sequence."""

    said = Signal(Word, bool)
    renamed = Signal(str)
    """The person who labels has another name."""

    def __init__(self, *, reviewer: str) -> None:
        super().__init__()
        self.facts = small()
        self.note = plain()
        self.machine, self.groups, self.pack = strong(""), muted(), small()
        self.here, self.why = strong(""), muted()
        self.people = plain()
        self.sequence = QCheckBox(_("The whole sequence (hold Shift)"))
        self.buttons = self._label_buttons()
        self.species = QLineEdit()
        self.species.setPlaceholderText(_("Species or group (S)"))
        self.species.setAccessibleName(_("Species or group"))
        self.species.setClearButtonEnabled(True)
        self._said_name = ""
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.species.setCompleter(completer)
        self.species.returnPressed.connect(self._say_species)
        self.count = QSpinBox()
        self.count.setRange(0, COUNT_AT_MOST)
        self.count.setSpecialValueText(_("no count"))
        self.count.setPrefix("× ")
        self.count.setToolTip(_("How many: type a figure from 1 to 9 before the label"))
        self.count.setAccessibleName(_("How many (1 to 9)"))
        inset(self.count)
        self.reviewer = QLineEdit(reviewer)
        self.reviewer.editingFinished.connect(lambda: self.renamed.emit(self.reviewer.text().strip()))
        self._lay_out()

    # ---- what is shown

    def show_names(self, names: Sequence[str]) -> None:
        """Offer these names when a species is typed."""
        self._names.setStringList(list(names))

    def show_nothing(self) -> None:
        """No photo is chosen."""
        for label in (self.facts, self.note, self.machine, self.groups, self.here, self.why, self.pack):
            say(label, "")
        say(self.people, _("No photo is chosen."))

    def show_photo(self, one: OnePhoto, *, pack: str) -> None:
        """Show what is known of this photo; `pack` names the model."""
        photo = one.photo
        taken = photo.taken_local
        when = f"{day(taken)} {taken:%H:%M:%S}" if taken else _("time unknown")
        where = " · ".join(part for part in (one.station, when, photo.file_name) if part)
        say(self.facts, where)
        say(self.note, photo.note, "warning")
        self._show_machine(one, pack)
        self._show_people(one)

    def clear_count(self) -> None:
        """Nothing is counted yet."""
        self.count.setValue(0)

    # ---- saying

    def say_type(self, type_: str, *, whole_sequence: bool = False) -> None:
        """The person says that it is this; the count holds for animals only."""
        count = self.count.value() or None if type_ == "animal" else None
        self.said.emit(Word(type=type_, count=count), whole_sequence or self.sequence.isChecked())

    def write_species(self) -> None:
        """Stand in the field for the species."""
        self.species.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.species.selectAll()

    @property
    def unsaid(self) -> str:
        """The species that stands in its field and has been said of no photo."""
        name = _name_in(self.species)
        return name if name != self._said_name else ""

    def _say_species(self) -> None:
        name = self._said_name = _name_in(self.species)
        if name:
            word = Word(type="animal", name=name, count=self.count.value() or None)
            self.said.emit(word, self.sequence.isChecked())

    # ---- parts

    def _label_buttons(self) -> dict[str, QPushButton]:
        words = {
            "animal": (_("Animal"), "animal", "A"),
            "human": (_("Human"), "person", "H"),
            "vehicle": (_("Vehicle"), "vehicle", "V"),
            "blank": (_("Empty"), "blank", "E"),
            "unknown": (_("Unknown"), "unknown", "U"),
        }
        made = {}
        for type_, (text, icon, key) in words.items():
            label = _("{label}  ({key})").format(label=text, key=key)
            made[type_] = button(label, icon=icon, on=partial(self.say_type, type_))
        return made

    def _lay_out(self) -> None:
        by = self.buttons
        machine = self.machine, self.groups, self.here, self.why, self.pack
        inside = column(
            column(self.facts, self.note, gap=1),
            Card("", column(small(_("THE MODEL SAW")), *machine, gap=1)),
            Card("", column(small(_("PEOPLE SAID")), self.people, gap=1)),
            Card(
                "",
                row(by["animal"], by["human"]),
                row(by["vehicle"], by["blank"]),
                row(by["unknown"], self.count),
                self.species,
                self.sequence,
            ),
            row(field_label(_("Who labels"), self.reviewer), self.reviewer),
            None,
            gap=2,
        )
        inside.setContentsMargins(space(1), 0, 0, 0)
        self.setLayout(inside)
        self.setMinimumWidth(ems(PANEL_EMS))

    def _show_machine(self, one: OnePhoto, pack: str) -> None:
        said = one.detection
        self._show_area(one.ruled)
        if said is None:
            say(self.machine, _("Nothing yet: no model has looked."))
            say(self.groups, "")
            say(self.pack, "")
            return
        if said.failure:
            say(self.machine, said.failure)
            say(self.groups, "")
        else:
            scores = Scores(said.animal, said.person, said.vehicle)
            say(self.machine, shows_words(scores.shows(one.display)).capitalize())
            each = [
                f"{shows_words(kind)} {percent(score)}" for kind, score in zip(KINDS, scores, strict=True)
            ]
            groups = [f"{name} {percent(score)}" for name, score in one.named[:GROUPS_SHOWN]]
            if groups and one.named[0][1] < one.answer_from:
                groups.insert(0, _("unsure; it may be:"))
            say(self.groups, ", ".join(each) + "".join(f"\n{group}" for group in groups))
        say(self.pack, pack)

    def _show_area(self, ruled: Ruled | None) -> None:
        """What this site's knowledge makes of the model's word, and why; nothing where it leaves it alone."""
        if ruled is None or not ruled.changed:
            say(self.here, "")
            say(self.why, "")
            return
        say(self.here, _("Here: {name} {score}").format(name=ruled.name, score=percent(ruled.score)))
        said = _("The model said {name} {score}").format(name=ruled.said, score=percent(ruled.said_score))
        say(self.why, "\n".join([said, *(step.words for step in ruled.steps)]))

    def _show_people(self, one: OnePhoto) -> None:
        if one.verdict is None:
            say(self.people, _("Nobody has said anything yet."))
            return
        lines = [
            _("{what} — {who}").format(
                what=label_words(label.type, label.name, label.count).capitalize(),
                who=label.by or _("somebody"),
            )
            for label in one.verdict.labels
        ]
        if not one.verdict.agreed:
            lines.append(_("They do not agree."))
        say(self.people, "\n".join(lines), "" if one.verdict.agreed else "warning")


def _name_in(field: QLineEdit) -> str:
    return " ".join(field.text().split())
