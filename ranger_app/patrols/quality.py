"""Finds the fixes that a receiver cannot have meant, so that no number counts them and none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ranger_app.domain.found import NO_TIME_MS, Fixes
from ranger_app.patrols.distance import Floats, Mask, positions, times

JUMP_M_PER_S = 100.0
"""A single fix that is reached and left faster than this, between neighbours that are not, is a jump."""
JUMP_AT_LEAST_M = 200.0
METRES_A_DEGREE = 111_195.0
_PLACEHOLDERS = ((0.0, 0.0), (1.0, 1.0), (180.0, 90.0))
"""What programs write for "no position" (longitude, latitude)."""

NOWHERE, JUMP, REPEAT = "nowhere", "jump", "repeat"


def judge(fixes: Fixes) -> dict[str, Mask]:
    """For each reason the fixes that are not to be counted, masks of shape (N,); no empty ones."""
    nowhere = _placeholders(fixes)
    found = {NOWHERE: nowhere, JUMP: _jumps(fixes, nowhere)}
    return {reason: mask for reason, mask in found.items() if mask.any()}


def as_runs(masks: Mapping[str, Mask]) -> dict[str, Any]:
    """The masks as lists of [first, how many], to be kept in `Track.quality`."""
    return {reason: _runs(mask) for reason, mask in masks.items() if mask.any()}


def left_out(quality: Any, count: int) -> Mask:
    """All fixes that are not counted, from what `Track.quality` says; what it says wrongly is passed over."""
    mask = np.zeros(count, bool)
    runs = quality.get("left_out") if isinstance(quality, Mapping) else None
    for spans in runs.values() if isinstance(runs, Mapping) else ():
        for span in spans if isinstance(spans, list | tuple) else ():
            match span:
                case [int(first), int(many)] if first >= 0 and many >= 0:
                    mask[first : first + many] = True
    return mask


def together(masks: Mapping[str, Mask], count: int) -> Mask:
    """All masks in one."""
    out = np.zeros(count, bool)
    for mask in masks.values():
        out |= mask
    return out


def _placeholders(fixes: Fixes) -> Mask:
    lon, lat = positions(fixes)
    out = np.zeros(len(lon), bool)
    for x, y in _PLACEHOLDERS:
        exact = (np.abs(lon - x) < 1e-9) & (np.abs(lat - y) < 1e-9)
        near = (np.abs(lon - x) < 1) & (np.abs(lat - y) < 1)
        if not (near & ~exact).any():  # somebody who is really there has been beside it too
            out |= exact
    return out


def _jumps(fixes: Fixes, skip: Mask) -> Mask:
    out = np.zeros(len(fixes), bool)
    ms = times(fixes)
    usable = np.flatnonzero(~skip & (ms != NO_TIME_MS))
    if len(usable) < 3:
        return out
    lon, lat = positions(fixes)
    x, y, at_s = lon[usable], lat[usable], ms[usable] / 1000
    too_fast = _too_fast(x, y, at_s, 1)
    jump = np.zeros(len(x), bool)
    jump[1:-1] = too_fast[:-1] & too_fast[1:] & ~_too_fast(x, y, at_s, 2)
    # A receiver that wakes up first repeats where it was switched off.
    jump[0] = too_fast[0] and not too_fast[1]
    jump[-1] = too_fast[-1] and not too_fast[-2]
    out[usable[jump]] = True
    return out


def _too_fast(lon: Floats, lat: Floats, at_s: Floats, ahead: int) -> Mask:
    """Whether the fix so many places ahead is out of reach. On a sphere: exact enough for a limit."""
    dlon = (lon[ahead:] - lon[:-ahead] + 180) % 360 - 180
    x = dlon * np.cos(np.radians((lat[ahead:] + lat[:-ahead]) / 2))
    far_m = np.hypot(x, lat[ahead:] - lat[:-ahead]) * METRES_A_DEGREE
    reach_m = JUMP_M_PER_S * np.maximum(np.abs(at_s[ahead:] - at_s[:-ahead]), 1.0)
    return np.asarray(far_m > np.maximum(reach_m, JUMP_AT_LEAST_M))


def _runs(mask: Mask) -> list[list[int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [[int(first), int(end - first)] for first, end in edges.reshape(-1, 2)]
