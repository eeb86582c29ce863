"""Where a model is taught, judged, accepted and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ranger_app.gui.look.theme import ems
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button, dress
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, boxed, column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.models.judged import ModelJudged, share, short
from ranger_app.gui.widgets.models.reliability_plot import ReliabilityPlot
from ranger_app.gui.widgets.note import Note
from ranger_app.gui.widgets.text import field_label, muted, plain, say, strong
from ranger_app.i18n import _, day, ngettext, number
from ranger_app.photos.learning.comparing import ClassFigure

if TYPE_CHECKING:
    from ranger_app.photos.bench import Choice
    from ranger_app.photos.learning.comparing import Figures
    from ranger_app.photos.learning.learning import Proposal, Version

TABLE_EMS = 22
ENOUGH_LABELS = 20
ALL_BUT_ALL = 0.995


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How much was confirmed of one species."""

    species: str
    photos: int
    cameras: int


@dataclass(frozen=True, slots=True)
class UsableModel:
    """A model that can be chosen."""

    key: str
    """id@version, or empty for the usual one."""
    words: str
    state: str
    choice: Choice | None
    version: Version | None


class ModelRoom(QWidget):
    """Says what a person asked for through its signals; knows no workspace."""

    learn_asked = Signal(str)
    accepted = Signal()
    refused = Signal()
    use_asked = Signal(str)
    measure_asked = Signal()
    telling_asked = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._in_use = ""
        self.back = button(_("Back to the photos"), icon="left", on=self.left.emit)
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.learn = button(_("Learn from confirmed photos"), icon="play", on=self._ask)
        self.telling = button(
            _("Show the photos that would teach most"), icon="photos", on=self.telling_asked.emit
        )
        self.status, self.problem = plain(), plain()
        self.confirmed: Listing[Confirmation] = Listing(
            (
                Column(_("Species"), lambda one: one.species, stretch=True),
                Column(_("Photos"), lambda one: number(one.photos), lambda one: one.photos, numeric=True),
                Column(_("Cameras"), lambda one: number(one.cameras), lambda one: one.cameras, numeric=True),
            ),
            name=_("Confirmed photos by species"),
            empty=EmptyState(
                "animal",
                _("Nobody has named an animal yet"),
                _("Name the animals on some photos: 20 of each species are a good beginning."),
            ),
            key=lambda one: one.species,
        )
        self.proposal = self._proposal_card()
        self.models = self._model_list()
        self.use = button(_("Use this one"), icon="check", on=self._use)
        self.measure = button(_("Measure and judge them"), icon="chart", on=self.measure_asked.emit)
        self.worth = ModelJudged()
        teach = Card(
            _("Teach the model your species"),
            self.status,
            boxed(self._tall(self.confirmed)),
            self.problem,
            column(field_label(_("Name of what is learned"), self.name), self.name, gap=1),
            row(self.learn, None),
            row(self.telling, None),
            hint=_(
                "It learns on this laptop, in minutes, from what people confirmed. Nothing is sent anywhere."
            ),
        )
        models = Card(
            _("Models on this laptop"),
            boxed(self._tall(self.models)),
            row(self.use, self.measure, None),
            self.worth,
            hint=_("Whatever is chosen, labels of people stay as they are, and every version is kept."),
        )
        self._laid = Beside([teach], [self.proposal, models])
        self.setLayout(column(row(self.back, None), self._laid, None, gap=3))
        self.proposal.hide()
        self.models.picked.connect(self._picked)
        self._picked(None)

    # ---- what is shown

    def show_confirmed(self, rows: Sequence[Confirmation], *, name: str, problem: str) -> None:
        """What there is to learn from, and what stands in the way of learning, if anything does."""
        self.confirmed.show_rows(rows)
        ready = [one for one in rows if one.photos >= ENOUGH_LABELS]
        words = ngettext(
            "{count} species has 20 confirmed photos or more.",
            "{count} species have 20 confirmed photos or more.",
            len(ready),
        )
        say(self.status, words.format(count=len(ready)) if rows else "")
        say(self.problem, problem, "warning")
        self.learn.setEnabled(bool(rows) and not problem)
        if not self.name.text():
            self.name.setText(name)

    def show_learning(self, under_way: bool) -> None:
        """Whether learning is under way."""
        self.learn.setEnabled(not under_way)

    def show_proposal(self, proposal: Proposal | None) -> None:
        """What was learned and waits to be accepted; nothing is shown of none."""
        self.proposal.setVisible(proposal is not None)
        if proposal is None:
            return
        figures = proposal.figures
        say(self.verdict, verdict(figures))
        say(self.against, against(figures))
        say(self.left_aside, left_aside(proposal))
        self.not_seen.setVisible(not figures.by_camera)
        self.classes.show_rows(figures.classes)
        self.plot.show_bins(figures.bins)
        # What is to be done next is the button that stands out; a worse model is not to be used.
        dress(self.accept, "plain" if is_worse(figures) else "primary")
        dress(self.refuse, "primary" if is_worse(figures) else "plain")

    def show_models(self, rows: Sequence[UsableModel]) -> None:
        """The models that can be chosen; stands on the one in use when that is another than before."""
        self.models.show_rows(rows)
        in_use = next((one.key for one in rows if one.state == in_use_words()), "")
        if in_use != self._in_use:
            self._in_use = in_use
            self.models.choose(in_use)
        self._picked(self.models.current)

    # ---- parts

    def _proposal_card(self) -> Card:
        self.verdict, self.against, self.left_aside = strong(""), plain(), muted()
        self.not_seen = Note(
            _("All photos are from one camera, so this says nothing of other cameras."), tone="warning"
        )
        self.classes: Listing[ClassFigure] = Listing(
            (
                Column(_("Species"), lambda one: one.name, stretch=True),
                Column(_("Photos"), lambda one: number(one.photos), lambda one: one.photos, numeric=True),
                Column(_("Cameras"), lambda one: number(one.cameras), lambda one: one.cameras, numeric=True),
                Column(
                    _("Recognised"),
                    lambda one: short(one.learned),
                    lambda one: one.learned.value,
                    numeric=True,
                ),
                Column(
                    _("Until now"),
                    lambda one: short(one.present),
                    lambda one: one.present.value,
                    numeric=True,
                ),
            ),
            name=_("What was learned, by species"),
            empty=EmptyState("animal", _("Nothing was learned")),
            key=lambda one: one.name,
        )
        self.plot = ReliabilityPlot()
        self.accept = button(_("Use it from now on"), kind="primary", on=self.accepted.emit)
        self.refuse = button(_("Leave things as they are"), on=self.refused.emit)
        return Card(
            _("What was learned"),
            self.verdict,
            self.against,
            self.not_seen,
            boxed(self._tall(self.classes)),
            self.plot,
            self.left_aside,
            row(self.accept, self.refuse, None),
        )

    def _model_list(self) -> Listing[UsableModel]:
        return Listing(
            (
                Column(_("Model"), lambda one: one.words, stretch=True),
                Column(_("State"), lambda one: one.state),
                Column(_("Per second"), _rate, optional=True, numeric=True),
                Column(_("Named right"), _named, optional=True, numeric=True),
            ),
            name=_("Models on this laptop"),
            empty=EmptyState("layers", _("There is no model on this laptop")),
            key=lambda one: one.key,
        )

    def _tall(self, listing: Listing[Any]) -> QVBoxLayout:
        listing.setMinimumHeight(ems(TABLE_EMS))
        return column(listing)

    # ---- what is asked

    def _ask(self) -> None:
        self.learn_asked.emit(self.name.text().strip())

    def _use(self) -> None:
        if (one := self.models.current) is not None:
            self.use_asked.emit(one.key)

    def _picked(self, one: UsableModel | None) -> None:
        self.use.setEnabled(one is not None and one.state != in_use_words())
        self.worth.show_choice(one.choice if one else None)


