"""Patrol files in and out: import and export."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, day, opened
from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import parse_id
from ranger_app.i18n import _, ngettext, number
from ranger_app.patrols.proposals import GAP_H

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ranger_app.patrols.proposals import Accepted, Proposal

_LINES_SAID = 20

MEGADETECTOR = "megadetector"


def add_to(groups: Any) -> None:
    """Add the commands of this file."""
    taking = command(
        groups,
        "import",
        run=_import,
        help=_("take in patrols from GPX and SMART files"),
        description=_(
            "Folders are gone through. Every doubt is listed and everything is accepted; reading the same "
            "file again doubles nothing. A file that cannot be read is listed under “failed” and the others "
            "go on: the exit status is 1 only when not one file could be read."
        ),
    )
    taking.add_argument("paths", metavar="PATH", nargs="+", type=Path, help=_("files and folders"))
    taking.add_argument("--format", metavar="F", help=_("gpx or smart; found by what is in the file"))
    taking.add_argument("--dry-run", action="store_true", help=_("only say what would be taken in"))
    taking.add_argument(
        "--gap",
        metavar="HOURS",
        type=float,
        default=GAP_H,
        help=_("a pause longer than this begins another patrol (12)"),
    )
    giving = command(groups, "export", run=_export, help=_("write patrols into a file of another format"))
    giving.add_argument("format", metavar="FORMAT", help=_("gpx, smart, geojson, csv or megadetector"))
    giving.add_argument("out", metavar="OUT", type=Path, help=_("the file to be written"))
    giving.add_argument("--from", dest="first", metavar="DAY", type=day, help=_("first day, as 2026-01-31"))
    giving.add_argument("--to", dest="last", metavar="DAY", type=day, help=_("last day"))
    giving.add_argument(
        "--names",
        action="store_true",
        help=_("with names, comments and exact places: only by those who may see them, and it is noted"),
    )
    giving.add_argument("--site", metavar="ID", help=_("another site than this laptop's own"))


def _import(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        work = out.work()
        proposal = ranger.patrols.propose(args.paths, format=args.format, gap_h=args.gap, work=work)
        if not proposal.files:
            raise _nothing_read(proposal)
        told: Proposal | Accepted = proposal
        if not args.dry_run:
            told = ranger.patrols.accept(proposal, work=work)
    document = {
        "made": dict(told.made),
        "matched": dict(told.matched),
        "changed": dict(told.changed),
        "unmapped": len(told.unmapped),
        "unmapped_keys": sorted(told.unmapped),
        "doubts": [{"file": d.file, "code": d.code, "text": d.text} for d in told.doubts],
        "failed": [{"file": f.file, "text": f.text} for f in told.failed],
        "dry_run": args.dry_run,
    }
    _say_counts(out, _("New:"), told.made)
    _say_counts(out, _("Here already:"), told.matched)
    _say(out, _("Look at this:"), [f"{d.file}: {d.text}" if d.file else d.text for d in told.doubts])
    _say(out, _("Not read:"), [f"{Path(f.file).name}: {f.text}" for f in told.failed])
    if args.dry_run:
        out.say(_("This was only a try: nothing has been written."))
    return document


def _nothing_read(proposal: Proposal) -> BadInput:
    if len(proposal.failed) == 1:
        return BadInput(proposal.failed[0].text, _("Nothing was taken in."))
    return BadInput(
        ngettext(
            "The file could not be read.",
            "Not one of {count} files could be read.",
            len(proposal.failed),
        ).format(count=number(len(proposal.failed)))
        + (" " + proposal.failed[0].text if proposal.failed else ""),
        _("Nothing was taken in."),
    )


def _export(args: argparse.Namespace, out: Out) -> Document:
    if args.format.lower() == MEGADETECTOR:
        return _export_looks(args, out)
    with opened(args) as ranger:
        exported = ranger.patrols.export(
            args.format,
            args.out,
            first=args.first,
            last=args.last,
            site_id=parse_id(args.site) if args.site else None,
            names=args.names,
            work=out.work(),
        )
    _say_counts(out, _("Written to {path}:").format(path=exported.path), exported.written)
    _say(out, _("Left out:"), list(exported.left_out))
    return {
        "path": str(exported.path),
        "written": dict(exported.written),
        "left_out": [{"text": text} for text in exported.left_out],
    }


def _export_looks(args: argparse.Namespace, out: Out) -> Document:
    """What the model saw on the photos, for Timelapse and others; more ways: photos write-results."""
    with opened(args) as ranger:
        written = ranger.photos.results_files.write(args.out, work=out.work())
    _say_counts(out, _("Written to {path}:").format(path=written.path), {"image": written.images})
    _say(out, _("Left out:"), list(written.left_out))
    return {
        "path": str(written.path),
        "written": {"image": written.images},
        "left_out": [{"text": text} for text in written.left_out],
    }


def _say_counts(out: Out, title: str, counts: Mapping[str, int]) -> None:
    if counts:
        words = [f"{kind.replace('_', ' ')} {number(count)}" for kind, count in counts.items()]
        out.say(f"{title} " + ", ".join(words))


def _say(out: Out, title: str, lines: list[str]) -> None:
    if lines:
        out.say(title)
    for line in lines[:_LINES_SAID]:
        out.say(f"  {line}")
    if len(lines) > _LINES_SAID:
        more = len(lines) - _LINES_SAID
        out.say("  " + ngettext("and {count} more", "and {count} more", more).format(count=number(more)))
