"""Names photos by a newly learned head from what was seen before, without opening a picture.

A head only reads embeddings. Where the same detector and classifier have looked at a photo, for whichever
pack, and its embedding was kept, the new pack's result is known: boxes and scores as they were, names by the
head. What would take hours takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.ids import Id
from ranger_app.domain.photos import Detection
from ranger_app.inference.learning.embeddings import WHOLE, crop_of
from ranger_app.inference.learning.head import WorkingHead
from ranger_app.inference.learning.head_pack import base_of
from ranger_app.inference.looks import ANIMAL, Box
from ranger_app.jobs import Work
from ranger_app.photos.runs.classify import GROUPS_KEPT, Seen, detection_id
from ranger_app.photos.runs.embedding_store import EmbeddingStore, Known
from ranger_app.storage import Workspace
from ranger_app.storage.query import equal

if TYPE_CHECKING:
    from ranger_app.inference.packs.pack import Pack
    from ranger_app.photos.runs.packs import ModelPacks

BATCH = 512
STEPS_APART = 1
"""A kept box is rounded to five digits, an embedding's to 65 535ths: so far they may be apart."""


def reread(
    workspace: Workspace, packs: ModelPacks, pack: Pack, photos: Sequence[Seen], work: Work
) -> frozenset[Id]:
    """The photos, of those that wait for a learned pack, that have their result now. Raises `Cancelled`."""
    said = pack.manifest.pipeline.head if pack.manifest.pipeline else None
    if said is None or not photos:
        return frozenset()
    base = base_of(pack, packs.folders).key
    known = EmbeddingStore(workspace, base).known()
    head = WorkingHead.open(pack, said)
    done: set[Id] = set()
    batch: list[Detection] = []
    waiting = {one.id: one for one in photos}
    for before in _before(workspace, packs, pack, base):
        seen = waiting.get(before.photo_id)
        one = known.get(seen.sha256) if seen else None
        if seen is None or one is None or before.photo_id in done:
            continue
        if before.thresholds_version != pack.manifest.thresholds.version or not _same_crop(before, one, pack):
            continue
        if len(before.crops or ()) != (1 if one.is_animal else 0):
            continue  # embeddings are kept of the best crop alone; the others have to be looked at
        work.tick(len(done), len(photos), seen.file_name)
        groups = [[name, round(score, 5)] for name, score in head.groups_of(one.vector)[:GROUPS_KEPT]]
        batch.append(_renamed(workspace, before, pack, groups))
        done.add(before.photo_id)
        if len(batch) >= BATCH:
            _keep(workspace, batch)
    _keep(workspace, batch)
    return frozenset(done)


def _before(workspace: Workspace, packs: ModelPacks, pack: Pack, base: str) -> Iterator[Detection]:
    """Results of the other packs that look with the same detector and classifier."""
    for other in packs.able():
        if (other.id, other.version) == (pack.id, pack.version) or other.manifest.pipeline is None:
            continue
        try:
            same = base_of(other, packs.folders).key == base
        except (NotFound, Refused):
            continue
        if same:
            with workspace.reading() as data:
                where = equal("pack_id", other.id), equal("pack_version", other.version), equal("failure", "")
                yield from data.find(Detection, *where)


def _same_crop(before: Detection, known: Known, pack: Pack) -> bool:
    """Whether the embedding is of the box that a run would cut out, or of the whole picture if of none."""
    gate = pack.manifest.thresholds.classify_gate
    best = next((row for row in before.boxes or [] if row[4] == ANIMAL and row[5] >= gate), None)
    if best is None:
        return known.crop.box == WHOLE
    x, y, w, h = best[:4]
    wanted = crop_of(b"", Box(x, y, w, h, kind=ANIMAL, score=0.0)).box
    apart = (abs(one - other) for one, other in zip(wanted, known.crop.box, strict=True))
    return max(apart) <= STEPS_APART


def _renamed(workspace: Workspace, before: Detection, pack: Pack, groups: list[list[object]]) -> Detection:
    return Detection(
        id=detection_id(before.photo_id, pack.id, pack.version),
        site_id=workspace.site_id,
        photo_id=before.photo_id,
        pack_id=pack.id,
        pack_version=pack.version,
        animal=before.animal,
        person=before.person,
        vehicle=before.vehicle,
        boxes=before.boxes,
        groups=groups,
        crops=[[before.crops[0][0], groups]] if before.crops else None,
        thresholds_version=before.thresholds_version,
        frame_s=before.frame_s,
    )


def _keep(workspace: Workspace, batch: list[Detection]) -> None:
    if batch:
        with workspace.unit("name photos by what was learned") as unit:
            unit.add_many(batch)
        batch.clear()
