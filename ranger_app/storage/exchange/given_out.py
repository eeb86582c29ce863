"""What was given out of a workspace with everything in it: who chose so, when, and what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ranger_app.domain.errors import Refused
from ranger_app.i18n import _
from ranger_app.storage.faults import database_told
from ranger_app.storage.workspace import Workspace

_MICROSECONDS = 1_000_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class GivenOut:
    """One file that left with names and exact places."""

    at: datetime
    eyes: str
    """The role of who chose so; “everything” where nobody has said yet who belongs to the site."""
    author: bytes
    what: str


def give_out(workspace: Workspace, what: str) -> None:
    """Note that something is about to leave with everything in it; `Refused` when whoever is signed in does
    not see it all."""
    eyes = workspace.eyes
    if not eyes.see_all:
        raise Refused(
            _("Names and exact places are given out only by those who may see them."),
            _("Write it without them, or ask a manager to do it."),
        )
    at = int(datetime.now(UTC).timestamp() * _MICROSECONDS)
    with workspace.transaction() as (_connection, database), database_told(workspace.folder):
        database.execute(
            "insert into given_out (at, eyes, author, what) values (?,?,?,?)",
            (at, eyes.name, workspace.author or b"", what[:_LONGEST]),
        )


def given_out(workspace: Workspace) -> list[GivenOut]:
    """Everything that left so, the newest first."""
    with workspace.reading_raw() as database:
        return [
            GivenOut(datetime.fromtimestamp(at / _MICROSECONDS, UTC), eyes, author, what)
            for at, eyes, author, what in database.execute(
                "select at, eyes, author, what from given_out order by at desc, no desc"
            )
        ]
