"""Roles as people write them."""

from __future__ import annotations

from ranger_app.domain.errors import BadInput
from ranger_app.domain.roles import ROLES
from ranger_app.i18n import _


def role_named(text: str) -> str:
    """A role as people write it: `data-clerk` and `Data clerk` are one."""
    wanted = text.strip().lower().replace("-", " ").replace("_", " ")
    if wanted not in ROLES:
        raise BadInput(
            _("There is no role “{role}”.").format(role=text[:40]),
            _("Use one of: {roles}.").format(roles=", ".join(ROLES)),
        )
    return wanted
