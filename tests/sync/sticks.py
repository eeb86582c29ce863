"""What happens to a stick on its way: parts lost, cut, flipped, swapped, and couriers who meddle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cbor2
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ranger_app.sync.bundles import batches, frames, writing
from tests.sync.model import Segment, parse


@contextmanager
def small_parts() -> Iterator[None]:
    """Every segment in a record of its own, and every record in a part of its own, so that a few of them
    already come apart."""
    before = writing.PART_BYTES, batches.BATCH_BYTES
    writing.PART_BYTES, batches.BATCH_BYTES = 1, 1
    try:
        yield
    finally:
        writing.PART_BYTES, batches.BATCH_BYTES = before


def parts(bundle: Path) -> list[Path]:
    return sorted(bundle.glob("P*.RSB"))


def lose(bundle: Path, which: int) -> None:
    everything = sorted(bundle.iterdir())
    everything[which % len(everything)].unlink()


def cut(bundle: Path, which: int, share: float) -> None:
    every = parts(bundle)
    if every:
        path = every[which % len(every)]
        os.truncate(path, int(path.stat().st_size * share))


def flip(bundle: Path, which: int, where: float, bit: int) -> None:
    every = sorted(bundle.iterdir())
    path = every[which % len(every)]
    content = bytearray(path.read_bytes())
    if content:
        content[int(len(content) * where)] ^= 1 << bit
        path.write_bytes(content)


def swap(bundle: Path, one: int, other: int) -> None:
    every = parts(bundle)
    if every:
        first, second = every[one % len(every)], every[other % len(every)]
        content = first.read_bytes(), second.read_bytes()
        first.write_bytes(content[1])
        second.write_bytes(content[0])


def join(bundle: Path, one: int, other: int) -> None:
    """One part's records go behind another's."""
    every = parts(bundle)
    if every:
        with open(every[one % len(every)], "ab") as longer:
            longer.write(every[other % len(every)].read_bytes())


def keep_only(bundle: Path, wanted: Callable[[Segment], bool]) -> None:
    """Leave out the segments that are not wanted."""
    for part in parts(bundle):
        with open(part, "rb") as source:
            found = [frame for frame in frames.frames(source) if frame is not None]
        kept = [
            frame
            for frame in found
            if frame.type != frames.SEGMENTS
            or all(wanted(parse(s.body)) for s in batches.unpack(frame.payload))
        ]
        part.write_bytes(b"".join(frames.frame(frame.type, frame.payload) for frame in kept))


Meddle = Callable[[bytes, bytes, bytes], tuple[bytes, bytes, bytes]]
"""A courier's change to (public key, body, signature)."""


def meddle(bundle: Path, change: Meddle) -> None:
    """Change every segment and put sound frames around the result."""
    for part in parts(bundle):
        with open(part, "rb") as source:
            found = [frame for frame in frames.frames(source) if frame is not None]
        out = []
        for frame in found:
            payload = frame.payload
            if frame.type == frames.SEGMENTS:
                payload = changed_batch(payload, change)
            out.append(frames.frame(frame.type, payload))
        part.write_bytes(b"".join(out))


def changed_batch(payload: bytes, change: Meddle) -> bytes:
    """A batch of segments with every one of them changed."""
    batch = cbor2.loads(zstandard.decompress(payload))
    return zstandard.compress(cbor2.dumps([list(change(*entry)) for entry in batch]))


def another_value(key: bytes, body: bytes, signature: bytes) -> tuple[bytes, bytes, bytes]:
    """The courier changes what was written and keeps the signature."""
    return key, _edited(body), signature


def signed_anew(key: bytes, body: bytes, signature: bytes) -> tuple[bytes, bytes, bytes]:
    """The courier changes what was written and signs it with a key of his own."""
    own = Ed25519PrivateKey.from_private_bytes(b"courier " * 4)
    changed = _edited(body)
    return own.public_key().public_bytes_raw(), changed, own.sign(changed)


def one_comment_for_another(key: bytes, body: bytes, signature: bytes) -> tuple[bytes, bytes, bytes]:
    """The courier changes what was kept apart from what was signed."""
    return key, body.replace(b"\x81\x64demo", b"\x81\x64omed"), signature


def _edited(body: bytes) -> bytes:
    content = cbor2.loads(body)
    content[9] = "courier was here"
    return cbor2.dumps(content, canonical=True)
