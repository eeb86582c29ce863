"""Lets a model look at the photos that it has not seen, and keeps what it says; labels stay as they are.

The run can be stopped or killed at any moment and goes on where it was: a photo is done when there is a
result of this very version of the pack. While the graph works on one photo, the next ones are decoded and the
ones before are recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.photos import Detection, Photo
from ranger_app.domain.readable import Readable
from ranger_app.i18n import _
from ranger_app.inference.looks import Look, Looked
from ranger_app.jobs import Part, Work
from ranger_app.photos.intake.card import LeftOut
from ranger_app.photos.runs.forecast import Rates
from ranger_app.photos.runs.pace import Gate, Pace
from ranger_app.storage import Workspace
from ranger_app.storage.files import KeptFile
from ranger_app.storage.query import Condition, equal

CHUNK_PHOTOS = 256
"""Handed to the model at once."""
BATCH_RESULTS = 64
"""Recorded at once; twice this is what a kill costs at most."""
BATCH_AGE_S = 5.0
"""On a slow laptop results are recorded at least this often."""
BOXES_KEPT = 100
GROUPS_KEPT = 10


class Seer(Protocol):
    """A model that looks at pictures, as `inference.detect.Model` does."""

    def looks(self, paths: Sequence[Readable], work: Work) -> Iterator[Looked]: ...


class Seen(NamedTuple):
    """A photo that waits to be looked at."""

    id: Id
    sha256: bytes
    folder: str
    file_name: str

    @property
    def file(self) -> str:
        return f"{self.folder}/{self.file_name}" if self.folder else self.file_name


class Beside(Protocol):
    """What else is done with results, batch by batch, such as keeping embeddings."""

    def keep(self, looks: Sequence[tuple[Seen, Look]]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """How a run went."""

    done: int
    """Photos that have a result now and had none."""
    seconds: float
    """Without the time in which it had to wait."""
    failed: tuple[LeftOut, ...]
    """Photos that could not be looked at, with the reason."""
    pack_id: str
    pack_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a run goes about its work."""

    gate: Gate = field(default_factory=lambda: Gate(Pace()))
    rates: Rates | None = None
    """Where it is noted how fast the pack is here."""
    beside: Beside | None = None
    running_s: Callable[[], float] = time.monotonic


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
    workspace: Workspace,
    photos: Sequence[Seen],
    model: Seer,
    *,
    pack_id: str,
    pack_version: str,
    work: Work,
    manner: Manner | None = None,
) -> Classified:
    """Look at the photos and record what the model says, batch by batch.

    A picture that cannot be decoded gets a result that says so, and is not tried again; one whose original
    is not here is only reported, and is looked at once it is back. Raises `Cancelled`, or `DiskTrouble` when
    results cannot be recorded any more; results so far stay.
    """
    run = _Run(workspace, (pack_id, pack_version), manner or Manner())
    try:
        for at in range(0, len(photos), CHUNK_PHOTOS):
            run.look(photos[at : at + CHUNK_PHOTOS], model, Part(work, at, len(photos)))
    finally:
        run.finish()
    work.tick(len(photos), len(photos))
    return Classified(
        done=run.done,
        seconds=run.seconds,
        failed=tuple(run.failed),
        pack_id=pack_id,
        pack_version=pack_version,
    )


def detection_id(photo_id: Id, pack_id: str, pack_version: str) -> Id:
    """Two laptops that let the same model look at the same photo have one result."""
    return derived_id(0, "detection", photo_id, pack_id, pack_version)


