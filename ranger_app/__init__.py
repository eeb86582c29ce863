"""Ranger: patrols, camera traps and Green List assessments for protected areas, offline first."""

from __future__ import annotations

import os
from pathlib import Path

__version__ = "0.1.0"

# Before anything loads numpy. The threads of its linear algebra spin while they wait for each other: beside
# other work on a laptop of two cores, learning a head took four times the CPU time that one thread needs.
for _threads in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_threads, "1")

# Before anything loads onnxruntime: from 1.29 on it counts what it runs and on what machine, under a number
# that it keeps for this one, and sends that to its maker. Nothing leaves Ranger that nobody sent. It has had
# two names; on Windows `inference.runtime` switches off what there is.
for _silence in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
    os.environ[_silence] = "1"


def installed(name: str) -> Path:
    """The folder `resources` or `models`: inside the package once built, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
