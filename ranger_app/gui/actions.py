"""Everything that a person can ask for, listed once: menus, shortcuts, palette and cheat sheet follow it."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.i18n import N_


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to ask for. `words` is English, shown through `_`; `keys` as Qt writes them.

    With a `page` it belongs to that page: its keys work while that page is in front, the palette goes
    there first, and `Page.commands()` says what is called. Without, it works everywhere.
    """

    id: str
    words: str
    icon: str = ""
    keys: str = ""
    page: str = ""
    always: bool = False
    """Works without an open workspace too."""


ACTIONS = (
    # everywhere
    Action("go.today", N_("Go to Today"), "today", "Ctrl+1"),
    Action("go.patrols", N_("Go to Patrols"), "patrols", "Ctrl+2"),
    Action("go.map", N_("Go to Map"), "map", "Ctrl+3"),
    Action("go.photos", N_("Go to Photos"), "photos", "Ctrl+4"),
    Action("go.green_list", N_("Go to Green List"), "green_list", "Ctrl+5"),
    Action("go.exchange", N_("Go to Exchange"), "exchange", "Ctrl+6"),
    Action("go.settings", N_("Go to Settings"), "settings", "Ctrl+7"),
    Action("undo", N_("Take back the last thing done"), "undo", "Ctrl+Z"),
    Action("palette", N_("Find a command"), "search", "Ctrl+K", always=True),
    Action("cheat_sheet", N_("Show all keys"), "help", "F1", always=True),
    Action("reload", N_("Read this page again"), "refresh", "F5"),
    Action("larger", N_("Larger text"), "text_larger", "Ctrl+=", always=True),
    Action("smaller", N_("Smaller text"), "text_smaller", "Ctrl+-", always=True),
    Action("workspace.open", N_("Open another workspace…"), "folder", "Ctrl+O", always=True),
    Action("workspace.close", N_("Close this workspace"), "close", "Ctrl+W"),
    Action("quit", N_("Leave Ranger"), "quit", "Ctrl+Q", always=True),
    # Exchange
    Action("exchange.write", N_("Write a bundle…"), "send", "Ctrl+Shift+W", "exchange"),
    Action("exchange.read", N_("Read a bundle…"), "receive", "Ctrl+Shift+R", "exchange"),
    Action("exchange.backup", N_("Make a backup"), "backup", "Ctrl+B", "exchange"),
)

BY_ID = {action.id: action for action in ACTIONS}
