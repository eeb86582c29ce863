"""What holds for every process of Ranger from its first import on."""

from __future__ import annotations

import os
import subprocess
import sys


def said(program: str, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_THREADS")}
    return subprocess.run(
        [sys.executable, "-c", program], env=kept | environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_linear_algebra_has_one_thread_unless_somebody_says_otherwise() -> None:
    asked = "import ranger_app, os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    assert said(asked) == "1"
    assert said(asked, OPENBLAS_NUM_THREADS="2") == "2"


def test_that_is_settled_before_numpy_is_loaded() -> None:
    assert said("import ranger_app, sys; print('numpy' in sys.modules)") == "False"
