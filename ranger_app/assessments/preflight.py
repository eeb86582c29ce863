"""Preflight: everything that an assessor would ask for, named by indicator, before the packet leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ranger_app.assessments.gaps import is_old
from ranger_app.assessments.packs import Stands
from ranger_app.assessments.sheets import Sheet, Whole
from ranger_app.domain.assessments import Evidence
from ranger_app.i18n import _, ngettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that is not there, for one indicator."""

    indicator: str
    text: str


def what_is_missing(
    whole: Whole,
    *,
    today: date,
    can_read: Callable[[Evidence], bool] = lambda _evidence: True,
    is_withheld: Callable[[Evidence], bool] = lambda _evidence: False,
) -> tuple[Missing, ...]:
    """What the packet will lack, in the order of the form.

    `can_read` says whether a file is still where it was; `is_withheld` whether the packet's profile keeps
    a piece of evidence back.
    """
    return tuple(
        Missing(indicator=sheet.code, text=text)
        for sheet in whole.sheets
        for text in _of(whole, sheet, today, can_read, is_withheld)
    )


def versions_words(field: str, count: int) -> str:
    """That a field was written apart and waits for somebody to settle it."""
    told = ngettext(
        "{field}: {n} version waits to be settled.", "{field}: {n} versions wait to be settled.", count
    )
    return told.format(field=_FIELDS.get(field, lambda: field)(), n=count)


_FIELDS: Mapping[str, Callable[[], str]] = {
    "rating": lambda: _("Rating"),
    "narrative": lambda: _("Narrative"),
    "gap": lambda: _("What is lacking"),
    "gap_type": lambda: _("Kind of gap"),
    "confidence": lambda: _("How sure you are"),
    "not_applicable_reason": lambda: _("Why it does not apply"),
    "deleted": lambda: _("The answer"),
}


def _of(
    whole: Whole,
    sheet: Sheet,
    today: date,
    can_read: Callable[[Evidence], bool],
    is_withheld: Callable[[Evidence], bool],
) -> Iterator[str]:
    stands, answer = whole.stands(sheet), sheet.answer
    yield from (versions_words(field, count) for field, count in sheet.unsettled.items())
    if "rating" in sheet.unsettled:
        return
    if stands is Stands.OPEN:
        yield _("No rating.")
        return
    if stands is Stands.NOT_APPLICABLE:
        if not answer.not_applicable_reason.strip():
            yield _("No reason why it does not apply.")
        return
    if not answer.narrative.strip():
        yield _("No narrative.")
    if not sheet.cited:
        yield _("No evidence.")
    elif all(is_withheld(one.evidence) for one in sheet.cited):
        yield _("All its evidence is too confidential for this packet.")
    for one in sheet.cited:
        title = one.evidence.title
        if is_withheld(one.evidence):
            continue
        if not can_read(one.evidence):
            yield _("The file of “{title}” is no longer there, or it is damaged.").format(title=title)
        if sheet.indicator.max_age_years and one.evidence.dated_on is None:
            yield _("The date of “{title}” is not known.").format(title=title)
        elif is_old(one.evidence, sheet.indicator, today=today):
            told = _("“{title}” is older than {years} years.")
            yield told.format(title=title, years=sheet.indicator.max_age_years)
    if stands is not Stands.MET and not answer.gap.strip():
        yield _("It does not say what is lacking.")
    if stands is not Stands.MET and not sheet.actions:
        yield _("No action to close the gap.")
