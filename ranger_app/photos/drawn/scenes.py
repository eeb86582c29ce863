"""Draws camera-trap pictures of which every box is known, for the demo and for trying model packs.

Nothing in them is photographed or traced. The same seed gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from ranger_app.photos.drawn.places import GRASS_TO, Place, draw_grass, draw_place
from ranger_app.photos.drawn.subjects import ANIMALS, HEIGHTS, draw_subject

SCENES = ("animal", "person", "vehicle", "empty")
PLACES = 1000  # how many a scene without a place of its own chooses from
STRIP = 0.045  # of the height, where a camera writes its words
METRE_NEAR = 0.62  # one metre at the lower edge, as a share of the height
KEPT_PLACES = 4
SMALLEST = 0.10  # of the height; further away nobody would see it
SHEET_FINER = 1.7  # a subject fills a part of its sheet only
SHEET_PX_AT_MOST = 900


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """Where something was drawn: shares of the whole picture from its top left."""

    x: float
    y: float
    w: float
    h: float
    kind: str  # animal, person or vehicle
    shape: str  # one of ANIMALS, person or vehicle


def draw_scene(
    seed: int,
    kind: str,
    *,
    width: int = 1280,
    height: int = 960,
    place: int | None = None,
    night: bool | None = None,
    shape: str = "",
    count: int | None = None,
    step: int = 0,
    words: str = "",
) -> tuple[Image.Image, tuple[DrawnBox, ...]]:
    """A picture of that kind (one of SCENES), and where in it everything is.

    place: number of the camera's view; by default one that follows from the seed.
    night: infrared, grey; by default in two pictures of five.
    shape: which of ANIMALS; by default any. count: how many of them, 1 to 3.
    step: the same scene so many pictures later in a burst: what is in it has walked on.
    words: what the camera writes on a strip along the lower edge; no strip when empty.
    """
    if kind not in SCENES:
        raise ValueError(f"no scene of kind {kind!r}")
    rng = Random(f"scene {seed} {kind}")
    number = rng.randrange(PLACES) if place is None else place
    dark = rng.random() < 0.4 if night is None else night
    light = rng.uniform(0.82, 1.08)
    view = _place(number, width, height)
    picture = view.picture.copy()
    boxes: list[DrawnBox] = []
    feet = [] if kind == "empty" else sorted(_feet(rng, kind, count))
    name = kind if kind != "animal" else (shape or rng.choice(ANIMALS))
    shown = 0.0
    for x, y in feet:
        draw_grass(picture, view, y_from=shown, y_to=y)
        shown = y
        box = _put(picture, rng, name, x=x, y=y, horizon=view.horizon, step=step, dark=dark)
        if box:
            boxes.append(box)
    draw_grass(picture, view, y_from=shown, y_to=GRASS_TO)
    picture = picture.resize((width, height), Image.Resampling.BOX)
    picture = _infrared(picture, rng) if dark else _daylight(picture, rng, light)
    picture = _grained(picture, rng, strength=0.10 if dark else 0.045)
    if words:
        _write_strip(picture, words)
    return picture, tuple(boxes)


@lru_cache(maxsize=KEPT_PLACES)
def _place(number: int, width: int, height: int) -> Place:
    return draw_place(number, width=width, height=height)


def _feet(rng: Random, kind: str, count: int | None) -> list[tuple[float, float]]:
    """Where feet stand, as shares of the picture; several subjects stand beside each other."""
    usual = rng.choice((1, 1, 1, 2, 3)) if kind == "animal" else 1
    many = max(1, min(usual if count is None else count, 3))
    room = 0.76 / many
    return [(0.12 + room * (place + rng.random()), rng.uniform(0.56, 0.97)) for place in range(many)]


def _put(
    picture: Image.Image, rng: Random, name: str, *, x: float, y: float, horizon: float, step: int, dark: bool
) -> DrawnBox | None:
    """Draw one subject with its feet at (x, y), and say where it is; None when it has walked out of sight."""
    wide, high = picture.size
    # Things on flat ground grow with their distance below the horizon; never tinier than can be seen.
    metre = METRE_NEAR * high * max((y - horizon) / (1 - horizon), 0.12) * rng.uniform(0.75, 1.05)
    tall = max(HEIGHTS[name] * metre * rng.uniform(0.9, 1.1), SMALLEST * high)
    faces_left = rng.random() < 0.5
    drawn = draw_subject(
        name,
        Random(rng.random()),
        side_px=min(max(round(tall * SHEET_FINER), 64), SHEET_PX_AT_MOST),
        faces_left=faces_left,
        step=step,
    )
    tall = min(tall, 0.72 * high, 0.62 * wide * drawn.height / drawn.width)
    size = max(2, round(tall * drawn.width / drawn.height)), max(2, round(tall))
    drawn = drawn.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    walks = rng.uniform(0.25, 0.6) * size[0] * step * (-1 if faces_left else 1)
    left = round(x * wide - size[0] / 2 + walks)
    top = round(y * high) - size[1]
    seen = max(left, 0), max(top, 0), min(left + size[0], wide), min(top + size[1], high)
    if seen[2] - seen[0] < 0.35 * size[0] or seen[3] <= seen[1]:
        return None
    shadow = Image.new("L", (size[0] + 20, max(6, size[1] // 9)), 0)
    ImageDraw.Draw(shadow).ellipse((6, 1, shadow.width - 6, shadow.height - 1), fill=110)
    shadow = shadow.filter(ImageFilter.GaussianBlur(max(1, size[1] / 60)))
    picture.paste((24, 24, 20), (left - 10, top + size[1] - shadow.height // 2), shadow)
    if dark:  # the lamp is on the camera: what is near and furry is brighter than the wood behind it
        drawn = Image.merge(
            "RGBA", (*ImageOps.autocontrast(drawn.convert("RGB"), 1).split(), drawn.getchannel("A"))
        )
    picture.paste(drawn, (left, top), drawn)
    return DrawnBox(
        x=seen[0] / wide,
        y=seen[1] / high,
        w=(seen[2] - seen[0]) / wide,
        h=(seen[3] - seen[1]) / high,
        kind=name if name in ("person", "vehicle") else "animal",
        shape=name,
    )


# ---- light


def _daylight(picture: Image.Image, rng: Random, light: float) -> Image.Image:
    """Brighter or duller, warmer or colder."""
    warm = rng.uniform(-0.07, 0.09)
    shares = (light * (1 + warm), light, light * (1 - warm))
    parts = [
        part.point([min(255, round(value * share)) for value in range(256)])
        for part, share in zip(picture.split(), shares, strict=True)
    ]
    return Image.merge("RGB", parts)


def _infrared(picture: Image.Image, rng: Random) -> Image.Image:
    """Grey, lit from the camera: bright in the middle and near, black above and at the edges."""
    grey = ImageOps.grayscale(picture)
    lamp = ImageOps.invert(Image.radial_gradient("L")).point(
        [min(255, round(30 + v * 1.25)) for v in range(256)]
    )
    reach = round(grey.width * rng.uniform(1.25, 1.6)), round(grey.height * rng.uniform(1.25, 1.6))
    lamp = lamp.resize(reach, Image.Resampling.BICUBIC)
    left, top = (reach[0] - grey.width) // 2, round((reach[1] - grey.height) * 0.35)
    lamp = lamp.crop((left, top, left + grey.width, top + grey.height))
    fall = Image.linear_gradient("L").resize(grey.size).point([round(60 + v * 0.76) for v in range(256)])
    power = rng.uniform(0.72, 1.05)
    lit = ImageChops.multiply(ImageChops.multiply(grey, lamp), fall)
    return lit.point([min(255, round(v * 1.35 * power)) for v in range(256)]).convert("RGB")


def _grained(picture: Image.Image, rng: Random, *, strength: float) -> Image.Image:
    """The grain of a small sensor, the same in all three colours."""
    grain = Image.frombytes("L", picture.size, rng.randbytes(picture.width * picture.height)).convert("RGB")
    return Image.blend(picture, ImageChops.overlay(picture, grain), strength * 4)


def _write_strip(picture: Image.Image, words: str) -> None:
    wide, high = picture.size
    tall = max(10, round(STRIP * high))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, high - tall, wide, high), fill=(8, 8, 10))
    font = ImageFont.load_default(size=tall * 0.62)
    draw.text((tall * 0.5, high - tall / 2), words, font=font, fill=(236, 236, 228), anchor="lm")


__all__ = ["ANIMALS", "SCENES", "DrawnBox", "draw_scene"]
