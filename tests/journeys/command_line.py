"""The real command line: in a process of its own, as a script would call it, or within the test's."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """Exit status, the JSON document on standard output, and the words on standard error."""

    status: int
    document: Any
    words: str


def ranger(*arguments: object, folder: Path, **environment: str) -> Outcome:
    """Run one command without a screen. A traceback in its words is a failed test, whatever it was for."""
    settings = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "ranger_app", *map(str, arguments), "--json"],
        cwd=folder,
        env=settings | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert "Traceback" not in done.stderr, done.stderr
    document = json.loads(done.stdout) if done.stdout.strip() else None
    return Outcome(done.returncode, document, done.stderr)


def ranger_here(*arguments: object, folder: Path) -> Outcome:
    """Run one command in this process, for tests that run hundreds. A fault of ours is a failed test."""
    from ranger_app.cli.main import main
    from ranger_app.hub.keeping import Keeper

    out, words = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(words), contextlib.chdir(folder):
        status = main([*map(str, arguments), "--json"], keep_hub=Keeper)
    document = json.loads(out.getvalue()) if out.getvalue().strip() else None
    if isinstance(document, dict):
        assert document.get("error", {}).get("code") != "bug", words.getvalue()
    return Outcome(status, document, words.getvalue())


def new_workspace(folder: Path, name: str = "demo.ranger", *, site: str = "Demo park") -> Path:
    """An open workspace for a demo site."""
    made = ranger("new", folder / name, "--site", site, "--no-passphrase", folder=folder)
    assert made.status == 0, made.words
    return folder / name
