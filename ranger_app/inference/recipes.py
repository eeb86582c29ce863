"""Makes a model pack of a graph that somebody brings, by a recipe that says how such graphs are used.

A recipe is `models/recipes/NAME.toml`: a table `[recipe]`, and below the line `# pack.toml` everything that
the pack's manifest says, but for its files, whose sizes, hashes and opset are looked up here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.i18n import _
from ranger_app.inference.graph import read_graph
from ranger_app.inference.packs.labels import LABELS_AT_MOST, LINEAGE
from ranger_app.inference.packs.manifest import DETECTOR
from ranger_app.inference.packs.manifest_toml import FILE_BYTES_AT_MOST
from ranger_app.inference.packs.pack import LABELS_BYTES_AT_MOST, MANIFEST, Pack, read_pack
from ranger_app.inference.taxonomy import release_taxon

MARK = "# pack.toml\n"
LABEL_FORMS = ("given", "lines", "speciesnet", "csv")
SPECIESNET_ROLES = {
    "f1856211-cfb7-4a5b-9158-c0f72fd09ee6": "blank",
    "990ae9dd-7a59-4344-afcb-1b7b21368000": "human",
    "e2895ed5-780b-48f6-8a11-9e27cb594511": "vehicle",
    "f2efdae9-efb8-48fb-8a91-eccf79ab4ffb": "unknown",
    "1f689929-883d-4dae-958c-3d57ab5b6c16": "animal",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a pack of one kind of graph."""

    name: str
    title: str
    labels: str  # one of LABEL_FORMS
    roles: Mapping[str, str]
    """Role by the name of a label, in small letters; every other label is a species."""
    given: str
    """The labels themselves, where they are always the same."""
    needs: Sequence[str]
    """Texts that go into the pack, by their names, such as a geofence."""
    manifest: str


def read_recipe(name: str, folder: Path) -> Recipe:
    """The recipe of that name. Raises `NotFound`, which lists the names there are."""
    names = recipe_names(folder)
    if name not in names:
        raise NotFound(
            _("There is no recipe called “{name}”.").format(name=name[:60]),
            _("Use one of these: {names}.").format(names=", ".join(names)),
        )
    head, _mark, manifest = (folder / f"{name}.toml").read_text(encoding="utf-8").partition(MARK)
    said = tomllib.loads(head)["recipe"]
    return Recipe(
        name=name,
        title=said["title"],
        labels=said["labels"],
        roles=said.get("roles", {}),
        given=said.get("given", ""),
        needs=tuple(said.get("needs", ())),
        manifest=manifest,
    )


