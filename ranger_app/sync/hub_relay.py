"""What the hub hands on unread: records for a newer Ranger, and each laptop's word of how far it is."""

from __future__ import annotations

import hashlib

from ranger_app.domain.errors import BadInput
from ranger_app.storage import Workspace
from ranger_app.storage.carrying import streams_here
from ranger_app.storage.exchanging import find_stray, keep_strays, stray_hashes
from ranger_app.sync.heard import hear_of_word, own_word
from ranger_app.sync.hub_line import HubRefused
from ranger_app.sync.hub_talk import Talk
from ranger_app.sync.hub_wire import MAX_MESSAGE, MAX_WORD
from ranger_app.sync.stick_receipts import StickReceipt, read_stick_receipt

_HEAD = 64  # bytes around a payload, at most
_NOT_NOW = (404, 413, 507)
"""A hub of an earlier version, or one without room: such records also travel by stick."""


def relay_strays(workspace: Workspace, talk: Talk, stream: bytes) -> int:
    """Make both sides hold the same of them; how many moved. Whose they are cannot be seen, so a laptop that
    has several sites hands none on: another site's could be among them."""
    if streams_here(workspace) != [stream]:
        return 0
    try:
        there, here = talk.strays(stream), stray_hashes(workspace)
        sent = [
            sha256 for sha256 in here if sha256 not in set(there) and _send(workspace, talk, stream, sha256)
        ]
        fetched = [sha256 for sha256 in there if sha256 not in set(here)]
        for sha256 in fetched:
            _fetch(workspace, talk, stream, sha256)
    except HubRefused as refusal:
        if refusal.status not in _NOT_NOW:
            raise
        return 0
    return len(sent) + len(fetched)


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
    if found is None or len(found[1]) > MAX_MESSAGE - _HEAD:
        return False
    talk.send_stray(stream, sha256, *found)
    return True


def _fetch(workspace: Workspace, talk: Talk, stream: bytes, sha256: bytes) -> None:
    type_, payload = talk.stray(stream, sha256)
    if hashlib.sha256(payload).digest() == sha256:
        keep_strays(workspace, [(sha256, type_, payload)])
