"""Under which name each photo stands: what people called it, else what the area's rules make of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Lock
from typing import NamedTuple

from ranger_app.domain.ids import Id
from ranger_app.domain.photos import Detection, Photo
from ranger_app.photos.area.area_book import KINDS, AreaBook, best_box
from ranger_app.photos.review import Latest
from ranger_app.photos.views import KINDS as SHOWN
from ranger_app.photos.views import PackUsed, Scores, all_latest
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.query import Condition, equal, one_of
from ranger_app.storage.reading import MAX_ONE_OF, Reading

ANIMAL = "animal"


class Name(NamedTuple):
    """What the rules make of a model's word, in two tongues."""

    name: str
    scientific: str

    def fits(self, wanted: str) -> bool:
        """Whether it is that name (in small letters), by either of the two."""
        return wanted in (self.name.casefold(), self.scientific.casefold())


class Named(NamedTuple):
    """A name, and on how many photos it stands."""

    name: str
    photos: int


class Called:
    """The names that the rules make of one pack's results; worked out once, and again for what changed."""

    def __init__(self, workspace: Workspace, area: AreaBook) -> None:
        self._workspace = workspace
        self._area = area
        self._lock = Lock()
        self._pack: PackUsed | None = None
        self._known: dict[Id, tuple[Id, Name]] = {}
        """By result: the photo and its name."""
        self._changed: SimpleQueue[tuple[Id, ...]] = SimpleQueue()
        """Results that are to be read again."""
        workspace.watch(self._forget, first=True)

    def names(self, pack: PackUsed | None) -> Mapping[Id, Name]:
        """The names by photo, of those that show an animal which the pack names and is sure enough of."""
        if pack is None:
            return {}
        with self._lock:
            again = self._again()
            with self._workspace.reading() as data:
                if pack != self._pack:
                    self._pack = pack  # before it is read: what changes meanwhile forgets it again
                    self._known = dict(self._read(data, pack))
                for id_ in again:
                    self._known.pop(id_, None)
                for some in _in_parts(again):
                    self._known |= dict(self._read(data, pack, one_of("id", some)))
            return dict(self._known.values())

    def names_of(self, photos: Sequence[Id], pack: PackUsed | None) -> Mapping[Id, Name]:
        """The same of these photos alone."""
        if pack is None:
            return {}
        with self._workspace.reading() as data:
            return dict(
                found
                for some in _in_parts(photos)
                for _id, found in self._read(data, pack, one_of("photo_id", some))
            )

    def by(self, name: str, pack: PackUsed | None) -> Callable[[Id, Latest | None], bool]:
        """Whether a photo, of which people said that, stands under the name; whatever the case."""
        wanted = " ".join(name.split()).casefold()
        names = self.names(pack) if wanted else {}
        return lambda id_, said: is_called(wanted, said, names.get(id_))

    def counted(self, pack: PackUsed | None) -> list[Named]:
        """Every name with its photos, the most frequent first; those that differ in capitals only are one."""
        names = self.names(pack)
        with self._workspace.reading() as data:
            spoken = all_latest(data)
            here = set(data.column(Photo, "id"))
        found: dict[str, Named] = {}
        for id_ in here & (names.keys() | spoken.keys()):
            if name := name_of(spoken.get(id_), names.get(id_)):
                one = found.get(name.casefold(), Named(name, 0))
                found[name.casefold()] = Named(min(one.name, name), one.photos + 1)
        return sorted(found.values(), key=lambda one: (-one.photos, one.name.casefold()))

    def _again(self) -> list[Id]:
        found: dict[Id, None] = {}
        while True:
            try:
                found |= dict.fromkeys(self._changed.get_nowait())
            except Empty:
                return list(found)

    def _read(
        self, data: Reading, pack: PackUsed, *conditions: Condition
    ) -> Iterator[tuple[Id, tuple[Id, Name]]]:
        where = equal("pack_id", pack.id), equal("pack_version", pack.version), equal("failure", "")
        columns = ("id", "photo_id", *SHOWN, "groups", "boxes")
        rule = self._area.ruler_of(pack.id, pack.version)
        for id_, photo_id, animal, person, vehicle, groups, boxes in data.columns(
            Detection, columns, *where, *conditions
        ):
            if not groups or Scores(animal, person, vehicle).shows(pack.display) != ANIMAL:
                continue
            kind, score = best_box(boxes)
            made = rule([(str(name), float(points)) for name, points in groups], kind=kind, box=score)
            if made is not None and made.score >= pack.answer_from:
                yield id_, (photo_id, Name(made.name, made.scientific))

    def _forget(self, touched: Touched) -> None:
        kinds = touched.kinds
        if KINDS & set(kinds):
            self._pack = None
        elif "detection" in kinds:
            if kinds["detection"]:
                self._changed.put(tuple(kinds["detection"]))
            else:
                self._pack = None


def name_of(said: Latest | None, made: Name | None) -> str:
    """The name under which a photo stands: people's, else that of the rules unless people saw no animal."""
    if said is not None and (said.name or said.type != ANIMAL):
        return said.name
    return made.name if made else ""


def is_called(wanted: str, said: Latest | None, made: Name | None) -> bool:
    """Whether a photo stands under that name, which is in small letters; the scientific one fits too."""
    if said is not None and (said.name or said.type != ANIMAL):
        return said.name.casefold() == wanted
    return made is not None and made.fits(wanted)


def _in_parts(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    for start in range(0, len(ids), MAX_ONE_OF):
        yield ids[start : start + MAX_ONE_OF]
