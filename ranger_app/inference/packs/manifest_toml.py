"""Reads `pack.toml` (schema 1, told in models/README.md) into a manifest, with every complaint at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath

from ranger_app.i18n import _
from ranger_app.inference.packs import manifest_input as read_in
from ranger_app.inference.packs import manifest_output as read_out
from ranger_app.inference.packs.manifest import (
    EMBEDDER,
    FILE_ROLES,
    KINDS,
    PIPELINE,
    PRECISIONS,
    SCHEMA,
    Golden,
    GoldenBox,
    Licence,
    Manifest,
    PackFile,
    Postprocess,
    Thresholds,
)
from ranger_app.inference.packs.manifest_output import ID, ROLES, SHA256, VERSION
from ranger_app.inference.packs.toml_table import Complaints, Table

FILE_BYTES_AT_MOST = 2**31 - 1  # what one ONNX file can hold
GOLDEN_AT_MOST = 50
ROLLUP_LEVELS = ("species", "genus", "family", "order", "class", "kingdom")

APP_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,3}")


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
    kind = top.text("kind", one_of=KINDS)
    chain = kind == PIPELINE
    said_in = read_in.nothing() if chain else read_in.whole(top)
    said_out = read_out.nothing() if chain else read_out.whole(top)
    calibration = top.table("calibration", needed=False)
    bench = top.table("bench", needed=False)
    goldens = top.tables("golden")
    if len(goldens) > GOLDEN_AT_MOST:
        top.say("golden", _("has more than {count} pictures").format(count=GOLDEN_AT_MOST))
    manifest = Manifest(
        id=top.text("id", like=ID),
        version=top.text("version", like=VERSION),
        kind=kind,
        names=top.words("name", needed=True),
        caution=top.words("caution") if "caution" in top else {},
        licence=_licence(top.table("license")),
        citation=top.text("citation", otherwise=""),
        source_url=top.text("source_url", otherwise=""),
        region=top.text("region", otherwise=""),
        min_app_version=top.text("min_app_version", like=APP_VERSION),
        files=tuple(_file(one) for one in top.tables("files", needed=not chain)),
        labels=""
        if chain and "head" not in top
        else top.text("labels", otherwise="" if kind == EMBEDDER else None),
        label_map=top.text("label_map", otherwise=""),
        input=said_in.input,
        extra_inputs=said_in.extra_inputs,
        preprocess=said_in.preprocess,
        detector=said_out.detector,
        classifier=said_out.classifier,
        embedder=said_out.embedder,
        pipeline=read_out.pipeline(top) if chain else None,
        thresholds=thresholds,
        precision_thresholds=by_precision,
        postprocess=_postprocess(top.table("postprocess", needed=False)),
        golden=tuple(_golden(one) for one in goldens[:GOLDEN_AT_MOST]),
        temperature=_temperature(calibration),
        isotonic=_pairs(calibration, "isotonic"),
        bench_cpu=bench.text("cpu", otherwise="") if bench else "",
        bench_ms=bench.number("ms", otherwise=0.0, most=1e7) if bench else 0.0,
    )
    for table in (calibration, bench):
        if table:
            table.finish()
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
        rollup_levels=_levels(rollup) if rollup else Postprocess().rollup_levels,
        rollup_min=rollup.number("min", otherwise=0.65) if rollup else 0.65,
        geofence=table.text("geofence", otherwise=""),
        taxonomy=table.text("taxonomy", otherwise=""),
    )
    if rollup:
        rollup.finish()
    table.finish()
    return read


def _levels(rollup: Table) -> tuple[str, ...]:
    levels = tuple(rollup.text("levels", otherwise="genus family order").split())
    if set(levels) - set(ROLLUP_LEVELS):
        rollup.say("levels", _("must be some of {levels}").format(levels=", ".join(ROLLUP_LEVELS)))
        return ()
    return levels


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
