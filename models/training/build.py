"""Trains both nets on some labelled frames and puts them into packs, the parents likewise to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from classifier_parent import classifier_model
from crops import cut_out
from detector_parent import KIND_CLASSES, detector_model, teacher_model
from drawn_people import drawn_people
from export import for_any_sides, half_stored, write_pack
from frames import at_most
from graph_net import GraphNet
from keep_finding import keep_finding
from manifests import (
    CLASSIFIER,
    DETECTOR,
    GRAPHS,
    KIND_LABELS,
    PIPELINE,
    Part,
    Thresholds,
    classifier_manifest,
    detector_manifest,
    file_table,
    group_labels,
    pipeline_manifest,
)
from marks import Marked, marked
from mirrored import mirrored
from train_detector import DetectorPlan, train_detector
from train_groups import GroupPlan, train_groups

from ranger_app.inference.detect import Model
from ranger_app.inference.packs.finding import read_pack

MOST_PER_SOURCE_AND_LABEL = 35
COMBINE = 'combine = { animal = "sum", vehicle = "max" }\n'
COCO_CLASSES = 80


@dataclass(frozen=True, slots=True)
class Parents:
    """The two files from which training begins."""

    detector: Path
    classifier: Path

    @classmethod
    def within(cls, folder: Path) -> Parents:
        return cls(folder / "yolox_nano.onnx", folder / "tf2_mobilenet_v2_1.0_224_ptq.tflite")

    def digests(self) -> dict[str, str]:
        """SHA-256 by file name."""
        return {
            one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in (self.detector, self.classifier)
        }


@dataclass(frozen=True, slots=True)
class Nets:
    """Both graphs as they will be shipped, the classifier before its weights are halved."""

    detector: onnx.ModelProto
    classifier: onnx.ModelProto


def trained(
    items: Callable[[], Sequence[Marked]],
    parents: Parents,
    kept: Path,
    *,
    detector: DetectorPlan,
    groups: GroupPlan,
    device: str,
) -> Nets:
    """Both nets, trained on these frames. What is in the folder `kept` already is not trained again."""
    kept.mkdir(parents=True, exist_ok=True)
    places = [kept / name for name in GRAPHS.values()]
    if not places[0].exists():
        net = GraphNet(detector_model(parents.detector))
        teacher = GraphNet(teacher_model(parents.detector))
        few = [*_few_of_each(items()), *marked(drawn_people(), teacher.eval())]
        made = train_detector(net, teacher, few, detector, device=device).cpu()
        moved = keep_finding(made, teacher.cpu(), items())
        words = ", ".join(f"{kind} {much:+.2f}" for kind, much in moved.items())
        print("biases moved by", words, flush=True)
        model = for_any_sides(mirrored(made.trained_model()))
        model.doc_string = words
        onnx.save(model, str(places[0]))
    if not places[1].exists():
        net = GraphNet(classifier_model(parents.classifier))
        made = train_groups(net, cut_out(_few_of_each(items())), groups, device=device)
        onnx.save(made.trained_model(), str(places[1]))
    return Nets(*(onnx.load(str(place)) for place in places))


def _few_of_each(items: Sequence[Marked]) -> list[Marked]:
    few = {id(frame) for frame in at_most((item.frame for item in items), MOST_PER_SOURCE_AND_LABEL)}
    return [item for item in items if id(item.frame) in few]


def write_packs(
    folder: Path,
    nets: Nets,
    *,
    version: str,
    thresholds: Thresholds,
    temperature: float,
    cards: dict[str, str],
) -> None:
    """The three packs beside each other in `folder`."""
    halved = half_stored(nets.classifier)
    graphs = {DETECTOR: nets.detector, CLASSIFIER: halved}
    labels = {DETECTOR: KIND_LABELS, CLASSIFIER: group_labels()}
    parts = []
    for role, id_ in (("detector", DETECTOR), ("classifier", CLASSIFIER)):
        files = {GRAPHS[id_]: graphs[id_].SerializeToString(), "labels.csv": labels[id_].encode()}
        files["CARD.md"] = cards.get(id_, "").encode()

        def manifest(listed: str, golden: str, id_: str = id_) -> str:
            if id_ == DETECTOR:
                return detector_manifest(version, listed, thresholds, golden)
            return classifier_manifest(version, listed, thresholds, golden, temperature)

        digest = write_pack(folder / id_, files, manifest, file_table)
        parts.append(Part(role, id_, version, digest))
    write_pack(
        folder / PIPELINE,
        {"CARD.md": cards.get(PIPELINE, "").encode()},
        lambda listed, golden: pipeline_manifest(version, listed, thresholds, golden, parts),
        file_table,
    )


def write_parent_packs(folder: Path, parents: Parents, thresholds: Thresholds) -> None:
    """The untouched parents as packs: all 80 classes with their kinds, and the bare words."""
    model = onnx.load(str(parents.detector))
    model.opset_import[0].version = 17  # none of its operators has changed its meaning since 11
    kind_of = {place: kind for kind, classes in KIND_CLASSES.items() for place in classes}
    roles = {"animal": "animal", "person": "human", "vehicle": "vehicle"}
    lines = [
        f"{place},coco{place},{roles.get(kind_of.get(place, ''), 'unknown')}" for place in range(COCO_CLASSES)
    ]
    labels = "\n".join(["index,id,role", *lines]) + "\n"
    words = classifier_model(parents.classifier)
    parts = []
    for role, id_, graph, names in (
        ("detector", DETECTOR, model, labels),
        ("classifier", CLASSIFIER, words, group_labels()),
    ):
        files = {GRAPHS[id_]: graph.SerializeToString(), "labels.csv": names.encode()}

        def manifest(listed: str, golden: str, id_: str = id_) -> str:
            if id_ == DETECTOR:
                return detector_manifest("0", listed, thresholds, golden, COMBINE)
            return classifier_manifest("0", listed, thresholds, golden, 1.0)

        parts.append(Part(role, id_, "0", write_pack(folder / id_, files, manifest, file_table)))
    write_pack(
        folder / PIPELINE,
        {},
        lambda listed, golden: pipeline_manifest("0", listed, thresholds, golden, parts),
        file_table,
    )


def opened(folder: Path, *, threads: int) -> Model:
    """The pipeline of the packs in `folder`, ready to look at pictures."""
    return Model.open(read_pack(folder / PIPELINE), dirs=(folder,), threads=threads)


def set_threads(count: int) -> None:
    """So many threads for torch; on a busy machine one is nearly as fast as two, and half the work."""
    torch.set_num_threads(count)
