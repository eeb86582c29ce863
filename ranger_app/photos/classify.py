"""Lets a model look at the photos that it has not seen, and keeps what it says; labels stay as they are.

The run can be stopped or killed at any moment and goes on where it was: a photo is done when there is a
result of this very version of the pack.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.photos import Detection, Photo
from ranger_app.i18n import _
from ranger_app.inference.looks import Looked
from ranger_app.jobs import Cancelled, Work
from ranger_app.photos.card import LeftOut
from ranger_app.storage import Workspace
from ranger_app.storage.query import Condition, equal

CHUNK_PHOTOS = 256
"""Handed to the model at once."""
BATCH_RESULTS = 64
"""Recorded at once; what a kill costs at most."""
BATCH_AGE_S = 5.0
"""On a slow laptop results are recorded at least this often."""
BOXES_KEPT = 100
GROUPS_KEPT = 10


class Seer(Protocol):
    """A model that looks at pictures, as `inference.detect.Model` does."""

    def looks(self, paths: Sequence[Path], work: Work) -> Iterator[Looked]: ...


class Seen(NamedTuple):
    """A photo that waits to be looked at."""

    id: Id
    sha256: bytes
    folder: str
    file_name: str

    @property
    def file(self) -> str:
        return f"{self.folder}/{self.file_name}" if self.folder else self.file_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """How a run went."""

    done: int
    """Photos that have a result now and had none."""
    seconds: float
    failed: tuple[LeftOut, ...]
    """Photos that could not be looked at, with the reason."""
    pack_id: str
    pack_version: str


def waiting(
    workspace: Workspace, pack_id: str, pack_version: str, *conditions: Condition
) -> tuple[Seen, ...]:
    """The photos without a result of this pack, in the order of time."""
    with workspace.reading() as data:
        have = set(data.column(Detection, "photo_id", *_of(pack_id, pack_version)))
        rows = data.columns(
            Photo, ("id", "file", "folder", "file_name"), *conditions, order=("taken_local", "id")
        )
    return tuple(Seen(*row) for row in rows if row[0] not in have)


def classify(
    workspace: Workspace, photos: Sequence[Seen], model: Seer, *, pack_id: str, pack_version: str, work: Work
) -> Classified:
    """Look at the photos and record what the model says, batch by batch.

    A picture that cannot be decoded gets a result that says so, and is not tried again; one whose original
    is not here is only reported, and is looked at once it is back. Raises `Cancelled`; results so far stay.
    """
    started = time.monotonic()
    run = _Run(workspace, pack_id, pack_version)
    try:
        for at in range(0, len(photos), CHUNK_PHOTOS):
            run.look(photos[at : at + CHUNK_PHOTOS], model, _Part(work, at, len(photos)))
    except Cancelled:
        run.record()
        raise
    run.record()
    work.tick(len(photos), len(photos))
    return Classified(
        done=run.done,
        seconds=time.monotonic() - started,
        failed=tuple(run.failed),
        pack_id=pack_id,
        pack_version=pack_version,
    )


def detection_id(photo_id: Id, pack_id: str, pack_version: str) -> Id:
    """Two laptops that let the same model look at the same photo have one result."""
    return derived_id(0, "detection", photo_id, pack_id, pack_version)


class _Run:
    """Results on their way into the workspace."""

    def __init__(self, workspace: Workspace, pack_id: str, pack_version: str) -> None:
        self._workspace = workspace
        self._pack = (pack_id, pack_version)
        self._batch: list[Detection] = []
        self._recorded_at = time.monotonic()
        self.done = 0
        self.failed: list[LeftOut] = []

    def look(self, photos: Sequence[Seen], model: Seer, work: Work) -> None:
        here: list[tuple[Seen, Path]] = []
        for photo in photos:
            path = self._workspace.files.path(photo.sha256)
            if path is None:
                self.failed.append(LeftOut(photo.file, _("The original is not on this laptop.")))
            else:
                here.append((photo, path))
        looks = model.looks([path for _photo, path in here], work)
        for (photo, _path), looked in zip(here, looks, strict=True):
            self._keep(photo, looked)

    def _keep(self, photo: Seen, looked: Looked) -> None:
        look = looked.look
        if look is None:
            self.failed.append(LeftOut(photo.file, looked.failure))
            if looked.failure_code != BadInput.code:
                return  # the picture is not to blame, so it is looked at again next time
        pack_id, pack_version = self._pack
        self._batch.append(
            Detection(
                id=detection_id(photo.id, pack_id, pack_version),
                site_id=self._workspace.site_id,
                photo_id=photo.id,
                pack_id=pack_id,
                pack_version=pack_version,
                failure=looked.failure,
            )
            if look is None
            else Detection(
                id=detection_id(photo.id, pack_id, pack_version),
                site_id=self._workspace.site_id,
                photo_id=photo.id,
                pack_id=pack_id,
                pack_version=pack_version,
                animal=round(look.animal, 5),
                person=round(look.person, 5),
                vehicle=round(look.vehicle, 5),
                boxes=list(islice(look.box_rows(), BOXES_KEPT)),
                groups=look.group_rows(GROUPS_KEPT),
                thresholds_version=look.thresholds_version,
            )
        )
        self.done += look is not None
        if len(self._batch) >= BATCH_RESULTS or time.monotonic() - self._recorded_at > BATCH_AGE_S:
            self.record()

    def record(self) -> None:
        if self._batch:
            with self._workspace.unit("model looked at photos") as unit:
                unit.add_many(self._batch)
            self._batch.clear()
        self._recorded_at = time.monotonic()


class _Part(Work):
    """The part of a longer work that one chunk is."""

    def __init__(self, whole: Work, start: int, total: int) -> None:
        super().__init__()
        self._whole, self._start, self._total = whole, start, total

    def tick(self, done: int, total: int | None = None, note: str = "") -> None:
        self._whole.tick(self._start + done, self._total, note)


def _of(pack_id: str, pack_version: str) -> tuple[Condition, Condition]:
    return equal("pack_id", pack_id), equal("pack_version", pack_version)
