"""What can be wrong with a hub's database, as its laptops and its keeper are told."""

from __future__ import annotations

from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _


class DatabaseAway(KnownError):
    """The hub's database does not answer."""

    code = "database-away"

    def __init__(self) -> None:
        super().__init__(
            _("The hub's database does not answer."),
            _("Try again later; nothing that was signed for is lost."),
        )


class DatabaseFull(KnownError):
    """The hub's database has no room."""

    code = "no-room"

    def __init__(self) -> None:
        super().__init__(
            _("The disk of the hub is full."), _("Tell its keeper; what came through until now is kept.")
        )
