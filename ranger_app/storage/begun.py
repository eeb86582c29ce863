"""Notes of long jobs that were begun here and have not come to their end: a laptop that dies leaves word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ranger_app.storage.meta import drop_note, noted_under, read_note, write_note

if TYPE_CHECKING:
    from ranger_app.storage.workspace import Workspace

_BEGUN = "begun "


class Begun:
    """The jobs by a key of their own, each with what is needed to go on with it. None of this travels."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def note(self, key: str, asked: Mapping[str, Any]) -> None:
        """A job begins; `asked` holds numbers, texts and truths only."""
        with self._workspace.transaction() as (_connection, database):
            write_note(database, _BEGUN + key, dict(asked))

    def forget(self, key: str) -> None:
        """It came to its end, or nobody wants to go on with it."""
        with self._workspace.transaction() as (_connection, database):
            drop_note(database, _BEGUN + key)

    def all(self) -> dict[str, Mapping[str, Any]]:
        """What each of them was asked, by its key."""
        with self._workspace.reading_raw() as database:
            keys = noted_under(database, _BEGUN)
            return {key: read_note(database, _BEGUN + key) for key in keys}
