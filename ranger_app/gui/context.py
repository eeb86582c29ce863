"""What every page is handed: the open workspace, and the window's services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ranger_app.config import Settings
from ranger_app.gui.background import Background, Task
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.messages import Messages

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.hub_exchange import HubExchange


class Go(Protocol):
    """Shows a page: `go("patrols", patrol_id=…)`; what follows the page is for its `go_to`."""

    def __call__(self, page_id: str, **where: Any) -> None: ...


@dataclass(slots=True)
class Context:
    """The open workspace (`ranger`, whose rooms do the work) and the services of the window."""

    ranger: Ranger
    background: Background
    messages: Messages
    theme: Theme
    settings: Settings
    go: Go
    keep: Callable[[Settings], None]
    hub: HubExchange | None = None
    """The exchanges of the open workspace with its hub."""

    def leave(self, key: str) -> Task:
        """Do not go on with a job that was begun and is not finished."""
        begun = self.ranger.begun
        task = self.background.run(lambda _work: begun.forget(key), "begun", quiet=True)
        task.failed.connect(self.messages.error)
        return task

    def change_settings(self, **changes: Any) -> None:
        """Keep changed settings for this user and look as they say."""
        self.settings = replace(self.settings, **changes)
        self.keep(self.settings)
