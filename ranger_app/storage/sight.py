"""What somebody gets to see of records that are read: blurred and hidden here, for screens and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ranger_app.domain.fields import FieldSpec, Form, KindSpec, Privacy, Record
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.patrols import Waypoint
from ranger_app.domain.photos import CameraStation, Photo
from ranger_app.domain.seeing import (
    ALL,
    DEFAULT_GRID_DEG,
    NOBODY,
    NONE_MARKED,
    Eyes,
    Marked,
    Sight,
    Unseen,
    cell_middle,
    eyes_within,
)
from ranger_app.domain.species_list import ListedSpecies, read_list
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.changes.judging import standing
from ranger_app.storage.marking import marked_attributes
from ranger_app.storage.meta import HOME, read_note
from ranger_app.storage.rows import reader_of

R = TypeVar("R", bound=Record)
Grids = Mapping[bytes, float]
"""By id, the grid in degrees that the place of a record is blurred to."""

GUARDED: dict[int, tuple[FieldSpec, ...]] = {
    number: tuple(f for f in kind.fields if f.privacy is not Privacy.OPEN)
    for number, kind in BY_NUMBER.items()
}
_ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class ListedPlaces:
    """The records whose place is that of a listed species."""

    waypoints: Grids = field(default_factory=dict)
    photos: Grids = field(default_factory=dict)
    stations: Grids = field(default_factory=dict)

    def of(self, kind: int) -> Grids:
        return {
            Waypoint.KIND: self.waypoints,
            Photo.KIND: self.photos,
            CameraStation.KIND: self.stations,
        }.get(kind, {})


def listed_places(database: Any) -> ListedPlaces:
    """Look through everything that names a species. `database` is a bare connection."""
    listed = ListedSpecies({})
    for (text,) in database.execute("select listed_species from site where listed_species is not null"):
        read = reader_of(BY_NUMBER[1].by_name["listed_species"])
        listed = ListedSpecies({**listed.names, **read_list(read(text) if read else text).names})
    if not listed:
        return ListedPlaces()
    waypoints = _listed_waypoints(database, listed)
    photos = _listed_photos(database, listed)
    stations: dict[bytes, float] = {}
    at_stations: dict[bytes, float] = {}
    for id_, station in database.execute("select id, station_id from photo where station_id is not null"):
        if id_ in photos:
            stations[station] = max(photos[id_], stations.get(station, 0.0))
    if stations:
        for id_, station in database.execute("select id, station_id from photo where station_id is not null"):
            if station in stations:
                at_stations[id_] = stations[station]
    return ListedPlaces(waypoints, {**photos, **at_stations}, stations)


def _listed_waypoints(database: Any, listed: ListedSpecies) -> dict[bytes, float]:
    found: dict[bytes, float] = {}

    def note(rows: Iterable[Sequence[Any]]) -> None:
        for id_, *said in rows:
            grid = listed.grid_deg(*said)
            if grid is not None:
                found[id_] = max(grid, found.get(id_, 0.0))

    named = _naming(database, listed, "select distinct category from observation")
    for category, grid in named.items():
        for (id_,) in database.execute("select waypoint_id from observation where category = ?", (category,)):
            found[id_] = max(grid, found.get(id_, 0.0))
    note(database.execute("select waypoint_id, comment from observation where comment != ''"))
    note(
        database.execute(
            "select id, name, comment, symbol from waypoint where name != '' or comment != '' or symbol != ''"
        )
    )
    for column in ("items", "text"):
        named = _naming(database, listed, f"select distinct {column} from value where {column} is not null")
        for said, grid in named.items():
            for (id_,) in database.execute(
                "select o.waypoint_id from value v join observation o on o.id = v.observation_id "
                f"where v.{column} = ?",
                (said,),
            ):
                found[id_] = max(grid, found.get(id_, 0.0))
    return found


def _listed_photos(database: Any, listed: ListedSpecies) -> dict[bytes, float]:
    found: dict[bytes, float] = {}
    for name, scientific in database.execute("select distinct name, scientific_name from label").fetchall():
        grid = listed.grid_deg(name, scientific)
        if grid is None:
            continue
        for (id_,) in database.execute(
            "select photo_id from label where name = ? and scientific_name = ?", (name, scientific)
        ):
            found[id_] = max(grid, found.get(id_, 0.0))
    looks = " or ".join("groups like ?" for _ in listed.patterns)
    likes = [f"%{pattern}%" for pattern in listed.patterns]
    for id_, groups in database.execute(f"select photo_id, groups from detection where {looks}", likes):
        grid = listed.grid_deg(groups)
        if grid is not None:
            found[id_] = max(grid, found.get(id_, 0.0))
    return found


def _naming(database: Any, listed: ListedSpecies, question: str) -> dict[str, float]:
    found = {}
    for (said,) in database.execute(question).fetchall():
        grid = listed.grid_deg(said)
        if grid is not None:
            found[said] = grid
    return found


def eyes_here(database: Any, replica: bytes, author: bytes, book: FeedBook | None = None) -> Eyes:
    """What may be seen on a laptop by whoever is signed in there; `book` where the feeds are read already."""
    home = read_note(database, HOME)
    if home is None:
        return ALL
    feed = (book or FeedBook(database)).find_in(home, replica)
    found = standing(database, feed, home, replica, author)
    if found.given is None and found.asked is None:
        return ALL  # nobody has said yet who belongs to this site
    return NOBODY if found.nobody else eyes_within(found.asked)


class Beholder:
    """Gives out eyes; remembers where listed species are until something changes, for to find those places
    everything is looked through."""

    def __init__(self) -> None:
        self._places: ListedPlaces | None = None

    def forget(self) -> None:
        """Something has changed."""
        self._places = None

    def looker(
        self,
        database: Any,
        replica: bytes,
        author: bytes,
        eyes: Eyes | None,
        book: FeedBook | None = None,
    ) -> Looker | None:
        """The eyes of whoever is signed in, narrowed to `eyes`; None when they see everything."""
        seen = eyes_here(database, replica, author, book)
        seen = seen if eyes is None else seen.narrowed(eyes)
        if seen.see_all:
            return None
        return Looker(seen, lambda: self._places_in(database), marked=marked_attributes(database))

    def _places_in(self, database: Any) -> ListedPlaces:
        found = self._places or listed_places(database)
        self._places = found
        return found


class Looker:
    """One pair of eyes on one view of the records."""

    def __init__(
        self, eyes: Eyes, places: Callable[[], ListedPlaces], *, marked: Marked = NONE_MARKED
    ) -> None:
        self.eyes = eyes
        self._marked = marked
        self._find_places = places
        self._places: ListedPlaces | None = None

    @property
    def sees_suspects(self) -> bool:
        """Whether attributes that tell of people are shown."""
        return self.eyes.suspects is Sight.WHOLE

    @property
    def sees_listed(self) -> bool:
        """Whether it is shown exactly where listed species are."""
        return self.eyes.listed is Sight.WHOLE

    def seen(self, record: R) -> R:
        """The record as these eyes see it."""
        guarded = GUARDED[record.KIND]
        if not guarded:
            return record
        attribute = getattr(record, _ATTRIBUTE, "")
        changes = {}
        for spec in guarded:
            value = getattr(record, spec.name)
            told = self.value(spec, value, kind=record.KIND, id_=record.id, attribute=attribute)
            if told is not value:
                changes[spec.name] = told
        return replace(record, **changes) if changes else record

    def value(self, spec: FieldSpec, value: Any, *, kind: int, id_: bytes, attribute: str = "") -> Any:
        """One value as these eyes see it: itself, the middle of a cell, or what stands for nothing."""
        if value is None or value == spec.default:
            return value
        grid = self._grid(kind, id_) if spec.privacy is Privacy.POSITION else None
        match self.eyes.of(spec, attribute=attribute, listed=grid is not None, marked=self._marked):
            case Sight.WHOLE:
                return value
            case Sight.BLURRED:
                return cell_middle(value, grid or DEFAULT_GRID_DEG)
            case Sight.HIDDEN:
                return without_private_columns(value) if spec.privacy is Privacy.FIGURE else nothing(spec)

    def told(self, spec: FieldSpec, value: Any, *, kind: int, id_: bytes, attribute: str = "") -> Any:
        """The same for a history or a difference, which says of what is not shown that it is hidden."""
        shown = self.value(spec, value, kind=kind, id_=id_, attribute=attribute)
        hidden = shown is not value and (spec.privacy is not Privacy.POSITION or shown is None)
        return Unseen.HIDDEN if hidden else shown

    def standing(self, database: Any, kind: KindSpec, spec: FieldSpec, row: bytes, value: Any) -> Any:
        """One of several values of a field, or one that does not count: itself, or that it is hidden. What is
        blurred is hidden as well, for whoever chooses it writes it."""
        attribute = ""
        if spec.privacy is Privacy.ATTRIBUTE:
            found = database.execute(f'select attribute from "{kind.name}" where id = ?', (row,)).fetchone()
            attribute = str(found[0]) if found else "name"
        shown = self.value(spec, value, kind=kind.number, id_=row, attribute=attribute)
        return value if shown is value else Unseen.HIDDEN

    def needs(self, kind: KindSpec, names: Iterable[str]) -> tuple[str, ...]:
        """What has to be read besides these fields to know what may be seen of them."""
        specs = [kind.by_name[name] for name in names if name in kind.by_name]
        more = []
        if any(s.privacy is not Privacy.OPEN for s in specs):
            more.append("id")
            if _ATTRIBUTE in kind.by_name:
                more.append(_ATTRIBUTE)
        return tuple(more)

    def may_ask(self, kind: KindSpec, name: str, relation: str = "=") -> bool:
        """Whether records may be found by a field: not by what is not shown whole, or one could ask until one
        knows; whether there is a place at all is no secret."""
        spec = kind.by_name.get(name)
        if spec is None:
            return True
        sight = self.eyes.of(spec, attribute="name", listed=True)
        return sight is Sight.WHOLE or (sight is Sight.BLURRED and relation in ("missing", "present"))

    def _grid(self, kind: int, id_: bytes) -> float | None:
        if self._places is None:
            self._places = self._find_places()
        return self._places.of(kind).get(id_)

    def grid_deg(self, kind: int, id_: bytes) -> float | None:
        """The grid that the place of a record is shown on; None when it is shown as it is."""
        grid = self._grid(kind, id_)
        sight = self.eyes.listed if grid is not None else self.eyes.places
        return None if sight is Sight.WHOLE else (grid or DEFAULT_GRID_DEG)


def nothing(spec: FieldSpec) -> Any:
    """What a record holds in the place of a value that is hidden."""
    if not spec.required:
        return spec.default
    return "" if spec.form is Form.TEXT else b"" if spec.form is Form.BYTES else None


def without_private_columns(figure: Any) -> Any:
    """A frozen figure without the columns, and the parts of its query, that tell who or where."""
    if not isinstance(figure, dict) or not isinstance(figure.get("privacy"), dict):
        return figure
    private = set(figure["privacy"])
    columns = figure.get("columns")
    if not private or not isinstance(columns, list):
        return figure
    kept = [at for at, name in enumerate(columns) if name not in private]
    rows = [
        [row[at] for at in kept if at < len(row)] for row in figure.get("rows", ()) if isinstance(row, list)
    ]
    query = {name: value for name, value in (figure.get("query") or {}).items() if name not in private}
    return {**figure, "columns": [columns[at] for at in kept], "rows": rows, "query": query}
