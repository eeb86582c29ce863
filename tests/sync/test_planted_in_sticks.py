"""Each rule about sealed bundles and receipts is broken once, and a claim has to notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ranger_app.domain.errors import KnownError
from ranger_app.storage.changes.feeds import holds_stretch
from ranger_app.storage.exchange import elsewhere
from ranger_app.sync.bundles import (
    clearing,
    heard,
    journal,
    looking,
    recipients,
    stick_receipts,
    unwrapping,
    writing,
)
from ranger_app.sync.bundles.frames import FrameFlow
from ranger_app.sync.bundles.stick import StickFolder
from tests.sync import test_interrupted, test_outsiders, test_sealed, test_stick_receipts
from tests.sync.park import Park
from tests.sync.planting import Change, planted
from tests.sync.sealed import sealed_park

Claim = Callable[[Path], None]


def in_a_park(claim: Callable[[Park, Path], None]) -> Claim:
    """A claim about a park, which is made for it."""

    def run(place: Path) -> None:
        with sealed_park() as park:
            claim(park, place)

    return run


def in_a_park_with_an_assessor(claim: Callable[[Park, Path], None]) -> Claim:
    def run(place: Path) -> None:
        with test_outsiders.a_park_with_an_assessor() as park:
            claim(park, place)

    return run


def on_a_forgetful_stick(place: Path) -> None:
    with sealed_park() as park, pytest.MonkeyPatch.context() as patch:
        test_interrupted.test_a_stick_that_forgets_what_was_written_is_noticed(park, place, patch)


@dataclass(frozen=True)
class Fault:
    name: str
    claim: Claim
    change: Change


FAULTS = (
    Fault(
        "what was sealed anew for others is believed",
        in_a_park(test_sealed.test_sealed_anew_for_others_its_list_is_not_believed),
        Change(looking._read_listing, "not meant or", "False or"),
    ),
    Fault(
        "plain parts are taken from among sealed ones",
        in_a_park(test_sealed.test_a_plain_part_among_sealed_ones_is_not_taken),
        Change(unwrapping.read_records, "(sealed_only and not found.sealed)", "False"),
    ),
    Fault(
        "a part is thought to be here for its last segment",
        in_a_park(test_sealed.test_a_part_of_which_the_end_is_here_and_not_the_middle_is_read),
        Change(holds_stretch, "wanted == first - 1", "True"),
    ),
    Fault(
        "a record in a sealed part is not compared with its hash",
        in_a_park(test_sealed.test_a_record_that_promises_too_much_ends_its_part),
        Change(FrameFlow._next, "_check(type_, payload) != check", "False"),
    ),
    Fault(
        "changes of another site go along",
        in_a_park(test_sealed.test_nothing_of_another_site_is_in_a_sealed_bundle),
        Change(
            writing.write_bundle,
            "workspace.site_id if sealing.recipients or outsiders is not None else None",
            "None",
        ),
    ),
    Fault(
        "a new group key goes only to who has it",
        test_sealed.test_a_new_group_key_comes_along_with_the_stick,
        Change(
            recipients.sealing_of,
            "(*groups[: MAX_RECIPIENTS - len(sheet) - len(came_in)], *sheet, *came_in)",
            "(groups[0], *sheet)",
        ),
    ),
    Fault(
        "a protected workspace writes plainly",
        test_sealed.test_a_protected_workspace_writes_nothing_unsealed,
        Change(
            recipients.sealing_of,
            "directory is None and workspace.keys.database_key is None",
            "directory is None",
        ),
    ),
    Fault(
        "what a stick holds is not read back",
        on_a_forgetful_stick,
        Change(StickFolder.name, "back != aside.sha256", "False"),
    ),
    Fault(
        "parts from before are believed to be whole",
        in_a_park(test_interrupted.test_what_does_not_read_any_more_is_written_again),
        Change(journal._is_there, "hash_of_file(path) == part.sha256", "True"),
    ),
    Fault(
        "anybody signs for a bundle",
        test_stick_receipts.test_a_receipt_of_a_stranger_or_for_another_bundle_counts_for_nothing,
        Change(
            heard._counts, "directory is None or (member is not None and member.role is not None)", "True"
        ),
    ),
    Fault(
        "a receipt counts for any bundle",
        test_stick_receipts.test_a_receipt_of_a_stranger_or_for_another_bundle_counts_for_nothing,
        Change(stick_receipts.receipts_on, "receipt.bundle == bundle.name", "True"),
    ),
    Fault(
        "the signature of a receipt is not looked at",
        in_a_park(test_stick_receipts.test_receipts_are_sealed_and_signed),
        Change(stick_receipts.read_stick_receipt, "not genuine(public_key, text, signature)", "False"),
    ),
    Fault(
        "who was never heard of is left out",
        test_stick_receipts.test_a_laptop_that_joined_later_gets_everything,
        Change(heard.lacking, "not told or None in told", "not any(told)"),
    ),
    Fault(
        "what one of them has is thought to be with all",
        test_stick_receipts.test_a_stick_for_several_carries_what_any_of_them_lacks,
        Change(heard._in_all, "min(", "max("),
    ),
    Fault(
        "an assessor's receipt is closed to the park",
        in_a_park_with_an_assessor(test_outsiders.test_the_park_reads_an_assessors_receipt),
        Change(heard.leave_receipt, "(*recipients[: MAX_RECIPIENTS - 1], park)", "recipients"),
    ),
    Fault(
        "what an assessor had said is believed of the ranger that he became",
        in_a_park_with_an_assessor(test_outsiders.test_he_gets_what_was_kept_from_him_with_the_next_stick),
        Change(elsewhere.forget_heard, "delete from heard", "delete from heard where 0 and replica = ? --"),
    ),
    Fault(
        "a bundle is cleared away that nobody signed for",
        in_a_park(test_stick_receipts.test_nobody_has_it_before_the_receipt_is_back),
        Change(clearing.clear_bundle, "not bundle.signed_by", "False"),
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=[one.name for one in FAULTS])
def test_a_claim_notices(fault: Fault, tmp_path: Path) -> None:
    with (
        planted(fault.change),
        pytest.raises((AssertionError, pytest.fail.Exception, KnownError)),
    ):
        fault.claim(tmp_path)
