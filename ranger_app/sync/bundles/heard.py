"""What is known of the other laptops of a site: what each of them holds, and so what a stick has to carry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from ranger_app.domain.directory import Directory
from ranger_app.domain.members import Member
from ranger_app.domain.roles import OUTSIDE
from ranger_app.domain.sites import Device
from ranger_app.security.sealing import MAX_RECIPIENTS, seal
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.elsewhere import held_by_all, last_heard, note_heard, note_held
from ranger_app.storage.exchange.exchanging import Tip, Tips, tips
from ranger_app.sync.bundles.frames import RECEIPT, frame
from ranger_app.sync.bundles.looking import Bundle
from ranger_app.sync.bundles.stick import StickFolder, Write
from ranger_app.sync.bundles.stick_receipts import MOST_FILES, StickReceipt, free_name, receipt_bytes
from ranger_app.sync.people.chain import Chain


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the receivers of a bundle are known to hold already."""

    known: Tips
    held: Callable[[bytes], bool]


NOTHING_KNOWN = Lacking({}, lambda _sha256: False)


def lacking(workspace: Workspace, receivers: Collection[bytes] | None = None) -> Lacking:
    """What every one of the receivers is known to hold: all other devices of the site's own, if none are
    named; enrolled outsiders get bundles of their own.

    Nothing is known of the laptops of a site without a list of devices, or of a device that was never heard
    of: then everything goes along.
    """
    directory = Chain(workspace).directory()
    others = _others(workspace, directory, receivers) if directory is not None else []
    told = [last_heard(workspace, directory.incarnations(one)) for one in others] if directory else []
    if not told or None in told:
        return NOTHING_KNOWN
    sure = [one for one in told if one is not None]
    return Lacking(
        _in_all([said.get(workspace.site_id, {}) for _replica, said in sure], workspace.site_id),
        held_by_all(workspace, [replica for replica, _said in sure]),
    )


def _others(
    workspace: Workspace, directory: Directory, receivers: Collection[bytes] | None
) -> Sequence[Member]:
    mine = directory.member_of(workspace.keys.replica)
    return [
        one
        for one in directory.standing()
        if (one != mine and one.role not in OUTSIDE if receivers is None else one.replica in receivers)
    ]


def _in_all(feeds: Sequence[dict[bytes, Tip]], site: bytes) -> Tips:
    """How far all of them have each feed."""
    common = set.intersection(*(set(one) for one in feeds))
    return {site: {replica: min(one[replica] for one in feeds) for replica in common}}


def hear_of_bundle(workspace: Workspace, bundle: Bundle) -> None:
    """Note what the writer of a bundle holds, if it is one of the site's devices and signed for it."""
    manifest = bundle.manifest
    if manifest is None or not _counts(workspace, manifest.sender):
        return
    note_heard(workspace, manifest.sender, manifest.at, manifest.tips)
    for part in manifest.parts:
        contents = bundle.contents(part.name)
        if contents is not None:
            note_held(workspace, manifest.sender, contents.files)


def hear_of_receipt(workspace: Workspace, bundle: Bundle, receipt: StickReceipt) -> bool:
    """Note what the signer of a receipt holds; whether it is one of the site's devices."""
    if not _counts(workspace, receipt.receiver):
        return False
    note_heard(workspace, receipt.receiver, receipt.at, receipt.tips)
    for name in receipt.taken:
        contents = bundle.contents(name)
        if contents is not None:
            note_held(workspace, receipt.receiver, contents.files)
    note_held(workspace, receipt.receiver, receipt.files)
    return True


def hear_of_word(workspace: Workspace, word: StickReceipt) -> bool:
    """Note how far the signer of a word says it has every feed; whether it is one of the site's devices."""
    if not _counts(workspace, word.receiver):
        return False
    note_heard(workspace, word.receiver, word.at, word.tips)
    return True


def own_word(workspace: Workspace, stream: bytes, signed_before: Iterable[StickReceipt]) -> bytes | None:
    """What this laptop signs of how far it has a site's feeds, for those who reach it by other ways than a
    stick; None when it has signed for just that before."""
    here = {s: feeds for s, feeds in tips(workspace).items() if s == stream}
    ours = [one for one in signed_before if one.receiver == workspace.keys.replica]
    if any(one.tips == here for one in ours):
        return None
    word = StickReceipt(
        bundle="",
        receiver=workspace.keys.replica,
        at=workspace.clock.tick(),
        tips=here,
        taken=(),
        complete=True,
    )
    return receipt_bytes(word, workspace.keys)


def leave_receipt(workspace: Workspace, bundle: Bundle, taken: Sequence[str], own: str | None) -> None:
    """Leave our receipt on the stick, sealed as the bundle is, and to the park, if it was for enrolled
    outsiders as we are; `own` is the name of an earlier one of ours. `DiskTrouble` when the stick cannot be
    written to."""
    name = free_name(bundle, own)
    if name is None or bundle.manifest is None:
        return
    recipients, park = bundle.manifest.recipients, _park_key(workspace)
    files: tuple[bytes, ...] = ()
    if recipients and park is not None and park not in recipients:
        recipients = (*recipients[: MAX_RECIPIENTS - 1], park)
        parts = filter(None, map(bundle.contents, taken))
        files = tuple(islice((one for part in parts for one in part.files), MOST_FILES))
    receipt = StickReceipt(
        bundle=bundle.name,
        receiver=workspace.keys.replica,
        at=workspace.clock.tick(),
        tips={s: feeds for s, feeds in tips(workspace).items() if s == workspace.site_id},
        taken=tuple(taken),
        complete=len(taken) == len(bundle.expected()),
        files=files,
    )
    signed = frame(RECEIPT, receipt_bytes(receipt, workspace.keys))
    sealed = seal(signed, recipients) if recipients else signed

    def fill(write: Write) -> None:
        write(sealed)

    StickFolder(bundle.folder).put(name, fill)


def _park_key(workspace: Workspace) -> str | None:
    """The public half of the park's newest group key, if this is an enrolled outsider's laptop: then the park
    could not open a receipt that is sealed as the bundle is."""
    directory = Chain(workspace).directory()
    mine = directory.member_of(workspace.keys.replica) if directory is not None else None
    if directory is None or mine is None or mine.role not in OUTSIDE:
        return None
    return directory.groups[-1]


def laptop_name(workspace: Workspace, replica: bytes) -> str:
    """What a laptop is called here."""
    directory = Chain(workspace).directory()
    member = directory.member_of(replica) if directory is not None else None
    if member is not None:
        return member.name
    with workspace.reading() as data:
        names = [one.name for one in data.find(Device) if one.replica == replica]
    return names[0] if names else replica.hex()[:12]


def _counts(workspace: Workspace, replica: bytes) -> bool:
    """Whether this is another laptop that may belong here: one of the devices, where there is a list."""
    if replica == workspace.keys.replica:
        return False
    directory = Chain(workspace).directory()
    member = directory.member_of(replica) if directory is not None else None
    return directory is None or (member is not None and member.role is not None)
