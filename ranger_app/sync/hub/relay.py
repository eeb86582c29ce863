"""What the hub hands on unread: records for a newer Ranger, and each laptop's word of how far it is."""

from __future__ import annotations

import hashlib

from ranger_app.domain.errors import BadInput
from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told
from ranger_app.storage.strays import MAX_STRAY, find_stray, keep_strays, stray_hashes
from ranger_app.sync.bundles.heard import hear_of_word, own_word
from ranger_app.sync.bundles.stick import free_bytes
from ranger_app.sync.bundles.stick_receipts import StickReceipt, read_stick_receipt
from ranger_app.sync.bundles.taking import KEPT_FREE
from ranger_app.sync.hub.line import HubRefused
from ranger_app.sync.hub.talk import Talk
from ranger_app.sync.hub.wire import MAX_WORD, stray_in

_NOT_NOW = (404, 413, 422, 507)
"""A hub of an earlier version, or one without room: such records also travel by stick."""


def relay_strays(workspace: Workspace, talk: Talk, stream: bytes) -> int:
    """Make both sides hold the same of them; how many moved. A laptop that has several sites hands on those
    of which it knows that they are of this one."""
    try:
        there, here = talk.strays(stream), stray_hashes(workspace, stream)
    except HubRefused as refusal:
        if refusal.status not in _NOT_NOW:
            raise
        return 0
    sent = sum(_send(workspace, talk, stream, one) for one in here if one not in set(there))
    return sent + sum(_fetch(workspace, talk, stream, one) for one in there if one not in set(here))


def exchange_words(workspace: Workspace, talk: Talk, stream: bytes) -> None:
    """Hear how far the site's other laptops have its feeds, and leave word of how far this one has them: what
    they hold need not be carried to them on a stick."""
    try:
        words = [word for raw in talk.words(stream) if (word := _word(raw, stream)) is not None]
        for word in words:
            hear_of_word(workspace, word)
        mine = own_word(workspace, stream, words)
        if mine is not None and len(mine) <= MAX_WORD:
            talk.send_word(stream, mine)
    except HubRefused as refusal:
        if refusal.status not in _NOT_NOW:
            raise


def _word(untrusted: bytes, stream: bytes) -> StickReceipt | None:
    try:
        word = read_stick_receipt(untrusted)
    except BadInput:
        return None
    return word if set(word.tips) <= {stream} else None


def _send(workspace: Workspace, talk: Talk, stream: bytes, sha256: bytes) -> bool:
    found = find_stray(workspace, sha256)
    if found is None:
        return False
    try:
        talk.send_stray(stream, sha256, *found)
    except HubRefused as refusal:
        if refusal.status not in _NOT_NOW:
            raise
        return False
    return True


def _fetch(workspace: Workspace, talk: Talk, stream: bytes, sha256: bytes) -> bool:
    """A long one goes on where an earlier exchange stopped."""
    part = workspace.cache / "hub" / f"{sha256.hex()}.stray"
    with disk_told(part):
        part.parent.mkdir(parents=True, exist_ok=True)
        if free_bytes(part.parent) < KEPT_FREE + 2 * MAX_STRAY:
            return False
        with workspace.files.growing(part) as sink:
            talk.fetch_stray(stream, sha256, sink)
            sink.seek(0)
            raw = sink.read()
        part.unlink()
    type_, payload = stray_in(raw)
    if hashlib.sha256(payload).digest() != sha256:
        return False
    return keep_strays(workspace, [(sha256, type_, payload)], site=stream) == 0
