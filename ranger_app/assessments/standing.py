"""Where an assessment stands, and the step that makes it final."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.assessments.gaps import GapBoard
from ranger_app.assessments.preflight import Missing
from ranger_app.assessments.sheets import Whole
from ranger_app.domain.assessments import Assessment
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
