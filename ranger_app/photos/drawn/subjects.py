"""Draws the animals, people and vehicles of the demo's pictures, each on a clear sheet of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

from PIL import Image, ImageChops, ImageFilter

from ranger_app.photos.drawn.pen import Colour, Pen, Point, tinted

ANIMALS = ("deer", "boar", "cat", "hare", "bird")
HEIGHTS = {"deer": 1.25, "boar": 0.85, "cat": 0.75, "hare": 0.38, "bird": 0.6, "person": 1.75, "vehicle": 1.9}
"""About how high each stands, in metres; the sheet is as much, plus what sticks out."""

_FUR: dict[str, tuple[Colour, ...]] = {
    "deer": ((146, 92, 54), (128, 86, 58), (162, 110, 66)),
    "boar": ((66, 56, 48), (84, 70, 56), (58, 54, 52)),
    "cat": ((204, 148, 74), (184, 140, 88), (168, 128, 84)),
    "hare": ((150, 128, 100), (128, 112, 92), (172, 152, 124)),
    "bird": ((70, 82, 96), (116, 76, 52), (54, 54, 60)),
}
_CLOTH: tuple[Colour, ...] = (
    (74, 92, 58),
    (58, 74, 108),
    (150, 58, 46),
    (112, 98, 70),
    (60, 60, 66),
    (188, 130, 50),
)
_SKIN: tuple[Colour, ...] = ((226, 180, 148), (178, 128, 94), (120, 82, 58))
_PAINT: tuple[Colour, ...] = ((206, 208, 202), (94, 112, 76), (158, 48, 42), (58, 84, 128), (196, 168, 96))


def draw_subject(name: str, rng: Random, *, side_px: int, faces_left: bool, step: int = 0) -> Image.Image:
    """One of ANIMALS, `person` or `vehicle`, on a clear sheet cut to its edges.

    `step` moves its legs, for the next picture of a burst.
    """
    pen = Pen(side_px)
    stride = math.sin(step * 1.3 + rng.random() * math.tau)
    _DRAWERS[name](pen, rng, stride)
    sheet = _lit(pen.sheet, rng)
    if faces_left:
        sheet = sheet.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return sheet.crop(sheet.getbbox())


def _lit(sheet: Image.Image, rng: Random) -> Image.Image:
    """Light from above, and a coat that is not all of one colour."""
    side = sheet.width
    light = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((side, side))
    light = light.point(lambda value: 165 + value * 90 // 255)
    grain = Image.frombytes("L", (48, 48), rng.randbytes(48 * 48)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    grain = grain.point(lambda value: 222 + value * 33 // 255)
    colours = ImageChops.multiply(sheet.convert("RGB"), ImageChops.multiply(light, grain).convert("RGB"))
    colours.putalpha(sheet.getchannel("A").filter(ImageFilter.SMOOTH))
    return colours


# ---- animals, all looking to the right


def _legs(
    pen: Pen, roots: Sequence[Point], *, colour: Colour, stride: float, thick: float, reach: float
) -> None:
    """Four legs: hind left, hind right, fore left, fore right; the ones further away are darker."""
    for place, (x, y) in enumerate(roots):
        far = place % 2 == 0
        swing = stride * reach * (1 if place in (0, 3) else -1)
        knee = (x + swing * 0.35 + (-0.015 if place < 2 else 0.008), (y + 0.95) / 2)
        tone = tinted(colour, -0.38 if far else -0.14)
        pen.limb([(x, y), knee, (x + swing, 0.945)], [thick * 1.7, thick, thick * 0.7], tone)
        pen.oval(x + swing + 0.008, 0.947, thick * 0.55, 0.009, tinted(colour, -0.6))


def _deer(pen: Pen, rng: Random, stride: float) -> None:
    fur = rng.choice(_FUR["deer"])
    dark, light = tinted(fur, -0.25), tinted(fur, 0.45)
    _legs(
        pen,
        [(0.27, 0.60), (0.31, 0.62), (0.59, 0.61), (0.63, 0.62)],
        colour=fur,
        stride=stride,
        thick=0.028,
        reach=0.07,
    )
    grazes = rng.random() < 0.3
    neck = (
        [(0.62, 0.50), (0.73, 0.58), (0.82, 0.74)] if grazes else [(0.62, 0.50), (0.70, 0.38), (0.75, 0.25)]
    )
    pen.limb([(0.215, 0.47), (0.20, 0.54)], [0.03, 0.02], light)
    pen.smooth(
        [
            (0.21, 0.50),
            (0.28, 0.42),
            (0.45, 0.44),
            (0.62, 0.42),
            (0.69, 0.50),
            (0.63, 0.63),
            (0.45, 0.645),
            (0.27, 0.63),
        ],
        fur,
    )
    pen.smooth([(0.33, 0.60), (0.47, 0.61), (0.58, 0.60), (0.55, 0.638), (0.45, 0.645), (0.36, 0.638)], light)
    pen.limb(neck, [0.17, 0.115, 0.085], fur)
    x, y = neck[-1]
    tip = (x + 0.09, y + (0.07 if grazes else 0.035))
    pen.limb([(x, y), tip], [0.085, 0.04], fur)
    pen.oval(tip[0] + 0.012, tip[1], 0.014, 0.013, (36, 28, 26))
    pen.limb([(x - 0.03, y - 0.02), (x - 0.085, y - 0.055)], [0.035, 0.012], dark)
    pen.limb([(x - 0.01, y - 0.03), (x - 0.03, y - 0.095)], [0.03, 0.012], dark)
    pen.oval(x + 0.022, y - 0.010, 0.009, 0.009, (20, 16, 14))
    if rng.random() < 0.45 and not grazes:
        horn = (96, 78, 58)
        for lean in (-0.075, 0.035):
            pen.limb(
                [(x, y - 0.035), (x + lean, y - 0.12), (x + lean * 0.6, y - 0.22)],
                [0.016, 0.013, 0.006],
                horn,
            )
            pen.limb([(x + lean * 0.7, y - 0.10), (x + lean + 0.05, y - 0.15)], [0.011, 0.005], horn)
    if rng.random() < 0.35:
        for _spot in range(16):
            pen.oval(rng.uniform(0.27, 0.60), rng.uniform(0.45, 0.55), 0.007, 0.006, light)


def _boar(pen: Pen, rng: Random, stride: float) -> None:
    fur = rng.choice(_FUR["boar"])
    _legs(
        pen,
        [(0.27, 0.74), (0.32, 0.76), (0.60, 0.75), (0.65, 0.76)],
        colour=fur,
        stride=stride,
        thick=0.036,
        reach=0.05,
    )
    pen.limb([(0.18, 0.52), (0.14, 0.62)], [0.016, 0.01], tinted(fur, -0.3))
    pen.smooth(
        [
            (0.17, 0.57),
            (0.25, 0.45),
            (0.42, 0.40),
            (0.58, 0.36),
            (0.70, 0.45),
            (0.72, 0.62),
            (0.62, 0.78),
            (0.42, 0.80),
            (0.23, 0.75),
        ],
        fur,
    )
    for place in range(14):  # bristles along the back
        x = 0.30 + place * 0.028
        y = 0.435 - 0.065 * math.sin((x - 0.2) * 2.6)
        pen.limb([(x, y + 0.01), (x - 0.015, y - 0.03)], [0.012, 0.004], tinted(fur, -0.35))
    pen.limb([(0.68, 0.54), (0.80, 0.62), (0.905, 0.70)], [0.25, 0.15, 0.06], fur)
    pen.oval(0.915, 0.70, 0.018, 0.028, tinted(fur, 0.25))
    pen.shape([(0.70, 0.46), (0.72, 0.36), (0.765, 0.47)], tinted(fur, -0.25))
    pen.oval(0.795, 0.575, 0.009, 0.009, (16, 14, 12))
    pen.limb([(0.865, 0.715), (0.885, 0.68)], [0.012, 0.004], (232, 224, 204))


def _cat(pen: Pen, rng: Random, stride: float) -> None:
    fur = rng.choice(_FUR["cat"])
    light, dark = tinted(fur, 0.4), (52, 40, 32)
    pen.limb([(0.20, 0.60), (0.10, 0.66), (0.055, 0.78), (0.02, 0.77)], [0.05, 0.042, 0.038, 0.035], fur)
    _legs(
        pen,
        [(0.25, 0.70), (0.31, 0.72), (0.60, 0.71), (0.66, 0.72)],
        colour=fur,
        stride=stride,
        thick=0.046,
        reach=0.075,
    )
    pen.smooth(
        [
            (0.18, 0.63),
            (0.25, 0.53),
            (0.43, 0.555),
            (0.62, 0.52),
            (0.72, 0.59),
            (0.68, 0.72),
            (0.46, 0.74),
            (0.24, 0.76),
        ],
        fur,
    )
    pen.smooth([(0.34, 0.70), (0.48, 0.71), (0.62, 0.70), (0.58, 0.735), (0.46, 0.742), (0.37, 0.738)], light)
    pen.limb([(0.68, 0.58), (0.79, 0.53)], [0.16, 0.12], fur)
    pen.oval(0.80, 0.525, 0.072, 0.066, fur)
    pen.oval(0.862, 0.552, 0.032, 0.028, light)
    pen.oval(0.886, 0.543, 0.011, 0.009, (60, 36, 34))
    for x in (0.757, 0.805):
        pen.oval(x, 0.463, 0.020, 0.024, tinted(fur, -0.2))
    pen.oval(0.838, 0.508, 0.009, 0.009, (28, 24, 14))
    for _spot in range(46):
        x, y = rng.uniform(0.21, 0.70), rng.uniform(0.56, 0.70)
        pen.oval(x, y, rng.uniform(0.007, 0.013), rng.uniform(0.006, 0.011), dark)
    for place in range(5):
        pen.oval(0.17 - place * 0.028, 0.62 + place * 0.033, 0.014, 0.011, dark)


def _hare(pen: Pen, rng: Random, stride: float) -> None:
    fur = rng.choice(_FUR["hare"])
    light = tinted(fur, 0.5)
    pen.oval(0.20, 0.72, 0.045, 0.04, light)
    pen.limb([(0.60, 0.76), (0.62 + 0.04 * stride, 0.94)], [0.07, 0.04], tinted(fur, -0.25))
    pen.smooth(
        [(0.18, 0.76), (0.26, 0.58), (0.44, 0.52), (0.62, 0.58), (0.68, 0.72), (0.58, 0.86), (0.34, 0.90)],
        fur,
    )
    pen.oval(0.34, 0.80, 0.135, 0.12, tinted(fur, -0.08))
    pen.limb([(0.34, 0.90), (0.48, 0.935)], [0.07, 0.045], tinted(fur, -0.12))
    pen.limb([(0.64, 0.74), (0.67 - 0.03 * stride, 0.94)], [0.075, 0.04], fur)
    pen.oval(0.71, 0.55, 0.105, 0.09, fur)
    pen.oval(0.79, 0.575, 0.04, 0.04, light)
    for lean in (-0.12, -0.03):
        pen.limb(
            [(0.68, 0.49), (0.68 + lean * 0.6, 0.33), (0.68 + lean, 0.19)],
            [0.05, 0.065, 0.02],
            tinted(fur, -0.15),
        )
    pen.oval(0.738, 0.53, 0.012, 0.013, (22, 18, 16))


def _bird(pen: Pen, rng: Random, stride: float) -> None:
    coat = rng.choice(_FUR["bird"])
    for x, swing in ((0.44, stride), (0.50, -stride)):
        pen.limb(
            [(x, 0.70), (x + 0.03 * swing, 0.83), (x + 0.05 * swing, 0.945)],
            [0.03, 0.02, 0.018],
            (150, 116, 70),
        )
        pen.limb([(x + 0.05 * swing, 0.94), (x + 0.05 * swing + 0.06, 0.945)], [0.016, 0.008], (150, 116, 70))
    pen.limb([(0.30, 0.62), (0.12, 0.70), (0.01, 0.80)], [0.13, 0.08, 0.04], tinted(coat, -0.3))
    pen.smooth(
        [(0.24, 0.60), (0.38, 0.50), (0.56, 0.47), (0.66, 0.56), (0.60, 0.70), (0.44, 0.75), (0.30, 0.70)],
        coat,
    )
    pen.smooth([(0.27, 0.61), (0.40, 0.55), (0.53, 0.58), (0.44, 0.67), (0.32, 0.68)], tinted(coat, -0.22))
    pen.limb([(0.60, 0.54), (0.67, 0.42), (0.70, 0.33)], [0.13, 0.075, 0.06], tinted(coat, 0.12))
    pen.oval(0.712, 0.315, 0.048, 0.042, tinted(coat, 0.05))
    pen.shape([(0.752, 0.295), (0.825, 0.33), (0.75, 0.338)], (214, 172, 92))
    pen.oval(0.722, 0.303, 0.010, 0.010, (16, 12, 12))
    pen.shape([(0.70, 0.285), (0.725, 0.25), (0.745, 0.292)], (188, 52, 46))


# ---- people and vehicles


def _person(pen: Pen, rng: Random, stride: float) -> None:
    top, trousers = rng.choice(_CLOTH), tinted(rng.choice(_CLOTH), -0.35)
    skin = rng.choice(_SKIN)
    swing = 0.075 * stride
    for side, tone in ((-1, -0.3), (1, 0.0)):
        foot = 0.5 + swing * side
        pen.limb(
            [(0.495, 0.52), (0.5 + swing * side * 0.6 + 0.012, 0.72), (foot, 0.915)],
            [0.095, 0.072, 0.052],
            tinted(trousers, tone),
        )
        pen.limb([(foot - 0.008, 0.93), (foot + 0.045, 0.935)], [0.036, 0.026], (48, 40, 34))
    pen.limb(
        [(0.50, 0.25), (0.455 + swing, 0.37), (0.47 + swing * 1.6, 0.48)],
        [0.06, 0.05, 0.042],
        tinted(top, -0.35),
    )
    if rng.random() < 0.6:
        pack = tinted(rng.choice(_CLOTH), -0.1)
        pen.smooth(
            [(0.40, 0.26), (0.46, 0.23), (0.48, 0.36), (0.45, 0.47), (0.395, 0.45), (0.38, 0.35)], pack
        )
    pen.smooth(
        [
            (0.445, 0.24),
            (0.50, 0.205),
            (0.555, 0.235),
            (0.565, 0.37),
            (0.552, 0.53),
            (0.45, 0.53),
            (0.438, 0.37),
        ],
        top,
    )
    pen.limb(
        [(0.51, 0.26), (0.535 - swing, 0.38), (0.56 - swing * 1.6, 0.48)],
        [0.062, 0.052, 0.042],
        tinted(top, -0.12),
    )
    pen.oval(0.563 - swing * 1.6, 0.49, 0.022, 0.024, skin)
    pen.limb([(0.505, 0.215), (0.51, 0.17)], [0.05, 0.045], tinted(skin, -0.15))
    pen.oval(0.515, 0.125, 0.048, 0.062, skin)
    hat = tinted(rng.choice(_CLOTH), -0.2)
    pen.smooth(
        [(0.462, 0.115), (0.475, 0.065), (0.52, 0.05), (0.56, 0.075), (0.565, 0.11), (0.51, 0.10)], hat
    )
    if rng.random() < 0.6:
        pen.limb([(0.465, 0.11), (0.605, 0.108)], [0.014, 0.012], hat)


def _vehicle(pen: Pen, rng: Random, _stride: float) -> None:
    paint = rng.choice(_PAINT)
    glass, dark = (74, 92, 104), (34, 34, 36)
    pickup = rng.random() < 0.45
    roof_from = 0.40 if pickup else 0.10
    pen.shape([(0.03, 0.56), (0.97, 0.57), (0.985, 0.66), (0.98, 0.82), (0.02, 0.82), (0.015, 0.62)], paint)
    pen.shape([(roof_from, 0.575), (roof_from + 0.035, 0.36), (0.655, 0.355), (0.745, 0.575)], paint)
    pen.shape(
        [(roof_from + 0.035, 0.36), (0.655, 0.355), (0.66, 0.375), (roof_from + 0.03, 0.38)],
        tinted(paint, -0.35),
    )
    panes = (
        [(roof_from + 0.035, 0.52), (0.53, 0.66)]
        if pickup
        else [(0.135, 0.315), (0.335, 0.50), (0.515, 0.655)]
    )
    for left, right in panes:
        lean = 0.062 if right > 0.6 else 0.0
        pen.shape([(left, 0.545), (left + 0.012, 0.40), (right - 0.01, 0.40), (right + lean, 0.545)], glass)
        pen.shape([(left + 0.01, 0.53), (left + 0.02, 0.415), (left + 0.05, 0.415)], tinted(glass, 0.35))
    if not pickup and rng.random() < 0.5:  # rack and spare wheel
        pen.limb([(0.14, 0.335), (0.62, 0.33)], [0.014, 0.014], dark)
        pen.oval(0.015, 0.60, 0.03, 0.10, dark)
    pen.shape([(0.02, 0.77), (0.98, 0.77), (0.98, 0.825), (0.02, 0.825)], tinted(paint, -0.5))
    pen.oval(0.955, 0.635, 0.022, 0.03, (250, 246, 214))
    pen.oval(0.028, 0.645, 0.012, 0.03, (176, 40, 36))
    for line in (0.335, 0.507) if not pickup else (0.525,):
        pen.limb([(line, 0.56), (line, 0.76)], [0.005, 0.005], tinted(paint, -0.4))
    for x in (0.215, 0.775):
        pen.oval(x, 0.82, 0.125, 0.125, tinted(paint, -0.6))
        pen.oval(x, 0.838, 0.107, 0.107, dark)
        pen.oval(x, 0.838, 0.055, 0.055, (150, 150, 148))
        pen.oval(x, 0.838, 0.022, 0.022, (70, 70, 72))


_DRAWERS: dict[str, Callable[[Pen, Random, float], None]] = {
    "deer": _deer,
    "boar": _boar,
    "cat": _cat,
    "hare": _hare,
    "bird": _bird,
    "person": _person,
    "vehicle": _vehicle,
}
