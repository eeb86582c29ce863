"""Several people share laptops: what each may do there, what counts elsewhere, and who is believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.bootstrap import Ranger
from ranger_app.domain.assessments import Answer
from ranger_app.domain.changes import Op
from ranger_app.domain.errors import BadInput, NotFound, Refused, WrongPassphrase
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.roles import Deed
from ranger_app.storage.changes.segments import decode
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.exchange.exchanging import segments_above, take
from ranger_app.storage.opening import restore
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, an_answer, quiet
from tests.sync.arriving import Story, deliver, story_of
from tests.sync.park import SITE, Park, a_park, add, aside_of, by_hand, dot_of, numbers, rating

RATING = BY_NAME["answer"].by_name["rating"].number
ANSWER = an_answer(SITE, rating="partly")


@pytest.fixture
def park() -> Iterator[Park]:
    """Boss and Ben at the office, Asha the ranger on every laptop; the gate's laptop is a manager's."""
    with a_park() as made:
        peopled(made)
        yield made


def peopled(park: Park) -> None:
    office = park.people("office")
    park.enrol("gate", "manager")
    boss = office.add("Boss demo", roles=["administrator"])
    office.enter(boss)
    office.add("Asha demo", roles=["ranger"])
    office.add("Ben demo", roles=["manager"], devices=[park["office"].keys.replica])
    add(park["office"], ANSWER)
    park.give("office", "gate")


def sign_in(park: Park, laptop: str, name: str) -> None:
    park.people(laptop).enter(park.people(laptop).find(name))


def rate(park: Park, value: str) -> Op:
    return Op(Answer.KIND, ANSWER.id, RATING, value, (dot_of(park["office"], ANSWER.id),))


def test_everything_written_names_who_is_signed_in(park: Park) -> None:
    sign_in(park, "gate", "Asha demo")
    add(park["gate"], a_patrol(SITE, "P-1"))
    last = decode(list(segments_above(park["gate"], {}))[-1].body)
    assert park.people("gate").names()[last.author] == "Asha demo"
    with park["gate"].reading() as data:
        (patrol,) = data.find(Patrol)
        assert {change.author for change in data.history(Patrol, patrol.id)} == {last.author}


def test_a_ranger_on_a_laptop_that_may_rate_rates_nothing_and_is_told_why(park: Park) -> None:
    sign_in(park, "gate", "Asha demo")
    with (
        pytest.raises(Refused, match=r"of this laptop and of you, manager, ranger"),
        park["gate"].unit("") as unit,
    ):
        unit.change(ANSWER, rating="met")
    standing = park.people("gate").standing()
    assert "ranger" in standing.why_not_in_words("answer", Deed.CHANGE)
    assert standing.why_not_in_words("patrol", Deed.ADD) == ""


def test_an_administrator_on_the_laptop_of_a_ranger_rates_nothing_either(park: Park) -> None:
    park.enrol("post", "ranger")
    sign_in(park, "post", "Boss demo")
    with pytest.raises(Refused, match="ranger, administrator"), park["post"].unit("rate") as unit:
        unit.change(ANSWER, rating="met")


def test_where_people_sign_in_nobody_writes_unnamed(park: Park) -> None:
    with pytest.raises(Refused, match="nobody has"):
        add(park["gate"], a_patrol(SITE, "P-1"))
    sign_in(park, "gate", "Asha demo")
    add(park["gate"], a_patrol(SITE, "P-1"))
    park.people("gate").leave()
    with pytest.raises(Refused, match="nobody has"):
        add(park["gate"], a_patrol(SITE, "P-2"))
    park.give("gate", "office")
    assert numbers(park["office"]) == {"P-1"}


def test_who_may_not_sign_in_there_does_not(park: Park) -> None:
    with pytest.raises(Refused, match="does not sign in on this laptop"):
        sign_in(park, "gate", "Ben demo")
    office = park.people("office")
    office.retire(office.find("Asha demo"))
    park.give("office", "gate")
    with pytest.raises(Refused, match="has retired"):
        sign_in(park, "gate", "Asha demo")
    with pytest.raises(NotFound):
        sign_in(park, "gate", "Nobody demo")


@pytest.mark.parametrize("claims", ["Asha demo", "Ben demo", "nobody", "somebody unknown"])
@pytest.mark.parametrize("version", [0, 2, 5])
def test_a_hand_made_segment_that_claims_anothers_name_rates_nothing(
    park: Park, claims: str, version: int
) -> None:
    """The laptop's key signs, so a claim reaches no further than who may sign in there; Ben may not."""
    known = {name: id_ for id_, name in park.people("gate").names().items()}
    author = known.get(claims, b"" if claims == "nobody" else b"!" * 16)
    post = park.enrol("post", "ranger")
    for laptop in (post,) if claims == "nobody" else (post, park["gate"]):
        done = take(park["office"], [by_hand(laptop, rate(park, "met"), version=version, author=author)])
        assert done.new == 1
        assert rating(park["office"], ANSWER) == "partly"
    assert {kept.kind for kept in park.devices("office").aside()} == {"answer"}
    assert {kept.author for kept in park.devices("office").aside()} == {author}


