"""What is not shown to somebody: not in what is kept aside, and not to be chosen among several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ranger_app.domain.patrols import Observation, Patrol, Value, Waypoint
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Site
from ranger_app.sync.differences import Differences
from ranger_app.sync.wording import said_words
from tests.builders import a_patrol
from tests.sync.park import SITE, Park, a_park


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park() as made:
        yield made


@pytest.mark.parametrize(("role", "told"), [("ranger", False), ("data clerk", False), ("manager", True)])
def test_what_is_kept_aside_does_not_tell_where_a_listed_species_is(
    park: Park, role: str, told: bool
) -> None:
    """The place was made by the laptop that was shut out, and what says that it is a tiger's is aside too."""
    eyes, lost = park.enrol("eyes", role), park.enrol("lost", "manager")
    with park["office"].unit("list") as unit:
        unit.change((Site, SITE), listed_species=[{"names": ["Amur tiger"], "grid_deg": 0.1}])
    park.everybody_gives()
    park.devices("office").revoke(lost.keys.replica)
    place = Waypoint(site_id=SITE, lon=131.1, lat=43.1)
    seen = Observation(site_id=SITE, waypoint_id=place.id, category="animals.amurtiger.")
    with lost.unit("late") as unit:
        unit.add_many([place, seen])
    with lost.unit("later") as unit:
        unit.change(place, lon=131.246777, lat=43.579777)
    park.give("office", "eyes")
    park.give("lost", "eyes")
    found = {one.field: one.value for one in park.devices("eyes").aside() if one.kind == "waypoint"}
    assert set(found) == {"", "lon", "lat"}
    there = (131.246777, 43.579777) if told else (Unseen.HIDDEN, Unseen.HIDDEN)
    assert (found["lon"], found["lat"]) == there
    assert eyes.differences() == 0


@pytest.mark.parametrize(("role", "told"), [("ranger", False), ("manager", True)])
def test_what_was_made_is_told_to_who_is_to_look_at_it(park: Park, role: str, told: bool) -> None:
    """A lost laptop may hold a ranger's honest last patrol: nobody can say so from an id alone."""
    park.enrol("eyes", role)
    lost = park.enrol("lost", "manager")
    park.devices("office").revoke(lost.keys.replica)
    patrol = a_patrol(SITE, "P-9", comment="told by Quilladem")
    place = Waypoint(site_id=SITE, patrol_id=patrol.id, number="7", lon=131.246777, lat=43.579777)
    seen = Observation(site_id=SITE, waypoint_id=place.id, category="people.")
    name = Value(site_id=SITE, observation_id=seen.id, attribute="nameornames0", text="Demo Suspect")
    with lost.unit("late") as unit:
        unit.add_many([patrol, place, seen, name])
    park.give("office", "eyes")
    park.give("lost", "eyes")
    said = {one.kind: said_words(one.kind, one.said) for one in park.devices("eyes").aside()}
    assert "number: P-9" in said["patrol"]
    assert "number: 7" in said["waypoint"]
    assert "nameornames0" in said["value"]
    whole = " ".join(said.values())
    for secret in ("Quilladem", "131.246777", "43.579777", "Demo Suspect"):
        assert (secret in whole) is told


def test_settling_alike_leaves_what_is_not_shown_and_settles_the_rest(park: Park) -> None:
    park.enrol("gate", "manager")
    post = park.enrol("post", "ranger")
    patrol = a_patrol(SITE, "P-1", title="")
    place = Waypoint(site_id=SITE, patrol_id=patrol.id)
    seen = Observation(site_id=SITE, waypoint_id=place.id, category="people.")
    name = Value(site_id=SITE, observation_id=seen.id, attribute="nameornames0", text="Demo")
    with park["office"].unit("add") as unit:
        unit.add_many([patrol, place, seen, name])
    park.everybody_gives()
    for laptop in ("gate", "office"):
        with park[laptop].unit("write") as unit:
            unit.change(patrol, title=f"by {laptop}")
            unit.change(name, text=f"Demo Suspect of {laptop}")
    park.everybody_gives()
    inbox = Differences(post)
    every = inbox.all()
    assert sorted((one.kind, one.versions[0].is_hidden) for one in every) == [
        ("patrol", False),
        ("value", True),
    ]
    done = inbox.keep_alike(every, replica=park["gate"].keys.replica)
    assert (done.settled, done.left) == (1, 1)
    with post.reading() as data:
        assert data.need(Patrol, patrol.id).title == "by gate"
    assert [one.kind for one in inbox.all()] == ["value"]
