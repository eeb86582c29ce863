"""Stand-ins for model packs: they see what a test says, and remember what they were shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from ranger_app.domain.readable import Readable
from ranger_app.inference.looks import Box, Look, Looked, LookKey
from ranger_app.jobs import Work
from ranger_app.photos.runs.packs import ModelPacks

if TYPE_CHECKING:
    from ranger_app.inference.detect import Model
    from ranger_app.inference.packs.pack import Pack


def look(animal: float = 0.0, person: float = 0.0, vehicle: float = 0.0) -> Look:
    """What a model says; one box for whatever it is surest of."""
    score, kind = max((animal, "animal"), (person, "person"), (vehicle, "vehicle"))
    boxes = (Box(0.1, 0.2, 0.3, 0.4, kind, score),) if score else ()
    key = LookKey("", "demo", "1")
    groups = ((kind, score),)
    return Look(key, "t1", animal, person, vehicle, boxes, groups, 64, 48)


@dataclass
class Seer:
    """Sees `what` in every picture, or what `say` answers for its place in the run."""

    say: Callable[[int], Look | Looked] = lambda _at: look(animal=0.9)
    shown: list[Readable] = field(default_factory=list)

    def looks(self, paths: Sequence[Readable], work: Work) -> Iterator[Looked]:
        for at, path in enumerate(paths):
            work.tick(at, len(paths), path.name)
            said = self.say(len(self.shown))
            self.shown.append(path)
            yield said if isinstance(said, Looked) else Looked(path, said)


@dataclass(frozen=True)
class DemoPack:
    """As much of a pack as the room of photos looks at."""

    id: str = "demo"
    version: str = "1"
    manifest: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(pipeline=None))


@dataclass(frozen=True, slots=True)
class DemoPacks(ModelPacks):
    """A computer with one pack, `demo`, that shows results from a score of 0.2."""

    folders: Sequence[Path] = ()
    version: str = "1"
    seer: Seer = field(default_factory=Seer)

    def choose(self, name: str = "") -> Pack:
        return cast("Pack", DemoPack(version=self.version))

    def load(self, pack: Pack) -> Model:
        return cast("Model", self.seer)

    def usual_key(self) -> tuple[str, str] | None:
        return "demo", self.version

    def display_of(self, id_: str, version: str) -> float:
        return 0.2
