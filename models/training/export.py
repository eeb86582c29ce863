"""Writes trained nets as packs: graphs, labels, licence, manifest, golden pictures with what they show."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from manifests import TOLERANCE
from onnx import TensorProto, helper, numpy_helper

from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Look
from ranger_app.inference.packs.finding import read_pack
from ranger_app.photos.drawn.scenes import draw_scene

HALF_FROM_VALUES = 16_384  # the early and depthwise layers are small, and rounding tells most in them
GOLDEN = (("animal", 10, 900, False), ("animal", 21, 903, True), ("empty", 14, 900, False))
GOLDEN_SIZE_PX = (640, 480)
GOLDEN_BOX_FROM = 0.3
LICENCE_TEXT = Path(__file__).resolve().parent.parent.parent / "LICENSE"
NOTICE_TEXT = Path(__file__).resolve().parent / "NOTICE"


def half_stored(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph with its large weights kept in 16 bits and widened when it is loaded; it computes in 32."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    casts = []
    for tensor in made.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < HALF_FROM_VALUES:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    nodes = list(made.graph.node)
    del made.graph.node[:]
    made.graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(made, full_check=True)
    return made


def for_any_sides(model: onnx.ModelProto) -> onnx.ModelProto:
    """The detector for pictures of any sides that are multiples of its coarsest stride.

    Of a picture that is wider than high it then need not look at the empty part of a square below it.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    image, rows = made.graph.input[0], made.graph.output[0]
    columns = rows.type.tensor_type.shape.dim[2].dim_value
    for value, sides in ((image, ("n", 3, "h", "w")), (rows, ("n", "cells", columns))):
        value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, sides))
    onnx.checker.check_model(made, full_check=True)
    return made


def golden_pictures() -> dict[str, tuple[bytes, str]]:
    """The drawn pictures that every pack is tried on: their files, and the call that draws each."""
    found = {}
    for kind, seed, place, night in GOLDEN:
        width, height = GOLDEN_SIZE_PX
        picture, _boxes = draw_scene(seed, kind, width=width, height=height, place=place, night=night)
        store = io.BytesIO()
        picture.save(store, "JPEG", quality=85)
        call = f"draw_scene({seed}, '{kind}', width={width}, height={height}, place={place}, night={night})"
        found[f"golden/{kind}-{seed}.jpg"] = store.getvalue(), call
    return found


def write_pack(
    folder: Path,
    files: dict[str, bytes],
    manifest: Callable[[str, str], str],
    table: Callable[[dict[str, bytes], dict[str, str]], str],
    *,
    dirs: Sequence[Path] = (),
) -> str:
    """Write the pack, and again with what it says of its golden pictures; the SHA-256 of its manifest.

    manifest: from the table of files and the golden entries to the text of `pack.toml`.
    """
    goldens = golden_pictures()
    whole = {**files, "NOTICE": NOTICE_TEXT.read_bytes(), "LICENSE": LICENCE_TEXT.read_bytes()}
    whole |= {path: raw for path, (raw, _call) in goldens.items()}
    digests = {path: hashlib.sha256(raw).hexdigest() for path, raw in whole.items()}
    for path, raw in whole.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    listed = table(whole, digests)
    _write_text(folder / "pack.toml", manifest(listed, ""))
    model = Model.open(read_pack(folder), dirs=dirs)
    said = "\n".join(_golden(path, call, model.look(raw)) for path, (raw, call) in goldens.items())
    text = manifest(listed, said)
    _write_text(folder / "pack.toml", text)
    return hashlib.sha256(text.encode()).hexdigest()


def _golden(path: str, call: str, look: Look) -> str:
    lines = ["[[golden]]", f'image = "{path}"', f'recipe = "{call}"', TOLERANCE]
    for box in look.boxes:
        if box.score >= GOLDEN_BOX_FROM:
            lines += ["[[golden.boxes]]", f'kind = "{box.kind}"', f"score = {box.score:.4f}"]
            lines += [f"{side} = {getattr(box, side):.5f}" for side in "xywh"]
    for name, score in look.groups[:5]:
        lines += ["[[golden.topk]]", f'name = "{name}"', f"score = {score:.4f}"]
    return "\n".join(lines) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