def recipe_names(folder: Path) -> list[str]:
    """The recipes in a folder."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def make_pack(
    recipe: Recipe, graph: Path, out: Path, *, labels: Path | None = None, texts: Sequence[Path] = ()
) -> Pack:
    """Write the pack into the new folder `out`. Nothing is run: that is for `check_pack` and `try_pack`.

    labels: a file in the form that the recipe names. texts: the files that it needs, by their names. Raises
    `BadInput`, `NotFound`, or `Refused` when there is something at `out` already.
    """
    if out.exists():
        raise Refused(_("There is something at {path} already.").format(path=out), _("Name a new folder."))
    raw = _bytes(graph, FILE_BYTES_AT_MOST)
    found = read_graph(raw)
    if found.faults:
        raise BadInput(f"{graph.name}: {found.faults[0]}")
    contents = {"model.onnx": ("graph", raw), "labels.csv": ("labels", _labels(recipe, labels))}
    by_name = {path.name: path for path in texts}
    for name in recipe.needs:
        if name not in by_name:
            raise BadInput(
                _("The recipe {recipe} needs the file {name}.").format(recipe=recipe.name, name=name),
                _("Give it with --text."),
            )
        contents[name] = "text", _bytes(by_name[name], LABELS_BYTES_AT_MOST)
    out.mkdir(parents=True)
    listed = ""
    for name, (role, content) in contents.items():
        (out / name).write_bytes(content)
        listed += f'\n[[files]]\npath = "{name}"\nrole = "{role}"\nbytes = {len(content)}\n'
        listed += f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        if role == "graph":
            listed += f'precision = "fp32"\nopset = {found.opset}\n'
    (out / MANIFEST).write_text(recipe.manifest.strip() + "\n" + listed, encoding="utf-8")
    return read_pack(out)


def _labels(recipe: Recipe, path: Path | None) -> bytes:
    """The labels as a pack has them."""
    if recipe.labels == "given":
        return recipe.given.encode()
    if path is None:
        raise BadInput(_("The recipe {recipe} needs a file of labels.").format(recipe=recipe.name))
    raw = _bytes(path, LABELS_BYTES_AT_MOST)
    if recipe.labels == "csv":
        return raw
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(
            _("{name} is not UTF-8 text; save it again as UTF-8").format(name=path.name)
        ) from error
    names = [line.strip() for line in lines if line.strip()]
    if not 0 < len(names) <= LABELS_AT_MOST:
        raise BadInput(_("{name} names no class, or too many.").format(name=path.name))
    rows = _speciesnet_rows(names) if recipe.labels == "speciesnet" else _plain_rows(names, recipe.roles)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(rows)
    return out.getvalue().encode()


def _plain_rows(names: Sequence[str], roles: Mapping[str, str]) -> list[list[object]]:
    rows: list[list[object]] = [["index", "id", "role"]]
    return rows + [[place, name, roles.get(name.lower(), "species")] for place, name in enumerate(names)]


def _speciesnet_rows(lines: Sequence[str]) -> list[list[object]]:
    rows: list[list[object]] = [["index", "id", "role", "wi_uuid", *LINEAGE, "name_en"]]
    for place, line in enumerate(lines):
        taxon = release_taxon(line)
        if taxon is None:
            raise BadInput(_("Line {line} of the labels is not of SpeciesNet's form.").format(line=place + 1))
        uuid = line.split(";")[0]
        role = SPECIESNET_ROLES.get(uuid, "species")
        rows.append([place, uuid, role, uuid, *taxon.lineage, taxon.name])
    return rows


def _bytes(path: Path, at_most: int) -> bytes:
    try:
        if path.stat().st_size > at_most:
            raise BadInput(_("{name} is too large.").format(name=path.name))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(_("“{name}” is not there.").format(name=path.name)) from error
    except OSError as error:
        text = _("“{name}” cannot be read: {reason}.")
        raise BadInput(text.format(name=path.name, reason=error.strerror or error)) from error


def make_pipeline(detector: Pack, classifier: Pack, out: Path, *, id_: str, crops_at_most: int = 1) -> Pack:
    """Write a pipeline of two packs into the new folder `out`: the detector's boxes, the classifier's names.

    The stricter licence of the two is told. Raises `Refused` when there is something at `out` already, and
    `BadInput` when the two do not go together.
    """
    if out.exists():
        raise Refused(_("There is something at {path} already.").format(path=out), _("Name a new folder."))
    if detector.manifest.kind != DETECTOR or classifier.manifest.preprocess.region.kind != "crop_box":
        raise BadInput(
            _("A pipeline is of a detector and of a pack that sees crops."),
            _("See the kinds of packs: ranger-app models list."),
        )
    parts, licences = "", []
    for role, pack in (("detector", detector), ("classifier", classifier)):
        digest = hashlib.sha256((pack.folder / MANIFEST).read_bytes()).hexdigest()
        parts += f'[[parts]]\nrole = "{role}"\npack = "{pack.id}"\nversion = "{pack.version}"\n'
        parts += f'manifest_sha256 = "{digest}"\n'
        licences.append(pack.manifest.licence)
    limits = detector.manifest.thresholds
    name = f"{detector.manifest.names['en']} + {classifier.manifest.names['en']}"
    free = all(licence.commercial_use for licence in licences)
    text = f"""schema = 1
id = "{id_}"
version = "1"
kind = "pipeline"
min_app_version = "0.1.0"

[name]
en = {json.dumps(name)}

[license]
spdx = {json.dumps(" AND ".join(dict.fromkeys(licence.spdx for licence in licences)))}
commercial_use = {str(free).lower()}

{parts}
[pipeline]
crops_at_most = {crops_at_most}

[thresholds]
store = {limits.store}
display = {limits.display}
conservative = {limits.conservative}
classify_gate = {limits.classify_gate}
count = {limits.count}
"""
    out.mkdir(parents=True)
    (out / MANIFEST).write_text(text, encoding="utf-8")
    return read_pack(out)
