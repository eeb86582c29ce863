"""A laptop that was restored or copied gets new keys and stays the device that it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.security.entries import SignedEntry
from ranger_app.security.keys import make_keys
from ranger_app.security.succession import FILE, read_succession, successions, vouch
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above, take, tips
from ranger_app.storage.opening import restore
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, an_answer, quiet
from tests.sync.park import SITE, Park, a_park, add, aside_of, numbers

BEFORE, AFTER = make_keys(keyed=False), make_keys(keyed=False)
VOUCHED = vouch(BEFORE, AFTER, site=SITE)


@pytest.fixture
def park() -> Iterator[Park]:
    with a_park() as made:
        yield made


def restored(park: Park, name: str) -> Workspace:
    """The laptop after a backup was put back."""
    folder = park[name].folder
    backup = park[name].back_up()
    park[name].close()
    restore(folder, backup)
    park.opened(name, Workspace.open(folder))
    return park[name]


def test_a_restored_laptop_goes_on_in_its_role(park: Park) -> None:
    post = park.enrol("post", "ranger")
    add(post, a_patrol(SITE, "P-1"))
    old = post.keys.replica
    again = restored(park, "post")
    assert again.keys.replica != old
    add(again, a_patrol(SITE, "P-2"))
    with pytest.raises(Refused, match="ranger"):
        add(again, an_answer(SITE))
    park.everybody_gives()
    assert numbers(park["office"]) == {"P-1", "P-2"}
    assert aside_of(park["office"]) == []
    assert park["office"].digest() == again.digest()
    assert [one.role for one in park.devices("office").laptops()] == ["administrator", "ranger", "ranger"]
    assert verify(again, quiet()).problems == []
    assert park.devices("post").group_secrets() == park.devices("office").group_secrets() != []


def test_it_may_be_restored_many_times(park: Park) -> None:
    park.enrol("post", "ranger")
    for n in range(4):
        add(restored(park, "post"), a_patrol(SITE, f"P-{n}"))
    park.everybody_gives()
    assert numbers(park["office"]) == {"P-0", "P-1", "P-2", "P-3"}
    assert aside_of(park["office"]) == []


def test_both_copies_of_a_folder_go_on(park: Park, tmp_path: Path) -> None:
    post = park.enrol("post", "ranger")
    post.close()
    shutil.copytree(post.folder, tmp_path / "copy")
    for name, folder in (("post", post.folder), ("copy", tmp_path / "copy")):
        park.opened(name, Workspace.open(folder))
        add(park[name], a_patrol(SITE, f"{name}-1"))
    park.everybody_gives()
    for name in ("post", "copy"):
        add(park[name], a_patrol(SITE, f"{name}-2"))
    park.everybody_gives()
    assert {"post-2", "copy-2"} <= numbers(park["office"])
    assert aside_of(park["office"]) == []
    assert len({park[name].digest() for name in ("office", "post", "copy")}) == 1


def test_what_it_writes_then_may_come_before_the_word_that_it_is_the_same(park: Park) -> None:
    park.enrol("post", "ranger")
    office, again = park["office"], restored(park, "post")
    add(again, a_patrol(SITE, "P-1"))
    take(office, list(segments_above(again, tips(office))))
    assert numbers(office) == set()
    assert len(aside_of(office)) > 0
    take(office, [], entries=directory_entries(again))
    assert numbers(office) == {"P-1"}
    assert aside_of(office) == []
    assert office.digest() == again.digest()


def test_a_first_unit_that_fails_costs_it_neither_its_place_nor_its_name(park: Park) -> None:
    named = park.enrol("post", "ranger").device_name
    again = restored(park, "post")
    with pytest.raises(BrokenPipeError), again.unit("demo"):
        raise BrokenPipeError
    add(again, a_patrol(SITE, "P-1"))
    park.everybody_gives()
    assert numbers(park["office"]) == {"P-1"}
    assert aside_of(park["office"]) == []
    assert again.device_name == named


def test_shutting_out_a_laptop_shuts_out_what_carries_it_on(park: Park) -> None:
    park.enrol("post", "ranger")
    again = restored(park, "post")
    add(again, a_patrol(SITE, "P-1"))
    park.give("post", "office")
    park.devices("office").revoke(park.devices("office").find("post").replica)
    add(again, a_patrol(SITE, "P-2"))
    thief = restored(park, "post")
    add(thief, a_patrol(SITE, "P-3"))
    park.everybody_gives()
    assert numbers(park["office"]) == numbers(thief) == {"P-1"}
    with pytest.raises(Refused, match="none of this site's devices"):
        add(thief, a_patrol(SITE, "P-4"))


def test_nobody_becomes_the_heir_of_a_laptop_that_did_not_vouch_for_him(park: Park) -> None:
    park.enrol("post", "manager")
    thief, stranger = make_keys(keyed=False), make_keys(keyed=False)
    named = vouch(park["post"].keys, thief, site=SITE)
    claims = [
        SignedEntry(named.body, thief.sign(named.body)),  # not the manager's signature
        vouch(stranger, thief, site=SITE),  # nobody's heir
    ]
    done = take(park["office"], [], entries=claims)
    assert done.entries_new == 0
    directory = park.devices("office").directory()
    assert directory is not None
    assert directory.member_of(thief.replica) is None


def test_statements_come_in_any_order_and_only_those_that_lead_to_a_device_are_kept(park: Park) -> None:
    post = park.enrol("post", "ranger")
    keys = [post.keys, *(make_keys(keyed=False) for _ in range(3))]
    chain = [vouch(one, other, site=SITE) for one, other in pairwise(keys)]
    before = len(directory_entries(park["office"]))
    assert take(park["office"], [], entries=chain[1:]).entries_new == 0
    assert take(park["office"], [], entries=chain[::-1]).entries_new == 3
    assert take(park["office"], [], entries=chain).entries_new == 0
    assert len(directory_entries(park["office"])) == before + 3
    directory = park.devices("office").directory()
    assert directory is not None
    member = directory.member_of(keys[-1].replica)
    assert member is not None
    assert member.replica == post.keys.replica
    assert set(directory.incarnations(member)) == {one.replica for one in keys}


def test_keys_that_vouch_for_one_another_in_a_ring_are_nobodys(park: Park) -> None:
    park.enrol("post", "ranger")
    ring = [make_keys(keyed=False) for _ in range(3)]
    claims = [vouch(one, other, site=SITE) for one, other in zip(ring, ring[1:] + ring[:1], strict=True)]
    assert take(park["office"], [], entries=claims).entries_new == 0


@given(place=st.integers(0, len(VOUCHED.body) - 1), bit=st.integers(0, 7))
def test_a_changed_statement_is_none(place: int, bit: int) -> None:
    changed = bytearray(VOUCHED.body)
    changed[place] ^= 1 << bit
    with pytest.raises(BadInput):
        read_succession(SignedEntry(bytes(changed), VOUCHED.signature))


def test_nobody_is_put_in_anothers_place_without_both_having_signed() -> None:
    assert read_succession(VOUCHED).after == AFTER.replica
    with pytest.raises(BadInput):
        read_succession(SignedEntry(VOUCHED.body, AFTER.sign(VOUCHED.body)))
    with pytest.raises(BadInput):
        read_succession(vouch(BEFORE, BEFORE, site=SITE))


def test_a_file_of_statements_that_does_not_read_is_as_if_there_were_none(tmp_path: Path) -> None:
    assert successions(tmp_path) == []
    (tmp_path / FILE).write_bytes(b"junk")
    assert successions(tmp_path) == []
