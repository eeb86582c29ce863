"""Four real workspaces with everything that has to hold of them, watched by an oracle after each step."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine, invariant

from ranger_app.domain.clock import COUNTER_BITS, HybridClock
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.changes.segments import decode, hash_of
from ranger_app.storage.exchange.exchanging import Tips, directory_entries, segments_above, take, tips
from ranger_app.storage.verifying import verify
from tests.builders import quiet
from tests.storage.cloning import unnoticed_copies
from tests.sync import soaking, sticks
from tests.sync.kept import KINDS, bodies, state_in
from tests.sync.model import State, parse, state_of
from tests.sync.model_directory import Known
from tests.sync.model_erasures import Leaves, every_erasure, gone_of, shown_erasures
from tests.sync.model_leaves import leaves_here
from tests.sync.shop import LAPTOPS, counted_secrets, new_laptops, shared_memory
from tests.sync.things import Focus

ROUNDS_UNTIL_EQUAL = 8


@dataclass
class Stick:
    bundle: Path
    holds: frozenset[bytes]
    """Hashes of what was written on it."""
    whole: bool = True


class Watched(RuleBasedStateMachine):
    """Whatever happens, each laptop shows exactly what the changes say that it knows."""

    shop = staticmethod(new_laptops)

    def __init__(self) -> None:
        super().__init__()
        self.focus = Focus()
        self._things = ExitStack()
        self._things.enter_context(soaking.example())
        self._things.enter_context(sticks.small_parts())
        self._things.enter_context(unnoticed_copies())
        self.place = Path(
            self._things.enter_context(tempfile.TemporaryDirectory(dir=shared_memory(), prefix="laptops-"))
        )
        self._things.enter_context(counted_secrets("later"))
        self.laptops: list[Workspace] = []
        self.year = [2026] * LAPTOPS
        self.names = count()
        self.sticks: list[Stick] = []
        self.written: set[bytes] = set()
        self.has: list[set[bytes]] = [set() for _ in range(LAPTOPS)]
        self.digests: list[str] = [""] * LAPTOPS
        self.lacks: list[set[bytes]] = [set() for _ in range(LAPTOPS)]
        """Hashes of the segments whose sensitive values are not there."""
        self.leaves: list[Leaves] = [{} for _ in range(LAPTOPS)]
        """Which sensitive values each has."""
        self.listed: list[Known | None] = [None] * LAPTOPS
        """What each knows of the list of devices."""
        self.touched: set[int] = set()
        self._says: dict[tuple[frozenset[bytes], Known | None], State] = {}
        self._lacking: dict[bytes, bool] = {}
        for i in range(LAPTOPS):
            shutil.copytree(self.shop() / f"{i}.ranger", self.place / f"{i}.ranger")
            self.laptops.append(Workspace.open(self.place / f"{i}.ranger"))
            self.turn_clock(i)
            self.wrote(i)

    # -- what is known of them

    def list_known_to(self, i: int) -> Known | None:
        """What laptop i knows of the list of devices; None where it follows none, and all counts."""
        return None

    def turn_clock(self, i: int) -> None:
        at_ms = int(datetime(self.year[i], 6, 1, tzinfo=UTC).timestamp() * 1000)
        last = self.laptops[i].clock.last
        assert last >> COUNTER_BITS < 1 << 48
        self.laptops[i].clock = HybridClock(last, wall=lambda: at_ms)

    def wrote(self, i: int) -> None:
        held = set(bodies(self.laptops[i]))
        self.written |= held - self.has[i]
        assert self.has[i] <= held
        self.has[i] = held
        self.touched.add(i)

    def took(self, i: int) -> set[bytes]:
        """What i holds now that something has come from elsewhere."""
        self.touched.add(i)
        held = set(bodies(self.laptops[i]))
        assert self.has[i] <= held, "a change was lost"
        assert held <= self.written, "a segment that nobody wrote was taken"
        self.has[i] = held
        return held

    def sent(self, i: int, known: Tips | None) -> set[bytes]:
        return {hash_of(s.body) for s in segments_above(self.laptops[i], known or {})}

    def hand_over(self, i: int, j: int) -> None:
        """j asks i for what it lacks, and gets it."""
        segments = list(segments_above(self.laptops[i], tips(self.laptops[j])))
        self.give(i, j, segments)
        assert {hash_of(one.body) for one in segments} <= self.has[j]

    def give(self, i: int, j: int, segments: list[SignedSegment]) -> None:
        """Some of what i has, without a stick."""
        take(self.laptops[j], segments, entries=directory_entries(self.laptops[i]))
        self.took(j)

    # -- what has to hold

    @invariant()
    def what_is_shown_is_what_the_changes_say(self) -> None:
        soaking.done["steps"] += 1
        for i in sorted(self.touched):
            held = bodies(self.laptops[i])
            assert held.keys() == self.has[i], "a change was lost, or one came from nowhere"
            known = self.listed[i] = self.list_known_to(i)
            state = self._what_they_say(frozenset(held.values()), known)
            assert state_in(self.laptops[i]) == state
            self._nothing_erased_is_here(i, held, state)
            self.digests[i] = self.laptops[i].digest()
            self.lacks[i] = {hash_ for hash_, body in held.items() if self._is_lacking(body)}
        self.touched.clear()

    def _what_they_say(self, held: frozenset[bytes], known: Known | None) -> State:
        """What the oracle makes of these segments: once for each set, which several laptops may hold."""
        if (held, known) not in self._says:
            self._says[held, known] = state_of(held, KINDS, known=known)
        return self._says[held, known]

    def _is_lacking(self, body: bytes) -> bool:
        if body not in self._lacking:
            self._lacking[body] = decode(body).lacking
        return self._lacking[body]

    def _nothing_erased_is_here(self, i: int, held: dict[bytes, bytes], state: State) -> None:
        """And nothing was lost that nobody erased."""
        before, self.leaves[i] = self.leaves[i], {hash_: leaves_here(body) for hash_, body in held.items()}
        erased, said = shown_erasures(state), every_erasure(held.values())
        for hash_, here in self.leaves[i].items() if said else ():
            segment = parse(held[hash_])
            assert not here & gone_of(segment, erased), "what was erased is here"
            lost = before.get(hash_, here) - here
            assert lost <= gone_of(segment, said), "a value was lost that nobody erased"
        if not said:
            assert all(before[hash_] <= self.leaves[i][hash_] for hash_ in before)

    @invariant()
    def who_knows_the_same_has_the_same_digest(self) -> None:
        for i in range(LAPTOPS):
            for j in range(i):
                if self._knows(i) == self._knows(j):
                    assert self.digests[i] == self.digests[j]

    def _knows(self, i: int) -> tuple[set[bytes], set[bytes], Known | None]:
        return self.has[i], self.lacks[i], self.listed[i]

    def teardown(self) -> None:
        try:
            self._exchange_until_equal()
        finally:
            self.pack_up()

    def pack_up(self) -> None:
        for laptop in self.laptops:
            laptop.close()
        self._things.close()

    def last_exchange(self, i: int, j: int) -> None:
        """How they come to know the same when the faults have stopped."""
        self.hand_over(i, j)

    def _exchange_until_equal(self) -> None:
        """When the faults stop, everybody comes to know everything, asking only for what is lacking."""
        for _round in range(ROUNDS_UNTIL_EQUAL):
            self.what_is_shown_is_what_the_changes_say()
            everything = self.has[0], self._nobody_has(), self.listed[0]
            if all(self._knows(i) == everything for i in range(LAPTOPS)):
                break
            for i in range(LAPTOPS):
                for j in range(LAPTOPS):
                    if i != j:
                        self.last_exchange(i, j)
        self.what_is_shown_is_what_the_changes_say()
        assert all(has == self.has[0] for has in self.has)
        assert self._nobody_has() == self.lacks[0]
        assert len(set(self.digests)) == 1
        looked_at = self.laptops[len(self.written) % LAPTOPS]  # the others have the same digest
        assert looked_at.digest(afresh=True) == self.digests[0]
        assert verify(looked_at, quiet()).problems == []

    def _nobody_has(self) -> set[bytes]:
        """The segments whose sensitive values went with a laptop that was thrown away."""
        return set.intersection(*self.lacks)
