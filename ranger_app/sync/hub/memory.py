"""What a workspace remembers of its hub: where it is, which key it showed, and how the last exchange went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import BadInput, DiskTrouble, Refused
from ranger_app.durable import write_whole
from ranger_app.storage.faults import disk_told
from ranger_app.sync.hub.address import checked_url
from ranger_app.sync.hub.wire import sized

_MAX_NOTE = 64 << 10  # bytes
_HUB, _LAST = "hub.json", "last.json"
MAX_REASONS = 20


@dataclass(frozen=True, slots=True)
class KnownHub:
    """The hub that a workspace goes to: its address, the key that it showed the first time (empty: it has
    not been talked to yet), and whether to go there without being asked."""

    url: str
    key: bytes = b""
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LastExchange:
    """How the last exchange with the hub went."""

    at: datetime
    """UTC."""
    confirmed: bool = False
    """The hub signed for everything that was here then."""
    failed: str = ""
    """Why it did not come to its end: a sentence."""
    way_out: str = ""
    code: str = ""
    """Of that failure."""
    reasons: tuple[str, ...] = ()
    """Why the hub has not signed for everything, although the exchange came to its end."""
    segments_sent: int = 0
    segments_received: int = 0
    files_sent: int = 0
    files_received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


def remembered(folder: Path) -> KnownHub | None:
    """The hub of the workspace in this folder. A note that does not read is as good as none."""
    plain = _read(folder, _HUB)
    try:
        key = bytes.fromhex(plain["key"])
        return KnownHub(
            checked_url(str(plain["url"])), sized(key, 32) if key else b"", plain.get("automatic") is True
        )
    except (ValueError, KeyError, TypeError, BadInput, Refused):
        return None


def remember(folder: Path, hub: KnownHub) -> None:
    """Keep the address and the key of the hub."""
    _write(folder, _HUB, {"url": hub.url, "key": hub.key.hex(), "automatic": hub.automatic})


def forget(folder: Path) -> None:
    """This workspace has no hub any more; the receipts that it gave stay."""
    with disk_told(folder):
        for name in (_HUB, _LAST):
            (folder / "hub" / name).unlink(missing_ok=True)


def last_exchange(folder: Path) -> LastExchange | None:
    """How the last exchange went, if there was one."""
    plain = _read(folder, _LAST)
    try:
        counts = {
            name: max(int(plain[name]), 0)
            for name in LastExchange.__slots__
            if name.endswith(("_sent", "_received"))
        }
        return LastExchange(
            at=datetime.fromisoformat(str(plain["at"])).astimezone(UTC),
            confirmed=plain["confirmed"] is True,
            failed=str(plain["failed"])[:1_000],
            way_out=str(plain["way_out"])[:1_000],
            code=str(plain["code"])[:100],
            reasons=tuple(str(one)[:500] for one in plain["reasons"][:MAX_REASONS]),
            **counts,
        )
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def note_exchange(folder: Path, last: LastExchange) -> None:
    """Keep how an exchange went; a full disk is no reason for it to fail."""
    plain = asdict(last) | {"at": last.at.isoformat(), "reasons": list(last.reasons[:MAX_REASONS])}
    with suppress(DiskTrouble):
        _write(folder, _LAST, plain)


def _read(folder: Path, name: str) -> Mapping[str, Any]:
    try:
        with open(folder / "hub" / name, "rb") as source:
            plain = json.loads(source.read(_MAX_NOTE))
    except (OSError, ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}


def _write(folder: Path, name: str, plain: Mapping[str, Any]) -> None:
    path = folder / "hub" / name
    with disk_told(path):
        path.parent.mkdir(exist_ok=True)
        write_whole(path, json.dumps(dict(plain)).encode())
