"""Tracks as lines to be drawn: without what a receiver cannot have meant, and with their gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ranger_app.domain.patrols import Track
from ranger_app.patrols.distance import Floats, positions, segment_numbers
from ranger_app.patrols.fixes import decode
from ranger_app.patrols.quality import left_out


def pieces(track: Track) -> Iterator[Floats]:
    """Longitude and latitude of each segment, shape (N, 2), N at least 1.

    Fixes that are not counted (see `quality`) are left out and their neighbours joined, as their lengths
    are. A step over the 180° meridian is left to whoever draws. Raises `BadInput` for a damaged value.
    """
    fixes = decode(track.fixes)
    lon, lat = positions(fixes)
    shown = np.isfinite(lon) & np.isfinite(lat) & ~left_out(track.quality, len(fixes))
    segment = segment_numbers(fixes)[shown]
    line = np.column_stack([lon[shown], lat[shown]])
    for piece in np.split(line, np.flatnonzero(np.diff(segment)) + 1):
        if len(piece):
            yield piece
