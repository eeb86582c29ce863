"""The rules of quotas and of erasing are broken once each, and a story has to notice."""

from __future__ import annotations

import pytest

from ranger_app.domain import quotas
from ranger_app.storage import dropping
from ranger_app.storage.changes import directories, erasing, receiving
from ranger_app.storage.changes import feeds as feeds_kept
from tests.sync import stories_of_erasures, stories_of_quotas
from tests.sync.planting import Change, Fault, fault, planted

FAULTS = (
    fault(
        "a laptop brings as much as it likes",
        stories_of_quotas.what_is_beyond_is_kept_aside_and_comes_in_when_it_is_allowed,
        Change(quotas.is_beyond, "changes > allowed", "False"),
        by_chance=False,
    ),
    fault(
        "what a segment brings is not counted with what was there before",
        stories_of_quotas.what_is_beyond_is_kept_aside_and_comes_in_when_it_is_allowed,
        Change(feeds_kept.FeedBook.advance, "feed.changes += changes", "feed.changes = changes"),
        by_chance=False,
    ),
    fault(
        "a quota that is lowered leaves what is there",
        stories_of_quotas.lowered_below_what_is_there,
        Change(directories._fate, "min(allowance(directory, feed.replica), feed.changes)", "0"),
        by_chance=False,
    ),
    fault(
        "a laptop goes round its quota with new keys",
        stories_of_quotas.a_copy_brings_no_more_than_was_allowed,
        Change(quotas.allowance, "return min(first, UNDER_AN_UNNAMED)", "return USUAL"),
        by_chance=False,
    ),
    fault(
        "an erased value comes back with an old bundle",
        stories_of_erasures.heard_of_before_what_it_is_about,
        Change(receiving._take, "erased.of(segment.stream, segment.replica, segment.seq, digest)", "set()"),
        by_chance=False,
    ),
    fault(
        "an erased value stays in the segments that are kept",
        stories_of_erasures.an_old_stick_does_not_bring_it_back,
        Change(erasing.drop_erased, "Erasure.KIND not in applied.rows", "True"),
    ),
    fault(
        "what was cut for nothing is not asked for again",
        stories_of_erasures.by_one_of_two_copies,
        Change(erasing.look_at_cut, "== LACKING", "is None"),
        by_chance=False,
    ),
    fault(
        "what another copy wrote under the same number goes too",
        stories_of_erasures.of_what_one_of_two_copies_wrote,
        Change(erasing.gone_of, 'of in (b"", hash_)', "True"),
        by_chance=False,
    ),
    fault(
        "what waits keeps its value",
        stories_of_erasures.of_what_waits_and_of_what_is_kept_aside,
        Change(dropping._places, "state <> ?", "state > ?"),
        by_chance=False,
    ),
    fault(
        "what stood beside an erased value goes with it",
        stories_of_erasures.an_old_stick_does_not_bring_it_back,
        Change(dropping.drop_value, "beside = _beside(database, spec, id_, together)", "beside = ()"),
        by_chance=False,
    ),
)


@pytest.mark.parametrize("planted_fault", FAULTS, ids=lambda f: f.name)
def test_a_story_notices(planted_fault: Fault) -> None:
    with planted(*planted_fault.changes), pytest.raises(Exception):  # noqa: B017, PT011 - however it shows
        planted_fault.story()
