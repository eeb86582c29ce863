"""What a laptop brings beyond its quota is kept aside everywhere, and comes in when it is raised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.changes import Op
from ranger_app.domain.errors import Refused
from ranger_app.domain.fields import INSERT
from ranger_app.domain.ids import new_id
from ranger_app.domain.patrols import Patrol
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.exchange.exchanging import directory_entries, take
from ranger_app.storage.verifying import verify
from ranger_app.sync.people.laptops import quota_words
from tests.builders import a_patrol, quiet
from tests.sync.arriving import Story, deliver, story_of
from tests.sync.park import SITE, Park, a_park, add, aside_of, by_hand, numbers


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park() as made:
        made.enrol("post", "ranger")
        made.enrol("gate", "manager")
        yield made


def brought(park: Park, who: str, *, at: str = "office") -> int:
    replica = park[who].keys.replica
    return next(one.brought for one in park.devices(at).laptops() if one.replica == replica)


def let(park: Park, who: str, most: int) -> None:
    park.devices("office").set_quota(park[who].keys.replica, most)


def made(number: str) -> Op:
    patrol = a_patrol(SITE, number)
    return Op(Patrol.KIND, patrol.id, INSERT, CODECS[Patrol.KIND].wire(patrol))


def test_what_is_beyond_is_kept_aside_everywhere_and_comes_in_when_it_is_raised(park: Park) -> None:
    post = park["post"]
    add(post, a_patrol(SITE, "P-1"))
    park.give("post", "office")
    let(park, "post", brought(park, "post"))
    add(post, a_patrol(SITE, "P-2"))
    park.give("post", "gate")
    assert numbers(park["gate"]) == {"P-1", "P-2"}, "gate has not heard of it"
    park.everybody_gives()
    for name in ("office", "gate", "post"):
        assert numbers(park[name]) == {"P-1"}
        assert [one.beyond for one in park.devices(name).aside()] == [True]
        assert verify(park[name], quiet()).problems == []
    assert len({park[name].digest() for name in ("office", "gate", "post")}) == 1
    let(park, "post", 100)
    park.everybody_gives()
    for name in ("office", "gate", "post"):
        assert numbers(park[name]) == {"P-1", "P-2"}
        assert park.devices(name).aside() == []
        assert park[name].rebuild()[0] == park["office"].digest()


def test_a_laptop_that_nobody_bounds_floods_nobody(park: Park) -> None:
    """Whoever has its key writes what he likes, and it goes no further than being kept."""
    post, office = park["post"], park["office"]
    let(park, "post", brought(park, "post") + 2)
    for n in range(9):
        segment = by_hand(post, made(f"F-{n}"))
        taken = take(office, [segment])
        assert (taken.new, taken.refused) == (1, 0)
        take(post, [segment])
    assert numbers(office) == {"F-0", "F-1"}
    assert len(park.devices("office").aside()) == 7
    add(park["gate"], a_patrol(SITE, "G-1"))
    park.give("gate", "office")
    assert "G-1" in numbers(office), "nobody else waits for it"


def test_a_unit_of_work_counts_wholly_or_not_at_all(park: Park) -> None:
    let(park, "post", brought(park, "post") + 2)
    take(park["office"], [by_hand(park["post"], made("A"), made("B"), made("C"))])
    assert numbers(park["office"]) == set()
    let(park, "post", brought(park, "post"))
    assert numbers(park["office"]) == {"A", "B", "C"}


def test_what_this_program_cannot_read_is_counted_too(park: Park) -> None:
    """Or a newer one would put other changes aside."""
    unread = Op(999, new_id(), INSERT, [1, "demo"])
    let(park, "post", brought(park, "post") + 2)
    take(park["office"], [by_hand(park["post"], unread, unread, made("A"))])
    assert numbers(park["office"]) == set()


def test_the_laptop_itself_is_told_before_it_writes_in_vain(park: Park) -> None:
    post = park["post"]
    add(post, a_patrol(SITE, "P-0"))
    let(park, "post", brought(park, "post", at="post") + 1)
    park.give("office", "post")
    add(post, a_patrol(SITE, "P-1"))
    (first, way_out) = quota_words(park.devices("post").laptops())
    assert "“post” has brought" in first
    assert "can raise it" in first
    assert "device quota" in way_out
    with pytest.raises(Refused, match="This laptop may bring"):
        add(post, a_patrol(SITE, "P-2"))
    assert numbers(post) == {"P-0", "P-1"}
    park.give("post", "office")
    assert quota_words(park.devices("office").laptops()) == []
    let(park, "post", 0)
    (first, _way_out) = quota_words(park.devices("office").laptops())
    assert "what is beyond is kept aside" in first


def test_only_administrators_say_how_much(park: Park) -> None:
    with pytest.raises(Refused, match="administrator"):
        park.devices("gate").set_quota(park["post"].keys.replica, 5)


def test_work_of_others_on_what_was_put_aside_stays(park: Park) -> None:
    post, gate, patrol = park["post"], park["gate"], a_patrol(SITE, "P-1")
    add(post, patrol)
    park.give("post", "gate")
    with gate.unit("work on") as unit:
        unit.change(patrol, title="seen by gate")
        unit.add(a_patrol(SITE, "G-1"))
    let(park, "post", 0)
    park.everybody_gives()
    assert numbers(park["office"]) == {"G-1"}
    let(park, "post", 100)
    park.everybody_gives()
    with park["office"].reading() as data:
        assert data.need(Patrol, patrol.id).title == "seen by gate"


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Quotas that are set, lowered and raised, by two administrators, while laptops write on."""
    with a_park() as park:
        for name, role in (("post", "ranger"), ("gate", "manager"), ("desk", "administrator")):
            park.enrol(name, role)
        for n in range(3):
            add(park["post"], a_patrol(SITE, f"P-{n}"))
            add(park["gate"], a_patrol(SITE, f"G-{n}"))
        park.everybody_gives()
        let(park, "post", brought(park, "post") - 1)
        let(park, "gate", 1)
        take(park["desk"], [], entries=directory_entries(park["office"]))
        park.devices("desk").set_quota(park["gate"].keys.replica, brought(park, "gate") + 1)
        add(park["gate"], a_patrol(SITE, "G-9"))
        take(park["desk"], [by_hand(park["gate"], made("G-10"), made("G-11"))])
        park.give("gate", "desk")
        yield story_of(park["desk"])


def test_the_story_has_what_lies_beyond(story: Story) -> None:
    assert len(story.aside) >= 2


@settings(max_examples=25)
@given(data=st.data())
def test_in_any_order_and_any_batches_the_same_is_beyond(story: Story, data: st.DataObject) -> None:
    with a_park() as park:
        reader = park["reader"]
        deliver(data, story, reader)
        assert reader.digest(afresh=True) == story.digest
        assert aside_of(reader) == story.aside
        assert verify(reader, quiet()).problems == []
