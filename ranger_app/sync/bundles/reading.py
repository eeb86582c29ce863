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
from ranger_app.storage.exchange.exchanging import sites
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.frames import Frame
from ranger_app.sync.bundles.heard import hear_of_bundle, hear_of_receipt, laptop_name, leave_receipt
from ranger_app.sync.bundles.keeping import Keeping
from ranger_app.sync.bundles.looking import Bundle, find_bundles, look_at, stick_of
from ranger_app.sync.bundles.manifest import KEYS_NAME, NewerBundle, mark
from ranger_app.sync.bundles.recipients import opening_secrets
from ranger_app.sync.bundles.stick_receipts import receipts_on
from ranger_app.sync.bundles.taking import BundleRead, Taker, all_here
from ranger_app.sync.bundles.unwrapping import FileRead, read_records
from ranger_app.sync.people.chain import Chain

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
    with Keeping(workspace) as keeping:
        reader = _Reader(workspace, result, keeping, secrets, work)
        waiting = find_bundles(place)
        closed: list[tuple[Path, NotForUs]] = []
        keys: list[str] | None = None
        while waiting and keys != reader.keys():
            # Once more when one bundle brought keys: they may open another that stands before it.
            keys, closed = reader.keys(), []
            for folder in waiting:
                try:
                    read.append(reader.read(folder))
                    result.bundles += 1
                except NewerBundle as error:
                    left = error
                    result.too_new += 1
                except NotForUs as error:
                    closed.append((folder, error))
            waiting = [folder for folder, _error in closed]
        for folder, told in closed:
            if reader.hear_of_closed(folder):
                result.bundles += 1
                continue
            left = left or told
            result.not_for_us.append(folder.name)
    if left is not None and not result.bundles:
        raise left
    if joining:
        result.joined = _join(workspace, read)
    reader.receipts()
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


class _Reader:
    """Reads one bundle after the other into a workspace."""

    def __init__(
        self,
        workspace: Workspace,
        result: BundleRead,
        keeping: Keeping,
        secrets: Sequence[str],
        work: Work,
    ) -> None:
        self._workspace = workspace
        self._result = result
        self._keeping = keeping
        self._more = list(secrets)
        self._work = work
        self._secrets = self.keys()
        self._taken: list[tuple[Bundle, list[str]]] = []
        """Bundles with the parts of which all is here."""

    def read(self, folder: Path) -> Bundle:
        """Take all that is new and sound; `NotForUs` when nothing of it opens."""
        bundle = look_at(folder, self._secrets)
        if KEYS_NAME in bundle.names and self._part(bundle, KEYS_NAME):
            # A key that is newer than those here may have come with the list of devices.
            self._secrets = self.keys()
            bundle = look_at(folder, self._secrets)
        taken: list[str] = []
        closed = sum(self._is_closed(bundle, *numbered, taken) for numbered in enumerate(bundle.expected()))
        if closed and closed == sum(name in bundle.names for name in bundle.expected()):
            raise why_closed(self._workspace, bundle)
        self._result.damaged += closed
        if bundle.sealed_anew:
            self._result.sealed_anew.append(folder.name)
        self._result.unsealed += bundle.head is not None and not bundle.head.sealed
        self._taken.append((bundle, taken))
        return bundle

    def hear_of_closed(self, folder: Path) -> bool:
        """Take note of the receipts on a bundle that is sealed for others, as those of the site's enrolled
        outsiders are; whether this laptop wrote it."""
        bundle = look_at(folder, self._secrets)
        ours = bundle.is_of(self._workspace.keys.replica)
        self._note_receipts(bundle, ours=ours)
        return ours

    def keys(self) -> list[str]:
        """What this laptop can open bundles with by now."""
        return [*self._more, *opening_secrets(self._workspace)]

    def receipts(self) -> None:
        """Take note of what others have signed for, and leave our own receipts on the stick."""
        for bundle, taken in self._taken:
            self._receipts(bundle, taken)

    def _receipts(self, bundle: Bundle, taken: list[str]) -> None:
        hear_of_bundle(self._workspace, bundle)
        ours = bundle.is_of(self._workspace.keys.replica)
        own = self._note_receipts(bundle, ours=ours)
        if not ours and bundle.manifest is not None and self._workspace.has_site:
            try:
                leave_receipt(self._workspace, bundle, taken, own)
                self._result.receipts_left += 1
            except DiskTrouble:
                self._result.receipts_refused += 1

    def _note_receipts(self, bundle: Bundle, *, ours: bool) -> str | None:
        """Take note of what others have signed for; the name of an earlier receipt of our own."""
        own = None
        for name, receipt in receipts_on(bundle, self._secrets):
            if receipt.receiver == self._workspace.keys.replica:
                own = name
            elif hear_of_receipt(self._workspace, bundle, receipt) and ours and receipt.complete:
                self._result.receipts.append(laptop_name(self._workspace, receipt.receiver))
        return own

    def _is_closed(self, bundle: Bundle, n: int, name: str, taken: list[str]) -> bool:
        """Take one part, unless it is sealed for others, and note it when all of it is here."""
        folder, result = bundle.folder, self._result
        self._work.tick(n, len(bundle.expected()), f"{folder.name}/{name}")
        if all_here(self._workspace, bundle.contents(name)):
            taken.append(name)
            return False
        before, without_room = result.damaged, result.files_without_room
        try:
            found = self._part(bundle, name)
        except NotForUs:
            return True
        if result.damaged > before or not _as_listed(bundle, name, found):
            result.missing_parts.append(f"{folder.name}/{name}")
            with disk_told(stick_of(folder)):
                os.stat(folder)  # a part that does not read is damage; a stick that is gone is not
        elif result.files_without_room == without_room:
            taken.append(name)
        return False

    def _part(self, bundle: Bundle, name: str) -> FileRead | None:
        """Take what is in one file of a bundle; None when it is not there or does not read."""
        path = bundle.names.get(name)
        if path is None:
            return None
        sealed_only = bundle.head is not None and bool(bundle.head.sealed)
        # What is sealed is of one site, and its list is signed within the seal.
        site = bundle.manifest.home if sealed_only and bundle.manifest else None
        taker = Taker(self._workspace, self._result, self._keeping, at_once=TAKEN_AT_ONCE, site=site)

        def take(found: Frame) -> None:
            self._work.tick(self._result.segments_new, None, name)
            taker.take(found)

        try:
            read = read_records(path, self._secrets, take, at_most=MAX_PART, sealed_only=sealed_only)
        except OSError:  # the stick's; those of our own disk are told as such
            read = None
        except NotForUs:
            if name == KEYS_NAME:
                return None
            raise
        if read is None or read.damaged:
            self._result.damaged += read.damaged if read else 1
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
    if site == mark(workspace.site_id) and _is_shut_out(workspace):
        return NotForUs(
            _("This laptop was shut out of its site, and bundles from then on do not open here."),
            _("What is written on it is kept. Ask the site's administrator, who may enrol it again."),
        )
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


def _is_shut_out(workspace: Workspace) -> bool:
    directory = Chain(workspace).directory()
    member = directory.member_of(workspace.keys.replica) if directory else None
    return member is not None and member.role is None


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
