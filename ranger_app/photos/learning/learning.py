"""Teaching a model this park's own species: gather what people confirmed, learn, compare, accept, go back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.photos import Detection, ModelPack, Photo
from ranger_app.i18n import _
from ranger_app.inference.learning.embeddings import written
from ranger_app.inference.learning.head_pack import (
    Base,
    base_of,
    pack_files,
    pack_id,
    short_digest,
    zipped,
)
from ranger_app.inference.learning.learning import Taught, learn
from ranger_app.inference.learning.lessons import Lessons
from ranger_app.jobs import Work
from ranger_app.photos.learning.card_of_pack import card_text
from ranger_app.photos.learning.comparing import Figures, compare
from ranger_app.photos.learning.confirmed import Confirmed, confirmed
from ranger_app.photos.learning.telling import OFFERED, Candidate, doubt_of, most_telling
from ranger_app.photos.runs.embedding_store import EmbeddingStore, Known
from ranger_app.photos.views import all_latest
from ranger_app.storage import Workspace
from ranger_app.storage.query import at_least, equal

if TYPE_CHECKING:
    from ranger_app.inference.packs.pack import Pack
    from ranger_app.photos.runs.packs import ModelPacks

NO_STATION = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A head that was learned and is not used yet."""

    name: str
    pack_id: str
    version: str
    taught: Taught
    base: Base
    figures: Figures
    files: Mapping[str, bytes]
    """The pack."""
    examples: bytes
    """The embeddings it was taught with."""
    no_animal: int
    """Confirmed photos in which the model finds no animal to cut out, left aside."""
    not_here: int
    """Confirmed photos whose picture is not on this laptop, and no embedding of it either."""

    @property
    def digest(self) -> str:
        """The same on every laptop that learns from the same words and embeddings."""
        return self.taught.head.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A learned model that this workspace knows of."""

    record: ModelPack
    installed: bool
    in_use: bool

    @property
    def key(self) -> str:
        return f"{self.record.pack_id}@{self.record.version}"


class Learning:
    """The part of the camera-trap room where models are taught. Methods may be called from any thread."""

    def __init__(
        self, workspace: Workspace, packs: ModelPacks, *, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._workspace = workspace
        self._packs = packs
        self._changed = changed
        """Called when another model is in use."""

    # ---- teaching

    def base_pack(self) -> Pack:
        """The pack that gives the embeddings: the one in use, else the usual one that gives any.

        Raises `NotFound` or `Refused` when no pack on this computer does.
        """
        return self._packs.giver()

    def base(self) -> Base:
        """What the embeddings come from. Raises as `base_pack`."""
        return base_of(self.base_pack(), self._packs.folders)

    def learn(self, name: str, *, work: Work | None = None) -> Proposal:
        """Learn from every confirmed photo, and compare with the present pack; nothing is installed.

        The result is a function of what people said and of the embeddings, whoever learns and wherever.
        Raises `Refused` when there is too little, `NotFound` without a pack, `Cancelled`.
        """
        work = work or Work()
        id_ = pack_id(name)
        giver = self.base_pack()
        base = base_of(giver, self._packs.folders)
        with self._workspace.reading() as data:
            photos = [one for one in confirmed(data) if one.kind == "animal" and one.species]
        store = EmbeddingStore(self._workspace, base.key)
        known = store.work_out({one.sha256 for one in photos}, lambda: self._packs.load(giver), work)
        used = [one for one in photos if one.sha256 in known and known[one.sha256].is_animal]
        taught = learn(lessons_of(used, known), work)
        kept = [one for one in used if one.species in taught.head.names]
        figures = self._compare(kept, taught)
        version = f"{self._next_number(id_)}.{short_digest(taught.head, base)}"
        counts = Counter(one.species for one in kept)
        return Proposal(
            name=" ".join(name.split()),
            pack_id=id_,
            version=version,
            taught=taught,
            base=base,
            figures=figures,
            files=pack_files(
                taught.head,
                name=" ".join(name.split()),
                version=version,
                base=base,
                card=card_text(name, version, base, taught, figures),
                counts=counts,
            ),
            examples=written(
                base.key, base.dim, [(known[one.sha256].crop, known[one.sha256].vector) for one in kept]
            ),
            no_animal=sum(one.sha256 in known and not known[one.sha256].is_animal for one in photos),
            not_here=sum(one.sha256 not in known for one in photos),
        )

    def accept(self, proposal: Proposal, *, by: str = "") -> Version:
        """Install what was learned, use it here, and let it travel to the site's other laptops.

        Raises `BadInput` when the pack does not pass the checks that any pack has to pass, and `DiskTrouble`.
        """
        raw = zipped(proposal.files)
        self._install(raw)
        file = self._workspace.files.add_bytes(raw)
        examples = self._workspace.files.add_bytes(proposal.examples)
        record = ModelPack(
            site_id=self._workspace.site_id,
            name=proposal.name,
            pack_id=proposal.pack_id,
            version=proposal.version,
            base=proposal.base.key,
            file=file.sha256,
            examples=examples.sha256,
            lessons=proposal.taught.lessons.digest(),
            figures=proposal.figures.as_data(),
            made_at=datetime.now(UTC),
            made_by=by,
        )
        known = next((one.record for one in self.versions() if one.key == _key(record)), None)
        if known is None:
            with self._workspace.unit("accept a learned model") as unit:
                unit.add(record)
        self._choose(_key(record))
        return Version(record=known or record, installed=True, in_use=True)

    def confirmed_species(self) -> list[tuple[str, int, int]]:
        """Of each species how many photos are confirmed and at how many cameras, the most first."""
        with self._workspace.reading() as data:
            photos = [one for one in confirmed(data) if one.kind == "animal" and one.species]
        counts = Counter(one.species for one in photos)
        cameras = Counter(species for species, _station in {(one.species, one.station_id) for one in photos})
        return [
            (name, count, cameras[name])
            for name, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        ]

    def most_telling(self, *, at_most: int = OFFERED, station_id: Id | None = None) -> list[Id]:
        """Photos that nobody has named and that would teach most if somebody did, the most telling first.

        Only photos that a model with embeddings has looked at, and in which it saw an animal.
        """
        try:
            known = EmbeddingStore(self._workspace, self.base().key).known()
            pack = self._packs.choose()
        except (NotFound, Refused):
            return []
        display = (
            pack.thresholds().display if pack.manifest.pipeline is None else pack.manifest.thresholds.display
        )
        with self._workspace.reading() as data:
            spoken = all_latest(data)
            where = (
                equal("pack_id", pack.id),
                equal("pack_version", pack.version),
                at_least("animal", display),
            )
            said = dict(data.columns(Detection, ("photo_id", "groups"), *where))
            at = (equal("station_id", station_id),) if station_id else ()
            rows = data.columns(Photo, ("id", "file", "sequence_id"), *at)
        seen = [(id_, known[file], burst) for id_, file, burst in rows if file in known]
        candidates = [
            Candidate(id_, burst or id_, doubt_of(said[id_]), one.vector)
            for id_, one, burst in seen
            if id_ in said and id_ not in spoken and one.is_animal
        ]
        named = sorted(
            ((id_, one.vector) for id_, one, _burst in seen if id_ in spoken and spoken[id_].name),
            key=lambda row: row[0],
        )
        return most_telling(candidates, [vector for _id, vector in named], at_most=at_most)

    # ---- versions

    def versions(self) -> list[Version]:
        """The learned models that this workspace knows of, newest first, whoever taught them."""
        in_use = self._packs.chosen.of(self._site)
        installed = {(one.pack.id, one.pack.version) for one in self._packs.found() if one.pack}
        with self._workspace.reading() as data:
            records = data.find(ModelPack, order=("-made_at", "-id"))
        return [
            Version(
                record=one,
                installed=(one.pack_id, one.version) in installed,
                in_use=_key(one) == in_use,
            )
            for one in records
        ]

    def use(self, name: str, version: str = "") -> str:
        """Use this model from now on: a learned one by name or id, or an installed pack; "" is the usual one.

        A model from another laptop is checked and tried as any pack from outside before it is installed.
        Returns id@version. Raises `NotFound`, `BadInput`, `Refused` or `DiskTrouble`.
        """
        if not name:
            self._choose("")
            return ""
        for one in self.versions():
            same = name.casefold() in (one.record.name.casefold(), one.record.pack_id, one.key)
            if same and version in ("", one.record.version, one.record.version.partition(".")[0]):
                if not one.installed:
                    self._install(self._received(one.record))
                self._choose(one.key)
                return one.key
        pack = self._packs.choose(f"{name}@{version}" if version else name)
        self._choose(f"{pack.id}@{pack.version}")
        return f"{pack.id}@{pack.version}"

    def _choose(self, key: str) -> None:
        self._packs.chosen.choose(self._site, key)
        self._changed()

    @property
    def _site(self) -> str:
        return id_text(self._workspace.site_id)

    def _received(self, record: ModelPack) -> bytes:
        found = self._workspace.files.find(record.file)
        if found is None:
            raise NotFound(
                _("The model {name} {version} has not arrived on this laptop.").format(
                    name=record.name, version=record.version
                ),
                _("Read the bundle that holds it, or ask for one."),
            )
        return found.read_bytes()

    def _install(self, raw: bytes) -> Pack:
        from ranger_app.inference.install import install_pack

        with TemporaryDirectory(prefix="ranger-learned-") as place:
            source = Path(place) / "learned.zip"
            source.write_bytes(raw)
            return install_pack(source, self._packs.folders[0], dirs=self._packs.folders)

    def _next_number(self, id_: str) -> int:
        with self._workspace.reading() as data:
            versions = data.column(ModelPack, "version", equal("pack_id", id_))
        numbers = [one.partition(".")[0] for one in versions]
        return max((int(one) for one in numbers if one.isdecimal() and len(one) < 9), default=0) + 1

    # ---- comparing

    def _compare(self, photos: Sequence[Confirmed], taught: Taught) -> Figures:
        present = self._packs.choose()
        with self._workspace.reading() as data:
            where = equal("pack_id", present.id), equal("pack_version", present.version)
            said = dict(data.columns(Detection, ("photo_id", "groups"), *where))
        groups = [top_group(said.get(one.photo_id)) for one in photos]
        names = {name.casefold(): name for name in taught.head.names}
        words = {
            label.id: (label.id, label.scientific, *(w for _l, w in label.names)) for label in present.labels
        }
        own = {
            group: names[word.casefold()]
            for group in set(groups)
            for word in words.get(group, (group,))
            if word.casefold() in names
        }
        chain = present.manifest.pipeline
        return compare(
            taught,
            groups,
            own_names=own,
            present_pack=f"{present.id}@{present.version}",
            present_saw=chain is not None and chain.head is not None,
        )


def lessons_of(photos: Sequence[Confirmed], known: Mapping[bytes, Known]) -> Lessons:
    """The confirmed photos as numbers; photos, stations and bursts in an order that every laptop has."""
    if not photos:
        raise Refused(
            _("Nobody has confirmed any animal by its name yet."),
            _("Name the animals on some photos first: 20 photos of each species are a good beginning."),
        )
    ordered = sorted(photos, key=lambda one: one.sha256)
    names = tuple(sorted({one.species for one in ordered}))
    stations = _numbers([one.station_id or NO_STATION for one in ordered])
    bursts = _numbers([one.sequence_id or one.sha256 for one in ordered])
    return Lessons(
        names=names,
        vectors=np.stack([known[one.sha256].vector for one in ordered]),
        classes=np.array([names.index(one.species) for one in ordered], np.int64),
        cameras=stations,
        bursts=bursts,
    )


def top_group(groups: object) -> str:
    """The likeliest group of a stored result; empty when it has none."""
    return str(groups[0][0]) if isinstance(groups, list) and groups and groups[0] else ""


def _numbers(keys: Sequence[bytes]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    places = {key: at for at, key in enumerate(sorted(set(keys)))}
    return np.array([places[key] for key in keys], np.int64)


def _key(record: ModelPack) -> str:
    return f"{record.pack_id}@{record.version}"
