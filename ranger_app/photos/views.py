"""Which photos are shown, in which order, and everything there is to know of one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from ranger_app.domain.ids import Id
from ranger_app.domain.photos import CameraStation, Detection, Label, Photo
from ranger_app.photos.area.rules import Ruled
from ranger_app.photos.intake.sequences import natural_key
from ranger_app.photos.review import OF_LATEST, Latest, Verdict, latest, verdicts
from ranger_app.storage.query import Condition, equal, one_of
from ranger_app.storage.reading import MAX_ONE_OF, Reading

KINDS = ("animal", "person", "vehicle")
"""What a model tells apart; nothing of these above the threshold is `empty`."""
EMPTY = "empty"
OF_LABEL = {"animal": "animal", "human": "person", "vehicle": "vehicle", "blank": EMPTY, "unknown": "unknown"}
"""A label's type as what the photo shows."""


class Order(StrEnum):
    """How photos follow one another."""

    SHOT = "shot"
    """As they were shot, so that sequences stand together."""
    SCORE = "score"
    """What the model is surest of first."""
    TELLING = "telling"
    """Those that nobody has named and that would teach a model most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which photos are shown."""

    station_id: Id | None = None
    shows: str = ""
    """animal, person, vehicle, empty or unknown; a person's word counts before the model's."""
    name: str = ""
    """A species or group that a person named, whatever the case."""
    called: str = ""
    """A name that people gave, else the one that the area's rules make of the model's word."""
    unlabelled: bool = False
    """Only those that nobody has labelled."""
    order: Order = Order.SHOT


class PackUsed(NamedTuple):
    """A version of a model pack that there are results of."""

    id: str
    version: str
    display: float
    """The score from which a result is shown as something."""
    answer_from: float = 0.0
    """The score from which a learned model is to be believed in what it names; below it is unsure."""


class Scores(NamedTuple):
    """What a model says of one photo, in one line."""

    animal: float
    person: float
    vehicle: float

    def shows(self, display: float) -> str:
        """The likeliest of animal, person and vehicle, or `empty` when none reaches `display`."""
        best = max(self)
        return KINDS[self.index(best)] if best >= display else EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A photo in a list."""

    id: Id
    file: bytes
    file_name: str
    taken_local: datetime | None
    sequence_id: Id | None
    station_id: Id | None
    note: str
    scores: Scores | None
    """None when no model has looked at it."""
    machine_shows: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePhoto:
    """One photo with what the model saw and what people said, apart from each other."""

    photo: Photo
    station: str
    path: Path | None
    """The original, or None when it is not on this laptop."""
    detection: Detection | None
    display: float
    answer_from: float
    verdict: Verdict | None
    history: tuple[Label, ...]
    """Every label that was ever given, oldest first, with those that were taken back."""
    sequence: tuple[Id, ...]
    """The photos of its sequence as they were shot, itself among them."""
    ruled: Ruled | None = None
    """What the site's knowledge makes of the model's word; None where it names no animal."""
    named: tuple[tuple[str, float], ...] = ()
    """The model's groups under the names that people read, best first."""


def wanted_ids(
    data: Reading,
    wanted: Wanted,
    pack: PackUsed | None,
    is_called: Callable[[Id, Latest | None], bool] = lambda _id, _said: True,
) -> list[Id]:
    """The photos that are wanted, in order; made for a hundred thousand and more.

    is_called: whether a photo stands under the name `wanted.called`, with people's last word of it.
    """
    where = [equal("station_id", wanted.station_id)] if wanted.station_id else []
    ids = in_shot_order(data, where)
    spoken: Mapping[Id, Latest] = {}
    if wanted.unlabelled or wanted.shows or wanted.name or wanted.called:
        spoken = all_latest(data)
    if wanted.unlabelled:
        ids = [id_ for id_ in ids if id_ not in spoken]
    if wanted.name:
        name = wanted.name.casefold()
        ids = [id_ for id_ in ids if id_ in spoken and spoken[id_].name.casefold() == name]
    if wanted.called:
        ids = [id_ for id_ in ids if is_called(id_, spoken.get(id_))]
    if wanted.shows or wanted.order is Order.SCORE:
        scores = all_scores(data, pack)
        if wanted.shows:
            display = pack.display if pack else 1.0
            ids = [i for i in ids if shown_by(spoken.get(i), scores.get(i), display) == wanted.shows]
        if wanted.order is Order.SCORE:
            of_kind = KINDS.index(wanted.shows) if wanted.shows in KINDS else None
            ids.sort(key=lambda id_: _surest_first(scores.get(id_), of_kind))
    return ids


