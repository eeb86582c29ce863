"""A figure: a number with its table, definition and origin, taken from the site's data and frozen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ranger_app.domain.assessments import Evidence
from ranger_app.domain.errors import Refused
from ranger_app.domain.measures import Cell, Measure, MeasureResult
from ranger_app.i18n import _, percent

ROWS_AT_MOST = 5_000
COLUMNS_AT_MOST = 50
CELL_CHARS_AT_MOST = 1_000
QUERY_CHARS_AT_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its table, its definition and where it came from; frozen, it never moves again."""

    measure: str
    title: str
    definition: str
    unit: str
    value: float | None
    interval: tuple[float, float] | None = None
    interval_method: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    query: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    checked_share: float | None = None
    """Share of the machine's results behind it that a person has checked; None when no machine had a part."""
    privacy: Mapping[str, str] = field(default_factory=dict)
    data_version: str = ""
    program_version: str = ""

    def to_data(self) -> dict[str, Any]:
        """As it is kept in `Evidence.figure`: nothing but what JSON can say."""
        return {
            "measure": self.measure,
            "title": self.title,
            "definition": self.definition,
            "unit": self.unit,
            "value": self.value,
            "interval": list(self.interval) if self.interval else None,
            "interval_method": self.interval_method,
            "from": self.starts_on.isoformat() if self.starts_on else None,
            "to": self.ends_on.isoformat() if self.ends_on else None,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "query": dict(self.query),
            "notes": list(self.notes),
            "checked_share": self.checked_share,
            "privacy": dict(self.privacy),
            "data_version": self.data_version,
            "program_version": self.program_version,
        }


def freeze(
    measure: Measure,
    result: MeasureResult,
    *,
    starts_on: date | None,
    ends_on: date | None,
    data_version: str,
    program_version: str,
    min_checked_share: float,
) -> Figure:
    """Make a figure of what a measure found.

    Raises `Refused` when too few of the machine's results behind it were checked by a person, when there
    is nothing to count from, or when its table is too long to be read as evidence.
    """
    share = result.checked_share
    if share is not None and share < min_checked_share:
        raise Refused(
            _("A person has checked {share} of what the machine found for this figure.").format(
                share=percent(share)
            ),
            _("Review more of the photos; this form asks for {wanted}.").format(
                wanted=percent(min_checked_share)
            ),
        )
    if result.value is None and not result.rows:
        raise Refused(
            _("There is nothing to count for “{title}” in this period.").format(title=measure.title),
            _("Choose a longer period, or import the data first."),
        )
    columns = tuple(result.rows[0]) if result.rows else ()
    if len(result.rows) > ROWS_AT_MOST or len(columns) > COLUMNS_AT_MOST:
        raise Refused(
            _("The table behind “{title}” has {rows} rows.").format(
                title=measure.title, rows=len(result.rows)
            ),
            _("Choose a shorter period; at most {most} rows are frozen.").format(most=ROWS_AT_MOST),
        )
    return Figure(
        measure=measure.id,
        title=measure.title,
        definition=measure.definition,
        unit=measure.unit,
        value=_finite(result.value),
        interval=result.interval,
        interval_method=result.interval_method,
        starts_on=starts_on,
        ends_on=ends_on,
        columns=columns,
        rows=tuple(tuple(_cell(row.get(name)) for name in columns) for row in result.rows),
        query=_plain(result.query),
        notes=tuple(result.notes),
        checked_share=share,
        privacy={name: kind for name, kind in result.privacy.items() if name in columns},
        data_version=data_version,
        program_version=program_version,
    )


def figure_of(evidence: Evidence) -> Figure | None:
    """The figure in a piece of evidence, whoever wrote it; None when there is none that can be read."""
    told = evidence.figure
    if not isinstance(told, Mapping):
        return None
    columns = tuple(str(name)[:CELL_CHARS_AT_MOST] for name in _list(told.get("columns"))[:COLUMNS_AT_MOST])
    rows = tuple(
        tuple(_cell(cell) for cell in (_list(row) + [None] * len(columns))[: len(columns)])
        for row in _list(told.get("rows"))[:ROWS_AT_MOST]
    )
    span = _list(told.get("interval"))
    ends = [_finite(end) for end in span]
    query, privacy = told.get("query"), told.get("privacy")
    return Figure(
        measure=_text(told.get("measure")),
        title=_text(told.get("title")) or evidence.title,
        definition=_text(told.get("definition")),
        unit=_text(told.get("unit")),
        value=_finite(told.get("value")),
        interval=(ends[0], ends[1]) if len(ends) == 2 and None not in ends else None,  # type: ignore[arg-type]
        interval_method=_text(told.get("interval_method")),
        starts_on=_day(told.get("from")),
        ends_on=_day(told.get("to")),
        columns=columns,
        rows=rows,
        query=_plain(query) if isinstance(query, Mapping) else {},
        notes=tuple(_text(note) for note in _list(told.get("notes"))[:COLUMNS_AT_MOST]),
        checked_share=_finite(told.get("checked_share")),
        privacy={str(k): str(v) for k, v in privacy.items()} if isinstance(privacy, Mapping) else {},
        data_version=_text(told.get("data_version")),
        program_version=_text(told.get("program_version")),
    )


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return _finite(value)
    return str(value)[:CELL_CHARS_AT_MOST]


def _plain(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query as JSON says it; dates and the like become text."""
    written = json.dumps(query, default=str, ensure_ascii=False)
    if len(written) > QUERY_CHARS_AT_MOST:
        return {"shortened": written[:QUERY_CHARS_AT_MOST]}
    plain: dict[str, Any] = json.loads(written)
    return plain


def _finite(value: object) -> float | int | None:
    """A number that JSON can carry; NaN and infinity are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _text(value: object) -> str:
    return value[: CELL_CHARS_AT_MOST * 4] if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
