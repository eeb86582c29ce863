"""One indicator with everything that a site has said and shown for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ranger_app.assessments.packs import FormPack, Indicator, Stands
from ranger_app.domain.assessments import FINAL, Action, Answer, Assessment, Evidence, EvidenceLink

OPEN_ACTION, DONE_ACTION = "open", "done"
ACTION_STATES = (OPEN_ACTION, DONE_ACTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One piece of evidence and where in it the answer is."""

    link: EvidenceLink
    evidence: Evidence


def reading_order(cited: Cited) -> tuple[list[tuple[int, int, str]], ...]:
    """Sorts citations as people would: by title and page, "page 9" before "page 12"."""
    return (_natural(cited.evidence.title), _natural(cited.link.page), _natural(cited.link.id.hex()))


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d{1,15})", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One indicator, its answer (blank when nobody has given one), its evidence and its actions."""

    indicator: Indicator
    answer: Answer
    cited: tuple[Cited, ...] = ()
    actions: tuple[Action, ...] = ()
    unsettled: Mapping[str, int] = field(default_factory=dict)
    """Fields of the answer that were written apart, with how many versions wait. A rating with several is
    stated as none: `answer` then has the form's rating for what is open."""

    @property
    def code(self) -> str:
        return self.indicator.code

    def open_actions(self) -> tuple[Action, ...]:
        return tuple(one for one in self.actions if one.status != DONE_ACTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One assessment with its form and all its sheets, in the order of the form."""

    assessment: Assessment
    pack: FormPack
    sheets: tuple[Sheet, ...]
    unsettled: int = 0
    """Fields of it, and of all that belongs to it, that were written apart and wait."""

    @property
    def is_final(self) -> bool:
        """Whether its answers are what the site hands over."""
        return self.assessment.status == FINAL

    def sheet(self, code: str) -> Sheet | None:
        return next((one for one in self.sheets if one.code == code), None)

    def stands(self, sheet: Sheet) -> Stands:
        return self.pack.stands(sheet.answer.rating)

    def evidence(self) -> tuple[Evidence, ...]:
        """Every piece that is cited, once, in the order of its first citation."""
        seen = {one.evidence.id: one.evidence for sheet in self.sheets for one in sheet.cited}
        return tuple(seen.values())

    def cited_by(self, evidence: Evidence) -> tuple[str, ...]:
        """The codes of the indicators that cite it."""
        return tuple(
            sheet.code for sheet in self.sheets if any(one.evidence.id == evidence.id for one in sheet.cited)
        )
