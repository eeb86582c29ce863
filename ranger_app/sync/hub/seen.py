"""What is known here of the workspace's hub without asking it, and what of this laptop it has signed for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ranger_app.security.keys import replica_of
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.carrying import NOTHING, Reaches, reaches, streams_here
from ranger_app.sync.hub.address import checked_url
from ranger_app.sync.hub.memory import (
    KnownHub,
    LastExchange,
    forget,
    last_exchange,
    remember,
    remembered,
)
from ranger_app.sync.hub.receipts import Receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSeen:
    """The hub of a workspace."""

    url: str = ""
    """Empty: it has none."""
    automatic: bool = False
    last: LastExchange | None = None
    signed_at: datetime | None = None
    """When the hub last signed for changes of every site that is here (UTC); None when it never has."""
    unsigned: int = 0
    """Segments of changes that are here and that it has not signed for."""


def see_hub(workspace: Workspace) -> HubSeen:
    """The hub as its notes and receipts in the workspace's folder have it."""
    known = remembered(workspace.folder)
    if known is None:
        return HubSeen(last=last_exchange(workspace.folder))
    receipts = Receipts(workspace.folder, replica_of(known.key)) if known.key else None
    times: list[int | None] = []
    unsigned = 0
    for stream in streams_here(workspace):
        receipt = receipts.changes(stream) if receipts else None
        times.append(receipt.at_ms if receipt else None)
        unsigned += _beyond(reaches(workspace, stream), receipt.reaches if receipt else {})
    signed = [at_ms for at_ms in times if at_ms is not None]
    return HubSeen(
        url=known.url,
        automatic=known.automatic,
        last=last_exchange(workspace.folder),
        signed_at=datetime.fromtimestamp(min(signed) / 1_000, UTC)
        if signed and len(signed) == len(times)
        else None,
        unsigned=unsigned,
    )


def _beyond(here: Reaches, signed: Reaches) -> int:
    return sum(max(reach.upto - signed.get(replica, NOTHING).upto, 0) for replica, reach in here.items())


def set_hub(folder: Path, *, url: str | None = None, automatic: bool | None = None) -> None:
    """Remember an address (empty: no hub any more), and whether to go there without being asked."""
    known = remembered(folder)
    if url == "":
        forget(folder)
        return
    if url is not None:
        address = checked_url(url)
        if known is None or known.url != address:
            known = KnownHub(address, automatic=bool(known and known.automatic))
    if known is not None:
        remember(folder, known if automatic is None else replace(known, automatic=automatic))
