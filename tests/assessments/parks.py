"""A demo park with an assessment, and a measure whose data a test can change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ranger_app.assessments.service import Assessments
from ranger_app.domain.ids import new_id
from ranger_app.domain.measures import Measure, MeasureResult
from ranger_app.domain.sites import Site
from ranger_app.storage import Workspace


@dataclass
class PatrolDays:
    """A measure over rows that a test adds to, as a season goes on."""

    rows: list[dict[str, str | float]] = field(
        default_factory=lambda: [
            {"month": "2026-01", "team": "demo team A", "km": 41.5},
            {"month": "2026-02", "team": "demo team B", "km": 58.25},
        ]
    )
    checked_share: float | None = None
    privacy: dict[str, str] = field(default_factory=lambda: {"team": "person"})

    def measure(self) -> Measure:
        return Measure(
            id="demo.distance",
            title="Distance on patrol",
            definition="Length of all tracks on the ellipsoid, without gaps between segments.",
            unit="km",
            compute=self.compute,
        )

    def compute(self, starts_on: date | None, ends_on: date | None) -> MeasureResult:
        return MeasureResult(
            value=sum(float(row["km"]) for row in self.rows),
            rows=tuple(dict(row) for row in self.rows),
            query={"kind": "track", "from": starts_on, "to": ends_on},
            checked_share=self.checked_share,
            notes=("Two demo teams.",),
            interval=(90.0, 110.0),
            interval_method="demo interval",
            privacy=self.privacy,
        )


@dataclass
class Park:
    """An open workspace of a demo site and its assessments."""

    workspace: Workspace
    assessments: Assessments
    patrols: PatrolDays
    site: Site


@contextmanager
def open_park(folder: Path) -> Iterator[Park]:
    made = new_id()
    site = Site(
        id=made, site_id=made, name="Demo Hills", country="DEM", area_km2=120.5, world_database_id="555000000"
    )
    patrols = PatrolDays()
    with Workspace.create(folder, site=site) as workspace:
        assessments = Assessments(workspace, measures=lambda: (patrols.measure(),))
        yield Park(workspace, assessments, patrols, site)


def a_file(folder: Path, name: str = "plan.pdf", content: bytes = b"%PDF-1.4 demo plan\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path
