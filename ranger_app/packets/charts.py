"""Draws the table of a figure as a small picture (SVG) that page and report share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ranger_app import i18n
from ranger_app.assessments.figures import Figure
from ranger_app.domain.measures import Cell

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 14, 40
BARS_AT_MOST = 60
BAR_WIDTH_AT_MOST = 56
LABEL_CHARS = 14
STEPS_AT_MOST = 5
NEAR = 1e-9
BAR_COLOUR = "#2f7d5b"
"""Readable on white and on dark grey alike; words take the colour of the text around them."""


@dataclass(frozen=True, slots=True)
class Series:
    """What can be drawn of a table: a label and a number for each row."""

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


def series_of(figure: Figure) -> Series | None:
    """The labels of the first column against the numbers that the figure's value is made of.

    That is the column that adds up to the value, else the only one with numbers. Where neither is there,
    nothing is drawn: a picture of another number than the figure's would mislead.
    """
    if not 2 <= len(figure.rows) <= BARS_AT_MOST:
        return None
    numeric = {
        at: tuple(_number(row[at]) for row in figure.rows)
        for at, counts in enumerate(columns_that_count(figure))
        if counts and at > 0
    }
    adds_up = [at for at, values in numeric.items() if _adds_up_to(values, figure.value)]
    chosen = adds_up[0] if adds_up else next(iter(numeric)) if len(numeric) == 1 else None
    if chosen is None:
        return None
    labels = tuple("" if row[0] is None else str(row[0]) for row in figure.rows)
    return Series(figure.columns[chosen], labels, numeric[chosen])


def _adds_up_to(values: Sequence[float], value: float | None) -> bool:
    return value is not None and math.isclose(sum(values), value, rel_tol=1e-3, abs_tol=1e-9)


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def bar_chart(series: Series, *, title: str) -> str:
    """The series as bars, as SVG without scripts, styles or anything from outside."""
    low, high, step = nice_scale(min(0.0, *series.values), max(0.0, *series.values))
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def y(value: float) -> float:
        return TOP + inner_height * (high - value) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="11" fill="currentColor">',
        f"<title>{escape(title)}</title>",
    ]
    for at in range(round((high - low) / step) + 1):
        value = low + at * step
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            f'stroke="currentColor" stroke-opacity="{0.5 if abs(value) < step / 1000 else 0.15}"/>'
        )
        text = escape(i18n.number(round(value, 6)))
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{text}</text>')
    slot = inner_width / len(series.values)
    every = -(-len(series.values) * 52 // inner_width)  # a label needs about 52 units of room
    for at, (label, value) in enumerate(zip(series.labels, series.values, strict=True)):
        width = min(slot * 0.7, BAR_WIDTH_AT_MOST)
        x = LEFT + slot * at + (slot - width) / 2
        top, bottom = sorted((y(value), y(0.0)))
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{max(bottom - top, 0.5):.1f}" '
            f'fill="{BAR_COLOUR}"><title>{escape(label)}: {escape(i18n.number(value))}</title></rect>'
        )
        if at % every == 0:
            shown = label if len(label) <= LABEL_CHARS else label[: LABEL_CHARS - 1] + "…"
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{HEIGHT - BOTTOM + 16}" '
                f'text-anchor="middle">{escape(shown)}</text>'
            )
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">{escape(series.name)}</text></svg>')
    return "".join(parts)


def nice_scale(low: float, high: float) -> tuple[float, float, float]:
    """Ends and step of an axis that holds both numbers: steps of 1, 2 or 5 times a power of ten."""
    rough = ((high - low) or 1.0) / STEPS_AT_MOST
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * (1 - NEAR))
    first = math.floor(low / step + NEAR)
    last = max(math.ceil(high / step - NEAR), first + 1)
    return first * step, last * step, step


def table_text(cell: object) -> str:
    """A cell as people read it, in their language."""
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "✓" if cell else "–"
    if isinstance(cell, int | float):
        return i18n.number(cell)
    return str(cell)


def value_text(figure: Figure) -> str:
    """The value with its unit and its interval: 99.75 km (90–110)."""
    if figure.value is None:
        return "–"
    words = f"{i18n.number(figure.value)} {figure.unit}".strip()
    if figure.interval is not None:
        words += f" ({i18n.number(figure.interval[0])}–{i18n.number(figure.interval[1])})"
    return words


def columns_that_count(figure: Figure) -> Sequence[bool]:
    """For each column, whether all that stands in it are numbers; those are set to the right."""
    return [
        bool(figure.rows)
        and all(
            row[at] is None or (isinstance(row[at], int | float) and not isinstance(row[at], bool))
            for row in figure.rows
        )
        for at in range(len(figure.columns))
    ]
