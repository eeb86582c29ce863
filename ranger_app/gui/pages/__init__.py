"""The pages of the window, listed once; a page's module is imported when the page is first opened."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ranger_app.i18n import N_

if TYPE_CHECKING:
    from ranger_app.gui.page import Page


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page of the rail. `words` is English, shown through `_`; `place` is "module:class"."""

    id: str
    words: str
    icon: str
    place: str

    def load(self) -> type[Page]:
        """The page's class; the import may take a moment the first time."""
        module, _, name = self.place.partition(":")
        page: type[Page] = getattr(import_module(module), name)
        return page


PAGES = (
    PageSpec("today", N_("Today"), "today", "ranger_app.gui.pages.today:TodayPage"),
    PageSpec("patrols", N_("Patrols"), "patrols", "ranger_app.gui.pages.patrols:PatrolsPage"),
    PageSpec("map", N_("Map"), "map", "ranger_app.gui.pages.map:MapPage"),
    PageSpec("photos", N_("Photos"), "photos", "ranger_app.gui.pages.photos:PhotosPage"),
    PageSpec("green_list", N_("Green List"), "green_list", "ranger_app.gui.pages.green_list:GreenListPage"),
    PageSpec("exchange", N_("Exchange"), "exchange", "ranger_app.gui.pages.exchange:ExchangePage"),
    PageSpec(
        "differences", N_("Differences"), "differences", "ranger_app.gui.pages.differences:DifferencesPage"
    ),
    PageSpec("people", N_("People"), "person", "ranger_app.gui.pages.people:PeoplePage"),
    PageSpec("settings", N_("Settings"), "settings", "ranger_app.gui.pages.settings:SettingsPage"),
)
