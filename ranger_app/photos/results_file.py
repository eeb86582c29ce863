"""Takes in model results that were computed elsewhere, and gives results out for other programs.

What comes in is matched with photos by hash or path, never written over what is there, and never a person's
word; what could not be understood or found is listed.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import BadInput, DiskTrouble, NotFound
from ranger_app.domain.found import Doubt
from ranger_app.domain.found_looks import KINDS, Doubts, FoundLook, FoundModel, Groups, Row
from ranger_app.domain.ids import Id
from ranger_app.domain.photos import CameraStation, Detection, Photo
from ranger_app.formats import megadetector, results_table, speciesnet
from ranger_app.i18n import _
from ranger_app.inference.taxonomy import Taxon
from ranger_app.jobs import Work
from ranger_app.photos.area.area_book import AreaBook
from ranger_app.photos.area.rules import taxon_named
from ranger_app.photos.matching import PhotoFinder
from ranger_app.photos.runs.classify import detection_id
from ranger_app.photos.runs.packs import ELSEWHERE
from ranger_app.photos.views import PackUsed, packs_with_results
from ranger_app.storage import Workspace
from ranger_app.storage.query import Condition, equal

HEAD_BYTES = 1 << 16
BATCH_RESULTS = 500
EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsRead:
    """How taking in a file of results went."""

    done: int
    """Photos that have a result of this model now and had none."""
    already: int
    images: int
    """Images in the file."""
    pack_id: str
    pack_version: str
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsWritten:
    """How giving results out went."""

    path: Path
    images: int
    left_out: tuple[str, ...]


class ResultsFiles:
    """Results of models as files of other programs, over one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        area: AreaBook,
        shown: Callable[[], PackUsed | None],
        display_of: Callable[[str, str], float],
    ) -> None:
        """shown: whose results are shown; display_of: from which score, by id and version of a pack."""
        self._workspace = workspace
        self._area = area
        self._shown = shown
        self._display_of = display_of

    # ---- in

    def read(self, path: Path, *, dry_run: bool = False, work: Work | None = None) -> ResultsRead:
        """Take in a file of MegaDetector's or SpeciesNet's results; the same file again changes nothing.

        Raises `BadInput` or `NotFound` when it cannot be read; what was taken in until then is kept.
        """
        work, doubts = work or Work(), Doubts()
        try:
            model, looks = _opened(path, doubts, work)
            version = model_version(model)
            with self._workspace.reading() as data:
                stations = dict(data.columns(CameraStation, ("id", "name")))
                rows = data.columns(Photo, ("id", "file", "folder", "file_name", "station_id"))
                finder = PhotoFinder((*row[:4], stations.get(row[4], "")) for row in rows)
                known = equal("pack_id", model.id), equal("pack_version", version)
                there = set(data.column(Detection, "photo_id", *known))
            before = len(there)
            images = Counter[str]()
            batch: list[Detection] = []
            for look in looks:
                images["all"] += 1
                for id_ in self._matched(look, finder, doubts):
                    if id_ in there:
                        images["already"] += 1
                        continue
                    there.add(id_)
                    batch.append(self._record(look, id_, model.id, version))
                if len(batch) >= BATCH_RESULTS:
                    self._keep(batch, dry_run)
            self._keep(batch, dry_run)
        except FileNotFoundError as error:
            raise NotFound(_("“{name}” is not there.").format(name=path.name)) from error
        except OSError as error:
            text = _("“{name}” cannot be read: {reason}.")
            raise BadInput(text.format(name=path.name, reason=error.strerror or error)) from error
        return ResultsRead(
            done=len(there) - before,
            already=images["already"],
            images=images["all"],
            pack_id=model.id,
            pack_version=version,
            doubts=doubts.all(),
        )

    def _matched(self, look: FoundLook, finder: PhotoFinder, doubts: Doubts) -> tuple[Id, ...]:
        match = finder.find(look.file, look.sha256)
        if match.ambiguous:
            doubts.add("ambiguous", _("Several photos fit the path, and none was taken"), look.file)
        elif not match.ids:
            doubts.add("no-photo", _("There is no photo for an image of the file"), look.file)
        return match.ids

    def _record(self, look: FoundLook, photo_id: Id, pack_id: str, version: str) -> Detection:
        animal, person, vehicle = (round(look.score(kind), 5) for kind in KINDS)
        rest: Groups = (
            ("animal", animal),
            ("person", person),
            ("vehicle", vehicle),
            (EMPTY, 1 - max(animal, person, vehicle)),
        )
        groups = look.groups or tuple(sorted(rest, key=lambda one: -one[1]))
        return Detection(
            id=detection_id(photo_id, pack_id, version),
            site_id=self._workspace.site_id,
            photo_id=photo_id,
            pack_id=pack_id,
            pack_version=version,
            animal=animal,
            person=person,
            vehicle=vehicle,
            boxes=[[*(round(side, 5) for side in row[:4]), row[4], round(row[5], 5)] for row in look.boxes],
            groups=_rows(groups),
            failure=look.failure,
            thresholds_version="elsewhere",
            crops=[[at, _rows(named)] for at, named in look.crops] or None,
        )

    def _keep(self, batch: list[Detection], dry_run: bool) -> None:
        if batch and not dry_run:
            with self._workspace.unit("results from elsewhere") as unit:
                unit.add_many(batch)
        batch.clear()

    # ---- out

    def write(
        self,
        path: Path,
        *,
        pack: str = "",
        station_id: Id | None = None,
        as_shown: bool = False,
        work: Work | None = None,
    ) -> ResultsWritten:
        """Write results as MegaDetector JSON; the file takes its place only when it is whole.

        pack: id or id@version; the one that is shown if left out. as_shown: with the names that the rules of
        the area make of the model's. Raises `NotFound` when there are no results of it, and `DiskTrouble`.
        """
        pack_id, pack_version = self._key(pack)
        display = self._display_of(pack_id, pack_version)
        left_out: Counter[str] = Counter()
        aside = path.with_name(f".{path.stem}.part{path.suffix}")
        model = FoundModel(
            detector=f"{pack_id} {pack_version}",
            completed=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            more={"written_by": "Ranger"},
        )
        told: dict[str, str] = {}
        try:
            looks = self._looks(pack_id, pack_version, _at(station_id), as_shown, left_out, told)
            images = megadetector.write(
                looks, aside, model=model, descriptions=told, display=display, work=work or Work()
            )
            with aside.open("rb") as whole:
                os.fsync(whole.fileno())
            aside.replace(path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            text = _("The results could not be written to {path}: {reason}.")
            raise DiskTrouble(
                text.format(path=path, reason=error.strerror or error),
                _("Check that the folder is there and has room."),
            ) from error
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        words = {
            "unseen": _("{count} photos that the model has not looked at"),
            "clips": _("{count} clips, because it is not kept how fast their frames follow one another"),
        }
        lines = tuple(words[why].format(count=count) for why, count in left_out.items())
        return ResultsWritten(path=path, images=images, left_out=lines)

    def _key(self, pack: str) -> tuple[str, str]:
        used = self._shown()
        if not pack and used is not None:
            return used.id, used.version
        with self._workspace.reading() as data:
            kept = sorted(packs_with_results(data))
        fits = [key for key in kept if pack in (key[0], "@".join(key))]
        if not fits:
            raise NotFound(_("No results are kept of this model pack."), _("Run it first, or read results."))
        return fits[-1]

    def _looks(
        self,
        pack_id: str,
        pack_version: str,
        where: tuple[Condition, ...],
        as_shown: bool,
        left_out: Counter[str],
        told: dict[str, str],
    ) -> Iterator[FoundLook]:
        with self._workspace.reading() as data:
            known = equal("pack_id", pack_id), equal("pack_version", pack_version)
            said = {one.photo_id: one for one in data.each(Detection, *known)}
            fields = ("id", "file", "folder", "file_name", "media_type", "station_id")
            photos = data.columns(Photo, fields, *where, order=("folder", "file_name", "id"))
            stations = dict(data.columns(CameraStation, ("id", "name")))
        names = _paths(photos, stations)
        for id_, sha256, _folder, _name, media_type, _station in photos:
            if id_ not in said:
                left_out["unseen"] += 1
            elif media_type.startswith("video"):
                left_out["clips"] += 1
            else:
                yield self._given(said[id_], names[id_], sha256.hex(), as_shown, told)

    def _given(
        self, said: Detection, file: str, sha256: str, as_shown: bool, told: dict[str, str]
    ) -> FoundLook:
        pack = said.pack_id, said.pack_version
        boxes = tuple(_row(row) for row in said.boxes or ())
        crops = tuple((int(at), self._groups(groups, pack, told)) for at, groups in said.crops or ())
        groups = self._groups(said.groups or (), pack, told)
        if not crops and boxes:
            best = next((at for at, row in enumerate(boxes) if row[4] == "animal"), 0)
            crops = ((best, groups),)
        if as_shown and crops and (made := self._area.ruled(said)) is not None:
            crops = ((crops[0][0], ((made.name, made.score),)), *crops[1:])
        return FoundLook(file=file, sha256=sha256, boxes=boxes, crops=crops, failure=said.failure)

    def _groups(self, groups: Iterable[list[object]], pack: tuple[str, str], told: dict[str, str]) -> Groups:
        """The groups under the names that people read, not the ids of labels; in `told` where they stand in
        the tree of life."""
        taxonomy = self._area.rules_of(*pack).taxonomy
        named: dict[str, float] = {}
        for name, score in islice(groups, 100):
            if name in (*KINDS, EMPTY):
                continue  # a detector alone tells only kinds, which the boxes say
            taxon = taxon_named(str(name), taxonomy)
            if any(taxon.lineage):
                told.setdefault(taxon.name, described(taxon))
            named[taxon.name] = named.get(taxon.name, 0.0) + float(str(score))
        return tuple((name, min(score, 1.0)) for name, score in named.items())


def described(taxon: Taxon) -> str:
    """A taxon in SpeciesNet's seven parts."""
    return taxon.id if taxon.id.count(";") == 6 else ";".join((taxon.id, *taxon.lineage, taxon.name))


def _rows(groups: Groups) -> list[list[object]]:
    return [[name, round(score, 5)] for name, score in groups]


def _row(row: Sequence[Any]) -> Row:
    x, y, w, h, kind, score = row[:6]
    return float(x), float(y), float(w), float(h), str(kind), float(score)


def model_version(model: FoundModel) -> str:
    """The version that stands for a model of another program: the same for each of its files."""
    said = "\0".join((model.detector, model.classifier))
    return f"{ELSEWHERE}{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def _opened(path: Path, doubts: Doubts, work: Work) -> tuple[FoundModel, Iterator[FoundLook]]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if speciesnet.is_one(head):
        return speciesnet.read_model(path, work=work), speciesnet.read(path, doubts=doubts, work=work)
    if results_table.is_one(head):
        return results_table.read_model(path), results_table.read(path, doubts=doubts, work=work)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise BadInput(
            _("“{name}” is no file of results that Ranger reads.").format(name=path.name),
            _("Ranger reads the JSON of MegaDetector and SpeciesNet, and the tables of DeepFaune and Mbaza."),
        )
    found = megadetector.read_head(path, doubts=doubts, work=work)
    return found.model, megadetector.read(path, found, doubts=doubts, work=work)


def _paths(
    photos: Iterable[tuple[Id, bytes, str, str, str, Id | None]], stations: Mapping[Id, str]
) -> dict[Id, str]:
    """A path for each photo, each once: with the station before it where two would have the same."""
    plain = {row[0]: f"{row[2]}/{row[3]}".lstrip("/") for row in photos}
    counts = Counter(path.casefold() for path in plain.values())
    made: dict[Id, str] = {}
    met: Counter[str] = Counter()
    for id_, _file, _folder, _name, _type, station_id in photos:
        path = plain[id_]
        if counts[path.casefold()] > 1 and station_id is not None and station_id in stations:
            path = f"{stations[station_id].replace('/', '-')}/{path}"
        met[path.casefold()] += 1
        if met[path.casefold()] > 1:
            path = f"{met[path.casefold()]}/{path}"
        made[id_] = path
    return made


def _at(station_id: Id | None) -> tuple[Condition, ...]:
    return (equal("station_id", station_id),) if station_id else ()
