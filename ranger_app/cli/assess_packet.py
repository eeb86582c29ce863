"""Commands about packets and form packs: write a packet, check one of any origin, list the forms."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ranger_app.cli.assess_options import assessment_id, of_assessment
from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.domain.errors import Refused
from ranger_app.i18n import _, file_size, ngettext

PROFILES = ("public", "assessor", "full")
VERIFY = "verify"
_LINES_SAID = 20


def add_verbs(verbs: Any) -> None:
    """Add these commands."""
    packet = of_assessment(
        command(
            verbs,
            "packet",
            run=_packet,
            help=_("write the packet to OUT, or check one: packet verify PATH"),
            description=_(
                "“packet OUT” writes the newest assessment with its evidence to OUT, a zip file (or a folder "
                "with --folder) that any browser reads without a network. “packet verify PATH” checks a "
                "packet of any origin and ends with 0 when it is whole and unchanged, 1 when not."
            ),
        )
    )
    packet.add_argument("out", metavar="OUT")
    packet.add_argument("path", metavar="PATH", type=Path, nargs="?", help=_("the packet, after “verify”"))
    packet.add_argument("--profile", choices=PROFILES, default="assessor", help=_("who it is for (assessor)"))
    packet.add_argument("--folder", action="store_true", help=_("a folder instead of a zip file"))
    packet.add_argument("--replace", action="store_true", help=_("write over a packet that is there"))

    command(verbs, "packs", run=_packs, help=_("list the form packs and what is wrong with any"))


def _packet(args: argparse.Namespace, out: Out) -> Any:
    if args.out == VERIFY:
        if args.path is None:
            raise Refused(_("Say which packet to check."), _("ranger-app assess packet verify PATH"))
        return _verify(args.path, out)
    if args.path is not None:
        raise Refused(
            _("There is one word too many: {word}.").format(word=args.path), _("ranger-app assess packet OUT")
        )
    from ranger_app.packets.dossier import Profile

    with opened(args) as ranger:
        made = ranger.packets.write(
            Path(args.out),
            profile=Profile(args.profile),
            as_folder=args.folder,
            replace=args.replace,
            assessment_id=assessment_id(args),
            work=out.work(),
        )
    out.say(_("Packet written: {path} ({size}).").format(path=made.path, size=file_size(made.bytes)))
    for note in made.notes:
        out.say(note)
    if made.missing:
        count = len(made.missing)
        text = ngettext("{count} thing is missing:", "{count} things are missing:", count)
        out.say(text.format(count=count))
    for one in made.missing[:_LINES_SAID]:
        out.say(f"  {one.indicator}: {one.text}")
    if len(made.missing) > _LINES_SAID:
        out.say(_("  … all of them with --json"))
    return {
        "packet": str(made.path),
        "bytes": made.bytes,
        "profile": args.profile,
        "missing": [{"indicator": one.indicator, "text": one.text} for one in made.missing],
        "notes": list(made.notes),
    }


def _verify(path: Path, out: Out) -> tuple[Document, int]:
    from ranger_app.packets.verify import verify_packet

    verdict = verify_packet(path, work=out.work())
    for problem in verdict.problems:
        out.say(problem)
    if verdict.good:
        text = ngettext(
            "The packet is whole and unchanged: {count} file, signed by {who}.",
            "The packet is whole and unchanged: {count} files, signed by {who}.",
            verdict.files,
        )
        out.say(text.format(count=verdict.files, who=verdict.signed_by))
    else:
        out.say(_("Do not rely on this packet; ask its sender for it again."))
    document = {
        "good": verdict.good,
        "problems": list(verdict.problems),
        "signed_by": verdict.signed_by,
        "files": verdict.files,
    }
    return document, 0 if verdict.good else 1


def _packs(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.assessments.pack_file import find_form_packs

    packs = find_form_packs()
    for pack in packs.found.values():
        out.say(f"{pack.id} ({pack.edition}): {pack.title()}")
    for bad in packs.refused:
        out.say(bad.text)
    return {
        "packs": [
            {
                "id": pack.id,
                "edition": pack.edition,
                "title": pack.title(),
                "indicators": sum(1 for _one in pack.indicators()),
                "verified": sum(one.verified for one in pack.indicators()),
                "languages": list(pack.languages()),
                "sha256": pack.digest.hex(),
            }
            for pack in packs.found.values()
        ],
        "refused": [{"text": bad.text, "problems": list(bad.problems)} for bad in packs.refused],
    }
