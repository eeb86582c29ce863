"""Who may do what to which kind of record: one table, asked by the window and again by every merge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum

from ranger_app.domain.fields import DELETED, INSERT
from ranger_app.domain.kinds import BY_NAME

RANGER, DATA_CLERK, MANAGER, ASSESSOR, ADMINISTRATOR = (
    "ranger",
    "data clerk",
    "manager",
    "assessor",
    "administrator",
)
OUTSIDE = frozenset({ASSESSOR})
"""Roles of people who are let in and are none of the park's own: sensitive values are not brought to their
laptops, and these hold no key of the park's."""
ROLES = (RANGER, DATA_CLERK, MANAGER, ASSESSOR, ADMINISTRATOR)


class Deed(Enum):
    """What an op does to its record. Bringing back what was removed is a removal, too."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


ADD, CHANGE, REMOVE = Deed.ADD, Deed.CHANGE, Deed.REMOVE
ALL = (ADD, CHANGE, REMOVE)

PATROLS = ("patrol", "leg", "leg_day", "track", "waypoint", "observation", "value", "attachment")
CAMERAS = (
    "camera_station",
    "deployment",
    "clock_correction",
    "sequence",
    "photo",
    "detection",
    "label",
    "model_pack",
)
AREA = ("area_species", "label_meaning")
"""They change what every laptop of the site shows of its photos."""
PLANS = ("patrol_plan",)
MODELS = ("data_model",)
ASSESSMENTS = ("assessment", "answer", "evidence", "evidence_link", "action")

TABLE: tuple[tuple[str, tuple[str, ...], tuple[Deed, ...]], ...] = (
    (RANGER, PATROLS + CAMERAS + PLANS, ALL),
    (RANGER, MODELS, (ADD,)),  # a patrol file from elsewhere brings its model
    (DATA_CLERK, PATROLS + CAMERAS + PLANS + MODELS, ALL),
    (DATA_CLERK, ("evidence", "evidence_link"), (ADD,)),
    (MANAGER, PATROLS + CAMERAS + PLANS + MODELS + ASSESSMENTS, ALL),
    (MANAGER, AREA, ALL),
    (MANAGER, ("site",), (CHANGE,)),
    (MANAGER, ("person",), ALL),
    (MANAGER, ("erasure",), (ADD,)),
    (ASSESSOR, ("evidence", "evidence_link", "action", "attachment"), (ADD,)),
)
"""Role, kinds, deeds. An administrator may do everything, and every device introduces itself."""

Rights = frozenset[tuple[int, Deed]]
"""Kind numbers with deeds; only these are allowed."""
NOTHING: Rights = frozenset()

_OF_EVERYBODY = frozenset({(BY_NAME["device"].number, ADD)})
_RIGHTS: Mapping[str, Rights] = {
    role: _OF_EVERYBODY
    | frozenset(
        (BY_NAME[kind].number, deed)
        for who, kinds, deeds in TABLE
        if who == role
        for kind in kinds
        for deed in deeds
    )
    for role in ROLES
}


def rights(role: str | None) -> Rights | None:
    """What a role may do, or None when it may do everything. A role that is not known may do nothing."""
    if role == ADMINISTRATOR:
        return None
    return _RIGHTS.get(role, NOTHING) if role is not None else NOTHING


def rights_within(asked: Collection[Collection[str]] | None) -> Rights | None:
    """What is allowed where one role of each set has to allow it; None when that is everything."""
    if asked is None:
        return NOTHING
    within: Rights | None = None
    for roles in asked:
        given = [rights(role) for role in roles]
        if None not in given:
            together = NOTHING.union(*(one for one in given if one is not None))
            within = together if within is None else within & together
    return within


def deed(field: int) -> Deed:
    """What an op on this field number does."""
    return ADD if field == INSERT else REMOVE if field == DELETED else CHANGE


def allowed(given: Rights | None, kind: int, field: int) -> bool:
    """Whether an op of this kind on this field is within the rights."""
    return given is None or (kind, deed(field)) in given


def fingerprint() -> str:
    """A text that moves when the table does: state that was made under another table is made anew."""
    return repr([(role, sorted((kind, act.value) for kind, act in _RIGHTS[role])) for role in ROLES])
