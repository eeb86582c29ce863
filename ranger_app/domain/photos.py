"""Camera traps: stations, deployments, photos, what a model saw and what people said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ranger_app.domain.fields import Form, Merge, Privacy, Record, record, stored
from ranger_app.domain.ids import Id

LABEL_TYPES = ("animal", "human", "vehicle", "blank", "unknown")
"""Camtrap DP observationType without `unclassified`, which is the absence of a label."""
WITHDRAWN = "withdrawn"


@record(30, "camera_station")
class CameraStation(Record):
    """A place where cameras hang (Camtrap DP locationID, locationName)."""

    name: str = stored(2, Form.TEXT, indexed=True)
    lon: float | None = stored(3, Form.REAL, default=None, together="position", privacy=Privacy.POSITION)
    lat: float | None = stored(4, Form.REAL, default=None, together="position", privacy=Privacy.POSITION)
    habitat: str = stored(5, Form.TEXT, default="")
    notes: str = stored(6, Form.TEXT, default="", merge=Merge.PARAGRAPHS, privacy=Privacy.PERSON)


@record(31, "deployment")
class Deployment(Record):
    """One camera at one station from one visit to the next."""

    station_id: Id = stored(2, Form.ID, parent="camera_station", indexed=True)
    camera: str = stored(3, Form.TEXT, default="")
    starts_local: datetime | None = stored(4, Form.LOCAL, default=None)
    ends_local: datetime | None = stored(5, Form.LOCAL, default=None)
    utc_offset_s: int | None = stored(6, Form.INTEGER, default=None)
    """Offset of the camera's clock from UTC; None until a person has said it."""
    setup_by: str = stored(7, Form.TEXT, default="", privacy=Privacy.PERSON)
    notes: str = stored(8, Form.TEXT, default="", merge=Merge.PARAGRAPHS, privacy=Privacy.PERSON)


@record(32, "clock_correction")
class ClockCorrection(Record):
    """A later, visible correction of a deployment's clock. The raw times of its photos stay."""

    deployment_id: Id = stored(2, Form.ID, parent="deployment", indexed=True)
    shift_s: float = stored(3, Form.REAL, default=0.0)
    drift_s_per_day: float = stored(4, Form.REAL, default=0.0)
    reason: str = stored(5, Form.TEXT, default="")


@record(33, "sequence")
class Sequence(Record):
    """Photos of one camera with less than `gap_s` between neighbours."""

    station_id: Id = stored(2, Form.ID, indexed=True)
    deployment_id: Id | None = stored(3, Form.ID, default=None, indexed=True)
    starts_local: datetime | None = stored(4, Form.LOCAL, default=None, indexed=True)
    ends_local: datetime | None = stored(5, Form.LOCAL, default=None)
    gap_s: float = stored(6, Form.REAL, default=60.0)


@record(34, "photo")
class Photo(Record):
    """One picture or clip. The original is never written to."""

    station_id: Id | None = stored(2, Form.ID, default=None, parent="camera_station", indexed=True)
    deployment_id: Id | None = stored(3, Form.ID, default=None, indexed=True)
    sequence_id: Id | None = stored(4, Form.ID, default=None, indexed=True)
    file: bytes = stored(5, Form.FILE, merge=Merge.FIXED, indexed=True)
    file_name: str = stored(6, Form.TEXT)
    folder: str = stored(7, Form.TEXT, default="")
    """Relative to what was added, with forward slashes."""
    media_type: str = stored(8, Form.TEXT, default="image/jpeg")
    size_bytes: int = stored(9, Form.INTEGER, default=0)
    width_px: int | None = stored(10, Form.INTEGER, default=None)
    height_px: int | None = stored(11, Form.INTEGER, default=None)
    """Upright, after the EXIF orientation."""
    taken_local: datetime | None = stored(12, Form.LOCAL, default=None, indexed=True)
    """The camera's wall clock as it was read."""
    time_source: str = stored(13, Form.TEXT, default="")
    """exif, name or empty when nothing says it."""
    taken_raw: str = stored(14, Form.TEXT, default="")
    camera_make: str = stored(15, Form.TEXT, default="")
    camera_model: str = stored(16, Form.TEXT, default="")
    camera_serial: str = stored(17, Form.TEXT, default="")
    exif: Any = stored(18, Form.DATA, default=None, privacy=Privacy.PRIVATE)
    lon: float | None = stored(19, Form.REAL, default=None, privacy=Privacy.POSITION)
    lat: float | None = stored(20, Form.REAL, default=None, privacy=Privacy.POSITION)
    note: str = stored(21, Form.TEXT, default="")
    """What was wrong with the file, in words; empty when nothing was."""


