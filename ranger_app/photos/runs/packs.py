"""Which model packs this computer has for photos, which of them is the usual one, and how to load it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ranger_app import config
from ranger_app.domain.errors import NotFound
from ranger_app.i18n import _
from ranger_app.photos.runs.in_use import Chosen

if TYPE_CHECKING:
    from ranger_app.inference.detect import Model
    from ranger_app.inference.packs.finding import FoundPack
    from ranger_app.inference.packs.pack import Pack

SHOWN = "/shown"
ELSEWHERE = "elsewhere-"
"""How the version begins of a model whose results were read from a file."""
DISPLAY = 0.2
"""The score from which results of a pack that is not here any more are shown."""


@dataclass(frozen=True, slots=True)
class ModelPacks:
    """The packs in some folders; read anew each time, because packs come and go while the window is open."""

    folders: Sequence[Path]
    site: str = ""
    """Whose choice of a pack counts; empty: nobody's."""

    @property
    def chosen(self) -> Chosen:
        """Which pack a person on this laptop chose for which site."""
        return Chosen(self.folders[0])

    @classmethod
    def usual(cls) -> ModelPacks:
        """Those that this user added, and those that are shipped."""
        return cls((own_folder(), config.models_dir()))

    def found(self) -> tuple[FoundPack, ...]:
        """Every folder that holds a pack, with the reason for each that cannot be read."""
        from ranger_app.inference.packs.finding import find_packs

        return find_packs(self.folders)

    def choose(self, name: str = "") -> Pack:
        """The pack of that name (id, id@version, folder), or the usual one. Raises `NotFound`, `BadInput`."""
        from ranger_app.inference.packs.finding import pick_pack

        if name:
            return pick_pack(name, self.folders)
        pack = self._in_use() or self._usual()
        if pack is None:
            raise NotFound(
                _("There is no model pack on this computer."),
                _("Add one: ranger-app models add PATH."),
            )
        return pack

    def load(self, pack: Pack) -> Model:
        """The pack ready to look at pictures; takes about a second."""
        from ranger_app.inference.detect import Model

        return Model.open(pack, dirs=self.folders)

    def usual_key(self) -> tuple[str, str] | None:
        """Id and version of the usual pack, if there is one."""
        pack = self._in_use() or self._usual()
        return (pack.id, pack.version) if pack else None

    def words_of(self, id_: str, version: str) -> tuple[str, str]:
        """Name and word of caution of a pack in the user's language; its id when it is not here any more."""
        for pack in self._readable():
            if (pack.id, pack.version) == (id_, version):
                return f"{pack.name or pack.id} {version}", pack.caution
        if version.startswith(ELSEWHERE):
            return _("{model}, computed elsewhere").format(model=id_), ""
        return f"{id_} {version}", ""

    def display_of(self, id_: str, version: str) -> float:
        """The score from which a result of this pack is shown as something."""
        for pack in self._readable():
            if (pack.id, pack.version) == (id_, version):
                return pack.thresholds().display
        return DISPLAY

    def answer_from_of(self, id_: str, version: str) -> float:
        """The score from which a learned pack is to be believed in what it names; 0 for any other."""
        for pack in self._readable():
            if (pack.id, pack.version) == (id_, version) and pack.manifest.pipeline is not None:
                return pack.manifest.pipeline.head.answer_from if pack.manifest.pipeline.head else 0.0
        return 0.0

    def giver(self) -> Pack:
        """A pack that gives embeddings to teach with: the one in use if it does. Raises `NotFound`."""
        giving = [pack for pack in self.able() if self._gives(pack)]
        in_use = self._in_use()
        if in_use in giving:
            return in_use
        if not giving:
            raise NotFound(
                _("No model pack on this computer can be taught: none gives embeddings."),
                _("Add one that does, such as the one that came with Ranger."),
            )
        return min(giving, key=lambda pack: (has_head(pack), bool(pack.caution), self._place(pack), pack.id))

    def _gives(self, pack: Pack) -> bool:
        """Whether a pipeline's classifier has an embedding."""
        from ranger_app.inference.packs.parts import find_parts

        parts = [one.pack for one in find_parts(pack, self.folders) if one.part.role == "classifier"]
        return any(part is not None and part.manifest.embedder is not None for part in parts)

    def _in_use(self) -> Pack | None:
        """The pack that a person chose for this site, if it is still here and can be used."""
        chosen = self.chosen.of(self.site) if self.site and self.folders else ""
        return next((pack for pack in self.able() if f"{pack.id}@{pack.version}" == chosen), None)

    def shown(self) -> str:
        """id@version of the model whose results a person wants to see here; empty: the usual one's."""
        return self.chosen.of(f"{self.site}{SHOWN}") if self.site and self.folders else ""

    def show(self, name: str) -> None:
        """Show the results of this model (id@version) from now on; empty: the usual one's."""
        self.chosen.choose(f"{self.site}{SHOWN}", name)

    def able(self) -> list[Pack]:
        """The packs that can look at photos here, with their parts where they have any."""
        packs = self._readable()
        here = {(pack.id, pack.version) for pack in packs}
        return [pack for pack in packs if _alone(pack, here)]

    def _usual(self) -> Pack | None:
        """Of the packs that can be used alone: no word of caution before one, the fuller kind before the
        lesser, the user's own before what was shipped; of one pack the newest version. What a park has
        taught is used there where a person says so, and is never the usual one."""
        from ranger_app.inference.packs.finding import pick_pack

        able = [pack for pack in self.able() if not has_head(pack)]
        if not able:
            return None
        first = min(able, key=lambda pack: (bool(pack.caution), _kind_rank(pack), self._place(pack), pack.id))
        return pick_pack(first.id, self.folders)

    def _readable(self) -> list[Pack]:
        return [found.pack for found in self.found() if found.pack]

    def _place(self, pack: Pack) -> int:
        return next((at for at, folder in enumerate(self.folders) if pack.folder.is_relative_to(folder)), 0)


def has_head(pack: Pack) -> bool:
    """Whether the pack was taught by a park's labels."""
    return pack.manifest.pipeline is not None and pack.manifest.pipeline.head is not None


def _alone(pack: Pack, here: Collection[tuple[str, str]]) -> bool:
    """Whether the pack can look at photos without another: a pipeline has its parts here, and a classifier
    of crops needs somebody to cut them out."""
    manifest = pack.manifest
    if manifest.pipeline is not None:
        return all((part.pack, part.version) in here for part in manifest.pipeline.parts)
    return manifest.kind != "embedder" and manifest.preprocess.region.kind != "crop_box"


def _kind_rank(pack: Pack) -> int:
    return ("pipeline", "detector", "classifier").index(pack.manifest.kind)


def own_folder() -> Path:
    """Where packs go that this user adds."""
    return config.data_dir() / "models"
