"""A picture becomes exactly the numbers that the manifest describes, and boxes find their way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ranger_app.inference.packs.manifest import GraphInput, InputSize, Preprocess, Region, Resize
from ranger_app.inference.pictures import Picture
from ranger_app.inference.prepare import Prepared, prepare, region_box
from tests.inference.pictures_made import noise_picture

BYTES = GraphInput("images", "NHWC", "uint8", "RGB", InputSize(96, 128), "1")
LETTERBOX = Resize("letterbox", "bilinear", True, "floor", 114, "topleft")
PLAIN = Preprocess(True, 0, Region("full"), LETTERBOX, 1.0, (), ())


def as_picture(image: Image.Image) -> Picture:
    return Picture(image, image.width, image.height, "", ())


def prepared(
    image: Image.Image, *, graph_input: GraphInput = BYTES, region: Region = PLAIN.region, **resize: Any
) -> Prepared:
    how = replace(PLAIN, region=region, resize=replace(LETTERBOX, **resize))
    return prepare(as_picture(image), graph_input=graph_input, preprocess=how)


def pixels(result: Prepared) -> NDArray[np.uint8]:
    return np.asarray(result.tensor[0])


# ---- sizes and margins


def test_letterbox_at_the_top_left_fills_the_rest_with_the_pad_value() -> None:
    image = noise_picture(640, 300)
    found = pixels(prepared(image))
    assert found.shape == (96, 128, 3)
    assert np.array_equal(found[:60], np.asarray(image.resize((128, 60), Image.Resampling.BILINEAR)))
    assert (found[60:] == 114).all()


def test_letterbox_in_the_centre_has_the_odd_pixel_below() -> None:
    image = noise_picture(640, 305)
    found = pixels(prepared(image, pad_align="center", pad_value=7))
    assert np.array_equal(found[17:78], np.asarray(image.resize((128, 61), Image.Resampling.BILINEAR)))
    assert (found[:17] == 7).all()
    assert (found[78:] == 7).all()


def test_sizes_are_cut_or_rounded_as_declared() -> None:
    image = noise_picture(640, 304)  # 60.8 pixels high
    assert (pixels(prepared(image, rounding="floor"))[60:] == 114).all()
    assert (pixels(prepared(image, rounding="round"))[60] != 114).any()


def test_a_small_picture_is_left_small_when_it_may_not_grow() -> None:
    image = noise_picture(40, 30)
    found = pixels(prepared(image, scaleup=False))
    assert np.array_equal(found[:30, :40], np.asarray(image))
    assert (found[30:] == 114).all()


@pytest.mark.parametrize(
    ("size", "shape"), [((4000, 3000), (960, 1280)), ((1920, 1080), (768, 1280)), ((3000, 4000), (1280, 960))]
)
def test_megadetector_classic_shapes_follow_from_stride_and_long_side(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    graph_input = replace(BYTES, size=InputSize(long_side_px=1280, stride_px=64))
    found = prepared(
        Image.new("RGB", size),
        graph_input=graph_input,
        auto_stride=True,
        pad_align="center",
        rounding="round",
    )
    assert pixels(found).shape[:2] == shape


def test_megadetector_modern_brings_the_long_side_to_size_and_pads_to_the_next_stride_and_a_half() -> None:
    graph_input = replace(BYTES, size=InputSize(long_side_px=1280, stride_px=64))
    found = prepared(
        Image.new("RGB", (2000, 1500), (200, 0, 0)),
        graph_input=graph_input,
        mode="prescale_letterbox",
        interp="area",
        pad_align="center",
    )
    assert pixels(found).shape == (1024, 1344, 3)  # ceil(0.75 · 20 + 0.5) · 64 and ceil(20 + 0.5) · 64
    assert (pixels(found)[32:992, 32:1312] == (200, 0, 0)).all()
    assert (pixels(found)[:32] == 114).all()


def test_stretch_takes_the_whole_picture_to_the_whole_input() -> None:
    image = noise_picture(500, 200)
    found = pixels(prepared(image, mode="stretch"))
    assert np.array_equal(found, np.asarray(image.resize((128, 96), Image.Resampling.BILINEAR)))


def test_shortest_crop_keeps_the_middle() -> None:
    image = noise_picture(640, 240)
    found = pixels(prepared(image, mode="shortest_crop"))
    whole = image.resize((256, 96), Image.Resampling.BILINEAR)
    assert np.array_equal(found, np.asarray(whole.crop((64, 0, 192, 96))))


# ---- interpolation


def test_area_is_the_mean_of_the_pixels_under_each_new_one() -> None:
    image = noise_picture(512, 384, seed=3)
    found = pixels(prepared(image, interp="area"))
    blocks = np.asarray(image, np.float64).reshape(96, 4, 128, 4, 3).mean((1, 3))
    assert np.abs(found - blocks).max() <= 1  # Pillow rounds across and then down


@given(st.integers(40, 300), st.integers(40, 300), st.integers(0, 9))
def test_bilinear_without_antialias_looks_at_four_neighbours_only(width: int, height: int, seed: int) -> None:
    image = noise_picture(width, height, seed)
    found = pixels(prepared(image, mode="stretch", antialias=False))
    source = np.asarray(image, np.float64)
    x = (np.arange(128) + 0.5) * width / 128 - 0.5
    y = (np.arange(96) + 0.5) * height / 96 - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    share_x, share_y = (x - left)[None, :, None], (y - top)[:, None, None]

    def at(rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.float64]:
        seen: NDArray[np.float64] = source[rows.clip(0, height - 1)][:, columns.clip(0, width - 1)]
        return seen

    upper = at(top, left) * (1 - share_x) + at(top, left + 1) * share_x
    lower = at(top + 1, left) * (1 - share_x) + at(top + 1, left + 1) * share_x
    assert np.abs(found - (upper * (1 - share_y) + lower * share_y)).max() <= 1.01


def test_bicubic_with_antialias_is_pillows() -> None:
    image = noise_picture(640, 480)
    found = pixels(prepared(image, interp="bicubic"))
    assert np.array_equal(found, np.asarray(image.resize((128, 96), Image.Resampling.BICUBIC)))


# ---- numbers


def test_layout_colour_order_scale_mean_and_std_are_as_declared() -> None:
    image = Image.new("RGB", (128, 96), (255, 51, 0))
    how = replace(PLAIN, scale=1 / 255, mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 2.0))
    graph_input = replace(BYTES, dtype="float32")
    nhwc = prepare(as_picture(image), graph_input=graph_input, preprocess=how).tensor
    assert nhwc.shape == (1, 96, 128, 3)
    assert nhwc.dtype == np.float32
    assert nhwc[0, 5, 5] == pytest.approx([1.0, -0.2, 0.0])
    nchw_bgr = replace(graph_input, layout="NCHW", color="BGR")
    nchw = prepare(as_picture(image), graph_input=nchw_bgr, preprocess=PLAIN).tensor
    assert nchw.shape == (1, 3, 96, 128)
    assert nchw[0, :, 5, 5].tolist() == [0, 51, 255]
    half = prepare(as_picture(image), graph_input=replace(graph_input, dtype="float16"), preprocess=PLAIN)
    assert half.tensor.dtype == np.float16


# ---- which part


def test_strips_are_cut_before_anything_else() -> None:
    image = Image.new("RGB", (400, 300), (200, 200, 200))
    image.paste((0, 0, 0), (0, 285, 400, 300))
    image.paste((0, 0, 0), (0, 0, 400, 30))
    region = Region("full", strip_top=0.1, strip_bottom=0.05)
    assert region_box(as_picture(image), region) == (0, 30, 400, 285)
    found = pixels(prepared(image, region=region, mode="stretch"))
    assert (found == 200).all()


def test_speciesnet_cuts_at_most_400_pixels_of_the_files_height_and_never_over_30_percent() -> None:
    region = Region("center_crop_height", max_frac=0.3, max_px=400)
    low = as_picture(Image.new("RGB", (1000, 1000)))
    assert region_box(low, region) == (0, 150, 1000, 850)
    high = replace(as_picture(Image.new("RGB", (1500, 1000))), width_px=3000, height_px=2000)
    assert region_box(high, region) == (0, 100, 1500, 900)  # 400 of 2000 pixels are 200 of the decoded 1000


# ---- and back


@given(
    width=st.integers(200, 900),
    height=st.integers(200, 900),
    mode=st.sampled_from(["letterbox", "stretch", "shortest_crop"]),
    align=st.sampled_from(["topleft", "center"]),
    strip=st.sampled_from([0.0, 0.05, 0.1]),
    data=st.data(),
)
def test_a_patch_seen_on_the_input_is_found_where_it_is_in_the_picture(
    width: int, height: int, mode: str, align: str, strip: float, data: st.DataObject
) -> None:
    w, h = data.draw(st.integers(60, 100)), data.draw(st.integers(60, 100))
    # Around the middle, which every mode shows.
    x = data.draw(st.integers(width // 2 - 80, width // 2 - 20))
    y = data.draw(st.integers(height // 2 - 80, height // 2 - 20))
    image = Image.new("RGB", (width, height), (0, 0, 0))
    image.paste((255, 255, 255), (x, y, x + w, y + h))
    region = Region("full", strip_top=strip, strip_bottom=strip)
    result = prepared(image, region=region, mode=mode, pad_align=align, pad_value=0)
    rows, columns = np.nonzero(pixels(result)[:, :, 0] > 127)
    corners = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
    shown: list[float] = [x, y, x + w, y + h]
    if mode == "shortest_crop":  # what lies outside the middle is not on the input
        placing = result.placing
        edge = [
            -placing.pad_x / placing.scale_x + placing.left,
            -placing.pad_y / placing.scale_y + placing.top,
        ]
        shown[:2] = [max(one, low) for one, low in zip(shown[:2], edge, strict=True)]
        far = [edge[0] + 128 / placing.scale_x, edge[1] + 96 / placing.scale_y]
        shown[2:] = [min(one, high) for one, high in zip(shown[2:], far, strict=True)]
    (share,) = result.placing.relative(corners)
    back = [
        share[0] * width,
        share[1] * height,
        (share[0] + share[2]) * width,
        (share[1] + share[3]) * height,
    ]
    pixel = [1 / result.placing.scale_x, 1 / result.placing.scale_y] * 2
    off = [abs(one - other) / size for one, other, size in zip(back, shown, pixel, strict=True)]
    assert max(off) < 1.1
