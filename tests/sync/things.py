"""What the four laptops write about: few records of few kinds, so that they get in one another's way."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from ranger_app.domain.assessments import Answer
from ranger_app.domain.fields import Record
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.patrols import PATROL_STEPS, Leg, Patrol, Waypoint
from ranger_app.domain.sites import Attachment

SITE = derived_id(1, "demo site of four laptops")


def record_id(which: tuple[str, int]) -> Id:
    """The same on every laptop."""
    return derived_id(1, *map(str, which))


def a_thing(which: tuple[str, int], values: dict[str, Any]) -> Record:
    cls = FIELDS[which[0]][0]
    given = {name: value for name, value in values.items() if value is not None}
    if cls is Attachment:
        given["file"] = hashlib.sha256(repr(values).encode()).digest()  # another one each time it is made
    return cls(id=record_id(which), site_id=SITE, **{**REQUIRED[which[0]], **given})


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "\u0301"]), max_size=4).map("\n".join)
LISTS = st.lists(st.sampled_from([{"given": "A"}, {"given": "B"}, "c", 1, 1.0, None]), max_size=3) | st.none()
PATROLS = st.integers(0, 2).map(lambda n: record_id(("patrol", n)))
FIELDS: dict[str, tuple[type[Record], dict[str, st.SearchStrategy[Any]]]] = {
    "patrol": (
        Patrol,
        {
            "armed": st.booleans(),
            "status": st.sampled_from([*PATROL_STEPS, "burnt"]),
            "starts_on": st.sampled_from([None, date(2026, 1, 1), date(2026, 1, 2)]),
        },
    ),
    "answer": (Answer, {"rating": st.sampled_from(["met", "partly"]), "narrative": TEXTS}),
    "leg": (Leg, {"members": LISTS, "patrol_id": PATROLS, "label": st.sampled_from(["", "a"])}),
    "attachment": (Attachment, {"caption": st.sampled_from(["", "a"])}),
    "waypoint": (
        Waypoint,
        {
            "comment": st.sampled_from(["", "demo", "also demo"]),
            "lon": st.sampled_from([None, 0.0, -0.0, 1.0, 131.5, float("nan")]),
            "patrol_id": st.none() | PATROLS,
            "at": st.sampled_from([None, datetime(1969, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)]),
        },
    ),
}
REQUIRED: dict[str, dict[str, Any]] = {
    "patrol": {"number": "DEM-1"},
    "answer": {"assessment_id": derived_id(1, "demo assessment"), "indicator": "1.1"},
    "leg": {"patrol_id": derived_id(1, "patrol", "0")},
    "attachment": {"owner_id": derived_id(1, "demo owner"), "owner_kind": "patrol", "file_name": "demo"},
    "waypoint": {},
}
WHICH = st.tuples(st.sampled_from(sorted(FIELDS)), st.integers(0, 2))


@st.composite
def some_fields(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Values for some fields of each kind."""
    return {
        kind: {name: draw(values) for name, values in sorted(fields.items()) if draw(st.booleans())}
        for kind, (_cls, fields) in FIELDS.items()
    }
