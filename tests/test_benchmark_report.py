"""What the benchmarks print can be trusted."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.report import Report, Row, table


def _rows(measure: Callable[[Report], None]) -> list[Row]:
    rows: list[Row] = []
    measure(Report(rows.append))
    return rows


def test_more_than_the_budget_is_over() -> None:
    def run(report: Report) -> None:
        report.budget("window painted", measured=0.3, at_most=0.4)
        report.budget("window painted, cold", measured=1.2, at_most=1.0)

    warm, cold = _rows(run)
    assert (warm.ok, cold.ok) == (True, False)
    assert round(cold.ratio, 2) == 1.2


def test_a_rate_below_its_least_is_over() -> None:
    def run(report: Report) -> None:
        report.rate("merge", measured=30_000, at_least=25_000, unit="rows/s")
        report.rate("merge, keyed", measured=20_000, at_least=25_000, unit="rows/s")

    assert [row.ok for row in _rows(run)] == [True, False]


def test_a_peer_gives_the_limit_times_what_is_allowed() -> None:
    def run(report: Report) -> None:
        report.peer("intake", measured=14, peer=10, name="cp and sha256sum", at_most_times=1.5)

    (row,) = _rows(run)
    assert row.limit == 15
    assert row.ok


def test_the_table_has_a_line_for_each_row_and_says_which_is_over() -> None:
    said = table([Row("pan", 0.05, 0.033, "s", "budget", note="a frame"), Row("gpx", 1, 3, "s", "budget")])
    head, pan, gpx = said.splitlines()
    assert head.startswith("what | measured")
    assert pan.endswith("OVER  a frame")
    assert gpx.endswith("ok")
