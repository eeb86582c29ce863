"""A visit to the hub of a workspace: the one that is named, or the one of last time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ranger_app.domain.errors import Refused
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.sync.hub.address import checked_url
from ranger_app.sync.hub.authority import kept_authority
from ranger_app.sync.hub.line import HubRefused, Patience
from ranger_app.sync.hub.memory import KnownHub, remember, remembered
from ranger_app.sync.hub.talk import Talk


class NotLetIn(Refused):
    """The hub does not know this laptop, or not for this site."""

    code = "not-admitted"


@contextmanager
def talking(
    workspace: Workspace,
    work: Work,
    *,
    url: str | None,
    new_hub: bool = False,
    patience: Patience | None = None,
) -> Iterator[tuple[Talk, KnownHub]]:
    """A conversation with the hub at an address, or with the hub of last time."""
    known = remembered(workspace.folder)
    address = checked_url(url) if url else known.url if known else None
    if address is None:
        raise Refused(
            _("This workspace has no hub yet."), _("Name it the first time: ranger-app sync --hub https://…")
        )
    same = known is not None and known.url == address
    expected = known.key or None if known and same and not new_hub else None
    if known is None:  # what a person wrote is not to be written again when the hub does not answer yet
        remember(workspace.folder, KnownHub(address))
    talk = Talk(
        address,
        workspace.keys,
        work,
        expected=expected,
        patience=patience or Patience(),
        authority=kept_authority(workspace.folder),
    )
    try:
        yield talk, KnownHub(address, automatic=bool(known and known.automatic))
    except HubRefused as refusal:
        if refusal.code != NotLetIn.code:
            raise
        raise NotLetIn(
            refusal.text,
            _("Write its card with “ranger-app sync --card FILE”, and give that to the hub's keeper."),
        ) from refusal
    finally:
        talk.close()
