"""Finds uv, or fetches it with pip into a folder of its own, and prints where it is.

Runs on a machine that has nothing but Python: no pip, no venv. What it does is said on standard error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

UV = "uv==0.13.8"
OLDEST_UV = (0, 8)  # older ones do not read our lock file
HOME = Path(__file__).resolve().parent.parent / ".bootstrap"
PIP_IN_ONE_FILE = "https://bootstrap.pypa.io/pip/pip.pyz"
PIP_FETCH_S = 60
WAY_OUT = (
    "uv could not be fetched. Install it (https://docs.astral.sh/uv) or: sudo apt-get install -y python3-venv"
)


def main() -> int:
    uv = _usable("uv") or _usable(str(HOME / "bin" / "uv"))
    if not uv:
        say(f"fetching {UV}")
        for fetch in (_with_venv, _with_pip, _with_venv_from_debian, _with_pip_in_one_file):
            uv = fetch()
            if uv:
                break
    if not uv:
        say(WAY_OUT)
        return 1
    print(uv)
    return 0


def say(text: str) -> None:
    print(text, file=sys.stderr)


def _usable(command: str) -> str | None:
    """The path of this uv, when it runs and is new enough; a shim on the path may do neither."""
    found = shutil.which(command)
    if not found:
        return None
    try:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"(\d+)\.(\d+)", told)
    new_enough = version is not None and (int(version[1]), int(version[2])) >= OLDEST_UV
    return found if new_enough else None


def _with_venv() -> str | None:
    """The usual way; Debian splits what it needs off into python3-venv."""
    shutil.rmtree(HOME, ignore_errors=True)
    if not _runs(sys.executable, "-m", "venv", str(HOME)):
        return None
    return _fetched(str(HOME / "bin" / "python"), "-m", "pip", "install", UV)


def _with_pip() -> str | None:
    return _fetched(sys.executable, "-m", "pip", "install", "--target", str(HOME), UV)


def _with_venv_from_debian() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "python3-venv"],
    ):
        if not _runs(*command):
            return None
    return _with_venv()


def _with_pip_in_one_file() -> str | None:
    HOME.mkdir(exist_ok=True)
    pip = HOME / "pip.pyz"
    try:
        with urllib.request.urlopen(PIP_IN_ONE_FILE, timeout=PIP_FETCH_S) as answer:
            pip.write_bytes(answer.read())
    except (urllib.error.URLError, OSError) as error:
        say(f"{PIP_IN_ONE_FILE}: {error}")
        return None
    return _fetched(sys.executable, str(pip), "install", "--target", str(HOME), UV)


def _fetched(*command: str) -> str | None:
    return _usable(str(HOME / "bin" / "uv")) if _runs(*command) else None


def _runs(*command: str) -> bool:
    """Whether the command ended well. Its words are kept back: the next way may do what it could not."""
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
