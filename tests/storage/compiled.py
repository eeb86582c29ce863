"""Libraries that stand between a program and the system, made from the C beside this file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.conftest import not_here


@cache
def compiled(source: str, folder: Path) -> Path:
    """The library made of a C file; the test is skipped where nothing compiles it."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        not_here("a C compiler, to come between a program and its disk: apt-get install gcc libc6-dev")
    made = (folder / source).with_suffix(".so")
    written = Path(__file__).with_name(source)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", made, written, "-ldl", "-lpthread"], check=True
    )
    return made
