"""Looks at what was found with the site in mind, and puts into words what a person should check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ranger_app.domain.found import NO_TIME_MS, Doubt, Found, FoundTrack
from ranger_app.domain.patrols import UTC_CLOCK
from ranger_app.domain.sites import Site
from ranger_app.i18n import _, day, distance_km, ngettext, number, percent
from ranger_app.patrols.distance import positions, segment_numbers, steps_m, times
from ranger_app.patrols.quality import JUMP, NOWHERE, judge
from ranger_app.patrols.zones import zone_named

FAR_M = 50_000.0
WEEKS_OF_A_ROLLOVER = 1024
"""A receiver that does not know the GPS week counter's last turn shows dates so many weeks too early."""
_ROLLOVER = timedelta(weeks=WEEKS_OF_A_ROLLOVER)
_NO_PATROL_BEFORE = datetime(1990, 1, 1, tzinfo=UTC)
_PERHAPS_ROLLED = datetime(2008, 1, 1, tzinfo=UTC)
_TRUSTED_AHEAD = timedelta(days=1)
_ZONE_OFF_H = 3.5
_SHOWN = 2_000  # positions that are compared with the boundary, evenly chosen

Floats = npt.NDArray[np.float64]


def doubts_about(found: Found, *, site: Site, now: datetime) -> Iterator[Doubt]:
    """What the file's reader cannot know: dates, places and zones, against the clock and the site."""
    tracks = [*found.tracks, *_tracks_of_patrols(found)]
    yield from _about_dates(found, tracks, now)
    yield from _about_fixes(tracks)
    lon, lat = _all_positions(found, tracks)
    if site.boundary is not None and len(lon):
        yield from _about_places(lon, lat, site.boundary)
    if found.tracks or found.waypoints or found.patrols:
        yield from _about_zone(found, lon, site, now)


def _tracks_of_patrols(found: Found) -> list[FoundTrack]:
    return [t for p in found.patrols for leg in p.legs for d in leg.days for t in d.tracks]


def _all_positions(found: Found, tracks: Sequence[FoundTrack]) -> tuple[Floats, Floats]:
    waypoints = [*found.waypoints]
    waypoints += [w for p in found.patrols for leg in p.legs for d in leg.days for w in d.waypoints]
    placed = [(w.lon, w.lat) for w in waypoints if w.lon is not None and w.lat is not None]
    lons, lats = [np.array([p[0] for p in placed])], [np.array([p[1] for p in placed])]
    for track in tracks:
        x, y = positions(track.fixes)
        lons.append(x)
        lats.append(y)
    lon, lat = np.concatenate(lons), np.concatenate(lats)
    real = np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0))
    lon, lat = lon[real], lat[real]
    every = max(len(lon) // _SHOWN, 1)
    return lon[::every].astype(np.float64), lat[::every].astype(np.float64)


# ---- dates


def _about_dates(found: Found, tracks: Sequence[FoundTrack], now: datetime) -> Iterator[Doubt]:
    moments = [_plain(w.at or w.at_local) for w in found.waypoints if w.at or w.at_local]
    for track in tracks:
        ms = times(track.fixes)
        ms = ms[ms != NO_TIME_MS]
        if len(ms):
            moments += [_moment(int(ms.min())), _moment(int(ms.max()))]
    if not moments:
        return
    first, last = min(moments), max(moments)
    if last > now + _TRUSTED_AHEAD:
        yield Doubt(
            "future-date",
            _("Some times lie in the future, up to {day}: the clock was wrong, or is wrong here.").format(
                day=day(last.date())
            ),
        )
    if first < _NO_PATROL_BEFORE:
        yield Doubt(
            "impossible-date",
            _("Some times are before 1990, such as {day}: the receiver had no time yet.").format(
                day=day(first.date())
            ),
        )
    rolled = [m for m in moments if _NO_PATROL_BEFORE <= m < _PERHAPS_ROLLED and m + _ROLLOVER <= now]
    if rolled:
        yield Doubt(
            "week-rollover",
            _(
                "Times are as old as {day}: either they are, or the receiver's week counter has run over, "
                "and the day was {other}."
            ).format(day=day(min(rolled).date()), other=day((min(rolled) + _ROLLOVER).date())),
        )


def _plain(at: datetime | None) -> datetime:
    assert at is not None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _moment(ms: int) -> datetime:
    # Years that a datetime cannot say are as impossible as the first and the last that it can.
    limit = 250_000_000 * 1000 * 1000
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(max(ms, -62_000_000_000_000), limit))


# ---- fixes


@dataclass(slots=True)
class _Counts:
    nowhere: int = 0
    jumps: int = 0
    twice: int = 0
    back: int = 0


