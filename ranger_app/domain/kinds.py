"""Every kind of record, listed once."""

from __future__ import annotations

from ranger_app.domain import assessments, patrols, photos, sites
from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import KindSpec, Record, describe

KINDS: tuple[type[Record], ...] = (
    sites.Site,
    sites.Person,
    sites.Device,
    sites.Attachment,
    sites.Erasure,
    patrols.DataModel,
    patrols.PatrolPlan,
    patrols.Patrol,
    patrols.Leg,
    patrols.LegDay,
    patrols.Track,
    patrols.Waypoint,
    patrols.Observation,
    patrols.Value,
    photos.CameraStation,
    photos.Deployment,
    photos.ClockCorrection,
    photos.Sequence,
    photos.Photo,
    photos.Detection,
    photos.Label,
    photos.AreaSpecies,
    photos.LabelMeaning,
    photos.ModelPack,
    assessments.Assessment,
    assessments.Answer,
    assessments.Evidence,
    assessments.EvidenceLink,
    assessments.Action,
)

BY_NUMBER: dict[int, KindSpec] = {cls.KIND: describe(cls) for cls in KINDS}
BY_NAME: dict[str, KindSpec] = {cls.NAME: describe(cls) for cls in KINDS}


def kind_named(name: str) -> KindSpec:
    """The kind with this name, such as `patrol`; `BadInput` lists the names when there is none."""
    try:
        return BY_NAME[name.replace("-", "_").lower()]
    except KeyError:
        raise BadInput(
            f"There is no kind of record called “{name[:40]}”.",
            "Use one of: " + ", ".join(sorted(BY_NAME)) + ".",
        ) from None
