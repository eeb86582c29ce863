"""What a role may see of a record: each field whole, blurred to a grid, or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import islice
from typing import Any

from ranger_app.domain import roles
from ranger_app.domain.fields import FieldSpec, Form, Privacy

PEOPLE = frozenset(
    (
        "nameornames",
        "nationalidnumber",
        "phone",
        "phonenumber",
        "mobile",
        "name",
        "names",
        "fullname",
        "alias",
        "suspect",
        "suspectname",
        "suspectphone",
        "informant",
        "informantname",
        "complainant",
        "complainantname",
        "witness",
        "address",
        "homeaddress",
        "passportnumber",
        "idnumber",
        "licenseplate",
        "licenceplate",
        "vehicleregistration",
        "dateofbirth",
    )
)
"""Attributes about people as SMART's data models spell them, without underscores, digits at the end and
capitals. A site's own data model marks more of them (see `MARK`)."""
_NOISE = re.compile(r"[^a-z]|\d+$")
MARK = "sensitive"
"""In a data model: `"attributes": {key: {"sensitive": true, …}}` marks what nobody could tell by the key."""
MAX_MARKED = 10_000
Marked = frozenset[str]
"""Keys of attributes, in small letters."""
NONE_MARKED: Marked = frozenset()


def tells_of_people(attribute: str, marked: Marked = NONE_MARKED) -> bool:
    """Whether the value of this attribute tells who somebody is, as a suspect, an informant, a complainant,
    or is sensitive because the site's data model marks it."""
    return _NOISE.sub("", attribute.casefold()) in PEOPLE or attribute.casefold() in marked


def marked_in(untrusted: Any) -> Marked:
    """The attributes that the definition of a data model, of any origin, marks as sensitive."""
    found = untrusted.get("attributes") if isinstance(untrusted, dict) else None
    if not isinstance(found, dict):
        return NONE_MARKED
    marked = (k for k, one in found.items() if isinstance(one, dict) and one.get(MARK) is True)
    return frozenset(str(key).casefold() for key in islice(marked, MAX_MARKED))


class Unseen(StrEnum):
    """What stands where a value would, in a history, a difference or a document for scripts."""

    WITHHELD = "withheld"
    """It did not come to this laptop."""
    ERASED = "erased"
    """It was dropped for good."""
    HIDDEN = "hidden"
    """It is here and not for this role."""


class Sight(Enum):
    """How much of a field somebody gets to see."""

    WHOLE = "whole"
    BLURRED = "blurred"
    """The middle of the cell of a stated grid that it lies in."""
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Eyes:
    """What somebody may see, in the order of how delicate it is."""

    name: str
    suspects: Sight = Sight.WHOLE
    """Attributes that tell of suspects, informants and complainants, and raw foreign values."""
    people: Sight = Sight.WHOLE
    """Names of the staff, and free words that may name anybody."""
    routes: Sight = Sight.WHOLE
    listed: Sight = Sight.WHOLE
    """Where listed species are."""
    places: Sight = Sight.WHOLE
    """Where anything else is."""

    @property
    def see_all(self) -> bool:
        """Whether nothing is kept from them."""
        return all(
            sight is Sight.WHOLE
            for sight in (self.suspects, self.people, self.routes, self.listed, self.places)
        )

    def of(
        self, field: FieldSpec, *, attribute: str = "", listed: bool = False, marked: Marked = NONE_MARKED
    ) -> Sight:
        """What may be seen of a field. `attribute` is that of the record, where it has one, `marked` those
        that the data model marks; `listed` says whether it is about a listed species. Of a position only
        numbers can be blurred."""
        match field.privacy:
            case Privacy.OPEN:
                return Sight.WHOLE
            case Privacy.PERSON:
                return self.people
            case Privacy.PRIVATE | Privacy.FIGURE:
                return self.suspects
            case Privacy.ATTRIBUTE:
                return self.suspects if tells_of_people(attribute, marked) else Sight.WHOLE
            case Privacy.ROUTE:
                return self.routes
            case Privacy.POSITION:
                sight = self.listed if listed else self.places
                exact = field.form is not Form.REAL or field.name not in COORDINATES
                return Sight.HIDDEN if sight is Sight.BLURRED and exact else sight

    def narrowed(self, other: Eyes) -> Eyes:
        """What both may see."""
        return Eyes(
            self.name if other == ALL else other.name,
            *(max(one, two, key=_ORDER.index) for one, two in self._beside(other)),
        )

    def widened(self, other: Eyes) -> Eyes:
        """What either may see."""
        return Eyes(other.name, *(min(one, two, key=_ORDER.index) for one, two in self._beside(other)))

    def _beside(self, other: Eyes) -> list[tuple[Sight, Sight]]:
        names = ("suspects", "people", "routes", "listed", "places")
        return [(getattr(self, name), getattr(other, name)) for name in names]


