"""The words for states, gaps and classes, the same in the window, on the command line and in a packet."""

from __future__ import annotations

from ranger_app.assessments.gaps import OVERDUE, GapKind, State
from ranger_app.assessments.packs import Basis
from ranger_app.i18n import _


def state_word(state: State) -> str:
    """Where an indicator or a criterion stands."""
    return {
        State.NOT_STARTED: _("Not started"),
        State.UNFINISHED: _("Not all answered"),
        State.NOT_MET: _("Not met"),
        State.PARTLY: _("Partly met"),
        State.CLAIMED: _("Said to be met, not shown yet"),
        State.MET: _("Met"),
        State.NOT_APPLICABLE: _("Does not apply"),
    }[state]


def gap_word(kind: str) -> str:
    """The kind of a gap or of a next step; an unknown one (of a newer Ranger) as it is."""
    return {
        GapKind.NOT_ANSWERED.value: _("Not answered"),
        GapKind.NO_DOCUMENT.value: _("No document"),
        GapKind.OLD.value: _("Too old"),
        GapKind.NO_DATA.value: _("No data"),
        GapKind.DECISION_NEEDED.value: _("Decision needed"),
        OVERDUE: _("Overdue"),
    }.get(kind, kind)


def basis_word(basis: Basis) -> str:
    """How sure the makers of a form are of a row."""
    return {
        Basis.READ: _("written from a published source"),
        Basis.ADAPTATION: _("read in a national adaptation only"),
        Basis.TOPIC: _("only the topic is confirmed"),
        Basis.CODE: _("only the code is confirmed"),
        Basis.SECOND_HAND: _("known at second hand"),
        Basis.INFERRED: _("inferred, not read"),
    }[basis]


def confidentiality_word(value: str) -> str:
    return {
        "public": _("Public"),
        "assessor": _("For the assessor"),
        "site": _("Stays at the site"),
    }.get(value, value)


def confidence_word(value: str) -> str:
    return {"low": _("Low"), "medium": _("Medium"), "high": _("High")}.get(value, value)


def action_word(status: str) -> str:
    return {"open": _("Open"), "done": _("Done")}.get(status, status)


def page_words(page: str) -> str:
    """Where in a document: a bare number is a page, everything else is as the person said it."""
    return _("page {number}").format(number=page) if page.isdigit() else page
