"""Keeps what a site knows of its animals, and holds what models said against it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.photos import AreaSpecies, Detection, LabelMeaning
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.photos.area.genera import upper_of
from ranger_app.photos.area.rules import KINDS as NO_GROUPS
from ranger_app.photos.area.rules import (
    Knowledge,
    Listed,
    Meaning,
    PackRules,
    Ruled,
    Ruler,
    ruler,
    taxon_named,
)
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.query import equal
from ranger_app.storage.unit import Unit

if TYPE_CHECKING:
    from ranger_app.inference.packs.pack import Pack

TEXT_AT_MOST = 200
SPECIES_AT_MOST = 20_000
LIST_BYTES_AT_MOST = 8_000_000
COLUMNS = ("name", "scientific_name", "class", "order", "family", "note")
KINDS = {"area_species", "label_meaning", "site", "everything"}

R = TypeVar("R", AreaSpecies, LabelMeaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeciesLine:
    """A line of the list as a person writes it; one of the two names is enough."""

    name: str = ""
    scientific_name: str = ""
    upper: tuple[str, ...] = ()
    note: str = ""


class AreaBook:
    """The site's list of species and meanings of words. Every method may be called from any thread."""

    def __init__(self, workspace: Workspace, packs: ModelPacks) -> None:
        self._workspace = workspace
        self._packs = packs
        self._known: Knowledge | None = None
        self._rulers: dict[tuple[str, str], Ruler] = {}
        self._rules: dict[tuple[str, str], PackRules] = {}
        workspace.watch(self._forget, first=True)

    # ---- the list

    def species(self) -> list[AreaSpecies]:
        """The list by name."""
        with self._workspace.reading() as data:
            found = data.find(AreaSpecies, equal("site_id", self._workspace.site_id))
        return sorted(found, key=lambda one: (one.name.casefold(), one.scientific_name))

    def list_species(self, lines: Sequence[SpeciesLine]) -> int:
        """Put species on the list, or change what is said of them; how many were new or changed."""
        with self._workspace.unit("list of species") as unit:
            there = unit.data.count(AreaSpecies)
            changed = 0
            for line in lines:
                name, scientific = _tidy(line.name), _tidy(line.scientific_name)
                record = AreaSpecies(
                    id=self._id("area species", scientific or name),
                    site_id=self._workspace.site_id,
                    name=name or scientific,
                    scientific_name=scientific,
                    upper=tuple(_tidy(part) for part in line.upper) if any(line.upper) else (),
                    note=line.note[:TEXT_AT_MOST],
                )
                if not record.name:
                    raise BadInput(_("A species needs a name."), _("The scientific name alone is enough."))
                changed += self._put(unit, record)
            if there + changed > SPECIES_AT_MOST:
                raise BadInput(_("A list holds at most {count} species.").format(count=SPECIES_AT_MOST))
        return changed

    def strike_species(self, name: str) -> AreaSpecies:
        """Take a species off the list, by either of its names. Raises `NotFound`."""
        wanted = _tidy(name).casefold()
        for one in self.species():
            if wanted in (one.name.casefold(), one.scientific_name.casefold()):
                with self._workspace.unit("list of species") as unit:
                    unit.remove(one)
                return one
        raise NotFound(_("“{name}” is not on the list of species.").format(name=name[:TEXT_AT_MOST]))

    def read_list(self, path: Path) -> int:
        """Put the species of a CSV file on the list; how many were new or changed.

        Columns: name, scientific_name (one of them is needed), class, order, family, note; others are passed
        over. Raises `BadInput` or `NotFound`.
        """
        return self.list_species(tuple(_lines(path)))

    def list_as_csv(self) -> str:
        """The list as `read_list` reads it."""
        out = io.StringIO(newline="")
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in self.species():
            rows.writerow([one.name, one.scientific_name, *(*one.upper, "", "", "")[:3], one.note])
        return out.getvalue()

    # ---- meanings

    def meanings(self) -> list[LabelMeaning]:
        """What words of models mean here, by word."""
        with self._workspace.reading() as data:
            found = data.find(LabelMeaning, equal("site_id", self._workspace.site_id))
        return sorted(found, key=lambda one: one.says.casefold())

    def mean(self, says: str, name: str, *, scientific_name: str = "", note: str = "") -> LabelMeaning:
        """From now on this word of models means that animal here. Raises `BadInput`."""
        record = LabelMeaning(
            id=self._id("label meaning", _tidy(says)),
            site_id=self._workspace.site_id,
            says=_tidy(says),
            name=_tidy(name),
            scientific_name=_tidy(scientific_name),
            note=note[:TEXT_AT_MOST],
        )
        if not record.says or not record.name:
            raise BadInput(
                _("A meaning needs the model's word and the name that it has here."),
                _("For example: “European roe deer” means “Siberian roe deer”."),
            )
        with self._workspace.unit("meaning of a label") as unit:
            self._put(unit, record)
        return record

    def unmean(self, says: str) -> LabelMeaning:
        """The word means again what the model says. Raises `NotFound`."""
        wanted = _tidy(says).casefold()
        for one in self.meanings():
            if one.says.casefold() == wanted:
                with self._workspace.unit("meaning of a label") as unit:
                    unit.remove(one)
                return one
        raise NotFound(_("“{word}” has no meaning of its own here.").format(word=says[:TEXT_AT_MOST]))

    # ---- what is made of results

    def knowledge(self) -> Knowledge:
        """All that is held against results."""
        if self._known is None:
            with self._workspace.reading() as data:
                site = data.get(Site, self._workspace.site_id)
            self._known = Knowledge(
                species=tuple(_listed(one) for one in self.species()),
                meanings=tuple(Meaning(one.says, one.name, one.scientific_name) for one in self.meanings()),
                country=site.country if site else "",
            )
        return self._known

    def ruled(self, said: Detection | None) -> Ruled | None:
        """What the rules make of one result; None where there is none, or it names no animals."""
        if said is None or said.failure or not said.groups:
            return None
        kind, score = best_box(said.boxes)
        rule = self.ruler_of(said.pack_id, said.pack_version)
        return rule([(str(name), float(points)) for name, points in said.groups], kind=kind, box=score)

    def ruler_of(self, pack_id: str, pack_version: str) -> Ruler:
        """The rules that are held against this pack's results, as the site's knowledge is now."""
        key, rulers = (pack_id, pack_version), self._rulers
        if (made := rulers.get(key)) is not None:
            return made
        made = ruler(self.rules_of(*key), self.knowledge())
        if key in self._rules:  # else the pack may still come
            rulers[key] = made
        return made

    def named(self, said: Detection | None) -> tuple[tuple[str, float], ...]:
        """A result's groups under the names that people read, best first; a detector's kinds are none."""
        if said is None or said.failure:
            return ()
        taxonomy = self.rules_of(said.pack_id, said.pack_version).taxonomy
        sums: dict[str, float] = {}
        for name, score in said.groups or ():
            if name not in NO_GROUPS:
                shown = taxon_named(str(name), taxonomy).name
                sums[shown] = sums.get(shown, 0.0) + float(score)
        return tuple((name, min(score, 1.0)) for name, score in sums.items())

    def all_ruled(self, pack_id: str, pack_version: str) -> Iterator[tuple[Id, Ruled]]:
        """Photo by photo, what the rules make of a pack's results; nothing is run, nothing is kept."""
        where = equal("pack_id", pack_id), equal("pack_version", pack_version), equal("failure", "")
        with self._workspace.reading() as data:
            for said in data.each(Detection, *where):
                if made := self.ruled(said):
                    yield said.photo_id, made

    def rules_of(self, pack_id: str, pack_version: str) -> PackRules:
        """What the pack brings along for the time after it ran; nothing when it is not on this computer."""
        key = pack_id, pack_version
        if key not in self._rules:
            found = self._read_rules(pack_id, pack_version)
            if found is None:
                return PackRules()
            self._rules[key] = found
        return self._rules[key]

    def _read_rules(self, pack_id: str, pack_version: str) -> PackRules | None:
        from ranger_app.photos.area.pack_rules import rules_of_pack

        packs: Mapping[tuple[str, str], Pack] = {
            (one.pack.id, one.pack.version): one.pack for one in self._packs.found() if one.pack
        }
        pack = packs.get((pack_id, pack_version))
        return rules_of_pack(pack, packs) if pack else None

    # ---- small things

    def _put(self, unit: Unit, record: R) -> bool:
        """Write a record whose id says what it is of; whether anything is other than before."""
        present = unit.data.get(type(record), record.id)
        if present is None:
            try:
                unit.restore(type(record), record.id)
            except NotFound:
                unit.add(record)
                return True
        names = (field.name for field in fields(record) if field.name not in ("id", "site_id"))
        said = {name: getattr(record, name) for name in names}
        return unit.change((type(record), record.id), **said) or present is None

    def _id(self, kind: str, word: str) -> Id:
        return derived_id(0, kind, self._workspace.site_id, word.casefold())

    def _forget(self, touched: Touched) -> None:
        if KINDS & set(touched.kinds):
            self._known, self._rulers = None, {}


