"""Where the labels of a pack stand in the tree of life, and how scores are summed up its branches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ranger_app.inference.packs.manifest import Label

LEVELS = ("class", "order", "family", "genus", "species")
KINGDOM = "kingdom"
PART = "group"
"""The rank of a label that is only a part of the branch that it stands on."""
RANKS = (*reversed(LEVELS), KINGDOM)
NOWHERE = ("",) * len(LEVELS)
ANIMAL_ROLES = ("animal", "species")
RELEASE_FIELDS = 7  # uuid;class;order;family;genus;species;common name
RELEASE_LINES_AT_MOST = 200_000

Lineage = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxon:
    """A label, or a branch above it. `lineage` is class, order, family, genus, species; "" where not said."""

    id: str
    name: str
    lineage: Lineage = NOWHERE
    role: str = "species"
    is_part: bool = False
    """Only a part of its branch goes by this name, such as small cats: the branch itself has another."""

    @property
    def rank(self) -> str:
        """The lowest level that is said: species, genus … class; kingdom for an animal of which none is."""
        said = [level for level, part in zip(LEVELS, self.lineage, strict=True) if part]
        return said[-1] if said else KINGDOM

    @property
    def scientific(self) -> str:
        """Its scientific name, such as Cervus nippon or Cervidae; empty when nothing is said."""
        genus, species = self.lineage[3:]
        if genus and species:
            return f"{genus.capitalize()} {species}"
        return next((part.capitalize() for part in reversed(self.lineage) if part), "")

    def is_within(self, branch: Lineage) -> bool:
        """Whether it is that branch or stands on it."""
        return all(not want or have == want for have, want in zip(self.lineage, branch, strict=True))


ANIMAL = Taxon("animal", "animal", NOWHERE, "animal")


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The taxa that a pack knows, by id and by lineage. `strict`: a branch that it does not name is none."""

    by_id: Mapping[str, Taxon]
    by_lineage: Mapping[Lineage, Taxon]
    strict: bool = False

    @classmethod
    def of_labels(cls, taxa: Iterable[Taxon], release: Iterable[Taxon] = ()) -> Taxonomy:
        """From the taxa of the labels, and those of a release of a taxonomy where there is one."""
        labels, branches = completed(taxa), tuple(release)
        by_lineage: dict[Lineage, Taxon] = {}
        for taxon in (*branches, *labels):
            if any(taxon.lineage) and taxon.role in ANIMAL_ROLES and not taxon.is_part:
                by_lineage.setdefault(taxon.lineage, taxon)
        return cls({taxon.id: taxon for taxon in labels}, by_lineage, strict=bool(branches))

    def above(self, taxon: Taxon, level: str) -> Taxon | None:
        """The branch of that level on which the taxon stands; None when it is not said, or is no animal."""
        if taxon.role not in ANIMAL_ROLES:
            return None
        if level == KINGDOM:
            return ANIMAL
        deep = LEVELS.index(level) + 1
        if not taxon.lineage[deep - 1]:
            return None
        lineage = taxon.lineage[:deep] + NOWHERE[deep:]
        if found := self.by_lineage.get(lineage):
            return found
        if self.strict:
            return None
        made = Taxon("", "", lineage)
        return replace(made, id=made.scientific, name=made.scientific)


@dataclass(frozen=True, slots=True)
class Rolled:
    """A branch with the sum of the scores on it, and its level."""

    taxon: Taxon
    score: float
    level: str


def roll_up(
    scores: Sequence[tuple[Taxon, float]],
    taxonomy: Taxonomy,
    *,
    levels: Sequence[str],
    above: float,
    refused: Callable[[Taxon], bool] = lambda _taxon: False,
) -> Rolled | None:
    """The first level at which the scores on one branch sum to more than `above`, or None at none of them.

    Of one level the highest sum counts, branches that are refused left out (SpeciesNet's rule).
    """
    for level in levels:
        sums: dict[Taxon, float] = {}
        for taxon, score in scores:
            branch = taxonomy.above(taxon, level)
            if branch is not None:
                sums[branch] = sums.get(branch, 0.0) + score
        best: Rolled | None = None
        for branch, total in sums.items():
            if total > (best.score if best else 0.0) and not refused(branch):
                best = Rolled(branch, total, level)
        if best is not None and best.score > above:
            return best
    return None


def taxa_of(labels: Iterable[Label], language: str = "en") -> tuple[Taxon, ...]:
    """The labels of a pack as taxa, named in that language where the pack has the word."""
    return tuple(_taxon(label, language) for label in labels)


def _taxon(label: Label, language: str) -> Taxon:
    names = dict(label.names)
    name = names.get(language) or names.get(language.partition("_")[0]) or names.get("en") or label.id
    lineage = label.lineage or lineage_of(label.scientific)
    return Taxon(label.id, name, lineage, label.role, is_part=label.rank == PART)


def lineage_of(scientific: str, upper: Sequence[str] = ()) -> Lineage:
    """The lineage of a scientific name of one word (a genus) or two and more (a species).

    upper: class, order and family where they are known.
    """
    parts = scientific.lower().split()
    above = (*(part.strip().lower() for part in upper), "", "", "")[:3]
    if not parts or not all(part.isalpha() for part in parts[:2]):
        return (*above, "", "")
    return (*above, parts[0], parts[1] if len(parts) > 1 else "")


def completed(taxa: Iterable[Taxon]) -> tuple[Taxon, ...]:
    """The taxa; where class, order and family are not said, they are those of another of the same genus."""
    taxa = tuple(taxa)
    known = {taxon.lineage[3]: taxon.lineage[:3] for taxon in taxa if taxon.lineage[3] and taxon.lineage[2]}
    return tuple(
        replace(taxon, lineage=(*known[taxon.lineage[3]], *taxon.lineage[3:]))
        if taxon.lineage[3] in known and not any(taxon.lineage[:3])
        else taxon
        for taxon in taxa
    )


def read_release(text: str) -> tuple[Taxon, ...]:
    """The animals of a SpeciesNet taxonomy or list of labels: a line a taxon, seven parts with semicolons.

    Lines of another shape are passed over: a release has a few for blank pictures and vehicles.
    """
    lines = text.splitlines()[:RELEASE_LINES_AT_MOST]
    return tuple(taxon for line in lines if (taxon := release_taxon(line)) is not None and any(taxon.lineage))


def release_taxon(line: str) -> Taxon | None:
    """The taxon in `uuid;class;order;family;genus;species;common name`, or None when it is not that."""
    parts = line.strip().split(";")
    if len(parts) != RELEASE_FIELDS:
        return None
    lineage = tuple(part.strip().lower() for part in parts[1:6])
    # The species is one word here, whatever stands after it (a subspecies) belongs to it.
    return Taxon(line.strip(), parts[6].strip() or parts[0], lineage)
