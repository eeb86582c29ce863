"""The desk: the grid at the left, the photo in the middle, what is said of it at the right.

Photos around the one that is looked at are decoded before they are asked for, so that going on is one
drawing. The desk reads through loaders and never waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.domain.ids import Id
from ranger_app.gui.background import Background
from ranger_app.gui.look.theme import ems
from ranger_app.gui.models.loader import Loader
from ranger_app.gui.models.photos import PhotoGrid, shows_words
from ranger_app.gui.models.pictures import photo_image, thumbnail_image
from ranger_app.gui.widgets.buttons import icon_button
from ranger_app.gui.widgets.layout import boxed, column, row
from ranger_app.gui.widgets.photos.grid import PhotoGridView
from ranger_app.gui.widgets.photos.panel import PANEL_EMS, PhotoPanel
from ranger_app.gui.widgets.photos.view import PhotoView, ShownBox
from ranger_app.i18n import _
from ranger_app.photos.review import Word
from ranger_app.photos.views import OnePhoto

if TYPE_CHECKING:
    from ranger_app.photos.service import Photos

PREVIEW_PX = 720
"""Both sides of a photo keep at least this when it is decoded small; no screen of a station shows more."""
PREVIEWS_KEPT = 12
THUMBNAILS_KEPT = 400
DETAILS_KEPT = 200
GRID_EMS, VIEW_EMS = 44, 50
AHEAD, BEHIND = 4, 2
"""Photos after and before the one that is shown which are made ready."""

Picture = tuple[bytes, bool]
"""A photo's file, and whether it is wanted in full."""


