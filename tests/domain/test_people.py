"""What people may do is a function of the directory, the laptop that signed, and the person that it names."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.directory import Entry
from ranger_app.domain.people import Roles, fate
from ranger_app.domain.roles import ADMINISTRATOR, ASSESSOR, MANAGER, RANGER, ROLES, rights, rights_within
from tests.domain.chains import device, directory, enrol, entry, followed, found, replica

OFFICE, POST = replica("office"), replica("post")


def asked(*roles: set[str]) -> Roles:
    return tuple(frozenset(one) for one in roles)


def id_of(name: str) -> bytes:
    return name.encode().ljust(16, b".")


def person(
    after: Entry,
    name: str,
    *roles: str,
    on: tuple[str, ...] | None = None,
    numbers: dict[bytes, int] | None = None,
    by: str = "",
) -> Entry:
    """An entry of the office's laptop that makes somebody one of the site's people; `by` who sits there."""
    content: dict[str, Any] = {
        "person": id_of(name),
        "name": name,
        "roles": list(roles),
        "after": numbers or {},
    }
    if on is not None:
        content["devices"] = [replica(one) for one in on]
    return entry(after, "office", "person", content | ({"by": id_of(by)} if by else {}))


def retire(after: Entry, name: str, numbers: dict[bytes, int], by: str) -> Entry:
    content = {"person": id_of(name), "after": numbers, "by": id_of(by)}
    return entry(after, "office", "retire", content)


FIRST = found()
SECOND = enrol(FIRST, "post", role=MANAGER)
BOSS = person(SECOND, "boss", ADMINISTRATOR)
ASHA = person(BOSS, "asha", RANGER, by="boss")
BEN = person(ASHA, "ben", MANAGER, on=("office",), by="boss")
PARK = (FIRST, SECOND, BOSS, ASHA, BEN)


def test_where_nobody_signs_in_the_laptop_alone_is_asked() -> None:
    now = directory(FIRST, SECOND)
    assert now.roles_of(POST, 1, 2, b"") == asked({MANAGER})
    assert now.roles_of(POST, 1, 2, id_of("asha")) == asked({MANAGER})
    there = directory(FIRST, SECOND, person(SECOND, "boss", ADMINISTRATOR, on=("office",)))
    assert there.roles_of(POST, 1, 3, b"") == asked({MANAGER}), "nobody signs in on that one"


def test_what_counts_is_what_laptop_and_person_may_both_do() -> None:
    now = directory(*PARK)
    assert now.roles_of(POST, 1, 5, id_of("asha")) == asked({MANAGER}, {RANGER})
    assert now.roles_of(OFFICE, 1, 5, id_of("ben")) == asked({ADMINISTRATOR}, {MANAGER})


@given(laptop=st.sampled_from(ROLES), theirs=st.sets(st.sampled_from(ROLES), min_size=1))
def test_nobody_may_do_more_than_the_laptop_or_than_one_of_their_roles(laptop: str, theirs: set[str]) -> None:
    both = rights_within([{laptop}, theirs])
    assert both == rights_within([theirs, {laptop}])
    for alone in (rights_within([{laptop}]), rights_within([theirs])):
        assert alone is None or (both is not None and both <= alone)
    assert rights_within([theirs]) == (
        None if ADMINISTRATOR in theirs else frozenset().union(*(rights(r) or frozenset() for r in theirs))
    )


def test_a_person_is_believed_only_where_the_directory_lets_them_sign_in() -> None:
    now = directory(*PARK)
    assert now.roles_of(POST, 1, 5, id_of("ben")) is None, "ben signs in at the office alone"
    assert now.roles_of(POST, 1, 5, id_of("nobody known")) is None


def test_a_change_that_names_nobody_may_do_what_one_of_its_laptops_people_may() -> None:
    now = directory(*PARK)
    assert now.roles_of(POST, 1, 5, b"") == asked({MANAGER}, {ADMINISTRATOR, RANGER})
    only = directory(FIRST, SECOND, BOSS, person(BOSS, "boss", ADMINISTRATOR, on=("office",), by="boss"))
    assert only.roles_of(POST, 1, 4, b"") is None, "people have signed in there, and none may any more"


def test_naming_an_older_directory_brings_no_older_roles_back() -> None:
    less = person(BEN, "ben", ASSESSOR, on=("office",), numbers={OFFICE: 7}, by="boss")
    now = directory(*PARK, less)
    ben = id_of("ben")
    assert now.roles_of(OFFICE, 7, 5, ben) == asked({ADMINISTRATOR}, {MANAGER})
    assert now.roles_of(OFFICE, 8, 5, ben) == asked({ADMINISTRATOR}, {ASSESSOR})
    assert now.roles_of(POST, 1, 2, b"") == asked({MANAGER}, {ADMINISTRATOR, RANGER})


def test_who_has_retired_counts_up_to_the_numbers_which_can_be_moved() -> None:
    gone = retire(BEN, "asha", {POST: 3}, "boss")
    asha = id_of("asha")
    now = directory(*PARK, gone)
    assert [now.roles_of(POST, seq, 5, asha) for seq in (3, 4)] == [asked({MANAGER}, {RANGER}), None]
    moved = directory(*PARK, gone, retire(gone, "asha", {POST: 9}, "boss"))
    assert moved.roles_of(POST, 9, 6, asha) == asked({MANAGER}, {RANGER})
    assert moved.roles_of(POST, 10, 6, asha) is None
    back = person(gone, "asha", RANGER, numbers={POST: 12}, by="boss")
    assert directory(*PARK, gone, back).roles_of(POST, 13, 7, asha) == asked({MANAGER}, {RANGER})


def test_only_a_person_who_administers_adds_to_the_chain_where_people_sign_in() -> None:
    for by in ("", "asha", "ben", "nobody known"):
        assert followed(*PARK, person(BEN, "friend", ADMINISTRATOR, by=by)).directory.version == 5
    assert followed(*PARK, person(BEN, "friend", RANGER, by="boss")).directory.version == 6
    forged = entry(BEN, "office", "enrol", {"device": device("lake"), "role": RANGER, "by": 7})
    assert followed(*PARK, forged).directory.version == 5


def test_the_last_who_administers_stays() -> None:
    assert followed(FIRST, SECOND, person(SECOND, "asha", RANGER)).directory.version == 2
    assert followed(*PARK, retire(BEN, "boss", {}, "boss")).directory.version == 5
    assert followed(*PARK, person(BEN, "boss", RANGER, by="boss")).directory.version == 5
    assert followed(*PARK, person(BEN, "boss", ADMINISTRATOR, on=("post",), by="boss")).directory.version == 5


@pytest.mark.parametrize(
    "odd",
    [
        {"person": b"short"},
        {"roles": []},
        {"roles": "ranger"},
        {"roles": [7]},
        {"roles": ["r"] * 17},
        {"name": ""},
        {"name": "x" * 101},
        {"devices": ["post"]},
        {"devices": [b""]},
        {"after": {b"x": 1}},
        {"after": {POST: -1}},
        {"after": None},
    ],
)
def test_an_entry_that_makes_no_sense_is_none(odd: dict[str, Any]) -> None:
    said = dict(person(BEN, "new demo", RANGER, by="boss").content) | odd
    assert followed(*PARK, entry(BEN, "office", "person", said)).directory.version == 5


def test_directories_of_one_fate_say_the_same_of_every_segment() -> None:
    """What decides whether the state is made anew when entries come."""
    less = person(BEN, "asha", ASSESSOR, numbers={POST: 2}, by="boss")
    chains = [PARK[:n] for n in range(2, 6)] + [
        (*PARK, less),
        (*PARK, less, retire(less, "asha", {POST: 1}, "boss")),
    ]
    directories = [directory(*chain) for chain in chains]
    authors = [b"", *map(id_of, ("asha", "ben", "boss"))]
    for one, other in product(directories, repeat=2):
        for applied, highest in product(range(4), range(2, 7)):
            same = fate(one.people, POST, POST, applied=applied, highest=highest) == fate(
                other.people, POST, POST, applied=applied, highest=highest
            )
            if same:
                for seq, version, author in product(range(1, applied + 1), range(highest + 1), authors):
                    assert one.roles_of(POST, seq, version, author) == other.roles_of(
                        POST, seq, version, author
                    )