class _Run:
    """Results on their way into the workspace."""

    def __init__(self, workspace: Workspace, pack: tuple[str, str], manner: Manner) -> None:
        self._workspace = workspace
        self._pack = pack
        self._manner = manner
        self._batch: list[Detection] = []
        self._looks: list[tuple[Seen, Look]] = []
        self._started_s = self._batch_s = manner.running_s()
        self._waited_s = 0.0
        self._recorder = ThreadPoolExecutor(1, thread_name_prefix="ranger-record")
        self._recording: Future[None] | None = None
        self.done = 0
        self.failed: list[LeftOut] = []

    @property
    def seconds(self) -> float:
        return self._manner.running_s() - self._started_s - self._waited_s

    def look(self, photos: Sequence[Seen], model: Seer, work: Part) -> None:
        here: list[tuple[Seen, KeptFile]] = []
        for photo in photos:
            file = self._workspace.files.find(photo.sha256)
            if file is None:
                self.failed.append(LeftOut(photo.file, _("The original is not on this laptop.")))
            else:
                here.append((photo, file))
        looks = model.looks([file for _photo, file in here], work)
        self._pass(work, 0)
        for place, ((photo, _file), looked) in enumerate(zip(here, looks, strict=True)):
            self._keep(photo, looked)
            self._pass(work, place + 1)

    def _pass(self, work: Part, done: int) -> None:
        """Wait where the run may not go on now; what waits for the disk is recorded first."""
        waited_s = self._manner.gate.wait(work, done, self._settle)
        if waited_s:
            self._waited_s += waited_s
            self._batch_s = self._manner.running_s()

    def _keep(self, photo: Seen, looked: Looked) -> None:
        look = looked.look
        if look is None:
            self.failed.append(LeftOut(photo.file, looked.failure))
            if looked.failure_code != BadInput.code:
                return  # the picture is not to blame, so it is looked at again next time
        else:
            self._looks.append((photo, look))
        self._batch.append(self._result(photo, looked))
        self.done += look is not None
        if len(self._batch) >= BATCH_RESULTS or self._manner.running_s() - self._batch_s > BATCH_AGE_S:
            self._record()

    def _result(self, photo: Seen, looked: Looked) -> Detection:
        pack_id, pack_version = self._pack
        id_, site_id = detection_id(photo.id, pack_id, pack_version), self._workspace.site_id
        look = looked.look
        if look is None:
            return Detection(
                id=id_,
                site_id=site_id,
                photo_id=photo.id,
                pack_id=pack_id,
                pack_version=pack_version,
                failure=looked.failure,
            )
        return Detection(
            id=id_,
            site_id=site_id,
            photo_id=photo.id,
            pack_id=pack_id,
            pack_version=pack_version,
            animal=round(look.animal, 5),
            person=round(look.person, 5),
            vehicle=round(look.vehicle, 5),
            boxes=list(islice(look.box_rows(), BOXES_KEPT)),
            groups=look.group_rows(GROUPS_KEPT),
            crops=look.crop_rows(GROUPS_KEPT) or None,
            frame_s=None if look.frame_s is None else round(look.frame_s, 3),
            thresholds_version=look.thresholds_version,
        )

    def _record(self) -> None:
        """Hand the batch to the thread that records, once it is done with the one before."""
        if self._recording is not None:
            self._recording.result()
            self._recording = None
        if not self._batch:
            return
        now_s = self._manner.running_s()
        if self._manner.rates is not None:
            self._manner.rates.learn("@".join(self._pack), len(self._batch), now_s - self._batch_s)
        self._batch_s = now_s
        batch, looks = self._batch, self._looks
        self._batch, self._looks = [], []
        self._recording = self._recorder.submit(self._write, batch, looks)

    def _write(self, batch: Sequence[Detection], looks: Sequence[tuple[Seen, Look]]) -> None:
        # What lies beside is worth nothing without the results, so it comes first: a result is the end.
        if self._manner.beside is not None:
            self._manner.beside.keep(looks)
        with self._workspace.unit("model looked at photos") as unit:
            unit.add_many(batch)

    def _settle(self) -> None:
        """Record everything, and wait until it is."""
        self._record()
        self._record()

    def finish(self) -> None:
        """Record what is left, whatever ended the run. Raises what kept it from being recorded."""
        try:
            self._settle()
        finally:
            self._recorder.shutdown(wait=True)
            if self._manner.rates is not None:
                self._manner.rates.keep()


def _of(pack_id: str, pack_version: str) -> tuple[Condition, Condition]:
    return equal("pack_id", pack_id), equal("pack_version", pack_version)
