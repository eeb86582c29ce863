"""Commands that teach a model this park's own species, and choose which model is used."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.config import read_settings, reviewer_name
from ranger_app.domain.ids import id_text
from ranger_app.i18n import _, ngettext, percent

if TYPE_CHECKING:
    from ranger_app.analysis.intervals import Interval
    from ranger_app.photos.learning.comparing import Figures
    from ranger_app.photos.learning.learning import Proposal, Version


def add_verbs(verbs: Any) -> None:
    """Add these commands to the group `models`."""
    learn = command(
        verbs,
        "learn",
        run=_learn,
        help=_("teach a model this park's own species from confirmed photos"),
        description=_(
            "Learns from every photo whose animal people have named, judges what was learned on cameras that "
            "it has not seen, and compares it with the model in use. It is installed only when somebody "
            "accepts it: asked at the terminal, or with --accept."
        ),
    )
    learn.add_argument(
        "--name", metavar="P", required=True, help=_("what to call it, such as the park's name")
    )
    learn.add_argument("--accept", action="store_true", help=_("use it from now on, without being asked"))

    use = command(
        verbs,
        "use",
        run=_use,
        help=_("use this model from now on"),
        description=_(
            "Chooses the model for this site on this laptop: one that was learned here or has come in a "
            "bundle, an earlier version of it, or any installed pack. Without a name, the usual one."
        ),
    )
    use.add_argument("name", metavar="NAME", nargs="?", default="")
    use.add_argument("version", metavar="VERSION", nargs="?", default="")

    command(verbs, "versions", run=_versions, help=_("list the models that this site has taught"))


def _learn(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        learning = ranger.photos.learning
        proposal = learning.learn(args.name, work=out.work())
        _say_proposal(out, proposal)
        accepted = args.accept or _agreed()
        if accepted:
            learning.accept(proposal, by=reviewer_name(read_settings().settings))
            out.say(
                _("Used from now on: {pack} {version}. Next: ranger-app photos classify.").format(
                    pack=proposal.name, version=proposal.version
                )
            )
        else:
            out.say(_("Not installed. Say --accept to use it."))
    return {
        "pack": proposal.pack_id,
        "version": proposal.version,
        "digest": proposal.digest,
        "lessons": proposal.taught.lessons.digest(),
        "classes": list(proposal.taught.head.names),
        "answer_from": proposal.taught.head.answer_from,
        "figures": proposal.figures.as_data(),
        "no_animal": proposal.no_animal,
        "not_here": proposal.not_here,
        "accepted": accepted,
    }


def _agreed() -> bool:
    """Whether somebody at a terminal says yes; nobody there is no."""
    if not sys.stdin or not sys.stdin.isatty() or not sys.stderr.isatty():
        return False
    print(_("Use it from now on? [y/N] "), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _say_proposal(out: Out, proposal: Proposal) -> None:
    figures = proposal.figures
    text = ngettext("{count} confirmed photo", "{count} confirmed photos", figures.photos)
    out.say(f"{proposal.name} {proposal.version}: " + text.format(count=figures.photos))
    if figures.by_camera:
        out.say(_("On {count} photos of cameras that it had not seen:").format(count=figures.judged))
    else:
        out.say(_("On {count} photos held out, of the same camera:").format(count=figures.judged))
    out.say("  " + _("what was learned recognises {share}").format(share=words(figures.learned)))
    if figures.present.known:
        out.say(
            "  "
            + _("{pack} recognises {share}; difference {difference}").format(
                pack=figures.present_pack, share=words(figures.present), difference=words(figures.difference)
            )
        )
        if figures.present_saw:
            out.say(
                "  " + _("(that one was taught with some of these photos, so it looks better than it is)")
            )
    out.say(
        "  "
        + _("it answers on {share}, and is right on {right} of these").format(
            share=words(figures.answered), right=words(figures.right_of_answered)
        )
    )
    _say_classes(out, figures)
    if proposal.no_animal:
        out.say(
            _("Left aside: {count} photos in which the model finds no animal.").format(
                count=proposal.no_animal
            )
        )
    if proposal.not_here:
        out.say(_("Left aside: {count} photos that are not on this laptop.").format(count=proposal.not_here))


def _say_classes(out: Out, figures: Figures) -> None:
    for one in figures.classes:
        judged = words(one.learned) if one.judged else _("seen at one camera only, so nobody can tell")
        photos = ngettext("{count} photo", "{count} photos", one.photos).format(count=one.photos)
        cameras = ngettext("{count} camera", "{count} cameras", one.cameras).format(count=one.cameras)
        out.say(f"  {one.name}: {photos}, {cameras}; {judged}")


def words(found: Interval) -> str:
    """A share with its interval, as people read it."""
    if not found.known:
        return "–"
    if found.low != found.low:  # no interval
        return percent(found.value)
    return f"{percent(found.value)} [{percent(found.low)} – {percent(found.high)}]"


def _use(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        photos = ranger.photos
        photos.learning.use(args.name, args.version)
        pack = photos.packs.choose()
    out.say(_("In use from now on: {pack} {version}.").format(pack=pack.id, version=pack.version))
    return {"pack": pack.id, "version": pack.version}


def _versions(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        versions = ranger.photos.learning.versions()
    for one in versions:
        state = _("in use") if one.in_use else "" if one.installed else _("not accepted on this laptop")
        out.say("  ".join(part for part in (one.record.name, one.record.version, state) if part))
    if not versions:
        out.say(_("Nothing was learned yet: ranger-app models learn --name PARK."))
    return [_row(one) for one in versions]


def _row(one: Version) -> dict[str, Any]:
    record = one.record
    return {
        "id": id_text(record.id),
        "name": record.name,
        "pack": record.pack_id,
        "version": record.version,
        "made_at": record.made_at.isoformat() if record.made_at else None,
        "made_by": record.made_by,
        "lessons": record.lessons,
        "installed": one.installed,
        "in_use": one.in_use,
        "figures": record.figures,
    }
