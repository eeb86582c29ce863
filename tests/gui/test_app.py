"""The program as it is started: a process of its own, from the first line to the last."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ranger_app.config import Settings, settings_path, write_settings
from tests.conftest import REPOSITORY

# What a person does, as a program: `look` is asked again and again until it says that it is done.
PERSON = """
import sys
from PySide6.QtCore import QTimer
import ranger_app.__main__ as start
from ranger_app.gui import app

real_show = app.show

def look(window):
{look}

def watch(window):
    if look(window):
        window.close()
    else:
        QTimer.singleShot(20, lambda: watch(window))

def show_watched(*arguments):
    window = real_show(*arguments)
    QTimer.singleShot(20, lambda: watch(window))
    return window

app.show = show_watched
sys.argv = ["ranger-app"]
sys.exit(start.main())
"""


def _run(look: str) -> subprocess.CompletedProcess[str]:
    program = PERSON.format(look="\n".join(f"    {line}" for line in look.splitlines()))
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_arguments_the_window_opens_with_the_start_screen() -> None:
    done = _run(
        "if window.start.stack.currentWidget() is None:\n    return False\nprint(window.view)\nreturn True"
    )
    assert done.stdout.strip() == "None", done.stderr
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_the_workspace_of_last_time_is_opened(workspace: Path) -> None:
    write_settings(Settings().with_workspace(workspace))
    done = _run(
        "if window.view is None or window.background.tasks:\n"
        "    return False\n"
        "print(window.ranger.site().name)\n"
        "return True"
    )
    assert done.stdout.strip() == "demo park", done.stderr
    assert done.returncode == 0


def test_damaged_settings_are_told_and_do_no_harm() -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_bytes(b"{")
    done = _run(
        "if not window.start.banner.isVisible():\n"
        "    return False\n"
        "print(window.start.banner.accessibleName())\n"
        "return True"
    )
    assert "settings file is damaged" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_with_arguments_there_is_no_window(argument: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ranger_app", argument],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "PySide6" not in done.stderr
