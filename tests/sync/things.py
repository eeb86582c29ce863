"""What the four laptops write about: few records of few kinds, so that they get in one another's way."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

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


_A, _B = {"given": "A"}, {"given": "B"}
_NEAR = ["a\nb\nc", "A\nb\nc", "a\nb\nC", "a\nB\nc", "a\nBB\nc", "a\nx\nb\nc", "a\ny\nb\nc", "a\nb\nc\nd"]
"""Texts that differ from the first in one place: what people do to one another's."""
TEXTS = (
    st.sampled_from(_NEAR)
    | st.sampled_from(_NEAR[:5])
    | st.lists(st.sampled_from(["a", "b", "c", "", "\u0301"]), max_size=4).map("\n".join)
)
LISTS = (
    st.sampled_from([[_A, _B], [_A], [_B], [_A, _B, "c"], []])
    | st.lists(st.sampled_from([_A, _B, "c", 1, 1.0, None]), max_size=3)
    | st.none()
)
PATROLS = st.sampled_from([0, 0, 0, 1, 2]).map(lambda n: record_id(("patrol", n)))
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
    "attachment": (Attachment, {"caption": st.sampled_from(["", "a", "b"])}),
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

MOST_OF_A_KIND = 3


class Focus(NamedTuple):
    """What one example is about: the fewer things, the more often people get in one another's way."""

    kinds: tuple[str, ...] = tuple(sorted(FIELDS))
    most: int = MOST_OF_A_KIND


_GROUPS = ("", "answer", "answer", "attachment", "leg", "patrol", "waypoint", "patrol leg", "patrol waypoint")
FOCUS = st.builds(
    lambda group, most: Focus(tuple(group.split()), most) if group else Focus(),
    st.sampled_from(_GROUPS),
    st.sampled_from([1, 1, 2]),
)


class Writing(NamedTuple):
    """A record, and what is to be written to it, each for itself."""

    which: tuple[str, int]
    values: tuple[dict[str, Any], ...]


VERBS = ("add", "change", "change", "change", "remove", "bring back", "work a while")


class Apart(NamedTuple):
    """What two do to one record without knowing of each other."""

    which: tuple[str, int]
    here: tuple[tuple[str, dict[str, Any]], ...]
    there: tuple[tuple[str, dict[str, Any]], ...]


class EditApart(NamedTuple):
    """One field that two change from the same value."""

    which: tuple[str, int]
    before: dict[str, Any]
    here: dict[str, Any]
    there: dict[str, Any]


def which(focus: Focus) -> st.SearchStrategy[tuple[str, int]]:
    return st.tuples(st.sampled_from(focus.kinds), st.integers(0, focus.most - 1))


@st.composite
def a_writing(draw: st.DrawFn, focus: Focus, times: int = 1) -> Writing:
    chosen = draw(which(focus))
    return Writing(chosen, tuple(draw(some_fields(chosen[0])) for _ in range(times)))


@st.composite
def an_apart(draw: st.DrawFn, focus: Focus) -> Apart:
    chosen = draw(which(focus))
    act = st.tuples(st.sampled_from(VERBS), some_fields(chosen[0]))
    acts = st.lists(act, min_size=1, max_size=2).map(tuple)
    return Apart(chosen, draw(acts), draw(acts))


@st.composite
def an_edit_apart(draw: st.DrawFn, focus: Focus) -> EditApart:
    chosen = draw(which(focus))
    name, values = draw(st.sampled_from(sorted(FIELDS[chosen[0]][1].items())))
    first = st.just(_NEAR[0]) | values if name == "narrative" else values
    before, here, there = ({name: draw(one)} for one in (first, values, values))
    return EditApart(chosen, before, here, there)


@st.composite
def some_fields(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Values for one or more fields of a kind."""
    fields = FIELDS[kind][1]
    wanted = draw(st.integers(1, (1 << len(fields)) - 1))
    return {
        name: draw(values) for n, (name, values) in enumerate(sorted(fields.items())) if wanted & (1 << n)
    }
