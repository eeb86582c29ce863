"""The form for what occurs on the site: its list of species, and what models' words mean here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QTabWidget, QWidget

from ranger_app.gui import asking
from ranger_app.gui.look.theme import SHARE_OF_SCREEN, ems, space
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.forms import Body, KeptDialog
from ranger_app.gui.widgets.layout import Form, boxed, column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.text import heading, muted, say
from ranger_app.i18n import _, ngettext, number
from ranger_app.photos.area.area_book import SpeciesLine

if TYPE_CHECKING:
    from ranger_app.domain.photos import AreaSpecies, LabelMeaning
    from ranger_app.gui.background import Background
    from ranger_app.photos.area.area_book import AreaBook

WIDTH_EMS = 110
TABLE_STEPS = 24


@dataclass(frozen=True, slots=True)
class AreaShown:
    """What the form shows."""

    species: Sequence[AreaSpecies]
    meanings: Sequence[LabelMeaning]


class AreaForm(KeptDialog):
    """Two lists that a person changes line by line; every change holds at once and for every photo."""

    def __init__(self, parent: QWidget, area: AreaBook, background: Background) -> None:
        super().__init__(parent, _("What occurs here"))
        self._area = area
        self._background = background
        self.changed = False
        self.name, self.scientific = QLineEdit(), QLineEdit()
        self.says, self.means, self.means_scientific = QLineEdit(), QLineEdit(), QLineEdit()
        self.species: Listing[AreaSpecies] = Listing(
            (
                Column(_("Name here"), lambda one: one.name, stretch=True),
                Column(_("Scientific name"), lambda one: one.scientific_name, width_ems=34),
            ),
            name=_("List of species"),
            empty=EmptyState(
                "animal",
                _("No list yet"),
                _("Models may name any animal. With a list, others go up to their family or order."),
            ),
            key=lambda one: one.id,
        )
        self.meanings: Listing[LabelMeaning] = Listing(
            (
                Column(_("The model says"), lambda one: one.says, stretch=True),
                Column(_("Here it is"), lambda one: one.name, width_ems=28),
                Column(_("Scientific name"), lambda one: one.scientific_name, width_ems=28),
            ),
            name=_("Meanings of models' words"),
            empty=EmptyState(
                "exchange",
                _("Words mean what models say"),
                _("Say it here when a model's European roe deer is Siberian roe deer on this site."),
            ),
            key=lambda one: one.id,
        )
        self.tabs = QTabWidget()
        self.tabs.addTab(self._species_tab(), _("Species"))
        self.tabs.addTab(self._meanings_tab(), _("Meanings"))
        self._body = Body(self.tabs)
        close = button(_("Close"), on=self.accept)
        self.setLayout(
            column(
                heading(_("What occurs here")),
                muted(_("What models said stays as it is; this is held against it whenever it is shown.")),
                self._body,
                self.fault,
                row(None, close),
                gap=3,
                margin=5,
            )
        )
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the lists need, as far as the screen has it."""
        super().showEvent(event)
        screen = self.screen().availableGeometry()
        around = self.height() - self._body.viewport().height()
        height = min(self._body.needed_height() + around, round(screen.height() * SHARE_OF_SCREEN))
        self.resize(min(ems(WIDTH_EMS), round(screen.width() * SHARE_OF_SCREEN)), height)

    def reload(self) -> None:
        """Read both lists anew."""
        self._run(lambda: AreaShown(self._area.species(), self._area.meanings()), self._show)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter adds what is written; it never closes the form."""
        if event.text() in ("\r", "\n"):
            if self.tabs.currentIndex() == 0:
                self.add_species()
            else:
                self.add_meaning()
            return
        super().keyPressEvent(event)

    # ---- what a person does

    def add_species(self) -> None:
        """Put the species that is written on the list."""
        line = SpeciesLine(name=self.name.text(), scientific_name=self.scientific.text())
        if not (line.name.strip() or line.scientific_name.strip()):
            say(self.fault, _("Write a name first; the scientific name alone is enough."), "danger")
            self.scientific.setFocus()
            return
        self._change(lambda: self._area.list_species((line,)), self.name, self.scientific)

    def add_meaning(self) -> None:
        """From now on this word means that animal."""
        says, name, scientific = (field.text() for field in self._meaning_fields())
        self._change(lambda: self._area.mean(says, name, scientific_name=scientific), *self._meaning_fields())

    def strike_species(self) -> None:
        """Take the chosen species off the list."""
        if chosen := self.species.current:
            self._change(partial(self._area.strike_species, chosen.scientific_name or chosen.name))

    def strike_meaning(self) -> None:
        """Let the chosen word mean again what models say."""
        if chosen := self.meanings.current:
            self._change(partial(self._area.unmean, chosen.says))

    def read_table(self) -> None:
        """Put the species of a table on the list."""
        if path := asking.for_file(self, _("A table of species"), endings=(".csv",)):
            self._change(partial(self._area.read_list, path))

    # ---- parts

    def _species_tab(self) -> QWidget:
        form = Form()
        form.field(_("Scientific name"), self.scientific, hint=_("Such as Cervus nippon."))
        form.field(_("Name here"), self.name)
        self.species.setMinimumHeight(space(TABLE_STEPS))
        buttons = row(
            button(_("Put on the list"), icon="plus", kind="primary", on=self.add_species),
            button(_("Take off the list"), icon="minus", on=self.strike_species),
            None,
            button(_("Read a table…"), icon="file", on=self.read_table),
        )
        return boxed(column(self.species, form, buttons, gap=3, margin=3))

    def _meanings_tab(self) -> QWidget:
        form = Form()
        form.field(_("The model says"), self.says, hint=_("A label, a name or a scientific name."))
        form.field(_("Here it is"), self.means)
        form.field(_("Its scientific name"), self.means_scientific)
        self.meanings.setMinimumHeight(space(TABLE_STEPS))
        buttons = row(
            button(_("Add the meaning"), icon="plus", kind="primary", on=self.add_meaning),
            button(_("Remove the meaning"), icon="minus", on=self.strike_meaning),
            None,
        )
        return boxed(column(self.meanings, form, buttons, gap=3, margin=3))

    def _meaning_fields(self) -> tuple[QLineEdit, QLineEdit, QLineEdit]:
        return self.says, self.means, self.means_scientific

    # ---- work

    def _show(self, shown: AreaShown) -> None:
        self.species.show_rows(shown.species)
        self.meanings.show_rows(shown.meanings)
        count = len(shown.species)
        words = ngettext("Species ({count})", "Species ({count})", count)
        self.tabs.setTabText(0, words.format(count=number(count)))
        self.tabs.setTabText(1, _("Meanings ({count})").format(count=number(len(shown.meanings))))

    def _change(self, deed: Callable[[], object], *fields: QLineEdit) -> None:
        """Do it on the writers' thread; then empty the fields and show the lists as they are."""
        say(self.fault, "")

        def done(_answer: object) -> None:
            self.changed = True
            for field in fields:
                field.clear()
            if fields:
                fields[-1 if fields[0] is self.name else 0].setFocus()
            self.reload()

        self._run(deed, done, writes=True)

    def _run(self, deed: Callable[[], Any], then: Callable[[Any], None], *, writes: bool = False) -> None:
        task = self._background.run(lambda _work: deed(), _("What occurs here"), writes=writes, quiet=True)
        task.finished.connect(then)
        task.failed.connect(self._failed)

    def _failed(self, error: Exception) -> None:
        text = getattr(error, "text", str(error))
        what_to_do = getattr(error, "what_to_do", "")
        say(self.fault, f"{text} {what_to_do}".strip(), "danger")
