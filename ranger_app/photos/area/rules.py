"""Makes of what a model said what this site knows: its own names, its list of species, no wild guesses.

Pure functions over results that were kept, so a changed rule holds at once for every photo, and each change
says which rule made it. What the model said stays as it is beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

from ranger_app.i18n import _
from ranger_app.inference.ensemble import Answer, combine
from ranger_app.inference.geofence import Geofence
from ranger_app.inference.packs.manifest import Postprocess
from ranger_app.inference.taxonomy import (
    KINGDOM,
    Lineage,
    Taxon,
    Taxonomy,
    lineage_of,
    release_taxon,
    roll_up,
)

MEANING, LIST, FENCE, ROLL_UP, ENSEMBLE = "meaning", "list", "geofence", "rollup", "ensemble"
KINDS = ("animal", "person", "vehicle", "empty")
UP = ("genus", "family", "order", "class", KINGDOM)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of models means here: “European roe deer” is Siberian roe deer."""

    says: str
    name: str
    scientific: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A species that occurs here."""

    name: str
    scientific: str
    upper: tuple[str, ...] = ()
    """Class, order and family, as far as somebody said them."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a site knows of its animals. An empty list of species refuses none."""

    species: tuple[Listed, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    country: str = ""
    """ISO 3166-1 alpha-3; without it no geofence is held against anything."""


@dataclass(frozen=True, slots=True)
class PackRules:
    """What a pack brings along for the time after it ran."""

    taxonomy: Taxonomy = field(default_factory=lambda: Taxonomy({}, {}))
    postprocess: Postprocess = field(default_factory=Postprocess)
    fence: Geofence = field(default_factory=Geofence)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule at work: what there was, and what it made of it."""

    rule: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """Why, for people."""
        texts = {
            MEANING: _("here “{before}” means {after}"),
            LIST: _("{before} is not on the list of this site"),
            FENCE: _("{before} does not occur in this country"),
            ROLL_UP: _("unsure of {before}; the scores on {after} add up"),
            ENSEMBLE: _("box and class of {before} weighed together"),
        }
        return texts[self.rule].format(before=self.before, after=self.after)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the model said, and what the rules of the area made of it."""

    said: str
    said_score: float
    name: str
    scientific: str
    rank: str
    score: float
    steps: tuple[Step, ...]

    @property
    def changed(self) -> bool:
        """Whether any rule made something else of it."""
        return bool(self.steps)


class Ruler(Protocol):
    """What is made of a model's groups for one photo, or None where it only told kinds apart.

    groups: names of labels with scores, best first. kind, box: of the best box, and its score (0 without).
    """

    def __call__(self, groups: Sequence[tuple[str, float]], *, kind: str, box: float) -> Ruled | None: ...


def ruler(pack: PackRules, knowledge: Knowledge) -> Ruler:
    """The rules of one pack at one site; made once for many photos."""
    refused = _refusals(knowledge, pack)

    @cache
    def nearest(taxon: Taxon) -> Taxon:
        return _nearest(taxon, pack.taxonomy, refused)

    def rule(groups: Sequence[tuple[str, float]], *, kind: str, box: float) -> Ruled | None:
        classes = [(taxon_named(name, pack.taxonomy), score) for name, score in groups if name not in KINDS]
        if not classes:
            return None
        said, said_score = classes[0]
        steps: list[Step] = []
        classes = _meant(classes, knowledge.meanings, pack.taxonomy, steps)
        if pack.postprocess.ensemble != "none":
            answer = _ensembled(kind, box, classes, pack, refused, steps)
        else:
            answer = _weighed(classes, pack, refused, nearest, steps)
        return Ruled(
            said=said.name,
            said_score=said_score,
            name=answer.taxon.name,
            scientific=answer.taxon.scientific,
            rank=answer.taxon.rank,
            score=min(answer.score, 1.0),
            steps=tuple(steps),
        )

    return rule


def taxon_named(name: str, taxonomy: Taxonomy) -> Taxon:
    """The taxon of a group's name: a label of the pack, else what the name itself says."""
    return taxonomy.by_id.get(name) or release_taxon(name) or Taxon(name, name, lineage_of(""))


# ---- meanings


def _meant(
    classes: Sequence[tuple[Taxon, float]],
    meanings: Sequence[Meaning],
    taxonomy: Taxonomy,
    steps: list[Step],
) -> list[tuple[Taxon, float]]:
    """The classes under the names that they have here; those that mean the same are one."""
    by_word = {meaning.says.casefold().strip(): meaning for meaning in meanings}
    sums: dict[Taxon, float] = {}
    for place, (taxon, score) in enumerate(classes):
        words = (taxon.id, taxon.name, taxon.scientific)
        meaning = next((by_word[word.casefold()] for word in words if word.casefold() in by_word), None)
        meant = _as_meant(taxon, meaning) if meaning else taxon
        if meaning and place == 0:
            steps.append(Step(MEANING, taxon.name, meant.name))
        sums[meant] = sums.get(meant, 0.0) + score
    return sorted(sums.items(), key=lambda one: -one[1])


def _as_meant(taxon: Taxon, meaning: Meaning) -> Taxon:
    if not meaning.scientific:
        return replace(taxon, id=meaning.name, name=meaning.name)
    lineage = lineage_of(meaning.scientific)
    # Another species of the same genus stands on the same branch.
    upper = taxon.lineage[:3] if lineage[3] in ("", taxon.lineage[3]) else lineage[:3]
    return Taxon(meaning.name, meaning.name, (*upper, *lineage[3:]))


# ---- what does not occur


Refusal = Callable[[Taxon], str]
"""The rule by which a taxon does not occur here; empty when it may."""


def _refusals(knowledge: Knowledge, pack: PackRules) -> Refusal:
    fence = replace(pack.fence, country=knowledge.country)
    listed = [_with_upper(one, pack.taxonomy) for one in knowledge.species]
    names = {one.name.casefold() for one in knowledge.species}

    @cache  # a pack has few taxa, and a site many photos
    def refusal(taxon: Taxon) -> str:
        known = any(taxon.lineage)
        if listed and known and taxon.name.casefold() not in names and not _occurs(taxon.lineage, listed):
            return LIST
        return FENCE if fence.refuses(taxon) else ""

    return refusal


def _occurs(lineage: Lineage, listed: Sequence[Lineage]) -> bool:
    """Whether a listed species stands on the branch; where a list does not say an upper level, it may."""
    return any(
        all(not want or not have or want == have for want, have in zip(lineage, one, strict=True))
        and _shares(lineage, one)
        for one in listed
    )


def _shares(lineage: Lineage, other: Lineage) -> bool:
    """Whether the deepest level that the branch names is one that the other names too."""
    deepest = max((place for place, part in enumerate(lineage) if part), default=None)
    return deepest is None or bool(other[deepest])


def _with_upper(listed: Listed, taxonomy: Taxonomy) -> Lineage:
    lineage = lineage_of(listed.scientific, listed.upper)
    if any(lineage[:3]) or not lineage[3]:
        return lineage
    for known in taxonomy.by_lineage:
        if known[3] == lineage[3] and known[2]:
            return (*known[:3], *lineage[3:])
    return lineage


# ---- weighing


def _ensembled(
    kind: str,
    box: float,
    classes: Sequence[tuple[Taxon, float]],
    pack: PackRules,
    refusal: Refusal,
    steps: list[Step],
) -> Answer:
    """SpeciesNet's own rules, with the list of the site as one more fence."""
    top = classes[0][0]
    answer = combine(kind, box, classes, pack.taxonomy, lambda taxon: bool(refusal(taxon)))
    if answer.taxon != top:
        why = refusal(top) if "geofence" in answer.source else ""
        why = why or (ROLL_UP if "rollup" in answer.source else ENSEMBLE)
        steps.append(Step(why, top.name, answer.taxon.name))
    return answer


def _weighed(
    classes: Sequence[tuple[Taxon, float]],
    pack: PackRules,
    refusal: Refusal,
    nearest: Callable[[Taxon], Taxon],
    steps: list[Step],
) -> Answer:
    """Each class that does not occur goes up to the branch that does; then a guess becomes a sure branch."""
    sums: dict[Taxon, float] = {}
    for place, (taxon, score) in enumerate(classes):
        here = taxon
        if why := refusal(taxon):
            here = nearest(taxon)
            if place == 0:
                steps.append(Step(why, taxon.name, here.name))
        sums[here] = sums.get(here, 0.0) + score
    top, score = max(sums.items(), key=lambda one: one[1])
    if steps and steps[-1].rule in (LIST, FENCE) and steps[-1].after != top.name:
        steps[-1] = replace(steps[-1], after=top.name)
    if not any(step.rule in (LIST, FENCE) for step in steps) and top != classes[0][0]:
        # What others that do not occur went up to outweighs the likeliest.
        steps.append(Step(ROLL_UP, classes[0][0].name, top.name))
    least = pack.postprocess.rollup_min
    if score < least:
        rolled = roll_up(
            classes,
            pack.taxonomy,
            levels=pack.postprocess.rollup_levels,
            above=least,
            refused=lambda taxon: bool(refusal(taxon)),
        )
        if rolled is not None:
            if rolled.taxon != top:
                steps.append(Step(ROLL_UP, top.name, rolled.taxon.name))
            return Answer(rolled.taxon, rolled.score, f"classifier+rollup_to_{rolled.level}")
    return Answer(top, score, "classifier")


def _nearest(taxon: Taxon, taxonomy: Taxonomy, refusal: Refusal) -> Taxon:
    """The lowest branch above the taxon that occurs here; at the end it is just an animal."""
    made = replace(taxonomy, strict=False)
    for level in UP:
        branch = made.above(taxon, level)
        if branch is not None and not refusal(branch):
            return branch
    return taxon


def summed(ruled: Sequence[Ruled]) -> Mapping[tuple[str, str, str], int]:
    """How often each thing was said and what was made of it, with the rules in order: for a table."""
    found: dict[tuple[str, str, str], int] = {}
    for one in ruled:
        key = one.said, one.name, " ".join(step.rule for step in one.steps)
        found[key] = found.get(key, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
