"""Reads from `pack.toml` what goes into a graph: its input, and how a picture becomes it."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.i18n import _
from ranger_app.inference.packs.manifest import (
    ExtraInput,
    GraphInput,
    InputSize,
    Preprocess,
    Region,
    Resize,
)
from ranger_app.inference.packs.toml_table import Table

SIDE_PX_AT_MOST = 4096
ROUNDINGS = ("round", "floor", "floor_size")


@dataclass(frozen=True, slots=True)
class SaidIn:
    """What a manifest says of the way in."""

    input: GraphInput
    extra_inputs: tuple[ExtraInput, ...]
    preprocess: Preprocess


def whole(top: Table) -> SaidIn:
    """The tables `io` and `preprocess`."""
    io = top.table("io")
    said = SaidIn(
        input=_input(io.table("input") if io else None),
        extra_inputs=tuple(_extra_input(one) for one in io.tables("extra_inputs")) if io else (),
        preprocess=_preprocess(top.table("preprocess")),
    )
    if io:
        io.finish()
    return said


def nothing() -> SaidIn:
    """What a pack without a graph of its own says."""
    return SaidIn(_input(None), (), _preprocess(None))


def _input(table: Table | None) -> GraphInput:
    if table is None:
        return GraphInput("", "", "", "", InputSize(), "")
    size = table.table("size")
    read = GraphInput(
        name=table.text("name"),
        layout=table.text("layout", one_of=("NCHW", "NHWC")),
        dtype=table.text("dtype", one_of=("float32", "float16", "uint8")),
        color=table.text("color", one_of=("RGB", "BGR")),
        size=_size(size) if size else InputSize(),
        batch=table.text("batch", otherwise="1", one_of=("1", "dynamic")),
    )
    table.finish()
    return read


def _size(table: Table) -> InputSize:
    if "long_side" in table:
        size = InputSize(
            long_side_px=table.whole("long_side", least=16, most=SIDE_PX_AT_MOST),
            stride_px=table.whole("stride", least=1, most=256),
        )
        if not table.flag("dynamic", otherwise=True):
            table.say("dynamic", _("must be true with long_side; otherwise give h and w"))
    else:
        size = InputSize(
            height_px=table.whole("h", least=16, most=SIDE_PX_AT_MOST),
            width_px=table.whole("w", least=16, most=SIDE_PX_AT_MOST),
        )
    table.finish()
    return size


def _extra_input(table: Table) -> ExtraInput:
    extra = ExtraInput(
        name=table.text("name"),
        role=table.text("role", one_of=("orig_size_wh", "orig_size_hw")),
        dtype=table.text("dtype", one_of=("int64", "int32", "float32")),
    )
    table.finish()
    return extra


def _preprocess(table: Table | None) -> Preprocess:
    if table is None:
        empty = Resize("", "", False, "")
        return Preprocess(False, 0, Region(""), empty, 1.0, (), ())
    roi, resize = table.table("roi"), table.table("resize")
    read = Preprocess(
        exif_rotate=table.flag("exif_rotate"),
        draft_px=table.whole("draft_px", otherwise=0, most=SIDE_PX_AT_MOST),
        region=_region(roi) if roi else Region(""),
        resize=_resize(resize) if resize else Resize("", "", False, ""),
        scale=table.number("scale", least=0, most=1e3),
        mean=table.numbers("mean", count=3, least=-1e4, most=1e4),
        std=table.numbers("std", count=3, least=1e-6, most=1e4),
    )
    if not table.flag("uint8_roundtrip", otherwise=True):
        table.say("uint8_roundtrip", _("must be true: this Ranger resizes in whole steps from 0 to 255"))
    table.finish()
    return read


def _region(table: Table) -> Region:
    kind = table.text("kind", one_of=("full", "crop_box", "center_crop_height"))
    centre, crop = kind == "center_crop_height", kind == "crop_box"
    region = Region(
        kind=kind,
        strip_top=table.number("strip_top", otherwise=0.0, most=0.4),
        strip_bottom=table.number("strip_bottom", otherwise=0.0, most=0.4),
        max_frac=table.number("max_frac", most=0.9) if centre else 0.0,
        max_px=table.whole("max_px", most=10_000) if centre else 0,
        pad_frac=table.number("pad_frac", otherwise=0.0, most=2.0) if crop else 0.0,
        square=table.text("square", one_of=("none", "pad", "expand")) if crop else "none",
        min_px=table.whole("min_px", otherwise=0, most=SIDE_PX_AT_MOST) if crop else 0,
        rounding=table.text("rounding", one_of=ROUNDINGS, otherwise="round") if crop else "round",
        fallback=table.text("fallback", one_of=("full", "none"), otherwise="full") if crop else "full",
    )
    table.finish()
    return region


def _resize(table: Table) -> Resize:
    mode = table.text("mode", one_of=("letterbox", "stretch", "shortest_crop", "prescale_letterbox"))
    letterbox = mode in ("letterbox", "prescale_letterbox")
    resize = Resize(
        mode=mode,
        interp=table.text("interp", one_of=("area", "bilinear", "bicubic")),
        antialias=table.flag("antialias"),
        rounding=table.text("rounding", one_of=("floor", "round"), otherwise=None if letterbox else "round"),
        pad_value=table.whole("pad_value", otherwise=None if letterbox else 114, most=255),
        pad_align=table.text(
            "pad_align", one_of=("center", "topleft"), otherwise=None if letterbox else "center"
        ),
        auto_stride=table.flag("auto_stride", otherwise=False),
        scaleup=table.flag("scaleup", otherwise=True),
        short_side_px=table.whole("short_side", otherwise=0, most=SIDE_PX_AT_MOST),
    )
    table.finish()
    return resize
