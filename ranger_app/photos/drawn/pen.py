"""A pen for drawing round bodies and tapering limbs on a clear sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


class Pen:
    """Draws on a clear square sheet in shares of its side: (0, 0) is top left, feet stand at y = 0.95."""

    def __init__(self, side_px: int) -> None:
        self.side_px = side_px
        self.sheet = Image.new("RGBA", (side_px, side_px), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.sheet)

    def oval(self, x: float, y: float, half_w: float, half_h: float, colour: Colour) -> None:
        corners = (x - half_w, y - half_h, x + half_w, y + half_h)
        self._draw.ellipse([corner * self.side_px for corner in corners], fill=(*colour, 255))

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([(x * self.side_px, y * self.side_px) for x, y in points], fill=(*colour, 255))

    def limb(self, points: Sequence[Point], widths: Sequence[float], colour: Colour) -> None:
        """A line of joints that tapers from one width to the next, round at each joint."""
        for (x0, y0), (x1, y1), w0, w1 in zip(points, points[1:], widths, widths[1:], strict=False):
            length = math.hypot(x1 - x0, y1 - y0) or 1e-6
            across, down = -(y1 - y0) / length / 2, (x1 - x0) / length / 2
            self.shape(
                [
                    (x0 + across * w0, y0 + down * w0),
                    (x1 + across * w1, y1 + down * w1),
                    (x1 - across * w1, y1 - down * w1),
                    (x0 - across * w0, y0 - down * w0),
                ],
                colour,
            )
        for (x, y), width in zip(points, widths, strict=True):
            self.oval(x, y, width / 2, width / 2, colour)

    def smooth(self, points: Sequence[Point], colour: Colour) -> None:
        """A closed round shape through the points (Catmull-Rom)."""
        ring: list[Point] = []
        count = len(points)
        for place in range(count):
            p0, p1, p2, p3 = (points[(place + step) % count] for step in (-1, 0, 1, 2))
            for part in range(8):
                t = part / 8
                ring.append(
                    (_between(p0[0], p1[0], p2[0], p3[0], t), _between(p0[1], p1[1], p2[1], p3[1], t))
                )
        self.shape(ring, colour)


def tinted(colour: Colour, by: float) -> Colour:
    """Lighter by a positive share, darker by a negative one."""
    towards = 255 if by > 0 else 0
    red, green, blue = (round(part + (towards - part) * abs(by)) for part in colour)
    return red, green, blue


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
