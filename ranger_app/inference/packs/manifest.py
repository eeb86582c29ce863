"""What a model pack says of itself: the frozen form of `pack.toml` and of its labels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

SCHEMA = 1
KINDS = ("detector", "classifier", "embedder", "pipeline")
DETECTOR, CLASSIFIER, EMBEDDER, PIPELINE = KINDS
PRECISIONS = ("fp32", "fp16", "int8")
FILE_ROLES = ("graph", "labels", "golden", "text")
PART_ROLES = ("detector", "classifier")
LABEL_ROLES = ("animal", "human", "vehicle", "blank", "unknown", "species")


@dataclass(frozen=True, slots=True)
class Licence:
    """What may be done with the pack. `spdx` is an SPDX identifier such as Apache-2.0."""

    spdx: str
    url: str
    commercial_use: bool
    attribution: str


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of the pack; `path` is relative to the folder, with forward slashes, and stays inside it."""

    path: str
    sha256: str
    size_bytes: int
    role: str
    precision: str = ""  # of a graph
    opset: int = 0  # of a graph
    provider_hint: str = ""


@dataclass(frozen=True, slots=True)
class InputSize:
    """What a graph takes: one height and width, or any with this longest side, in multiples of a stride."""

    height_px: int = 0
    width_px: int = 0
    long_side_px: int = 0
    stride_px: int = 0

    @property
    def dynamic(self) -> bool:
        return self.long_side_px > 0


@dataclass(frozen=True, slots=True)
class GraphInput:
    """The picture as the graph wants it."""

    name: str
    layout: str  # NCHW or NHWC
    dtype: str  # float32, float16 or uint8
    color: str  # RGB or BGR
    size: InputSize
    batch: str  # "1" or "dynamic"


@dataclass(frozen=True, slots=True)
class ExtraInput:
    """A further input, such as the size of the original picture for RT-DETR."""

    name: str
    role: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Region:
    """Which part of the upright picture is looked at.

    `strip_top` and `strip_bottom` are the shares of the height that the camera writes its own words on.
    """

    kind: str  # full, crop_box or center_crop_height
    strip_top: float = 0.0
    strip_bottom: float = 0.0
    max_frac: float = 0.0  # center_crop_height: this share of the height at most is cut …
    max_px: int = 0  # … and this many pixels
    pad_frac: float = 0.0  # crop_box: this share of the box's longer side is added on each side
    square: str = "none"  # the box as it is, padded to a square, or a square of the picture around it
    min_px: int = 0  # least side of the crop, in pixels of the picture as decoded
    rounding: str = "round"  # of the crop: round, floor, or floor_size (of start and size)
    fallback: str = "full"  # without a box the whole region is looked at, or none


@dataclass(frozen=True, slots=True)
class Resize:
    """How the region becomes the input; every field moves pixels, so none is guessed."""

    mode: str  # letterbox, stretch, shortest_crop or prescale_letterbox
    interp: str  # area, bilinear or bicubic
    antialias: bool
    rounding: str  # of the new width and height: floor or round
    pad_value: int = 114
    pad_align: str = "center"  # or topleft
    auto_stride: bool = False
    scaleup: bool = True
    short_side_px: int = 0  # shortest_crop: 0 is the shorter side of the input


@dataclass(frozen=True, slots=True)
class Preprocess:
    """From the picture in the file to the numbers of the input: (pixel × scale − mean) / std."""

    exif_rotate: bool
    draft_px: int  # a JPEG may be decoded small, as long as both sides keep this many pixels; 0: in full
    region: Region
    resize: Resize
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Nms:
    """Which of two overlapping boxes stays."""

    iou: float
    per_class: bool
    max_det: int


@dataclass(frozen=True, slots=True)
class DetectorOutput:
    """How boxes are read; `layout` names the family."""

    layout: str
    tensor: str
    box: str  # cxcywh or xyxy
    normalised: bool
    objectness: bool
    activation: str  # none or sigmoid
    strides: tuple[int, ...]
    combine: Mapping[str, str]  # role: sum or max over its classes
    nms: Nms | None
    labels_tensor: str = ""  # where boxes, labels and scores are outputs of their own
    scores_tensor: str = ""
    multi_label: bool = False  # a candidate is a box of each of its classes, not of the likeliest only
    finish: str = "none"  # or md_classic, md_modern: how MegaDetector rounds


