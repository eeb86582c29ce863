"""Tiny graphs and packs, made on the spot, whose answers a test knows beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from ranger_app.inference.packs.pack import Pack, read_pack

HEIGHT_PX, WIDTH_PX = 64, 96
STRIDES = (8, 16, 32)
CELLS = sum((HEIGHT_PX // stride) * (WIDTH_PX // stride) for stride in STRIDES)
OPSET = 17
YOLOX_LABELS = (
    "index,id,role\n0,beast,animal\n1,ranger,human\n2,jeep,vehicle\n3,fowl,species\n4,lamp,unknown\n"
)
WHOLE_LABELS = (
    "index,id,role\n0,deer,species\n1,boar,species\n2,people,human\n3,car,vehicle\n4,nothing,blank\n"
)

DETECTOR = f"""
layout = "yolox"
tensor = "output"
box = "cxcywh"
normalised = false
objectness = true
activation = "none"
strides = {list(STRIDES)}
combine = {{ animal = "sum" }}
nms = {{ iou = 0.5, per_class = false, max_det = 20 }}
"""
CLASSIFIER = """
tensor = "output"
activation = "softmax"
topk = 3
"""


def graph_bytes(
    nodes: Sequence[Any],
    *,
    out_shape: Sequence[int | str],
    weights: Mapping[str, NDArray[Any]] | None = None,
    in_shape: Sequence[int | str] = (1, 3, HEIGHT_PX, WIDTH_PX),
    in_type: int = TensorProto.FLOAT,
    opset: int = OPSET,
    more_inputs: Mapping[str, tuple[int, Sequence[int | str]]] | None = None,
    more_outputs: Mapping[str, tuple[int, Sequence[int | str]]] | None = None,
) -> bytes:
    """A graph from `images` to `output`, with further inputs and outputs by name, type and shape."""
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        [_info("images", in_type, in_shape), *_infos(more_inputs)],
        [_info("output", TensorProto.FLOAT, out_shape), *_infos(more_outputs)],
        [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()],
    )
    model: ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    raw: bytes = model.SerializeToString()
    return raw


def _info(name: str, dtype: int, shape: Sequence[int | str]) -> Any:
    return helper.make_tensor_value_info(name, dtype, list(shape))


def _infos(some: Mapping[str, tuple[int, Sequence[int | str]]] | None) -> list[Any]:
    return [_info(name, dtype, shape) for name, (dtype, shape) in (some or {}).items()]


def constant_graph(answer: NDArray[np.float32], **more: Any) -> bytes:
    """A graph that answers the same whatever it is shown."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "nought"], ["nothing"]),
        helper.make_node("Add", ["answer", "nothing"], ["output"]),
    ]
    weights = {"answer": answer.astype(np.float32), "nought": np.zeros((), np.float32)}
    return graph_bytes(nodes, out_shape=answer.shape, weights=weights, **more)


def yolox_answer(classes: int = 5) -> NDArray[np.float32]:
    """An answer in which no cell sees anything."""
    return np.zeros((1, CELLS, 5 + classes), np.float32)


def write_pack(
    folder: Path,
    graph: bytes,
    *,
    output: str = DETECTOR,
    kind: str = "detector",
    labels: str | bytes = YOLOX_LABELS,
    changes: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    more: str = "",
) -> Path:
    """A pack that is right in every way, or as `changes` (text by text in its manifest) spoil it."""
    folder.mkdir(parents=True, exist_ok=True)
    raw_labels = labels.encode() if isinstance(labels, str) else labels
    contents = {"model.onnx": graph, "labels.csv": raw_labels, **(files or {})}
    roles = {"model.onnx": "graph", "labels.csv": "labels"}
    listed = ""
    for path, raw in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
        role = roles.get(path, "golden" if path.endswith((".png", ".jpg")) else "text")
        listed += f'[[files]]\npath = "{path}"\nrole = "{role}"\nbytes = {len(raw)}\n'
        listed += f'sha256 = "{hashlib.sha256(raw).hexdigest()}"\n'
        listed += f'precision = "fp32"\nopset = {OPSET}\n' if role == "graph" else ""
    text = f"""schema = 1
id = "tiny"
version = "1"
kind = "{kind}"
labels = "labels.csv"
min_app_version = "0.1.0"
[name]
en = "Tiny"
[license]
spdx = "CC0-1.0"
commercial_use = true
{listed}
[io.input]
name = "images"
layout = "NCHW"
dtype = "float32"
color = "RGB"
size = {{ h = {HEIGHT_PX}, w = {WIDTH_PX} }}
[preprocess]
exif_rotate = true
scale = "1/255"
roi = {{ kind = "full" }}
[preprocess.resize]
mode = "letterbox"
interp = "bilinear"
antialias = true
rounding = "floor"
pad_value = 114
pad_align = "topleft"
[output.{kind}]
{output}
[thresholds]
store = 0.05
display = 0.3
{more}
"""
    for before, after in (changes or {}).items():
        assert before in text, before
        text = text.replace(before, after)
    (folder / "pack.toml").write_text(text, encoding="utf-8")
    return folder


