"""Changes the light of a picture as cameras and nights do: infrared, dusk, fog, drops, twigs at the lens."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

INFRARED_SHARE, GREY_SHARE, CLUTTER_SHARE = 0.35, 0.13, 0.35


def relit(picture: Image.Image, rng: Generator) -> Image.Image:
    """The picture as another night or day would have lit it."""
    if rng.random() < INFRARED_SHARE:
        return infrared(picture, rng)
    values = np.asarray(picture, np.float32) * rng.uniform(0.55, 1.3)
    if rng.random() < GREY_SHARE / (1 - INFRARED_SHARE):
        values = values.mean(2, keepdims=True).repeat(3, 2)
    values = 255 * (values.clip(0, 255) / 255) ** rng.uniform(0.75, 1.4)
    return Image.fromarray(values.astype(np.uint8))


def infrared(picture: Image.Image, rng: Generator) -> Image.Image:
    """Grey, lit by a spot that falls off, with the noise and the blur of a long exposure."""
    grey = np.asarray(picture.convert("L"), np.float32)
    height, width = grey.shape
    down, across = np.mgrid[0:height, 0:width]
    away = ((across - width * rng.uniform(0.2, 0.8)) / width) ** 2
    away += ((down - height * rng.uniform(0.3, 0.8)) / height) ** 2
    spot = 0.15 + 0.95 * np.exp(-away * rng.uniform(0.5, 7))
    grey = grey * spot * rng.uniform(0.5, 1.5) + rng.uniform(-10, 25)
    grey = 255 * (grey.clip(0, 255) / 255) ** rng.uniform(0.7, 1.4)
    grey += rng.standard_normal(grey.shape) * rng.uniform(0, 9)
    made = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        made = made.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.4)))
    return made.convert("RGB")


def cluttered(picture: Image.Image, rng: Generator) -> Image.Image:
    """Perhaps with what fires a camera where nothing is: lit grass and twigs, drops, fog, warm rocks."""
    if rng.random() > CLUTTER_SHARE:
        return picture
    width, height = picture.size
    layer = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(layer)
    kind = rng.integers(4)
    if kind == 0:  # grass or twigs
        root = rng.uniform(0, width)
        for _blade in range(rng.integers(3, 14)):
            x, length = root + rng.normal(0, width / 8), rng.uniform(0.15, 0.8) * height
            top = x + rng.normal(0, width / 10)
            points = [(x, height), ((x + top) / 2, height - length / 2), (top, height - length)]
            draw.line(points, fill=int(rng.integers(90, 255)), width=int(rng.integers(1, 7)), joint="curve")
    elif kind == 1:  # drops and out-of-focus specks
        for _drop in range(rng.integers(1, 9)):
            x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.01, 0.09) * width
            draw.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(60, 200)))
    elif kind == 2:  # fog
        layer = Image.new("L", picture.size, int(rng.integers(40, 170)))
    else:  # rocks and stumps
        for _rock in range(rng.integers(1, 4)):
            x, y = rng.uniform(0, width), rng.uniform(0.5, 1.0) * height
            w, h = rng.uniform(0.03, 0.15) * width, rng.uniform(0.02, 0.12) * height
            corners = [(x + w * rng.uniform(-1, 1), y + h * rng.uniform(-1, 1)) for _corner in range(7)]
            draw.polygon(corners, fill=int(rng.integers(60, 190)))
    layer = layer.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 6)))
    shade = int(rng.integers(120, 255))
    return Image.composite(Image.new("RGB", picture.size, (shade,) * 3), picture, layer)
