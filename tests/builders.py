"""Records that are valid as they are, and workspaces to put them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from ranger_app.domain.assessments import Answer
from ranger_app.domain.fields import FieldSpec, Form, Record
from ranger_app.domain.ids import Id, derived_id, new_id
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.patrols import Patrol, Waypoint
from ranger_app.domain.photos import Photo
from ranger_app.domain.sites import Site
from ranger_app.jobs import Work
from ranger_app.storage import Workspace

R = TypeVar("R", bound=Record)
NOON = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)

FILLED: dict[Form, Any] = {
    Form.TEXT: "Demo text",
    Form.INTEGER: 7,
    Form.REAL: 2.5,
    Form.FLAG: True,
    Form.BYTES: b"demo bytes",
    Form.ID: derived_id(1, "demo id"),
    Form.FILE: bytes(range(32)),
    Form.INSTANT: NOON,
    Form.LOCAL: datetime(2026, 5, 31, 12, 0),
    Form.DAY: date(2026, 5, 31),
    Form.WORDS: ("one", "two"),
    Form.DATA: {"demo": [1, 2.5, "three", None]},
}
"""A value for each form, none of them a default of any field."""


def a_site(name: str = "Demo park", **fields: Any) -> Site:
    made = new_id()
    return Site(id=made, site_id=made, name=name, **fields)


def a_patrol(site_id: Id, number: str = "DEM-1", **fields: Any) -> Patrol:
    return Patrol(site_id=site_id, number=number, **fields)


def a_waypoint(site_id: Id, **fields: Any) -> Waypoint:
    return replace(Waypoint(site_id=site_id, lon=131.25, lat=43.5, at=NOON), **fields)


def a_photo(site_id: Id, file: bytes = bytes(32), **fields: Any) -> Photo:
    return replace(Photo(site_id=site_id, file=file, file_name="IMG_0001.JPG"), **fields)


def an_answer(site_id: Id, indicator: str = "1.1.1", **fields: Any) -> Answer:
    """Its id is derived, so that two laptops that answer the same indicator mean one record."""
    assessment = derived_id(1, "demo assessment")
    made = Answer(
        id=derived_id(1, assessment, indicator),
        site_id=site_id,
        assessment_id=assessment,
        indicator=indicator,
    )
    return replace(made, **fields)


def a_record(cls: type[R], site_id: Id, **fields: Any) -> R:
    """A record of any kind with nothing but what it must have."""
    required = {f.name: FILLED[f.form] for f in BY_NUMBER[cls.KIND].fields if f.required}
    return cls(site_id=site_id, **{**required, **fields})


def a_full_record(cls: type[R], site_id: Id) -> R:
    """A record of any kind with every field filled."""
    return cls(site_id=site_id, **{f.name: filled(f) for f in BY_NUMBER[cls.KIND].fields})


def filled(field: FieldSpec) -> Any:
    """A value for a field, other than its default."""
    return field.steps[-1] if field.steps else FILLED[field.form]


def a_workspace(folder: Path, *, site: Site | None = None, passphrase: str | None = None) -> Workspace:
    """A new, open workspace of a demo site."""
    return Workspace.create(folder, site=site or a_site(), passphrase=passphrase)


def quiet() -> Work:
    """Work that nobody watches."""
    return Work()
