"""GPX 1.0 and 1.1: what receivers and phones record and what nearly everything can open."""

from __future__ import annotations

from ranger_app.formats.gpx.reading import read
from ranger_app.formats.gpx.writing import write

__all__ = ["read", "write"]
