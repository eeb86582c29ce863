"""What a list of devices says of whose changes count, said a second time for the model of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

USUAL, OF_AN_HEIR, HEIRS = 10_000_000, 500_000, 20


@dataclass(frozen=True)
class Known:
    """What somebody knows of the list: its highest number, the devices with what each may bring by its keys,
    the key that each later one carries on, and what was there before there was a list."""

    highest: int
    quotas: Mapping[bytes, Mapping[bytes, int]]
    heirs: Mapping[bytes, bytes] = field(default_factory=dict)
    accepted: Mapping[bytes, int] = field(default_factory=dict)

    def __hash__(self) -> int:
        said = (frozenset(one.items()) for one in self.quotas.values())
        return hash((self.highest, frozenset(self.quotas), frozenset(said), frozenset(self.heirs.items())))

    def counts(self, replica: bytes, seq: int, brought: int) -> bool:
        """Whether a segment counts with which its feed comes to so many ops."""
        if seq <= self.accepted.get(replica, 0):
            return True
        generations = self._generations(replica)
        return generations is not None and brought <= self._allowed(replica, generations)

    def _generations(self, replica: bytes) -> list[bytes] | None:
        """The keys from this one back to that which was enrolled; None for a stranger's."""
        line = [replica]
        while line[-1] not in self.quotas:
            if line[-1] not in self.heirs or len(line) > len(self.heirs):
                return None
            line.append(self.heirs[line[-1]])
        return line

    def _allowed(self, replica: bytes, generations: list[bytes]) -> int:
        named = self.quotas[generations[-1]]
        first = named.get(generations[-1], USUAL)
        if replica in named or len(generations) == 1:
            return named.get(replica, first)
        rivals = sorted(
            (len(line), other)
            for other in self.heirs
            if other not in named and (line := self._generations(other)) and line[-1] == generations[-1]
        )
        return min(first, OF_AN_HEIR) if (len(generations), replica) in rivals[:HEIRS] else 0
