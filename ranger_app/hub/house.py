"""Puts a hub together from its folder: its keys, who is let in, and where everything is kept."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import NotFound, Refused
from ranger_app.durable import flush_folder
from ranger_app.hub.folder_shelf import SITES, FolderShelf
from ranger_app.hub.objects import open_objects
from ranger_app.hub.settings import Settings, read_settings
from ranger_app.hub.shelf import Shelf
from ranger_app.i18n import _
from ranger_app.security.keys import KEY_FILE, DeviceKeys, make_keys, read_keys, write_keys
from ranger_app.storage.faults import disk_told
from ranger_app.sync.people.admission import Admissions, GuestList

DEVICE = "device"


@dataclass(frozen=True, slots=True)
class House:
    """A hub that is not served yet."""

    keys: DeviceKeys
    guests: GuestList
    shelf: Shelf


def open_house(folder: Path, *, looks_on: bool = False) -> House:
    """The hub of this folder as its hub.toml says; its keys are made when it is new. With `looks_on`, another
    process may be serving it."""
    settings = read_settings(folder)
    keys = open_keys(folder)
    if not settings.database:
        return House(keys, Admissions(folder), FolderShelf(folder, looks_on=looks_on))
    guests, shelf = _with_database(settings, keys.public_key)
    return House(keys, guests, shelf)


def open_guests(folder: Path) -> GuestList:
    """Who is let in to the hub of this folder, also while it serves."""
    settings = read_settings(folder)
    return _with_database(settings, None)[0] if settings.database else Admissions(folder)


def _with_database(settings: Settings, hub_key: bytes | None) -> tuple[GuestList, Shelf]:
    try:
        from ranger_app.hub.central_shelf import CentralShelf
        from ranger_app.hub.guests import CentralGuests
        from ranger_app.storage.central.database import Central
    except ImportError:
        raise libraries_missing() from None
    central = Central(settings.database)
    if hub_key is not None:
        central.belong_to(hub_key)
    return CentralGuests(central), CentralShelf(central, open_objects(settings.objects, settings.store))


def libraries_missing() -> NotFound:
    return NotFound(
        _("The libraries that serve a hub are not installed."),
        _("Install them: pip install ranger-app[hub]"),
    )


def open_keys(folder: Path) -> DeviceKeys:
    """The hub's own keys, made when it is new: receipts are signed with them."""
    device = folder / DEVICE
    if not (device / KEY_FILE).is_file():
        if (folder / SITES).is_dir():
            raise Refused(
                _("The keys of this hub are missing, and there are sites in its folder."),
                _("Put the folder “{name}” back from a backup.").format(name=DEVICE),
            )
        with disk_told(folder):
            aside = folder / f"{DEVICE}.new"
            shutil.rmtree(aside, ignore_errors=True)
            write_keys(aside, make_keys(keyed=False), None)
            os.replace(aside, device)
            flush_folder(folder)
    return read_keys(device, None)
