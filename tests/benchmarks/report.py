"""What a benchmark found: one row for each thing measured, against a budget or a peer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured. `limit` is what it may be at most, or must be at least when `at_least`."""

    what: str
    measured: float
    limit: float
    unit: str
    beside: str  # "budget", or the name of the peer measured in the same run
    at_least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """Measured by limit; above one is too much, unless more is better."""
        return self.measured / self.limit if self.limit else float("inf")

    @property
    def ok(self) -> bool:
        return self.ratio >= 1 if self.at_least else self.ratio <= 1


class Report:
    """Where a benchmark's `run(report)` puts what it measured."""

    def __init__(self, tell: Callable[[Row], None]) -> None:
        self._tell = tell

    def budget(self, what: str, *, measured: float, at_most: float, unit: str = "s", note: str = "") -> None:
        """A thing that may take `at_most` so much."""
        self._tell(Row(what, measured, at_most, unit, "budget", note=note))

    def rate(self, what: str, *, measured: float, at_least: float, unit: str, note: str = "") -> None:
        """A thing that must reach `at_least` so much, such as rows a second."""
        self._tell(Row(what, measured, at_least, unit, "budget", at_least=True, note=note))

    def peer(
        self,
        what: str,
        *,
        measured: float,
        peer: float,
        name: str,
        at_most_times: float = 1.0,
        unit: str = "s",
        note: str = "",
    ) -> None:
        """A thing that may take `at_most_times` what the peer `name` took in the same run."""
        beside = f"{at_most_times:g} × {name}"
        self._tell(Row(what, measured, peer * at_most_times, unit, beside, note=note))


def table(rows: Iterable[Row]) -> str:
    """The rows as text: what | measured | budget or peer | ratio | ok or over."""
    lines = [("what", "measured", "budget or peer", "ratio", "")]
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        lines.append(
            (
                row.what,
                f"{_short(row.measured)} {row.unit}",
                f"{sign} {_short(row.limit)} {row.unit} ({row.beside})",
                f"{row.ratio:.2f}",
                ("ok" if row.ok else "OVER") + (f"  {row.note}" if row.note else ""),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        " | ".join(
            [*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[4]]
        ).rstrip()
        for line in lines
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