def test_a_claim_is_worth_what_the_claimed_person_may_do_there_and_no_more(park: Park) -> None:
    """Whoever holds a laptop's key can name any of its people: that is what the laptop's role is for."""
    known = {name: id_ for id_, name in park.people("gate").names().items()}
    patrol = a_patrol(SITE, "P-1")
    make = Op(Patrol.KIND, patrol.id, INSERT, CODECS[Patrol.KIND].wire(patrol))
    take(park["office"], [by_hand(park["gate"], make, rate(park, "met"), author=known["Asha demo"])])
    assert numbers(park["office"]) == {"P-1"}
    assert rating(park["office"], ANSWER) == "partly"
    take(park["office"], [by_hand(park["gate"], rate(park, "met"), author=known["Boss demo"])])
    park.give("office", "gate")
    assert rating(park["office"], ANSWER) == "partly", "a gap in the feed: the first is not on this laptop"


def test_what_was_written_before_there_were_people_still_counts() -> None:
    with a_park() as park:
        gate = park.enrol("gate", "manager")
        add(park["office"], ANSWER)
        park.give("office", "gate")
        with gate.unit("rate") as unit:
            unit.change(ANSWER, rating="met")
        boss = park.people("office").add("Boss demo", roles=["administrator"])
        park.people("office").enter(boss)
        park.give("gate", "office")
        assert rating(park["office"], ANSWER) == "met", "one of those who sign in there now may rate"
        assert aside_of(park["office"]) == []
        park.give("office", "gate")
        assert gate.digest() == park["office"].digest()


def test_only_an_administrator_who_is_signed_in_changes_the_directory(park: Park) -> None:
    office = park.people("office")
    _request, file = park.devices("lake").request()
    for who in ("Ben demo", ""):
        office.leave()
        if who:
            sign_in(park, "office", who)
        with pytest.raises(Refused, match="person who is administrator"):
            park.devices("office").enrol(file, role="ranger")
        with pytest.raises(Refused, match="person who is administrator"):
            office.add("Friend demo", roles=["administrator"])
    sign_in(park, "office", "Boss demo")
    park.devices("lake").join(park.devices("office").enrol(file, role="ranger"))


def test_nobody_shuts_himself_out_with_the_first_person() -> None:
    with a_park() as park:
        office = park.people("office")
        with pytest.raises(Refused, match="Nobody could administer"):
            office.add("Asha demo", roles=["ranger"])
        assert office.all() == []
        office.add("Asha demo", roles=["ranger"], devices=[])
        boss = office.add("Boss demo", roles=["administrator"])
        office.enter(boss)
        with pytest.raises(Refused, match="without an administrator"):
            office.change(boss, roles=["ranger"])
        with pytest.raises(Refused, match="without an administrator"):
            office.retire(boss)
        with pytest.raises(Refused, match="already"):
            office.add("Boss demo", roles=["ranger"])
        with pytest.raises(BadInput):
            office.add("  ", roles=["ranger"])
        with pytest.raises(BadInput):
            office.add("King demo", roles=["king"])


