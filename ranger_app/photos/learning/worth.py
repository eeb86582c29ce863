"""How good a pack is on this park's own confirmed photos: found, set aside, named; by class and by light."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ranger_app.analysis.intervals import NOTHING, Interval, by_groups, share_by_groups
from ranger_app.analysis.judging import Bin, area_under_curve, calibration_error, reliability
from ranger_app.domain.errors import KnownError
from ranger_app.domain.photos import Detection
from ranger_app.inference.learning.learning import read_as, seen_elsewhere
from ranger_app.inference.learning.lessons import Lessons, folds
from ranger_app.jobs import Work
from ranger_app.photos.learning.comparing import interval_data, number_data, share_by_burst
from ranger_app.photos.learning.confirmed import Confirmed, confirmed
from ranger_app.photos.thumbnails import thumbnail
from ranger_app.storage import Workspace
from ranger_app.storage.query import equal

if TYPE_CHECKING:
    from ranger_app.inference.packs.pack import Pack

GREY_AT_MOST = 6.0
"""Mean distance between a pixel's colours, of 255, below which a picture was taken by infrared."""
LIGHT_AT_MOST = 3000
"""So many photos are looked at for their light."""
DAY, INFRARED = "day", "infrared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """How one species is named."""

    name: str
    photos: int
    right: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a pack is worth on confirmed photos. Intervals are 95 %, drawn by burst."""

    photos: int
    """Confirmed photos that the pack has looked at."""
    since: datetime | None
    """Only photos confirmed after this are judged, since the pack was taught with those before."""
    animal_area: Interval
    """Area under the curve, animals against empty photos."""
    animals_kept: Interval
    empties_set_aside: Interval
    persons_found: Interval
    vehicles_found: Interval
    named_right: Interval
    """Of the animals with a name, where it can be told."""
    by_day: Interval
    by_infrared: Interval
    calibration_error: float
    bins: tuple[Bin, ...]
    species: tuple[Species, ...]

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        shares = (
            "animal_area", "animals_kept", "empties_set_aside", "persons_found", "vehicles_found",
            "named_right", "by_day", "by_infrared",
        )  # fmt: skip
        return {
            "photos": self.photos,
            "since": self.since.isoformat() if self.since else None,
            **{name: interval_data(getattr(self, name)) for name in shares},
            "calibration_error": number_data(self.calibration_error),
            "reliability": [[round(b.score, 4), round(b.right, 4), b.count] for b in self.bins],
            "species": [
                {"name": one.name, "photos": one.photos, "right": interval_data(one.right)}
                for one in self.species
            ],
        }


def worth(
    workspace: Workspace,
    pack: Pack,
    *,
    display: float,
    since: datetime | None = None,
    work: Work | None = None,
) -> Worth:
    """What the pack's results so far are worth; nothing is run."""
    with workspace.reading() as data:
        where = equal("pack_id", pack.id), equal("pack_version", pack.version), equal("failure", "")
        rows = data.columns(Detection, ("photo_id", "animal", "person", "vehicle", "groups"), *where)
        known = confirmed(data)
    results = {row[0]: row[1:] for row in rows}
    judged = [
        one
        for one in known
        if one.photo_id in results and (since is None or (one.said_at is not None and one.said_at > since))
    ]
    bursts = _bursts(judged)
    kinds = np.array([one.kind for one in judged], dtype=object)
    scores = np.array([results[one.photo_id][:3] for one in judged], np.float64).reshape(-1, 3)
    named = [at for at, one in enumerate(judged) if one.kind == "animal" and one.species]
    species = [judged[at].species for at in named]
    right, sure, told = _named(
        pack, [judged[at] for at in named], [results[judged[at].photo_id][3] for at in named]
    )
    named = [at for at, can_tell in zip(named, told, strict=True) if can_tell]
    light = _light(workspace, [judged[at] for at in named], work or Work())
    name_bursts = bursts[named] if named else bursts[:0]
    bins = reliability(sure, right > 0)

    def share(of: NDArray[np.bool_], hit: NDArray[np.bool_]) -> Interval:
        return share_by_groups(hit[of].astype(np.float64), bursts[of])

    def area(drawn: NDArray[np.intp]) -> float:
        two = drawn[(kinds[drawn] == "animal") | (kinds[drawn] == "empty")]
        return area_under_curve(scores[two, 0], kinds[two] == "animal")

    return Worth(
        photos=len(judged),
        since=since,
        animal_area=by_groups(area, bursts) if len(judged) else NOTHING,
        animals_kept=share(kinds == "animal", scores.max(1, initial=0.0) >= display),
        empties_set_aside=share(kinds == "empty", scores.max(1, initial=0.0) < display),
        persons_found=share(kinds == "person", scores[:, 1] >= display),
        vehicles_found=share(kinds == "vehicle", scores[:, 2] >= display),
        named_right=share_by_groups(right, name_bursts),
        by_day=share_by_groups(right[light == DAY], name_bursts[light == DAY]),
        by_infrared=share_by_groups(right[light == INFRARED], name_bursts[light == INFRARED]),
        calibration_error=calibration_error(bins),
        bins=bins,
        species=_by_species(species, [judged[at].species for at in named], right, name_bursts),
    )


