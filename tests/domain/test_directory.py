"""The directory of a site is what its set of signed entries says, whatever the order they came in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.directory import ENROL, Entry, Followed, follow, grow
from ranger_app.domain.roles import ADMINISTRATOR, MANAGER, RANGER, ROLES
from tests.domain.chains import (
    device,
    directory,
    enrol,
    entry,
    followed,
    found,
    give_role,
    replica,
    revoke,
    sheet,
    signed,
)

NAMES = ("office", "post", "gate", "lake")


def test_the_first_entry_makes_its_writer_administrator() -> None:
    begun = directory(found())
    assert begun.version == 1
    assert begun.role_of(replica("office"), 5, 0) == ADMINISTRATOR
    assert begun.role_of(replica("stranger"), 1, 1) is None


def test_a_first_entry_that_its_device_did_not_sign_begins_nothing() -> None:
    first = found()
    assert follow([first], first.hash, lambda _key, _entry: False) is None
    other = replace(first, signer=replica("thief"))
    assert follow([other], other.hash, lambda _key, _entry: True) is None


def test_only_administrators_add_to_the_chain() -> None:
    first = found()
    second = enrol(first, "post", role=MANAGER)
    by_manager = enrol(second, "friend", by="post")
    by_stranger = enrol(second, "friend", by="thief")
    result = followed(first, second, by_manager, by_stranger)
    assert result.directory.version == 2
    assert result.aside == ()


def test_an_entry_with_a_false_signature_is_as_if_it_had_not_come() -> None:
    first = found()
    false = enrol(first, "thief")
    assert followed(first, false, forged=(false,)) == followed(first)


def test_an_older_directory_changes_nothing() -> None:
    first = found()
    second = enrol(first, "post", role=RANGER)
    third = revoke(second, "post", up_to=3)
    assert followed(first, second, third, first, second) == followed(first, second, third)


def test_a_revoked_device_counts_up_to_the_number_that_was_accepted() -> None:
    first = found()
    second = enrol(first, "post", role=RANGER)
    now = directory(first, second, revoke(second, "post", up_to=3))
    assert [now.role_of(replica("post"), seq, 2) for seq in (1, 3, 4, 99)] == [RANGER, RANGER, None, None]


def test_the_number_that_is_accepted_can_be_moved_and_the_device_taken_back() -> None:
    first = found()
    second = enrol(first, "post", role=RANGER)
    third = revoke(second, "post", up_to=3)
    fourth = revoke(third, "post", up_to=7)
    assert directory(first, second, third, fourth).role_of(replica("post"), 7, 2) == RANGER
    back = directory(first, second, third, fourth, enrol(fourth, "post", role=MANAGER))
    assert back.role_of(replica("post"), 7, 2) == RANGER
    assert back.role_of(replica("post"), 8, 2) == MANAGER


def test_a_new_role_holds_from_where_it_was_given_and_old_work_keeps_its_own() -> None:
    first = found()
    second = enrol(first, "post", role=MANAGER)
    now = directory(first, second, give_role(second, "post", RANGER, after_number=10))
    post = replica("post")
    assert now.role_of(post, 10, 2) == MANAGER
    assert now.role_of(post, 11, 2) == RANGER, "naming the old version does not bring the old role back"
    assert now.role_of(post, 9, 3) == RANGER


def test_what_was_there_before_the_directory_counts() -> None:
    begun = directory(found(accepted={replica("old laptop"): 12}))
    assert begun.role_of(replica("old laptop"), 12, 0) == ADMINISTRATOR
    assert begun.role_of(replica("old laptop"), 13, 0) is None


def test_a_revocation_also_reaches_what_was_there_before_the_directory() -> None:
    first = found(accepted={replica("post"): 12})
    second = enrol(first, "post", role=RANGER)
    now = directory(first, second, revoke(second, "post", up_to=5))
    assert now.role_of(replica("post"), 5, 0) == ADMINISTRATOR
    assert now.role_of(replica("post"), 6, 0) is None


def test_at_a_fork_the_more_senior_hand_wins_and_the_other_is_kept_and_told() -> None:
    first = found()
    second = enrol(first, "gate")
    by_office = enrol(second, "post", role=RANGER, by="office")
    by_gate = revoke(second, "office", by="gate")
    longer = enrol(by_gate, "lake", by="gate")
    result = followed(first, second, by_gate, longer, by_office)
    assert [one.hash for one in result.chain] == [first.hash, second.hash, by_office.hash]
    assert result.aside == (by_gate, longer)
    assert result.highest == 4


def test_a_revoked_administrator_cannot_undo_it_with_a_fork() -> None:
    first = found()
    second = enrol(first, "gate")
    shut_out = revoke(second, "gate", by="office")
    revenge = [revoke(second, "office", by="gate")]
    for n in range(5):
        revenge.append(enrol(revenge[-1], f"friend {n}", by="gate"))
    now = directory(first, second, *revenge, shut_out)
    assert now.members[replica("gate")].role is None
    assert now.members[replica("office")].role == ADMINISTRATOR
    late = enrol(shut_out, "friend", by="gate")
    assert directory(first, second, shut_out, late).version == 3


def test_two_entries_of_one_hand_hold_both_until_the_sheet_decides() -> None:
    first = found()
    second = sheet(first)
    one, other = enrol(second, "post"), enrol(second, "lake")
    stuck = followed(first, second, one, other)
    assert stuck.directory.version == 2
    assert {e.hash for e in stuck.aside} == {one.hash, other.hash}
    decided = enrol(second, "gate", by="sheet")
    assert replica("gate") in directory(first, second, one, other, decided).members


def test_a_new_sheet_makes_the_one_before_void() -> None:
    first = found()
    old = sheet(first, "old sheet")
    new = sheet(old, "new sheet")
    assert directory(first, old, new, enrol(new, "gate", by="old sheet")).version == 3
    assert directory(first, old, new, enrol(new, "gate", by="new sheet")).version == 4


def test_a_site_is_never_left_without_anybody_who_may_administer_it() -> None:
    first = found()
    begun = directory(first)
    assert grow(begun, revoke(first, "office"), _anybody) is None
    assert grow(begun, give_role(first, "office", RANGER, after_number=0), _anybody) is None
    second = sheet(first)
    assert grow(directory(first, second), revoke(second, "office"), _anybody) is not None


def test_an_entry_of_a_kind_that_is_not_known_has_its_place_and_does_nothing() -> None:
    first = found()
    newer = entry(first, "office", "sworn statement", {"anything": [1, {"deep": b""}]})
    now = directory(first, newer, enrol(newer, "post", role=RANGER))
    assert now.version == 3
    assert now.role_of(replica("post"), 1, 3) == RANGER


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"device": None, "role": RANGER},
        {"device": {}, "role": RANGER},
        {"device": device("post") | {"key": b"short"}, "role": RANGER},
        {"device": device("post") | {"name": "x" * 101}, "role": RANGER},
        {"device": device("post"), "role": ["ranger"]},
        {"device": device("post"), "role": "r" * 101},
    ],
)
def test_an_entry_that_makes_no_sense_is_not_taken(content: dict[str, object]) -> None:
    first = found()
    assert grow(directory(first), entry(first, "office", ENROL, content), _anybody) is None


@pytest.mark.parametrize("odd", [{"site": b"another site 001"}, {"number": 3}, {"previous": bytes(32)}])
def test_an_entry_from_elsewhere_is_not_taken(odd: dict[str, Any]) -> None:
    first = found()
    stranger = entry(first, "office", ENROL, {"device": device("post"), "role": RANGER}, **odd)
    assert grow(directory(first), stranger, _anybody) is None


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """What administrators may do, some of them apart, some with no right to: a tree of entries."""
    tree = [found()]
    for n in range(draw(st.integers(1, 12))):
        after = tree[draw(st.integers(max(0, len(tree) - 3), len(tree) - 1))]
        by, name = draw(st.sampled_from((*NAMES, "sheet"))), draw(st.sampled_from(NAMES))
        match draw(st.integers(0, 4)):
            case 0 | 1:
                tree.append(enrol(after, name, role=draw(st.sampled_from(ROLES)), by=by))
            case 2:
                tree.append(revoke(after, name, up_to=n, by=by))
            case 3:
                tree.append(give_role(after, name, draw(st.sampled_from(ROLES)), after_number=n, by=by))
            case _:
                tree.append(sheet(after, by=by))
    return tree


@given(tree=histories(), data=st.data())
def test_the_order_in_which_entries_come_does_not_matter(tree: list[Entry], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(tree))
    twice = [*shuffled, *data.draw(st.lists(st.sampled_from(tree)))]
    assert _follow(twice, tree[0]) == _follow(tree, tree[0])


@given(tree=histories(), data=st.data())
def test_what_was_kept_on_the_way_is_enough(tree: list[Entry], data: st.DataObject) -> None:
    """Entries travel as whole directories: what each laptop keeps of them leads to the same in the end."""
    kept: dict[bytes, Entry] = {}
    for _bundle in range(3):
        some = data.draw(st.integers(1, len(tree)))
        result = _follow([*kept.values(), *tree[:some]], tree[0])
        assert result is not None
        kept = {one.hash: one for one in (*result.chain, *result.aside)}
    last = _follow([*kept.values(), *tree], tree[0])
    assert last == _follow(tree, tree[0])


@given(tree=histories())
def test_the_chain_is_one_and_every_link_of_it_was_signed_by_an_administrator(tree: list[Entry]) -> None:
    result = _follow(tree, tree[0])
    assert result is not None
    present = directory(result.chain[0])
    for number, one in enumerate(result.chain[1:], start=2):
        assert one.number == number
        assert present.seniority(one.signer) is not None
        present = directory(*result.chain[:number])
    assert present == result.directory
    assert any(m.role == ADMINISTRATOR for m in present.members.values()) or present.recovery_key


def _follow(entries: list[Entry], first: Entry) -> Followed | None:
    return follow(entries, first.hash, signed)


def _anybody(_key: bytes, _entry: Entry) -> bool:
    return True
