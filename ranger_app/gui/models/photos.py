"""A grid of photos of any number: the model knows every id, and details of those that are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ranger_app.domain.errors import KnownError
from ranger_app.domain.ids import Id
from ranger_app.gui.background import Background
from ranger_app.gui.models.loader import Loader
from ranger_app.i18n import _, moment, percent
from ranger_app.photos.views import Tile

TILES_AT_ONCE = 60
PAGES_KEPT = 40
PAGES_IN_SIGHT = 4
NOWHERE = QModelIndex()
TILE_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class PhotoGrid(QAbstractTableModel):
    """Photos in rows of a few, as they follow one another."""

    def __init__(
        self,
        background: Background,
        read: Callable[[Sequence[Id]], list[Tile]],
        *,
        across: int = 2,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.across = across
        self.ids: Sequence[Id] = ()
        self._places: dict[Id, int] = {}
        self._read = read
        self._pages: Loader[tuple[int, int], dict[Id, Tile]] = Loader(
            background, self._load, keep=PAGES_KEPT, parent=self
        )
        self._pages.came.connect(self._came)
        self._edition = 0
        """Goes up when the ids or what is known of them change, so that old answers are not taken for new."""
        self._wished: list[tuple[int, int]] = []
        self._last: dict[Id, Tile] = {}
        """What was shown before, and still is until the new details are there."""

    # ---- what is in it

    def show_ids(self, ids: Sequence[Id]) -> None:
        """Show these photos instead."""
        self.beginResetModel()
        self.ids = ids
        self._places = {}
        self._renew()
        self.endResetModel()

    def set_across(self, across: int) -> None:
        """Have so many photos in a row."""
        if across != self.across:
            self.beginResetModel()
            self.across = across
            self.endResetModel()

    def refresh(self) -> None:
        """Read anew what is known of the photos; which they are stays."""
        self._renew()
        if self.ids:
            last = self.index(self.rowCount() - 1, self.across - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def place(self, id_: Id) -> int:
        """Where the photo is in the order, or -1."""
        if not self._places:
            self._places = {id_: at for at, id_ in enumerate(self.ids)}
        return self._places.get(id_, -1)

    def at(self, index: Index) -> int:
        """The place of a cell in the order."""
        return index.row() * self.across + index.column()

    def cell(self, place: int) -> QModelIndex:
        """The cell of a place in the order."""
        return self.index(*divmod(place, self.across))

    def tile(self, place: int) -> Tile | None:
        """What is known of the photo at this place; asked for when nothing is."""
        if not 0 <= place < len(self.ids):
            return None
        key = self._edition, place // TILES_AT_ONCE
        page = self._pages.get(key)
        id_ = self.ids[place]
        if page is None:
            self._wished = list(dict.fromkeys([key, *self._wished]))[:PAGES_IN_SIGHT]
            self._pages.want(self._wished)
            return self._last.get(id_)
        return None if isinstance(page, KnownError) else page.get(id_)

    # ---- for Qt

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else -(-len(self.ids) // self.across)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else self.across

    def flags(self, index: Index) -> Qt.ItemFlag:
        there = index.isValid() and self.at(index) < len(self.ids)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if there else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == TILE_ROLE:
            return self.tile(self.at(index))
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            tile = self.tile(self.at(index))
            return words_of(tile) if tile else ""
        return None

    # ---- loading

    def _renew(self) -> None:
        known = {id_: tile for page in self._pages.loaded() for id_, tile in page.items()}
        self._last = known or self._last
        self._edition += 1
        self._pages.forget()

    def _load(self, page: tuple[int, int]) -> dict[Id, Tile]:
        start = page[1] * TILES_AT_ONCE
        return {tile.id: tile for tile in self._read(self.ids[start : start + TILES_AT_ONCE])}

    def _came(self, page: tuple[int, int]) -> None:
        edition, number = page
        if edition == self._edition and self.ids:
            first, last = number * TILES_AT_ONCE, min((number + 1) * TILES_AT_ONCE, len(self.ids)) - 1
            self.dataChanged.emit(
                self.index(first // self.across, 0), self.index(last // self.across, self.across - 1)
            )


def words_of(tile: Tile) -> str:
    """A photo in words, as it is read aloud."""
    parts = [tile.file_name]
    if tile.taken_local:
        parts.append(moment(tile.taken_local))
    if tile.scores and tile.machine_shows:
        parts.append(_("model: {what}").format(what=machine_words(tile)))
    labels = tile.verdict.labels if tile.verdict else ()
    parts += [label_words(one.type, one.name, one.count) for one in labels]
    return ", ".join([*parts, tile.note] if tile.note else parts)


def machine_words(tile: Tile) -> str:
    """What the model says, with how sure it is: "animal 93 %"."""
    assert tile.scores is not None
    words = shows_words(tile.machine_shows)
    return words if tile.machine_shows == "empty" else f"{words} {percent(max(tile.scores))}"


def shows_words(shows: str) -> str:
    """What a photo shows, in the user's language."""
    return {
        "animal": _("animal"),
        "person": _("person"),
        "vehicle": _("vehicle"),
        "empty": _("empty"),
        "unknown": _("unknown"),
    }.get(shows, shows)


def label_words(type_: str, name: str, count: int | None) -> str:
    """What a person said: "2 × roe deer"."""
    words = name or {
        "animal": _("animal"),
        "human": _("human"),
        "vehicle": _("vehicle"),
        "blank": _("empty"),
        "unknown": _("unknown"),
    }.get(type_, type_)
    return f"{count} × {words}" if count else words
