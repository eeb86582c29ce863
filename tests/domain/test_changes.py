"""The heads of a field, and what is shown of them: pure functions of a set."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.changes import Dot, Head, Heads, Segment, hidden, replace
from ranger_app.domain.fields import FieldSpec, Form, Merge
from ranger_app.domain.policies import decide, same

STATUS = FieldSpec("status", 2, Form.TEXT, merge=Merge.FURTHEST, steps=("draft", "submitted", "verified"))
COUNT = FieldSpec("count", 2, Form.INTEGER)
DOTS = st.builds(Dot, st.binary(min_size=16, max_size=16), st.integers(1, 3), st.integers(0, 3))
VALUES = st.sampled_from(["draft", "submitted", "verified", "burnt", None, 1, 1.5])
HEADS = st.lists(
    st.builds(Head, DOTS, st.integers(0, 5), VALUES), min_size=1, max_size=6, unique_by=lambda h: h.dot
)


@given(heads=HEADS, order=st.randoms())
def test_what_is_shown_does_not_hang_on_the_order(heads: list[Head], order: Any) -> None:
    other = heads.copy()
    order.shuffle(other)
    for field in (COUNT, STATUS):
        assert decide(heads, field) == decide(other, field)


@given(HEADS)
def test_a_status_shows_the_furthest_step(heads: list[Head]) -> None:
    steps = [STATUS.steps.index(h.value) if h.value in STATUS.steps else -1 for h in heads]
    value = decide(heads, STATUS).value
    assert (STATUS.steps.index(value) if value in STATUS.steps else -1) == max(steps)


@given(heads=HEADS, new=st.builds(Head, DOTS, st.integers(0, 5), VALUES))
def test_what_was_not_named_stands_on(heads: list[Head], new: Head) -> None:
    standing: Heads = {h.dot: h for h in heads}
    named = [h.dot for h in heads[::2]]
    replace(standing, new, named)
    assert standing[new.dot] == new
    assert standing.keys() == ({h.dot for h in heads} - set(named)) | {new.dot}


def test_one_value_written_twice_is_no_difference_and_text_is_no_number() -> None:
    def two(one: Any, other: Any) -> list[Head]:
        return [Head(Dot(bytes(16), 1, 0), 1, one), Head(Dot(bytes(16), 2, 0), 2, other)]

    assert same(two("met", "met"))
    assert not same(two("1", 1))
    assert not same(two(None, ""))


@given(seen=st.sets(DOTS, max_size=5), unseen=st.sets(DOTS, max_size=2))
def test_a_deletion_hides_what_it_saw_and_nothing_else(seen: set[Dot], unseen: set[Dot]) -> None:
    deletion = Head(Dot(b"d" * 16, 9, 0), 1, {"gone": True, "reason": "", "seen": [list(d) for d in seen]})
    assert hidden([deletion], seen | unseen) == (unseen <= seen)
    back = Head(Dot(b"r" * 16, 9, 0), 0, {"gone": False, "reason": "", "seen": []})
    assert not hidden([deletion, back], seen)


def test_a_segment_needs_what_others_wrote_before_it() -> None:
    own, other = b"o" * 16, b"x" * 16
    from ranger_app.domain.changes import Op

    segment = Segment(
        stream=bytes(16),
        replica=own,
        seq=4,
        previous=bytes(32),
        hlc=1,
        ops=(Op(12, bytes(16), 2, "a", (Dot(other, 7, 0), Dot(own, 3, 1), Dot(other, 2, 5))),),
    )
    assert segment.needs() == {(other, 7), (other, 2)}