def in_shot_order(data: Reading, where: Sequence[Condition] = ()) -> list[Id]:
    """The photos that meet the conditions as they were shot; those without a time come last."""
    rows = data.columns(
        Photo,
        ("taken_local", "folder", "file_name", "id"),
        *where,
        order=("taken_local", "folder", "file_name"),
    )
    ids: list[Id] = []
    undated: list[Id] = []
    for taken_local, same in groupby(rows, key=itemgetter(0)):
        burst = list(same)
        if len({(len(row[1]), len(row[2])) for row in burst}) > 1:  # else plain order is natural order
            burst.sort(key=lambda row: (natural_key(row[1]), natural_key(row[2])))
        (ids if taken_local else undated).extend(row[3] for row in burst)
    return ids + undated


def packs_with_results(data: Reading) -> dict[tuple[str, str], int]:
    """Id and version of each pack that there are results of, with how many."""
    found: dict[tuple[str, str], int] = {}
    for id_ in data.tally(Detection, "pack_id"):
        versions = data.tally(Detection, "pack_version", equal("pack_id", id_))
        found |= {(id_, version): count for version, count in versions.items()}
    return found


def all_scores(data: Reading, pack: PackUsed | None, only: Collection[Id] = ()) -> dict[Id, Scores]:
    """What the model says of each photo that it could look at."""
    if pack is None:
        return {}
    where = [equal("pack_id", pack.id), equal("pack_version", pack.version), equal("failure", "")]
    if only:
        where.append(one_of("photo_id", only))
    rows = data.columns(Detection, ("photo_id", *KINDS), *where)
    return {row[0]: Scores(*row[1:]) for row in rows}


def tiles(data: Reading, ids: Sequence[Id], pack: PackUsed | None) -> list[Tile]:
    """What a list shows of these photos, in their order; those that are gone are left out."""
    rows: dict[Id, dict[str, Any]] = {}
    scores: dict[Id, Scores] = {}
    spoken: dict[Id, Verdict] = {}
    for some in _in_parts(ids):
        for row in data.columns(Photo, _ON_TILE, one_of("id", some)):
            rows[row[0]] = dict(zip(_ON_TILE, row, strict=True))
        scores |= all_scores(data, pack, some)
        spoken |= verdicts(data.find(Label, one_of("photo_id", some)))
    display = pack.display if pack else 1.0
    return [_tile(rows[id_], scores.get(id_), spoken.get(id_), display) for id_ in ids if id_ in rows]


_ON_TILE = ("id", "file", "file_name", "taken_local", "sequence_id", "station_id", "note")


def one_photo(data: Reading, photo: Photo, *, path: Path | None, pack: PackUsed | None) -> OnePhoto:
    """Everything there is to know of one photo."""
    labels = data.find(Label, equal("photo_id", photo.id), order=("at", "id"))
    found = (
        data.find(
            Detection,
            equal("photo_id", photo.id),
            equal("pack_id", pack.id),
            equal("pack_version", pack.version),
            limit=1,
        )
        if pack
        else []
    )
    station = data.get(CameraStation, photo.station_id) if photo.station_id else None
    together = in_shot_order(data, [equal("sequence_id", photo.sequence_id)]) if photo.sequence_id else []
    return OnePhoto(
        photo=photo,
        station=station.name if station else "",
        path=path,
        detection=found[0] if found else None,
        display=pack.display if pack else 1.0,
        answer_from=pack.answer_from if pack else 0.0,
        verdict=verdicts(labels).get(photo.id),
        history=tuple(labels),
        sequence=tuple(together) or (photo.id,),
    )


def all_latest(data: Reading) -> dict[Id, Latest]:
    """The last word of people on every photo that has one."""
    return latest(data.columns(Label, OF_LATEST, order=("at", "id")))


def shown_by(said: Latest | None, scores: Scores | None, display: float) -> str:
    """What a photo shows: people's last word, else the model's, else nothing is known (empty text)."""
    if said:
        return OF_LABEL.get(said.type, "unknown")
    return scores.shows(display) if scores else ""


def _surest_first(scores: Scores | None, of_kind: int | None) -> float:
    if scores is None:
        return 1.0  # those that no model looked at come last
    return -(max(scores) if of_kind is None else scores[of_kind])


def _tile(row: Mapping[str, Any], scores: Scores | None, verdict: Verdict | None, display: float) -> Tile:
    machine_shows = scores.shows(display) if scores else ""
    return Tile(**row, scores=scores, machine_shows=machine_shows, verdict=verdict)


def _in_parts(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    for start in range(0, len(ids), MAX_ONE_OF):
        yield ids[start : start + MAX_ONE_OF]
