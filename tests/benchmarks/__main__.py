"""Runs the benchmarks: every `bench_*.py` beside this file, or those named, each in a process of its own.

A benchmark is a module with `run(report: Report) -> None`. A fresh process for each keeps one's memory
peak and warm imports out of the next one's figures. Exit 1 only when one crashes: a figure over its
budget is for a person to judge, on a machine that was perhaps busy.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.report import Report, Row, table

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("names", nargs="*", help="gpx for bench_gpx.py; all when none is named")
    parser.add_argument("--one", metavar="MODULE", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        return _run_here(asked.one)
    found = sorted(path.stem for path in HERE.glob("bench_*.py"))
    wanted = [f"bench_{name.removeprefix('bench_')}" for name in asked.names] or found
    if strangers := set(wanted) - set(found):
        parser.error(f"no such benchmark: {', '.join(sorted(strangers))}; there are {', '.join(found)}")
    rows: list[Row] = []
    crashed = []
    for name in wanted:
        print(f"… {name.removeprefix('bench_')}", file=sys.stderr, flush=True)
        new, exit_code = _run_apart(name)
        rows += new
        if exit_code:
            crashed.append(name)
    print(table(rows))
    if crashed:
        print(f"crashed: {', '.join(crashed)}")
    return 1 if crashed else 0


def _run_here(name: str) -> int:
    """In the benchmark's own process: one JSON line a row on the true standard output."""
    rows = sys.stdout
    sys.stdout = sys.stderr  # what a benchmark prints is for the reader, not part of its rows

    def tell(row: Row) -> None:
        print(json.dumps(asdict(row)), file=rows, flush=True)

    importlib.import_module(f"tests.benchmarks.{name}").run(Report(tell))
    return 0


def _run_apart(name: str) -> tuple[list[Row], int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--one", name],
        cwd=HERE.parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return [Row(**json.loads(line)) for line in done.stdout.splitlines()], done.returncode


if __name__ == "__main__":
    sys.exit(main())
