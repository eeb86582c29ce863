"""What would be kept of some files, with every doubt, before a person accepts it; and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ranger_app.domain.fields import Record
from ranger_app.domain.found import FoundFile
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Patrol

GAP_H = 12.0
"""A pause longer than this begins another patrol."""


class FileDoubt(NamedTuple):
    """A doubt about one file."""

    file: str
    code: str
    text: str


class Failed(NamedTuple):
    """A file that gave nothing, and why."""

    file: str
    text: str


class DraftFile(NamedTuple):
    """A file to be attached to a record."""

    owner_id: Id
    owner_kind: str
    file: FoundFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One patrol, or what belongs to none, as it would be kept."""

    file: str
    title: str
    about: str = ""
    """A line for the eye, such as when it began by the clock of the place."""
    records: tuple[Record, ...]
    """Whoever is named by another comes before it."""
    files: tuple[DraftFile, ...] = ()
    once: frozenset[str] = frozenset()
    """Fields of a record that is here that are left alone when they say something."""
    recognised: Mapping[str, int] = field(default_factory=dict)
    """By kind how many things of the file are here already, so that there is no record for them."""
    made: Mapping[str, int] = field(default_factory=dict)
    """By kind how many records are new; `matched` are here already, `changed` differ from what is here."""
    matched: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)

    @property
    def patrol(self) -> Patrol | None:
        return next((record for record in self.records if isinstance(record, Patrol)), None)

    @property
    def is_new(self) -> bool:
        return bool(self.made) and not self.matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What some files hold."""

    drafts: tuple[Draft, ...] = ()
    doubts: tuple[FileDoubt, ...] = ()
    unmapped: frozenset[str] = frozenset()
    failed: tuple[Failed, ...] = ()
    files: int = 0
    """How many files were read."""

    @property
    def made(self) -> dict[str, int]:
        return added(draft.made for draft in self.drafts)

    @property
    def matched(self) -> dict[str, int]:
        return added(draft.matched for draft in self.drafts)

    @property
    def changed(self) -> dict[str, int]:
        return added(draft.changed for draft in self.drafts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of a proposal."""

    made: Mapping[str, int]
    matched: Mapping[str, int]
    changed: Mapping[str, int]
    kept_as_edited: int
    """Values that somebody changed here, and that the file says otherwise; they stay as they are here."""
    doubts: tuple[FileDoubt, ...] = ()
    unmapped: frozenset[str] = frozenset()
    failed: tuple[Failed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written, by kind, and what the format had no place for."""

    path: Path
    written: Mapping[str, int]
    left_out: tuple[str, ...]


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by kind, summed, without zeros."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return {kind: count for kind, count in total.items() if count}
