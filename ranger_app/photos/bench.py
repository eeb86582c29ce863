"""Help in choosing a model: how fast each pack is here, how long the cards would take, how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import KnownError
from ranger_app.domain.photos import ModelPack, Photo
from ranger_app.inference.measuring import Speed, measure
from ranger_app.inference.packs.pack import Pack
from ranger_app.jobs import Work
from ranger_app.photos.learning.worth import Worth, worth
from ranger_app.photos.runs.classify import waiting
from ranger_app.photos.runs.packs import ModelPacks, has_head
from ranger_app.storage import Workspace
from ranger_app.storage.files import KeptFile
from ranger_app.storage.query import equal

PHOTOS_MEASURED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All that helps to choose one pack."""

    pack: Pack
    in_use: bool
    speed: Speed | None
    problem: str
    """Why it could not be measured; empty when it was."""
    waiting: int
    """Photos that it has not looked at."""
    worth: Worth
    learned: bool
    """Whether a park's labels have taught it."""

    @property
    def waiting_s(self) -> float | None:
        """How long the waiting photos would take here."""
        return self.waiting / self.speed.photos_per_s if self.speed else None

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        speed = self.speed
        return {
            "in_use": self.in_use,
            "learned": self.learned,
            "problem": self.problem,
            "photos_per_s": round(speed.photos_per_s, 2) if speed else None,
            "median_ms": round(speed.median_ms, 2) if speed else None,
            "load_s": round(speed.load_s, 3) if speed else None,
            "peak_mb": round(speed.peak_mb) if speed and speed.peak_mb else None,
            "waiting": self.waiting,
            "waiting_s": round(self.waiting_s, 1) if self.waiting_s is not None else None,
            "worth": self.worth.as_data(),
        }


def choices(
    workspace: Workspace, packs: ModelPacks, *, name: str = "", run: bool = True, work: Work | None = None
) -> list[Choice]:
    """Every pack that can be used here (or the one called `name`), the one in use first.

    run: whether to measure speed, in a process of its own, on photos of this workspace; else only what is
    known already is told.
    """
    work = work or Work()
    able = [packs.choose(name)] if name else packs.able()
    used = packs.usual_key()
    able.sort(key=lambda pack: ((pack.id, pack.version) != used, pack.id, pack.version))
    found = []
    with ExitStack() as plain:  # they are measured by another process, by their paths
        paths = [plain.enter_context(one.plain()) for one in (_some_photos(workspace) if run else ())]
        for done, pack in enumerate(able):
            work.tick(done, len(able), pack.name or pack.id)
            found.append(_choice(workspace, packs, pack, used, paths))
    return found


def _choice(
    workspace: Workspace, packs: ModelPacks, pack: Pack, used: tuple[str, str] | None, paths: Sequence[Path]
) -> Choice:
    speed, problem = None, ""
    if paths:
        try:
            speed = measure(pack, paths, packs.folders)
        except KnownError as error:
            problem = error.text
    since = None
    if has_head(pack):
        with workspace.reading() as data:
            where = equal("pack_id", pack.id), equal("version", pack.version)
            since = next((at for at in data.column(ModelPack, "made_at", *where) if at), None)
    return Choice(
        pack=pack,
        in_use=(pack.id, pack.version) == used,
        speed=speed,
        problem=problem,
        waiting=len(waiting(workspace, pack.id, pack.version)),
        worth=worth(workspace, pack, display=packs.display_of(pack.id, pack.version), since=since),
        learned=has_head(pack),
    )


def _some_photos(workspace: Workspace) -> list[KeptFile]:
    """Originals from all over the workspace, so that no camera's size decides alone."""
    with workspace.reading() as data:
        files = data.column(Photo, "file", order=("id",))
    step = max(1, len(files) // (2 * PHOTOS_MEASURED))
    found = (workspace.files.find(sha256) for sha256 in files[::step])
    return [one for one in found if one is not None][:PHOTOS_MEASURED]
