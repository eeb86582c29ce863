"""The Photos page: cards come in, a model looks, and a person says what is on each photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ranger_app.config import reviewer_name
from ranger_app.domain.ids import Id
from ranger_app.gui import unfinished
from ranger_app.gui.context import Context
from ranger_app.gui.page import Command, Page, Touched
from ranger_app.gui.photo_card import CardWish, for_card
from ranger_app.gui.run_form import for_pace
from ranger_app.gui.teaching import Teaching
from ranger_app.gui.widgets.banner import Banner
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import OneOf, boxed, column, page_column
from ranger_app.gui.widgets.models.room import ModelRoom
from ranger_app.gui.widgets.note import Note
from ranger_app.gui.widgets.photos.desk import PhotoDesk
from ranger_app.gui.widgets.photos.filter import PhotoFilter
from ranger_app.i18n import _, ngettext, number
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.runs.pace import Pace
from ranger_app.photos.runs.runs import How

if TYPE_CHECKING:
    from ranger_app.gui.background import Task
    from ranger_app.gui.drafts import Typed
    from ranger_app.jobs import Job
    from ranger_app.photos.intake.card import LeftOut
    from ranger_app.photos.intake.intake import Taken
    from ranger_app.photos.review import Word
    from ranger_app.photos.runs.classify import Classified
    from ranger_app.photos.runs.forecast import Forecast
    from ranger_app.photos.service import Photos, Station
    from ranger_app.photos.views import Wanted

FILES_TOLD = 3
SPECIES = "species"
LABEL_KEYS = ("animal", "human", "vehicle", "blank", "unknown")


@dataclass(frozen=True, slots=True)
class Seen:
    """All that this page needs to know before a photo is looked at."""

    ids: Sequence[Id]
    total: int
    stations: Sequence[Station]
    names: Sequence[str]
    pack: str
    caution: str


class PhotosPage(Page):
    """The desk with the photos, or what to do first when there are none."""

    page_id = "photos"
    watches = frozenset({"photo", "camera_station", "sequence"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.photos: Photos = context.ranger.photos
        self.seen: Seen | None = None
        self._running: Task | None = None
        self._own_labels = 0
        self.add = button(_("Add a card…"), icon="plus", kind="primary", on=self.add_card)
        self.run = button(_("Run the model"), icon="play", on=self.run_model)
        self.models = button(_("Teach and choose…"), icon="layers", on=self.show_models)
        self.remark = Banner()
        self.caution = Note("")
        self.filter = PhotoFilter()
        self.desk = PhotoDesk(self.photos, context.background, reviewer=reviewer_name(context.settings))
        self.empty = EmptyState(
            "photos",
            _("No photos yet"),
            _("Put a camera's memory card into the reader and add it: its pictures are copied and checked."),
            button(_("Add a card…"), icon="plus", on=self.add_card),
        )
        self.nothing_fits = EmptyState(
            "filter",
            _("No photo is like this"),
            _("Choose another station, or show everything."),
            button(_("Show everything"), on=self.filter.show_everything),
        )
        self.below = OneOf(self.desk, self.nothing_fits)
        self.work = boxed(column(self.caution, self.filter, self.below, gap=3))
        self.room = ModelRoom()
        self.whole = OneOf(self.work, self.empty, self.room)
        page_column(self, self.remark, self.whole)
        self.first = self.desk.grid
        self.caution.hide()
        self.filter.changed.connect(self.reload)
        self.desk.said.connect(self._say)
        self.desk.panel.renamed.connect(self._rename)
        self.teaching = Teaching(self, self.photos, self.room, changed=self.reload)
        self.room.left.connect(self.show_photos)
        self.room.telling_asked.connect(self.show_telling)

    # ---- as a page

    def tools(self) -> Sequence[QWidget]:
        return (self.models, self.run, self.add)

    def commands(self) -> Mapping[str, Command]:
        panel, view = self.desk.panel, self.desk.view
        labels = {
            f"photos.{scope}{type_}": partial(panel.say_type, type_, whole_sequence=bool(scope))
            for type_ in LABEL_KEYS
            for scope in ("", "sequence_")
        }
        return labels | {
            "photos.add": self.add_card,
            "photos.run": self.run_model,
            "photos.area": self.show_area,
            "photos.run_later": self.run_later,
            "photos.models": self.show_models,
            "photos.telling": self.show_telling,
            "photos.next": partial(self.desk.step, 1),
            "photos.previous": partial(self.desk.step, -1),
            "photos.next_sequence": partial(self.desk.step_sequence, 1),
            "photos.previous_sequence": partial(self.desk.step_sequence, -1),
            "photos.species": panel.write_species,
            "photos.zoom_in": view.zoom_in,
            "photos.zoom_out": view.zoom_out,
            "photos.fit": view.fit,
            "photos.boxes": view.toggle_boxes,
        }

    def go_to(self, **where: Any) -> None:
        """Show one photo (`photo_id`), or the photos of one station (`station_id`); or go on with a `card`
        or a `run` that is not finished."""
        if "photo_id" in where:
            self.desk.go_to(where["photo_id"])
        elif "station_id" in where:
            self.filter.show_station(where["station_id"])
        elif unfinished.CARD in where:
            self.take_card(CardWish.again(where[unfinished.CARD]))
        elif unfinished.RUN in where:
            self.run_model(unfinished.run_pace(where[unfinished.RUN]))

    def reload(self) -> None:
        wanted = self.filter.wanted()
        self.fetch(lambda work: look(self.photos, wanted), self._show, key="photos")
        self.fetch(
            lambda work: self.photos.called.counted(self.photos.pack_used()),
            self.filter.show_names,
            key="photo names",
        )
        if self.whole.currentWidget() is self.room:
            self.teaching.reload()

    def data_changed(self, touched: Touched) -> None:
        kinds = set(touched.kinds)
        if "label" in kinds and self._own_labels:
            self._own_labels -= 1  # the desk knows of it already
        elif kinds & {"label", "detection"}:
            self.desk.renew()
        wanted = self.filter.wanted()
        if "detection" in kinds and (wanted.shows or wanted.called or not (self.seen and self.seen.pack)):
            self._stale = True
        super().data_changed(touched)

    def undo(self) -> bool:
        by = self._reviewer()
        self._own_labels += 1
        self.do(lambda work: self.photos.undo(by=by), _("Taking back"), self._taken_back, quiet=True)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if text.isascii() and text.isdigit() and text != "0":
            self.desk.panel.count.setValue(int(text))
        elif text == "=":
            self.desk.view.zoom_in()  # the key of “+” without Shift
        elif text == "\x1b" and not self.desk.grid.hasFocus():  # from there it puts an error away
            self.desk.grid.setFocus()
        else:
            super().keyPressEvent(event)

    # ---- what is shown

    def half_written(self) -> Mapping[str, Typed]:
        unsaid = self.desk.panel.unsaid
        return {SPECIES: {SPECIES: unsaid}} if unsaid else {}

    def _show(self, seen: Seen) -> None:
        if self.seen is None and (typed := self.draft(SPECIES)):
            self.desk.panel.species.setText(str(typed.get(SPECIES, "")))
        self.seen = seen
        self.run.setEnabled(bool(seen.total) and self._running is None)
        in_room = self.whole.currentWidget() is self.room
        if not seen.total:
            self.whole.show_one(self.room if in_room else self.empty)
            return
        self.whole.show_one(self.room if in_room else self.work)
        self.caution.words.setText(seen.caution)
        self.caution.setVisible(bool(seen.caution))
        self.filter.show_stations(seen.stations)
        self.filter.show_count(len(seen.ids), seen.total)
        self.desk.panel.show_names(seen.names)
        self.desk.pack = seen.pack
        self.below.show_one(self.desk if seen.ids else self.nothing_fits)
        self.desk.show_ids(seen.ids)

    # ---- cards and models

    def add_card(self) -> None:
        """Ask for a card and take it in."""
        stations = [station.name for station in self.seen.stations] if self.seen else []
        if wish := for_card(self, stations=stations):
            self.take_card(wish)

    def take_card(self, wish: CardWish) -> None:
        """Take a card in; it shows in the tray and can be stopped."""
        mode = Mode.LINK if wish.link else Mode.COPY

        def take(work: Any) -> Taken:
            return self.photos.add(wish.folder, station=wish.station, mode=mode, gap_s=wish.gap_s, work=work)

        title = _("Taking in the card of {station}").format(station=wish.station)
        self._long(take, title, self._taken, wish.begun)

    def show_area(self) -> None:
        """The list of species and the meanings of models' words; photos are shown anew when they changed."""
        from ranger_app.gui.area_form import AreaForm

        form = AreaForm(self, self.photos.area, self.context.background)
        form.exec()
        if form.changed:
            self.desk.renew()
            self.reload()
        form.deleteLater()

    def run_model(self, pace: Pace | None = None) -> None:
        """Let the model in use look at the photos that it has not seen."""
        if self._running is not None:
            return
        self.run.setEnabled(False)
        how = How(pace=pace or Pace())
        begun = unfinished.run(how.pace)
        self._running = self._long(
            lambda work: self.photos.classify(how=how, work=work),
            _("The model looks at new photos"),
            self._looked,
            begun,
        )
        self.context.background.ended.connect(self._run_ended)

    def run_later(self) -> None:
        """Ask when the model may run; how many photos wait, and for how long, is told before."""
        self.fetch(lambda work: self.photos.forecast(), self._ask_when, key="forecast")

    def _ask_when(self, forecast: Forecast) -> None:
        if (pace := for_pace(self, forecast)) is not None:
            self.run_model(pace)

    # ---- teaching

    def show_models(self) -> None:
        """The room where models are taught and chosen."""
        self.whole.show_one(self.room)
        self.teaching.reload()
        self.room.back.setFocus()

    def show_photos(self) -> None:
        """Back from the room to the desk."""
        self.whole.show_one(self.work if self.seen and self.seen.total else self.empty)
        self.reload()
        self.take_focus()

    def show_telling(self) -> None:
        """The photos that would teach most, to be named."""
        self.whole.show_one(self.work if self.seen and self.seen.total else self.empty)
        self.filter.show_telling()
        self.take_focus()

    def _long(self, job: Job[Any], title: str, then: Any, begun: unfinished.Begun) -> Task:
        """A job of hours. It does not hold the writers' thread, so that people can label meanwhile: each of
        its batches is a unit of its own."""
        self.remark.hide()
        task = self.do(job, title, then, long=True, begun=begun)
        task.cancelled.connect(
            lambda: self.context.messages.say(_("Stopped. What was done until then is kept."))
        )
        return task

    def _run_ended(self, task: Task) -> None:
        if task is self._running:
            self._running = None
            self.context.background.ended.disconnect(self._run_ended)
            self.run.setEnabled(True)

    def _taken(self, taken: Taken) -> None:
        words = ngettext(
            "{added} photo taken in; {already} here already.",
            "{added} photos taken in; {already} here already.",
            taken.added,
        )
        self.context.messages.say(words.format(added=number(taken.added), already=number(taken.already)))
        self._tell_files(
            ngettext("{count} file was not taken.", "{count} files were not taken.", len(taken.failed)),
            taken.failed,
        )

    def _looked(self, run: Classified) -> None:
        if run.done:
            words = ngettext(
                "The model looked at {count} photo.", "The model looked at {count} photos.", run.done
            )
            self.context.messages.say(words.format(count=number(run.done)))
        elif not run.failed:
            self.context.messages.say(_("The model has seen every photo already."))
        text = ngettext(
            "{count} photo could not be looked at.", "{count} photos could not be looked at.", len(run.failed)
        )
        self._tell_files(text, run.failed)
        self.reload()

    def _tell_files(self, text: str, files: Sequence[LeftOut]) -> None:
        if not files:
            return
        told = [f"{one.file}: {one.text}" for one in files[:FILES_TOLD]]
        if len(files) > FILES_TOLD:
            told.append("…")
        self.remark.show_words(text.format(count=number(len(files))), "\n".join(told))

    # ---- what people say

    def _reviewer(self) -> str:
        return self.desk.panel.reviewer.text().strip() or reviewer_name(self.context.settings)

    def _rename(self, name: str) -> None:
        if name != self.context.settings.reviewer:
            self.context.change_settings(reviewer=name)

    def _say(self, ids: Sequence[Id], word: Word) -> None:
        by = self._reviewer()
        self._own_labels += 1

        def kept(count: int) -> None:
            self.desk.renew(ids)
            if count > 1:
                words = ngettext(
                    "{count} photo labelled. Ctrl+Z takes it back.",
                    "{count} photos labelled. Ctrl+Z takes it back.",
                    count,
                )
                self.context.messages.say(words.format(count=number(count)))

        task = self.do(lambda work: self.photos.label(ids, word, by=by), _("Labelling"), kept, quiet=True)
        task.failed.connect(self._not_kept)

    def _taken_back(self, ids: Sequence[Id]) -> None:
        if not ids:
            self._own_labels = max(self._own_labels - 1, 0)
            self.context.messages.say(_("There is no label of yours to take back."))
            return
        self.desk.renew(ids)
        self.desk.go_to(*ids)
        words = ngettext("Label taken back.", "Labels of {count} photos taken back.", len(ids))
        self.context.messages.say(words.format(count=number(len(ids))))

    def _not_kept(self, _error: Exception) -> None:
        self._own_labels = max(self._own_labels - 1, 0)


def look(photos: Photos, wanted: Wanted) -> Seen:
    """Gather what the page needs; runs on a worker's thread."""
    pack, caution = photos.pack_words()
    return Seen(
        ids=photos.ids(wanted),
        total=photos.count(),
        stations=photos.stations(),
        names=photos.names(),
        pack=pack,
        caution=caution,
    )