def test_the_recovery_sheet_makes_a_person_administrator_too(park: Park) -> None:
    from datetime import date

    sheet = park.devices("office").print_sheet(on=date(2026, 5, 1))
    office = park.people("office")
    office.change(office.find("Boss demo"), devices=[park["office"].keys.replica])
    park.give("office", "gate")
    gate = park.devices("gate")
    with pytest.raises(Refused, match="none of them is an administrator"):
        gate.recover(sheet)
    gate.recover(sheet, name="Chief demo")
    sign_in(park, "gate", "Chief demo")
    park.people("gate").add("Dana demo", roles=["ranger"])
    park.give("gate", "office")
    assert {one.name for one in office.all()} >= {"Chief demo", "Dana demo"}
    with pytest.raises(Refused, match="already, and so are here: Chief demo"):
        gate.recover(sheet)
    with pytest.raises(Refused, match="one of the site's people already"):
        gate.recover(sheet, name="Asha demo")
    gate.recover(sheet, name="Deputy demo")  # the Chief's passphrase may be forgotten
    sign_in(park, "gate", "Deputy demo")
    park.people("gate").add("Elu demo", roles=["ranger"])


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Boss, Ben and Asha at work; one who becomes less, one who retires, one who is claimed by hand, and one
    who dates back to when nobody signed in."""
    with a_park() as park:
        peopled(park)
        gate, office = park["gate"], park.people("office")
        known = {name: id_ for id_, name in office.names().items()}
        sign_in(park, "gate", "Asha demo")
        add(gate, a_patrol(SITE, "P-1"))
        sign_in(park, "gate", "Boss demo")
        with gate.unit("rate") as unit:
            unit.change(ANSWER, rating="met")
        park.give("gate", "office")
        office.change(office.find("Asha demo"), roles=["assessor"])
        office.retire(office.find("Ben demo"))
        late = a_patrol(SITE, "P-9")
        make = Op(Patrol.KIND, late.id, INSERT, CODECS[Patrol.KIND].wire(late))
        post = park.enrol("post", "ranger")
        take(park["office"], [by_hand(gate, make, version=2, author=known["Asha demo"])])
        take(park["office"], [by_hand(post, make, rate(park, "not_met"), author=known["Ben demo"])])
        add(park["office"], a_patrol(SITE, "O-1"))
        yield story_of(park["office"])


@settings(max_examples=40)
@given(data=st.data())
def test_in_whatever_order_it_comes_the_same_counts(story: Story, data: st.DataObject) -> None:
    with a_park() as park:
        reader = park["reader"]
        deliver(data, story, reader)
        assert reader.digest(afresh=True) == story.digest
        assert aside_of(reader) == story.aside != []
        assert numbers(reader) == {"P-1", "O-1"}
        assert rating(reader, ANSWER) == "met"
        assert verify(reader, quiet()).problems == []


# -- their passphrases on one laptop

OWN, HERS, HIS = "the laptop's own words", "asha's own words", "48151623"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A protected laptop on which Asha and Boss have passphrases, and Cal has none yet."""
    with Ranger.create(tmp_path / "shared", site_name="Demo park", passphrase=OWN)[0] as ranger:
        people = ranger.people
        boss = people.add("Boss demo", roles=["administrator"])
        people.enter(boss)
        asha = people.add("Asha demo", roles=["ranger"])
        people.add("Cal demo", roles=["data clerk"])
        people.choose_passphrase(boss, HIS)
        people.choose_passphrase(asha, HERS)
    return tmp_path / "shared"