@record(35, "detection", fixed=True)
class Detection(Record):
    """What one version of one model saw on one photo; raw, so that thresholds can move later."""

    photo_id: Id = stored(2, Form.ID, indexed=True)
    pack_id: str = stored(3, Form.TEXT)
    pack_version: str = stored(4, Form.TEXT)
    animal: float = stored(5, Form.REAL, default=0.0, indexed=True)
    person: float = stored(6, Form.REAL, default=0.0)
    vehicle: float = stored(7, Form.REAL, default=0.0)
    boxes: Any = stored(8, Form.DATA, default=None)
    """[[x, y, w, h, class, score], …]: relative to the whole upright picture, top left, 0..1."""
    groups: Any = stored(9, Form.DATA, default=None)
    """[[name, score], …], best first."""
    failure: str = stored(10, Form.TEXT, default="")
    thresholds_version: str = stored(11, Form.TEXT, default="1")
    crops: Any = stored(12, Form.DATA, default=None)
    """[[place in boxes or -1 for the whole picture, [[name, score], …]], …]: what a pipeline's crops show."""
    frame_s: float | None = stored(13, Form.REAL, default=None)
    """Of a clip, at which second the frame is that this is about."""


@record(36, "label", fixed=True)
class Label(Record):
    """What one person said of one photo. Append-only: a change of mind is another label."""

    photo_id: Id = stored(2, Form.ID, parent="photo", indexed=True)
    by: str = stored(3, Form.TEXT, default="", privacy=Privacy.PERSON)
    """Name of the person, as on the day."""
    person_id: Id | None = stored(4, Form.ID, default=None)
    type: str = stored(5, Form.TEXT)
    """One of LABEL_TYPES, or WITHDRAWN when another label is taken back."""
    name: str = stored(6, Form.TEXT, default="")
    """Species or group in the reviewer's words."""
    scientific_name: str = stored(7, Form.TEXT, default="")
    count: int | None = stored(8, Form.INTEGER, default=None)
    life_stage: str = stored(9, Form.TEXT, default="")
    sex: str = stored(10, Form.TEXT, default="")
    behavior: tuple[str, ...] = stored(11, Form.WORDS, default=())
    individual_id: Id | None = stored(12, Form.ID, default=None)
    box: Any = stored(13, Form.DATA, default=None)
    at: datetime | None = stored(14, Form.INSTANT, default=None)
    note: str = stored(15, Form.TEXT, default="", privacy=Privacy.PERSON)
    withdraws: Id | None = stored(16, Form.ID, default=None)
    """The label that is taken back; only on a label of the type `withdrawn`."""


@record(37, "area_species")
class AreaSpecies(Record):
    """A species that occurs on the site; what models name is held against the list of them."""

    name: str = stored(2, Form.TEXT)
    scientific_name: str = stored(3, Form.TEXT, default="", indexed=True)
    upper: tuple[str, ...] = stored(4, Form.WORDS, default=())
    """Class, order and family, as far as somebody said them."""
    note: str = stored(5, Form.TEXT, default="", merge=Merge.PARAGRAPHS)


@record(38, "label_meaning")
class LabelMeaning(Record):
    """What a word of models means on this site: their European roe deer is Siberian roe deer here."""

    says: str = stored(2, Form.TEXT)
    """A label's id, name or scientific name, whatever the case."""
    name: str = stored(3, Form.TEXT)
    scientific_name: str = stored(4, Form.TEXT, default="")
    note: str = stored(5, Form.TEXT, default="", merge=Merge.PARAGRAPHS)


@record(39, "model_pack")
class ModelPack(Record):
    """A model that labels of this site have taught; used on a laptop once a person there has said so."""

    name: str = stored(2, Form.TEXT)
    pack_id: str = stored(3, Form.TEXT, indexed=True)
    version: str = stored(4, Form.TEXT)
    base: str = stored(5, Form.TEXT)
    """Short name of the packs that gave the embeddings."""
    file: bytes = stored(6, Form.FILE)
    """The pack as a zip."""
    examples: bytes | None = stored(7, Form.FILE, default=None)
    """The embeddings it was taught with, so that it can be taught again where the pictures are not."""
    lessons: str = stored(8, Form.TEXT, default="")
    """Digest of the crops and words that it was taught with."""
    figures: Any = stored(9, Form.DATA, default=None)
    """What it was worth on cameras that it had not seen."""
    made_at: datetime | None = stored(10, Form.INSTANT, default=None)
    made_by: str = stored(11, Form.TEXT, default="")
