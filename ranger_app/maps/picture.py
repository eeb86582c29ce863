"""Draws a map to a picture without a window, for reports and the command line."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ranger_app.maps.basemap import Basemap
from ranger_app.maps.boundary import Boundary
from ranger_app.maps.colours import LIGHT, MapColours
from ranger_app.maps.mercator import Floats, project, tile_zoom
from ranger_app.maps.scale import grid_lines, scale_bar
from ranger_app.maps.strokes import Box, Strokes
from ranger_app.maps.vectors import HALO_PIECES_AT_MOST, Areas, Lines, Strokable
from ranger_app.maps.view import WHOLE_WORLD, Degrees, View

OVERSAMPLE = 3  # drawn so much larger and scaled down, for smooth edges
SIDE_PX_AT_MOST = 6000
TEXT_PX = 11
POINT_RADIUS_PX = 4.0
MARGIN_PX = 12
FIT_STEP = 0.01  # of zoom: a picture need not share its tiles with anything
BEYOND_PX = 16  # drawn outside the picture, so that no pen shows where it was cut


@dataclass(frozen=True, slots=True)
class PictureContent:
    """What the picture shows; `points` are (longitudes and latitudes (N, 2), kind), one for each kind."""

    basemap: Basemap | None = None
    boundary: Boundary | None = None
    tracks: Sequence[Floats] = ()
    points: Sequence[tuple[Floats, int]] = ()

    def bounds(self) -> Degrees | None:
        """What must be seen: the boundary, else everything that has a place."""
        if self.boundary is not None:
            return self.boundary.bounds
        placed = [array[:, :2] for array in (*self.tracks, *(at for at, _kind in self.points)) if len(array)]
        every = np.concatenate(placed) if placed else np.empty((0, 2))
        every = every[np.isfinite(every).all(axis=1)]
        if not len(every):
            return None
        west, south = every.min(axis=0).tolist()
        east, north = every.max(axis=0).tolist()
        return west, south, east, north


def draw_png(
    content: PictureContent,
    *,
    width_px: int,
    height_px: int,
    bounds: Degrees | None = None,
    colours: MapColours = LIGHT,
) -> bytes:
    """The picture as PNG; the same content gives the same bytes."""
    picture = draw(content, width_px=width_px, height_px=height_px, bounds=bounds, colours=colours)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def draw(
    content: PictureContent,
    *,
    width_px: int,
    height_px: int,
    bounds: Degrees | None = None,
    colours: MapColours = LIGHT,
) -> Image.Image:
    """The picture, showing `bounds` (else what `PictureContent.bounds` says, else the world)."""
    if not (0 < width_px <= SIDE_PX_AT_MOST and 0 < height_px <= SIDE_PX_AT_MOST):
        raise ValueError(f"a picture of {width_px} × {height_px} pixels")
    seen = bounds or content.bounds()
    view = WHOLE_WORLD.resized(width_px, height_px)
    view = view.fitted(seen, step=FIT_STEP) if seen else view.centred(0.0, 10.0, 0.0)
    pen = _Pen(view, colours)
    pen.ground(content.basemap)
    pen.grid()
    if content.boundary is not None:
        pen.boundary(content.boundary)
    pen.tracks(content.tracks)
    pen.points(content.points)
    picture = pen.image.resize((width_px, height_px), Image.Resampling.BOX)
    _furnish(picture, view, colours, content.basemap.attribution if content.basemap else "")
    return picture


class _Pen:
    """Draws world coordinates onto the enlarged picture."""

    def __init__(self, view: View, colours: MapColours) -> None:
        self.view, self.colours = view, colours
        self.zoom = tile_zoom(view.zoom)
        self.image = Image.new("RGB", (view.width * OVERSAMPLE, view.height * OVERSAMPLE), colours.water)
        self._draw = ImageDraw.Draw(self.image)

    def ground(self, basemap: Basemap | None) -> None:
        if basemap is None:
            self._draw.rectangle((0, 0, *self.image.size), fill=self.colours.land)
            return
        parts = basemap.parts(self.zoom)
        self._areas(parts.land, self.colours.land, self.colours.water)
        if parts.rivers is not None:
            self._lines(parts.rivers, self.colours.river, 1.0)
        if parts.lakes is not None:
            self._areas(parts.lakes, self.colours.water, self.colours.land)
        for lines, colour in (
            (parts.borders, self.colours.border),
            (parts.shores, self.colours.coast),
            (parts.coast, self.colours.coast),
        ):
            if lines is not None:
                self._lines(lines, colour, 1.0)

    def grid(self) -> None:
        faint = _mixed(self.colours.grid, self.colours.land, 0.3)
        meridians, parallels = grid_lines(self.view)
        for line in meridians:
            x = line.px * OVERSAMPLE
            self._draw.line((x, 0, x, self.image.height), fill=faint, width=OVERSAMPLE // 2 or 1)
        for line in parallels:
            y = line.px * OVERSAMPLE
            self._draw.line((0, y, self.image.width, y), fill=faint, width=OVERSAMPLE // 2 or 1)

    def boundary(self, boundary: Boundary) -> None:
        areas = Areas.from_polygons(list(boundary.geometry.geoms))
        mask = Image.new("L", self.image.size, 0)
        stencil = ImageDraw.Draw(mask)
        for ring, is_hole in self._rings(areas):
            stencil.polygon(ring, fill=0 if is_hole else round(255 * self.colours.boundary_fill_opacity))
        self.image.paste(self.colours.boundary, (0, 0, *self.image.size), mask)
        self._lines(areas.outlines(), self.colours.boundary, 2.0)

    def tracks(self, tracks: Sequence[Floats]) -> None:
        lines = Lines.from_degrees(tracks)
        if lines.pieces(self.zoom + 1) <= HALO_PIECES_AT_MOST:
            self._lines(lines, self.colours.halo, 3.5)
        self._lines(lines, self.colours.track, 1.6)

    def points(self, groups: Sequence[tuple[Floats, int]]) -> None:
        radius, rim = POINT_RADIUS_PX * OVERSAMPLE, OVERSAMPLE
        for places, kind in groups:
            world = project(places[:, 0], places[:, 1])
            for copy in self.view.copies():
                for x, y in self._pixels(world, copy).tolist():
                    self._draw.ellipse(
                        (x - radius, y - radius, x + radius, y + radius),
                        fill=self.colours.kinds[kind % len(self.colours.kinds)],
                        outline=self.colours.halo,
                        width=rim,
                    )

    def _areas(self, areas: Areas, colour: str, hole_colour: str) -> None:
        for ring, is_hole in self._rings(areas):
            self._draw.polygon(ring, fill=hole_colour if is_hole else colour)

    def _rings(self, areas: Areas) -> list[tuple[list[float], bool]]:
        """Rings in pixels with whether they are holes, the largest first: an island follows its lake."""
        rings = []
        for copy in self.view.copies():
            for ring in areas.within(self._box(copy), self.zoom + 1):
                size = _signed_area(ring)
                if len(ring) >= 3 and size:
                    pixels = self._pixels(ring, copy)
                    rings.append((abs(size), pixels.ravel().tolist(), size > 0))
        rings.sort(key=lambda ring: -ring[0])
        return [(pixels, is_hole) for _size, pixels, is_hole in rings]

    def _lines(self, lines: Strokable, colour: str, width_px: float) -> None:
        for copy in self.view.copies():
            strokes: Strokes = lines.within(self._box(copy), self.zoom + 1)
            pixels = self._pixels(strokes.points, copy)
            for piece in Strokes(pixels, strokes.ends):
                self._draw.line(
                    piece.ravel().tolist(), fill=colour, width=round(width_px * OVERSAMPLE), joint="curve"
                )

    def _pixels(self, world: Floats, copy: int) -> Floats:
        middle = [self.view.width / 2, self.view.height / 2]
        here = [self.view.x - copy, self.view.y]
        pixels: Floats = ((world - here) * self.view.scale + middle) * OVERSAMPLE
        return pixels

    def _box(self, copy: int) -> Box:
        """The picture in one copy of the world, with a little around it."""
        west, north, east, south = self.view.box
        beyond = BEYOND_PX / self.view.scale
        return west - copy - beyond, north - beyond, east - copy + beyond, south + beyond


def _furnish(picture: Image.Image, view: View, colours: MapColours, attribution: str) -> None:
    """Scale bar at the left, attribution at the right, drawn at full size so that the letters are sharp."""
    draw = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.load_default(TEXT_PX)
    panel = (*_rgb(colours.panel), round(255 * colours.panel_opacity))
    bar = scale_bar(view.centre[1], view.zoom, at_most_px=max(40.0, view.width / 5))
    left, bottom = MARGIN_PX, picture.height - MARGIN_PX
    draw.rectangle(
        (left - 6, bottom - TEXT_PX - 14, left + math.ceil(bar.length_px) + 6, bottom + 6), fill=panel
    )
    draw.text((left, bottom - TEXT_PX - 10), bar.label, fill=colours.text, font=font)
    draw.line(
        (left, bottom - 5, left, bottom, left + bar.length_px, bottom, left + bar.length_px, bottom - 5),
        fill=colours.text,
        width=1,
    )
    if attribution:
        width = draw.textlength(attribution, font=font)
        right = picture.width - MARGIN_PX
        draw.rectangle((right - width - 6, bottom - TEXT_PX - 4, right + 6, bottom + 6), fill=panel)
        draw.text((right - width, bottom - TEXT_PX - 1), attribution, fill=colours.text, font=font)


def _signed_area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, ground: str, share: float) -> tuple[int, int, int]:
    red, green, blue = (
        round(a * share + b * (1 - share)) for a, b in zip(_rgb(colour), _rgb(ground), strict=True)
    )
    return red, green, blue
