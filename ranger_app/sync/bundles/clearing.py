"""Our own bundles on a stick: who has signed for them, and clearing those away that somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import Refused
from ranger_app.domain.roles import OUTSIDE
from ranger_app.i18n import _
from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.heard import laptop_name
from ranger_app.sync.bundles.looking import Bundle, bundles_at, look_at
from ranger_app.sync.bundles.manifest import HEAD_NAME, KEYS_NAME, MANIFEST_NAME, NewerBundle, is_part_name
from ranger_app.sync.bundles.recipients import opening_secrets
from ranger_app.sync.bundles.stick_receipts import is_receipt_name, receipts_on
from ranger_app.sync.people.chain import Chain


@dataclass(frozen=True, slots=True)
class OwnBundle:
    """A bundle of this laptop that lies on a stick."""

    folder: Path
    bundle: str
    bytes: int
    signed_by: tuple[str, ...]
    """Laptops that hold all of it, by their own signature."""
    waiting_for: tuple[str, ...]
    """Devices of the site that have not said so."""


def own_bundles(workspace: Workspace, place: Path) -> list[OwnBundle]:
    """The bundles of this laptop at a place."""
    secrets, found = opening_secrets(workspace), []
    for folder in bundles_at(place):
        try:
            bundle = look_at(folder, secrets)
        except NewerBundle:
            continue
        if bundle.is_of(workspace.keys.replica):
            found.append(_own(workspace, bundle, secrets))
    return found


def clear_bundle(workspace: Workspace, folder: Path) -> int:
    """Delete a bundle of this laptop from its stick; the bytes that this frees. `Refused` unless another
    laptop has signed that it holds all of it. Nothing is deleted that Ranger does not write."""
    bundle = next(iter(own_bundles(workspace, folder)), None)
    if bundle is None or not bundle.signed_by:
        raise Refused(
            _("Bundle {name} stays: no other laptop has signed for it yet.").format(name=folder.name),
            _("Take the stick to the others, and read it here when it has come back."),
        )
    with disk_told(folder):
        # The list goes last: while it is there it can be seen what is gone.
        for path in sorted(folder.iterdir(), key=lambda one: (one.name.upper() == MANIFEST_NAME, one.name)):
            if _is_ours(path.name.upper()) and path.is_file() and not path.is_symlink():
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    return bundle.bytes


def _own(workspace: Workspace, bundle: Bundle, secrets: list[str]) -> OwnBundle:
    counted = {r.receiver for _name, r in receipts_on(bundle, secrets) if r.complete}
    directory = Chain(workspace).directory()
    waiting: list[str] = []
    if directory is not None:
        signed = [one for r in counted if (one := directory.member_of(r)) is not None]
        mine = directory.member_of(workspace.keys.replica)
        standing = directory.standing()
        is_outside = bundle.is_for(directory.outside)
        standing = [one for one in standing if (one.role in OUTSIDE) == is_outside]
        counted = {r for r in counted if directory.member_of(r) in standing}
        waiting = [one.name for one in standing if one != mine and one not in signed]
    with disk_told(bundle.folder):
        size = sum(path.stat().st_size for path in bundle.names.values() if path.is_file())
    names = sorted(laptop_name(workspace, replica) for replica in counted - {workspace.keys.replica})
    return OwnBundle(bundle.folder, bundle.name, size, tuple(names), tuple(waiting))


def _is_ours(name: str) -> bool:
    return name in (HEAD_NAME, KEYS_NAME, MANIFEST_NAME) or is_part_name(name) or is_receipt_name(name)
