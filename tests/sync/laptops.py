"""What people, their laptops and couriers do to four workspaces, in any order that chance thinks of."""

from __future__ import annotations

import shutil
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from ranger_app.domain.assessments import Answer
from ranger_app.domain.errors import NotFound
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.seeing import Unseen
from ranger_app.security.sealing import NotForUs
from ranger_app.storage import Workspace
from ranger_app.storage.differing import differences
from ranger_app.storage.exchanging import segments_above, take, tips
from ranger_app.storage.receiving import SignedSegment
from ranger_app.storage.settling import sign_merges
from ranger_app.storage.verifying import verify
from ranger_app.sync.reading import read_bundles
from ranger_app.sync.writing import write_bundle
from tests.builders import quiet
from tests.sync import soaking, sticks
from tests.sync.shop import LAPTOPS, OUTSIDER, OUTSIDERS
from tests.sync.things import (
    FIELDS,
    FOCUS,
    TEXTS,
    Apart,
    Focus,
    Writing,
    a_thing,
    a_writing,
    an_apart,
    record_id,
    which,
)
from tests.sync.watched import Stick, Watched

STICKS = 6
YEARS = st.integers(1970, 2100)

LAPTOP = st.integers(0, LAPTOPS - 1)
STICK = st.integers(0, STICKS - 1)
WHICH = st.runner().flatmap(lambda laptops: which(laptops.focus))
WRITING = st.runner().flatmap(lambda laptops: a_writing(laptops.focus))
TWO_WRITINGS = st.runner().flatmap(lambda laptops: a_writing(laptops.focus, times=2))
APART = st.runner().flatmap(lambda laptops: an_apart(laptops.focus))

Values = dict[str, Any]


