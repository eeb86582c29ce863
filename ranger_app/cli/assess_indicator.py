"""Commands about one indicator: show it, answer it, cite a file, freeze a figure, plan an action."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.assess_options import assessment_id, of_assessment
from ranger_app.cli.frame import Document, Out, command, day, opened
from ranger_app.domain.assessments import CONFIDENTIALITY
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.ids import id_text, parse_id
from ranger_app.i18n import _, number

if TYPE_CHECKING:
    from ranger_app.assessments.sheets import Cited, Sheet

_TEXT_BYTES_AT_MOST = 1_000_000


def add_verbs(verbs: Any) -> None:
    """Add these commands."""
    show = of_assessment(
        command(verbs, "show", run=_show, help=_("show one indicator with all that was said"))
    )
    show.add_argument("code", metavar="CODE")

    answer = of_assessment(
        command(verbs, "answer", run=_answer, help=_("answer an indicator; what is not given stays"))
    )
    answer.add_argument("code", metavar="CODE")
    answer.add_argument(
        "--rating", metavar="R", help="met, partly, not_met, not_applicable, not_yet_assessed"
    )
    answer.add_argument("--narrative", metavar="TEXT", help=_("how the site meets it"))
    answer.add_argument("--narrative-file", metavar="FILE", type=Path, help=_("the same from a text file"))
    answer.add_argument("--gap", metavar="TEXT", help=_("what is lacking"))
    answer.add_argument("--gap-type", metavar="T", help="no_document, old, no_data, decision_needed")
    answer.add_argument("--confidence", metavar="C", help="low, medium, high")
    answer.add_argument("--reason", metavar="TEXT", help=_("why it does not apply"))

    cite = of_assessment(
        command(verbs, "cite", run=_cite, help=_("cite a file; it is kept once however often cited"))
    )
    cite.add_argument("code", metavar="CODE")
    cite.add_argument("file", metavar="FILE", type=Path)
    cite.add_argument("--page", metavar="P", default="", help=_("page, time or place in it"))
    cite.add_argument("--title", metavar="TEXT")
    cite.add_argument("--dated", metavar="DAY", type=day, help=_("day of the document itself"))
    cite.add_argument("--author", metavar="TEXT")
    cite.add_argument("--language", metavar="CODE")
    cite.add_argument(
        "--class", dest="class_", choices=CONFIDENTIALITY, help=_("who may receive it (assessor)")
    )
    cite.add_argument("--consent", metavar="TEXT", help=_("who agreed that it is used, and when"))
    cite.add_argument("--note", metavar="TEXT", default="")

    command(verbs, "measures", run=_measures, help=_("list the figures that can be frozen"))
    freeze = of_assessment(
        command(verbs, "freeze", run=_freeze, help=_("freeze a figure as evidence; it never moves"))
    )
    freeze.add_argument("code", metavar="CODE")
    freeze.add_argument("measure", metavar="MEASURE")
    freeze.add_argument("--from", dest="starts_on", metavar="DAY", type=day)
    freeze.add_argument("--to", dest="ends_on", metavar="DAY", type=day)
    freeze.add_argument("--title", metavar="TEXT", default="")
    freeze.add_argument("--note", metavar="TEXT", default="")
    freeze.add_argument("--class", dest="class_", choices=CONFIDENTIALITY, default="assessor")

    action = of_assessment(
        command(verbs, "action", run=_action, help=_("plan what is to be done, or say that it is done"))
    )
    action.add_argument("code", metavar="CODE", help=_("an indicator, or the id of an action with --done"))
    action.add_argument("what", metavar="WHAT", nargs="?", default="")
    action.add_argument("--owner", metavar="TEXT", default="")
    action.add_argument("--due", metavar="DAY", type=day)
    action.add_argument("--success", metavar="TEXT", default="", help=_("how one will see that it is done"))
    action.add_argument("--done", action="store_true")


def _show(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        sheet, pack = ranger.assessments.sheet(args.code, assessment_id(args))
    from ranger_app.assessments.preflight import versions_words

    indicator, answer = sheet.indicator, sheet.answer
    asks = pack.said("indicator", sheet.code, "asks").text
    out.say(f"{sheet.code} {pack.of_indicator(sheet.code)}")
    out.say(asks)
    out.say(pack.said("pack", "", "verified" if indicator.verified else "unverified").text)
    out.say(
        _("Typical evidence: {kinds}").format(
            kinds=", ".join(pack.listed("indicator", sheet.code, "evidence"))
        )
    )
    out.say(_("Rating: {rating}").format(rating=pack.of_rating(answer.rating)))
    for field, count in sheet.unsettled.items():
        out.say(versions_words(field, count))
    for text in (answer.narrative, answer.gap, answer.not_applicable_reason):
        if text.strip():
            out.say(text)
    for one in sheet.cited:
        out.say(f"  {one.evidence.title} {one.link.page}".rstrip())
    return {
        **_answer_document(sheet),
        "title": pack.of_indicator(sheet.code),
        "asks": asks,
        "typical_evidence": list(pack.listed("indicator", sheet.code, "evidence")),
        "gate": indicator.gate,
        "verified": indicator.verified,
        "evidence": [_cited_document(one) for one in sheet.cited],
        "actions": [
            {
                "id": id_text(one.id),
                "what": one.what,
                "owner": one.owner,
                "due_on": one.due_on,
                "status": one.status,
                "success": one.success,
            }
            for one in sheet.actions
        ],
    }


def _answer(args: argparse.Namespace, out: Out) -> Document:
    narrative = args.narrative
    if args.narrative_file is not None:
        if narrative is not None:
            raise Refused(_("The narrative is given twice."), _("Leave out --narrative or --narrative-file."))
        narrative = _text_of(args.narrative_file)
    with opened(args) as ranger:
        ranger.assessments.answer(
            args.code,
            rating=args.rating,
            narrative=narrative,
            gap=args.gap,
            gap_type=args.gap_type,
            confidence=args.confidence,
            not_applicable_reason=args.reason,
            assessment_id=assessment_id(args),
        )
        sheet, pack = ranger.assessments.sheet(args.code, assessment_id(args))
    out.say(f"{sheet.code} {pack.of_indicator(sheet.code)}: {pack.of_rating(sheet.answer.rating)}")
    return _answer_document(sheet)


def _cite(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        cited = ranger.assessments.cite(
            args.code,
            args.file,
            page=args.page,
            note=args.note,
            title=args.title,
            dated_on=args.dated,
            author=args.author,
            language=args.language,
            confidentiality=args.class_,
            consent=args.consent,
            assessment_id=assessment_id(args),
        )
    out.say(_("Cited “{title}” for {code}.").format(title=cited.evidence.title, code=args.code))
    return {"indicator": args.code, **_cited_document(cited)}


def _measures(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        known = ranger.assessments.measures()
    for one in known:
        out.say(f"{one.id}: {one.title}" + (f" ({one.unit})" if one.unit else ""))
        out.say(f"  {one.definition}")
    return [
        {"id": one.id, "title": one.title, "unit": one.unit, "definition": one.definition} for one in known
    ]


def _freeze(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        cited = ranger.assessments.freeze(
            args.code,
            args.measure,
            starts_on=args.starts_on,
            ends_on=args.ends_on,
            title=args.title,
            note=args.note,
            confidentiality=args.class_,
            assessment_id=assessment_id(args),
        )
    figure = cited.evidence.figure
    value = figure["value"]
    words = f"{'–' if value is None else number(value)} {figure['unit']}".strip()
    out.say(
        _("Frozen for {code}: {title}, {value}.").format(
            code=args.code, title=cited.evidence.title, value=words
        )
    )
    return {"indicator": args.code, **_cited_document(cited), "figure": figure}


def _action(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        if args.done:
            action = ranger.assessments.change_action(parse_id(args.code), status="done")
        else:
            action = ranger.assessments.plan_action(
                args.code,
                args.what,
                owner=args.owner,
                due_on=args.due,
                success=args.success,
                assessment_id=assessment_id(args),
            )
    out.say(f"{action.indicator}: {action.what}")
    return {
        "id": id_text(action.id),
        "indicator": action.indicator,
        "what": action.what,
        "status": action.status,
    }


def _answer_document(sheet: Sheet) -> dict[str, Any]:
    answer = sheet.answer
    return {
        "id": id_text(answer.id),
        "indicator": sheet.code,
        "rating": answer.rating,
        "narrative": answer.narrative,
        "gap": answer.gap,
        "gap_type": answer.gap_type,
        "confidence": answer.confidence,
        "reason": answer.not_applicable_reason,
    }


def _cited_document(cited: Cited) -> dict[str, Any]:
    one = cited.evidence
    return {
        "evidence": id_text(one.id),
        "citation": id_text(cited.link.id),
        "kind": one.kind,
        "title": one.title,
        "page": cited.link.page,
        "class": one.confidentiality,
        "dated_on": one.dated_on,
        "sha256": one.file.hex() if one.file else None,
    }


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_TEXT_BYTES_AT_MOST + 1)
        if len(raw) <= _TEXT_BYTES_AT_MOST:
            return raw.decode("utf-8-sig").strip()
    except FileNotFoundError:
        raise BadInput(_("There is no file “{name}”.").format(name=path), _("Check the name.")) from None
    except UnicodeDecodeError:
        pass
    raise BadInput(
        _("“{name}” is not a text in UTF-8 of at most 1 MB.").format(name=path.name),
        _("Save it as plain text, UTF-8."),
    )
