"""Makes of a picture the numbers that a graph takes, exactly as the pack's manifest says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ranger_app.inference.looks import Rectangle
from ranger_app.inference.packs.manifest import GraphInput, Preprocess, Region, Resize
from ranger_app.inference.pictures import Picture
from ranger_app.inference.placing import Placing

Edges = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels; right and bottom are the first outside."""

_INTERPOLATIONS = {
    "area": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A graph's input, 1 × 3 × H × W or 1 × H × W × 3, and how to get back to the picture."""

    tensor: NDArray[Any]
    placing: Placing


def prepare(
    picture: Picture, *, graph_input: GraphInput, preprocess: Preprocess, box: Rectangle | None = None
) -> Prepared:
    """The picture as the graph takes it; where the manifest asks for crops, what lies in `box`."""
    outer, inner = _edges(picture, preprocess.region, box)
    resize = preprocess.resize
    cut = _cut(picture.image, outer, inner, resize.pad_value)
    canvas, (scale_x, scale_y), (pad_x, pad_y) = _fit(cut, graph_input, resize)
    placing = Placing(
        scale_x=scale_x,
        scale_y=scale_y,
        pad_x=pad_x,
        pad_y=pad_y,
        left=outer[0],
        top=outer[1],
        picture_w=picture.image.width,
        picture_h=picture.image.height,
        input_w=canvas.shape[1],
        input_h=canvas.shape[0],
        region_w=cut.width,
        region_h=cut.height,
    )
    return Prepared(_numbers(canvas, graph_input, preprocess), placing)


def region_box(picture: Picture, region: Region) -> Edges:
    """Left, top, right and bottom of what is looked at, in pixels of the decoded picture."""
    width, height = picture.image.size
    top, bottom = int(height * region.strip_top), int(height * (1 - region.strip_bottom))
    if region.kind == "center_crop_height":
        # SpeciesNet: the height kept is the larger of (1 − 0.3) h and h − 400, in pixels of the file.
        inner = bottom - top
        cut = min(region.max_frac * inner, region.max_px * height / picture.height_px)
        top += int(cut / 2)
        bottom = top + round(inner - cut)
    return 0, top, width, max(bottom, top + 1)


def _edges(picture: Picture, region: Region, box: Rectangle | None) -> tuple[Edges, Edges]:
    """The edges of what the graph is shown, and of what of it is picture; the rest is filled."""
    bounds = region_box(picture, region)
    if box is None or region.kind != "crop_box":
        return bounds, bounds
    outer = crop_edges(box, region, picture.image.size, bounds)
    inner = (
        min(max(outer[0], bounds[0]), bounds[2] - 1),
        min(max(outer[1], bounds[1]), bounds[3] - 1),
        max(min(outer[2], bounds[2]), bounds[0] + 1),
        max(min(outer[3], bounds[3]), bounds[1] + 1),
    )
    if region.square == "none":
        return inner, inner
    if region.square == "pad":
        side = max(inner[2] - inner[0], inner[3] - inner[1])
        left = inner[0] - (side - (inner[2] - inner[0])) // 2
        top = inner[1] - (side - (inner[3] - inner[1])) // 2
        outer = left, top, left + side, top + side
    return outer, inner


def crop_edges(box: Rectangle, region: Region, size: tuple[int, int], bounds: Edges) -> Edges:
    """Left, top, right and bottom of the crop around a box, in pixels of a picture of that size.

    A square of the picture (`expand`) is pushed inside `bounds` where it fits; what still lies outside them
    is no picture.
    """
    x, y, w, h = box.x * size[0], box.y * size[1], box.w * size[0], box.h * size[1]
    grow = 1 + 2 * region.pad_frac
    new_w, new_h = max(w * grow, region.min_px), max(h * grow, region.min_px)
    if region.square == "expand":
        most = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
        new_w = new_h = min(max(new_w, new_h), most)
    left, top = x + (w - new_w) / 2, y + (h - new_h) / 2
    if region.square == "expand":
        left = _pushed(left, new_w, bounds[0], bounds[2])
        top = _pushed(top, new_h, bounds[1], bounds[3])
    whole = math.floor if region.rounding != "round" else round
    start = whole(left), whole(top)
    if region.rounding == "floor_size":  # SpeciesNet cuts the size, not the far edge
        end = start[0] + whole(new_w), start[1] + whole(new_h)
    else:
        end = whole(left + new_w), whole(top + new_h)
    return *start, max(end[0], start[0] + 1), max(end[1], start[1] + 1)


def _pushed(start: float, length: float, least: int, most: int) -> float:
    return min(max(start, least), most - length) if length <= most - least else start


def _cut(image: Image.Image, outer: Edges, inner: Edges, fill: int) -> Image.Image:
    """What lies within `outer`; of the picture only what lies within `inner`."""
    if outer == (0, 0, *image.size):
        return image
    if outer == inner:
        return image.crop(outer)
    canvas = Image.new("RGB", (outer[2] - outer[0], outer[3] - outer[1]), (fill, fill, fill))
    canvas.paste(image.crop(inner), (inner[0] - outer[0], inner[1] - outer[1]))
    return canvas


def _fit(
    image: Image.Image, graph_input: GraphInput, resize: Resize
) -> tuple[NDArray[np.uint8], tuple[float, float], tuple[float, float]]:
    """H × W × 3 RGB bytes, the scales and the margins to the left and above."""
    width, height = image.size
    size = graph_input.size
    target_w, target_h = size.width_px or size.long_side_px, size.height_px or size.long_side_px
    if resize.mode == "stretch":
        scales = target_w / width, target_h / height
        return _pixels(image, (target_w, target_h), resize), scales, (0.0, 0.0)
    if resize.mode == "shortest_crop":
        return _shortest_crop(image, (target_w, target_h), resize)
    if resize.mode == "prescale_letterbox":
        scale = size.long_side_px / max(width, height)
        new = max(1, int(width * scale)), max(1, int(height * scale))
        stride = size.stride_px
        steps = size.long_side_px / max(new) / stride
        target_w = math.ceil(new[0] * steps + 0.5) * stride
        target_h = math.ceil(new[1] * steps + 0.5) * stride
    else:
        scale = min(target_w / width, target_h / height)
        if not resize.scaleup:
            scale = min(scale, 1.0)
        whole = math.floor if resize.rounding == "floor" else round
        new = max(1, whole(width * scale)), max(1, whole(height * scale))
        if resize.auto_stride:  # only as much margin as makes both sides multiples of the stride
            stride = size.stride_px or 32
            target_w = new[0] + (target_w - new[0]) % stride
            target_h = new[1] + (target_h - new[1]) % stride
    pixels = _pixels(image, new, resize)
    # Half a margin of .5 goes to the right and below, as in YOLOv5's letterbox.
    left, top = (
        (0, 0)
        if resize.pad_align == "topleft"
        else (round((target_w - new[0]) / 2 - 0.1), round((target_h - new[1]) / 2 - 0.1))
    )
    canvas = np.full((target_h, target_w, 3), resize.pad_value, np.uint8)
    canvas[top : top + new[1], left : left + new[0]] = pixels
    return canvas, (scale, scale), (float(left), float(top))


def _shortest_crop(
    image: Image.Image, target: tuple[int, int], resize: Resize
) -> tuple[NDArray[np.uint8], tuple[float, float], tuple[float, float]]:
    """The shorter side to so many pixels, then the middle of it (torchvision's Resize and CenterCrop)."""
    width, height = image.size
    short = resize.short_side_px or min(target)
    if width <= height:
        new = short, max(target[1], int(short * height / width))
    else:
        new = max(target[0], int(short * width / height)), short
    new = max(new[0], target[0]), max(new[1], target[1])
    pixels = _pixels(image, new, resize)
    left, top = round((new[0] - target[0]) / 2), round((new[1] - target[1]) / 2)
    cut = pixels[top : top + target[1], left : left + target[0]]
    return cut, (new[0] / width, new[1] / height), (-float(left), -float(top))


def _pixels(image: Image.Image, new: tuple[int, int], resize: Resize) -> NDArray[np.uint8]:
    """The region at its new size, H × W × 3 bytes."""
    width, height = image.size
    shrinks = new[0] < width or new[1] < height
    filter_ = _INTERPOLATIONS[resize.interp]
    if resize.interp == "area" and not shrinks:
        filter_ = Image.Resampling.BILINEAR  # an average over less than a pixel is no average
    if new == image.size:
        made = image
    elif resize.antialias or resize.interp == "area" or not shrinks:
        made = image.resize(new, filter_)
    else:  # each new pixel from its nearest neighbours only, as OpenCV and torch do it unless asked otherwise
        steps = (width / new[0], 0.0, 0.0, 0.0, height / new[1], 0.0)
        made = image.transform(new, Image.Transform.AFFINE, steps, resample=filter_)
    return np.asarray(made)


def _numbers(canvas: NDArray[np.uint8], graph_input: GraphInput, preprocess: Preprocess) -> NDArray[Any]:
    """(pixel × scale − mean) / std in the layout, colour order and type of the input."""
    pixels = canvas[:, :, ::-1] if graph_input.color == "BGR" else canvas
    by_colour = (1, 1, 3)
    if graph_input.layout == "NCHW":  # turned while it is bytes, which is a quarter of the moving
        pixels, by_colour = pixels.transpose(2, 0, 1), (3, 1, 1)
    values: NDArray[Any] = np.ascontiguousarray(pixels[None])
    if graph_input.dtype == "uint8":
        return values
    values = values.astype(np.float32)
    if preprocess.scale != 1.0:
        values *= np.float32(preprocess.scale)
    if preprocess.mean:
        values -= np.array(preprocess.mean, np.float32).reshape(by_colour)
    if preprocess.std:
        values /= np.array(preprocess.std, np.float32).reshape(by_colour)
    return values.astype(np.float16) if graph_input.dtype == "float16" else values
