"""What every test stands on: no screen, no home folder, no thread left behind."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

# Before any import of Qt: without it, and without a screen, Qt aborts the whole run.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ranger_app import i18n
from tests.patience import Patient
from tests.sync import soaking

REPOSITORY = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
THREAD_MAY_END_IN_S = 5.0

_SLOW_MACHINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("dev", deadline=None, suppress_health_check=_SLOW_MACHINE)
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("soak", parent=settings.get_profile("dev"), max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "dev"))


def not_here(what: str) -> NoReturn:
    """Something that a test needs is missing: the test is skipped, and fails where it counts."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the checkout, or wherever `RANGER_SHARED_DATA` says."""
    named = os.environ.get("RANGER_SHARED_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        not_here(f"no real data at {folder}; set RANGER_SHARED_DATA to the folder that holds it")
    return folder


@pytest.fixture(autouse=True)
def own_config(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty settings folder for each test, and nothing of the user's environment."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("RANGER_CONFIG_DIR", str(folder))
    for variable in ("RANGER_LANG", "RANGER_PASSPHRASE", "RANGER_PERSON", "LANGUAGE"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """That of pytest-qt, with more patience."""
    return Patient(request)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """English words when a test begins, whatever the one before it spoke."""
    i18n.set_language(i18n.ENGLISH)
    yield
    i18n.set_language(i18n.ENGLISH)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves one of our threads alive: it would work on into the next test."""
    before = set(threading.enumerate())
    yield
    ours = [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("ranger-") and thread not in before
    ]
    for thread in ours:
        thread.join(THREAD_MAY_END_IN_S)  # returns as soon as the thread ends
    left = [thread.name for thread in ours if thread.is_alive()]
    if left:
        pytest.fail(f"threads left alive: {', '.join(left)}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the long tests have done: each in a line, then the sums of all (see `tests.sync.soaking`)."""
    sums, lines = Counter[str](), []
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, counts in getattr(report, "user_properties", ()):
                if name == "soak" and getattr(report, "when", "") == "call":
                    sums.update({what: n for what, n in counts.items() if isinstance(n, int)})
                    told = ", ".join(f"{n} {what}" for what, n in counts.items())
                    lines.append(f"{report.nodeid.rpartition('::')[2]}: {told}")
    if lines:
        terminalreporter.section("what the long tests have done")
        for line in lines:
            terminalreporter.write_line(line)
        terminalreporter.write_line("")
        for what, n in sorted(sums.items()):
            terminalreporter.write_line(f"{n:>12,} {what}")


def pytest_configure(config: pytest.Config) -> None:
    """A hang is told of where pytest captures nothing."""
    soaking.stderr_fd = config.stash.get(fault_handler_stderr_fd_key, 2)
