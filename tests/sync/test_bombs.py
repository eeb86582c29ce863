"""What unpacks to more than it looks, is nested or promises too much: refused within little memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard

from ranger_app.domain.errors import BadInput
from ranger_app.security.sealing import seal
from ranger_app.sync.bundles import batches
from ranger_app.sync.bundles.frames import FILE_PIECE, HEAD, MANIFEST, SEGMENTS, frame
from tests.sync.park import Park
from tests.sync.sealed import read, sealed_park, write

resource = pytest.importorskip("resource")
ROOM_BYTES = 400 << 20
"""What may be taken of memory meanwhile, over what is taken already."""


def zeros() -> bytes:
    """A gibibyte of them, in some 30 kB."""
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(1 << 10)), packer.flush()])


def says_that_it_is_long() -> bytes:
    packer = zstandard.ZstdCompressor().compressobj(size=1 << 45)
    return packer.compress(b"x") + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def looks_far_back() -> bytes:
    """It asks for a window of a gibibyte."""
    far = zstandard.ZstdCompressionParameters(window_log=30, hash_log=6, chain_log=6, strategy=1)
    packer = zstandard.ZstdCompressor(compression_params=far).compressobj()
    return packer.compress(b"x" * 100) + packer.flush()


def nested() -> bytes:
    return zstandard.compress(b"\x81" * 5_000_000)


def very_many() -> bytes:
    """A list that says that it has four billion entries, and has twenty million."""
    return zstandard.compress(b"\x9a\xff\xff\xff\xff" + b"\x80" * 20_000_000)


BOMBS = pytest.mark.parametrize("bomb", [zeros, says_that_it_is_long, looks_far_back, nested, very_many])


@contextmanager
def little_memory() -> Iterator[None]:
    """Whoever takes more gets a `MemoryError`."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGESIZE") + ROOM_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def park() -> Iterator[Park]:
    with sealed_park() as made:
        yield made


@BOMBS
def test_a_batch_that_is_a_bomb_is_none(bomb: Callable[[], bytes]) -> None:
    made = bomb()
    with little_memory(), pytest.raises(BadInput):
        batches.unpack(made)


@BOMBS
def test_a_stick_with_a_bomb_brings_the_rest(park: Park, tmp_path: Path, bomb: Callable[[], bytes]) -> None:
    """Somebody who has the site's key puts one at the beginning of each part."""
    done = write(park["office"], tmp_path)
    group = park.devices("office").recipients()
    made = bomb()
    for type_ in (SEGMENTS, FILE_PIECE, MANIFEST, HEAD):
        (done.folder / "P0900.RSB").write_bytes(seal(frame(type_, made), group))
        with little_memory():
            read(park["post"], tmp_path)
    assert park["post"].digest() == park["office"].digest()
