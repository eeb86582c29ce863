"""Reads `pack.toml` (schema 1, told in models/README.md) into a manifest, with every complaint at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath

from ranger_app.i18n import _
from ranger_app.inference.manifest import (
    FILE_ROLES,
    KINDS,
    PRECISIONS,
    SCHEMA,
    ClassifierOutput,
    DetectorOutput,
    EmbedderOutput,
    ExtraInput,
    Golden,
    GoldenBox,
    GraphInput,
    InputSize,
    Licence,
    Manifest,
    Nms,
    PackFile,
    Postprocess,
    Preprocess,
    Region,
    Resize,
    Thresholds,
)
from ranger_app.inference.toml_table import Complaints, Table

FILE_BYTES_AT_MOST = 2**31 - 1  # what one ONNX file can hold
SIDE_PX_AT_MOST = 4096
GOLDEN_AT_MOST = 50

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
APP_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,3}")
SHA256 = re.compile(r"[0-9a-f]{64}")
ROLES = ("animal", "person", "vehicle")


def read_manifest(raw: bytes, complaints: Complaints) -> Manifest | None:
    """The manifest in `raw`, and in `complaints` all that is wrong with it; None when it is not TOML at all.

    A manifest with complaints is not fit for use: what was wrong in it has been read as empty or zero.
    """
    try:
        values = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        complaints.say(_("is not UTF-8 text"))
        return None
    except (ValueError, RecursionError) as error:  # tomllib raises plain ValueError for an endless number
        complaints.say(_("is not TOML ({reason})").format(reason=str(error)[:120]))
        return None
    top = Table(values, "", complaints)
    schema = top.whole("schema", least=1)
    if schema != SCHEMA and "schema" in top:
        text = _("is of schema {schema}, and this Ranger reads schema {known}")
        complaints.say(text.format(schema=schema, known=SCHEMA))
        return None
    manifest = _manifest(top)
    top.finish()
    return manifest


def inside(path: str) -> bool:
    """Whether a path from a manifest names a file within the folder, on every system."""
    parts = PurePosixPath(path).parts
    good = path.isprintable() and not set(path) & set('\\:*?"<>|') and len(path) <= 200
    return bool(parts) and good and not path.startswith("/") and path == "/".join(parts) and ".." not in parts


def _manifest(top: Table) -> Manifest:
    base = top.table("thresholds")
    thresholds = _thresholds(base, Thresholds(), needed=True) if base else Thresholds()
    by_precision: dict[str, Thresholds] = {}
    if base:
        for precision in PRECISIONS:
            if precision in base and (inner := base.table(precision)):
                by_precision[precision] = _thresholds(inner, thresholds, needed=False)
                inner.finish()
        base.finish()
    output = top.table("output")
    calibration = top.table("calibration", needed=False)
    bench = top.table("bench", needed=False)
    io = top.table("io")
    goldens = top.tables("golden")
    if len(goldens) > GOLDEN_AT_MOST:
        top.say("golden", _("has more than {count} pictures").format(count=GOLDEN_AT_MOST))
    manifest = Manifest(
        id=top.text("id", like=ID),
        version=top.text("version", like=VERSION),
        kind=top.text("kind", one_of=KINDS),
        names=top.words("name", needed=True),
        caution=top.words("caution") if "caution" in top else {},
        licence=_licence(top.table("license")),
        citation=top.text("citation", otherwise=""),
        source_url=top.text("source_url", otherwise=""),
        region=top.text("region", otherwise=""),
        min_app_version=top.text("min_app_version", like=APP_VERSION),
        files=tuple(_file(one) for one in top.tables("files", needed=True)),
        labels=top.text("labels"),
        label_map=top.text("label_map", otherwise=""),
        input=_input(io.table("input") if io else None),
        extra_inputs=tuple(_extra_input(one) for one in io.tables("extra_inputs")) if io else (),
        preprocess=_preprocess(top.table("preprocess")),
        detector=_detector(output.table("detector")) if output and "detector" in output else None,
        classifier=_classifier(output.table("classifier")) if output and "classifier" in output else None,
        embedder=_embedder(output.table("embedder")) if output and "embedder" in output else None,
        thresholds=thresholds,
        precision_thresholds=by_precision,
        postprocess=_postprocess(top.table("postprocess", needed=False)),
        golden=tuple(_golden(one) for one in goldens[:GOLDEN_AT_MOST]),
        temperature=_temperature(calibration),
        isotonic=_pairs(calibration, "isotonic"),
        bench_cpu=bench.text("cpu", otherwise="") if bench else "",
        bench_ms=bench.number("ms", otherwise=0.0, most=1e7) if bench else 0.0,
    )
    for table in (output, calibration, bench, io):
        if table:
            table.finish()
    if output and not (manifest.detector or manifest.classifier or manifest.embedder):
        top.say("output", _("says nothing of what comes out of the graph"))
    return manifest


def _licence(table: Table | None) -> Licence:
    if table is None:
        return Licence("", "", False, "")
    licence = Licence(
        spdx=table.text("spdx"),
        url=table.text("url", otherwise=""),
        commercial_use=table.flag("commercial_use"),
        attribution=table.text("attribution", otherwise=""),
    )
    table.finish()
    return licence


def _file(table: Table) -> PackFile:
    path = table.text("path")
    if path and not inside(path):
        table.say("path", _("must name a file inside the pack's folder"))
        path = ""
    role = table.text("role", otherwise="graph", one_of=FILE_ROLES)
    graph = role == "graph"
    file = PackFile(
        path=path,
        sha256=table.text("sha256", like=SHA256),
        size_bytes=table.whole("bytes", most=FILE_BYTES_AT_MOST),
        role=role,
        precision=table.text("precision", one_of=PRECISIONS, otherwise=None if graph else ""),
        opset=table.whole("opset", otherwise=None if graph else 0, most=100),
        provider_hint=table.text("provider_hint", otherwise=""),
    )
    table.finish()
    return file


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
    )
    if crop:
        table.text("fallback", one_of=("full",), otherwise="full")
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


def _detector(table: Table | None) -> DetectorOutput | None:
    if table is None:
        return None
    nms, combine = table.table("nms", needed=False), table.table("combine", needed=False)
    read = DetectorOutput(
        layout=table.text("layout"),
        tensor=table.text("tensor"),
        box=table.text("box", one_of=("cxcywh", "xyxy")),
        normalised=table.flag("normalised"),
        objectness=table.flag("objectness"),
        activation=table.text("activation", one_of=("none", "sigmoid")),
        strides=table.wholes("strides", least=1, most=256, at_most=8) if "strides" in table else (),
        combine={
            role: combine.text(role, one_of=("sum", "max"), otherwise="max") if combine else "max"
            for role in ROLES
        },
        nms=_nms(nms) if nms and "iou" in nms else None,
    )
    if combine:
        combine.finish()
    table.finish()
    return read


def _nms(table: Table) -> Nms:
    nms = Nms(
        iou=table.number("iou"),
        per_class=table.flag("per_class"),
        max_det=table.whole("max_det", least=1, most=1000),
    )
    table.finish()
    return nms


def _classifier(table: Table | None) -> ClassifierOutput | None:
    if table is None:
        return None
    read = ClassifierOutput(
        layout=table.text("layout", otherwise="whole_image"),
        tensor=table.text("tensor"),
        activation=table.text("activation", one_of=("softmax", "sigmoid", "none")),
        topk=table.whole("topk", otherwise=5, least=1, most=100),
    )
    table.finish()
    return read


def _embedder(table: Table | None) -> EmbedderOutput | None:
    if table is None:
        return None
    read = EmbedderOutput(
        tensor=table.text("tensor"),
        dim=table.whole("dim", least=1, most=100_000),
        l2=table.flag("l2"),
        metric=table.text("metric", one_of=("cosine", "euclidean")),
    )
    table.finish()
    return read


def _thresholds(table: Table, base: Thresholds, *, needed: bool) -> Thresholds:
    def figure(key: str, *, must: bool = False) -> float:
        return table.number(key, otherwise=None if needed and must else getattr(base, key))

    return Thresholds(
        store=figure("store", must=True),
        display=figure("display", must=True),
        conservative=figure("conservative"),
        classify_gate=figure("classify_gate"),
        count=figure("count"),
    )


def _postprocess(table: Table | None) -> Postprocess:
    if table is None:
        return Postprocess()
    rollup = table.table("rollup", needed=False)
    read = Postprocess(
        ensemble=table.text("ensemble", one_of=("none", "speciesnet_v4"), otherwise="none"),
        rollup_levels=tuple(rollup.text("levels", otherwise="").split()) if rollup else (),
        rollup_min=rollup.number("min", otherwise=0.65) if rollup else 0.65,
        geofence=table.text("geofence", otherwise=""),
    )
    if rollup:
        rollup.finish()
    table.finish()
    return read


def _golden(table: Table) -> Golden:
    golden = Golden(
        image=table.text("image"),
        recipe=table.text("recipe", otherwise=""),
        boxes=tuple(_golden_box(one) for one in table.tables("boxes")),
        topk=tuple(_golden_class(one) for one in table.tables("topk")),
        tol_conf=table.number("tol_conf", otherwise=0.02),
        tol_iou=table.number("tol_iou", otherwise=0.98),
    )
    table.finish()
    return golden


def _golden_box(table: Table) -> GoldenBox:
    box = GoldenBox(
        x=table.number("x"),
        y=table.number("y"),
        w=table.number("w"),
        h=table.number("h"),
        kind=table.text("kind", one_of=ROLES),
        score=table.number("score"),
    )
    table.finish()
    return box


def _golden_class(table: Table) -> tuple[str, float]:
    found = table.text("name"), table.number("score")
    table.finish()
    return found


def _temperature(calibration: Table | None) -> float:
    return calibration.number("temperature", otherwise=1.0, least=0.01, most=100) if calibration else 1.0


def _pairs(table: Table | None, key: str) -> tuple[tuple[float, float], ...]:
    if table is None or key not in table:
        return ()
    points = table.tables(key)
    found = tuple((one.number("raw"), one.number("true")) for one in points)
    for one in points:
        one.finish()
    return found
