"""Where records live: the database, the store of files, the changes; the only room that knows SQL."""

from __future__ import annotations

from ranger_app.storage.touched import Touched
from ranger_app.storage.workspace import Workspace

__all__ = ["Touched", "Workspace"]
