"""Each rule of the merge is broken once, and a story has to notice: the tests themselves are tried."""

from __future__ import annotations

import pytest

from ranger_app.domain import changes, feeds, lists, policies, texts
from ranger_app.security import keys
from ranger_app.storage import codecs, digest, unsettled
from ranger_app.storage.changes import heads, leaves, merging, receiving, withholding
from ranger_app.storage.changes.kinship import Kin
from ranger_app.storage.changes.past import PastOfFields
from ranger_app.storage.changes.places import Place
from ranger_app.storage.differences import settling
from ranger_app.storage.exchange import exchanging
from ranger_app.storage.own_keys import OwnKeys
from ranger_app.storage.unit import Unit
from ranger_app.sync.bundles import frames
from tests.sync import (
    stories,
    stories_of_policies,
    stories_of_secrets,
)
from tests.sync.planting import Change, Fault, fault, planted

Heads = heads.HeadsOfRecords


FAULTS = (
    fault(
        "the latest clock wins",
        stories.two_edit_the_same,
        Change(
            changes.replace,
            "    heads[new.dot] = new",
            "    heads[new.dot] = new\n"
            "    newest = max(heads.values(), key=lambda h: (h.hlc, h.dot))\n"
            "    heads.clear()\n"
            "    heads[newest.dot] = newest",
        ),
    ),
    fault(
        "an old clock loses to what it has seen",
        stories.a_clock_decides_nothing,
        Change(
            changes.replace,
            "heads.pop(dot, None)",
            "heads.pop(dot, None) if dot in heads and heads[dot].hlc <= new.hlc else None",
        ),
    ),
    fault(
        "nothing is replaced",
        stories.a_clock_decides_nothing,
        Change(changes.replace, "heads.pop(dot, None)", "pass"),
    ),
    fault(
        "an edit replaces only what made the record",
        stories.two_edit_the_same,
        Change(Place.replaced, "self.standing.get(number) or self.origins", "self.origins"),
    ),
    fault(
        "a gap in a feed is passed over",
        stories.what_comes_too_early_waits,
        Change(feeds.Waiting.next_ready, "self._queue[feed][-1] != seq", "False"),
        Change(feeds.Waiting.next_ready, "found.segment.previous != self._stream.tip(feed)", "False"),
        Change(feeds.Waiting._head, "kept(feed, seq)", "kept(feed, self._queue[feed][-1])"),
    ),
    fault(
        "parents are not waited for",
        stories.an_edit_before_what_it_edits,
        Change(feeds.Waiting.next_ready, "missing -= ", "missing.clear(); _ = "),
    ),
    fault(
        "what hangs on a copied laptop's changes waits for ever",
        stories.a_copied_laptop,
        Change(feeds.is_known, "is_aside(seq, feed)", "False"),
    ),
    fault(
        "a duplicate is applied again",
        stories.read_twice_is_read_once,
        Change(
            receiving._take,
            "        result.known += 1",
            "        again = [Written(feed.number, segment.seq, *part) for part in sift(segment)[0]]\n"
            "        apply(database, book, feed.stream, again, result.applied)\n"
            "        result.known += 1",
        ),
    ),
    fault(
        "a signature is not looked at",
        stories.a_courier_who_meddles,
        Change(keys.genuine, ".verify(signature, message)", ""),
    ),
    fault(
        "any key may sign for anybody",
        stories.a_courier_who_meddles,
        Change(receiving._take, "replica_of(untrusted.public_key) != segment.replica", "False"),
    ),
    fault(
        "a deletion hides edits that it did not see",
        stories.deleted_by_one_and_edited_by_another,
        Change(changes.hidden, 'set(standing) <= {Dot(*d) for d in h.value["seen"]}', "True"),
    ),
    fault(
        "a deletion does not name what its writer saw",
        stories.deleted_and_brought_back,
        Change(Place.everything, "for dots in self.standing.values() for dot in dots", "for dot in ()"),
    ),
    fault(
        "what came last is shown",
        stories.one_record_made_twice,
        Change(policies._latest, "max(heads, key=lambda h: (h.hlc, h.dot))", "list(heads)[-1]"),
    ),
    fault(
        "a status goes back",
        stories.a_status_goes_the_furthest,
        Change(policies._furthest, "step(h), ", ""),
    ),
    fault(
        "a status is a difference",
        stories.a_status_goes_the_furthest,
        Change(policies._furthest, "h.dot)).value)", "h.dot)).value, open=True)"),
    ),
    fault(
        "the same words are a difference",
        stories.the_same_words_are_no_difference,
        Change(policies.same, "v == values[0]", "len(values) < 2"),
    ),
    fault(
        "a difference is not noted",
        stories.two_edit_the_same,
        Change(heads._judge, "if undecided != (number in record.differences)", "if False"),
    ),
    fault(
        "a second maker is passed over",
        stories.one_record_made_twice,
        Change(merging._make, "    for w in twice:", "    for w in ():"),
    ),
    fault(
        "the first to come is called the maker",
        stories.one_record_made_twice,
        Change(Heads.make_again, "if dot < first", "if False"),
    ),
    fault(
        "edits are not found again when their record is made",
        stories.a_record_of_a_copied_laptop_made_again,
        Change(merging._make, "orphans.intersection(w.op.row for w in made)", "set()"),
    ),
    fault(
        "a copied laptop is not noticed",
        stories.a_copied_laptop,
        Change(receiving._fork, "    result.forks += 1", "    return"),
    ),
    fault(
        "one side of a copied laptop stays shown",
        stories.a_copied_laptop,
        Change(receiving._fork, "result.rebuild or feed.applied >= seq", "False"),
    ),
    fault(
        "a copied laptop goes on under the same keys",
        stories.a_copied_laptop,
        Change(OwnKeys._are_copied, "bool(forked) or", "False and"),
    ),
    fault(
        "a copied laptop's number is compared without its hash",
        stories.two_copies_at_the_same_number,
        Change(exchanging._common, "here and theirs.hash not in here", "False"),
    ),
    fault(
        "a unit takes its own earlier words for another's",
        stories.much_in_one_unit,
        Change(Unit._find, "if (spec.number, id_) in self._unwritten", "if False"),
    ),
    fault(
        "what stands is not part of the digest",
        stories.digests_tell_differences_apart,
        Change(digest._kind_sum, "heads.pop(row, {}).items()", "heads.pop(row, {}) and ()"),
        by_chance=False,
    ),
    fault(
        "a rating that was given twice is settled by the clock",
        stories.two_edit_the_same,
        Change(policies._keep_all, "open=True", "open=False"),
    ),
    fault(
        "the same paragraph is merged",
        stories_of_policies.the_same_paragraph_is_left_to_a_person,
        Change(texts._touch, "other.start < one.end", "False"),
    ),
    fault(
        "what two put into one gap is merged",
        stories_of_policies.two_put_something_into_the_same_gap,
        Change(texts._touch, "other.start <= one.end", "False"),
    ),
    fault(
        "texts are merged without what both had",
        stories_of_policies.texts_without_a_common_beginning_are_not_merged,
        Change(
            texts.merged_text, "past, MAX_CROSSINGS)", "past, MAX_CROSSINGS) or min(t for _dot, t in texts)"
        ),
    ),
    fault(
        "different paragraphs are a difference",
        stories_of_policies.different_paragraphs_become_one_text,
        Change(policies._by_paragraph, "if merged is None", "if True"),
    ),
    fault(
        "two who merge alike make a difference",
        stories_of_policies.two_sign_the_same_merge,
        Change(texts._base, "before = _base(newest, past, crossings - 1)", "before = None"),
        by_chance=False,
    ),
    fault(
        "what was laid open merges again",
        stories_of_policies.what_was_settled_is_laid_open_again,
        Change(policies._laid_open, "< len(heads)", "< 0"),
    ),
    fault(
        "what led to a text is not looked up",
        stories_of_policies.different_paragraphs_become_one_text,
        Change(PastOfFields._counting, "is not None", "is None"),
    ),
    fault(
        "what somebody removed from a list comes back",
        stories_of_policies.lists_join_and_a_removal_takes_what_it_saw,
        Change(lists.merged_list, "(thing, name) not in taken", "True"),
    ),
    fault(
        "a removal from a list takes what it has not seen",
        stories_of_policies.what_was_put_on_a_list_meanwhile_stays,
        Change(lists.merged_list, "(thing, name) not in taken", "thing not in {one for one, _ in taken}"),
    ),
    fault(
        "a list is a difference",
        stories_of_policies.lists_join_and_a_removal_takes_what_it_saw,
        Change(policies._together, "if merged is None", "if True"),
    ),
    fault(
        "a parent stays hidden with its child to be seen",
        stories_of_policies.a_child_brings_its_parent_back,
        Change(Kin.made, "for field in kind.parents", "for field in ()"),
    ),
    fault(
        "a parent stays when nothing speaks for it any more",
        stories_of_policies.a_child_brings_its_parent_back,
        Change(Kin._write, "if changed:", "if False:"),
    ),
    fault(
        "nobody looks where a record was moved to",
        stories_of_policies.a_waypoint_that_is_moved_to_a_removed_patrol,
        Change(Kin.moved, "{before, after}", "{before}"),
    ),
    fault(
        "a file is replaced by an edit",
        stories_of_policies.what_is_fixed_stays,
        Change(codecs.reads, "op.field in codec.fixed", "False"),
        by_chance=False,
    ),
    fault(
        "of two files that were said first, the last is shown",
        stories_of_policies.what_is_fixed_stays,
        Change(policies._said_first, "min(", "max("),
    ),
    fault(
        "a position is two numbers",
        stories_of_policies.a_position_is_one_value,
        Change(Unit.change, "spec.companions(known[name])", "()"),
        by_chance=False,
    ),
    fault(
        "an assessment is final with two versions of a rating",
        stories_of_policies.nothing_is_final_while_it_is_unsettled,
        Change(Unit._set, "if open_:", "if False:"),
        by_chance=False,
    ),
    fault(
        "who said nothing contradicts",
        stories_of_policies.what_nobody_said_is_no_difference,
        Change(heads._unsaid, "heads[dot].value == default", "False"),
    ),
    fault(
        "what was removed still asks to be settled",
        stories_of_policies.a_removed_record_asks_for_nothing,
        Change(unsettled.places, " and r._gone = 0", ""),
    ),
    fault(
        "a removed record leaves what belonged to it",
        stories_of_policies.a_record_is_removed_and_restored_with_what_belongs_to_it,
        Change(Unit._remove, "self._belonging(spec, place.stream, id_)", "()"),
        by_chance=False,
    ),
    fault(
        "what was refused counts where texts are merged",
        stories_of_policies.what_was_not_allowed_is_no_common_beginning,
        Change(PastOfFields._allowed, "return refused is None", "return True"),
        by_chance=False,
    ),
    fault(
        "leaves are not compared with what was signed",
        stories_of_secrets.a_courier_who_swaps_secrets,
        Change(leaves.filled, "root_of(hashes) != root", "False"),
        by_chance=False,
    ),
    fault(
        "secrets that did not come are claimed to be here",
        stories_of_secrets.secrets_kept_back_and_told_later,
        Change(withholding.first_lacking, "None if found is None else int(found)", "None"),
        by_chance=False,
    ),
    fault(
        "secrets that come later are passed over",
        stories_of_secrets.secrets_kept_back_and_told_later,
        Change(receiving._take, "not split(body)[1]", "True"),
        by_chance=False,
    ),
    fault(
        "what is withheld is shown, and is a difference",
        stories_of_secrets.two_secrets_of_one_field,
        Change(policies.decide, " if h.value != WITHHELD", ""),
        by_chance=False,
    ),
    fault(
        "what is withheld is no longer so for who knows one of two",
        stories_of_secrets.two_secrets_of_one_field,
        Change(settling._merged, "coalesce(sum(e.value = ?), 0) = 0", "? is not null"),
        by_chance=False,
    ),
    fault(
        "a record's own check is not looked at",
        stories.a_bit_that_flipped_in_a_photo,
        Change(frames._read_one, "and _check(type_, payload) == check", ""),
        by_chance=False,
    ),
)


@pytest.mark.parametrize("planted_fault", FAULTS, ids=lambda f: f.name)
def test_a_story_notices(planted_fault: Fault) -> None:
    with planted(*planted_fault.changes), pytest.raises(Exception):  # noqa: B017, PT011 - however it shows
        planted_fault.story()
