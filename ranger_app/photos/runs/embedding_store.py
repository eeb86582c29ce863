"""The embeddings of this workspace's photos: kept as runs go by, brought by other laptops, or worked out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ranger_app.domain.errors import BadInput, DiskTrouble
from ranger_app.domain.photos import ModelPack
from ranger_app.inference.learning.embeddings import (
    TRAVELS_BYTES_AT_MOST,
    WHOLE,
    Crop,
    EmbeddingFile,
    Embeddings,
    crop_of,
    read_embeddings,
)
from ranger_app.inference.learning.lessons import Whole, whole_numbers
from ranger_app.inference.looks import WHOLE_PICTURE, Look
from ranger_app.jobs import Part, Work
from ranger_app.photos.runs.classify import Seen, Seer
from ranger_app.storage import Workspace
from ranger_app.storage.files import KeptFile
from ranger_app.storage.query import equal

BATCH = 64
AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Known:
    """The embedding of one picture's best animal, and where in the picture it is."""

    crop: Crop
    vector: Whole

    @property
    def is_animal(self) -> bool:
        """Whether the model found an animal to cut out; else the whole picture was looked at."""
        return self.crop.box != WHOLE


class EmbeddingStore:
    """Embeddings by one base (`head_pack.Base.key`); may be used from any thread, one at a time."""

    def __init__(self, workspace: Workspace, base: str) -> None:
        self._workspace = workspace
        self._base = base
        table = workspace.cache / "embeddings" / f"{base}.table"
        self._file = EmbeddingFile(table, pack=base, open_file=workspace.files.growing)

    def keep(self, looks: Sequence[tuple[Seen, Look]]) -> None:
        """Keep what a run saw: the best crop of each picture."""
        rows = [found for seen, look in looks if (found := best_of(seen.sha256, look))]
        self._file.add([(one.crop, one.vector) for one in rows])

    def known(self) -> dict[bytes, Known]:
        """Every embedding there is here, by picture; of several the one with the smallest bytes, so that
        every laptop that has them all takes the same."""
        tables = [table for table in (self._file.read(), *self._brought()) if table]
        found: dict[bytes, Known] = {}
        for table in tables:
            for crop, place in table.crops.items():
                one = Known(crop, table.vectors[place])
                other = found.get(crop.sha256)
                if other is None or _order(one) < _order(other):
                    found[crop.sha256] = one
        return found

    def work_out(
        self, pictures: Collection[bytes], open_model: Callable[[], Seer], work: Work
    ) -> Mapping[bytes, Known]:
        """The embeddings of these pictures, looking at those that are not known and whose original is here.

        A picture that cannot be decoded is left out. Raises `Cancelled`; what was seen until then is kept.
        """
        known = self.known()
        files: list[KeptFile] = []
        for sha256 in sorted(pictures):
            if sha256 not in known and (found := self._workspace.files.find(sha256)):
                files.append(found)
        if files:
            model = open_model()
            for start in range(0, len(files), AT_ONCE):
                some = files[start : start + AT_ONCE]
                part = Part(work, start, len(files))
                self._look(some, model, part)
            known = self.known()
        return {sha256: known[sha256] for sha256 in pictures if sha256 in known}

    def _look(self, some: Sequence[KeptFile], model: Seer, work: Work) -> None:
        batch: list[Known] = []
        try:
            for file, looked in zip(some, model.looks(some, work), strict=True):
                if looked.look and (found := best_of(file.sha256, looked.look)):
                    batch.append(found)
        finally:
            self._file.add([(one.crop, one.vector) for one in batch])

    def _brought(self) -> list[Embeddings]:
        """What other laptops sent along with the models that they taught; a damaged table is passed over."""
        with self._workspace.reading() as data:
            files = {one for one in data.column(ModelPack, "examples", equal("base", self._base)) if one}
        found: list[Embeddings] = []
        for sha256 in sorted(files):
            file = self._workspace.files.find(sha256)
            try:
                if file is None or file.size_bytes > TRAVELS_BYTES_AT_MOST:
                    continue
                found.append(read_embeddings(file.read_bytes(), pack=self._base))
            except (BadInput, DiskTrouble, OSError):
                continue
        return found


def best_of(sha256: bytes, look: Look) -> Known | None:
    """The embedding of the best crop of a look; None where the pack gives none or it says nothing."""
    if not look.crops or not look.crops[0].embedding:
        return None
    crop = look.crops[0]
    box = None if crop.box == WHOLE_PICTURE else look.boxes[crop.box]
    try:
        return Known(crop_of(sha256, box), whole_numbers(crop.vector()))
    except BadInput:
        return None


def _order(one: Known) -> tuple[bool, tuple[int, ...], bytes]:
    return not one.is_animal, one.crop.box, one.vector.tobytes()
