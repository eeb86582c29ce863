"""Writing what two laptops may write apart: made once, found by its derived id, brought back if hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from ranger_app.assessments.answers import blank_answer
from ranger_app.assessments.evidence import link_id
from ranger_app.assessments.packs import Indicator
from ranger_app.assessments.sheets import Cited
from ranger_app.domain.assessments import Assessment, Evidence, EvidenceLink
from ranger_app.domain.fields import Record
from ranger_app.storage.unit import Unit

R = TypeVar("R", bound=Record)
PAGE_CHARS_AT_MOST = 200


def keep(unit: Unit, fresh: R, fields: dict[str, Any]) -> R:
    """The record with this id, made or brought back if need be, with these fields set."""
    kind = type(fresh)
    if unit.data.get(kind, fresh.id, hidden_too=True) is None:
        made = replace(fresh, **fields)
        unit.add(made)
        return made
    if unit.data.get(kind, fresh.id) is None:
        unit.restore(kind, fresh.id)
    unit.change((kind, fresh.id), **fields)
    return unit.data.need(kind, fresh.id)


def write_citation(
    unit: Unit, assessment: Assessment, indicator: Indicator, evidence: Evidence, *, page: str, note: str
) -> Cited:
    """Cite evidence for one indicator, making its answer (not yet assessed) when there is none."""
    answer = keep(unit, blank_answer(assessment, indicator.code), {})
    link = EvidenceLink(
        id=link_id(answer.id, evidence.id, page),
        site_id=assessment.site_id,
        answer_id=answer.id,
        evidence_id=evidence.id,
        page=page.strip()[:PAGE_CHARS_AT_MOST],
    )
    return Cited(link=keep(unit, link, {"note": note.strip()} if note else {}), evidence=evidence)
