"""What lines, sticks and couriers do between four workspaces, in any order that chance thinks of."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ranger_app.domain.errors import NotFound
from ranger_app.security.sealing import NotForUs
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.exchanging import segments_above, take, tips
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import quiet
from tests.sync import soaking, sticks
from tests.sync.shop import LAPTOPS, OUTSIDER, OUTSIDERS
from tests.sync.watched import Stick, Watched

STICKS = 6
LAPTOP = st.integers(0, LAPTOPS - 1)
STICK = st.integers(0, STICKS - 1)
LIES = st.sampled_from([sticks.another_value, sticks.signed_anew, sticks.one_comment_for_another])


class Carried(Watched):
    """Four laptops between which things are carried, and what may happen to those on their way."""

    most_sticks = STICKS

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
        how=LIES,
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
        how=LIES,
    )
    def forge(self, i: int, k: int, how: sticks.Meddle) -> None:
        self.meddle(k, how)
        self.read(i, k)

    def meddle(self, k: int, how: sticks.Meddle) -> None:
        stick = self.sticks[k % len(self.sticks)]
        stick.whole = False
        soaking.done["sticks forged"] += 1
        sticks.meddle(stick.bundle, how)
