"""What a model is worth on confirmed photos, as a table and a diagram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ranger_app.analysis.intervals import Interval
from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.layout import column
from ranger_app.gui.widgets.models.reliability_plot import ReliabilityPlot
from ranger_app.gui.widgets.text import muted, plain, say, strong
from ranger_app.i18n import _, ngettext, number, percent, time_to_wait

if TYPE_CHECKING:
    from ranger_app.photos.bench import Choice
    from ranger_app.photos.learning.worth import Worth


class Figures(QWidget):
    """Lines of a name and its figure, which stand under each other."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(space(4))
        self._grid.setVerticalSpacing(space(1))
        self._grid.setColumnStretch(0, 1)

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these; one without a figure is a heading."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        for at, (name, figure) in enumerate(lines):
            if not figure:
                self._grid.addWidget(strong(name), at, 0, 1, 2)
                continue
            said = plain(figure)
            said.setWordWrap(False)
            said.setAccessibleName(f"{name}: {figure}")
            self._grid.addWidget(muted(name), at, 0)
            self._grid.addWidget(said, at, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)

    def text(self) -> str:
        """All of it, line by line."""
        items = (self._grid.itemAt(at) for at in range(self._grid.count()))
        labels = (item.widget() for item in items if item is not None)
        return "\n".join(one.text() for one in labels if isinstance(one, QLabel))


class ModelJudged(QWidget):
    """What the chosen model is worth on confirmed photos."""

    def __init__(self) -> None:
        super().__init__()
        self.speed, self.words = plain(), plain()
        self.figures, self.calibration, self.plot = Figures(), muted(), ReliabilityPlot()
        self.setLayout(column(self.speed, self.words, self.figures, self.calibration, self.plot, gap=2))

    def show_choice(self, choice: Choice | None) -> None:
        """Say it; nothing is said of a model that was not judged."""
        self.setVisible(choice is not None)
        if choice is None:
            return
        found = choice.worth
        say(self.speed, speed_words(choice))
        words, tone = choice.problem, "danger"
        if not words and not found.photos:
            words = _("It has looked at no photo that people have confirmed since, so nobody can tell.")
            tone = ""
        say(self.words, words, tone)
        judged = bool(found.photos) and not choice.problem
        self.figures.setVisible(judged)
        self.figures.show_lines(lines(found) if judged else ())
        text = _("How sure it says it is differs from how often it is right by {share} in the mean.")
        bins = found.bins if judged else ()
        say(self.calibration, text.format(share=percent(found.calibration_error)) if bins else "")
        self.plot.show_bins(bins)


# ---- words


def lines(found: Worth) -> list[tuple[str, str]]:
    """Name and figure of all that is known of a model, species by species."""
    shares = (
        (_("Animals found"), found.animals_kept),
        (_("Empty photos set aside"), found.empties_set_aside),
        (_("People found"), found.persons_found),
        (_("Vehicles found"), found.vehicles_found),
        (_("Animals named right"), found.named_right),
        (_("… by day"), found.by_day),
        (_("… by infrared"), found.by_infrared),
    )
    count = ngettext("On {count} confirmed photo", "On {count} confirmed photos", found.photos)
    made = [(count.format(count=number(found.photos)), "")]
    if found.animal_area.known:
        made.append((_("Animals told from empty photos (area under the curve)"), area(found.animal_area)))
    made += [(name, share(value)) for name, value in shares if value.known]
    if found.species:
        made.append((_("Named right, by species"), ""))
    for one in found.species:
        name = _("{name} ({count})").format(name=one.name, count=number(one.photos))
        made.append((name, share(one.right) if one.right.known else _("seen by one camera only")))
    return made


def share(found: Interval) -> str:
    """A share with its interval."""
    if not found.known:
        return "–"
    if found.low != found.low:  # nobody can tell how sure it is
        return percent(found.value)
    return _("{share} ({low} to {high})").format(
        share=percent(found.value), low=percent(found.low), high=percent(found.high)
    )


def area(found: Interval) -> str:
    """An area under a curve, from 0 to 1, with its interval."""
    if found.low != found.low:
        return number(found.value, places=2)
    return _("{value} ({low} to {high})").format(
        value=number(found.value, places=2),
        low=number(found.low, places=2),
        high=number(found.high, places=2),
    )


def short(found: Interval) -> str:
    """A share alone, for a table."""
    return percent(found.value) if found.known else "–"


def speed_words(choice: Choice) -> str:
    """How fast a model is here, what it takes, and how long the waiting photos would be."""
    speed = choice.speed
    if speed is None:
        return ""
    parts = [_("It looks at {rate} photos a second here.").format(rate=number(speed.photos_per_s, places=1))]
    if speed.peak_mb:
        parts.append(_("It takes {count} MB of memory.").format(count=number(speed.peak_mb, places=0)))
    if choice.waiting and choice.waiting_s is not None:
        text = ngettext(
            "{count} photo waits for it: {time}.", "{count} photos wait for it: {time}.", choice.waiting
        )
        parts.append(text.format(count=number(choice.waiting), time=time_to_wait(choice.waiting_s)))
    return " ".join(parts)
