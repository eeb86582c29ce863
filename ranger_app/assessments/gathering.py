"""Gathers an assessment with all that was said and shown for it, in one snapshot."""

from __future__ import annotations

from dataclasses import replace

from ranger_app.assessments.answers import blank_answer
from ranger_app.assessments.packs import FormPack
from ranger_app.assessments.sheets import Cited, Sheet, Whole, reading_order
from ranger_app.domain.assessments import Action, Answer, Assessment, Evidence, EvidenceLink
from ranger_app.domain.ids import Id
from ranger_app.storage import Workspace
from ranger_app.storage.differences.differing import waiting, waiting_within
from ranger_app.storage.query import equal, one_of


def gather(workspace: Workspace, assessment: Assessment, pack: FormPack) -> Whole:
    """The form's every row with its answer (blank where there is none), citations and actions."""
    with workspace.reading() as data:
        answers = {one.indicator: one for one in data.find(Answer, equal("assessment_id", assessment.id))}
        links = data.find(EvidenceLink, one_of("answer_id", [one.id for one in answers.values()]))
        pieces = {
            one.id: one for one in data.find(Evidence, one_of("id", {link.evidence_id for link in links}))
        }
        actions = data.find(Action, equal("assessment_id", assessment.id), order=("due_on", "id"))
    unsettled = waiting(workspace, [one.id for one in answers.values()])
    cited: dict[Id, list[Cited]] = {}
    for link in links:
        if (piece := pieces.get(link.evidence_id)) is not None:
            cited.setdefault(link.answer_id, []).append(Cited(link=link, evidence=piece))
    sheets = []
    for indicator in pack.indicators():
        blank = blank_answer(assessment, indicator.code)
        answer = answers.get(indicator.code) or blank
        if "rating" in (versions := unsettled.get(answer.id, {})):
            answer = replace(answer, rating=blank.rating)
        sheets.append(
            Sheet(
                indicator=indicator,
                answer=answer,
                cited=tuple(sorted(cited.get(answer.id, ()), key=reading_order)),
                actions=tuple(one for one in actions if one.indicator == indicator.code),
                unsettled=versions,
            )
        )
    return Whole(
        assessment=assessment,
        pack=pack,
        sheets=tuple(sheets),
        unsettled=waiting_within(workspace, assessment),
    )
