"""Roles and names as people write them."""

from __future__ import annotations

from ranger_app.domain.directory import Directory
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.people import MAX_NAME
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


def a_name(text: str) -> str:
    """A person's name in its one form; `BadInput` when there is nothing of it."""
    name = "".join(c for c in text[:MAX_NAME] if c.isprintable()).strip()
    if not name:
        raise BadInput(_("A person needs a name."))
    return name


def new_name(directory: Directory, text: str) -> str:
    """The name of somebody who is new to a site; `Refused` when another has it."""
    name = a_name(text)
    if any(one.name == name and one.roles for one in directory.people.values()):
        raise Refused(
            _("“{name}” is one of the site's people already.").format(name=name),
            _("Give another name, such as with the year of birth: two people must be told apart."),
        )
    return name
