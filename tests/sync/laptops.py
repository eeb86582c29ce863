"""What people, their laptops and couriers do to four workspaces, in any order that chance thinks of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from ranger_app.domain.assessments import Answer
from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.seeing import Unseen
from ranger_app.storage import Workspace
from ranger_app.storage.changes.leaves import SEALED
from ranger_app.storage.differences.differing import differences
from ranger_app.storage.differences.settling import sign_merges
from ranger_app.storage.dropping import drop_value
from ranger_app.storage.unit import Unit
from ranger_app.storage.verifying import verify
from tests.builders import quiet
from tests.sync import soaking
from tests.sync.carried import LAPTOP, Carried
from tests.sync.kept import bodies
from tests.sync.model import values_of
from tests.sync.model_leaves import NOT_HERE
from tests.sync.shop import LAPTOPS
from tests.sync.things import (
    FIELDS,
    FOCUS,
    TEXTS,
    Apart,
    EditApart,
    Focus,
    Writing,
    a_thing,
    a_writing,
    an_apart,
    an_edit_apart,
    record_id,
    which,
)

YEARS = st.integers(1970, 2100)

WHICH = st.runner().flatmap(lambda laptops: which(laptops.focus))
WRITING = st.runner().flatmap(lambda laptops: a_writing(laptops.focus))
TWO_WRITINGS = st.runner().flatmap(lambda laptops: a_writing(laptops.focus, times=2))
APART = st.runner().flatmap(lambda laptops: an_apart(laptops.focus))
EDIT_APART = st.runner().flatmap(lambda laptops: an_edit_apart(laptops.focus))

Values = dict[str, Any]


class Laptops(Carried):
    """Four laptops, and everything that may happen to them."""

    @initialize(focus=FOCUS)
    def think_of(self, focus: Focus) -> None:
        """Some examples are about everything, most about one record that all have to do with."""
        self.focus = focus

    @contextmanager
    def unit(self, i: int, action: str) -> Iterator[Unit]:
        """A unit of work, which comes to nothing where a laptop may bring no more."""
        with self.refused_beyond(i), self.laptops[i].unit(action) as unit:
            yield unit

    @contextmanager
    def refused_beyond(self, i: int) -> Iterator[None]:
        """What is refused for want of room in a quota comes to nothing."""
        try:
            yield
        except Refused as error:
            if "kept aside" not in str(error):
                raise
            self.touched.add(i)
            soaking.done["beyond a quota"] += 1

    # -- people

    @rule(i=LAPTOP, said=WRITING)
    def add(self, i: int, said: Writing) -> None:
        """The same record is often made on two laptops that do not know of each other."""
        cls, id_ = FIELDS[said.which[0]][0], record_id(said.which)
        with self.unit(i, "add") as unit:
            if unit.data.get(cls, id_, hidden_too=True) is None:
                unit.add(a_thing(said.which, said.values[0]))
        self.wrote(i)

    @rule(i=LAPTOP, said=WRITING)
    def change(self, i: int, said: Writing) -> None:
        cls, id_ = FIELDS[said.which[0]][0], record_id(said.which)
        with self.unit(i, "change") as unit:
            if unit.data.get(cls, id_) is not None:
                unit.change((cls, id_), **said.values[0])
        self.wrote(i)

    @rule(i=LAPTOP, said=TWO_WRITINGS)
    def work_a_while(self, i: int, said: Writing) -> None:
        """Several things to one record in one unit."""
        cls, id_ = FIELDS[said.which[0]][0], record_id(said.which)
        first, second = said.values
        with self.unit(i, "work a while") as unit:
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
        with self.unit(i, "remove") as unit:
            if unit.data.get(cls, record_id(which)) is not None:
                unit.remove((cls, record_id(which)), reason="demo")
        self.wrote(i)

    @rule(i=LAPTOP, which=WHICH)
    def bring_back(self, i: int, which: tuple[str, int]) -> None:
        cls = FIELDS[which[0]][0]
        with self.unit(i, "bring back") as unit:
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
        self._tell_in_either_order(i, j, then)

    @rule(
        i=LAPTOP,
        j=LAPTOP,
        often=st.lists(EDIT_APART, min_size=1, max_size=3),
        then=st.permutations(range(LAPTOPS)),
    )
    def edit_apart(self, i: int, j: int, often: list[EditApart], then: list[int]) -> None:
        """Two change one field from the same value, and again: what policies are for."""
        for apart in often:
            self._edit_apart(i, j, apart, then)

    def _edit_apart(self, i: int, j: int, apart: EditApart, then: list[int]) -> None:
        soaking.done["written apart"] += 1
        self.bring_back(i, apart.which)
        self.add(i, Writing(apart.which, (apart.before,)))
        self.change(i, Writing(apart.which, (apart.before,)))
        if i != j:
            self.meet(i, j)
        self.change(i, Writing(apart.which, (apart.here,)))
        self.change(j, Writing(apart.which, (apart.there,)))
        self._tell_in_either_order(i, j, then)

    @rule(
        i=LAPTOP,
        j=LAPTOP,
        child=st.tuples(st.sampled_from(["waypoint", "leg"]), st.integers(0, 1)),
        elsewhere=st.booleans(),
        then=st.permutations(range(LAPTOPS)),
    )
    def remove_what_another_adds_to(
        self, i: int, j: int, child: tuple[str, int], elsewhere: bool, then: list[int]
    ) -> None:
        """One removes a patrol while another puts something into it, that is new or was elsewhere before."""
        if "patrol" not in self.focus.kinds:
            return
        parent, other = ("patrol", 0), ("patrol", 1)
        self.bring_back(i, parent)
        self.add(i, Writing(parent, ({},)))
        if elsewhere:
            self.add(i, Writing(child, ({"patrol_id": record_id(other)},)))
            self.change(i, Writing(child, ({"patrol_id": record_id(other)},)))
        if i != j:
            self.meet(i, j)
        self.remove(i, parent)
        self.add(j, Writing(child, ({"patrol_id": record_id(parent)},)))
        self.change(j, Writing(child, ({"patrol_id": record_id(parent)},)))
        self._tell_in_either_order(i, j, then)

    def _tell_in_either_order(self, i: int, j: int, then: list[int]) -> None:
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
        value, before = one.values[keep % len(one.values)].value, len(self.has[i])
        with self.unit(i, "settle") as unit:
            for name, part in value.items() if one.field == "position" else [(one.field, value)]:
                unit.settle((BY_NAME[one.kind].cls, one.id), name, part)
        self.wrote(i)
        left = {(d.kind, d.id, d.field) for d in differences(self.laptops[i])}
        assert (one.kind, one.id, one.field) not in left or len(self.has[i]) == before

    @rule(i=LAPTOP, which=WHICH, texts=st.lists(TEXTS, min_size=2, max_size=2, unique=True) | st.none())
    def merge_or_lay_open(self, i: int, which: tuple[str, int], texts: list[str] | None) -> None:
        """Sign what was merged, which changes nothing that is shown; or say that both texts stand."""
        if texts is None:
            self._sign_merges(i)
            return
        field = {"answer": "narrative", "patrol": "comment"}.get(which[0])
        with self.unit(i, "lay open") as unit:
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

    @rule(i=LAPTOP, which=WHICH, n=st.integers(0, 9))
    def erase(self, i: int, which: tuple[str, int], n: int) -> None:
        """Every value that a field ever had is dropped, as far as this laptop knows them."""
        spec = BY_NAME[which[0]]
        fields = [field for field in spec.fields if field.number in SEALED.get(spec.number, {})]
        if not fields:
            return
        self.drop(i, which, fields[n % len(fields)].name)

    def drop(self, i: int, which: tuple[str, int], field: str) -> None:
        spec, id_ = BY_NAME[which[0]], record_id(which)
        known = spec.by_name[field]
        with suppress(NotFound), self.refused_beyond(i):
            drop_value(self.laptops[i], spec, id_, known, reason="demo")
            soaking.done["erased"] += 1
            said = values_of(bodies(self.laptops[i]).values(), spec.number, id_, known.number)
            assert all(value is NOT_HERE for value in said)
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

    @rule(i=LAPTOP, j=LAPTOP, k=LAPTOP, apart=APART)
    def copy_and_go_on(self, i: int, j: int, k: int, apart: Apart) -> None:
        """Both copies go on; somebody builds on one of them before hearing of the other."""
        self.copy_folder(i, j)
        for who, acts in ((i, apart.here), (j, apart.there)):
            for verb, values in acts:
                self._act(who, verb, apart.which, values)
        if k not in (i, j):
            self.hand_over(i, k)
            self.change(k, Writing(apart.which, apart.there[0][1:]))
            self.hand_over(j, k)
            self.what_is_shown_is_what_the_changes_say()
            self.add(k, Writing(apart.which, apart.here[0][1:]))

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
        self.has[j], self.leaves[j] = set(self.has[i]), dict(self.leaves[i])
        self.touched |= {i, j}
