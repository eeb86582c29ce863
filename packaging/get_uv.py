"""Finds uv, or fetches it with pip into a folder of its own, and prints where it is.

Runs on a machine that has nothing but Python: no pip, no venv, no rights. What it does is said on
standard error.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UV = "uv==0.13.8"
OLDEST_UV = (0, 8)  # older ones do not read our lock file
HOME = Path(__file__).resolve().parent.parent / ".bootstrap"
WAY_OUT = (
    "uv could not be fetched. With the network on, this helps:\n"
    "  sudo apt-get install -y ca-certificates python3-venv\n"
    "or install uv yourself: https://docs.astral.sh/uv"
)


def main() -> int:
    uv = _usable("uv") or _usable(str(HOME / "bin" / "uv"))
    if not uv:
        print(f"Fetching {UV}", file=sys.stderr)
        uv = _with_venv() or _with_pip() or _with_pip_from_debian()
    print(uv or WAY_OUT, file=sys.stdout if uv else sys.stderr)
    return 0 if uv else 1


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
    if _runs(sys.executable, "-m", "venv", str(HOME)):
        return _installed(str(HOME / "bin" / "python"), "-m", "pip", "install")
    shutil.rmtree(HOME, ignore_errors=True)  # half a venv would be in pip's way
    return None


def _with_pip() -> str | None:
    return _installed(sys.executable, "-m", "pip", "install", "--target", str(HOME))


def _with_pip_from_debian() -> str | None:
    """Debian's pip, unpacked here and not installed, which takes no rights; apt keeps its books here too."""
    with tempfile.TemporaryDirectory() as folder:
        return _with_pip_unpacked(Path(folder))


def _with_pip_unpacked(here: Path) -> str | None:
    (here / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-o", f"Dir::State::Lists={here / 'lists'}", "-o", f"Dir::Cache={here}"]
    if not (shutil.which("apt-get") and _runs(*apt, "update")):
        return None
    _runs(*apt, "download", "python3-pip-whl", inside=here)
    for package in here.glob("*.deb"):
        _runs("dpkg-deb", "--extract", str(package), str(here))
    for wheel in here.glob("usr/share/python-wheels/pip-*.whl"):
        # A wheel is a zip file, and pip is made so that it runs from one.
        return _installed(sys.executable, str(wheel / "pip"), "install", "--target", str(HOME))
    return None


def _installed(*pip_install: str) -> str | None:
    return _usable(str(HOME / "bin" / "uv")) if _runs(*pip_install, UV) else None


def _runs(*command: str, inside: Path | None = None) -> bool:
    """Whether the command ended well. Its words are kept back: the next way may do what it could not."""
    done = subprocess.run(command, cwd=inside, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
