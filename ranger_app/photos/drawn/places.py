"""Draws the places of the demo's cameras: sky, ridges, trees, ground and grass; one number, one view."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from ranger_app.photos.drawn.pen import Colour, Point, tinted

TUFTS = 300
GRASS_TO = 1.12  # share of the height: tufts rooted below the picture still reach into it
FINER = 2  # drawn so many times larger and made smaller, which smooths the edges


@dataclass(frozen=True, slots=True)
class Land:
    """The colours of one kind of country."""

    sky: tuple[Colour, Colour]  # high, low
    ridge: Colour
    leaves: tuple[Colour, ...]
    ground: tuple[Colour, Colour]  # far, near
    grass: tuple[Colour, ...]
    conifers: float  # share of the trees
    trees: tuple[int, int]


LANDS = (
    Land(  # mixed forest in summer
        sky=((150, 190, 216), (226, 232, 222)),
        ridge=(96, 122, 108),
        leaves=((58, 92, 48), (78, 110, 52), (46, 76, 52)),
        ground=((118, 128, 78), (84, 82, 48)),
        grass=((96, 122, 58), (122, 136, 70), (76, 98, 50)),
        conifers=0.4,
        trees=(26, 44),
    ),
    Land(  # dry grassland
        sky=((132, 178, 218), (236, 228, 204)),
        ridge=(150, 140, 116),
        leaves=((112, 120, 64), (96, 106, 60), (134, 132, 74)),
        ground=((200, 176, 116), (160, 130, 78)),
        grass=((204, 178, 108), (182, 152, 84), (156, 136, 80)),
        conifers=0.0,
        trees=(5, 12),
    ),
    Land(  # autumn hills
        sky=((166, 186, 206), (232, 224, 212)),
        ridge=(124, 112, 110),
        leaves=((176, 112, 44), (150, 84, 42), (126, 122, 58), (196, 144, 60)),
        ground=((146, 122, 76), (104, 78, 48)),
        grass=((156, 128, 70), (128, 104, 60), (176, 146, 84)),
        conifers=0.3,
        trees=(22, 40),
    ),
    Land(  # first snow among conifers
        sky=((176, 192, 208), (226, 230, 236)),
        ridge=(138, 150, 164),
        leaves=((52, 76, 68), (64, 88, 76), (44, 62, 58)),
        ground=((226, 230, 236), (196, 202, 212)),
        grass=((150, 142, 118), (128, 122, 104), (172, 164, 140)),
        conifers=0.9,
        trees=(24, 42),
    ),
)


@dataclass(frozen=True, slots=True)
class Tuft:
    """Grass that is drawn before or after an animal, by where it stands."""

    y: float
    colour: Colour
    blades: tuple[tuple[Point, Point, Point], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A camera's view without anything living in it."""

    picture: Image.Image  # FINER times the size asked for, without the grass
    horizon: float  # share of the height
    tufts: tuple[Tuft, ...]  # the further ones first


def draw_place(number: int, *, width: int, height: int) -> Place:
    """The view of the camera with that number; the same number gives the same view at any size."""
    rng = Random(f"place {number}")
    land = LANDS[rng.randrange(len(LANDS))]
    wide, high = width * FINER, height * FINER
    horizon = rng.uniform(0.30, 0.42)
    picture = Image.new("RGB", (wide, high))
    line = round(horizon * high)
    picture.paste(gradient(land.sky[0], land.sky[1], wide, line), (0, 0))
    picture.paste(gradient(land.ground[0], land.ground[1], wide, high - line), (0, line))
    draw = ImageDraw.Draw(picture)
    for layer in range(3):
        tone = _mixed(land.ridge, land.sky[1], 0.55 - 0.25 * layer)
        lift = (0.16 - 0.05 * layer) * rng.uniform(0.6, 1.2)
        draw.polygon(_ridge(rng, wide, line, lift * high), fill=tone)
    _blotches(picture, rng, land, line)
    draw = ImageDraw.Draw(picture)
    _trail(draw, rng, land, wide, high, line)
    for depth in sorted(rng.random() ** 1.6 for _tree in range(rng.randint(*land.trees))):
        _tree(draw, rng, land, wide, high, horizon, depth)
    for _stone in range(rng.randint(1, 6)):
        _rock(draw, rng, land, wide, high, horizon)
    return Place(picture, horizon, tuple(_grass(rng, land, wide, high, horizon)))


def draw_grass(picture: Image.Image, place: Place, *, y_from: float, y_to: float) -> None:
    """The tufts that stand between two heights (shares of the picture), the further ones first."""
    draw = ImageDraw.Draw(picture)
    for tuft in place.tufts:
        if y_from <= tuft.y < y_to:
            for blade in tuft.blades:
                draw.polygon(blade, fill=tuft.colour)


def _grass(rng: Random, land: Land, wide: int, high: int, horizon: float) -> Iterator[Tuft]:
    for y in sorted(rng.uniform(horizon + 0.01, GRASS_TO) for _tuft in range(TUFTS)):
        near = (y - horizon) / (1 - horizon)
        x = rng.uniform(-0.02, 1.02) * wide
        half = max(high * 0.0016 * (0.4 + 2 * near), 0.6)
        blades = []
        for _blade in range(rng.randint(3, 7)):
            length = high * (0.012 + 0.10 * near**1.5) * rng.uniform(0.5, 1.2)
            lean = length * rng.uniform(-0.55, 0.55)
            root = x + rng.uniform(-0.25, 0.25) * length
            blades.append(
                ((root - half, y * high), (root + lean, y * high - length), (root + half, y * high))
            )
        yield Tuft(y, tinted(rng.choice(land.grass), rng.uniform(-0.28, 0.22) - 0.12 * near), tuple(blades))


