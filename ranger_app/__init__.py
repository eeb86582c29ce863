"""Ranger: patrols, camera traps and Green List assessments for protected areas, offline first."""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"


def installed(name: str) -> Path:
    """The folder `resources` or `models`: inside the package once built, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
