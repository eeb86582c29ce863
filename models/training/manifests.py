"""Words the manifests of the bundled packs: what goes into a graph, what comes out, how it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detector_parent import SIDE_PX as DETECTOR_PX
from detector_parent import STRIDES
from groups import BRANCHES, GROUPS

DETECTOR, CLASSIFIER, PIPELINE = "ranger-detector", "ranger-groups", "ranger-animals"
GRAPHS = {DETECTOR: "detector.onnx", CLASSIFIER: "groups.onnx"}
STRIP = 0.05
DRAFT_PX = 832  # twice the detector's side: a crop of a small animal still has pixels
TOLERANCE = "tol_conf = 0.02\ntol_iou = 0.95"
KIND_LABELS = (
    "index,id,role,name_en,name_fr\n0,animal,animal,Animal,Animal\n"
    "1,person,human,Person,Personne\n2,vehicle,vehicle,Vehicle,Véhicule\n"
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a picture shows something, in words of `pack.toml`."""

    display: float
    conservative: float
    classify_gate: float = 0.2
    count: float = 0.2
    store: float = 0.01

    def __str__(self) -> str:
        return (
            f"[thresholds]\nstore = {self.store}\ndisplay = {self.display}\n"
            f"conservative = {self.conservative}\nclassify_gate = {self.classify_gate}\n"
            f"count = {self.count}\n"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A pack that a pipeline is made of."""

    role: str
    pack: str
    version: str
    manifest_sha256: str


def group_labels() -> str:
    """`labels.csv` of the species groups, in the order of the graph's outputs."""
    lines = []
    for place, one in enumerate(GROUPS):
        rank, branch = BRANCHES[one.id]
        lineage = ",".join((*branch.split(), "", "", "", "", "")[:5])
        names = f"{_cell(one.name_en)},{_cell(one.name_fr)}"
        lines.append(f"{place},{one.id},species,{rank},{lineage},{names}")
    head = "index,id,role,rank,class,order,family,genus,species,name_en,name_fr"
    return "\n".join([head, *lines]) + "\n"


def detector_manifest(
    version: str, files: str, thresholds: Thresholds, golden: str, combine: str = ""
) -> str:
    """The detector's `pack.toml`; `combine` is needed only for a parent with several classes of a kind.

    A parent is shown its square; ours only as much of it as the picture takes.
    """
    size, margin = f"h = {DETECTOR_PX}, w = {DETECTOR_PX}", ""
    if not combine:
        size = f"long_side = {DETECTOR_PX}, stride = {STRIDES[-1]}, dynamic = true"
        margin = "auto_stride = true\n"
    return f"""{_head(DETECTOR, version, "detector")}
[name]
en = "Ranger detector (animal, person, vehicle)"
fr = "Détecteur de Ranger (animal, personne, véhicule)"

{_licence()}
{files}
[io.input]
name = "images"
layout = "NCHW"
dtype = "float32"
color = "BGR"
batch = "dynamic"
size = {{ {size} }}

[preprocess]
exif_rotate = true
draft_px = {DRAFT_PX}
scale = 1.0
uint8_roundtrip = true

[preprocess.roi]
kind = "full"
strip_bottom = {STRIP}

[preprocess.resize]
mode = "letterbox"
interp = "bilinear"
antialias = true
rounding = "floor"
pad_value = 114
pad_align = "topleft"
{margin}scaleup = true

[output.detector]
layout = "yolox"
tensor = "output"
box = "cxcywh"
normalised = false
objectness = true
activation = "none"
strides = {list(STRIDES)}
{combine}nms = {{ iou = 0.5, per_class = false, max_det = 20 }}

{thresholds}
{golden}"""


def classifier_manifest(
    version: str, files: str, thresholds: Thresholds, golden: str, temperature: float
) -> str:
    """The classifier's `pack.toml`: what lies in a box, and its embedding."""
    return f"""{_head(CLASSIFIER, version, "classifier")}
[name]
en = "Ranger species groups"
fr = "Groupes d’espèces de Ranger"

{_licence()}
{files}
[io.input]
name = "image"
layout = "NCHW"
dtype = "float32"
color = "RGB"
batch = "dynamic"
size = {{ h = 224, w = 224 }}

[preprocess]
exif_rotate = true
draft_px = {DRAFT_PX}
scale = "1/255"
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]
uint8_roundtrip = true

[preprocess.roi]
kind = "crop_box"
pad_frac = 0.125
square = "expand"
min_px = 48
rounding = "floor"
fallback = "full"
strip_bottom = {STRIP}

[preprocess.resize]
mode = "stretch"
interp = "bilinear"
antialias = true

[output.classifier]
layout = "crop"
tensor = "groups"
activation = "softmax"
topk = {len(GROUPS)}

[output.embedder]
tensor = "embedding"
dim = 1280
l2 = true
metric = "cosine"

{thresholds}
[calibration]
temperature = {temperature:.3f}

{golden}"""


def pipeline_manifest(
    version: str, files: str, thresholds: Thresholds, golden: str, parts: Sequence[Part]
) -> str:
    """The `pack.toml` of the two together: the pack that Ranger takes unless it is told otherwise."""
    said = "\n".join(
        f'[[parts]]\nrole = "{part.role}"\npack = "{part.pack}"\nversion = "{part.version}"\n'
        f'manifest_sha256 = "{part.manifest_sha256}"'
        for part in parts
    )
    return f"""{_head(PIPELINE, version, "pipeline", labels="")}
[name]
en = "Ranger animals"
fr = "Animaux de Ranger"

{_licence()}
{files}
{said}

[pipeline]
crops_at_most = 1

{thresholds}
{golden}"""


def file_table(files: Mapping[str, bytes], digests: Mapping[str, str]) -> str:
    """The `[[files]]` of a manifest."""
    said = []
    for path, raw in files.items():
        role = {"onnx": "graph", "csv": "labels", "jpg": "golden"}.get(path.rpartition(".")[2], "text")
        lines = ["[[files]]", f'path = "{path}"', f'role = "{role}"']
        lines += [f'sha256 = "{digests[path]}"', f"bytes = {len(raw)}"]
        if role == "graph":
            lines += [f'precision = "{"fp16" if path == GRAPHS[CLASSIFIER] else "fp32"}"', "opset = 17"]
        said.append("\n".join(lines))
    return "\n".join(said) + "\n"


def _head(id_: str, version: str, kind: str, labels: str = 'labels = "labels.csv"\n') -> str:
    return f"""# Written by models/training/train.py; change it there.
schema = 1
id = "{id_}"
version = "{version}"
kind = "{kind}"
{labels}region = "any; see the card for what it was measured on"
citation = "Trained by models/training/train.py from YOLOX-Nano and MobileNetV2; see CARD.md and NOTICE."
source_url = ""
min_app_version = "0.1.0"
"""


def _licence() -> str:
    return """[license]
spdx = "Apache-2.0"
url = "https://www.apache.org/licenses/LICENSE-2.0"
commercial_use = true
attribution = "Ranger; derived from YOLOX-Nano (Megvii Inc.) and MobileNetV2 (Google LLC), see NOTICE"
"""


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text