def test_each_opens_with_their_own_passphrase(shared: Path) -> None:
    for name, passphrase in (("Asha demo", HERS), ("Boss demo", HIS)):
        with Ranger.open(shared, passphrase=passphrase, person=name) as ranger:
            present = ranger.people.present
            assert present is not None
            assert present.name == name
            ranger.people.check(passphrase)
            with pytest.raises(WrongPassphrase):
                ranger.people.check(OWN)
    for wrong in (OWN, HIS, "", None):
        with pytest.raises(WrongPassphrase):
            Ranger.open(shared, passphrase=wrong, person="Asha demo")
    with pytest.raises(WrongPassphrase):
        Ranger.open(shared, passphrase=HERS)


def test_who_has_none_yet_comes_in_by_the_laptops_and_chooses_one(shared: Path) -> None:
    with Ranger.open(shared, passphrase=OWN) as ranger:
        people = ranger.people
        assert people.asks()
        assert [one.name for one in people.here()] == ["Boss demo", "Asha demo", "Cal demo"]
        with pytest.raises(WrongPassphrase):
            people.enter(people.find("Asha demo"), passphrase=OWN)
        cal = people.find("Cal demo")
        people.enter(cal)
        with pytest.raises(BadInput, match="at least 8"):
            people.choose_passphrase(cal, "1234567")
        people.choose_passphrase(cal, "a word of cal's")
        with pytest.raises(Refused, match="set by an administrator"):
            people.choose_passphrase(people.find("Asha demo"), "mine now, thanks")
    Ranger.open(shared, passphrase="a word of cal's", person="Cal demo").close()


def test_who_retires_opens_nothing_here_any_more(shared: Path) -> None:
    with Ranger.open(shared, passphrase=HIS, person="Boss demo") as ranger:
        ranger.people.retire(ranger.people.find("Asha demo"))
    with pytest.raises(WrongPassphrase):
        Ranger.open(shared, passphrase=HERS, person="Asha demo")


def test_a_new_passphrase_of_the_laptop_leaves_theirs(shared: Path) -> None:
    with Ranger.open(shared, passphrase=HIS, person="Boss demo") as ranger:
        ranger.devices.change_passphrase("another one for the laptop")
    Ranger.open(shared, passphrase=HERS, person="Asha demo").close()
    Ranger.open(shared, passphrase="another one for the laptop").close()


def test_people_sign_in_at_once_after_a_backup_was_put_back(shared: Path) -> None:
    """Where nobody can sign in nobody writes, and the new keys would be known once something is written."""
    with Ranger.open(shared, passphrase=HIS, person="Boss demo") as ranger:
        backup = ranger.workspace.back_up()
    restore(shared, backup, passphrase=OWN)
    with Ranger.open(shared, passphrase=HERS, person="Asha demo") as ranger:
        present = ranger.people.present
        assert present is not None
        assert present.name == "Asha demo"
        assert ranger.devices.role() == "administrator"
    with Ranger.open(shared, passphrase=OWN) as ranger:
        assert ranger.people.asks()


def test_the_passphrase_of_the_laptop_is_no_rangers_to_change(shared: Path) -> None:
    """It would let him in as everybody who has none of their own, and shut those out."""
    with (
        Ranger.open(shared, passphrase=HERS, person="Asha demo") as ranger,
        pytest.raises(Refused, match="by an administrator"),
    ):
        ranger.devices.change_passphrase("mine now, thanks")
    with pytest.raises(WrongPassphrase):
        Ranger.open(shared, passphrase="mine now, thanks", person="Cal demo")
    Ranger.open(shared, passphrase=OWN).close()


def test_a_draft_comes_back_to_its_writer_alone(shared: Path) -> None:
    with Ranger.open(shared, passphrase=HERS, person="Asha demo") as ranger:
        ranger.people.keep_draft("patrol", {"title": "half a"})
    with Ranger.open(shared, passphrase=HIS, person="Boss demo") as ranger:
        assert ranger.people.draft("patrol") is None
        assert ranger.people.drafts() == []
    with Ranger.open(shared, passphrase=HERS, person="Asha demo") as ranger:
        assert ranger.people.drafts() == ["patrol"]
        assert ranger.people.draft("patrol") == {"title": "half a"}
        ranger.people.drop_draft("patrol")
        assert ranger.people.draft("patrol") is None
