"""Writes the stand-in's net as an ONNX graph, in a pack with manifest, labels, card and golden pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from net import Net
from onnx import TensorProto, helper, numpy_helper

from ranger_app.inference.looks import Look
from ranger_app.inference.manifest import Manifest
from ranger_app.inference.manifest_toml import read_manifest
from ranger_app.inference.toml_table import Complaints

HEIGHT_PX, WIDTH_PX, STRIDE_PX = 144, 192, 16
SCALE, MEAN, STD = "1/255", 0.42, 0.25
OPSET, IR_VERSION = 17, 8
GRAPH, LABELS, CARD = "standin.onnx", "labels.csv", "CARD.md"
LABEL_LINES = (
    "index,id,role,name_en\n0,animal,animal,Animal\n1,person,human,Person\n2,vehicle,vehicle,Vehicle\n"
)


@dataclass(frozen=True, slots=True)
class GoldenFile:
    """A drawn picture that goes into the pack, how it was drawn, and what the pack says of it."""

    path: str
    jpeg: bytes
    recipe: str
    look: Look


def onnx_graph(net: Net) -> bytes:
    """The net as ONNX: 1 × 3 × H × W pixels to 1 × cells × 8, of which the last four are probabilities."""
    nodes, weights = [], []
    name = "images"
    for place, layer in enumerate(net.layers):
        shape = layer.shape
        kernel = layer.weight.reshape(shape.taps, shape.taps, shape.channels_in, shape.channels_out)
        weights += [
            numpy_helper.from_array(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)), f"w{place}"),
            numpy_helper.from_array(layer.bias, f"b{place}"),
        ]
        nodes.append(
            helper.make_node(
                "Conv",
                [name, f"w{place}", f"b{place}"],
                [f"conv{place}"],
                kernel_shape=[shape.taps] * 2,
                strides=[shape.stride] * 2,
                pads=[shape.taps // 2] * 4,
            )
        )
        name = f"conv{place}"
        if shape.rectified:
            nodes.append(helper.make_node("Relu", [name], [f"relu{place}"]))
            name = f"relu{place}"
    answers = net.layers[-1].shape.channels_out
    cells = (HEIGHT_PX // STRIDE_PX) * (WIDTH_PX // STRIDE_PX)
    weights += [
        numpy_helper.from_array(np.array([1, answers, cells], np.int64), "as_rows"),
        numpy_helper.from_array(np.array([4, answers - 4], np.int64), "parts"),
    ]
    nodes += [
        helper.make_node("Reshape", [name, "as_rows"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["rows"], perm=[0, 2, 1]),
        helper.make_node("Split", ["rows", "parts"], ["where", "odds"], axis=2),
        helper.make_node("Sigmoid", ["odds"], ["likely"]),
        helper.make_node("Concat", ["where", "likely"], ["output"], axis=2),
    ]
    graph = helper.make_graph(
        nodes,
        "standin-drawn",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, HEIGHT_PX, WIDTH_PX])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, cells, answers])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="ranger")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    raw: bytes = model.SerializeToString()
    return raw


def planned_manifest() -> Manifest:
    """The manifest as it will be, for the preparation of pictures before there is a graph."""
    complaints = Complaints("pack.toml")
    manifest = read_manifest(
        manifest_text([], (), display=0.3, careful=0.1, version="0").encode(), complaints
    )
    if manifest is None:
        raise ValueError(complaints.all)
    return manifest


def write_pack(
    folder: Path,
    graph: bytes,
    goldens: Sequence[GoldenFile],
    *,
    display: float,
    careful: float,
    version: str,
    card: str,
) -> None:
    """The whole pack into `folder`; what is there of an older one is written over."""
    files = {GRAPH: graph, LABELS: LABEL_LINES.encode(), CARD: card.encode()}
    files |= {golden.path: golden.jpeg for golden in goldens}
    roles = {GRAPH: "graph", LABELS: "labels", CARD: "text"}
    listed = []
    for path, raw in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
        lines = [f'path = "{path}"', f'role = "{roles.get(path, "golden")}"']
        lines += [f'sha256 = "{hashlib.sha256(raw).hexdigest()}"', f"bytes = {len(raw)}"]
        if path == GRAPH:
            lines += ['precision = "fp32"', f"opset = {OPSET}"]
        listed.append("\n".join(["[[files]]", *lines]))
    text = manifest_text(listed, goldens, display=display, careful=careful, version=version)
    (folder / "pack.toml").write_text(text, encoding="utf-8", newline="\n")


def manifest_text(
    listed: Sequence[str], goldens: Sequence[GoldenFile], *, display: float, careful: float, version: str
) -> str:
    """`pack.toml`; the fields are told in models/README.md."""
    parts = [
        f"""# Written by models/training/standin.py; change it there.
schema = 1
id = "standin-drawn"
version = "{version}"
kind = "detector"
labels = "{LABELS}"
region = "none: drawn pictures only"
citation = "Trained by models/training/standin.py on pictures that ranger_app/photos/drawn.py draws."
source_url = ""
min_app_version = "0.1.0"

[name]
en = "Stand-in (drawn pictures)"
fr = "Modèle provisoire (images dessinées)"

[caution]
en = "This stand-in model only shows that the steps work. It learned from drawn pictures, has never seen a \
photograph, and knows no species: do not rely on what it says."
fr = "Ce modèle provisoire montre seulement que les étapes fonctionnent. Il a appris sur des images \
dessinées, n’a jamais vu de photographie et ne connaît aucune espèce : ne vous fiez pas à ce qu’il dit."

[license]
spdx = "Apache-2.0"
url = "https://www.apache.org/licenses/LICENSE-2.0"
commercial_use = true
attribution = "Ranger"
""",
        *listed,
        f"""
[io.input]
name = "images"
layout = "NCHW"
dtype = "float32"
color = "RGB"
batch = "1"
size = {{ h = {HEIGHT_PX}, w = {WIDTH_PX} }}

[preprocess]
exif_rotate = true
draft_px = {WIDTH_PX}
scale = "{SCALE}"
mean = [{MEAN}, {MEAN}, {MEAN}]
std = [{STD}, {STD}, {STD}]
uint8_roundtrip = true

[preprocess.roi]
kind = "full"
strip_bottom = 0.05

[preprocess.resize]
mode = "letterbox"
interp = "bilinear"
antialias = true
rounding = "floor"
pad_value = 114
pad_align = "topleft"
scaleup = true

[output.detector]
layout = "yolox"
tensor = "output"
box = "cxcywh"
normalised = false
objectness = true
activation = "none"
strides = [{STRIDE_PX}]
nms = {{ iou = 0.3, per_class = false, max_det = 20 }}

[thresholds]
store = 0.01
display = {display}
conservative = {careful}
classify_gate = 0.1
count = {display}
""",
        *(_golden_text(golden) for golden in goldens),
    ]
    return "\n".join(parts)


def _golden_text(golden: GoldenFile) -> str:
    look = golden.look
    lines = ["[[golden]]", f'image = "{golden.path}"', f'recipe = "{golden.recipe}"']
    lines += ["tol_conf = 0.03", "tol_iou = 0.95"]
    for box in look.boxes:
        if box.score >= 0.5:
            sides = ", ".join(f"{side} = {getattr(box, side):.5f}" for side in "xywh")
            lines += ["[[golden.boxes]]", f'kind = "{box.kind}"', f"score = {box.score:.4f}"]
            lines += sides.split(", ")
    for name, score in look.groups:
        lines += ["[[golden.topk]]", f'name = "{name}"', f"score = {score:.4f}"]
    return "\n".join(lines) + "\n"
