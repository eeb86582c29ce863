"""Makes the record of a track, with all that is measured on it once and for all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ranger_app.domain.found import NO_TIME_MS, Fixes
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import UTC_CLOCK, Track
from ranger_app.patrols.distance import Mask, bounds, length_m, recorded_s, times
from ranger_app.patrols.effort import TRACK_GAP_S
from ranger_app.patrols.fixes import CODEC, encode
from ranger_app.patrols.quality import as_runs, judge, together

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def track_record(
    fixes: Fixes,
    *,
    id_: Id,
    site_id: Id,
    patrol_id: Id,
    leg_day_id: Id | None = None,
    name: str = "",
    clock: str = UTC_CLOCK,
    masks: Mapping[str, Mask] | None = None,
    onward_m: float = 0.0,
    origin_key: str = "",
    raw: Mapping[str, Any] | None = None,
) -> Track:
    """The track with its value, length, bounds and times. `masks` are the fixes that are not counted, by
    reason, from `quality.judge`; they are judged here when not given. `onward_m` is added to the length:
    the step to the piece that goes on where this one was cut."""
    masks = judge(fixes) if masks is None else masks
    out = together(masks, len(fixes))
    west, south, east, north = bounds(fixes, out) or (None, None, None, None)
    ms = times(fixes)
    ms = ms[ms != NO_TIME_MS]
    quality: dict[str, Any] = {"recorded_s": round(recorded_s(fixes, longest_gap_s=TRACK_GAP_S), 3)}
    if out.any():
        quality["left_out"] = as_runs(masks)
    return Track(
        id=id_,
        site_id=site_id,
        patrol_id=patrol_id,
        leg_day_id=leg_day_id,
        name=name,
        fixes=encode(fixes),
        codec=CODEC,
        fix_count=len(fixes),
        length_m=round(length_m(fixes, out) + onward_m, 3),
        west=west,
        south=south,
        east=east,
        north=north,
        first_at=_moment(int(ms.min())) if len(ms) else None,
        last_at=_moment(int(ms.max())) if len(ms) else None,
        clock=clock,
        origin_key=origin_key,
        quality=quality,
        origin_raw=dict(raw) if raw else None,
    )


def _moment(ms: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return None
