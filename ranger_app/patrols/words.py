"""Short lines for the eye about what was found, by the clock of the place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import numpy as np

from ranger_app.i18n import _, day, distance_km, moment, ngettext, number
from ranger_app.patrols.distance import length_m
from ranger_app.patrols.lines import Part
from ranger_app.patrols.quality import together
from ranger_app.patrols.zones import local_ms, wall_clock


def outing_words(parts: Sequence[Part], *, zone: tzinfo | None, zone_name: str) -> str:
    """When the first fix was and how far it went: "6 May 2026 05:58 (Asia/Tokyo) · 12.3 km · 902 fixes"."""
    firsts = [part.first_ms for part in parts if part.first_ms is not None]
    when = _("no date")
    if firsts:
        wall = wall_clock(int(local_ms(np.array([min(firsts)], np.int64), zone)[0]))
        if wall is not None:
            when = _("{moment} ({zone})").format(moment=moment(wall), zone=zone_name or "UTC")
    far = sum(length_m(part.fixes, together(part.masks, len(part.fixes))) for part in parts)
    count = sum(len(part.fixes) for part in parts)
    fixes = ngettext("{count} fix", "{count} fixes", count).format(count=number(count))
    return " · ".join((when, distance_km(far), fixes))


def period_words(first: date | None, last: date | None) -> str:
    """A day, or from one to another."""
    if first is None:
        return _("no date")
    if last is None or last == first:
        return day(first)
    return f"{day(first)} – {day(last)}"


def clock_words(at: datetime | None) -> str:
    """Hours and minutes of a wall clock."""
    return at.strftime("%H:%M") if at is not None else "–"