COORDINATES = ("lon", "lat")
_ORDER = (Sight.WHOLE, Sight.BLURRED, Sight.HIDDEN)
_W, _B, _H = _ORDER

ALL = Eyes("everything")
_BY_ROLE: Mapping[str, Eyes] = {
    roles.ADMINISTRATOR: Eyes(roles.ADMINISTRATOR),
    roles.MANAGER: Eyes(roles.MANAGER),
    roles.DATA_CLERK: Eyes(roles.DATA_CLERK, suspects=_W, people=_W, routes=_W, listed=_B, places=_W),
    roles.RANGER: Eyes(roles.RANGER, suspects=_H, people=_W, routes=_W, listed=_B, places=_W),
    roles.ASSESSOR: Eyes(roles.ASSESSOR, suspects=_H, people=_H, routes=_H, listed=_B, places=_B),
}
SAFE = Eyes("safe", suspects=_H, people=_H, routes=_W, listed=_B, places=_W)
"""What leaves in a file unless somebody who may says otherwise."""
NOBODY = Eyes("nobody", suspects=_H, people=_H, routes=_H, listed=_H, places=_B)


def eyes_within(asked: Sequence[Collection[str]] | None) -> Eyes:
    """What is seen by whoever has to be within several roles at once, as of a laptop and of a person on it;
    of the roles of one person the one that sees most counts. None sees what nobody minds."""
    if asked is None:
        return NOBODY
    seen = ALL
    for some in asked:
        widest = NOBODY
        for role in sorted(some):
            widest = widest.widened(eyes_of(role))
        seen = seen.narrowed(widest)
    return seen


def eyes_of(role: str | None) -> Eyes:
    """What a role may see; one that is not known sees what nobody minds."""
    return _BY_ROLE.get(role or "", NOBODY)


# -- blurring


DEFAULT_GRID_DEG = 0.01
"""For what is not of a listed species and has to be blurred all the same."""
LISTED_GRID_DEG = 0.1
GRIDS_DEG = (0.001, 0.01, 0.1, 1.0)
"""Chapman (2020), Current best practices for generalizing sensitive species occurrence data, table 4."""
_DEGREE_M = 111_319.49
"""Of the equator of WGS 84; the longest that a degree can be, so that an uncertainty is never too small."""


def cell_middle(degrees: float, grid_deg: float) -> float:
    """The middle of the cell that a coordinate lies in, always the same for the same cell."""
    cells = round(1 / grid_deg)
    return round((math.floor(degrees * cells + 1e-9) + 0.5) / cells, 6)


def blurred(lon: float, lat: float, grid_deg: float) -> tuple[float, float]:
    """Longitude and latitude of the middle of the cell."""
    return cell_middle(lon, grid_deg), min(max(cell_middle(lat, grid_deg), -90.0), 90.0)


def uncertainty_m(lat: float, grid_deg: float) -> int:
    """Darwin Core's coordinateUncertaintyInMeters: the radius around the middle that holds the whole cell."""
    half_m = grid_deg / 2 * _DEGREE_M
    nearest = max(abs(lat) - grid_deg / 2, 0.0)
    return math.ceil(math.hypot(half_m, half_m * math.cos(math.radians(nearest))))


WITHHELD_TEXT = "Exact place and time of day; ask the site."
"""Darwin Core's informationWithheld."""


def generalised(grid_deg: float) -> str:
    """Darwin Core's dataGeneralizations, in English as files for others are."""
    return f"Coordinates are the middle of a cell of a {grid_deg:g} degree grid."
