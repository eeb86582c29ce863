"""What codes of patrols are called on the screen."""

from __future__ import annotations

from datetime import date, datetime

from ranger_app.i18n import N_, _, day, number

TYPES = {
    "GROUND": N_("On land"),
    "MARINE": N_("On water"),
    "AIR": N_("In the air"),
    "MIXED": N_("Mixed"),
}
STATES = {"draft": N_("draft"), "submitted": N_("finished"), "verified": N_("verified")}


def type_words(patrol_type: str) -> str:
    return _(TYPES[patrol_type]) if patrol_type in TYPES else patrol_type


def state_words(status: str) -> str:
    return _(STATES[status]) if status in STATES else status


def hours(length_s: float) -> str:
    """Hours with one decimal, such as "7.5 h"."""
    return _("{hours} h").format(hours=number(length_s / 3600, places=1))


def days(first: date | None, last: date | None) -> str:
    """A day, or from one to another; words when nobody knows."""
    if first is None:
        return _("no date")
    return day(first) if last is None or last == first else f"{day(first)} – {day(last)}"


def clock(at: datetime | None) -> str:
    """Hours and minutes of a wall clock."""
    return at.strftime("%H:%M") if at is not None else ""
