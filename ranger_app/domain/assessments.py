"""A site's assessment of itself: answers, the evidence for them, and what is to be done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ranger_app.domain.fields import Form, Merge, Privacy, Record, record, stored
from ranger_app.domain.ids import Id

RATINGS = ("met", "partly", "not_met", "not_applicable", "not_yet_assessed")
"""Neutral codes; a form pack gives them their words."""
FINAL = "final"
ASSESSMENT_STEPS = ("draft", "submitted", FINAL)
ACTION_STEPS = ("open", "done")
EVIDENCE_KINDS = ("file", "figure")
CONFIDENTIALITY = ("public", "assessor", "site")
"""Who may receive a piece of evidence: anybody, the assessor, or nobody outside the site."""
OUTSIDE = ("public", "assessor")
"""What may leave the site in a bundle."""


@record(60, "assessment")
class Assessment(Record):
    """One round of one form for one site."""

    pack_id: str = stored(2, Form.TEXT)
    """Form pack with its version, such as gl:1.1."""
    pack_version: str = stored(3, Form.TEXT, default="")
    title: str = stored(4, Form.TEXT, default="")
    round: int = stored(5, Form.INTEGER, default=1)
    started_on: date | None = stored(6, Form.DAY, default=None)
    language: str = stored(7, Form.TEXT, default="en")
    status: str = stored(8, Form.TEXT, default="draft", steps=ASSESSMENT_STEPS, closed=FINAL)


@record(61, "answer")
class Answer(Record):
    """The site's answer to one indicator; its id is derived from both, so two laptops mean the same one."""

    assessment_id: Id = stored(2, Form.ID, parent="assessment", indexed=True)
    indicator: str = stored(3, Form.TEXT)
    rating: str = stored(4, Form.TEXT, default="not_yet_assessed", merge=Merge.VERSIONS)
    narrative: str = stored(5, Form.TEXT, default="", merge=Merge.PARAGRAPHS)
    gap: str = stored(6, Form.TEXT, default="", merge=Merge.PARAGRAPHS)
    gap_type: str = stored(7, Form.TEXT, default="")
    """no_document, old, no_data, decision_needed, or empty."""
    confidence: str = stored(8, Form.TEXT, default="", merge=Merge.VERSIONS)
    not_applicable_reason: str = stored(9, Form.TEXT, default="")


@record(62, "evidence")
class Evidence(Record):
    """A document, or a figure frozen from the site's own data."""

    title: str = stored(2, Form.TEXT)
    kind: str = stored(3, Form.TEXT, default="file")
    file: bytes | None = stored(4, Form.FILE, default=None, merge=Merge.FIXED)
    file_name: str = stored(5, Form.TEXT, default="")
    media_type: str = stored(6, Form.TEXT, default="")
    size_bytes: int = stored(7, Form.INTEGER, default=0)
    dated_on: date | None = stored(8, Form.DAY, default=None)
    """Of the evidence itself, not of the day it was added."""
    author: str = stored(9, Form.TEXT, default="", privacy=Privacy.PERSON)
    language: str = stored(10, Form.TEXT, default="")
    confidentiality: str = stored(11, Form.TEXT, default="assessor")
    consent: str = stored(12, Form.TEXT, default="")
    figure: Any = stored(13, Form.DATA, default=None, merge=Merge.FIXED, privacy=Privacy.FIGURE)
    """For kind "figure": measure, value, unit, interval, rows, query, definition, versions, checked share."""
    frozen_at: datetime | None = stored(14, Form.INSTANT, default=None, merge=Merge.FIXED)


@record(63, "evidence_link")
class EvidenceLink(Record):
    """Where one piece of evidence speaks for one answer."""

    answer_id: Id = stored(2, Form.ID, parent="answer", indexed=True)
    evidence_id: Id = stored(3, Form.ID, parent="evidence", indexed=True)
    page: str = stored(4, Form.TEXT, default="")
    """Page, time code or feature, as a person would say it."""
    note: str = stored(5, Form.TEXT, default="")


@record(64, "action")
class Action(Record):
    """What is to be done about a gap, by whom and until when."""

    assessment_id: Id = stored(2, Form.ID, parent="assessment", indexed=True)
    indicator: str = stored(3, Form.TEXT)
    what: str = stored(4, Form.TEXT)
    owner: str = stored(5, Form.TEXT, default="", privacy=Privacy.PERSON)
    due_on: date | None = stored(6, Form.DAY, default=None)
    status: str = stored(7, Form.TEXT, default="open", steps=ACTION_STEPS)
    success: str = stored(8, Form.TEXT, default="")