class Laptops(Watched):
    """Four laptops, and everything that may happen to them."""

    most_sticks = STICKS

    @initialize(focus=FOCUS)
    def think_of(self, focus: Focus) -> None:
        """Some examples are about everything, most about one record that all have to do with."""
        self.focus = focus

    # -- people

    @rule(i=LAPTOP, said=WRITING)
    def add(self, i: int, said: Writing) -> None:
        """The same record is often made on two laptops that do not know of each other."""
        cls, id_ = FIELDS[said.which[0]][0], record_id(said.which)
        with self.laptops[i].unit("add") as unit:
            if unit.data.get(cls, id_, hidden_too=True) is None:
                unit.add(a_thing(said.which, said.values[0]))
        self.wrote(i)

    @rule(i=LAPTOP, said=WRITING)
    def change(self, i: int, said: Writing) -> None:
        cls, id_ = FIELDS[said.which[0]][0], record_id(said.which)
        with self.laptops[i].unit("change") as unit:
            if unit.data.get(cls, id_) is not None:
                unit.change((cls, id_), **said.values[0])
        self.wrote(i)

    @rule(i=LAPTOP, said=TWO_WRITINGS)
    def work_a_while(self, i: int, said: Writing) -> None:
        """Several things to one record in one unit."""
        cls, id_ = FIELDS[said.which[0]][0], record_id(said.which)
        first, second = said.values
        with self.laptops[i].unit("work a while") as unit:
            if unit.data.get(cls, id_, hidden_too=True) is None:
                unit.add(a_thing(said.which, first))
            unit.restore(cls, id_)
            unit.change((cls, id_), **second)
            unit.remove((cls, id_))
            unit.restore(cls, id_)
            unit.change((cls, id_), **first)
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

    @rule(i=LAPTOP, j=LAPTOP, apart=APART, from_one_hand=st.booleans(), then=st.permutations(range(LAPTOPS)))
    def write_apart(self, i: int, j: int, apart: Apart, from_one_hand: bool, then: list[int]) -> None:
        """Two write about one record without knowing of each other; others hear of it in one order or
        the other."""
        soaking.done["written apart"] += 1
        if from_one_hand:
            self.add(i, Writing(apart.which, apart.here[0][1:]))
            if i != j:
                self.hand_over(i, j)
        for k, acts in ((i, apart.here), (j, apart.there)):
            for verb, values in acts:
                self._act(k, verb, apart.which, values)
        for teller, hearer in ((i, then[0]), (j, then[0]), (j, then[1]), (i, then[1]))[: 2 + then[2]]:
            if teller != hearer:
                self.hand_over(teller, hearer)
                self.what_is_shown_is_what_the_changes_say()

    def _act(self, i: int, verb: str, which: tuple[str, int], values: Values) -> None:
        match verb:
            case "add":
                self.add(i, Writing(which, (values,)))
            case "change":
                self.change(i, Writing(which, (values,)))
            case "work a while":
                self.work_a_while(i, Writing(which, (values, values)))
            case "remove":
                self.remove(i, which)
            case _:
                self.bring_back(i, which)

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

    @rule(i=LAPTOP, which=WHICH, texts=st.lists(TEXTS, min_size=2, max_size=2, unique=True) | st.none())
    def merge_or_lay_open(self, i: int, which: tuple[str, int], texts: list[str] | None) -> None:
        """Sign what was merged, which changes nothing that is shown; or say that both texts stand."""
        if texts is None:
            self._sign_merges(i)
            return
        field = {"answer": "narrative", "patrol": "comment"}.get(which[0])
        with self.laptops[i].unit("lay open") as unit:
            if field and unit.data.get(FIELDS[which[0]][0], record_id(which)) is not None:
                unit.lay_open((FIELDS[which[0]][0], record_id(which)), field, texts)
        self.wrote(i)

    def _sign_merges(self, i: int) -> None:
        with self.laptops[i].reading() as data:
            before = data.find(Answer, order=("id",))
        sign_merges(self.laptops[i], {"answer": [one.id for one in before]})
        with self.laptops[i].reading() as data:
            assert data.find(Answer, order=("id",)) == before
        self.wrote(i)

    # -- their laptops

    @rule(i=LAPTOP, year=YEARS)
    def set_clock(self, i: int, year: int) -> None:
        self.year[i] = year
        soaking.done["wrong clocks"] += 1
        self.turn_clock(i)

    @rule(i=LAPTOP, how=st.sampled_from(["reopen", "rebuild", "look at everything"]))
    def look_after(self, i: int, how: str) -> None:
        self.touched.add(i)
        if how == "rebuild":
            before, after = self.laptops[i].rebuild()
            assert before == after
        elif how == "reopen":
            folder, digest = self.laptops[i].folder, self.laptops[i].digest()
            self.laptops[i].close()
            self.laptops[i] = Workspace.open(folder)
            self.turn_clock(i)
            assert self.laptops[i].digest(afresh=True) == digest
        else:
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
            self.turn_clock(k)
        self.has[j] = set(self.has[i])
        self.touched |= {i, j}

    # -- lines and couriers

    @rule(i=LAPTOP, j=LAPTOP)
    def meet(self, i: int, j: int) -> None:
        if i != j:
            self.hand_over(i, j)
            self.hand_over(j, i)

    @rule(
        i=LAPTOP,
        j=LAPTOP,
        how=st.sampled_from(["newest first", "without one", "one feed", "everything once more", "one"]),
        n=st.integers(0, 99),
    )
    def hear_in_part(self, i: int, j: int, how: str, n: int) -> None:
        """A line that breaks, a stick with half of its parts: what is lacking comes later, or never."""
        every = list(segments_above(self.laptops[i], {}))
        if not every:
            return
        match how:
            case "newest first":
                some = every[::-1][: 1 + n % len(every)]
            case "without one":
                some = every[: n % len(every)] + every[n % len(every) + 1 :]
            case "one feed":
                some = [one for one in every if one.public_key == every[n % len(every)].public_key]
            case "one":
                some = [every[n % len(every)]]
            case _:
                some = [*every, *every]
        soaking.done["partial deliveries"] += 1
        self.give(i, j, some)

    @rule(
        i=LAPTOP,
        j=LAPTOP,
        how=st.sampled_from([sticks.another_value, sticks.signed_anew, sticks.one_comment_for_another]),
    )
    def be_lied_to(self, i: int, j: int, how: sticks.Meddle) -> None:
        """What j lacks comes changed."""
        soaking.done["forged changes"] += 1
        lacking = segments_above(self.laptops[i], tips(self.laptops[j]))
        take(self.laptops[j], [SignedSegment(*how(s.public_key, s.body, s.signature)) for s in lacking])
        self.took(j)

    @rule(i=LAPTOP, j=LAPTOP, k=STICK, all_of_it=st.booleans(), whole=st.sampled_from([True, True, False]))
    def write(self, i: int, j: int, k: int, all_of_it: bool, whole: bool = True) -> None:
        """Everything, or what j lacks; now and then without what outsiders may not have."""
        known = None if all_of_it else tips(self.laptops[j])
        stick = self.place / f"stick {next(self.names)}"
        outsiders = None if whole else OUTSIDERS
        done = write_bundle(self.laptops[i], stick, quiet(), known=known, outsiders=outsiders)
        made = Stick(done.folder, frozenset(self.sent(i, known)))
        soaking.done["sticks written"] += 1
        assert done.segments == len(made.holds)
        if len(self.sticks) < self.most_sticks:
            self.sticks.append(made)
        else:
            self.sticks[k % len(self.sticks)] = made

    @precondition(lambda self: self.sticks)
    @rule(i=LAPTOP, k=STICK)
    def read(self, i: int, k: int) -> None:
        stick = self.sticks[k % len(self.sticks)]
        before = len(self.has[i])
        soaking.done["sticks read"] += 1
        try:
            done = read_bundles(self.laptops[i], stick.bundle, quiet(), secrets=[OUTSIDER])
        except (NotForUs, NotFound):
            # Only a receipt is left, or no part opens: that cannot be told from a bundle for others.
            assert not stick.whole
            return
        held = self.took(i)
        assert len(held) == before + done.segments_new
        if stick.whole:
            assert stick.holds <= held
            assert not done.missing_parts
            assert not done.damaged

    @precondition(lambda self: self.sticks)
    @rule(
        i=LAPTOP,
        k=STICK,
        how=st.sampled_from(["lose", "cut", "flip", "swap", "join"]),
        a=st.integers(0, 9),
        b=st.integers(0, 9),
        share=st.floats(0, 1, exclude_max=True),
    )
    def damage(self, i: int, k: int, how: str, a: int, b: int, share: float) -> None:
        """Something happens to a stick on its way to i."""
        stick = self.sticks[k % len(self.sticks)]
        if not any(stick.bundle.iterdir()):
            return
        stick.whole = False
        soaking.done[f"sticks damaged: {how}"] += 1
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
        self.read(i, k)

    @precondition(lambda self: self.sticks)
    @rule(
        i=LAPTOP,
        k=STICK,
        how=st.sampled_from([sticks.another_value, sticks.signed_anew, sticks.one_comment_for_another]),
    )
    def forge(self, i: int, k: int, how: sticks.Meddle) -> None:
        self.meddle(k, how)
        self.read(i, k)

    def meddle(self, k: int, how: sticks.Meddle) -> None:
        stick = self.sticks[k % len(self.sticks)]
        stick.whole = False
        soaking.done["sticks forged"] += 1
        sticks.meddle(stick.bundle, how)
