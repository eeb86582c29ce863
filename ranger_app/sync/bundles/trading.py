"""What a person does with a stick, in two steps: look at it, then take and give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ranger_app.domain.errors import KnownError, Refused
from ranger_app.jobs import Work
from ranger_app.security.sealing import NotForUs
from ranger_app.sync.bundles.cargo import Originals
from ranger_app.sync.bundles.clearing import OwnBundle
from ranger_app.sync.bundles.looking import bundles_at
from ranger_app.sync.bundles.manifest import NewerBundle
from ranger_app.sync.bundles.showing import BundleShown, acquaintance, show_bundle
from ranger_app.sync.bundles.taking import BundleRead
from ranger_app.sync.bundles.writing import BundleWritten, Plan

if TYPE_CHECKING:
    from ranger_app.storage import Workspace


class Carrier(Protocol):
    """What reads and writes sticks."""

    def plan(self, target: Path, work: Work) -> Plan: ...
    def own(self, place: Path) -> list[OwnBundle]: ...
    def read(self, place: Path, work: Work, *, secrets: Sequence[str]) -> BundleRead: ...
    def write(self, target: Path, work: Work, *, originals: Originals) -> BundleWritten: ...


@dataclass(frozen=True, slots=True)
class StickSeen:
    """What is on a stick, and what would be put on it. Nothing was taken or written to see this."""

    place: Path
    bundles: tuple[BundleShown, ...]
    own: tuple[OwnBundle, ...]
    too_new: int
    """Bundles that only a newer version can read."""
    plan: Plan | None
    why_not: str = ""
    """Why nothing can be written, where that is so."""

    @property
    def to_take(self) -> bool:
        """Whether there is something of others on it that opens here and may be new."""
        return any(one.opens and not one.ours and one.new_here is not False for one in self.bundles)

    @property
    def closed(self) -> bool:
        """Whether there is something sealed on it that does not open here."""
        return any(one.sealed and not one.opens for one in self.bundles)

    @property
    def to_read(self) -> bool:
        """Whether reading it can bring anything: something new, or receipts for what was given."""
        return self.to_take or bool(self.own)

    @property
    def to_give(self) -> bool:
        """Whether there is something here that others are not known to have."""
        return self.plan is not None and self.plan.weight.something

    @property
    def to_clear(self) -> tuple[OwnBundle, ...]:
        """Bundles of ours that somebody has signed for."""
        return tuple(one for one in self.own if one.signed_by)


@dataclass(frozen=True, slots=True)
class Traded:
    """What moved, in both directions."""

    read: BundleRead | None
    written: BundleWritten | None
    left: str = ""
    """Why nothing on the stick could be read, where that is so."""


def glance_at_stick(exchange: Carrier, workspace: Workspace, place: Path, work: Work) -> StickSeen:
    """What a stick holds; what would be written to it is not worked out."""
    who, shown, too_new = acquaintance(workspace), [], 0
    for folder in bundles_at(place):
        try:
            shown.append(show_bundle(folder, who, work))
        except NewerBundle:
            too_new += 1
    return StickSeen(place, tuple(shown), tuple(exchange.own(place)), too_new, None)


def look_at_stick(exchange: Carrier, workspace: Workspace, place: Path, work: Work) -> StickSeen:
    """What a stick holds and what would be written to it."""
    seen = glance_at_stick(exchange, workspace, place, work)
    plan, why_not = None, ""
    try:
        plan = exchange.plan(place, work)
    except KnownError as error:
        why_not = f"{error.text} {error.what_to_do}"
    return replace(seen, plan=plan, why_not=why_not)


def trade(
    exchange: Carrier,
    place: Path,
    work: Work,
    *,
    take: bool,
    give: bool,
    originals: Originals,
    secrets: Sequence[str] = (),
) -> Traded:
    """Take what is on a stick, then give what the others lack: what just came shows what need not go.
    `secrets` open besides those of this laptop."""
    read, written, left = None, None, ""
    if take and bundles_at(place):
        try:
            read = exchange.read(place, work, secrets=secrets)
        except (NotForUs, NewerBundle) as error:
            if not give:
                raise
            left = f"{error.text} {error.what_to_do}"
    if give:
        try:
            if exchange.plan(place, work).weight.something:
                written = exchange.write(place, work, originals=originals)
        except Refused as error:
            if read is None:
                raise
            left = f"{error.text} {error.what_to_do}"
    return Traded(read, written, left)
