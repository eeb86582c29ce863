"""Four real workspaces, sticks that go round between them, and an oracle that watches."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ranger_app.domain.assessments import Answer
from ranger_app.domain.clock import COUNTER_BITS, HybridClock
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.seeing import Unseen
from ranger_app.storage import Workspace
from ranger_app.storage.differing import differences
from ranger_app.storage.exchanging import Tips, segments_above, tips
from ranger_app.storage.segments import decode, hash_of
from ranger_app.storage.settling import sign_merges
from ranger_app.storage.verifying import verify
from ranger_app.sync.reading import read_bundles
from ranger_app.sync.writing import write_bundle
from tests.builders import quiet
from tests.storage.cloning import unnoticed_copies
from tests.sync import soaking, sticks
from tests.sync.kept import KINDS, bodies, state_in
from tests.sync.model import state_of
from tests.sync.shop import LAPTOPS, OUTSIDER, OUTSIDERS, counted_secrets, new_laptops, shared_memory
from tests.sync.things import FIELDS, TEXTS, WHICH, a_thing, record_id, some_fields

STICKS = 6
ROUNDS_UNTIL_EQUAL = 8
YEARS = st.integers(1970, 2100)

LAPTOP = st.integers(0, LAPTOPS - 1)
STICK = st.integers(0, STICKS - 1)


@dataclass
class Stick:
    bundle: Path
    holds: frozenset[bytes]
    """Hashes of what was written on it."""
    whole: bool = True


class Laptops(RuleBasedStateMachine):
    """Whatever people and couriers do, each laptop shows exactly what the changes say that it knows."""

    most_sticks = STICKS
    shop = staticmethod(new_laptops)

    def __init__(self) -> None:
        super().__init__()
        self._things = ExitStack()
        self._things.enter_context(sticks.small_parts())
        self._things.enter_context(unnoticed_copies())
        self.place = Path(
            self._things.enter_context(tempfile.TemporaryDirectory(dir=shared_memory(), prefix="laptops-"))
        )
        self._things.enter_context(counted_secrets("later"))
        self.laptops: list[Workspace] = []
        self._year = [2026] * LAPTOPS
        self._names = count()
        self.sticks: list[Stick] = []
        self.written: set[bytes] = set()
        self.has: list[set[bytes]] = [set() for _ in range(LAPTOPS)]
        self.digests: list[str] = [""] * LAPTOPS
        self.lacks: list[set[bytes]] = [set() for _ in range(LAPTOPS)]
        """Hashes of the segments whose sensitive values are not there."""
        self._touched: set[int] = set()
        for i in range(LAPTOPS):
            shutil.copytree(self.shop() / f"{i}.ranger", self.place / f"{i}.ranger")
            self.laptops.append(Workspace.open(self.place / f"{i}.ranger"))
            self._set_clock(i)
            self.wrote(i)

    # -- people

    @rule(i=LAPTOP, which=WHICH, values=some_fields())
    def add(self, i: int, which: tuple[str, int], values: dict[str, dict[str, Any]]) -> None:
        """The same record is often made on two laptops that do not know of each other."""
        with self.laptops[i].unit("add") as unit:
            if unit.data.get(FIELDS[which[0]][0], record_id(which), hidden_too=True) is None:
                unit.add(a_thing(which, values[which[0]]))
        self.wrote(i)

    @rule(i=LAPTOP, which=WHICH, values=some_fields())
    def change(self, i: int, which: tuple[str, int], values: dict[str, dict[str, Any]]) -> None:
        cls = FIELDS[which[0]][0]
        with self.laptops[i].unit("change") as unit:
            if unit.data.get(cls, record_id(which)) is not None:
                unit.change((cls, record_id(which)), **values[which[0]])
        self.wrote(i)

    @rule(i=LAPTOP, which=WHICH, values=some_fields(), more=some_fields())
    def work_a_while(
        self,
        i: int,
        which: tuple[str, int],
        values: dict[str, dict[str, Any]],
        more: dict[str, dict[str, Any]],
    ) -> None:
        """Several things to one record in one unit."""
        cls = FIELDS[which[0]][0]
        with self.laptops[i].unit("work a while") as unit:
            if unit.data.get(cls, record_id(which), hidden_too=True) is None:
                unit.add(a_thing(which, values[which[0]]))
            unit.restore(cls, record_id(which))
            unit.change((cls, record_id(which)), **more[which[0]])
            unit.remove((cls, record_id(which)))
            unit.restore(cls, record_id(which))
            unit.change((cls, record_id(which)), **values[which[0]])
        self.wrote(i)

    @rule(i=LAPTOP, which=WHICH)
    def remove(self, i: int, which: tuple[str, int]) -> None:
        cls = FIELDS[which[0]][0]
        with self.laptops[i].unit("remove") as unit:
            if unit.data.get(cls, record_id(which)) is not None:
                unit.remove((cls, record_id(which)), reason="demo")
        self.wrote(i)

    @rule(i=LAPTOP, which=WHICH)
    def bring_back(self, i: int, which: tuple[str, int]) -> None:
        cls = FIELDS[which[0]][0]
        with self.laptops[i].unit("bring back") as unit:
            if unit.data.get(cls, record_id(which), hidden_too=True) is not None:
                unit.restore(cls, record_id(which))
        self.wrote(i)

    @rule(i=LAPTOP, which=st.integers(0, 9), keep=st.integers(0, 3))
    def settle(self, i: int, which: int, keep: int) -> None:
        found = differences(self.laptops[i])
        if not found:
            return
        one = found[which % len(found)]
        assert all(standing.value != Unseen.WITHHELD for standing in one.values)
        value = one.values[keep % len(one.values)].value
        with self.laptops[i].unit("settle") as unit:
            for name, part in value.items() if one.field == "position" else [(one.field, value)]:
                unit.settle((BY_NAME[one.kind].cls, one.id), name, part)
        self.wrote(i)
        left = {(d.kind, d.id, d.field) for d in differences(self.laptops[i])}
        assert (one.kind, one.id, one.field) not in left

    @rule(i=LAPTOP)
    def sign_merges(self, i: int) -> None:
        """What is shown does not change by it."""
        with self.laptops[i].reading() as data:
            before = data.find(Answer, order=("id",))
        sign_merges(self.laptops[i], {"answer": [one.id for one in before]})
        with self.laptops[i].reading() as data:
            assert data.find(Answer, order=("id",)) == before
        self.wrote(i)

    @rule(i=LAPTOP, which=WHICH, texts=st.lists(TEXTS, min_size=2, max_size=2, unique=True))
    def lay_open(self, i: int, which: tuple[str, int], texts: list[str]) -> None:
        field = {"answer": "narrative", "patrol": "comment"}.get(which[0])
        with self.laptops[i].unit("lay open") as unit:
            if field and unit.data.get(FIELDS[which[0]][0], record_id(which)) is not None:
                unit.lay_open((FIELDS[which[0]][0], record_id(which)), field, texts)
        self.wrote(i)

    # -- their laptops

    @rule(i=LAPTOP, year=YEARS)
    def set_clock(self, i: int, year: int) -> None:
        self._year[i] = year
        soaking.done["wrong clocks"] += 1
        self._set_clock(i)

    @rule(i=LAPTOP)
    def reopen(self, i: int) -> None:
        folder, digest = self.laptops[i].folder, self.laptops[i].digest()
        self.laptops[i].close()
        self.laptops[i] = Workspace.open(folder)
        self._set_clock(i)
        assert self.laptops[i].digest(afresh=True) == digest
        self._touched.add(i)

    @rule(i=LAPTOP)
    def rebuild(self, i: int) -> None:
        before, after = self.laptops[i].rebuild()
        assert before == after
        self._touched.add(i)

    @rule(i=LAPTOP)
    def look_at_everything(self, i: int) -> None:
        assert verify(self.laptops[i], quiet()).problems == []

    @rule(i=LAPTOP, j=LAPTOP)
    def copy_folder(self, i: int, j: int) -> None:
        """Laptop j is thrown away and gets a plain copy of i's folder: two laptops with the same keys."""
        if i == j:
            return
        soaking.done["copied laptops"] += 1
        folder = self.laptops[j].folder
        self.laptops[j].close()
        self.laptops[i].close()
        shutil.rmtree(folder)
        shutil.copytree(self.laptops[i].folder, folder)
        for k in (i, j):
            self.laptops[k] = Workspace.open(self.laptops[k].folder)
            self._set_clock(k)
        self.has[j] = set(self.has[i])
        self._touched |= {i, j}

    # -- sticks and couriers

    @rule(i=LAPTOP, j=LAPTOP, k=STICK, all_of_it=st.booleans(), whole=st.sampled_from([True, True, False]))
    def write(self, i: int, j: int, k: int, all_of_it: bool, whole: bool = True) -> None:
        """Everything, or what j lacks; now and then without what outsiders may not have."""
        known = None if all_of_it else tips(self.laptops[j])
        stick = self.place / f"stick {next(self._names)}"
        outsiders = None if whole else OUTSIDERS
        done = write_bundle(self.laptops[i], stick, quiet(), known=known, outsiders=outsiders)
        made = Stick(done.folder, frozenset(self._sent(i, known)))
        assert done.segments == len(made.holds)
        if len(self.sticks) < self.most_sticks:
            self.sticks.append(made)
        else:
            self.sticks[k % len(self.sticks)] = made

    @precondition(lambda self: self.sticks)
    @rule(i=LAPTOP, k=STICK)
    def read(self, i: int, k: int) -> None:
        stick = self.sticks[k % len(self.sticks)]
        if not any(stick.bundle.glob("*.RSB")):
            return
        done = read_bundles(self.laptops[i], stick.bundle, quiet(), secrets=[OUTSIDER])
        self._touched.add(i)
        held = set(bodies(self.laptops[i]))
        assert held <= self.written, "a segment that nobody wrote was taken"
        assert len(held) == len(self.has[i]) + done.segments_new
        if stick.whole:
            assert stick.holds <= held
            assert not done.missing_parts
            assert not done.damaged
        self.has[i] |= held

    @precondition(lambda self: self.sticks)
    @rule(
        k=STICK,
        how=st.sampled_from(["lose", "cut", "flip", "swap", "join"]),
        a=st.integers(0, 9),
        b=st.integers(0, 9),
        share=st.floats(0, 1, exclude_max=True),
    )
    def damage(self, k: int, how: str, a: int, b: int, share: float) -> None:
        stick = self.sticks[k % len(self.sticks)]
        if not any(stick.bundle.iterdir()):
            return
        stick.whole = False
        soaking.done["damaged sticks"] += 1
        match how:
            case "lose":
                sticks.lose(stick.bundle, a)
            case "cut":
                sticks.cut(stick.bundle, a, share)
            case "flip":
                sticks.flip(stick.bundle, a, share, b % 8)
            case "swap":
                sticks.swap(stick.bundle, a, b)
            case _:
                sticks.join(stick.bundle, a, b)

    @precondition(lambda self: self.sticks)
    @rule(
        k=STICK,
        how=st.sampled_from([sticks.another_value, sticks.signed_anew, sticks.one_comment_for_another]),
    )
    def meddle(self, k: int, how: sticks.Meddle) -> None:
        stick = self.sticks[k % len(self.sticks)]
        stick.whole = False
        soaking.done["forged sticks"] += 1
        sticks.meddle(stick.bundle, how)

    # -- what has to hold

    @invariant()
    def what_is_shown_is_what_the_changes_say(self) -> None:
        soaking.done["steps"] += 1
        for i in sorted(self._touched):
            held = bodies(self.laptops[i])
            assert held.keys() == self.has[i], "a change was lost, or one came from nowhere"
            assert state_in(self.laptops[i]) == state_of(held.values(), KINDS)
            self.digests[i] = self.laptops[i].digest()
            self.lacks[i] = {hash_ for hash_, body in held.items() if decode(body).lacking}
        self._touched.clear()

    @invariant()
    def who_knows_the_same_has_the_same_digest(self) -> None:
        for i in range(LAPTOPS):
            for j in range(i):
                if self.has[i] == self.has[j] and self.lacks[i] == self.lacks[j]:
                    assert self.digests[i] == self.digests[j]

    def teardown(self) -> None:
        try:
            self._exchange_until_equal()
        finally:
            self.pack_up()

    def pack_up(self) -> None:
        for laptop in self.laptops:
            laptop.close()
        self._things.close()

    def _exchange_until_equal(self) -> None:
        """When the faults stop, everybody comes to know everything, asking only for what is lacking."""
        for _round in range(ROUNDS_UNTIL_EQUAL):
            self.what_is_shown_is_what_the_changes_say()
            if all(has == self.has[0] for has in self.has) and all(
                lacks == self._nobody_has() for lacks in self.lacks
            ):
                break
            for i in range(LAPTOPS):
                for j in range(LAPTOPS):
                    if i != j:
                        self.write(i, j, 0, all_of_it=False)
                        newest = max(
                            range(len(self.sticks)), key=lambda k: self.sticks[k].bundle.stat().st_ctime_ns
                        )
                        self.read(j, newest)
        self.what_is_shown_is_what_the_changes_say()
        assert all(has == self.has[0] for has in self.has)
        assert self._nobody_has() == self.lacks[0]
        assert len(set(self.digests)) == 1
        for i in range(LAPTOPS):
            self.look_at_everything(i)

    def _nobody_has(self) -> set[bytes]:
        """The segments whose sensitive values went with a laptop that was thrown away."""
        return set.intersection(*self.lacks)

    def _set_clock(self, i: int) -> None:
        at_ms = int(datetime(self._year[i], 6, 1, tzinfo=UTC).timestamp() * 1000)
        last = self.laptops[i].clock.last
        assert last >> COUNTER_BITS < 1 << 48
        self.laptops[i].clock = HybridClock(last, wall=lambda: at_ms)

    def wrote(self, i: int) -> None:
        held = set(bodies(self.laptops[i]))
        self.written |= held - self.has[i]
        assert self.has[i] <= held
        self.has[i] = held
        self._touched.add(i)

    def _sent(self, i: int, known: Tips | None) -> set[bytes]:
        return {hash_of(s.body) for s in segments_above(self.laptops[i], known or {})}
