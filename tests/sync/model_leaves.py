"""What stands behind a signed segment, read a second time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import repeat
from typing import Any

import cbor2

NOT_HERE = object()
"""In the place of a value that did not come."""

Leaves = Iterator[list[Any] | None]


def leaves_behind(body: bytes) -> tuple[bytes, Leaves]:
    """What was signed, and the values that were put behind it in their order; None for one not here."""
    if not body.endswith(b"\xffRSL"):
        return body, repeat(None)
    length = int.from_bytes(body[-8:-4], "big")
    seed, found = cbor2.loads(body[-8 - length : -8])
    if seed:
        return body[: -8 - length], iter([cbor2.loads(leaf) for leaf in found])
    return body[: -8 - length], iter([None if type(e) is bytes else cbor2.loads(e[1]) for e in found])


def told_with(made: bool, said: Any, leaves: Leaves) -> Any:
    """What an op says, with what the leaves say in its place."""
    if not made:
        return _leaf([0], leaves)[0] if _is_mark(said) else said
    told = {n: value for n, value in said.items() if n != 0}
    for _mark, *numbers in said.get(0, ()):
        told |= _leaf(numbers, leaves)
    return told


def _is_mark(value: Any) -> bool:
    return type(value) is list and len(value) == 1 and type(value[0]) is int


def _leaf(numbers: list[int], leaves: Leaves) -> dict[int, Any]:
    leaf = next(leaves)
    return dict.fromkeys(numbers, NOT_HERE) if leaf is None else dict(zip(numbers, leaf, strict=True))


@lru_cache(maxsize=10_000)
def leaves_here(body: bytes) -> frozenset[tuple[int, int]]:
    """Which leaves a segment has with it, by the place of their op and their mark."""
    signed, leaves = leaves_behind(body)
    here = set()
    content = cbor2.loads(signed)
    if len(content) < 12 or type(content[11]) is not bytes:
        return frozenset()
    for index, (_kind, _row, number, value, _dots) in enumerate(content[10]):
        if number != 0:
            marks = value if _is_mark(value) else ()
        else:
            marks = [mark for mark, *_numbers in dict(zip(value[::2], value[1::2], strict=True)).get(0, ())]
        here |= {(index, mark) for mark in marks if next(leaves) is not None}
    return frozenset(here)
