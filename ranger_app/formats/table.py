"""Writes what was seen as a table with a row a value: CSV (RFC 4180) in UTF-8, marked for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ranger_app.domain.found import Found, FoundValue, FoundWaypoint, Written
from ranger_app.domain.seeing import generalised, uncertainty_m
from ranger_app.i18n import ngettext
from ranger_app.jobs import Work

COLUMNS = (
    "patrol", "team", "type", "day", "time", "waypoint", "lat", "lon", "observation", "category",
    "attribute", "value", "comment", "coordinateUncertaintyInMeters", "dataGeneralizations",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(found: Found, path: Path, *, work: Work) -> Written:
    """One row a value, one for an observation without values, one for a bare place."""
    counts = {"observation": 0, "waypoint": 0}
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for row in _rows(found, counts, work):
            rows.writerow([_safe(cell) for cell in row])
    tracks = len(found.tracks) + sum(
        len(day.tracks) for patrol in found.patrols for leg in patrol.legs for day in leg.days
    )
    left_out = []
    if tracks:
        text = ngettext(
            "{count} track: a table has no place for it.",
            "{count} tracks: a table has no place for them.",
            tracks,
        )
        left_out.append(text.format(count=tracks))
    return Written(counts=counts, left_out=tuple(left_out))


def _rows(found: Found, counts: dict[str, int], work: Work) -> Iterator[tuple[object, ...]]:
    for patrol in work.each(found.patrols, len(found.patrols)):
        for day in (day for leg in patrol.legs for day in leg.days):
            about = (patrol.number, patrol.team, patrol.patrol_type, day.day.isoformat())
            for waypoint in day.waypoints:
                yield from _of_place(waypoint, about, counts)
    for waypoint in found.waypoints:
        at = waypoint.at_local or waypoint.at
        yield from _of_place(waypoint, ("", "", "", at.date().isoformat() if at else ""), counts)


def _of_place(
    waypoint: FoundWaypoint, about: tuple[str, ...], counts: dict[str, int]
) -> Iterator[tuple[object, ...]]:
    counts["waypoint"] += 1
    time = _clock(waypoint.at_local or waypoint.at) if waypoint.grid_deg is None else ""
    place = (*about, time, waypoint.number, waypoint.lat, waypoint.lon)
    blurred: tuple[object, ...] = ("", "")
    if waypoint.grid_deg is not None and waypoint.lat is not None:
        blurred = (uncertainty_m(waypoint.lat, waypoint.grid_deg), generalised(waypoint.grid_deg))
    if not waypoint.observations:
        yield (*place, "", "", "", "", waypoint.comment, *blurred)
    for number, one in enumerate(waypoint.observations, 1):
        counts["observation"] += 1
        comment = " · ".join(part for part in (one.comment, waypoint.comment) if part)
        for value in one.values or (FoundValue(attribute=""),):
            yield (*place, number, one.category, value.attribute, _plain(value), comment, *blurred)


def _plain(value: FoundValue) -> object:
    if value.items is not None:
        return " ".join(value.items)
    return next((v for v in (value.number, value.flag, value.text) if v is not None), "")


def _clock(at: datetime | None) -> str:
    return f"{at:%H:%M:%S}" if at is not None else ""


def _safe(cell: object) -> object:
    """A text that a spreadsheet would take for a formula gets a mark before it."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return "" if cell is None else cell
