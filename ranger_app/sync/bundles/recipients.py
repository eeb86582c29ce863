"""Whom a bundle is sealed to, and with what this laptop opens those of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.i18n import _
from ranger_app.security.entries import SignedEntry
from ranger_app.security.sealing import MAX_RECIPIENTS, is_recipient
from ranger_app.security.succession import read_succession, successions
from ranger_app.storage import Workspace
from ranger_app.storage.changes.directories import maker_of
from ranger_app.storage.exchange.exchanging import directory_entries
from ranger_app.storage.faults import disk_told
from ranger_app.storage.opening import DEVICE_FOLDER
from ranger_app.sync.people.chain import Chain, came_in_from_outside, outsiders_of

OUTSIDE_KEYS_TRIED = 4
"""Of the keys of those outside, as many of the newest: each who comes or goes brings another."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the bundles of a site are closed. Without `recipients` they are open to whoever has the stick."""

    recipients: tuple[str, ...]
    """The site's newest group key, and the key of its recovery sheet."""
    earlier: tuple[str, ...]
    """These and the group keys before: those who missed a new key can open the list of devices, in which it
    is sealed for each of them."""
    entries: tuple[SignedEntry, ...]
    version: int


def sealing_of(workspace: Workspace) -> Sealing:
    """How this laptop closes a bundle.

    A site with a list of devices has a group key, and nothing of it leaves unsealed. The laptop that made a
    site begins the list when its workspace is protected. Only a workspace that somebody made without a
    passphrase writes unsealed bundles, and only until its site has a list.
    """
    chain = Chain(workspace)
    directory = chain.directory()
    if directory is None and workspace.keys.database_key is None:
        return Sealing((), (), tuple(directory_entries(workspace)), 0)
    if directory is None:
        with workspace.reading_raw() as database:
            maker = maker_of(database, workspace.site_id)
        if maker not in _own_replicas(workspace):
            raise Refused(
                _("This laptop has no key yet to seal bundles of this site with."),
                _(
                    "Have it enrolled by the laptop that made the site: ranger-app join DIR --request FILE. "
                    "Nothing leaves a protected workspace unsealed."
                ),
            )
        directory = chain.begun()
    sheet = [directory.recovery_recipient] if directory.recovery_recipient else []
    groups = list(reversed(directory.groups))
    # Who was an outsider finds the park's keys in the list of devices, and could open it with these alone.
    came_in = directory.outside[-OUTSIDE_KEYS_TRIED:] if came_in_from_outside(directory) else ()
    return Sealing(
        recipients=(groups[0], *sheet),
        earlier=(*groups[: MAX_RECIPIENTS - len(sheet) - len(came_in)], *sheet, *came_in),
        entries=tuple(chain.entries()),
        version=directory.version,
    )


def will_be_sealed(workspace: Workspace) -> bool:
    """Whether a bundle of this workspace is sealed. Asking makes no keys."""
    return workspace.keys.database_key is not None or Chain(workspace).directory() is not None


def sealing_for(workspace: Workspace, outsiders: Sequence[str]) -> Sealing:
    """How a bundle for people outside the site is closed: to their own keys, and to no key of the site. There
    has to be one, so that no bundle of the site's own is ever taken for the rest of such a one."""
    if not outsiders:
        raise Refused(
            _("Say for whom outside the site this bundle is."), _("Give the public key that they sent.")
        )
    if len(outsiders) > MAX_RECIPIENTS:
        raise Refused(
            _("A bundle is sealed to {n} keys at most.").format(n=MAX_RECIPIENTS),
            _("Write another one for the others; several bundles go on one stick."),
        )
    for one in outsiders:
        if not is_recipient(one):
            raise BadInput(
                _("“{key}” is not a key that a bundle can be sealed to.").format(key=one[:80]),
                _("Ask for the public key again; it begins with age1."),
            )
    entries, directory = tuple(directory_entries(workspace)), Chain(workspace).directory()
    if directory is not None and tuple(outsiders) == directory.outside[-1:]:
        # Those who missed a new key find it in the list of devices.
        earlier = tuple(reversed(directory.outside))[:MAX_RECIPIENTS]
        return Sealing(tuple(outsiders), earlier, entries, directory.version)
    return Sealing(tuple(outsiders), tuple(outsiders), entries, 0)


def key_of_outsiders(workspace: Workspace) -> str | None:
    """What a bundle for the enrolled outsiders of the site is sealed to; None while there are none."""
    directory = Chain(workspace).directory()
    if directory is None or not directory.outside or not outsiders_of(directory):
        return None
    return directory.outside[-1]


def _own_replicas(workspace: Workspace) -> set[bytes]:
    """This laptop under its present key, and under those that it had before it was restored."""
    before = successions(workspace.folder / DEVICE_FOLDER)
    return {workspace.keys.replica, *(read_succession(one).before for one in before)}


def opening_secrets(workspace: Workspace) -> list[str]:
    """The secrets of all group keys that this laptop holds, newest first."""
    chain = Chain(workspace)
    if not chain.entries():
        return []
    with disk_told(workspace.folder):
        return chain.group_secrets()[::-1]
