"""Where an assessment stands, and the step that makes it final."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.assessments.gaps import GapBoard
from ranger_app.assessments.preflight import Missing
from ranger_app.assessments.sheets import Whole
from ranger_app.domain.assessments import FINAL, Assessment
from ranger_app.domain.errors import Refused
from ranger_app.i18n import _
from ranger_app.storage import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an assessment stands, in counts of what was said; never a score."""

    whole: Whole
    board: GapBoard
    missing: tuple[Missing, ...]

    def ratings(self) -> dict[str, int]:
        """How many indicators have each rating, in the order of the form."""
        said = [sheet.answer.rating for sheet in self.whole.sheets]
        return {one.code: said.count(one.code) for one in self.whole.pack.ratings}


def become(workspace: Workspace, present: Assessment, status: str) -> Assessment:
    """Take an assessment to another step; `Refused` where that is the last and something is unsettled."""
    with workspace.unit(f"assessment: {status}") as unit:
        unit.change(present, status=status)
        return unit.data.need(Assessment, present.id)


def refuse_if_final(assessment: Assessment) -> None:
    """Raise `Refused` when its answers are what the site hands over already."""
    if assessment.status == FINAL:
        raise Refused(
            _("“{title}” is final: its answers and citations stay as they are.").format(
                title=assessment.title
            ),
            _("Go on with it first: “Go on with it” on the Green List page, or ranger-app assess reopen."),
        )
