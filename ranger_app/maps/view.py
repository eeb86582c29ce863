"""What part of the world is looked at, and how its points lie on the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ranger_app.maps.mercator import TILE_PX, project_one, tile_zoom, unproject, world_px
from ranger_app.maps.strokes import Box, Tile

ZOOM_MIN, ZOOM_MAX = 1.0, 20.0
ZOOM_STEP = 0.5  # what the wheel and fitting use, so that tiles come in few sizes
FIT_ZOOM_MAX = 16.0  # a single point is not worth more: the ground around it should be seen
FIT_MARGIN = 0.08  # of each side, left free when fitting

Degrees = tuple[float, float, float, float]  # west, south, east, north; west > east across 180°


@dataclass(frozen=True, slots=True)
class View:
    """A window `width` × `height` pixels onto the world around (`x`, `y`) in world coordinates.

    `x` stays within 0..1 and the window may look past it: the world repeats to the east and west.
    """

    x: float
    y: float
    zoom: float
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Pixels for the whole world."""
        return world_px(self.zoom)

    @property
    def box(self) -> Box:
        """West, north, east, south in world coordinates; west may be below 0 and east above 1."""
        half_width, half_height = self.width / 2 / self.scale, self.height / 2 / self.scale
        return self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height

    @property
    def degrees(self) -> Degrees:
        """West, south, east, north in degrees; west is greater than east when the view crosses 180°."""
        west, north, east, south = self.box
        if east - west >= 1.0:
            left, right = -180.0, 180.0
        else:
            left, right = unproject(west, 0.5)[0], unproject(east, 0.5)[0]
        return left, unproject(0.0, min(south, 1.0))[1], right, unproject(0.0, max(north, 0.0))[1]

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        return unproject(self.x, self.y)

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a world position, in the copy of the world that `x` names."""
        return (x - self.x) * self.scale + self.width / 2, (y - self.y) * self.scale + self.height / 2

    def to_world(self, px: float, py: float) -> tuple[float, float]:
        """World position under a pixel; x may lie outside 0..1."""
        return self.x + (px - self.width / 2) / self.scale, self.y + (py - self.height / 2) / self.scale

    def to_degrees(self, px: float, py: float) -> tuple[float, float]:
        """Longitude and latitude under a pixel."""
        return unproject(*self.to_world(px, py))

    def copies(self) -> range:
        """The whole numbers to add to x 0..1 for every copy of the world that is in view."""
        west, _north, east, _south = self.box
        return range(math.floor(west), math.floor(east) + 1)

    def tiles(self) -> list[Tile]:
        """The tiles that cover the view, from its middle outwards; columns may lie outside the world."""
        zoom = tile_zoom(self.zoom)
        count = 2**zoom
        west, north, east, south = self.box
        rows = range(max(0, math.floor(north * count)), min(count - 1, math.floor(south * count)) + 1)
        columns = range(math.floor(west * count), math.floor(east * count) + 1)
        middle_x, middle_y = self.x * count - 0.5, self.y * count - 0.5
        return sorted(
            ((zoom, column, row) for row in rows for column in columns),
            key=lambda tile: (tile[1] - middle_x) ** 2 + (tile[2] - middle_y) ** 2,
        )

    def moved(self, dx_px: float, dy_px: float) -> View:
        """The window shifted over the ground by so many pixels."""
        return self._kept(replace(self, x=self.x + dx_px / self.scale, y=self.y + dy_px / self.scale))

    def zoomed(self, steps: float, about: tuple[float, float] | None = None) -> View:
        """Zoomed by so many steps, the ground under the pixel `about` (or the middle) staying there."""
        px, py = about or (self.width / 2, self.height / 2)
        ground_x, ground_y = self.to_world(px, py)
        zoom = min(ZOOM_MAX, max(self._widest(), self.zoom + steps))
        scale = world_px(zoom)
        x = ground_x - (px - self.width / 2) / scale
        y = ground_y - (py - self.height / 2) / scale
        return self._kept(replace(self, x=x, y=y, zoom=zoom))

    def resized(self, width: int, height: int) -> View:
        """The same middle in a window of another size."""
        sized = replace(self, width=width, height=height)
        return self._kept(replace(sized, zoom=max(sized.zoom, sized._widest())))

    def centred(self, lon_deg: float, lat_deg: float, zoom: float) -> View:
        """The window round a position."""
        x, y = project_one(lon_deg, lat_deg)
        zoom = min(ZOOM_MAX, max(self._widest(), zoom))
        return self._kept(replace(self, x=x, y=y, zoom=zoom))

    def fitted(self, bounds: Degrees, *, step: float = ZOOM_STEP) -> View:
        """The closest view on a step of zoom that shows all of some bounds with a margin."""
        west, south, east, north = bounds
        left, top = project_one(west, north)
        right, bottom = project_one(east + 360.0 if east < west else east, south)
        room = 1.0 - 2.0 * FIT_MARGIN
        zooms = [FIT_ZOOM_MAX]
        if right > left:
            zooms.append(math.log2(max(self.width, 1) * room / (right - left) / TILE_PX))
        if bottom > top:
            zooms.append(math.log2(max(self.height, 1) * room / (bottom - top) / TILE_PX))
        zoom = max(self._widest(), math.floor(min(zooms) / step) * step)
        return self._kept(replace(self, x=(left + right) / 2, y=(top + bottom) / 2, zoom=zoom))

    def _widest(self) -> float:
        """The widest step at which the world is as high as the window: nothing beyond the poles shows."""
        just_filled = math.log2(max(self.height, 1) / TILE_PX)
        return max(ZOOM_MIN, math.ceil(just_filled / ZOOM_STEP) * ZOOM_STEP)

    def _kept(self, view: View) -> View:
        half = min(0.5, view.height / 2 / view.scale)
        return replace(view, x=view.x - math.floor(view.x), y=min(1.0 - half, max(half, view.y)))


WHOLE_WORLD = View(x=0.5, y=0.5, zoom=2.0, width=1, height=1)