@dataclass(frozen=True, slots=True)
class ClassifierOutput:
    """How classes are read."""

    layout: str
    tensor: str
    activation: str  # softmax, sigmoid or none
    topk: int


@dataclass(frozen=True, slots=True)
class EmbedderOutput:
    """How an embedding is read."""

    tensor: str
    dim: int
    l2: bool
    metric: str


@dataclass(frozen=True, slots=True)
class Part:
    """One pack that a pipeline is made of. `manifest_sha256` pins its `pack.toml`, and so all its files."""

    role: str  # one of PART_ROLES
    pack: str
    version: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class HeadOutput:
    """How a pipeline's own small graph names a crop by its embedding, in place of its classifier."""

    input: str
    tensor: str
    dim: int
    answer_from: float
    """The least score at which it should be believed; below it the head abstains."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How the parts of a pipeline follow one another: the best animal boxes are cut out and classified."""

    parts: tuple[Part, ...]
    crops_at_most: int
    head: HeadOutput | None = None

    def part(self, role: str) -> Part | None:
        """The part with that role, if there is one."""
        return next((part for part in self.parts if part.role == role), None)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores at which a pack's results are kept, shown, counted; each from 0 to 1."""

    store: float = 0.005
    display: float = 0.2
    conservative: float = 0.05
    classify_gate: float = 0.1
    count: float = 0.2

    @property
    def version(self) -> str:
        """Eight letters that change when any of the figures does."""
        said = ";".join(f"{field.name}={getattr(self, field.name):.6f}" for field in fields(self))
        return hashlib.sha256(said.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Postprocess:
    """What is made of raw results afterwards; kept apart so that it can be done again without the model."""

    ensemble: str = "none"
    rollup_levels: tuple[str, ...] = ("genus", "family", "order")
    rollup_min: float = 0.65
    geofence: str = ""  # path of the file
    taxonomy: str = ""  # path of a release of SpeciesNet's taxonomy


@dataclass(frozen=True, slots=True)
class GoldenBox:
    """A box that must be found; relative to the whole upright picture, top left, 0..1."""

    x: float
    y: float
    w: float
    h: float
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class Golden:
    """A picture of which it is known what the pack says, for the trial at installation."""

    image: str
    recipe: str
    boxes: tuple[GoldenBox, ...]
    topk: tuple[tuple[str, float], ...]
    tol_conf: float
    tol_iou: float


@dataclass(frozen=True, slots=True)
class Label:
    """One class of the graph's output."""

    index: int
    id: str
    role: str
    scientific: str = ""
    rank: str = ""
    gbif_key: str = ""
    wi_uuid: str = ""
    lineage: tuple[str, ...] = ()
    """Class, order, family, genus and species in small letters, empty where not said; () when none is."""
    names: tuple[tuple[str, str], ...] = ()  # (language, name)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of `pack.toml`, schema 1."""

    id: str
    version: str
    kind: str
    names: Mapping[str, str]
    caution: Mapping[str, str]
    """What must stand wherever the results are shown; empty when nothing must."""
    licence: Licence
    citation: str
    source_url: str
    region: str
    min_app_version: str
    files: tuple[PackFile, ...]
    labels: str  # path of the file
    label_map: str
    input: GraphInput
    extra_inputs: tuple[ExtraInput, ...]
    preprocess: Preprocess
    detector: DetectorOutput | None
    classifier: ClassifierOutput | None
    embedder: EmbedderOutput | None
    pipeline: Pipeline | None
    thresholds: Thresholds
    precision_thresholds: Mapping[str, Thresholds]
    postprocess: Postprocess
    golden: tuple[Golden, ...]
    temperature: float
    isotonic: tuple[tuple[float, float], ...]
    bench_cpu: str
    bench_ms: float
