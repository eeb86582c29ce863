"""Segments that no Ranger wrote, by laptops that know how to sign."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ranger_app.domain.changes import Dot, Op, Segment
from ranger_app.security.keys import DeviceKeys
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.changes.segments import encode, hash_of


@dataclass
class Forger:
    """A laptop of somebody's own making, with the keys to sign what it likes."""

    stream: bytes
    name: str = "forger"
    _tip: bytes = b""
    _seq: int = 0
    keys: DeviceKeys = field(init=False)

    def __post_init__(self) -> None:
        self.keys = DeviceKeys(self.name.encode().ljust(32, b"."), None)

    def segment(self, *ops: Op, **about: Any) -> SignedSegment:
        """The next segment of its feed, or one with anything about it said otherwise."""
        plain = replace(
            Segment(
                stream=self.stream,
                replica=self.keys.replica,
                seq=self._seq + 1,
                previous=self._tip,
                hlc=(self._seq + 1) << 16,
                ops=ops,
            ),
            **about,
        )
        body = encode(plain)
        if not about.keys() & {"seq", "previous"}:
            self._seq, self._tip = plain.seq, hash_of(body)
        return self.signed(body)

    def signed(self, body: bytes) -> SignedSegment:
        return SignedSegment(self.keys.public_key, body, self.keys.sign(body))

    def dot(self, seq: int, op: int = 0) -> Dot:
        return Dot(self.keys.replica, seq, op)
