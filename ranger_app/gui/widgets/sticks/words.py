"""What the Exchange page says of a stick: what lies on it, what would be given, what moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ranger_app.i18n import _, ngettext, number
from ranger_app.sync.bundles.telling import own_words, plan_words, read_words, shown_words, written_words

if TYPE_CHECKING:
    from ranger_app.sync.bundles.taking import BundleRead
    from ranger_app.sync.bundles.trading import StickSeen, Traded

MOST_SHOWN = 12
"""Bundles of which everything is said; a stick that holds more is told in a number."""


def glance_words(seen: StickSeen) -> str:
    """What lies on a stick, in one line."""
    others = [one for one in seen.bundles if not one.ours]
    if not seen.bundles and not seen.too_new:
        return _("No bundle is on it yet.")
    if seen.to_take:
        return ngettext(
            "{n} bundle of others; something is new here.",
            "{n} bundles of others; something is new here.",
            len(others),
        ).format(n=number(len(others)))
    words = [_("Nothing on it is new here.")] if others or seen.own else []
    signed = sum(bool(one.signed_by) for one in seen.own)
    if signed:
        words.append(_("What was given has been received."))
    if seen.too_new:
        words.append(too_new_words(seen.too_new))
    return " ".join(words)


def too_new_words(count: int) -> str:
    """That there are bundles which only a newer version can read."""
    return ngettext(
        "{n} bundle is from a newer Ranger.", "{n} bundles are from a newer Ranger.", count
    ).format(n=number(count))


def stick_words(seen: StickSeen) -> list[str]:
    """What a stick holds, a paragraph a bundle."""
    if not seen.bundles and not seen.too_new:
        return [_("There is no bundle on it yet.")]
    words = [" ".join(shown_words(one)) for one in seen.bundles[:MOST_SHOWN] if not one.ours]
    words += [own_words(one) for one in seen.own]
    more = len(seen.bundles) - MOST_SHOWN
    if more > 0:
        words.append(ngettext("And {n} more bundle.", "And {n} more bundles.", more).format(n=number(more)))
    if seen.too_new:
        words.append(too_new_words(seen.too_new))
    return words


def give_words(seen: StickSeen) -> list[str]:
    """What would be written, or why nothing can be."""
    if seen.plan is None:
        return [seen.why_not]
    words = plan_words(seen.plan)
    if seen.to_give and any(not one.signed_by for one in seen.own):
        words.append(
            _(
                "A bundle of this laptop is on it already and waits for its receipt: give again only if "
                "something was added since."
            )
        )
    return words


def moved_words(done: Traded) -> list[str]:
    """What moved in both directions."""
    words = []
    if done.read is not None:
        words.append(" ".join(read_words(done.read)))
    if done.written is not None:
        words.append(" ".join(written_words(done.written)))
    if done.left:
        words.append(done.left)
    return words or [_("There was nothing to take and nothing to give.")]


def give_tone(seen: StickSeen) -> str:
    """The tone to say in what would be written."""
    return (
        "warning"
        if seen.to_give and seen.plan is not None and not (seen.plan.fits and seen.plan.sealed)
        else ""
    )


def moved_tone(done: Traded) -> str:
    """The tone to say in what moved."""
    unsealed = done.written is not None and not done.written.sealed
    left_out = done.written is not None and done.written.files_left_out
    return "warning" if unsealed or left_out or done.left or _is_short(done.read) else "good"


def _is_short(read: BundleRead | None) -> bool:
    return read is not None and bool(
        read.missing_parts or read.damaged or read.segments_refused or read.sealed_anew
    )
