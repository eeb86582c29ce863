"""What a site may answer to one indicator, and the id that two laptops give to the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranger_app.assessments.packs import FormPack
from ranger_app.domain.assessments import Answer, Assessment
from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id, derived_id
from ranger_app.i18n import _

TEXT_CHARS_AT_MOST = 50_000
GAP_TYPES = ("no_document", "old", "no_data", "decision_needed")
CONFIDENCES = ("low", "medium", "high")


def made_at_ms(id_: Id) -> int:
    """The Unix milliseconds in a UUIDv7; what is derived from a thing is as old as the thing."""
    return int.from_bytes(bytes(id_)[:6], "big")


def answer_id(assessment_id: Id, indicator: str) -> Id:
    """The id of the answer to one indicator: the same on every laptop."""
    return derived_id(made_at_ms(assessment_id), assessment_id, "answer", indicator)


def blank_answer(assessment: Assessment, indicator: str) -> Answer:
    """The answer as it is before anybody has given it."""
    return Answer(
        id=answer_id(assessment.id, indicator),
        site_id=assessment.site_id,
        assessment_id=assessment.id,
        indicator=indicator,
    )


def check_answer(pack: FormPack, fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields that are given (None is not given), checked against the form.

    Raises `BadInput` for a rating, a gap type or a confidence that is not known, and for a text that is
    longer than a report can hold.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    if "rating" in given and pack.rating(given["rating"]) is None:
        raise _not_one_of(_("rating"), given["rating"], [one.code for one in pack.ratings])
    if given.get("gap_type"):
        _one_of(_("kind of gap"), given["gap_type"], GAP_TYPES)
    if given.get("confidence"):
        _one_of(_("confidence"), given["confidence"], CONFIDENCES)
    for name in ("narrative", "gap", "not_applicable_reason"):
        if len(given.get(name, "")) > TEXT_CHARS_AT_MOST:
            raise BadInput(
                _("This text is longer than {most} characters.").format(most=TEXT_CHARS_AT_MOST),
                _("Put the long form into a document and cite it."),
            )
    return given


def word_count(text: str) -> int:
    """Words of a narrative, as people count them."""
    return len(text.split())


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise _not_one_of(what, value, list(allowed))


def _not_one_of(what: str, value: str, allowed: list[str]) -> BadInput:
    return BadInput(
        _("“{value}” is no {what} of this form.").format(value=value[:40], what=what),
        _("Use one of: {allowed}.").format(allowed=", ".join(allowed)),
    )
