"""Looks at pictures with a model pack: one at a time, or many with decoding beside the graph's work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ranger_app.domain.errors import KnownError
from ranger_app.domain.readable import Readable, known_hash
from ranger_app.inference.ahead import Ahead
from ranger_app.inference.clips import clip_format, frames_of
from ranger_app.inference.family import Found
from ranger_app.inference.learning.head import WorkingHead
from ranger_app.inference.looks import ANIMAL, WHOLE_PICTURE, Crop, Look, Looked, LookKey
from ranger_app.inference.packs.manifest import DETECTOR
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.packs.parts import parts_by_role
from ranger_app.inference.pictures import (
    Picture,
    decoded_pixels,
    film_hash,
    open_picture,
    opened_film,
    picture_bytes,
    picture_of,
)
from ranger_app.inference.prepare import Prepared
from ranger_app.inference.stage import Stage, threads_for, weight
from ranger_app.jobs import Work

AHEAD = 4  # pictures decoded before the graph asks for them; each is a few MB
LARGE_PIXELS = 50_000_000  # decoded; from here on a picture takes 200 MB and is decoded alone


@dataclass(frozen=True, slots=True)
class Ready:
    """One picture, decoded and fitted, waiting for the graph."""

    prepared: Prepared
    sha256: str
    width_px: int
    height_px: int
    notes: tuple[str, ...]
    picture: Picture | None
    """The picture itself, where something will be cut out of it."""


@dataclass(frozen=True, slots=True)
class Later:
    """A clip, or a picture so large that memory should hold one only: decoded when its turn has come."""

    source: Readable | bytes
    is_clip: bool


class Model:
    """A pack that is loaded and looks at pictures. One thread at a time may use it.

    `first` sees the whole picture; `then`, of a pipeline, sees what lies in the boxes of animals, and `head`
    names it in its place where a park has taught one.
    """

    def __init__(
        self, pack: Pack, first: Stage, then: Stage | None = None, head: WorkingHead | None = None
    ) -> None:
        self.pack = pack
        self.precision = first.precision
        self.thresholds = pack.thresholds(first.precision) if then is None else pack.manifest.thresholds
        self._first = first
        self._then = then
        self._head = head
        drafts = [stage.draft_px for stage in (first, then) if stage]
        self._draft_px = max(drafts) if all(drafts) else 0

    @classmethod
    def open(
        cls,
        pack: Pack,
        *,
        precision: str = "",
        threads: int = 0,
        dirs: Iterable[Path] = (),
    ) -> Model:
        """Load the pack's graph, or those of a pipeline's parts, which lie beside it or in `dirs`.

        threads: of a graph; 0: as many as suit how heavy it is. Raises `BadInput`, `Refused` or `NotFound`
        when it cannot be run.
        """
        if pack.manifest.pipeline is None:
            threads = threads or threads_for(weight(pack, precision))
            return cls(pack, Stage.open(pack, precision=precision, threads=threads))
        parts = parts_by_role(pack, dirs)
        threads = threads or threads_for(sum(weight(part) for part in parts.values()))
        first, then = (
            Stage.open(parts[role], precision="", threads=threads) for role in ("detector", "classifier")
        )
        said = pack.manifest.pipeline.head
        return cls(pack, first, then, WorkingHead.open(pack, said) if said else None)

    def key(self, sha256: str) -> LookKey:
        """What the result on the picture with that SHA-256 (hex) belongs to."""
        return LookKey(sha256, self.pack.id, self.pack.version)

    def look(self, source: Readable | bytes, *, at_most_s: float | None = None) -> Look:
        """What the pack says of the picture in a file, or in the bytes of one. Raises `KnownError`."""
        return self.infer(self.make_ready(source), at_most_s=at_most_s)

    def make_ready(self, source: Readable | bytes) -> Ready | Later:
        """Decode and fit one picture; the half of the work that may run in any number of threads."""
        raw = source if isinstance(source, bytes) else picture_bytes(source)
        if raw is None or clip_format(raw):
            return Later(source, is_clip=True)
        if decoded_pixels(raw, self._draft_px) > LARGE_PIXELS:
            return Later(raw, is_clip=False)
        known = known_hash(source).hex()  # to work it out again would take longer than storing the result
        return self._fitted(open_picture(raw, draft_px=self._draft_px, sha256=known))

    def _fitted(self, picture: Picture) -> Ready:
        return Ready(
            prepared=self._first.prepare(picture),
            sha256=picture.sha256,
            width_px=picture.width_px,
            height_px=picture.height_px,
            notes=picture.notes,
            picture=picture if self._then else None,
        )

    def infer(self, ready: Ready | Later, *, at_most_s: float | None = None) -> Look:
        """Run the graphs on a picture that is ready, and read what they say; of a clip the best frame."""
        if isinstance(ready, Later):
            if ready.is_clip:
                return self._best_frame(ready.source, at_most_s)
            ready = self._fitted(open_picture(ready.source, draft_px=self._draft_px))
        found = self._first.run(ready.prepared, thresholds=self.thresholds, at_most_s=at_most_s)
        crops = self._crops(ready, found, at_most_s=at_most_s)
        groups = found.groups
        if self._then is not None:
            groups = crops[0].groups if crops else ()
        return Look(
            key=self.key(ready.sha256),
            thresholds_version=self.thresholds.version,
            animal=found.animal,
            person=found.person,
            vehicle=found.vehicle,
            boxes=found.boxes,
            groups=groups,
            width_px=ready.width_px,
            height_px=ready.height_px,
            notes=ready.notes,
            crops=crops,
        )

    def _best_frame(self, clip: Readable | bytes, at_most_s: float | None) -> Look:
        """The look of the frame in which most was seen, of the first where nothing was. Raises `BadInput`."""
        sha256 = film_hash(clip)
        with opened_film(clip) as film:
            looks = (
                replace(
                    self.infer(self._fitted(picture_of(frame, sha256)), at_most_s=at_most_s),
                    frame_s=frame.at_s,
                )
                for frame in frames_of(film)
            )
            return max(looks, key=lambda look: max(look.animal, look.person, look.vehicle))

    def _crops(self, ready: Ready, found: Found, *, at_most_s: float | None) -> tuple[Crop, ...]:
        """What the second graph says of the best boxes, or of the whole picture where there is none."""
        if self._then is None or ready.picture is None:
            embeds = self.pack.manifest.kind != DETECTOR
            return (Crop(WHOLE_PICTURE, found.groups, found.embedding),) if embeds else ()
        gate, chain = self.thresholds.classify_gate, self.pack.manifest.pipeline
        places = [place for place, box in enumerate(found.boxes) if box.kind == ANIMAL and box.score >= gate][
            : chain.crops_at_most if chain else 1
        ]
        if not places and self._then.pack.manifest.preprocess.region.fallback == "full":
            places = [WHOLE_PICTURE]
        return tuple(self._crop(ready.picture, place, found, at_most_s) for place in places)

    def _crop(self, picture: Picture, place: int, found: Found, at_most_s: float | None) -> Crop:
        if self._then is None:
            raise ValueError("only a pipeline cuts boxes out")
        box = None if place == WHOLE_PICTURE else found.boxes[place]
        said = self._then.run(self._then.prepare(picture, box), at_most_s=at_most_s)
        crop = Crop(place, said.groups, said.embedding)
        return crop if self._head is None else replace(crop, groups=self._head.groups(crop.vector()))

    def looks(self, paths: Sequence[Readable], work: Work) -> Iterator[Looked]:
        """Each picture's result, in the order of `paths`, as soon as it is there.

        A picture that fails is a result too, and the run goes on. Ticks `work` before each picture; when it
        is cancelled, or the caller stops asking, nothing is left running.
        """
        # Pillow decodes without the interpreter's lock.
        with closing(Ahead(self.make_ready, paths, at_most=AHEAD)) as ahead:
            for place, (path, ready) in enumerate(zip(paths, ahead, strict=True)):
                work.tick(place, len(paths), path.name)
                yield self._looked(path, ready)
            work.tick(len(paths), len(paths))

    def _looked(self, path: Readable, ready: Future[Ready | Later]) -> Looked:
        try:
            return Looked(path, self.infer(ready.result()))
        except KnownError as error:
            return Looked(path, None, error.code, error.text)
