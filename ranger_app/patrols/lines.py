"""Cuts the tracks of a receiver into what a patrol is made of: parts of one day, without long gaps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from itertools import pairwise

import numpy as np

from ranger_app.domain.found import NO_TIME_MS, Fixes, FoundTrack
from ranger_app.patrols.distance import Mask, positions, steps_m, times
from ranger_app.patrols.identity import line_key, place_hashes
from ranger_app.patrols.quality import REPEAT, judge
from ranger_app.patrols.slicing import take
from ranger_app.patrols.zones import DAY_MS, local_ms, wall_clock

MAX_PART_FIXES = 2_000_000
"""A longer track is kept in several values, each of which still travels in one segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of one track: of one day and without a gap that divides patrols."""

    track: FoundTrack
    line: str
    """Key of the whole track; `part` is the number of this piece in it."""
    part: int
    continues: bool
    """Whether it goes on in the middle of the segment that the piece before left off in."""
    order: int
    """Of the track in its file."""
    fixes: Fixes
    key: str
    first_ms: int | None
    """First and last time, UTC; None when it has none."""
    last_ms: int | None
    day: date | None
    """By the clock of the place."""
    onward_m: float = 0.0
    """From its last fix to the first of the next piece, when that goes on without a gap: the step over
    midnight belongs to the day that it began on."""
    masks: dict[str, Mask] = field(default_factory=dict)


def parts_of(tracks: Sequence[FoundTrack], *, zone: tzinfo | None, gap_ms: int) -> list[Part]:
    """All pieces of the tracks of one file, in its order. Fixes that an earlier track has too are marked."""
    out: list[Part] = []
    keys: dict[str, int] = {}
    whole = hashlib.sha256("".join(line_key(t.fixes) for t in tracks if len(t.fixes)).encode()).hexdigest()
    for order, (track, repeats) in enumerate(zip(tracks, _repeats(tracks), strict=True)):
        start = 0
        for part in _cut(track, order, zone, gap_ms):
            # An empty track is only itself in its own file.
            key = part.key if len(part.fixes) else f"{whole[:32]}:{track.name}"
            nth = keys[key] = keys.get(key, 0) + 1
            key = key if nth == 1 else f"{key}#{nth}"
            masks = judge(part.fixes)
            end = start + len(part.fixes)
            if repeats[start:end].any():
                masks[REPEAT] = repeats[start:end]
            out.append(replace(part, key=key, masks=masks))
            start = end
    return out


def _repeats(tracks: Sequence[FoundTrack]) -> list[Mask]:
    """For each track the fixes whose place and time an earlier track of the file has."""
    if not tracks:
        return []
    counts = [len(track.fixes) for track in tracks]
    whose = np.repeat(np.arange(len(tracks)), counts)
    places = np.concatenate([place_hashes(track.fixes) for track in tracks])
    timed = np.concatenate([times(track.fixes) for track in tracks]) != NO_TIME_MS
    _unique, first, which = np.unique(places, return_index=True, return_inverse=True)
    repeats = (whose[first[which]] < whose) & timed
    return np.split(repeats, np.cumsum(counts)[:-1])


def _cut(track: FoundTrack, order: int, zone: tzinfo | None, gap_ms: int) -> Iterator[Part]:
    fixes = track.fixes
    line = line_key(fixes)
    edges = [0, *_edges(fixes, zone, gap_ms), len(fixes)]
    for number, (start, end) in enumerate(pairwise(edges)):
        piece, continues = take(fixes, start, end)
        ms = times(piece)
        ms = ms[ms != NO_TIME_MS]
        first_ms, last_ms = (int(ms.min()), int(ms.max())) if len(ms) else (None, None)
        day = None
        if len(ms):
            wall = wall_clock(int(local_ms(ms[:1], zone)[0]))
            day = wall.date() if wall else None
        yield Part(
            track=track,
            line=line,
            part=number,
            continues=continues,
            order=order,
            fixes=piece,
            key=line if number == 0 else line_key(piece),
            first_ms=first_ms,
            last_ms=last_ms,
            day=day,
            onward_m=_onward_m(fixes, end, gap_ms),
        )


def _onward_m(fixes: Fixes, end: int, gap_ms: int) -> float:
    if end >= len(fixes) or end in fixes.starts:
        return 0.0
    ms = times(fixes)[end - 1 : end + 1]
    if (ms == NO_TIME_MS).any() or abs(int(ms[1] - ms[0])) > gap_ms:
        return 0.0
    lon, lat = positions(fixes)
    return float(steps_m(lon[end - 1 : end + 1], lat[end - 1 : end + 1])[0])


def _edges(fixes: Fixes, zone: tzinfo | None, gap_ms: int) -> list[int]:
    """Where a new part begins: another day, a long gap either way, or simply too many fixes."""
    ms = times(fixes)
    timed = np.flatnonzero(ms != NO_TIME_MS)
    edges: set[int] = set()
    if len(timed) > 1:
        known = ms[timed]
        days = local_ms(known, zone) // DAY_MS
        new = (np.diff(days) != 0) | (np.abs(np.diff(known)) > gap_ms)
        edges.update(int(i) for i in timed[1:][new])
    bounds = sorted({0, len(fixes), *edges})
    for start, end in pairwise(bounds):
        edges.update(range(start + MAX_PART_FIXES, end, MAX_PART_FIXES))
    return sorted(edges)


def outings(parts: Sequence[Part], *, gap_ms: int) -> list[list[Part]]:
    """The parts by patrol: a pause longer than the gap begins another. Parts without times go with the
    track before them in the file, else the one after; alone they are an outing without a date."""
    timed = sorted(
        (p for p in parts if p.first_ms is not None), key=lambda p: (p.first_ms or 0, p.order, p.part)
    )
    groups: list[list[Part]] = []
    until = 0
    for part in timed:
        assert part.first_ms is not None
        assert part.last_ms is not None
        if not groups or part.first_ms - until > gap_ms:
            groups.append([])
            until = part.last_ms
        groups[-1].append(part)
        until = max(until, part.last_ms)
    for part in (p for p in parts if p.first_ms is None):
        if not groups:
            groups.append([])
        _nearest(groups, part).append(part)
    return groups


def _nearest(groups: list[list[Part]], part: Part) -> list[Part]:
    before = [(p.order, -n, g) for n, g in enumerate(groups) for p in g if p.order <= part.order]
    if before:
        return max(before, key=lambda found: found[:2])[2]
    return groups[0]
