"""The inbox of differences: what it says of each, settling, settling alike, and taking that back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from ranger_app.domain.assessments import Answer, Assessment
from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.patrols import Leg, Observation, Patrol, Value, Waypoint
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import digests
from ranger_app.sync.differences import KIND, TRIP, Differences, Unsettled
from tests.builders import a_patrol, an_answer
from tests.sync.park import SITE, Park, a_park, add

ROUND = derived_id(1, "demo assessment")


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park() as made:
        yield made


@pytest.fixture
def patrol(park: Park) -> Patrol:
    """A patrol that office and gate wrote about apart: number, title and comment; both know both."""
    park.enrol("gate", "manager")
    made = a_patrol(SITE, "P-1", title="", comment="first\nsecond")
    add(park["office"], made)
    park.give("office", "gate")
    write_apart(park, made, ("title", "comment"), armed=True)
    return made


def write_apart(park: Park, patrol: Patrol, fields: Sequence[str], **alike: object) -> None:
    """At the gate, then at the office, neither knowing of the other, and both told of both afterwards."""
    texts = {"title": "by {}", "comment": "by {}\nsecond"}
    for name in ("gate", "office"):
        with park[name].unit("write") as unit:
            unit.change(patrol, **{field: texts[field].format(name) for field in fields}, **alike)
        # Later by the clock too: both may write within one millisecond.
        park["office"].clock.hear(park["gate"].clock.last)
    park.everybody_gives()


def by_field(workspace: Workspace) -> dict[str, Unsettled]:
    return {one.field: one for one in Differences(workspace).all()}


def title(workspace: Workspace, patrol: Patrol) -> str:
    with workspace.reading() as data:
        return data.need(Patrol, patrol.id).title


def told(one: Unsettled) -> list[tuple[str, str]]:
    return [(version.words, version.device) for version in one.versions]


def test_it_says_which_record_what_stands_there_and_who_wrote_it(park: Park, patrol: Patrol) -> None:
    found = by_field(park["office"])
    assert set(found) == {"title", "comment"}, "armed was said alike"
    one = found["title"]
    assert (one.record, one.about) == ("Patrol P-1, by office", "title")
    assert (one.trip_kind, one.trip) == ("patrol", patrol.id)
    assert told(one) == [("by office", "office"), ("by gate", park["gate"].device_name)]
    assert one.is_text
    assert not one.refused
    assert Differences(park["office"]).count() == 2
    assert Differences(park["office"]).waiting([patrol.id]) == {patrol.id: {"title": 2, "comment": 2}}


def test_one_is_kept_and_the_choice_travels(park: Park, patrol: Patrol) -> None:
    one = by_field(park["office"])["title"]
    Differences(park["office"]).keep(one, one.versions[1])
    assert title(park["office"], patrol) == "by gate"
    park.give("office", "gate")
    assert set(by_field(park["gate"])) == {"comment"}


def test_something_new_takes_the_place_of_both(park: Park, patrol: Patrol) -> None:
    one = by_field(park["gate"])["title"]
    Differences(park["gate"]).write(one, "by both")
    park.give("gate", "office")
    assert title(park["office"], patrol) == "by both"
    assert set(by_field(park["office"])) == {"comment"}


def test_settling_is_taken_back_and_both_are_again_whose_they_were(park: Park, patrol: Patrol) -> None:
    before = by_field(park["office"])
    for field in ("comment", "title"):
        one = before[field]
        Differences(park["office"]).keep(one, one.versions[0])
    Differences(park["office"]).take_back()
    assert told(by_field(park["office"])["title"]) == told(before["title"])
    Differences(park["office"]).take_back()
    assert told(by_field(park["office"])["comment"]) == told(before["comment"])
    with pytest.raises(NotFound):
        Differences(park["office"]).take_back()
    park.give("office", "gate")
    assert told(by_field(park["gate"])["title"]) == told(before["title"])


def test_it_can_be_settled_again_and_taken_back_again(park: Park, patrol: Patrol) -> None:
    inbox = Differences(park["office"])
    before = told(by_field(park["office"])["title"])
    for _turn in range(3):
        one = by_field(park["office"])["title"]
        inbox.keep(one, one.versions[1])
        inbox.take_back()
        assert told(by_field(park["office"])["title"]) == before


def test_it_is_taken_back_after_the_workspace_was_closed(park: Park, patrol: Patrol) -> None:
    one = by_field(park["office"])["title"]
    Differences(park["office"]).keep(one, one.versions[1])
    folder = park["office"].folder
    park["office"].close()
    park.opened("office", Workspace.open(folder))
    Differences(park["office"]).take_back()
    assert set(by_field(park["office"])) == {"title", "comment"}


def test_what_was_changed_since_is_not_taken_back(park: Park, patrol: Patrol) -> None:
    one = by_field(park["office"])["title"]
    Differences(park["office"]).keep(one, one.versions[1])
    with park["office"].unit("write") as unit:
        unit.change(patrol, title="written since")
    with pytest.raises(NotFound):
        Differences(park["office"]).take_back()
    assert title(park["office"], patrol) == "written since"


def test_all_of_one_trip_are_settled_with_what_one_laptop_wrote(park: Park, patrol: Patrol) -> None:
    other = a_patrol(SITE, "P-2", title="")
    add(park["office"], other)
    park.give("office", "gate")
    write_apart(park, other, ("title",))
    inbox = Differences(park["office"])
    one = by_field(park["office"])["comment"]
    alike = [each for each in inbox.all() if each.is_like(one, alike=TRIP)]
    done = inbox.keep_alike(alike, replica=park["gate"].keys.replica)
    assert (done.settled, done.left) == (2, 0)
    assert title(park["office"], patrol) == "by gate"
    (left,) = inbox.all()
    assert left.trip == other.id
    inbox.take_back()
    assert inbox.count() == 3, "all that was settled in one go"
    every = [each for each in inbox.all() if each.is_like(left, alike=KIND)]
    assert inbox.keep_alike(every, replica=None).settled == 2
    assert {title(park["office"], each) for each in (patrol, other)} == {"by office"}
    assert inbox.keep_alike(inbox.all(), replica=bytes(16)).left == 1


def test_a_ranger_settles_no_rating(park: Park) -> None:
    post = park.enrol("post", "ranger")
    gate = park.enrol("gate", "manager")
    answer = an_answer(SITE, rating="partly")
    add(park["office"], answer)
    park.give("office", "gate")
    for laptop, rating in ((park["office"], "met"), (gate, "not_met")):
        with laptop.unit("rate") as unit:
            unit.change(answer, rating=rating)
    park.everybody_gives()
    (one,) = Differences(post).all()
    assert {version.words for version in one.versions} == {"Met", "Not met"}
    assert "ranger" in one.refused
    with pytest.raises(Refused):
        Differences(post).keep(one, one.versions[0])
    assert Differences(post).keep_alike([one], replica=None).left == 1
    assert Differences(gate).all()[0].refused == ""


def test_a_removal_and_what_speaks_against_it(park: Park) -> None:
    park.enrol("gate", "manager")
    patrol = a_patrol(SITE, "P-1")
    leg = Leg(site_id=SITE, patrol_id=patrol.id)
    add(park["office"], patrol)
    with park["office"].unit("leg") as unit:
        unit.add(leg)
    park.give("office", "gate")
    with park["office"].unit("remove") as unit:
        unit.remove(patrol, reason="entered twice")
    with park["gate"].unit("add") as unit:
        unit.add(Waypoint(site_id=SITE, patrol_id=patrol.id))
    park.everybody_gives()
    inbox = Differences(park["office"])
    (one,) = inbox.all()
    assert one.is_removal
    assert [version.words for version in one.versions] == [
        "Removed: entered twice",
        "Worked on: “Waypoint” was added",
    ]
    inbox.keep(one, one.versions[1])
    assert there(park["office"], leg.id), "the whole patrol came back"
    inbox.take_back()
    (one,) = inbox.all()
    inbox.keep(one, one.versions[0])
    assert not there(park["office"], leg.id)
    assert inbox.count() == 0
    park.give("office", "gate")
    with park["gate"].reading() as data:
        assert data.count(Patrol) == data.count(Waypoint) == 0
    inbox.take_back()
    (one,) = inbox.all()
    assert one.is_removal


def there(workspace: Workspace, leg: Id) -> bool:
    with workspace.reading() as data:
        return data.get(Leg, leg) is not None


def test_a_position_is_settled_as_one(park: Park) -> None:
    park.enrol("gate", "manager")
    waypoint = Waypoint(site_id=SITE, number="7", lon=1.0, lat=1.0)
    with park["office"].unit("add") as unit:
        unit.add(waypoint)
    park.give("office", "gate")
    for name, lat in (("gate", 2.0), ("office", 3.0)):
        with park[name].unit("move") as unit:
            unit.change(waypoint, lon=lat * 2, lat=lat)
        park["office"].clock.hear(park["gate"].clock.last)
    park.everybody_gives()
    inbox = Differences(park["office"])
    (one,) = inbox.all()
    assert (one.record, one.about, one.is_text) == ("Waypoint 7", "position", False)
    assert one.versions[1].words == "2.000000, 4.000000"
    inbox.keep(one, one.versions[1])
    with park["office"].reading() as data:
        assert (data.need(Waypoint, waypoint.id).lon, data.need(Waypoint, waypoint.id).lat) == (4.0, 2.0)
    inbox.take_back()
    assert told(inbox.all()[0]) == told(one)
    inbox.write(one, one.typed(" -1.25, 29.5"))
    with park["office"].reading() as data:
        assert (data.need(Waypoint, waypoint.id).lon, data.need(Waypoint, waypoint.id).lat) == (29.5, -1.25)


def test_a_count_is_settled_with_a_third_number(park: Park) -> None:
    gate = park.enrol("gate", "manager")
    patrol = a_patrol(SITE, "P-1")
    place = Waypoint(site_id=SITE, patrol_id=patrol.id)
    seen = Observation(site_id=SITE, waypoint_id=place.id, category="animals.")
    count = Value(site_id=SITE, observation_id=seen.id, attribute="count", number=1.0)
    with park["office"].unit("add") as unit:
        unit.add_many([patrol, place, seen, count])
    park.give("office", "gate")
    for laptop, number in ((park["office"], 7.0), (gate, 8.0)):
        with laptop.unit("count") as unit:
            unit.change(count, number=number)
    park.everybody_gives()
    (one,) = Differences(gate).all()
    assert one.record.endswith(" Count")
    assert one.may_write
    assert not one.is_text
    with pytest.raises(BadInput, match="does not fit"):
        one.typed("some")
    Differences(gate).write(one, one.typed("9"))
    with gate.reading() as data:
        assert data.need(Value, count.id).number == 9.0
    assert gate.differences() == 0


def test_an_indicator_is_seen_with_its_assessment(park: Park) -> None:
    gate = park.enrol("gate", "manager")
    with park["office"].unit("start") as unit:
        unit.add(Assessment(id=ROUND, site_id=SITE, pack_id="gl:1.1", title="Demo round"))
        answer = Answer(site_id=SITE, assessment_id=ROUND, indicator="1.1")
        unit.add(answer)
    park.give("office", "gate")
    for laptop, text in ((park["office"], "ours"), (gate, "theirs")):
        with laptop.unit("write") as unit:
            unit.change(answer, narrative=text)
    park.everybody_gives()
    (one,) = Differences(gate).all()
    assert (one.record, one.about, one.trip_words) == ("Indicator 1.1", "narrative", "Assessment Demo round")


def test_two_laptops_compare_the_digest_of_a_site(park: Park) -> None:
    gate = park.enrol("gate", "manager")
    add(park["office"], a_patrol(SITE, "P-1"))
    park.everybody_gives()
    assert digests(park["office"]) == digests(gate)
    add(park["office"], a_patrol(SITE, "P-2"))
    assert digests(park["office"])[SITE] != digests(gate)[SITE]
    park.everybody_gives()
    assert digests(park["office"])[SITE] == digests(gate)[SITE]
    assert park["office"].digest(afresh=True) == gate.digest(afresh=True)
