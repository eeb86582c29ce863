"""What a hub's keeper wrote into hub.toml: where changes and files are kept, and how many processes serve."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.storage.faults import disk_told

NAME = "hub.toml"
DATABASE_VARIABLE = "RANGER_HUB_DATABASE"
"""Goes before hub.toml, for those who keep passwords in the environment."""
MAX_BYTES = 64 << 10
MAX_WORKERS = 64
_KEYS = {"database", "objects", "workers", "store"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Without a database everything lies in the hub's folder, and one process serves it."""

    database: str = ""
    objects: str = ""
    store: Mapping[str, str] = field(default_factory=dict)
    """What the object store wants to know, as obstore names it: endpoint, region, access_key_id, …"""
    workers: int = 1


def read_settings(folder: Path) -> Settings:
    """The settings in a hub's folder; `BadInput` when they are not what they should be."""
    path = folder / NAME
    plain: dict[str, Any] = {}
    if path.is_file():
        with disk_told(path), open(path, "rb") as source:
            raw = source.read(MAX_BYTES + 1)
        try:
            plain = tomllib.loads(raw[:MAX_BYTES].decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise _bad(str(error)) from None
    plain["database"] = os.environ.get(DATABASE_VARIABLE) or plain.get("database", "")
    return _sound(plain, folder)


def _sound(plain: dict[str, Any], folder: Path) -> Settings:
    if unknown := plain.keys() - _KEYS:
        raise _bad(_("nothing is called “{name}”").format(name=sorted(unknown)[0][:50]))
    database, objects = plain["database"], plain.get("objects", "")
    store, workers = plain.get("store", {}), plain.get("workers", 1)
    if type(database) is not str or type(objects) is not str:
        raise _bad(_("database and objects are texts"))
    if not isinstance(store, dict) or not all(type(value) is str for value in store.values()):
        raise _bad(_("the values of store are texts"))
    if type(workers) is not int or not 1 <= workers <= MAX_WORKERS:
        raise _bad(_("workers is a number from 1 to {most}").format(most=MAX_WORKERS))
    if not database and (objects or workers > 1):
        raise _bad(_("without a database there is one process, and files lie beside the changes"))
    return Settings(database, objects or str((folder / "objects").absolute()), store, workers)


def _bad(why: str) -> BadInput:
    return BadInput(
        _("The hub's settings do not read as they should: {why}.").format(why=why[:200]),
        _("Mend {name} in the hub's folder; see docs/hub.md.").format(name=NAME),
    )