def gradient(top: Colour, bottom: Colour, width: int, height: int) -> Image.Image:
    """From one colour above to another below."""
    ramp = Image.linear_gradient("L").resize((width, max(height, 1)))
    return Image.composite(Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp)


def _ridge(rng: Random, wide: int, line: int, lift: float) -> list[Point]:
    waves = [(rng.uniform(0.6, 5.5), rng.uniform(0, math.tau), rng.uniform(0.2, 1)) for _wave in range(5)]
    total = sum(weight for _, _, weight in waves)
    points: list[Point] = [(0, line + 2)]
    for place in range(81):
        x = place / 80
        rise = (
            sum(weight * math.sin(x * many * math.tau / 1.7 + start) for many, start, weight in waves) / total
        )
        points.append((x * wide, line - lift * (0.5 + 0.7 * rise)))
    return [*points, (wide, line + 2)]


def _blotches(picture: Image.Image, rng: Random, land: Land, line: int) -> None:
    """Patches of lighter and darker ground, softened."""
    wide, high = picture.size
    ground = picture.crop((0, line, wide, high))
    draw = ImageDraw.Draw(ground)
    for _patch in range(90):
        y = rng.random() ** 0.8 * ground.height
        near = 0.15 + y / ground.height
        half_w, half_h = wide * rng.uniform(0.02, 0.11) * near, high * rng.uniform(0.003, 0.016) * near
        x = rng.uniform(0, wide)
        tone = tinted(_mixed(land.ground[0], land.ground[1], near), rng.uniform(-0.22, 0.16))
        draw.ellipse((x - half_w, y - half_h, x + half_w, y + half_h), fill=tone)
    picture.paste(ground.filter(ImageFilter.GaussianBlur(wide / 220)), (0, line))


def _trail(draw: ImageDraw.ImageDraw, rng: Random, land: Land, wide: int, high: int, line: int) -> None:
    """The animals' path, from far away to under the camera."""
    start, end, bend = rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.8), rng.uniform(-0.25, 0.25)
    left: list[Point] = []
    right: list[Point] = []
    for part in range(25):
        down = part / 24
        x = start + (end - start) * down + bend * math.sin(down * math.pi) + 0.006 * math.sin(part * 1.9)
        half = 0.004 + 0.085 * down**1.6
        y = line + (high - line) * down
        left.append(((x - half) * wide, y))
        right.append(((x + half) * wide, y))
    draw.polygon(left + right[::-1], fill=tinted(_mixed(land.ground[0], land.ground[1], 0.6), 0.16))


def _tree(
    draw: ImageDraw.ImageDraw, rng: Random, land: Land, wide: int, high: int, horizon: float, depth: float
) -> None:
    """A tree that stands the nearer, larger and lower the nearer `depth` is to one."""
    x = rng.random()
    if depth > 0.35:  # the near ones stand aside: a camera is hung where it can see
        x = x * 0.16 if rng.random() < 0.5 else 1 - x * 0.16
    foot = (horizon + 0.015 + 0.30 * depth**2) * high
    tall = high * (0.16 + 0.85 * depth) * rng.uniform(0.8, 1.2)
    haze = 0.42 * (1 - depth) ** 2
    bark = _mixed((84, 68, 54), land.sky[1], haze)
    leaf = _mixed(rng.choice(land.leaves), land.sky[1], haze)
    half = tall * 0.022
    x *= wide
    draw.polygon(
        [(x - half, foot), (x - half * 0.4, foot - tall), (x + half * 0.4, foot - tall), (x + half, foot)],
        fill=bark,
    )
    if rng.random() < land.conifers:
        for tier in range(7):
            up, spread = foot - tall * (0.16 + 0.125 * tier), tall * 0.21 * (1 - tier / 8)
            tone = tinted(leaf, -0.22 + 0.05 * tier)
            draw.polygon([(x - spread, up), (x, up - tall * 0.24), (x + spread, up)], fill=tone)
        return
    for blob in range(26):
        turn, out = rng.uniform(0, math.tau), math.sqrt(rng.random())
        middle = x + math.cos(turn) * out * tall * 0.24, foot - tall * (0.72 + 0.22 * math.sin(turn) * out)
        size = tall * rng.uniform(0.05, 0.11)
        corners = (middle[0] - size, middle[1] - size * 0.8, middle[0] + size, middle[1] + size * 0.8)
        draw.ellipse(corners, fill=tinted(leaf, -0.26 + 0.018 * blob + rng.uniform(-0.05, 0.05)))


def _rock(draw: ImageDraw.ImageDraw, rng: Random, land: Land, wide: int, high: int, horizon: float) -> None:
    near = rng.random()
    x, y = rng.random() * wide, (horizon + (1 - horizon) * (0.08 + 0.8 * near)) * high
    half = wide * (0.008 + 0.035 * near) * rng.uniform(0.6, 1.4)
    grey = tinted(_mixed((122, 118, 112), land.ground[0], 0.25), rng.uniform(-0.15, 0.15))
    turns = [math.pi * (1 + part / 7) for part in range(8)]
    top = [(x + math.cos(turn) * half, y + math.sin(turn) * half * rng.uniform(0.5, 0.8)) for turn in turns]
    draw.polygon(top, fill=tinted(grey, -0.18))
    draw.polygon(
        [(x + (px - x) * 0.8 - half * 0.08, y + (py - y) * 0.86 - half * 0.05) for px, py in top[:6]],
        fill=tinted(grey, 0.12),
    )


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (
        round(a + (b - a) * min(max(share, 0.0), 1.0)) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue
