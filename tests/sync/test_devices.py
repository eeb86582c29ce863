"""How laptops become and cease to be a site's devices, and who decides it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.ids import derived_id
from ranger_app.security.sealing import recipient_of
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above, take
from tests.builders import a_patrol
from tests.sync.park import SITE, Park, a_park, add, numbers


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park() as made:
        yield made


# -- joining


def test_both_laptops_show_the_same_words_and_hold_the_same_group_key(park: Park) -> None:
    request, file = park.devices("post").request(name="Demo post")
    joined = park.devices("post").join(park.devices("office").enrol(file, role="data-clerk"))
    assert joined.role == park.devices("post").role() == "data clerk"
    assert joined.words == park.devices("office").words_of_site()
    assert park.devices("office").by_the_maker()
    assert park["post"].site_id == SITE
    assert park.devices("post").group_secrets() == park.devices("office").group_secrets() != []
    assert [one.name for one in park.devices("office").laptops()] == ["office", "Demo post"]
    assert request.name == "Demo post"


def test_before_anybody_is_enrolled_everybody_who_has_a_bundle_may_write(park: Park) -> None:
    park.give("office", "friend")
    add(park["friend"], a_patrol(SITE, "F-1"))
    assert park.give("friend", "office").new == 1
    assert numbers(park["office"]) == {"F-1"}
    assert park.devices("office").directory() is None


def test_what_was_written_before_the_list_of_devices_stays(park: Park) -> None:
    park.give("office", "friend")
    add(park["friend"], a_patrol(SITE, "F-1"))
    park.give("friend", "office")
    add(park["friend"], a_patrol(SITE, "F-2"))
    park.enrol("post", "ranger")
    park.give("friend", "office")
    assert numbers(park["office"]) == numbers(park["post"]) | set() == {"F-1"}
    assert len(park.devices("office").aside()) == 1
    park.enrol("friend", "ranger")
    park.give("friend", "office")
    assert numbers(park["office"]) == {"F-1", "F-2"}
    assert park.devices("office").aside() == []


def test_a_laptop_that_is_not_enrolled_reads_and_is_told_that_it_may_not_write(park: Park) -> None:
    park.enrol("post", "ranger")
    add(park["post"], a_patrol(SITE, "P-1"))
    park.give("post", "visitor")
    assert numbers(park["visitor"]) == {"P-1"}
    with pytest.raises(Refused, match="none of this site's devices"):
        add(park["visitor"], a_patrol(SITE, "V-1"))


def test_an_answer_for_one_laptop_is_of_no_use_to_another(park: Park) -> None:
    _request, file = park.devices("post").request()
    answer = park.devices("office").enrol(file, role="ranger")
    with pytest.raises(BadInput):
        park.devices("thief").join(answer)
    assert not park["thief"].has_site


def test_a_lost_answer_is_made_again(park: Park) -> None:
    _request, file = park.devices("post").request()
    park.devices("office").enrol(file, role="ranger")
    before = park.devices("office").directory()
    park.devices("post").join(park.devices("office").enrol(file, role="ranger"))
    assert park.devices("office").directory() == before
    with pytest.raises(Refused, match="already"):
        park.devices("office").enrol(file, role="manager")


def test_only_an_administrator_enrols_revokes_and_gives_roles(park: Park) -> None:
    park.enrol("post", "manager")
    _request, file = park.devices("friend").request()
    office = park["office"].keys.replica
    with pytest.raises(Refused, match="administrator"):
        park.devices("post").enrol(file, role="administrator")
    with pytest.raises(Refused, match="administrator"):
        park.devices("post").revoke(office)
    with pytest.raises(Refused, match="administrator"):
        park.devices("post").set_role(park["post"].keys.replica, role="administrator")
    with pytest.raises(Refused, match="administrator"):
        park.devices("post").print_sheet(on=date(2026, 5, 31))


def test_a_second_administrator_enrols_others(park: Park) -> None:
    park.enrol("gate", "administrator")
    park.enrol("post", "ranger", by="gate")
    add(park["post"], a_patrol(SITE, "P-1"))
    park.everybody_gives()
    assert numbers(park["office"]) == {"P-1"}


def test_the_last_administrator_cannot_be_shut_out(park: Park) -> None:
    park.enrol("post", "ranger")
    with pytest.raises(Refused, match="without an administrator"):
        park.devices("office").revoke(park["office"].keys.replica)


def test_a_workspace_of_one_site_joins_no_other(park: Park) -> None:
    with a_park() as other:
        other["post"].settle_in(derived_id(1, "another park"))
        _request, file = other.devices("post").request()
        with pytest.raises(Refused, match="another site"):
            other.devices("post").join(park.devices("office").enrol(file, role="ranger"))


def test_a_device_is_found_by_its_name_or_the_beginning_of_its_id(park: Park) -> None:
    park.enrol("post", "ranger")
    replica = park["post"].keys.replica
    assert park.devices("office").find("post").replica == replica
    assert park.devices("office").find(replica.hex()[:8]).replica == replica
    for odd in ("nobody", "", replica.hex()[:2]):
        with pytest.raises(NotFound):
            park.devices("office").find(odd)


# -- the directory on its way


def test_nobody_else_can_begin_the_directory_of_a_site(park: Park) -> None:
    park.give("office", "thief")
    _request, file = park.devices("accomplice").request()
    park.devices("thief").enrol(file, role="administrator")
    done = park.give("thief", "office")
    assert not park.devices("thief").by_the_maker()
    assert done.entries_strange > 0
    assert park.devices("office").directory() is None
    add(park["office"], a_patrol(SITE, "O-1"))
    park.give("office", "friend")
    park.give("thief", "friend")
    assert park.devices("friend").directory() is None


def test_a_second_maker_of_the_same_site_is_not_believed(park: Park) -> None:
    with a_park() as other:
        _request, file = other.devices("accomplice").request()
        other.devices("office").enrol(file, role="administrator")
        segments = list(segments_above(other["office"], {}))
        take(park["office"], segments, entries=directory_entries(other["office"]))
        assert park.devices("office").directory() is None
        park.give("office", "friend")
        take(park["friend"], segments, entries=directory_entries(other["office"]))
        assert park.devices("friend").directory() is None


def test_another_directory_under_the_same_name_is_refused(park: Park) -> None:
    park.enrol("post", "ranger")
    with a_park() as other:
        _request, file = park.devices("post").request()
        with pytest.raises(Refused, match="another list"):
            park.devices("post").join(other.devices("office").enrol(file, role="ranger"))
    assert park.devices("post").role() == "ranger"
    add(park["post"], a_patrol(SITE, "P-1"))


def test_an_old_directory_changes_nothing(park: Park) -> None:
    post = park.enrol("post", "ranger")
    old = directory_entries(park["office"])
    park.devices("office").revoke(post.keys.replica)
    park.give("office", "post")
    before = park.devices("post").directory()
    done = take(post, [], entries=old)
    assert (done.entries_new, done.entries_strange) == (0, 0)
    assert park.devices("post").directory() == before


def test_what_two_administrators_did_apart_is_told(park: Park) -> None:
    park.enrol("gate", "administrator")
    park.enrol("post", "ranger", by="office")
    park.enrol("lake", "ranger", by="gate")
    add(park["lake"], a_patrol(SITE, "L-1"))
    park.everybody_gives()
    for name in ("office", "gate", "post", "lake"):
        (lost,) = park.devices(name).forks()
        assert (lost.kind, lost.number) == ("enrol", 3)
        assert numbers(park[name]) == set()
    park.enrol("lake", "ranger", by="office")
    park.everybody_gives()
    assert all(numbers(park[name]) == {"L-1"} for name in ("office", "gate", "post", "lake"))


# -- the recovery sheet


def test_a_new_laptop_takes_the_place_of_a_lost_office_by_its_sheet(park: Park) -> None:
    park.enrol("post", "ranger")
    sheet = park.devices("office").print_sheet(on=date(2026, 5, 31))
    park.give("office", "post")
    park.give("post", "new office")
    secrets = park.devices("office").group_secrets()
    park.devices("new office").recover(sheet)
    assert park.devices("new office").role() == "administrator"
    assert park.devices("new office").group_secrets() == secrets
    park.devices("new office").revoke(park["office"].keys.replica)
    add(park["office"], a_patrol(SITE, "stolen"))
    park.everybody_gives()
    assert numbers(park["post"]) == set()
    assert park.devices("office").role() is None


def test_only_the_sheet_that_was_printed_last_counts(park: Park) -> None:
    old = park.devices("office").print_sheet(on=date(2026, 5, 31))
    park.devices("office").print_sheet(on=date(2026, 6, 1))
    park.give("office", "new office")
    with pytest.raises(Refused, match="not the present recovery sheet"):
        park.devices("new office").recover(old)


def test_new_bundles_are_sealed_to_the_sheet_too(park: Park) -> None:
    park.devices("office").print_sheet(on=date(2026, 5, 31))
    assert len(park.devices("office").recipients()) == 2
    assert recipient_of(park.devices("office").group_secrets()[-1]) == park.devices("office").recipients()[0]
