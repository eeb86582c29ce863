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
