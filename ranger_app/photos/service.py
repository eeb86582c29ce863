"""Everything that a screen or a command can ask of camera traps, over one workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.measures import Measure
from ranger_app.domain.photos import CameraStation, Detection, Label, Photo
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.photos.area.area_book import AreaBook
from ranger_app.photos.called import Called
from ranger_app.photos.intake.card import read_card
from ranger_app.photos.intake.intake import Taken, take_in
from ranger_app.photos.intake.recording import Recorder
from ranger_app.photos.intake.sequences import GAP_S
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.measures import measures
from ranger_app.photos.results_file import ResultsFiles
from ranger_app.photos.review import Word, check_word, last_act, withdrawal, written
from ranger_app.photos.runs.classify import Classified, Seen, Seer
from ranger_app.photos.runs.forecast import Forecast
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.photos.runs.runs import How, forecast, results_digest, run
from ranger_app.photos.thumbnails import original, thumbnail
from ranger_app.photos.views import (
    OnePhoto,
    Order,
    PackUsed,
    Tile,
    Wanted,
    in_shot_order,
    one_photo,
    packs_with_results,
    tiles,
    wanted_ids,
)
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.query import Condition, at_most, equal, one_of

if TYPE_CHECKING:
    from ranger_app.inference.packs.pack import Pack
    from ranger_app.inference.pictures import Picture
    from ranger_app.photos.bench import Choice
    from ranger_app.photos.learning.learning import Learning

STATION_NAME_AT_MOST = 100
REVIEWER_AT_MOST = 100
GAP_AT_MOST_S = 86_400.0
TRUSTED_AHEAD = timedelta(days=1)
"""A label from further in the future was given under a wrong clock and orders nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A camera station in a list."""

    id: Id
    name: str
    photos: int


class Photos:
    """The camera-trap room of one open workspace. Every method may be called from any thread."""

    def __init__(self, workspace: Workspace, *, packs: ModelPacks | None = None) -> None:
        self._workspace = workspace
        self._packs = packs
        self._detections = 0
        """Goes up with every commit that changes what models said."""
        self._used: tuple[int, PackUsed | None] = (-1, None)
        """The answer of `pack_used`, and the `_detections` for which it holds."""
        workspace.watch(self._forget_pack_used, first=True)

    @cached_property
    def packs(self) -> ModelPacks:
        """The model packs on this computer."""
        return replace(self._packs or ModelPacks.usual(), site=id_text(self._workspace.site_id))

    @property
    def learning(self) -> Learning:
        """Teaching a model this park's own species."""
        from ranger_app.photos.learning.learning import Learning

        return Learning(self._workspace, self.packs, changed=self._chose_anew)

    @cached_property
    def area(self) -> AreaBook:
        """What this site knows of its animals, held against what models say."""
        return AreaBook(self._workspace, self.packs)

    @cached_property
    def called(self) -> Called:
        """Under which name each photo stands."""
        return Called(self._workspace, self.area)

    def choices(self, *, pack: str = "", run: bool = True, work: Work | None = None) -> list[Choice]:
        """What helps to choose a model: speed here, time for the waiting photos, worth on confirmed ones."""
        from ranger_app.photos.bench import choices

        return choices(self._workspace, self.packs, name=pack, run=run, work=work)

    @cached_property
    def results_files(self) -> ResultsFiles:
        """Results of models as files of other programs."""
        return ResultsFiles(self._workspace, self.area, self.pack_used, self.packs.display_of)

    # ---- taking in

    def add(
        self,
        folder: Path,
        *,
        station: str,
        mode: Mode = Mode.COPY,
        gap_s: float = GAP_S,
        deployment_id: Id | None = None,
        work: Work | None = None,
    ) -> Taken:
        """Take in the pictures of a card that hung at `station` (made when it is new).

        Nothing is taken twice, so the same folder may be added again after a stop. Raises `NotFound` or
        `BadInput` for a folder that gives no picture at all, and `Unfinished` when the card or the disk
        gives out half way.
        """
        name = _station_name(station)
        if not 0 < gap_s <= GAP_AT_MOST_S:
            raise BadInput(
                _("The gap between sequences must be more than 0 seconds and at most a day."),
                _("60 seconds is usual."),
            )
        if folder.resolve().is_relative_to(self._workspace.folder.resolve()):
            raise BadInput(
                _("“{name}” lies inside the workspace itself.").format(name=folder.name),
                _("Choose the card, or the folder that the pictures were copied to."),
            )
        card = read_card(folder)
        recorder = Recorder(self._workspace, name, deployment_id, gap_s)
        taken = take_in(self._workspace, card, recorder, mode=mode, work=work or Work())
        if not taken.added and not taken.already:
            raise _no_picture(folder, taken)
        return taken

    def stations(self) -> list[Station]:
        """The camera stations by name, with how many photos each has."""
        with self._workspace.reading() as data:
            counts = data.tally(Photo, "station_id")
            rows = data.columns(CameraStation, ("id", "name"), order=("name",))
        return [Station(id=id_, name=name, photos=counts.get(id_, 0)) for id_, name in rows]

    def station_named(self, name: str) -> Id:
        """The station with this name. Raises `NotFound`."""
        stations = self.stations()
        for station in stations:
            if station.name.casefold() == _station_name(name).casefold():
                return station.id
        raise NotFound(
            _("There is no camera station called “{name}”.").format(name=name[:STATION_NAME_AT_MOST]),
            _("Use one of these: {names}.").format(names=", ".join(one.name for one in stations[:20]) or "–"),
        )

    # ---- what a model sees

    def classify(
        self,
        *,
        pack: str = "",
        station_id: Id | None = None,
        model: Seer | None = None,
        how: How | None = None,
        work: Work | None = None,
    ) -> Classified:
        """Let a pack look at the photos that it has not seen, and keep what it says; labels are not touched.

        `pack` is an id, id@version or a folder; the usual pack if left out. `model` stands in for the
        loaded pack; `how` says when the run may go on and who does the work. Raises `NotFound`, `BadInput`
        or `Refused` for a pack that cannot be used.
        """
        return run(
            self._workspace,
            self.packs,
            self.packs.choose(pack),
            *_at(station_id),
            model=model,
            how=how or How(),
            work=work or Work(),
        )

    def forecast(self, *, pack: str = "", station_id: Id | None = None) -> Forecast:
        """How many photos the pack has not looked at, and how long they will take."""
        return forecast(self._workspace, self.packs.choose(pack), *_at(station_id))

    def results_digest(self, pack: Pack) -> str:
        """64 letters that are the same wherever the pack said the same of the same photos."""
        return results_digest(self._workspace, pack)

    def results(self, pack: Pack, *, station_id: Id | None = None) -> Iterator[tuple[Seen, Detection]]:
        """Every photo that the pack has looked at and what it said, as they were shot."""
        with self._workspace.reading() as data:
            where = equal("pack_id", pack.id), equal("pack_version", pack.version)
            said = {one.photo_id: one for one in data.each(Detection, *where)}
            rows = data.columns(Photo, ("id", "file", "folder", "file_name"), *_at(station_id))
            photos = {row[0]: Seen(*row) for row in rows}
            for id_ in in_shot_order(data, _at(station_id)):
                if id_ in said:
                    yield photos[id_], said[id_]

    def pack_used(self) -> PackUsed | None:
        """The pack whose results are shown: the usual one if it has any, else the one with the most."""
        detections, (known_for, used) = self._detections, self._used
        if known_for != detections:
            used = self._find_pack_used()
            self._used = detections, used
        return used

    def _find_pack_used(self) -> PackUsed | None:
        with self._workspace.reading() as data:
            found = packs_with_results(data)
        if not found:
            return None
        wanted = tuple(self.packs.shown().split("@", 1))
        usual = self.packs.usual_key()
        best = next((key for key in (wanted, usual) if key in found), None)
        best = best or max(found, key=lambda key: (found[key], key))
        return PackUsed(*best, self.packs.display_of(*best), self.packs.answer_from_of(*best))

    def _chose_anew(self) -> None:
        self._detections += 1

    def results_kept(self) -> dict[tuple[str, str], int]:
        """Of which models results are kept, by id and version, with how many."""
        with self._workspace.reading() as data:
            return packs_with_results(data)

    def show_results_of(self, name: str) -> None:
        """Show the results of this model (id or id@version) on this laptop; empty: the usual one's.

        Raises `NotFound` when there are none of it, and `DiskTrouble`.
        """
        names = {"@".join(key): count for key, count in self.results_kept().items()}
        fits = [one for one in sorted(names) if name in (one, one.split("@")[0])]
        if name and not fits:
            raise NotFound(
                _("No results are kept of this model pack."),
                _("Choose one of these: {names}.").format(names=", ".join(sorted(names)) or "–"),
            )
        self.packs.show(fits[-1] if name else "")
        self._detections += 1

    def _forget_pack_used(self, touched: Touched) -> None:
        if {"detection", "everything"} & set(touched.kinds):
            self._detections += 1

    def pack_words(self) -> tuple[str, str]:
        """Name and word of caution of the pack whose results are shown, else of the one that would run."""
        used = self.pack_used()
        key = (used.id, used.version) if used else self.packs.usual_key()
        return self.packs.words_of(*key) if key else ("", "")

    # ---- looking

    def ids(self, wanted: Wanted) -> list[Id]:
        """The photos that are wanted, in order; pages of them are read with `tiles`."""
        pack = self.pack_used()
        is_called = self.called.by(wanted.called, pack)
        with self._workspace.reading() as data:
            ids = wanted_ids(data, wanted, pack, is_called)
        if wanted.order is Order.TELLING:
            offered, fitting = self.learning.most_telling(station_id=wanted.station_id), set(ids)
            return [id_ for id_ in offered if id_ in fitting]
        return ids

    def tiles(self, ids: Sequence[Id]) -> list[Tile]:
        """What a list shows of these photos."""
        pack = self.pack_used()
        with self._workspace.reading() as data:
            return tiles(data, ids, pack)

    def photo(self, photo_id: Id) -> OnePhoto:
        """One photo with what the model saw and what people said. Raises `NotFound`."""
        pack = self.pack_used()
        with self._workspace.reading() as data:
            found = data.need(Photo, photo_id)
            one = one_photo(data, found, path=self._workspace.files.path(found.file), pack=pack)
        return replace(one, ruled=self.area.ruled(one.detection), named=self.area.named(one.detection))

    def thumbnail(self, file: bytes) -> bytes:
        """A small upright JPEG of the picture with this SHA-256. Raises `NotFound` or `BadInput`."""
        return thumbnail(self._workspace, file)

    def picture(self, file: bytes, *, side_px: int = 0) -> Picture:
        """The picture itself, upright; decoded small where both sides keep `side_px` (0: in full)."""
        from ranger_app.inference.pictures import open_picture

        path = original(self._workspace, file)
        return open_picture(path, draft_px=side_px, at_s=self._best_frame_s(file))

    def _best_frame_s(self, file: bytes) -> float | None:
        """Of a clip at which second most was seen, if a model has looked."""
        pack = self.pack_used()
        with self._workspace.reading() as data:
            rows = data.columns(Photo, ("id", "media_type"), equal("file", file), limit=1)
            if pack is None or not rows or not rows[0][1].startswith("video/"):
                return None
            where = equal("photo_id", rows[0][0]), equal("pack_id", pack.id)
            seconds = data.column(Detection, "frame_s", *where, equal("pack_version", pack.version), limit=1)
        return seconds[0] if seconds else None

    def count(self) -> int:
        """How many photos there are."""
        with self._workspace.reading() as data:
            return data.count(Photo)

    # ---- what people say

    def label(self, photo_ids: Sequence[Id], word: Word, *, by: str) -> int:
        """Write down what a person says of some photos, as one act that `undo` takes back as one.

        Returns how many photos were labelled. Raises `BadInput`, and `NotFound` for a photo that is gone.
        """
        word = check_word(word)
        if len(by) > REVIEWER_AT_MOST or not by.isprintable():
            raise BadInput(_("The name of who labels is too long, or has signs in it that cannot be shown."))
        with self._workspace.unit("label photos") as unit:
            there = set(unit.data.column(Photo, "id", one_of("id", photo_ids)))
            for id_ in photo_ids:
                if id_ not in there:
                    unit.data.need(Photo, id_)
            at = self._moment(by)
            unit.add_many(
                written(word, photo_id=id_, site_id=self._workspace.site_id, by=by, at=at)
                for id_ in dict.fromkeys(photo_ids)
            )
        return len(there)

    def undo(self, *, by: str) -> tuple[Id, ...]:
        """Take back the last thing that this person said, also when the program was closed since.

        Returns the photos concerned; none when there is nothing left to take back.
        """
        with self._workspace.unit("take back labels") as unit:
            mine = unit.data.each(Label, equal("by", by), at_most("at", _soon()), order=("-at", "-id"))
            act = last_act(mine)
            at = self._moment(by)
            unit.add_many(withdrawal(label, at=at) for label in act)
        return tuple(label.photo_id for label in act)

    def names(self) -> list[str]:
        """Names that people have used, the most frequent first; for completion."""
        with self._workspace.reading() as data:
            counts = data.tally(Label, "name")
        return sorted((name for name in counts if name), key=lambda name: (-counts[name], name))

    def measures(self) -> tuple[Measure, ...]:
        """What camera traps can count, for evidence and reports."""
        return measures(self._workspace, self.pack_used)

    def _moment(self, by: str) -> datetime:
        """Now, yet after all that this person said before: a clock that was set back orders nothing."""
        with self._workspace.reading() as data:
            last = data.column(Label, "at", equal("by", by), at_most("at", _soon()), order=("-at",), limit=1)
        now = datetime.now(UTC)
        return max(now, last[0] + timedelta(microseconds=1)) if last else now


def _at(station_id: Id | None) -> tuple[Condition, ...]:
    return (equal("station_id", station_id),) if station_id else ()


def _soon() -> datetime:
    return datetime.now(UTC) + TRUSTED_AHEAD


def _station_name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= STATION_NAME_AT_MOST or not name.isprintable():
        raise BadInput(
            _("A station needs a name of at most {count} letters.").format(count=STATION_NAME_AT_MOST),
            _("Give the name that stands on the map, such as “Ridge 3”."),
        )
    return name


def _no_picture(folder: Path, taken: Taken) -> BadInput:
    text = _("There is no picture in “{name}”.").format(name=folder.name)
    if taken.failed:
        first = taken.failed[0]
        text += " " + _("{file}: {reason}").format(file=first.file, reason=first.text)
    return BadInput(text, _("Choose the folder that holds the camera's pictures, often called DCIM."))
