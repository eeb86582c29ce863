"""Gathers tracks, waypoints and planned routes for a format that knows nothing of patrols."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ranger_app.domain.found import Fixes, Found, FoundObservation, FoundTrack, FoundWaypoint
from ranger_app.domain.patrols import LOCAL_CLOCK, Patrol, PatrolPlan, Track, Waypoint
from ranger_app.patrols.distance import times
from ranger_app.patrols.slicing import join
from ranger_app.patrols.stock import Gathered, Stock
from ranger_app.patrols.vocabulary import Vocabulary
from ranger_app.patrols.zones import to_instant, utc_ms
from ranger_app.storage.query import equal

_OF_TRACK = frozenset(("children", "segments"))
_OF_WAYPOINT = frozenset(("children", "comment", "lat", "lon"))


def gather_loose(stock: Stock, words: Vocabulary) -> Gathered:
    """All times UTC, and every track as it came, however it was cut into days and patrols."""
    order = sorted(stock.tracks, key=lambda t: (t.first_at is None, str(t.first_at), t.name, t.id))
    tracks = [track for parts in _lines(order) if (track := _line(stock, parts)) is not None]
    plans = [
        plan
        for plan in stock.data.find(PatrolPlan, equal("site_id", stock.site.id), order=("title", "id"))
        if plan.route and stock.period.has(plan.starts_on, plan.ends_on)
    ]
    routes = [route for plan in plans if (route := _route(stock, plan)) is not None]
    found = Found(
        format="",
        tracks=tuple(tracks),
        routes=tuple(routes),
        waypoints=tuple(_waypoint(stock, words, w) for w in stock.waypoints),
        raw=_sources((*stock.patrols, *plans, *stock.waypoints)),
    )
    return Gathered(found, stock.missed.words())


def _lines(tracks: Iterable[Track]) -> list[list[Track]]:
    """The tracks that were one in their file, together and in order."""
    groups: list[list[Track]] = []
    open_: dict[str, list[Track]] = {}
    for track in tracks:
        raw = track.origin_raw or {}
        line, part = raw.get("line"), raw.get("part", 0)
        before = open_.get(line) if line else None
        if before is not None and part == len(before):
            before.append(track)
        else:
            groups.append([track])
            if line and part == 0:
                open_[line] = groups[-1]
    return groups


def _line(stock: Stock, parts: Sequence[Track]) -> FoundTrack | None:
    pieces = []
    for part in parts:
        fixes = stock.fixes(part.fixes)
        if fixes is None:
            continue
        if part.clock == LOCAL_CLOCK:
            zone = stock.zone(part.patrol_id)
            stock.missed.zones += zone is None
            fixes = with_times(fixes, utc_ms(times(fixes), zone))
        pieces.append((fixes, bool((part.origin_raw or {}).get("continues"))))
    if not pieces:
        return None
    raw = {key: value for key, value in (parts[0].origin_raw or {}).items() if key in _OF_TRACK}
    return FoundTrack(name=parts[0].name, fixes=join(pieces), raw=raw)


def with_times(fixes: Fixes, ms: npt.NDArray[np.int64]) -> Fixes:
    """The same fixes at other times."""
    column: array[int] = array("q")
    column.frombytes(ms.astype(np.int64).tobytes())
    return replace(fixes, time_ms=column)


def day_alone(at: datetime | None) -> datetime | None:
    """The beginning of a day. With the time of day, the track of who was there would tell where it was."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) if at is not None else None


def _route(stock: Stock, plan: PatrolPlan) -> FoundTrack | None:
    fixes = stock.fixes(plan.route or b"")
    if fixes is None:
        return None
    raw = {key: value for key, value in (plan.origin_raw or {}).items() if key in _OF_TRACK}
    return FoundTrack(name=plan.title, fixes=fixes, raw=raw)


def _waypoint(stock: Stock, words: Vocabulary, waypoint: Waypoint) -> FoundWaypoint:
    raw = {key: value for key, value in (waypoint.origin_raw or {}).items() if key in _OF_WAYPOINT}
    at = waypoint.at
    # A receiver's own wall clock stands in its comment, where it came from.
    if at is None and waypoint.at_local is not None and waypoint.source != "gps":
        zone = stock.zone(waypoint.patrol_id)
        stock.missed.zones += zone is None
        at = to_instant(waypoint.at_local, zone)
    grid_deg = stock.grid_deg(waypoint)
    if grid_deg is not None:
        at = day_alone(at)
    seen = stock.seen.get(waypoint.id, [])
    what = ", ".join(dict.fromkeys(words.category_words(one.category) for one in seen))
    return FoundWaypoint(
        number=waypoint.number,
        lon=waypoint.lon,
        lat=waypoint.lat,
        elevation_m=waypoint.elevation_m,
        at=at,
        name=waypoint.name or waypoint.number,
        comment=waypoint.comment or what,
        symbol=waypoint.symbol,
        observations=tuple(FoundObservation(category=one.category) for one in seen),
        raw=raw,
        grid_deg=grid_deg,
    )


def _sources(records: Iterable[Patrol | PatrolPlan | Waypoint]) -> dict[str, Any]:
    """What the files said of themselves: of one file as it was, of several one by one."""
    found: list[dict[str, Any]] = []
    for record in records:
        source = (record.origin_raw or {}).get("source")
        if isinstance(source, dict) and source not in found:
            found.append(source)
    return {"sources": found} if len(found) > 1 else dict(found[0]) if found else {}
