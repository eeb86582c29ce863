"""Commands about assessments: start one, say where it stands, show its gaps."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ranger_app.cli import assess_indicator, assess_packet
from ranger_app.cli.assess_options import assessment_id, of_assessment
from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.domain.ids import id_text
from ranger_app.i18n import _, ngettext

if TYPE_CHECKING:
    from ranger_app.assessments.gaps import CriterionState, IndicatorState
    from ranger_app.assessments.packs import FormPack
    from ranger_app.assessments.standing import Standing


def add_to(groups: Any) -> None:
    """Add these commands."""
    assess = command(
        groups, "assess", run=None, help=_("assess the site by a form, and hand it over as a packet")
    )
    verbs = assess.add_subparsers(metavar=_("VERB"), required=True)

    new = command(verbs, "new", run=_new, help=_("start an assessment; earlier ones stay"))
    new.add_argument("--pack", metavar="ID", default="gl:1.1", help=_("form pack (gl:1.1)"))
    new.add_argument("--title", metavar="TEXT", default="")
    new.add_argument("--language", metavar="CODE", default="", help=_("language of the narratives"))

    of_assessment(command(verbs, "status", run=_status, help=_("say where the assessment stands")))
    gaps = of_assessment(command(verbs, "gaps", run=_gaps, help=_("show each criterion with what it lacks")))
    gaps.add_argument("--next", metavar="N", type=int, default=5, help=_("so many next steps (5)"))
    of_assessment(command(verbs, "finish", run=_finish, help=_("make it final; not while versions wait")))
    of_assessment(command(verbs, "reopen", run=_reopen, help=_("go on with one that was final")))
    assess_indicator.add_verbs(verbs)
    assess_packet.add_verbs(verbs)


# ---- the assessment as a whole


def _new(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        started = ranger.assessments.start(pack_id=args.pack, title=args.title, language=args.language)
        pack = ranger.assessments.packs.need(started.pack_id)
    out.say(_("Started “{title}”, round {round}.").format(title=started.title, round=started.round))
    out.say(pack.said("pack", "", "notice").text)
    return {
        "id": id_text(started.id),
        "pack": started.pack_id,
        "edition": started.pack_version,
        "title": started.title,
        "round": started.round,
        "indicators": sum(1 for _one in pack.indicators()),
    }


def _finish(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        done = ranger.assessments.finish(assessment_id(args))
    out.say(_("“{title}” is final.").format(title=done.title))
    return {"id": id_text(done.id), "status": done.status}


def _reopen(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        done = ranger.assessments.reopen(assessment_id(args))
    out.say(_("“{title}” is open again.").format(title=done.title))
    return {"id": id_text(done.id), "status": done.status}


def _status(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.assessments.words import state_word

    with opened(args) as ranger:
        standing = ranger.assessments.standing(assessment_id(args))
    whole, board = standing.whole, standing.board
    out.say(f"{whole.assessment.title} ({whole.pack.id}, {_('round')} {whole.assessment.round})")
    for code, count in standing.ratings().items():
        out.say(f"{whole.pack.of_rating(code):>24}  {count}")
    for one in board.gates:
        gate = f"{one.indicator.code} {whole.pack.of_indicator(one.indicator.code)}"
        out.say(_("Gate {indicator}: {state}").format(indicator=gate, state=state_word(one.state)))
    _say_in_the_way(standing, out)
    if whole.unsettled:
        out.say(
            ngettext(
                "{n} difference to settle: a rating with two versions counts as none.",
                "{n} differences to settle: a rating with two versions counts as none.",
                whole.unsettled,
            ).format(n=whole.unsettled)
        )
    evidence = whole.evidence()
    return {
        "assessment": _assessment_document(standing),
        "ratings": standing.ratings(),
        "criteria": {one.code: one.state.value for one in board.criteria},
        "gates": {one.indicator.code: one.state.value for one in board.gates},
        "in_the_way": list(board.in_the_way()),
        "evidence": len(evidence),
        "figures": sum(one.kind == "figure" for one in evidence),
        "actions_open": sum(len(sheet.open_actions()) for sheet in whole.sheets),
        "missing": len(standing.missing),
        "differences": whole.unsettled,
    }


def _gaps(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.assessments.words import gap_word, state_word

    with opened(args) as ranger:
        standing = ranger.assessments.standing(assessment_id(args))
    pack, board = standing.whole.pack, standing.board
    if board.gates:
        out.say(_("Gate indicators"))
    for gate in board.gates:
        out.say(
            f"  {gate.indicator.code:7} {state_word(gate.state):32} {pack.of_indicator(gate.indicator.code)}"
        )
    out.say(_("Criteria"))
    for one in board.criteria:
        out.say(f"  {one.code:7} {state_word(one.state):32} {pack.of_criterion(one.code)}")
    if board.next_steps:
        out.say(_("Next"))
    for step in board.next_steps[: args.next]:
        out.say(f"  {gap_word(step.kind)}: {step.text}")
    _say_in_the_way(standing, out)
    return {
        "assessment": _assessment_document(standing),
        "gates": [_indicator_document(pack, one) for one in board.gates],
        "criteria": [_criterion_document(pack, one) for one in board.criteria],
        "next": [
            {"indicator": step.indicator, "kind": step.kind, "text": step.text, "gate": step.gate}
            for step in board.next_steps
        ],
        "in_the_way": list(board.in_the_way()),
    }


def _say_in_the_way(standing: Standing, out: Out) -> None:
    codes = standing.board.in_the_way()
    if codes:
        out.say(_("Still in the way: {criteria}").format(criteria=", ".join(codes)))


def _assessment_document(standing: Standing) -> dict[str, Any]:
    one = standing.whole.assessment
    return {
        "id": id_text(one.id),
        "title": one.title,
        "pack": one.pack_id,
        "round": one.round,
        "status": one.status,
    }


def _criterion_document(pack: FormPack, one: CriterionState) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": pack.of_criterion(one.code),
        "state": one.state.value,
        "gaps": [
            {"indicator": gap.indicator, "kind": gap.kind.value, "text": gap.text} for gap in one.gaps()
        ],
    }


def _indicator_document(pack: FormPack, one: IndicatorState) -> dict[str, Any]:
    return {
        "indicator": one.indicator.code,
        "title": pack.of_indicator(one.indicator.code),
        "state": one.state.value,
        "gaps": [{"kind": gap.kind.value, "text": gap.text} for gap in one.gaps],
    }
