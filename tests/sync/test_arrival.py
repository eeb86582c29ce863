"""In whatever order changes and entries of the directory come, the same of them count everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.assessments import Answer
from ranger_app.domain.changes import Op
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol
from ranger_app.security.keys import make_keys
from ranger_app.storage import Workspace
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.exchange.exchanging import directory_entries, take
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, an_answer, quiet
from tests.sync.arriving import Story, deliver, story_of
from tests.sync.park import SITE, a_park, add, aside_of, by_hand, dot_of, numbers, rating

RATING = BY_NAME["answer"].by_name["rating"].number
ANSWER = an_answer(SITE, rating="partly")


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """A ranger who rates by hand, a manager who becomes a ranger and dates back, a laptop that is stolen and
    goes on, a stranger, two administrators who do not know of each other, and people who work on top."""
    with a_park() as park:
        office, post = park["office"], park.enrol("post", "ranger")
        gate, desk = park.enrol("gate", "manager"), park.enrol("desk", "administrator")
        patrol = a_patrol(SITE, "P-1")
        add(office, ANSWER)
        park.give("office", "gate")
        add(post, patrol)
        park.give("post", "gate")
        with gate.unit("work on") as unit:
            unit.change(patrol, title="seen by gate")
            unit.change(ANSWER, rating="met")
        made = dot_of(office, ANSWER.id)

        def rate(value: str) -> Op:
            return Op(Answer.KIND, ANSWER.id, RATING, value, (made,))

        stranger = a_patrol(SITE, "X-1")
        op = Op(Patrol.KIND, stranger.id, INSERT, CODECS[Patrol.KIND].wire(stranger))
        forged = [by_hand(post, op, rate("met")), by_hand(post, op, keys=make_keys(keyed=False), version=1)]
        park.give("gate", "office")
        park.devices("office").set_role(gate.keys.replica, role="ranger")
        forged.append(by_hand(gate, rate("not_met"), version=2))
        take(office, forged)
        park.devices("office").revoke(post.keys.replica, accept_up_to=1)
        park.enrol("lake", "manager", by="desk")
        with park["lake"].unit("rate") as unit:
            unit.add(a_patrol(SITE, "L-1"))
        take(desk, [], entries=directory_entries(office))
        park.give("office", "desk")
        park.give("lake", "desk")
        add(desk, a_patrol(SITE, "D-1"))
        yield story_of(desk)


def test_the_story_has_all_that_it_should(story: Story) -> None:
    roles = {str(kept[-1]) for kept in story.aside}
    assert roles == {"", "ranger"}
    assert len(story.aside) >= 5
    assert len(story.segments) >= 9


@settings(max_examples=40)
@given(data=st.data())
def test_any_order_and_any_batches_lead_to_the_same_state(story: Story, data: st.DataObject) -> None:
    with a_park() as park:
        reader = park["reader"]
        deliver(data, story, reader)
        _shows_the_same(reader, story)


@pytest.mark.soak
@settings(max_examples=2_000)
@given(data=st.data())
def test_any_order_for_a_long_time(story: Story, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(story.segments))))
    with a_park() as park:
        for i in order:
            known = data.draw(st.integers(0, len(story.entries)))
            take(park["reader"], [story.segments[i]], entries=story.entries[:known])
        take(park["reader"], [], entries=story.entries)
        _shows_the_same(park["reader"], story)


def _shows_the_same(reader: Workspace, story: Story) -> None:
    assert reader.digest(afresh=True) == story.digest
    assert aside_of(reader) == story.aside
    assert rating(reader, ANSWER) == "met"
    assert numbers(reader) == {"P-1", "D-1"}
    assert verify(reader, quiet()).problems == []
