"""The real command line in a process of its own, as a script would call it."""

from __future__ import annotations

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


def new_workspace(folder: Path, name: str = "demo.ranger", *, site: str = "Demo park") -> Path:
    """An open workspace for a demo site."""
    made = ranger("new", folder / name, "--site", site, "--no-passphrase", folder=folder)
    assert made.status == 0, made.words
    return folder / name
