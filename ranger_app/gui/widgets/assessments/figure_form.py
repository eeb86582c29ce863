"""Chooses a figure to freeze: the measures with their definitions, a period, and the value as it would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app.assessments.figures import Figure
from ranger_app.domain.errors import KnownError
from ranger_app.domain.measures import Measure
from ranger_app.gui.widgets.assessments.forms import class_field
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.forms import Asking, DayField
from ranger_app.gui.widgets.layout import Form, row
from ranger_app.gui.widgets.text import figure as large
from ranger_app.gui.widgets.text import muted, plain, say
from ranger_app.i18n import _, ngettext, number, percent

Preview = Callable[
    [str, "date | None", "date | None", Callable[[Figure], None], Callable[[Exception], None]], object
]
"""Works a figure out in the background: measure, first and last day, what to do with it or with a failure."""


class FigureForm(Asking):
    """Asks for a measure and a period; shows the value before it is frozen."""

    def __init__(self, parent: QWidget, measures: Sequence[Measure], preview: Preview) -> None:
        self._measures = {one.id: one for one in measures}
        self._preview = preview
        self._asked = 0
        self.measure, self.title = QComboBox(), QLineEdit()
        self.starts_on, self.ends_on = DayField(), DayField()
        self.class_ = class_field()
        self.definition, self.value, self.facts = plain(), large(""), muted()
        for one in measures:
            self.measure.addItem(one.title, one.id)
        form = Form()
        form.field(_("Figure"), self.measure)
        form.addWidget(self.definition)
        form.field(_("From"), self.starts_on, hint=_("Leave it empty to begin with the first record."))
        form.field(_("To"), self.ends_on)
        form.field(_("Title"), self.title, hint=_("Empty: as the figure is called."))
        form.field(_("Who may see it"), self.class_)
        look = button(_("Work it out"), icon="chart", on=self.look)
        kept = muted(_("Once frozen, the figure never moves, whatever is added later."))
        super().__init__(
            parent, _("Freeze a figure"), _("Freeze it"), form, row(look, None), self.value, self.facts, kept
        )
        self.measure.currentIndexChanged.connect(self._chosen)
        for field in (self.starts_on, self.ends_on):
            field.textChanged.connect(self._forget)
        self._chosen()

    def find_fault(self) -> str:
        if self.measure.currentData() is None:
            return _("There is nothing to count yet: bring in patrols or photos first.")
        return self.starts_on.find_fault() or self.ends_on.find_fault()

    def look(self) -> None:
        """Work the figure out and show it; nothing is kept."""
        wrong = self.find_fault()
        say(self.fault, wrong, "danger")
        if wrong:
            return
        self._asked += 1
        asked = self._asked
        say(self.value, _("Counting…"))

        def show(figure: Figure) -> None:
            if asked == self._asked:
                self._show(figure)

        def failed(error: Exception) -> None:
            if asked == self._asked and isinstance(error, KnownError):
                self._forget()
                say(self.fault, f"{error.text} {error.what_to_do}".strip(), "danger")

        self._preview(self.measure.currentData(), self.starts_on.day, self.ends_on.day, show, failed)

    def _show(self, figure: Figure) -> None:
        value = "–" if figure.value is None else f"{number(figure.value)} {figure.unit}".strip()
        say(self.value, value)
        facts = []
        if figure.interval is not None:
            facts.append(
                f"{number(figure.interval[0])}–{number(figure.interval[1])} {figure.interval_method}"
            )
        if figure.checked_share is not None:
            facts.append(_("{share} checked by a person").format(share=percent(figure.checked_share)))
        rows = len(figure.rows)
        facts.append(
            ngettext("{count} row behind it", "{count} rows behind it", rows).format(count=number(rows))
        )
        say(self.facts, "\n".join([" · ".join(facts), *figure.notes]))

    def _chosen(self) -> None:
        one = self._measures.get(self.measure.currentData())
        say(self.definition, one.definition if one is not None else "")
        self._forget()

    def _forget(self) -> None:
        self._asked += 1
        say(self.value, "")
        say(self.facts, "")
        say(self.fault, "")