def yolox_pack(folder: Path, answer: NDArray[np.float32] | None = None, **more: Any) -> Pack:
    """A detector that answers so; by default it sees nothing."""
    return read_pack(write_pack(folder, constant_graph(yolox_answer() if answer is None else answer), **more))


def whole_image_pack(folder: Path, scores: Sequence[float], output: str = CLASSIFIER, **more: Any) -> Pack:
    """A classifier of whole pictures that answers so."""
    graph = constant_graph(np.array([scores], np.float32))
    return read_pack(write_pack(folder, graph, output=output, kind="classifier", labels=WHOLE_LABELS, **more))


CROP_PX = 32
CROP_LABELS = "index,id,role\n0,red,species\n1,green,species\n2,blue,species\n"
EMBEDDER = """
tensor = "embedding"
dim = 3
l2 = false
metric = "cosine"
"""
CROP_CLASSIFIER = f"""
layout = "crop"
tensor = "output"
activation = "softmax"
topk = 3
[output.embedder]
{EMBEDDER}
"""


def colours_graph() -> bytes:
    """A classifier of crops that knows the mean of each colour, which is its embedding, and ten times it."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["embedding"], axes=[2, 3], keepdims=0),
        helper.make_node("Mul", ["embedding", "ten"], ["output"]),
    ]
    return graph_bytes(
        nodes,
        out_shape=[1, 3],
        in_shape=[1, 3, CROP_PX, CROP_PX],
        weights={"ten": np.array(10, np.float32)},
        more_outputs={"embedding": (TensorProto.FLOAT, [1, 3])},
    )


def crop_pack(
    folder: Path, *, roi: str = 'square = "expand", pad_frac = 0.125, min_px = 8', **more: Any
) -> Pack:
    """A classifier of crops by their colour; stretches a square crop to its input."""
    changes = {
        'id = "tiny"': 'id = "colours"',
        f"{{ h = {HEIGHT_PX}, w = {WIDTH_PX} }}": f"{{ h = {CROP_PX}, w = {CROP_PX} }}",
        'kind = "full"': f'kind = "crop_box", {roi}',
        'mode = "letterbox"': 'mode = "stretch"',
        "pad_value = 114": "pad_value = 0",
        **more.pop("changes", {}),
    }
    labels = more.pop("labels", CROP_LABELS)
    graph = more.pop("graph", None) or colours_graph()
    output, kind = more.pop("output", CROP_CLASSIFIER), more.pop("kind", "classifier")
    return read_pack(
        write_pack(folder, graph, output=output, kind=kind, labels=labels, changes=changes, **more)
    )


def pipeline_pack(
    folder: Path, *parts: Pack, crops_at_most: int = 2, more: str = "", pinned: bool = True
) -> Path:
    """A pipeline of packs that lie beside it: a detector and what sees its boxes."""
    folder.mkdir(parents=True)
    said = ""
    for role, part in zip(("detector", "classifier"), parts, strict=False):
        digest = hashlib.sha256((part.folder / "pack.toml").read_bytes()).hexdigest()
        said += f'[[parts]]\nrole = "{role}"\npack = "{part.id}"\nversion = "{part.version}"\n'
        said += f'manifest_sha256 = "{digest}"\n'
    text = f"""schema = 1
id = "chain"
version = "1"
kind = "pipeline"
min_app_version = "0.1.0"
[name]
en = "Chain"
[license]
spdx = "CC0-1.0"
commercial_use = true
{said}
[pipeline]
crops_at_most = {crops_at_most}
[thresholds]
store = 0.05
display = 0.3
classify_gate = 0.2
"""
    (folder / "pack.toml").write_text(text, encoding="utf-8")
    return folder
