"""Roles as people read them."""

from __future__ import annotations

from ranger_app.domain.roles import ADMINISTRATOR, ASSESSOR, DATA_CLERK, MANAGER, RANGER
from ranger_app.i18n import _


def role_words(role: str | None) -> str:
    """A role as people read it."""
    words = {
        RANGER: _("ranger"),
        DATA_CLERK: _("data clerk"),
        MANAGER: _("manager"),
        ASSESSOR: _("assessor"),
        ADMINISTRATOR: _("administrator"),
    }
    return words.get(role or "", role or "")


def role_hint(role: str) -> str:
    """What a role may do, in a line (see `domain.roles`)."""
    return {
        "ranger": _("Patrols, cameras and photos."),
        "data clerk": _("What rangers do, the lists of what can be seen, and adding evidence."),
        "manager": _("What data clerks do, the assessment with its ratings, and the site's details."),
        "assessor": _("Reads, and adds evidence and actions; changes nothing that others wrote."),
        "administrator": _("Everything, and who belongs to the site: laptops, people, roles, keys."),
    }.get(role, "")
