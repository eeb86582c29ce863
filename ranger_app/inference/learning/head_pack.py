"""Writes what was learned as a pack like any other: parts that gave the embeddings, a head, its labels."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.i18n import _
from ranger_app.inference.learning.learning import Head
from ranger_app.inference.learning.linear_onnx import INPUT, OPSET, OUTPUT, linear_graph
from ranger_app.inference.packs.manifest import SCHEMA, Part, Thresholds
from ranger_app.inference.packs.pack import MANIFEST, Pack
from ranger_app.inference.packs.parts import parts_by_role

HEAD, LABELS, CARD = "head.onnx", "labels.csv", "CARD.md"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
DIGEST_LETTERS = 10
APP_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Base:
    """What gives the embeddings that a head is taught with: two packs, each pinned by its manifest."""

    parts: tuple[Part, ...]
    dim: int
    crops_at_most: int
    thresholds: Thresholds
    spdx: str
    attribution: str

    @property
    def key(self) -> str:
        """Short name that differs when anything that moves an embedding does."""
        pinned = "\n".join(
            f"{part.role} {part.pack} {part.version} {part.manifest_sha256}" for part in self.parts
        )
        return hashlib.sha256(pinned.encode()).hexdigest()[:32]


def base_of(pack: Pack, dirs: Sequence[Path]) -> Base:
    """What a pipeline's embeddings come from. Raises `Refused` when the pack gives none, and `NotFound`."""
    found = parts_by_role(pack, dirs)
    giver = found.get("classifier")
    said = giver.manifest.embedder if giver else None
    chain = pack.manifest.pipeline
    if giver is None or said is None or chain is None:
        raise Refused(
            _("The model pack {pack} gives no embeddings, so nothing can be learned with it.").format(
                pack=pack.id
            ),
            _("Choose one that does, such as the one that came with Ranger."),
        )
    parts = tuple(
        Part(part.role, part.pack, part.version, _manifest_sha256(found[part.role])) for part in chain.parts
    )
    licence = giver.manifest.licence
    return Base(
        parts, said.dim, chain.crops_at_most, pack.manifest.thresholds, licence.spdx, licence.attribution
    )


def pack_id(name: str) -> str:
    """A name in any script as the id of a pack. Raises `BadInput` when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    found = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
    if not found and name.strip():
        found = "park-" + hashlib.sha256(name.strip().encode()).hexdigest()[:8]
    if not found:
        raise BadInput(_("A learned model needs a name."), _("Call it after the park."))
    return found[:48]


def pack_files(
    head: Head, *, name: str, version: str, base: Base, card: str, counts: Mapping[str, int]
) -> dict[str, bytes]:
    """The files of the pack by their names; the same head is the same files."""
    contents = {
        HEAD: linear_graph(head.weights, head.bias),
        LABELS: _labels(head.names).encode(),
        CARD: card.encode(),
    }
    listed = ""
    for path, raw in contents.items():
        role = {HEAD: "graph", LABELS: "labels"}.get(path, "text")
        listed += f'[[files]]\npath = "{path}"\nrole = "{role}"\nbytes = {len(raw)}\n'
        listed += f'sha256 = "{hashlib.sha256(raw).hexdigest()}"\n'
        listed += f'precision = "fp32"\nopset = {OPSET}\n' if role == "graph" else ""
    parts = "".join(
        f'[[parts]]\nrole = "{part.role}"\npack = "{part.pack}"\nversion = "{part.version}"\n'
        f'manifest_sha256 = "{part.manifest_sha256}"\n'
        for part in base.parts
    )
    figures = base.thresholds
    taught = sum(counts.values())
    text = f"""schema = {SCHEMA}
id = "{pack_id(name)}"
version = "{version}"
kind = "pipeline"
labels = "{LABELS}"
min_app_version = "{APP_VERSION}"
citation = {_quoted(f"Taught with {taught} confirmed pictures of {len(head.names)} classes.")}
[name]
en = {_quoted(name)}
[license]
spdx = {_quoted(base.spdx)}
commercial_use = true
attribution = {_quoted(base.attribution)}
{listed}{parts}[pipeline]
crops_at_most = {base.crops_at_most}
[head]
input = "{INPUT}"
tensor = "{OUTPUT}"
dim = {base.dim}
answer_from = {head.answer_from}
[calibration]
temperature = {head.temperature}
[thresholds]
store = {figures.store}
display = {figures.display}
conservative = {figures.conservative}
classify_gate = {figures.classify_gate}
count = {figures.count}
"""
    return {MANIFEST: text.encode(), **contents}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip that is the same for the same files."""
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return store.getvalue()


def short_digest(head: Head, base: Base) -> str:
    """A few letters for what was learned and with what: the end of the pack's version."""
    return hashlib.sha256(f"{base.key} {head.digest()}".encode()).hexdigest()[:DIGEST_LETTERS]


def _labels(names: Sequence[str]) -> str:
    store = io.StringIO()
    writer = csv.writer(store, lineterminator="\n")
    writer.writerow(["index", "id", "role"])
    writer.writerows([place, name, "species"] for place, name in enumerate(names))
    return store.getvalue()


def _manifest_sha256(pack: Pack) -> str:
    return hashlib.sha256((pack.folder / MANIFEST).read_bytes()).hexdigest()


def _quoted(text: str) -> str:
    """A basic string of TOML, of which JSON's strings are a part once the delete sign is written out."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
