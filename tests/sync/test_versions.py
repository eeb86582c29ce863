"""An older program, today's and one to come exchange in every pair: nothing that one cannot read is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.sync import program

Edit = tuple[str, str, str]
"""A file of the program, what stands in it once, and what is to stand there instead."""
_LAST_FIELD = '    """Foreign values that Ranger has no field for, kept for the way back."""\n\n\n@record(13'
EDITS: dict[str, tuple[Edit, ...]] = {
    "past": (
        ("domain/kinds.py", "    assessments.Action,\n", ""),
        ("domain/roles.py", '"evidence", "evidence_link", "action")\n', '"evidence", "evidence_link")\n'),
        ("domain/roles.py", '"evidence_link", "action", "attachment")', '"evidence_link", "attachment")'),
        ("domain/patrols.py", '    time_zone: str = stored(15, Form.TEXT, default="")\n', ""),
    ),
    "today": (),
    "to come": (
        ("domain/changes.py", "SCHEMA_VERSION = 1\n", "SCHEMA_VERSION = 2\n"),
        ("domain/kinds.py", "    patrols.Leg,\n", "    patrols.Flight,\n    patrols.Leg,\n"),
        (
            "domain/patrols.py",
            _LAST_FIELD,
            '    drone: str = stored(19, Form.TEXT, default="")\n\n\n'
            '@record(9000, "flight")\nclass Flight(Record):\n    """One flight of a drone."""\n\n'
            '    patrol_id: Id = stored(2, Form.ID, parent="patrol")\n'
            '    aircraft: str = stored(3, Form.TEXT, default="")\n\n\n@record(13',
        ),
    ),
}
VERSIONS = list(EDITS)
KNOWS = {
    "past": {"patrol"},
    "today": {"patrol", "action"},
    "to come": {"patrol", "action", "flight"},
}
"""The kinds of those that are written here."""
Run = Callable[..., Any]


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three programs, each a whole one of its own."""
    place = tmp_path_factory.mktemp("programs")
    for version, edits in EDITS.items():
        tree = place / version / "ranger_app"
        shutil.copytree(REPOSITORY / "ranger_app", tree, ignore=shutil.ignore_patterns("__pycache__", "gui"))
        for name, what, instead in edits:
            source = (tree / name).read_text(encoding="utf-8")
            assert source.count(what) == 1, f"{name} has changed: write the program {version} anew"
            (tree / name).write_text(source.replace(what, instead), encoding="utf-8")
    return place


@pytest.fixture
def run(programs: Path, tmp_path: Path) -> Run:
    """Let a version of the program do some acts in a folder; what the last one told."""

    def run(version: str, *acts: tuple[str, ...]) -> Any:
        done = subprocess.run(
            [sys.executable, Path(program.__file__), json.dumps(acts)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(programs / version)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def older(one: str, other: str) -> tuple[str, str]:
    first, second = sorted((one, other), key=VERSIONS.index)
    return first, second


def as_known_by(version: str, shown: dict[str, Any]) -> dict[str, Any]:
    """What a version shows of what a newer one shows."""
    fields = {"past": {"drone", "time_zone"}, "today": {"drone"}, "to come": set()}[version]
    return {
        kind: {id_: {f: v for f, v in one.items() if f not in fields} for id_, one in records.items()}
        for kind, records in shown.items()
        if kind in KNOWS[version]
    }


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), list(permutations(VERSIONS, 2)))
def test_there_and_back(a: str, b: str, run: Run) -> None:
    """a gives b a stick, b works on and gives one back; then the older is replaced by the newer program, and
    a third laptop hears of everything from the older alone."""
    run(a, ("make", "a"), ("write", "a", "A-1"), ("give", "a", "there"))
    run(b, ("begin", "b"), ("read", "b", "there"), ("write", "b", "B-1"), ("give", "b", "back"))
    of_a = run(a, ("read", "a", "back"), ("write", "a", "A-2"), ("give", "a", "again"), ("tell", "a"))
    of_b = run(b, ("read", "b", "again"), ("tell", "b"))
    told = {a: of_a, b: of_b}
    old, new = older(a, b)
    folder = "a" if old == a else "b"

    assert told[a]["segments"] == told[b]["segments"], "a change was lost on its way"
    assert told[a]["strays"] == told[b]["strays"]
    assert told[a]["differences"] == told[b]["differences"] == 0
    assert told[new]["unread"] == 0
    assert told[old]["unread"] > 0, "there was something that the older one cannot read"
    assert told[old]["shown"] == as_known_by(old, told[new]["shown"])
    assert {len(records) for records in told[new]["shown"].values()} == expected(new, a, b)

    run(old, ("give", folder, "by the older"))
    third = run(new, ("begin", "third"), ("read", "third", "by the older"), ("tell", "third"))
    assert third == told[new], "the older one carries on what it cannot read"

    upgraded = run(new, ("tell", folder))
    assert upgraded == told[new], "what waited is there after the upgrade"


def expected(new: str, a: str, b: str) -> set[int]:
    """How many records of each kind the newer of two shows: four patrols, and its own of every other kind."""
    writers = [a, b, a]
    return {4} | {sum(kind in KNOWS[one] for one in writers) for kind in KNOWS[new] - {"patrol"}}


@pytest.mark.slow
def test_a_workspace_of_a_program_to_come_is_let_be(run: Run, tmp_path: Path) -> None:
    run("to come", ("make", "a"), ("write", "a", "A-1"))
    before = (tmp_path / "a" / "ranger.db").read_bytes()
    with pytest.raises(AssertionError, match="made by a newer Ranger"):
        run("today", ("tell", "a"))
    assert (tmp_path / "a" / "ranger.db").read_bytes() == before
    assert run("to come", ("tell", "a"))["shown"]["flight"]
