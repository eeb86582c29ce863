"""The table of what must hold names tests that exist, and leaves no invariant without one."""

from __future__ import annotations

import ast
import re

from tests.conftest import REPOSITORY

TABLE = REPOSITORY / "docs" / "acceptance-sync.md"
INVARIANTS = 20
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    return [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]


def functions(path: str) -> set[str]:
    """The tests of a file; none when there is no such file."""
    source = REPOSITORY / path
    if not source.is_file():
        return set()
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(TABLE.read_text(encoding="utf-8"))
    assert len(named) > 100
    missing = sorted({f"{path}::{name}" for path, name in named if name not in functions(path)})
    assert not missing, "\n".join(missing)


def test_every_invariant_has_a_test() -> None:
    numbered = {int(found[1]): line for line in rows() if (found := re.match(r"\| (\d+) \|", line))}
    assert sorted(numbered) == list(range(1, INVARIANTS + 1))
    assert all(NAMED.search(line) for line in numbered.values())


def test_every_fault_has_a_test_or_says_where_it_is_shown() -> None:
    text = TABLE.read_text(encoding="utf-8")
    faults = [line for line in text.split("## Faults", 1)[1].splitlines() if line.startswith("| ")][1:]
    assert len(faults) > 10
    assert all(NAMED.search(line) or re.search(r"see \d+ \|", line) for line in faults)
