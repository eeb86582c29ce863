"""What the words of the printed sheet make of a laptop, an administrator, and of a person on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ranger_app.domain.directory import ENROL, ROLE, Directory
from ranger_app.domain.errors import Refused
from ranger_app.domain.ids import new_id
from ranger_app.domain.people import PERSON, anybody_on
from ranger_app.domain.roles import ADMINISTRATOR
from ranger_app.i18n import _
from ranger_app.security.entries import open_secrets, seal_secrets
from ranger_app.security.recovery import RecoveryKey
from ranger_app.security.sealing import recipient_of
from ranger_app.storage import Workspace
from ranger_app.sync.people.chain import Chain
from ranger_app.sync.people.naming import new_name

Said = tuple[str, dict[str, Any]]
"""What an entry of the directory says: its sort, and its fields."""


def recovering(workspace: Workspace, chain: Chain, key: RecoveryKey, name: str) -> list[Said]:
    """What the key of the sheet signs to make this laptop an administrator and, where people sign in, a
    person who is one here: of this name, which is not needed where somebody else is. That person is added
    though, since the other may have forgotten the passphrase. `Refused` when nothing is to be said."""
    directory = chain.need()
    said = list(_of_laptop(workspace, chain, directory, key))
    replica = workspace.keys.replica
    if anybody_on(directory.people, replica):
        here = sorted(
            one.name
            for one in directory.people.values()
            if ADMINISTRATOR in one.roles and one.signs_in_on(replica)
        )
        if name.strip():
            said.append(_of_person(replica, new_name(directory, name)))
        elif not here:
            raise Refused(
                _("People sign in here, and none of them is an administrator on this laptop."),
                _("Give the name of the person who is to be one: --name NAME."),
            )
        elif not said:
            raise Refused(
                _("This laptop is an administrator already, and so are here: {names}.").format(
                    names=", ".join(here)
                ),
                _("If none of them can sign in, give the name of one more: --name NAME."),
            )
    if not said:
        raise Refused(_("This laptop is an administrator of the site already; nothing was changed."))
    return said


def _of_laptop(workspace: Workspace, chain: Chain, directory: Directory, key: RecoveryKey) -> Iterator[Said]:
    replica = workspace.keys.replica
    present = directory.members.get(replica)
    secrets = open_secrets(chain.entries(), recipient_of(key.opening_secret), key.opening_secret)
    request = chain.request()
    sealed = {request.recipient: seal_secrets(secrets, request.recipient)}
    if present is None or present.role is None:
        yield ENROL, {"device": request.device(), "role": ADMINISTRATOR, "sealed": sealed}
    elif present.role != ADMINISTRATOR:
        after = chain.held(directory, present)
        yield ROLE, {"replica": replica, "role": ADMINISTRATOR, "after": after, "sealed": sealed}


def _of_person(replica: bytes, name: str) -> Said:
    said = {"person": new_id(), "name": name, "roles": [ADMINISTRATOR], "devices": [replica], "after": {}}
    return PERSON, said
