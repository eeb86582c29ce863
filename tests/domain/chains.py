"""Chains of entries for the tests of directories: signatures are names, so that no keys are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ranger_app.domain.directory import (
    ENROL,
    FOUND,
    RECOVERY_KEY,
    REVOKE,
    ROLE,
    Directory,
    Entry,
    Followed,
    follow,
    replica_of,
)
from ranger_app.domain.roles import ADMINISTRATOR

SITE = b"demo site 000001"


def key(name: str) -> bytes:
    """The public key of a laptop of this name."""
    return hashlib.sha256(name.encode()).digest()


def replica(name: str) -> bytes:
    return replica_of(key(name))


def device(name: str) -> dict[str, Any]:
    return {"key": key(name), "recipient": f"age1{name}", "name": name}


def entry(
    after: Entry | None, signer: str, kind: str, content: Mapping[str, Any], *, at_ms: int = 1, **odd: Any
) -> Entry:
    """An entry after another one. `odd` replaces what an honest writer would have put."""
    fields: dict[str, Any] = {
        "site": SITE,
        "number": after.number + 1 if after else 1,
        "previous": after.hash if after else b"",
        "signer": replica(signer),
        "at_ms": at_ms,
        "kind": kind,
        "content": dict(content),
    } | odd
    return Entry(hash=hashlib.sha256(repr(sorted(fields.items())).encode()).digest(), **fields)


def found(name: str = "office", *, accepted: Mapping[bytes, int] | None = None) -> Entry:
    content = {"device": device(name), "accepted": dict(accepted or {}), "group": "age1group"}
    return entry(None, name, FOUND, content)


def enrol(after: Entry, name: str, *, role: str = ADMINISTRATOR, by: str = "office") -> Entry:
    return entry(after, by, ENROL, {"device": device(name), "role": role})


def give_role(after: Entry, name: str, role: str, *, after_number: int, by: str = "office") -> Entry:
    return entry(
        after, by, ROLE, {"replica": replica(name), "role": role, "after": {replica(name): after_number}}
    )


def revoke(after: Entry, name: str, *, up_to: int = 0, by: str = "office") -> Entry:
    return entry(after, by, REVOKE, {"replica": replica(name), "accept_up_to": {replica(name): up_to}})


def sheet(after: Entry, name: str = "sheet", *, by: str = "office") -> Entry:
    return entry(after, by, RECOVERY_KEY, {"key": key(name), "recipient": f"age1{name}"})


def followed(*entries: Entry, forged: tuple[Entry, ...] = ()) -> Followed:
    """What these entries come to; the first of them is the root. Those in `forged` are not signed."""
    result = follow(entries, entries[0].hash, lambda k, one: one not in forged and signed(k, one))
    assert result is not None
    return result


def directory(*entries: Entry) -> Directory:
    return followed(*entries).directory


def signed(public_key: bytes, one: Entry) -> bool:
    """A signature is the signer's name."""
    return replica_of(public_key) == one.signer