# ---- words


def in_use_words() -> str:
    """The state of the model that is used."""
    return _("in use")


def verdict(figures: Figures) -> str:
    """What was learned, in one sentence."""
    text = (
        _("At cameras that it had not seen it recognises {share} of {count} photos.")
        if figures.by_camera
        else _("Of photos held out it recognises {share} of {count}.")
    )
    return text.format(share=share(figures.learned), count=number(figures.judged))


def against(figures: Figures) -> str:
    """How that stands beside the model in use, and how often it answers."""
    parts = []
    if figures.present.known:
        parts.append(
            _("The model in use recognises {share} of the same photos.").format(share=share(figures.present))
        )
        gain = figures.difference
        if gain.low > 0:
            parts.append(_("What was learned is better."))
        elif is_worse(figures):
            parts.append(_("What was learned is worse: better leave things as they are."))
        else:
            parts.append(_("Which of the two is better cannot be told from these photos."))
        if figures.present_saw:
            parts.append(_("(The one in use was taught with some of them, which flatters it.)"))
    if figures.answered.value > ALL_BUT_ALL:
        text = _("It is sure enough to answer on all of them; {right} of its answers are right.")
    else:
        text = _("It answers on {share} of them and is unsure of the rest; {right} of its answers are right.")
    parts.append(text.format(share=short(figures.answered), right=short(figures.right_of_answered)))
    return " ".join(parts)


def is_worse(figures: Figures) -> bool:
    """Whether what was learned is worse than what is used, beyond chance."""
    return figures.present.known and figures.difference.high < 0


def left_aside(proposal: Proposal) -> str:
    """Confirmed photos that taught nothing, and why."""
    parts = []
    if proposal.no_animal:
        text = ngettext(
            "{count} photo was left aside: the model finds no animal in it.",
            "{count} photos were left aside: the model finds no animal in them.",
            proposal.no_animal,
        )
        parts.append(text.format(count=number(proposal.no_animal)))
    if proposal.not_here:
        text = ngettext(
            "{count} photo is not on this laptop.",
            "{count} photos are not on this laptop.",
            proposal.not_here,
        )
        parts.append(text.format(count=number(proposal.not_here)))
    return " ".join(parts)


def version_words(one: Version) -> str:
    """A learned model in a list."""
    record = one.record
    made = f" · {day(record.made_at)}" if record.made_at else ""
    return f"{record.name} {record.version.partition('.')[0]}{made}"


def _rate(one: UsableModel) -> str:
    return number(one.choice.speed.photos_per_s, places=1) if one.choice and one.choice.speed else ""


def _named(one: UsableModel) -> str:
    return short(one.choice.worth.named_right) if one.choice else ""