def _about_fixes(tracks: Sequence[FoundTrack]) -> Iterator[Doubt]:
    counts = _Counts()
    for track in tracks:
        masks = judge(track.fixes)
        counts.nowhere += int(masks[NOWHERE].sum()) if NOWHERE in masks else 0
        counts.jumps += int(masks[JUMP].sum()) if JUMP in masks else 0
        ms = times(track.fixes)
        known = ms[ms != NO_TIME_MS]
        counts.back += int((np.diff(known) < 0).sum())
        if len(track.fixes) > 1:
            lon, lat = positions(track.fixes)
            same = (np.diff(ms) == 0) & (ms[1:] != NO_TIME_MS) & (np.diff(lon) == 0) & (np.diff(lat) == 0)
            counts.twice += int((same & (np.diff(segment_numbers(track.fixes)) == 0)).sum())
    if counts.nowhere:
        yield Doubt(
            "zero-position",
            ngettext(
                "{count} fix lies at 0°, 0° or the like: it is kept and not counted.",
                "{count} fixes lie at 0°, 0° or the like: they are kept and not counted.",
                counts.nowhere,
            ).format(count=number(counts.nowhere)),
        )
    if counts.jumps:
        yield Doubt(
            "jump",
            ngettext(
                "{count} fix jumps away and back faster than any car: it is kept and not counted.",
                "{count} fixes jump away and back faster than any car: they are kept and not counted.",
                counts.jumps,
            ).format(count=number(counts.jumps)),
        )
    if counts.twice:
        yield Doubt(
            "duplicate",
            ngettext(
                "{count} fix is there twice in a row.",
                "{count} fixes are there twice in a row.",
                counts.twice,
            ).format(count=number(counts.twice)),
        )
    if counts.back:
        yield Doubt(
            "time-goes-back",
            ngettext(
                "The time goes back at {count} place in a track.",
                "The time goes back at {count} places in the tracks.",
                counts.back,
            ).format(count=number(counts.back)),
        )


# ---- places


def _about_places(lon: Floats, lat: Floats, boundary: bytes) -> Iterator[Doubt]:
    try:
        area = shapely.from_wkb(boundary)
    except shapely.errors.ShapelyError:
        return  # Settings tells of a boundary that does not read
    far_m = _away_m(area, lon, lat)
    far = far_m > FAR_M
    if not far.any():
        return
    swappable = np.abs(lon) <= 90
    if far.mean() > 0.5 and swappable.all() and (_away_m(area, lat, lon) <= FAR_M).mean() > 0.5:
        yield Doubt(
            "swapped",
            _("Latitude and longitude seem to be exchanged: the other way round the places are at the site."),
        )
        return
    yield Doubt(
        "far-from-site",
        _("{share} of the places are more than {limit} from the site's boundary, up to {far}.").format(
            share=percent(float(far.mean())), limit=distance_km(FAR_M), far=distance_km(float(far_m.max()))
        ),
    )


def _away_m(area: Any, lon: Floats, lat: Floats) -> Floats:
    """About how far from the area, metres, 0 inside: exact enough for a doubt."""
    points = shapely.points(lon, lat)
    nearest = shapely.shortest_line(points, area)
    ends = shapely.get_coordinates(nearest).reshape(-1, 2, 2)
    flat = ends.reshape(-1, 2)
    return steps_m(flat[:, 0], flat[:, 1])[::2]


# ---- the zone


def _about_zone(found: Found, lon: Floats, site: Site, now: datetime) -> Iterator[Doubt]:
    zone = zone_named(site.time_zone)
    has_utc = any(t.clock == UTC_CLOCK for t in found.tracks) or any(w.at for w in found.waypoints)
    middle = float(np.median(lon)) if len(lon) else None
    if zone is None:
        if has_utc:
            about = "" if middle is None else " " + _guess(middle)
            yield Doubt(
                "zone-unknown",
                _("Nobody has said the site's time zone: days begin at midnight UTC until then.") + about,
            )
        elif found.patrols:
            yield Doubt(
                "zone-unknown",
                _("Nobody has said the site's time zone: clock times are kept as they stand in the file."),
            )
        return
    offset = now.astimezone(zone).utcoffset()
    if middle is not None and offset is not None and has_utc:
        hours = offset / timedelta(hours=1)
        if abs((hours - middle / 15 + 12) % 24 - 12) > _ZONE_OFF_H:
            yield Doubt(
                "zone-unlikely",
                _("The site's time zone {zone} does not suit places at {lon}°: check it in Settings.").format(
                    zone=site.time_zone, lon=number(middle, places=0)
                ),
            )


def _guess(lon: float) -> str:
    hours = round(lon / 15)
    return _("By its longitude it is near UTC{hours}.").format(hours=f"{hours:+d}")