def _listed(one: AreaSpecies) -> Listed:
    said = one.upper if any(one.upper) else upper_of(one.scientific_name)
    return Listed(one.name, one.scientific_name, said)


def best_box(boxes: Sequence[Sequence[Any]] | None) -> tuple[str, float]:
    """Kind and score of the best of a result's boxes; an animal without a score where there is none."""
    if boxes:
        first = max(boxes, key=lambda row: float(row[5]))
        return str(first[4]), float(first[5])
    return "animal", 0.0


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > TEXT_AT_MOST or not text.isprintable():
        raise BadInput(_("The name is too long, or has signs in it that cannot be shown."))
    return text


def _lines(path: Path) -> Iterator[SpeciesLine]:
    try:
        with path.open("rb") as file:
            raw = file.read(LIST_BYTES_AT_MOST + 1)
    except FileNotFoundError as error:
        raise NotFound(_("“{name}” is not there.").format(name=path.name)) from error
    except OSError as error:
        text = _("“{name}” cannot be read: {reason}.")
        raise BadInput(text.format(name=path.name, reason=error.strerror or error)) from error
    if len(raw) > LIST_BYTES_AT_MOST:
        raise BadInput(_("“{name}” is too large for a list of species.").format(name=path.name))
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
        if not {"name", "scientific_name"} & set(reader.fieldnames or ()):
            raise BadInput(
                _("“{name}” has no column name and none scientific_name.").format(name=path.name),
                _("The first line names the columns: {columns}.").format(columns=", ".join(COLUMNS)),
            )
        for row in reader:
            cell = {key: (row.get(key) or "").strip() for key in COLUMNS}
            if cell["name"] or cell["scientific_name"]:
                yield SpeciesLine(
                    name=cell["name"],
                    scientific_name=cell["scientific_name"],
                    upper=(cell["class"], cell["order"], cell["family"]),
                    note=cell["note"],
                )
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            _("“{name}” is no table in UTF-8.").format(name=path.name), _("Save it again as CSV in UTF-8.")
        ) from error
