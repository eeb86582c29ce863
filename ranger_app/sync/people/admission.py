"""Which laptops a hub lets in, and to which sites, which may change while the hub runs."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.ids import ID_BYTES, Id, id_text, parse_id
from ranger_app.durable import flush_folder, make_folder, write_whole
from ranger_app.i18n import _
from ranger_app.security.keys import replica_of
from ranger_app.storage.faults import disk_told

FOLDER = "admitted"
MAX_CARD = 64 << 10  # bytes
MAX_SITES = 1_000
MAX_NAME = 100  # characters
_KEY = re.compile(r"[0-9a-f]{64}")
_KIND = "ranger hub card"


@dataclass(frozen=True, slots=True)
class Card:
    """What a laptop hands to the keeper of a hub: its public key, its name, the sites that it works for."""

    public_key: bytes
    name: str = ""
    sites: tuple[tuple[Id, str], ...] = ()
    """Each with its name, for the keeper to read."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A laptop that the keeper has let in."""

    public_key: bytes
    name: str
    sites: frozenset[Id]
    all_sites: bool = False

    @property
    def replica(self) -> bytes:
        return replica_of(self.public_key)

    def may(self, stream: bytes) -> bool:
        """Whether this laptop may exchange a stream."""
        return self.all_sites or stream in self.sites


def write_card(path: Path, card: Card) -> None:
    """Write a card as a file that can be sent or carried."""
    plain = {
        "kind": _KIND,
        "key": card.public_key.hex(),
        "name": card.name[:MAX_NAME],
        "sites": [{"id": id_text(site), "name": name} for site, name in card.sites],
    }
    with disk_told(path):
        path.write_text(json.dumps(plain, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_card(key_or_file: str) -> Card:
    """A card from its file, or from a public key as 64 hexadecimal digits; `BadInput` when it is neither."""
    if _KEY.fullmatch(key_or_file.strip().lower()):
        return Card(bytes.fromhex(key_or_file.strip()))
    path = Path(key_or_file)
    if not path.is_file():
        raise NotFound(
            _("“{name}” is neither a file nor a public key.").format(name=key_or_file[:80]),
            _("Give the file that “ranger-app sync --card FILE” wrote, or the key's 64 digits."),
        )
    with disk_told(path), open(path, "rb") as source:
        plain = _json(source.read(MAX_CARD + 1))
    try:
        if plain["kind"] != _KIND or len(plain["sites"]) > MAX_SITES or not _KEY.fullmatch(plain["key"]):
            raise ValueError(plain)
        sites = tuple((parse_id(str(site["id"])), str(site["name"])[:MAX_NAME]) for site in plain["sites"])
        return Card(bytes.fromhex(plain["key"]), str(plain["name"])[:MAX_NAME], sites)
    except (KeyError, TypeError, ValueError, BadInput):
        raise BadInput(
            _("“{name}” is not the card of a laptop.").format(name=path.name),
            _("Have it written again: ranger-app sync --card FILE."),
        ) from None


class GuestList(ABC):
    """The laptops that a hub lets in. Nothing is remembered: each question is answered from where they are
    kept, so that what a keeper says counts from the next request on."""

    def allow(
        self, card: Card, *, name: str = "", sites: Sequence[Id] = (), all_sites: bool = False
    ) -> Admitted:
        """Let a laptop in to these sites, or to those on its card; what it was let in to before stays."""
        wanted = frozenset(sites) or frozenset(site for site, _name in card.sites)
        if not wanted and not all_sites:
            raise Refused(
                _("Say which site this laptop may exchange with the hub."),
                _("Add --site ID (see: ranger-app status --json), or --all-sites."),
            )
        before = self.find(replica_of(card.public_key))
        admitted = Admitted(
            card.public_key,
            (name or card.name or (before.name if before else ""))[:MAX_NAME],
            wanted | (before.sites if before else frozenset()),
            all_sites or (before is not None and before.all_sites),
        )
        self._keep(admitted)
        return admitted

    def forget(self, name_or_key: str) -> Admitted:
        """Let a laptop in no more, by its name, its key or the beginning of it; from its next request on."""
        wanted = name_or_key.strip()
        found = [
            one
            for one in self.all()
            if one.name == wanted or (len(wanted) >= 8 and one.public_key.hex().startswith(wanted.lower()))
        ]
        if len(found) != 1:
            raise NotFound(
                _("{n} laptops that are let in have this name or key.").format(n=len(found)),
                _("See: ranger-app hub admin list. Name it by its whole key."),
            )
        self._remove(found[0].replica)
        return found[0]

    def all(self) -> list[Admitted]:
        """Every laptop that is let in, by name."""
        found = [self.find(replica) for replica in self._replicas()]
        return sorted((one for one in found if one is not None), key=lambda one: (one.name, one.public_key))

    @abstractmethod
    def close(self) -> None:
        """Let go of where they are kept."""

    @abstractmethod
    def find(self, replica: bytes) -> Admitted | None:
        """The laptop with this replica, if it is let in."""

    @abstractmethod
    def _replicas(self) -> Sequence[bytes]: ...

    @abstractmethod
    def _keep(self, admitted: Admitted) -> None: ...

    @abstractmethod
    def _remove(self, replica: bytes) -> None: ...


class Admissions(GuestList):
    """The laptops that a hub with a folder lets in: a file for each."""

    def __init__(self, hub: Path) -> None:
        self._folder = hub / FOLDER

    def close(self) -> None:
        """Nothing is held."""

    def _replicas(self) -> list[bytes]:
        if not self._folder.is_dir():
            return []
        with disk_told(self._folder):
            names = [path.stem for path in self._folder.glob("*.json")]
        return [bytes.fromhex(name) for name in names if re.fullmatch(r"[0-9a-f]{32}", name)]

    def _remove(self, replica: bytes) -> None:
        with disk_told(self._folder):
            self._path(replica).unlink(missing_ok=True)
            flush_folder(self._folder)

    def find(self, replica: bytes) -> Admitted | None:
        """The laptop with this replica, if it is let in. A file that does not read lets nobody in."""
        try:
            with open(self._path(replica), "rb") as source:
                plain = _json(source.read(MAX_CARD + 1))
            found = Admitted(
                bytes.fromhex(plain["key"]),
                str(plain["name"]),
                frozenset(parse_id(site) for site in plain["sites"]),
                plain["all_sites"] is True,
            )
        except (OSError, KeyError, TypeError, ValueError, AttributeError, BadInput):
            return None
        return found if found.replica == replica else None

    def _path(self, replica: bytes) -> Path:
        if len(replica) != ID_BYTES:
            raise ValueError("a replica has sixteen bytes")
        return self._folder / f"{replica.hex()}.json"

    def _keep(self, admitted: Admitted) -> None:
        plain = {
            "key": admitted.public_key.hex(),
            "name": admitted.name,
            "sites": sorted(id_text(site) for site in admitted.sites),
            "all_sites": admitted.all_sites,
        }
        path = self._path(admitted.replica)
        with disk_told(self._folder):
            make_folder(self._folder)
            write_whole(path, json.dumps(plain, ensure_ascii=False, indent=2).encode())


def _json(untrusted: bytes) -> Any:
    if len(untrusted) > MAX_CARD:
        raise BadInput(_("This file is too long for a laptop's card."))
    try:
        return json.loads(untrusted)
    except (ValueError, RecursionError):
        raise BadInput(_("This file is not a laptop's card.")) from None
