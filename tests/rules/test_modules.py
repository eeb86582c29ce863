"""How every module is written, whoever wrote it."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter

import pytest

from tests.rules.sources import Source, code, report, texts, top_folders

LINES_BELOW = 400
MODULES_AT_MOST = 36  # in one folder
VAGUE_WORDS = re.compile(r"manager|helper|controller|utils?(?![a-z])", re.IGNORECASE)

# The one place where a job's failure is caught, whatever it is: it is carried to the screen from there.
MAY_CATCH_EVERYTHING = {"ranger_app/gui/background.py", "ranger_app/cli/main.py", "ranger_app/hub/faults.py"}

# Files of others that are databases: base maps and boundaries.
READ_FOREIGN_DATABASES = {"ranger_app/maps/outlines_geopackage.py", "ranger_app/maps/tiles.py"}

UNSAFE_TO_READ_WITH = {"pickle", "shelve", "marshal", "dill", "joblib", "xml.dom", "xml.sax"}
UNSAFE_TO_RUN = {"eval", "exec", "compile"}

# Put together, so that this file does not break its own rule.
MACHINE_PATHS = re.compile(
    r"(?<![\w.~-])/(?:"
    + "|".join(["work", "tmp", "root", r"home/\w+", r"Users/\w+", "opt"])
    + r")(?:/|\b(?!\w))"
)
OUR_WAY_OF_WORKING = re.compile(
    "|".join([r"issue" + r" ?#?\d", "sub" + "agent", "co-" + "authored", r"as an " + "AI"]), re.IGNORECASE
)


def test_every_module_opens_with_one_sentence() -> None:
    def fault(source: Source) -> str:
        opening = (ast.get_docstring(source.tree) or "").partition("\n\n")[0]
        if not opening:
            return "" if not source.tree.body else "says not what it is for"
        return "" if opening.rstrip().endswith((".", ":", "?")) else "does not end its first sentence"

    faults = [f"{one.path}: {fault(one)}" for one in code("ranger_app", "packaging", "tests") if fault(one)]
    assert not faults, report(faults)


def test_every_module_is_short_enough_to_read() -> None:
    lengths = {one.path: len(one.text.splitlines()) for one in code("ranger_app", "packaging", "tests")}
    faults = [f"{path}: {lines} lines" for path, lines in lengths.items() if lines >= LINES_BELOW]
    assert not faults, report(faults)


def test_no_folder_is_too_full_to_look_through() -> None:
    modules = Counter(one.path.rpartition("/")[0] for one in code("ranger_app"))
    faults = [f"{folder}: {count} modules" for folder, count in modules.items() if count > MODULES_AT_MOST]
    assert not faults, report(faults)


def test_names_say_what_a_thing_is() -> None:
    faults = []
    for source in code("ranger_app", "packaging", "tests"):
        if VAGUE_WORDS.search(source.path):
            faults.append(source.path)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and VAGUE_WORDS.search(node.name):
                faults.append(f"{source.at(node)}: {node.name}")
    assert not faults, report(faults)


def test_only_the_runner_of_jobs_catches_everything() -> None:
    faults = [
        source.at(node)
        for source in code("ranger_app", "packaging")
        if source.path not in MAY_CATCH_EVERYTHING
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]
    assert not faults, report(faults)


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return False  # it tidies up and passes the error on
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and one.id in {"Exception", "BaseException"} for one in caught)


def test_nothing_from_outside_can_become_code() -> None:
    faults = []
    for source in code("ranger_app"):
        for node in ast.walk(source.tree):
            names = _imported(node)
            if any(
                name == bad or name.startswith(f"{bad}.") for name in names for bad in UNSAFE_TO_READ_WITH
            ):
                faults.append(f"{source.at(node)}: {', '.join(names)}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in UNSAFE_TO_RUN
            ):
                faults.append(f"{source.at(node)}: {node.func.id}()")
    assert not faults, report(faults)


def test_only_storage_speaks_sql() -> None:
    """Import-linter knows the libraries; a bare connection that is handed up would pass it."""
    faults = [
        source.at(node)
        for source in code("ranger_app")
        if not source.path.startswith("ranger_app/storage/") and source.path not in READ_FOREIGN_DATABASES
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"execute", "executemany", "executescript"}
    ]
    assert not faults, report(faults)


def test_the_domain_needs_only_the_standard_library() -> None:
    """Import-linter knows the libraries that we have; this holds for those to come as well."""
    faults = [
        f"{source.at(node)}: {name}"
        for source in code("ranger_app/domain")
        for node in ast.walk(source.tree)
        for name in _imported(node)
        if not name.startswith("ranger_app.domain") and name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not faults, report(faults)


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def test_no_file_knows_the_machine_that_it_was_written_on() -> None:
    faults = _lines_with(MACHINE_PATHS)
    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("line", "is_machine_path"),
    [
        ("open('/" + "work/main/x')", True),
        ("cd /" + "tmp", True),
        ("/" + "home/anna/parks", True),
        ("/" + "root/ranger", True),
        ("see docs/work/tmp.md", False),
        ("https://example.org/work/", False),
        ("/usr/share/fonts", False),
        ("/parks/demo.ranger", False),
        ("/workspace", False),
        ("a and/or b", False),
    ],
)
def test_a_machine_path_is_told_from_others(line: str, is_machine_path: bool) -> None:
    assert bool(MACHINE_PATHS.search(line)) == is_machine_path


def test_no_file_tells_how_the_work_was_organised() -> None:
    faults = _lines_with(OUR_WAY_OF_WORKING)
    assert not faults, report(faults)


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_the_readme_says_what_each_folder_is_for() -> None:
    readme = dict(texts())["README.md"]
    unnamed = [folder for folder in top_folders() if f"`{folder}/`" not in readme]
    assert not unnamed, report(unnamed)