class PhotoDesk(QWidget):
    """`said` carries the photos that a word is about, and the word."""

    said = Signal(list, Word)

    def __init__(self, photos: Photos, background: Background, *, reviewer: str) -> None:
        super().__init__()
        self.pack = ""
        self._current: Id | None = None
        self._shown: tuple[Id | None, bool] = (None, False)
        """Which photo the view shows, and whether that is more than its small picture."""
        self._details: Loader[Id, OnePhoto] = Loader(background, photos.photo, keep=DETAILS_KEPT, parent=self)
        self._pictures: Loader[Picture, QImage] = Loader(
            background,
            lambda key: photo_image(photos, key[0], 0 if key[1] else PREVIEW_PX),
            keep=PREVIEWS_KEPT,
            parent=self,
        )
        self._small: Loader[bytes, QImage] = Loader(
            background, partial(thumbnail_image, photos), keep=THUMBNAILS_KEPT, workers=2, parent=self
        )
        self.model = PhotoGrid(background, photos.tiles, parent=self)
        self.grid = PhotoGridView(self.model, self._small_picture, name=_("Photos"))
        self.view = PhotoView(name=_("The chosen photo"))
        self.panel = PhotoPanel(reviewer=reviewer)
        self._lay_out()
        self.grid.chosen.connect(self._stand_on)
        self.grid.wanted.connect(self._small.want)
        self._small.came.connect(lambda _file: self.grid.picture_came())
        self._details.came.connect(self._details_came)
        self._pictures.came.connect(self._picture_came)
        self.view.zoomed_in.connect(self._want_in_full)
        self.panel.said.connect(self._say)

    # ---- which photos

    def show_ids(self, ids: Sequence[Id]) -> None:
        """Show these photos; the one that is looked at stays if it is among them."""
        place = self.grid.current
        self.model.show_ids(ids)
        again = self.model.place(self._current) if self._current else -1
        if again < 0:
            self._current = None
            again = min(max(place, 0), len(ids) - 1)
        if ids:
            self.grid.choose(again)
        else:
            self.view.show_words("")
            self.panel.show_nothing()

    def renew(self, ids: Sequence[Id] | None = None) -> None:
        """What is said of these photos (of any, when not given) may have changed: read it again."""
        self._details.renew(ids)
        self.model.refresh()

    def go_to(self, *ids: Id) -> None:
        """Stand on the first of these photos that is among those that are shown."""
        places = [place for id_ in ids if (place := self.model.place(id_)) >= 0]
        if places:
            self.grid.choose(min(places))

    def step(self, by: int) -> None:
        """Go on to the next photo, or back."""
        place = self.grid.current + by
        if 0 <= place < len(self.model.ids):
            self.grid.choose(place)

    def step_sequence(self, by: int) -> None:
        """Go to the first photo of the next sequence, or of the one before."""
        places = self._places_of_sequence()
        if by > 0:
            self.grid.choose(min(max(places) + 1, len(self.model.ids) - 1))
        elif self.grid.current > min(places):
            self.grid.choose(min(places))
        else:
            self.grid.choose(max(min(places) - 1, 0))

    # ---- the one that is looked at

    def _stand_on(self, place: int) -> None:
        self._current = self.model.ids[place]
        around = [self.model.ids[at] for at in self._around(place)]
        self._details.want(around)
        self._want_pictures()
        self._show()

    def _around(self, place: int) -> Iterator[int]:
        """This place, those after it, then those before it."""
        for by in (*range(AHEAD + 1), *range(-1, -BEHIND - 1, -1)):
            if 0 <= place + by < len(self.model.ids):
                yield place + by

    def _want_pictures(self) -> None:
        """Have the pictures decoded whose files are known."""
        place = self.grid.current
        known = (self._details.get(self.model.ids[at]) for at in self._around(place))
        wanted = [(one.photo.file, False) for one in known if isinstance(one, OnePhoto)]
        if self.view.zoom > 1 and wanted:
            wanted.insert(0, (wanted[0][0], True))
        self._pictures.want(wanted)

    def _want_in_full(self) -> None:
        one = self._one()
        if one is not None and self._pictures.get((one.photo.file, True)) is None:
            self._want_pictures()

    def _details_came(self, id_: Id) -> None:
        self._want_pictures()
        if id_ == self._current:
            self._show()

    def _picture_came(self, key: Picture) -> None:
        one = self._one()
        if one is not None and one.photo.file == key[0]:
            self._show()

    def _show(self) -> None:
        one = self._details.get(self._current) if self._current else None
        if one is None:
            return  # it comes in a moment; until then the last photo stays
        if isinstance(one, KnownError):
            self.view.show_words(one.text)
            self.panel.show_nothing()
            return
        self.grid.tiles.sequence_id = one.photo.sequence_id
        self.panel.show_photo(one, pack=self.pack)
        self._show_picture(one)
        self.grid.viewport().update()

    def _show_picture(self, one: OnePhoto) -> None:
        file, boxes = one.photo.file, shown_boxes(one)
        same = self._shown[0] == one.photo.id
        picture = self._pictures.get((file, True)) or self._pictures.get((file, False))
        if isinstance(picture, KnownError):
            self.view.show_words(" ".join((picture.text, picture.what_to_do)).strip())
        elif picture is not None:
            self.view.show_photo(picture, boxes, same=same)
        elif not same or not self._shown[1]:
            small = self._small_picture(file)
            self.view.show_photo(small or QImage(), boxes, same=same)
        self._shown = (one.photo.id, picture is not None or (same and self._shown[1]))

    def _one(self) -> OnePhoto | None:
        found = self._details.get(self._current) if self._current else None
        return found if isinstance(found, OnePhoto) else None

    def _small_picture(self, file: bytes) -> QImage | None:
        found = self._small.get(file)
        return found if isinstance(found, QImage) else None

    # ---- what is said

    def _say(self, word: Word, whole_sequence: bool) -> None:
        one = self._one()
        if one is None or self._current is None:
            return
        ids = list(one.sequence) if whole_sequence else [one.photo.id]
        last = max((self.model.place(id_) for id_ in ids), default=-1)
        self.said.emit(ids, word)
        self.panel.clear_count()
        self.panel.sequence.setChecked(False)
        self.grid.setFocus()
        if last + 1 < len(self.model.ids):
            self.grid.choose(last + 1)

    def _places_of_sequence(self) -> list[int]:
        one = self._one()
        places = [self.model.place(id_) for id_ in one.sequence] if one else []
        return [place for place in places if place >= 0] or [max(self.grid.current, 0)]

    # ---- how it looks

    def _lay_out(self) -> None:
        under = row(
            icon_button(_("Previous photo"), icon="left", on=lambda: self.step(-1)),
            icon_button(_("Next photo"), icon="right", on=lambda: self.step(1)),
            None,
            icon_button(_("Show or hide the boxes"), icon="layers", on=self.view.toggle_boxes),
            icon_button(_("Zoom out"), icon="minus", on=self.view.zoom_out),
            icon_button(_("Zoom in"), icon="plus", on=self.view.zoom_in),
            icon_button(_("Show the whole photo"), icon="fit", on=self.view.fit),
            gap=1,
        )
        middle = column(self.view, under, gap=1)
        middle.setStretch(0, 1)
        self.grid.setMinimumSize(ems(GRID_EMS), ems(GRID_EMS))
        self._sides = row(self.grid, boxed(middle), self.panel, gap=3)
        for at, share in enumerate((0, 1, 0)):
            self._sides.setStretch(at, share)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._sides)

    def minimumSizeHint(self) -> QSize:
        parts = [self.grid, self.view, self.panel]
        hints = [part.minimumSizeHint().expandedTo(part.minimumSize()) for part in parts]
        width = max(hint.width() for hint in hints)
        if self._sides.direction() == QBoxLayout.Direction.LeftToRight and self.width() > width:
            # What the words need at the width that there is, not at the least one.
            return QSize(width, self._sides.minimumHeightForWidth(self.width()))
        return QSize(width, max(hint.height() for hint in hints))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room, else below one another: at 200 % text nothing is lost."""
        fits = event.size().width() >= ems(GRID_EMS + VIEW_EMS + PANEL_EMS)
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._sides.direction() != way:
            self._sides.setDirection(way)
            self.setMinimumHeight(0 if fits else self._sides.minimumSize().height())
        super().resizeEvent(event)
        self.updateGeometry()


def shown_boxes(one: OnePhoto) -> list[ShownBox]:
    """The boxes of the model that reach the score from which they are shown."""
    if one.detection is None:
        return []
    boxes = []
    for x, y, w, h, kind, score in one.detection.boxes or []:
        if score >= one.display:
            boxes.append(ShownBox(QRectF(x, y, w, h), kind, shows_words(kind), score))
    return boxes
