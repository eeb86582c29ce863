"""How tests are written."""

from __future__ import annotations

import ast

from tests.rules.sources import calls, code, report

FIXED_WAITS = {"sleep", "qWait", "qSleep", "msleep", "usleep"}
MOCKS = {"unittest.mock", "mock", "pytest_mock"}


def test_no_test_waits_for_a_fixed_time() -> None:
    """A fixed wait is too long on a fast machine and too short on a slow one: wait for what is to happen."""
    faults = [
        f"{source.at(call)}: {name}()"
        for source in code("tests")
        for name, call in calls(source.tree)
        if name in FIXED_WAITS or (name == "wait" and _is_qtbot(call))
    ]
    assert not faults, report(faults)


def test_no_test_takes_a_dialog_for_active_before_the_keys_are_in_it() -> None:
    """`tests.gui.screen.coming_in_front` says what is wrong with Qt's `waitActive`."""
    faults = [
        f"{source.at(call)}: {name}()"
        for source in code("tests")
        for name, call in calls(source.tree)
        if name in {"waitActive", "qWaitForWindowActive"}
    ]
    assert not faults, report(faults)


def _is_qtbot(call: ast.Call) -> bool:
    return (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "qtbot"
    )


def test_fakes_stand_in_and_mocks_do_not() -> None:
    faults = [
        source.at(node)
        for source in code("tests")
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.ImportFrom) and node.module in MOCKS)
        or (isinstance(node, ast.ImportFrom) and node.module == "unittest" and _names(node) & {"mock"})
        or (isinstance(node, ast.Import) and _names(node) & MOCKS)
    ]
    assert not faults, report(faults)


def _names(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_every_test_is_where_pytest_looks() -> None:
    """A misnamed file or function is never run, and so never fails."""
    faults = []
    for source in code("tests"):
        name = source.path.rpartition("/")[2]
        has_tests = any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in source.tree.body
        )
        if has_tests and not name.startswith("test_"):
            faults.append(f"{source.path}: has tests, and a name that pytest passes over")
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(("it_", "should_", "tests_")):
                faults.append(f"{source.at(node)}: {node.name}")
    assert not faults, report(faults)
