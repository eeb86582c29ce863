"""Which model this laptop uses for which site; a person's choice, kept apart from what travels."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ranger_app.domain.errors import DiskTrouble
from ranger_app.i18n import _

NAME = "in-use.json"
BYTES_AT_MOST = 100_000
SITES_AT_MOST = 500


class Chosen:
    """The packs that were chosen, by site, in a file beside the packs themselves."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def of(self, site: str) -> str:
        """id@version of the pack chosen for a site; empty when none was."""
        return self._read().get(site, "")

    def choose(self, site: str, pack: str) -> None:
        """Use this pack (id@version) for the site from now on; empty: the usual one. Raises `DiskTrouble`."""
        known = dict(self._read())
        known.pop(site, None)
        if pack:
            known[site] = pack
        aside = self._path.with_name(f"{NAME}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("w", encoding="utf-8") as file:
                json.dump(dict(list(known.items())[-SITES_AT_MOST:]), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self._path)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise DiskTrouble(
                _("The choice of a model could not be kept: {reason}.").format(reason=error.strerror),
                _("Free some space, and choose it again."),
            ) from error

    def _read(self) -> Mapping[str, str]:
        try:
            with self._path.open("rb") as file:
                kept = json.loads(file.read(BYTES_AT_MOST))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(kept, dict):
            return {}
        return {str(site): pack for site, pack in kept.items() if isinstance(pack, str)}
