"""Commands that take in model results computed elsewhere, and give results out for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.i18n import _, ngettext, number


def add_verbs(verbs: Any) -> None:
    """Add these commands to those about photos."""
    read = command(
        verbs,
        "read-results",
        run=_read,
        help=_("take in results of MegaDetector or SpeciesNet that were computed elsewhere"),
        description=_(
            "Images are matched with photos by hash or by the end of their path. Nothing that is there is "
            "changed, and no label that people gave."
        ),
    )
    read.add_argument("file", metavar="FILE", type=Path, help=_("JSON of MegaDetector or SpeciesNet"))
    read.add_argument("--dry-run", action="store_true", help=_("only say what would be taken in"))

    write = command(
        verbs,
        "write-results",
        run=_write,
        help=_("write results as MegaDetector JSON 1.6, for Timelapse and others"),
    )
    write.add_argument("file", metavar="FILE", type=Path)
    write.add_argument("--pack", metavar="P", default="", help=_("id or id@version; the one that is shown"))
    write.add_argument("--station", metavar="NAME", help=_("only the photos of this station"))
    write.add_argument(
        "--as-shown", action="store_true", help=_("with the names that the area's rules make of the model's")
    )

    show = command(
        verbs,
        "show-results",
        run=_show,
        help=_("choose the model whose results are shown, or list those that there are results of"),
    )
    show.add_argument("pack", metavar="P", nargs="?", default="", help=_("id or id@version"))
    show.add_argument("--usual", action="store_true", help=_("show again those of the usual model"))


def _show(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        photos = ranger.photos
        if args.pack or args.usual:
            photos.show_results_of(args.pack)
        kept, used = photos.results_kept(), photos.pack_used()
        names = {key: photos.packs.words_of(*key)[0] for key in kept}
    rows = []
    for (id_, version), count in sorted(kept.items()):
        is_shown = used is not None and (id_, version) == (used.id, used.version)
        rows.append({"id": id_, "version": version, "photos": count, "shown": is_shown})
        mark = "*" if is_shown else " "
        out.say(f"{mark} {id_}@{version}  {names[id_, version]}  {number(count)}")
    return rows


def _read(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        read = ranger.photos.results_files.read(args.file, dry_run=args.dry_run, work=out.work())
        used = ranger.photos.pack_used()
    text = ngettext(
        "{done} photo has a result of {model} now; {already} had one; {images} images in the file.",
        "{done} photos have a result of {model} now; {already} had one; {images} images in the file.",
        read.done,
    )
    out.say(
        text.format(
            done=number(read.done),
            model=read.pack_id,
            already=number(read.already),
            images=number(read.images),
        )
    )
    for doubt in read.doubts:
        out.say(f"  {doubt.text}")
    if args.dry_run:
        out.say(_("This was only a try: nothing has been written."))
    elif used is not None and (used.id, used.version) != (read.pack_id, read.pack_version):
        text = _("Shown are still the results of {model}. See these: ranger-app photos show-results {name}")
        out.say(text.format(model=used.id, name=read.pack_id))
    return {
        "done": read.done,
        "already": read.already,
        "images": read.images,
        "pack": {"id": read.pack_id, "version": read.pack_version},
        "doubts": [{"code": doubt.code, "text": doubt.text} for doubt in read.doubts],
        "dry_run": args.dry_run,
    }


def _write(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        photos = ranger.photos
        station_id = photos.station_named(args.station) if args.station else None
        written = photos.results_files.write(
            args.file, pack=args.pack, station_id=station_id, as_shown=args.as_shown, work=out.work()
        )
    text = ngettext("{count} image written to {path}.", "{count} images written to {path}.", written.images)
    out.say(text.format(count=number(written.images), path=written.path))
    for line in written.left_out:
        out.say(_("Left out: {what}.").format(what=line))
    return {
        "path": str(written.path),
        "written": {"image": written.images},
        "left_out": [{"text": line} for line in written.left_out],
    }
