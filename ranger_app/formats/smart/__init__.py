"""SMART's exchange files: patrols, independent incidents and data models."""

from __future__ import annotations

from ranger_app.formats.smart.reading import read
from ranger_app.formats.smart.writing import write
from ranger_app.formats.smart.zips import DOCUMENTS

__all__ = ["DOCUMENTS", "read", "write"]
