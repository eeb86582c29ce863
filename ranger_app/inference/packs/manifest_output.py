"""Reads from `pack.toml` what comes out of a graph, and how the parts of a pipeline follow one another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ranger_app.i18n import _
from ranger_app.inference.packs.manifest import (
    PART_ROLES,
    ClassifierOutput,
    DetectorOutput,
    EmbedderOutput,
    HeadOutput,
    Nms,
    Part,
    Pipeline,
)
from ranger_app.inference.packs.toml_table import Table

ROLES = ("animal", "person", "vehicle")
CROPS_AT_MOST = 50
DIM_AT_MOST = 16_384
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SaidOut:
    """What a manifest says of the way out."""

    detector: DetectorOutput | None
    classifier: ClassifierOutput | None
    embedder: EmbedderOutput | None


def whole(top: Table) -> SaidOut:
    """The table `output`."""
    output = top.table("output")
    if output is None:
        return nothing()
    said = SaidOut(
        detector=_detector(output.table("detector")) if "detector" in output else None,
        classifier=_classifier(output.table("classifier")) if "classifier" in output else None,
        embedder=_embedder(output.table("embedder")) if "embedder" in output else None,
    )
    output.finish()
    if said == nothing():
        top.say("output", _("says nothing of what comes out of the graph"))
    return said


def nothing() -> SaidOut:
    """What a pack without a graph of its own says."""
    return SaidOut(None, None, None)


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
        labels_tensor=table.text("labels_tensor", otherwise=""),
        scores_tensor=table.text("scores_tensor", otherwise=""),
        multi_label=table.flag("multi_label", otherwise=False),
        finish=table.text("finish", one_of=("none", "md_classic", "md_modern"), otherwise="none"),
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


def pipeline(top: Table) -> Pipeline:
    """The tables `parts` and `pipeline`."""
    tables = top.tables("parts", needed=True)
    table = top.table("pipeline", needed=False)
    read = Pipeline(
        parts=tuple(_part(one) for one in tables),
        crops_at_most=table.whole("crops_at_most", otherwise=1, least=1, most=CROPS_AT_MOST) if table else 1,
        head=_head(top.table("head", needed=False)),
    )
    roles = [part.role for part in read.parts]
    if sorted(roles) != sorted(PART_ROLES):
        top.say("parts", _("must be one {roles} each").format(roles=", ".join(PART_ROLES)))
    if table:
        table.finish()
    return read


def _head(table: Table | None) -> HeadOutput | None:
    if table is None:
        return None
    head = HeadOutput(
        input=table.text("input"),
        tensor=table.text("tensor"),
        dim=table.whole("dim", least=1, most=DIM_AT_MOST),
        answer_from=table.number("answer_from"),
    )
    table.finish()
    return head


def _part(table: Table) -> Part:
    part = Part(
        role=table.text("role", one_of=PART_ROLES),
        pack=table.text("pack", like=ID),
        version=table.text("version", like=VERSION),
        manifest_sha256=table.text("manifest_sha256", otherwise="", like=SHA256),
    )
    table.finish()
    return part
