"""Writes GeoJSON (RFC 7946): tracks as lines, places as points with what was seen there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ranger_app.domain.found import Fixes, Found, FoundPatrol, FoundTrack, FoundWaypoint, Written
from ranger_app.domain.seeing import WITHHELD_TEXT, generalised, uncertainty_m
from ranger_app.jobs import Work

_DECIMALS = 7


def write(found: Found, path: Path, *, work: Work) -> Written:
    """One feature a track and one a place. Clock times are of the place."""
    counts = {"track": 0, "waypoint": 0, "observation": 0}
    with path.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "features": [\n')
        for number, feature in enumerate(_features(found, counts, work)):
            out.write((",\n" if number else "") + json.dumps(feature, ensure_ascii=False))
        out.write("\n]}\n")
    return Written(counts=counts)


def _features(found: Found, counts: dict[str, int], work: Work) -> Iterator[dict[str, Any]]:
    for patrol in work.each(found.patrols, len(found.patrols)):
        about = _about(patrol)
        for day in (day for leg in patrol.legs for day in leg.days):
            of_day = {**about, "day": day.day.isoformat()}
            for track in day.tracks:
                counts["track"] += 1
                yield _line(track, of_day)
            for waypoint in day.waypoints:
                yield from _place(waypoint, of_day, counts)
    for track in found.tracks:
        counts["track"] += 1
        yield _line(track, {})
    for waypoint in found.waypoints:
        yield from _place(waypoint, {}, counts)


def _about(patrol: FoundPatrol) -> dict[str, Any]:
    return {"patrol": patrol.number, "title": patrol.title, "team": patrol.team, "type": patrol.patrol_type}


def _line(track: FoundTrack, about: dict[str, Any]) -> dict[str, Any]:
    lines = list(_segments(track.fixes))
    return {
        "type": "Feature",
        "geometry": {"type": "MultiLineString", "coordinates": lines} if lines else None,
        "properties": {"kind": "track", **about, "name": track.name},
    }


def _segments(fixes: Fixes) -> Iterator[list[list[float]]]:
    ends = (*fixes.starts[1:], len(fixes))
    for start, end in zip(fixes.starts, ends, strict=True):
        if end - start > 1:  # a line of one position is none (RFC 7946, 3.1.4)
            yield [_position(fixes, at) for at in range(start, end)]


def _position(fixes: Fixes, at: int) -> list[float]:
    position = [round(fixes.lon[at], _DECIMALS), round(fixes.lat[at], _DECIMALS)]
    height = fixes.elevation_m[at]
    return [*position, round(height, 3)] if height == height else position


def _place(
    waypoint: FoundWaypoint, about: dict[str, Any], counts: dict[str, int]
) -> Iterator[dict[str, Any]]:
    placed = waypoint.lon is not None and waypoint.lat is not None
    counts["waypoint"] += 1
    counts["observation"] += len(waypoint.observations)
    yield {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [waypoint.lon, waypoint.lat]} if placed else None,
        "properties": {
            "kind": "place",
            **about,
            "number": waypoint.number,
            "at": _clock(waypoint.at_local or waypoint.at),
            "comment": waypoint.comment,
            "seen": [
                {
                    "category": one.category,
                    "comment": one.comment,
                    "values": {value.attribute: _plain(value) for value in one.values},
                }
                for one in waypoint.observations
            ],
            **_generalised(waypoint),
        },
    }


def _generalised(waypoint: FoundWaypoint) -> dict[str, Any]:
    """What Darwin Core says of a place that was blurred."""
    if waypoint.grid_deg is None or waypoint.lat is None:
        return {}
    return {
        "coordinateUncertaintyInMeters": uncertainty_m(waypoint.lat, waypoint.grid_deg),
        "dataGeneralizations": generalised(waypoint.grid_deg),
        "informationWithheld": WITHHELD_TEXT,
    }


def _plain(value: Any) -> Any:
    if value.items is not None:
        return list(value.items)
    return next((v for v in (value.number, value.flag, value.text) if v is not None), None)


def _clock(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None