def _named(
    pack: Pack, judged: Sequence[Confirmed], groups: Sequence[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Whether an animal is named as people name it, how sure the pack is, and for which that can be told.

    A pack that uses the people's own names is held to them; a group that is nobody's name is read as the
    species that it stood for most often at the other cameras: the pack at its best. Of a species that only
    one camera has seen, and whose name the pack does not use, nobody can tell what stands for it.
    The first two are of those for which it can be told only.
    """
    if not judged:
        return np.zeros(0), np.zeros(0), np.zeros(0, np.bool_)
    names = tuple(sorted({one.species.casefold() for one in judged}))
    tops = [str(found[0][0]) if found else "" for found in groups]
    sure = np.array([min(max(float(found[0][1]), 0.0), 1.0) if found else 0.0 for found in groups])
    known = sorted(set(tops))
    words = {
        label.id: (label.id, label.scientific, *(word for _l, word in label.names)) for label in pack.labels
    }
    fixed = {
        known.index(top): names.index(word.casefold())
        for top in known
        for word in words.get(top, (top,))
        if word.casefold() in names
    }
    count = len(judged)
    lessons = Lessons(
        names=names,
        vectors=np.zeros((count, 0), np.int16),
        classes=np.array([names.index(one.species.casefold()) for one in judged], np.int64),
        cameras=_numbers([one.station_id or b"" for one in judged]),
        bursts=_bursts(judged),
    )
    parts, _by_camera = folds(lessons)
    said = read_as(np.array([known.index(top) for top in tops], np.int64), lessons, parts, fixed=fixed)
    told = seen_elsewhere(lessons, parts) | np.isin(lessons.classes, list(fixed.values()))
    return (said == lessons.classes)[told].astype(np.float64), sure[told], told


def _by_species(
    every: Sequence[str], names: Sequence[str], right: NDArray[np.float64], bursts: NDArray[np.int64]
) -> tuple[Species, ...]:
    """How each species of `every` photo is named, by those whose names are `names`."""
    judged = np.array(names, dtype=object)
    return tuple(
        Species(
            name=name,
            photos=every.count(name),
            right=share_by_burst(right[judged == name], bursts[judged == name]),
        )
        for name in sorted(set(every))
    )


def _bursts(judged: Sequence[Confirmed]) -> NDArray[np.int64]:
    return _numbers([one.sequence_id or one.photo_id for one in judged])


def _numbers(keys: Sequence[bytes]) -> NDArray[np.int64]:
    places: Mapping[bytes, int] = {key: at for at, key in enumerate(sorted(set(keys)))}
    return np.array([places[key] for key in keys], np.int64)


def _light(workspace: Workspace, judged: Sequence[Confirmed], work: Work) -> NDArray[np.object_]:
    """day or infrared for each photo, from its small picture; empty where there is none."""
    step = max(1, math.ceil(len(judged) / LIGHT_AT_MOST))
    found = np.full(len(judged), "", dtype=object)
    for at in work.each(range(0, len(judged), step), len(judged)):
        try:
            small = thumbnail(workspace, judged[at].sha256)
        except KnownError:
            continue
        found[at] = light_of(small)
    return found


def light_of(small: bytes) -> str:
    """Whether a small picture has colours, or is grey as those taken by infrared are."""
    with Image.open(io.BytesIO(small), formats=("JPEG",)) as image:
        pixels = np.asarray(image.convert("RGB").resize((64, 48)), np.float64)
    apart = pixels.max(2) - pixels.min(2)
    return INFRARED if float(apart.mean()) < GREY_AT_MOST else DAY
