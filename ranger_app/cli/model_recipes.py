"""Commands that make model packs of what a person brings: a graph by a recipe, a pipeline of two packs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import Document, Out, command
from ranger_app.i18n import _


def add_recipe_verbs(verbs: Any) -> None:
    """Add these commands to those about models."""
    make = command(
        verbs,
        "make",
        run=_make,
        help=_("make a pack of an ONNX graph by a recipe, such as megadetector-v5-classic"),
        description=_(
            "Says how the graph is fed and read, and writes the pack into a new folder. Check it then, and "
            "add it. Without arguments the recipes are listed; docs/models.md tells how to export graphs."
        ),
    )
    make.add_argument("recipe", metavar="RECIPE", nargs="?", default="")
    make.add_argument("graph", metavar="GRAPH", nargs="?", type=Path, help=_("the .onnx file"))
    make.add_argument("out", metavar="OUT", nargs="?", type=Path, help=_("a new folder"))
    make.add_argument(
        "--labels", metavar="FILE", type=Path, help=_("the classes, where the recipe needs them")
    )
    make.add_argument(
        "--text", metavar="FILE", type=Path, action="append", default=[], help=_("such as a geofence")
    )

    pair = command(
        verbs, "pair", run=_pair, help=_("make a pipeline of a detector and a classifier of crops")
    )
    pair.add_argument("detector", metavar="DETECTOR", help=_("id, id@version or folder"))
    pair.add_argument("classifier", metavar="CLASSIFIER", help=_("id, id@version or folder"))
    pair.add_argument("out", metavar="OUT", type=Path, help=_("a new folder; its name becomes the id"))
    pair.add_argument("--crops", metavar="N", type=int, default=1, help=_("so many boxes a picture at most"))


def _make(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app import config
    from ranger_app.domain.errors import BadInput
    from ranger_app.inference.recipes import make_pack, read_recipe, recipe_names

    folder = config.models_dir() / "recipes"
    if not args.recipe:
        recipes = [read_recipe(name, folder) for name in recipe_names(folder)]
        for one in recipes:
            out.say(f"{one.name}  {one.title}")
        return [{"name": one.name, "title": one.title, "labels": one.labels} for one in recipes]
    if args.graph is None or args.out is None:
        raise BadInput(_("Say which graph, and the new folder for the pack."))
    recipe = read_recipe(args.recipe, folder)
    pack = make_pack(recipe, args.graph, args.out, labels=args.labels, texts=args.text)
    out.say(_("Made {path}. Check it: ranger-app models check {path}").format(path=pack.folder))
    out.say(
        _("Licence: {spdx}. {who}").format(
            spdx=pack.manifest.licence.spdx, who=pack.manifest.licence.attribution
        )
    )
    return {"id": pack.id, "version": pack.version, "folder": str(pack.folder)}


def _pair(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.inference.recipes import make_pipeline
    from ranger_app.photos.runs.packs import ModelPacks

    packs = ModelPacks.usual()
    pack = make_pipeline(
        packs.choose(args.detector),
        packs.choose(args.classifier),
        args.out,
        id_=args.out.name.lower(),
        crops_at_most=args.crops,
    )
    out.say(_("Made {path}. Add it: ranger-app models add {path}").format(path=pack.folder))
    return {"id": pack.id, "version": pack.version, "folder": str(pack.folder)}
