"""Which leaves of the kept segments erasures drop, said a second time for the model of the tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tests.sync.model import MADE, Segment, State, parse

ERASURE, LEAVES = 5, 5
"""Number of the kind, and of its field that names leaves."""


class Named(NamedTuple):
    """One leaf that is to go: of the segment with this hash among those with this number."""

    replica: bytes
    seq: int
    op: int
    mark: int
    hash: bytes

    def is_of(self, segment: Segment) -> bool:
        return (self.replica, self.seq) == (segment.replica, segment.seq) and self.hash in (
            b"",
            segment.hash,
        )


def shown_erasures(state: State) -> list[Named]:
    """What counts where this is what is to be seen."""
    said = (shown.values[LEAVES] for row, shown in state.records.items() if row[1] == ERASURE)
    return [one for text in said for one in _named(text)]


def every_erasure(bodies: Iterable[bytes]) -> list[Named]:
    """What anybody ever said in these segments, whether it counts or not."""
    return [one for body in bodies for one in _erasures_in(body)]


@lru_cache(maxsize=10_000)
def _erasures_in(body: bytes) -> tuple[Named, ...]:
    return tuple(
        one
        for op in parse(body).ops
        if op.row[1] == ERASURE and op.field == MADE
        for one in _named(op.value.get(LEAVES))
    )


def _named(said: Any) -> Iterator[Named]:
    for replica, seq, op, mark, hash_ in json.loads(said) if said else ():
        yield Named(bytes.fromhex(replica), seq, op, mark, bytes.fromhex(hash_))


def gone_of(segment: Segment, named: Iterable[Named]) -> set[tuple[int, int]]:
    """Which leaves of a segment these name."""
    return {(one.op, one.mark) for one in named if one.is_of(segment)}


Leaves = Mapping[bytes, frozenset[tuple[int, int]]]
"""By the hash of a segment, the leaves of it that are here."""
