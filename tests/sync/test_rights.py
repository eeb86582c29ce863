"""What counts of the changes that laptops write, on every path by which they can come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ranger_app.domain.assessments import Answer
from ranger_app.domain.changes import Op, deletion
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.fields import DELETED, INSERT
from ranger_app.domain.ids import derived_id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.sites import Site
from ranger_app.security.keys import make_keys
from ranger_app.security.sealing import seal, unseal
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.exchange.exchanging import take
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, an_answer, quiet
from tests.sync.park import SITE, Park, a_park, add, aside_of, by_hand, dot_of, numbers, rating

RATING = BY_NAME["answer"].by_name["rating"].number


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park() as made:
        yield made


# -- roles


def test_a_ranger_records_patrols_and_rates_nothing(park: Park) -> None:
    park.enrol("post", "ranger")
    answer = an_answer(SITE, rating="partly")
    add(park["office"], answer)
    park.give("office", "post")
    add(park["post"], a_patrol(SITE, "P-1"))
    with (
        pytest.raises(Refused, match="ranger, does not allow changing a record of the kind answer"),
        park["post"].unit("rate") as unit,
    ):
        unit.change(answer, rating="met")
    with pytest.raises(Refused, match="adding"):
        add(park["post"], an_answer(SITE, "9.9"))
    with pytest.raises(Refused, match="removing"), park["post"].unit("hide") as unit:
        unit.remove(answer)
    with pytest.raises(Refused), park["post"].unit("settle") as unit:
        unit.settle(answer, "rating", "met")
    park.give("post", "office")
    assert rating(park["office"], answer) == "partly"
    assert numbers(park["office"]) == {"P-1"}


def ways_to_rate(park: Park, answer: Answer) -> dict[str, Op]:
    made = dot_of(park["office"], answer.id)
    content = CODECS[Answer.KIND].wire(an_answer(SITE, rating="met"))
    return {
        "edit": Op(Answer.KIND, answer.id, RATING, "met", (made,)),
        "make again": Op(Answer.KIND, answer.id, INSERT, content),
        "hide": Op(Answer.KIND, answer.id, DELETED, deletion("demo"), (made,)),
    }


@pytest.mark.parametrize("way", ["edit", "make again", "hide"])
@pytest.mark.parametrize("version", [0, 2])
def test_a_hand_made_segment_of_a_ranger_rates_nothing(park: Park, way: str, version: int) -> None:
    post = park.enrol("post", "ranger")
    answer = an_answer(SITE, rating="partly")
    add(park["office"], answer)
    park.give("office", "post")
    before = park["office"].digest()
    segment = by_hand(post, ways_to_rate(park, answer)[way], version=version)
    done = take(park["office"], [segment])
    assert (done.new, done.refused) == (1, 0), "it is kept, and carried on"
    assert rating(park["office"], answer) == "partly"
    assert park["office"].digest(afresh=True) == before
    (kept,) = park.devices("office").aside()
    assert (kept.kind, kept.id, kept.role) == ("answer", answer.id, "ranger")
    assert verify(park["office"], quiet()).problems == []
    park.give("office", "gate")
    assert rating(park["gate"], answer) == "partly"
    assert aside_of(park["gate"]) == aside_of(park["office"])


def test_the_rest_of_such_a_segment_counts(park: Park) -> None:
    post = park.enrol("post", "ranger")
    answer, patrol = an_answer(SITE, rating="partly"), a_patrol(SITE, "P-1")
    add(park["office"], answer)
    good = Op(Patrol.KIND, patrol.id, INSERT, CODECS[Patrol.KIND].wire(patrol))
    take(park["office"], [by_hand(post, ways_to_rate(park, answer)["edit"], good)])
    assert numbers(park["office"]) == {"P-1"}
    assert rating(park["office"], answer) == "partly"


def test_a_stream_of_ones_own_is_no_way_round(park: Park) -> None:
    """The record of another site with the same id would stand beside ours in every list."""
    post = park.enrol("post", "ranger")
    answer = an_answer(SITE, rating="partly")
    add(park["office"], answer)
    elsewhere = derived_id(1, "a site that nobody has heard of")
    site = Site(id=elsewhere, site_id=elsewhere, name="Nowhere demo")
    make_site = Op(Site.KIND, elsewhere, INSERT, CODECS[Site.KIND].wire(site))
    rate = ways_to_rate(park, answer)["make again"]
    for keys in (post.keys, make_keys(keyed=False)):
        done = take(park["office"], [by_hand(post, make_site, rate, keys=keys, stream=elsewhere, version=0)])
        assert done.new == 1
    with park["office"].reading() as data:
        assert [one.rating for one in data.find(Answer)] == ["partly"]
        assert data.count(Site) == 1
    assert rating(park["office"], answer) == "partly"


def test_a_stranger_with_keys_of_his_own_writes_nothing_that_counts(park: Park) -> None:
    park.enrol("post", "ranger")
    patrol = a_patrol(SITE, "X-1")
    op = Op(Patrol.KIND, patrol.id, INSERT, CODECS[Patrol.KIND].wire(patrol))
    for version in (0, 1, 2):
        keys = make_keys(keyed=False)
        assert take(park["office"], [by_hand(park["post"], op, keys=keys, version=version)]).new == 1
    assert numbers(park["office"]) == set()
    assert {kept.role for kept in park.devices("office").aside()} == {""}


def test_a_segment_that_names_a_directory_to_come_waits_and_holds_only_its_own_feed(park: Park) -> None:
    post, gate = park.enrol("post", "ranger"), park.enrol("gate", "ranger")
    patrol = a_patrol(SITE, "P-9")
    op = Op(Patrol.KIND, patrol.id, INSERT, CODECS[Patrol.KIND].wire(patrol))
    take(park["office"], [by_hand(post, op, version=4)])
    add(gate, a_patrol(SITE, "G-1"))
    park.give("gate", "office")
    assert numbers(park["office"]) == {"G-1"}
    park.enrol("lake", "ranger")
    add(park["office"], a_patrol(SITE, "O-1"))
    park.give("lake", "office")
    assert numbers(park["office"]) == {"G-1", "O-1", "P-9"}


def test_a_new_role_leaves_lawful_work_and_naming_the_old_version_does_not_help(park: Park) -> None:
    gate = park.enrol("gate", "manager")
    answer = an_answer(SITE, rating="partly")
    add(park["office"], answer)
    park.give("office", "gate")
    with gate.unit("rate") as unit:
        unit.change(answer, rating="met")
    park.give("gate", "office")
    named = park.devices("gate").directory()
    assert named is not None
    park.devices("office").set_role(gate.keys.replica, role="ranger")
    made = dot_of(park["office"], answer.id)
    op = Op(Answer.KIND, answer.id, RATING, "not_met", (made,))
    take(park["office"], [by_hand(gate, op, version=named.version)])
    assert rating(park["office"], answer) == "met"
    assert park["office"].rebuild()[0] == park["office"].digest()


def test_the_laptop_learns_of_its_new_role_with_the_next_bundle(park: Park) -> None:
    gate = park.enrol("gate", "manager")
    answer = an_answer(SITE, rating="partly")
    add(park["office"], answer)
    park.devices("office").set_role(gate.keys.replica, role="ranger")
    park.give("office", "gate")
    with pytest.raises(Refused, match="ranger"), gate.unit("rate") as unit:
        unit.change(answer, rating="partly" if rating(gate, answer) == "met" else "met")


# -- revocation


def test_what_a_revoked_laptop_writes_later_is_kept_aside_everywhere(park: Park) -> None:
    post, gate = park.enrol("post", "ranger"), park.enrol("gate", "manager")
    add(post, a_patrol(SITE, "P-1"))
    park.give("post", "office")
    add(post, a_patrol(SITE, "P-2"))
    assert park.devices("office").revoke(post.keys.replica) == 1
    add(post, a_patrol(SITE, "P-3"))
    park.give("post", "gate")
    assert numbers(gate) == {"P-1", "P-2", "P-3"}, "gate has not heard of it"
    park.everybody_gives()
    for name in ("office", "gate", "post"):
        assert numbers(park[name]) == {"P-1"}
        assert len(park.devices(name).aside()) == 2
        assert verify(park[name], quiet()).problems == []
    assert len({park[name].digest() for name in ("office", "gate", "post")}) == 1
    with pytest.raises(Refused, match="none of this site's devices"):
        add(post, a_patrol(SITE, "P-4"))


def test_honest_work_on_top_of_it_is_not_held_up(park: Park) -> None:
    post, gate = park.enrol("post", "ranger"), park.enrol("gate", "manager")
    late, before = a_patrol(SITE, "P-1"), a_patrol(SITE, "O-1", title="")
    add(park["office"], before)
    park.give("office", "post")
    add(post, late)
    with post.unit("edit") as unit:
        unit.change(before, title="by post")
    park.give("post", "gate")
    with gate.unit("work on") as unit:
        unit.change(late, title="seen by gate")
        unit.change(before, title="by gate")
        unit.add(a_patrol(SITE, "G-1"))
    park.devices("office").revoke(post.keys.replica, accept_up_to=0)
    park.everybody_gives()
    for name in ("office", "gate", "post"):
        assert numbers(park[name]) == {"O-1", "G-1"}
        with park[name].reading() as data:
            assert data.need(Patrol, before.id).title == "by gate"
    park.devices("office").revoke(post.keys.replica, accept_up_to=9)
    park.everybody_gives()
    for name in ("office", "gate", "post"):
        with park[name].reading() as data:
            assert data.need(Patrol, late.id).title == "seen by gate", "nothing was lost"
        assert park.devices(name).aside() == []


def test_a_revoked_laptop_cannot_open_what_is_sealed_to_the_new_group_key(park: Park) -> None:
    post, _gate = park.enrol("post", "ranger"), park.enrol("gate", "manager")
    old = park.devices("office").group_secrets()
    park.devices("office").revoke(post.keys.replica)
    park.everybody_gives()
    sealed = seal(b"demo", park.devices("office").recipients())
    assert unseal(sealed, park.devices("gate").group_secrets()) == b"demo"
    assert park.devices("post").group_secrets() == old
    with pytest.raises(BadInput):
        unseal(sealed, park.devices("post").group_secrets())
    assert set(old) <= set(park.devices("gate").group_secrets()), "older bundles still open"
    park.enrol("lake", "ranger")
    assert park.devices("lake").group_secrets() == park.devices("gate").group_secrets()


def test_a_laptop_that_was_found_again_is_taken_back_with_all_its_work(park: Park) -> None:
    post = park.enrol("post", "ranger")
    park.devices("office").revoke(post.keys.replica)
    add(post, a_patrol(SITE, "P-1"))
    park.give("post", "office")
    assert numbers(park["office"]) == set()
    park.enrol("post", "ranger")
    assert numbers(park["office"]) == {"P-1"}
    add(post, a_patrol(SITE, "P-2"))
    park.give("post", "office")
    assert numbers(park["office"]) == {"P-1", "P-2"}
