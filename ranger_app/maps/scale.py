"""Lengths, coordinates and grid lines as people read them on a map."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ranger_app.i18n import _
from ranger_app.maps.mercator import metres_per_px, project_one, unproject
from ranger_app.maps.view import View

BAR_PX_AT_MOST = 140
GRID_PX_AT_LEAST = 110
_NICE_STEPS_DEG = (30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005)


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A bar `length_px` long that stands for `length_m` on the ground."""

    length_m: float
    length_px: float

    @property
    def label(self) -> str:
        """The length in words, such as “200 m” or “5 km”."""
        if self.length_m >= 1000:
            return _("{length} km").format(length=f"{self.length_m / 1000:,.0f}")
        return _("{length} m").format(length=f"{self.length_m:g}")


@dataclass(frozen=True, slots=True)
class GridLine:
    """One meridian or parallel of the grid: where it lies, in degrees and in pixels."""

    degrees: float
    px: float
    label: str


def scale_bar(lat_deg: float, zoom: float, *, at_most_px: float = BAR_PX_AT_MOST) -> ScaleBar:
    """The longest bar of 1, 2 or 5 times a power of ten that fits, true at the given latitude."""
    metres = metres_per_px(lat_deg, zoom)
    room_m = metres * at_most_px
    power = 10.0 ** math.floor(math.log10(room_m))
    length_m = max(step * power for step in (1, 2, 5) if step * power <= room_m)
    return ScaleBar(length_m, length_m / metres)


def grid_step_deg(zoom: float) -> float:
    """The finest round number of degrees whose meridians keep their distance on the screen."""
    px_per_deg = View(0.5, 0.5, zoom, 1, 1).scale / 360.0
    fitting = [step for step in _NICE_STEPS_DEG if step * px_per_deg >= GRID_PX_AT_LEAST]
    return float(fitting[-1] if fitting else _NICE_STEPS_DEG[0])


def grid_lines(view: View) -> tuple[list[GridLine], list[GridLine]]:
    """The meridians (x in pixels) and parallels (y in pixels) to draw in a view."""
    step = grid_step_deg(view.zoom)
    west, north, east, south = view.box
    meridians = []
    for number in range(
        math.ceil((west * 360.0 - 180.0) / step), math.floor((east * 360.0 - 180.0) / step) + 1
    ):
        lon = number * step
        px, _py = view.to_screen((lon + 180.0) / 360.0, 0.5)
        meridians.append(GridLine(lon, px, longitude_text(_within_turn(lon), step)))
    parallels = []
    top, bottom = unproject(0.5, max(north, 0.0))[1], unproject(0.5, min(south, 1.0))[1]
    for number in range(math.ceil(bottom / step), math.floor(top / step) + 1):
        lat = number * step
        _px, py = view.to_screen(0.5, project_one(0.0, lat)[1])
        parallels.append(GridLine(lat, py, latitude_text(lat, step)))
    return meridians, parallels


def position_text(lon_deg: float, lat_deg: float, zoom: float) -> str:
    """Latitude and longitude with their hemispheres, as many decimals as a pixel is worth."""
    pixel_deg = 360.0 / View(0.5, 0.5, zoom, 1, 1).scale
    return f"{latitude_text(lat_deg, pixel_deg)}, {longitude_text(lon_deg, pixel_deg)}"


def latitude_text(lat_deg: float, step_deg: float) -> str:
    """A latitude such as “2.45° S”, with the decimals that a step needs."""
    return _hemisphere(lat_deg, step_deg, _("N"), _("S"))


def longitude_text(lon_deg: float, step_deg: float) -> str:
    """A longitude such as “34.80° E”, with the decimals that a step needs."""
    if abs(lon_deg) == 180.0:
        return "180°"
    return _hemisphere(lon_deg, step_deg, _("E"), _("W"))


def _hemisphere(degrees: float, step_deg: float, positive: str, negative: str) -> str:
    decimals = max(0, min(6, math.ceil(-math.log10(step_deg) - 1e-9)))
    number = f"{abs(degrees):.{decimals}f}"
    if float(number) == 0.0:
        return f"{number}°"
    return f"{number}° {positive if degrees > 0 else negative}"


def _within_turn(lon_deg: float) -> float:
    return (lon_deg + 180.0) % 360.0 - 180.0
