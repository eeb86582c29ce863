"""Receipts on a stick: what a laptop took from a bundle, signed, for the way back to whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.domain.people import is_bytes
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys, genuine, replica_of
from ranger_app.security.sealing import NotForUs
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.exchange.exchanging import Tips
from ranger_app.sync.bundles.frames import RECEIPT, Frame
from ranger_app.sync.bundles.looking import Bundle
from ranger_app.sync.bundles.manifest import MAX_PARTS, is_part_name, tips_in, tips_out
from ranger_app.sync.bundles.unwrapping import read_records

MAX_RECEIPT = 4 << 20  # bytes
MOST_FILES = 50_000
"""Files named in a receipt; of more than these it is not told that they came."""
MOST = 99
"""Receipts on one bundle."""
_NAME = re.compile(r"RCPT-[1-9][0-9]?\.RSB")
_PURPOSE = "ranger stick receipt v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StickReceipt:
    """What one laptop has of one bundle, and of everything."""

    bundle: str
    receiver: bytes
    at: int
    """Its hybrid stamp."""
    tips: Tips
    taken: tuple[str, ...]
    """The parts of which it holds all that is in them."""
    complete: bool
    """These are all parts."""
    files: tuple[bytes, ...] = ()
    """SHA-256 of the files in them, where the list of contents is closed to those whom it is for."""


def receipt_name(number: int) -> str:
    """An 8.3 name, from 1 to `MOST`."""
    return f"RCPT-{number}.RSB"


def is_receipt_name(name: str) -> bool:
    """Whether this is a name that `receipt_name` gives."""
    return _NAME.fullmatch(name) is not None


def receipt_bytes(receipt: StickReceipt, keys: DeviceKeys) -> bytes:
    """The signed receipt as the payload of its record: CBOR `[public key, text, signature]`."""
    text = cbor2.dumps(
        {
            "purpose": _PURPOSE,
            "bundle": receipt.bundle,
            "receiver": receipt.receiver,
            "at": receipt.at,
            "tips": tips_out(receipt.tips),
            "taken": list(receipt.taken),
            "complete": receipt.complete,
            **({"files": list(receipt.files)} if receipt.files else {}),
        },
        canonical=True,
    )
    return cbor2.dumps([keys.public_key, text, keys.sign(text)], canonical=True)


def read_stick_receipt(untrusted: bytes) -> StickReceipt:
    """A receipt from bytes of any origin; `BadInput` unless its receiver signed it."""
    try:
        public_key, text, signature = read_cbor(untrusted, depth=2)
        if type(public_key) is not bytes or len(public_key) != 32 or type(text) is not bytes:
            raise ValueError(public_key)
        if type(signature) is not bytes or not genuine(public_key, text, signature):
            raise ValueError(signature)
        said: Any = read_cbor(text, depth=6)
        taken, at, files = said["taken"], said["at"], said.get("files", [])
        if said["purpose"] != _PURPOSE or said["receiver"] != replica_of(public_key):
            raise ValueError(said["purpose"])
        if type(taken) is not list or len(taken) > MAX_PARTS or not all(map(_is_part, taken)):
            raise ValueError(taken)
        if type(files) is not list or len(files) > MOST_FILES or not all(is_bytes(one, 32) for one in files):
            raise ValueError(files)
        if type(at) is not int or not 0 <= at < 1 << 63 or type(said["bundle"]) is not str:
            raise ValueError(at)
        return StickReceipt(
            bundle=said["bundle"],
            receiver=said["receiver"],
            at=at,
            tips=tips_in(said["tips"]),
            taken=tuple(taken),
            complete=said["complete"] is True,
            files=tuple(files),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadInput(_("A receipt on the stick does not read as it should.")) from None


def receipts_on(bundle: Bundle, secrets: Sequence[str]) -> Iterator[tuple[str, StickReceipt]]:
    """The genuine receipts that lie in a bundle's folder and are for it, with the names of their files."""
    for name in sorted(filter(is_receipt_name, bundle.names)):
        found: list[StickReceipt] = []

        def take(record: Frame, found: list[StickReceipt] = found) -> None:
            if record.type == RECEIPT:
                found.append(read_stick_receipt(record.payload))

        try:
            read_records(bundle.names[name], secrets, take, at_most=MAX_RECEIPT)
        except (OSError, BadInput, NotForUs):
            continue
        for receipt in found[:1]:
            if receipt.bundle == bundle.name:
                yield name, receipt


def free_name(bundle: Bundle, own: str | None) -> str | None:
    """The name for our receipt: that of an earlier one of ours, or one that is free."""
    numbers = range(1, MOST + 1)
    return own or next((name for n in numbers if (name := receipt_name(n)) not in bundle.names), None)


def _is_part(untrusted: object) -> bool:
    return type(untrusted) is str and is_part_name(untrusted)
