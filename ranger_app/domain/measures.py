"""A measure: one number about the site with its definition, as other rooms may ask for it and freeze it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Cell = str | int | float | bool | None
"""What a row may hold, so that it can be frozen as JSON and as CSV."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureResult:
    """What a measure found in one period."""

    value: float | None
    """In the unit of the measure; None when there is nothing to count it from."""
    rows: tuple[Mapping[str, Cell], ...] = ()
    """The table behind the value: column name to cell, the same columns in every row, in reading order."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """What was asked, so that somebody else can ask it again; anything JSON can say."""
    checked_share: float | None = None
    """Share (0..1) of what a machine proposed that a person has checked; None when no machine had a part."""
    notes: tuple[str, ...] = ()
    """Sentences that a reader of the number must know, such as days left out."""
    interval: tuple[float, float] | None = None
    """Lower and upper end around the value, in its unit."""
    interval_method: str = ""
    """Such as "95 % bootstrap over stations"."""
    privacy: Mapping[str, str] = field(default_factory=dict)
    """Columns of `rows` that tell who ("person") or where ("position"); packets leave them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that the site's data can give. `compute` takes the first and the last day; None is open."""

    id: str
    """Stable, such as patrols.distance; frozen figures keep it."""
    title: str
    definition: str
    """One or two sentences: what is counted, what is not, and how."""
    unit: str
    """As written behind the number, such as km; empty for a plain count."""
    compute: Callable[[date | None, date | None], MeasureResult]
