"""Looks at pictures with a model pack: one at a time, or many with decoding beside the graph's work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput, KnownError, Refused
from ranger_app.i18n import _
from ranger_app.inference.families import family_of
from ranger_app.inference.family import Family
from ranger_app.inference.graph_check import graph_problems
from ranger_app.inference.looks import Look, Looked, LookKey
from ranger_app.inference.pack import Pack, read_listed_file
from ranger_app.inference.pictures import open_picture
from ranger_app.inference.placing import Placing
from ranger_app.inference.prepare import prepare
from ranger_app.inference.runtime import THREADS_AT_MOST, Session
from ranger_app.jobs import Work

DECODERS = 2  # threads; Pillow decodes without the interpreter's lock
AHEAD = 4  # pictures decoded before the graph asks for them; each is a few MB


@dataclass(frozen=True, slots=True)
class Ready:
    """One picture, decoded and fitted, waiting for the graph."""

    tensor: NDArray[Any]
    placing: Placing
    sha256: str
    width_px: int
    height_px: int
    notes: tuple[str, ...]


class Model:
    """A pack that is loaded and looks at pictures. One thread at a time may use it."""

    def __init__(self, pack: Pack, family: Family, session: Session, precision: str) -> None:
        self.pack = pack
        self.precision = precision
        self.thresholds = pack.thresholds(precision)
        self._family = family
        self._session = session

    @classmethod
    def open(cls, pack: Pack, *, precision: str = "", threads: int = THREADS_AT_MOST) -> Model:
        """Load the pack's graph. Raises `BadInput`, `Refused` or `NotFound` when it cannot be run.

        The graph's bytes are compared with the manifest here as well: a pack may have changed on the disk.
        """
        file = pack.graph(precision)
        raw = read_listed_file(pack, file)
        family = family_of(pack)
        if problems := graph_problems(pack, file, raw):
            raise Refused(
                _("The model pack {pack} cannot be used: {file} {problem}.").format(
                    pack=pack.id, file=file.path, problem=problems[0]
                ),
                _("Use another pack, or ask whoever gave you this one for one that fits."),
            )
        if family is None:
            raise BadInput(_("The model pack {pack} is of no family that is known.").format(pack=pack.id))
        session = Session(raw, name=f"{pack.id}/{file.path}", threads=threads)
        return cls(pack, family, session, file.precision)

    def key(self, sha256: str) -> LookKey:
        """What the result on the picture with that SHA-256 (hex) belongs to."""
        return LookKey(sha256, self.pack.id, self.pack.version)

    def look(self, source: Path | bytes, *, at_most_s: float | None = None) -> Look:
        """What the pack says of the picture in a file, or in the bytes of one. Raises `KnownError`."""
        return self.infer(self.make_ready(source), at_most_s=at_most_s)

    def make_ready(self, source: Path | bytes) -> Ready:
        """Decode and fit one picture; the half of the work that may run in any number of threads."""
        how = self.pack.manifest.preprocess
        picture = open_picture(source, draft_px=how.draft_px)
        prepared = prepare(picture, graph_input=self.pack.manifest.input, preprocess=how)
        return Ready(
            tensor=prepared.tensor,
            placing=prepared.placing,
            sha256=picture.sha256,
            width_px=picture.width_px,
            height_px=picture.height_px,
            notes=picture.notes,
        )

    def infer(self, ready: Ready, *, at_most_s: float | None = None) -> Look:
        """Run the graph on a picture that is ready, and read what it says."""
        feed = {self.pack.manifest.input.name: ready.tensor}
        raw = self._session.run(feed, self._family.tensor(self.pack), at_most_s=at_most_s)
        found = self._family.read(raw, self.pack, self.thresholds, ready.placing)
        return Look(
            key=self.key(ready.sha256),
            thresholds_version=self.thresholds.version,
            animal=found.animal,
            person=found.person,
            vehicle=found.vehicle,
            boxes=found.boxes,
            groups=found.groups,
            width_px=ready.width_px,
            height_px=ready.height_px,
            notes=ready.notes,
        )

    def looks(self, paths: Sequence[Path], work: Work) -> Iterator[Looked]:
        """Each picture's result, in the order of `paths`, as soon as it is there.

        A picture that fails is a result too, and the run goes on. Ticks `work` before each picture; when it
        is cancelled, or the caller stops asking, nothing is left running.
        """
        pool = ThreadPoolExecutor(DECODERS, thread_name_prefix="ranger-decode")
        waiting: deque[Future[Ready]] = deque()
        try:
            for place, path in enumerate(paths):
                while len(waiting) < AHEAD and place + len(waiting) < len(paths):
                    waiting.append(pool.submit(self.make_ready, paths[place + len(waiting)]))
                work.tick(place, len(paths), path.name)
                yield self._looked(path, waiting.popleft())
            work.tick(len(paths), len(paths))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _looked(self, path: Path, ready: Future[Ready]) -> Looked:
        try:
            return Looked(path, self.infer(ready.result()))
        except KnownError as error:
            return Looked(path, None, error.code, error.text)
