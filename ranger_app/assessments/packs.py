"""Form packs: what a form asks, as plain files that a programme can edit without a programmer.

A pack is a folder with `pack.toml` (id, ratings, rules), `rows.toml` (groups, criteria, indicators by their
codes) and `words/<language>.toml`. `pack_file.read_pack` reads and checks one; this module says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ranger_app import i18n


class Stands(StrEnum):
    """What a rating means to the gap board, whatever words and codes a form has for it."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    OPEN = "open"


class Outcome(StrEnum):
    """How a form comes to its result."""

    ALL_CRITERIA = "all_criteria"
    """Every criterion has to be met; nothing is averaged."""
    NONE = "none"
    """The form gives no result of its own."""


class Basis(StrEnum):
    """How sure the makers of a pack are of a row."""

    READ = "read"
    ADAPTATION = "adaptation"
    TOPIC = "topic"
    CODE = "code"
    SECOND_HAND = "second-hand"
    INFERRED = "inferred"


class Said(NamedTuple):
    """Words, and the language they turned out to be in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One of the ratings of a form. `score` is its neutral code in exchange files, `key` what sets it."""

    code: str
    stands: Stands
    score: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One row of a form: what a site answers."""

    code: str
    criterion: str
    basis: Basis = Basis.READ
    gate: bool = False
    wants_figures: bool = False
    optional: bool = False
    max_age_years: int = 0
    """Evidence older than this counts as old; 0 when age does not matter."""

    @property
    def verified(self) -> bool:
        """Whether this row was read in a published source."""
        return self.basis is Basis.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a group of indicators shows together."""

    code: str
    group: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A chapter of a form."""

    code: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a form expects; none of it is specific to one form."""

    outcome: Outcome = Outcome.NONE
    gate_certain: bool = True
    narrative_words: tuple[int, int] = (0, 0)
    evidence_max_age_years: int = 0
    min_checked_share: float = 0.0


Words = Mapping[str, Mapping[str, Mapping[str, str | tuple[str, ...]]]]
"""section ("indicator") -> code -> name ("asks") -> text, or texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPack:
    """One version of one form. Two packs with the same `digest` are the same to the byte."""

    id: str
    edition: str
    language: str
    standard: str = ""
    check_against: str = ""
    rules: Rules = field(default_factory=Rules)
    ratings: tuple[Rating, ...] = ()
    groups: tuple[Group, ...] = ()
    words: Mapping[str, Words] = field(default_factory=dict)
    """By language; the pack's own language is complete."""
    digest: bytes = b""

    def criteria(self) -> Iterator[Criterion]:
        for group in self.groups:
            yield from group.criteria

    def indicators(self) -> Iterator[Indicator]:
        for criterion in self.criteria():
            yield from criterion.indicators

    def indicator(self, code: str) -> Indicator | None:
        return next((one for one in self.indicators() if one.code == code), None)

    def rating(self, code: str) -> Rating | None:
        return next((one for one in self.ratings if one.code == code), None)

    def stands(self, rating: str) -> Stands:
        """What an answer's rating means; a rating that this pack does not know is open."""
        found = self.rating(rating)
        return found.stands if found else Stands.OPEN

    def languages(self) -> tuple[str, ...]:
        return (self.language, *sorted(set(self.words) - {self.language}))

    # ---- words, in the user's language where the pack has it

    def title(self, language: str | None = None) -> str:
        return self.said("pack", "", "title", language).text

    def said(self, section: str, code: str, name: str, language: str | None = None) -> Said:
        """Words in `language` (the user's when None), else in the pack's own language."""
        found, spoken = self._find(section, code, name, language)
        return Said(found if isinstance(found, str) else "", spoken)

    def listed(self, section: str, code: str, name: str, language: str | None = None) -> tuple[str, ...]:
        """Several words, such as the typical evidence of an indicator."""
        found, _spoken = self._find(section, code, name, language)
        return found if isinstance(found, tuple) else ()

    def of_indicator(self, code: str, language: str | None = None) -> str:
        return self.said("indicator", code, "title", language).text

    def of_criterion(self, code: str, language: str | None = None) -> str:
        return self.said("criterion", code, "title", language).text

    def of_group(self, code: str, language: str | None = None) -> str:
        return self.said("group", code, "title", language).text

    def of_rating(self, code: str, language: str | None = None) -> str:
        return self.said("rating", code, "title", language).text or code

    def _find(
        self, section: str, code: str, name: str, language: str | None
    ) -> tuple[str | tuple[str, ...], str]:
        wish = language or i18n.language()
        for spoken in (wish, wish.partition("_")[0], self.language):
            found = self.words.get(spoken, {}).get(section, {}).get(code, {}).get(name)
            if found:
                return found, spoken
        return "", self.language
