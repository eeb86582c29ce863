"""Reads bundles: any parts, in any order, any number of times; nothing on a stick is believed unchecked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ranger_app.domain.errors import DiskTrouble, KnownError
from ranger_app.domain.ids import Id
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Work
from ranger_app.security.sealing import NotForUs, recipient_of
from ranger_app.storage import Workspace
from ranger_app.storage.exchanging import sites
from ranger_app.storage.faults import disk_told
from ranger_app.sync.frames import Frame
from ranger_app.sync.looking import Bundle, find_bundles, look_at
from ranger_app.sync.manifest import KEYS_NAME, NewerBundle, mark
from ranger_app.sync.recipients import opening_secrets
from ranger_app.sync.taking import BundleRead, Taker, all_here
from ranger_app.sync.unwrapping import FileRead, read_records

MAX_PART = 256 << 20  # bytes
TAKEN_AT_ONCE = 4 << 20
"""Bytes gathered before they are applied or kept, so that no bundle fills the memory."""


def read_bundles(workspace: Workspace, place: Path, work: Work, *, secrets: Sequence[str] = ()) -> BundleRead:
    """Take everything that is sound and new from every bundle at a place. `secrets` are opened with besides
    those of this laptop.

    A bundle from a newer version, or for other laptops, is left on the stick and the others are read; when
    there is no other, `NewerBundle` or `NotForUs` is raised. `DiskTrouble` when files found no room here;
    everything else was taken then.
    """
    result = BundleRead()
    joining = not workspace.has_site
    left: KnownError | None = None
    read: list[Bundle] = []
    for folder in find_bundles(place):
        try:
            read.append(_read_bundle(workspace, folder, work, result, secrets))
            result.bundles += 1
        except NewerBundle as error:
            left = error
            result.too_new += 1
        except NotForUs as error:
            left = left or error
            result.not_for_us.append(folder.name)
    if left is not None and not result.bundles:
        raise left
    if joining:
        result.joined = _join(workspace, read)
    result.differences = workspace.differences()
    if result.files_without_room:
        raise _no_room(result.files_without_room)
    return result


def need_one_that_opens(place: Path, secrets: Sequence[str]) -> None:
    """`NotForUs` when a laptop that belongs to no site could read none of the bundles at a place."""
    marks = {mark(recipient_of(one).encode()) for one in secrets}
    closed: KnownError | None = None
    for folder in find_bundles(place):
        try:
            bundle = look_at(folder, secrets)
        except NewerBundle as error:
            closed = error
            continue
        head = bundle.head
        if not (bundle.closed or (head and head.sealed)) or (head and marks.intersection(head.key_marks)):
            return
        closed = closed or why_closed(None, bundle)
    if closed is not None:
        raise closed


def _read_bundle(
    workspace: Workspace, folder: Path, work: Work, result: BundleRead, secrets: Sequence[str]
) -> Bundle:
    opening = [*secrets, *opening_secrets(workspace)]
    bundle = look_at(folder, opening)
    if KEYS_NAME in bundle.names and _read_part(workspace, bundle, KEYS_NAME, opening, work, result):
        # A key that is newer than those here may have come with the list of devices.
        opening = [*secrets, *opening_secrets(workspace)]
        bundle = look_at(folder, opening)
    expected = bundle.expected()
    closed = 0
    for n, name in enumerate(expected):
        work.tick(n, len(expected), f"{folder.name}/{name}")
        if all_here(workspace, bundle.contents(name)):
            continue
        before = result.damaged
        try:
            found = _read_part(workspace, bundle, name, opening, work, result)
        except NotForUs:
            closed += 1
            continue
        if result.damaged > before or not _as_listed(bundle, name, found):
            result.missing_parts.append(f"{folder.name}/{name}")
            with disk_told(folder):
                os.stat(folder)  # a part that does not read is damage; a stick that is gone is not
    if closed and closed == len([name for name in expected if name in bundle.names]):
        raise why_closed(workspace, bundle)
    result.damaged += closed
    if bundle.sealed_anew:
        result.sealed_anew.append(folder.name)
    result.unsealed += bundle.head is not None and not bundle.head.sealed
    return bundle


def _read_part(
    workspace: Workspace,
    bundle: Bundle,
    name: str,
    secrets: Sequence[str],
    work: Work,
    result: BundleRead,
) -> FileRead | None:
    """Take what is in one file of a bundle; None when it is not there or does not read."""
    path = bundle.names.get(name)
    if path is None:
        return None
    taker = Taker(workspace, result, at_once=TAKEN_AT_ONCE)
    plain_among_sealed = bundle.head is not None and bool(bundle.head.sealed)

    def take(found: Frame) -> None:
        work.tick(result.segments_new, None, name)
        taker.take(found)

    try:
        read = read_records(path, secrets, take, at_most=MAX_PART, sealed_only=plain_among_sealed)
    except OSError:  # the stick's; those of our own disk are told as such
        read = None
    except NotForUs:
        if name == KEYS_NAME:
            return None
        raise
    if read is None or read.damaged:
        result.damaged += read.damaged if read else 1
    taker.finish()
    return read


def _as_listed(bundle: Bundle, name: str, found: FileRead | None) -> bool:
    """Whether a part was read and, where the list says what it should be, is that."""
    if found is None or found.damaged:
        return False
    if bundle.manifest is None:
        return True
    part = bundle.part(name)
    return part is not None and (part.size_bytes, part.sha256) == (found.size_bytes, found.sha256)


def why_closed(workspace: Workspace | None, bundle: Bundle) -> NotForUs:
    """The sentence for a bundle that none of our keys opens."""
    site = bundle.head.site_mark if bundle.head else b""
    if workspace is None or not workspace.has_site:
        return NotForUs(
            _("Bundle {name} is sealed for the laptops of a site, and this one is not among them.").format(
                name=bundle.name
            ),
            _("Ask the site's administrator to let it join: ranger-app join DIR --request FILE."),
        )
    names = {mark(one.id): one.name for one in sites(workspace)}
    if site == mark(workspace.site_id):
        return NotForUs(
            _("Bundle {name} is sealed with a key of this site that this laptop does not hold.").format(
                name=bundle.name
            ),
            _(
                "If this laptop is not enrolled yet: ranger-app join DIR --request FILE. If it is, ask an "
                "administrator for a new answer, or for a bundle with its KEYS.RSB."
            ),
        )
    return NotForUs(
        _("Bundle {name} is sealed for the laptops of another site{which}.").format(
            name=bundle.name, which=f" ({names[site]})" if site in names else ""
        ),
        _("Carry it on to them; nothing of it can be read here."),
    )


def _join(workspace: Workspace, read: Sequence[Bundle]) -> str:
    """Make the sender's site the home of a workspace that has none."""
    known = {site.id: site for site in sites(workspace)}
    for bundle in read:
        if bundle.manifest is not None and Id(bundle.manifest.home) in known:
            workspace.settle_in(Id(bundle.manifest.home))
            return known[Id(bundle.manifest.home)].name
    if len(known) == 1:
        (site,) = known.values()
        workspace.settle_in(site.id)
        return site.name
    return ""


def _no_room(files: int) -> DiskTrouble:
    return DiskTrouble(
        ngettext(
            "There is no room on this laptop for {n} file of this bundle.",
            "There is no room on this laptop for {n} files of this bundle.",
            files,
        ).format(n=files),
        _("Free some space and read it again; all changes and the other files were taken."),
    )
