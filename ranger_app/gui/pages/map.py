"""The Map page: the site with its tracks, observations and cameras, and a list of what is in view."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from ranger_app.config import resources_dir
from ranger_app.domain.ids import Id
from ranger_app.gui.context import Context
from ranger_app.gui.look.icons import icon
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.map_data import MapData, Shown, Thing, gather, in_view
from ranger_app.gui.page import Page
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.maps.canvas import MapCanvas
from ranger_app.gui.widgets.maps.legend import Swatch
from ranger_app.gui.widgets.text import heading, muted, say, small
from ranger_app.i18n import _, day, moment, ngettext, number
from ranger_app.maps.layers import BoundaryLayer, PointLayer, TrackLayer
from ranger_app.maps.picking import Picked
from ranger_app.maps.view import Degrees

LISTED_AT_MOST = 500
LIST_FOLLOWS_AFTER_MS = 150  # while the map is dragged the list stands still
PANEL_EMS = 46
BOUNDARY, TRACKS, WAYPOINTS, STATIONS = "boundary", "tracks", "waypoints", "stations"
LAYER_OF = {Thing.PATROL: TRACKS, Thing.WAYPOINT: WAYPOINTS, Thing.STATION: STATIONS}
ICON_OF = {Thing.PATROL: "patrols", Thing.WAYPOINT: "eye", Thing.STATION: "photos"}
KIND_OF = {Thing.WAYPOINT: 1, Thing.STATION: 0}  # colour and shape of the points


class MapPage(Page):
    """Map and list show the same; what is chosen in one stands out in the other."""

    page_id = "map"
    watches = frozenset({"site", "patrol", "track", "waypoint", "observation", "camera_station"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.canvas = MapCanvas(context.background)
        self.canvas.open_basemap(resources_dir() / "maps")
        self.list = Listing(
            [
                Column[Shown](
                    _("What"),
                    lambda one: one.name,
                    stretch=True,
                    tip=lambda one: f"{_kind_words(one.thing)} {one.about}".strip(),
                    icon=lambda one: icon(ICON_OF[one.thing], "muted"),
                ),
                Column[Shown](_("When"), _when, lambda one: str(one.when or "")),
            ],
            name=_("In view"),
            empty=EmptyState("map", _("Nothing is in view"), _("Move or zoom the map, or press Home.")),
            key=lambda one: one.id,
        )
        self.counted = muted()
        self.note = small()
        self.name, self.about = heading(""), muted()
        self.open = button(_("Open"), icon="external", on=self._open)
        self.closer = button(_("Show on the map"), icon="fit", on=self._fit)
        self._layers: dict[str, QCheckBox] = {}
        self._data = MapData()
        self._by_id: dict[Id, Shown] = {}
        self.first = self.canvas
        self._fitted = False
        self._chosen: Shown | None = None
        self._follow = QTimer(self, singleShot=True, interval=LIST_FOLLOWS_AFTER_MS)
        self._follow.timeout.connect(self._list_what_is_in_view)
        self._lay_out()
        self.canvas.viewChanged.connect(lambda _view: self._follow.start())
        self.canvas.picked.connect(self._picked)
        self.canvas.troubled.connect(self.error)
        self.list.picked.connect(self._choose)
        self.list.opened.connect(lambda _one: self._open())

    def reload(self) -> None:
        ranger = self.context.ranger
        self.fetch(lambda work: gather(ranger, work), self._show, key="map")

    def go_to(self, **where: Any) -> None:
        """Show one patrol, waypoint or station: `id` is its own."""
        self._wanted = where.get("id")
        self._show_wanted()

    _wanted: Id | None = None

    # ---- how it looks

    def _lay_out(self) -> None:
        layers = column(gap=0.5)
        for id_, words, swatch in (
            (BOUNDARY, _("Boundary"), "boundary"),
            (TRACKS, _("Tracks"), "track"),
            (WAYPOINTS, _("Observations"), f"kind:{KIND_OF[Thing.WAYPOINT]}"),
            (STATIONS, _("Camera stations"), f"kind:{KIND_OF[Thing.STATION]}"),
        ):
            layers.addLayout(self._layer(id_, words, swatch))
        self._details = Card("", self.name, self.about, row(self.open, self.closer, None))
        self._details.hide()
        panel = QWidget()
        panel.setLayout(
            column(
                Card(_("On the map"), layers, self.note),
                self._details,
                row(heading(_("In view")), None, self.counted),
                self.list,
                gap=3,
            )
        )
        panel.setMaximumWidth(ems(PANEL_EMS))
        self.note.hide()
        self.counted.setWordWrap(False)
        inside = row(self.canvas, panel, gap=4)
        inside.setStretch(0, 3)
        inside.setStretch(1, 2)
        inside.setContentsMargins(space(6), space(2), space(6), space(5))
        self.setLayout(inside)

    def _layer(self, id_: str, words: str, swatch: str) -> QHBoxLayout:
        box = QCheckBox(words)
        box.setChecked(True)
        box.toggled.connect(lambda on: self._show_layer(id_, visible=on))
        self._layers[id_] = box
        return row(Swatch(swatch), box, None)

    # ---- what is shown

    def _show(self, data: MapData) -> None:
        self._data = data
        self._by_id = {one.id: one for one in data.shown}
        self._put_layers(data)
        say(self.note, data.note)
        for doubt in data.doubts:
            self.error(doubt)
        if not self._fitted:
            self._fitted = True
            self._fit_all(data)
        self._list_what_is_in_view()
        self._show_wanted()

    def _put_layers(self, data: MapData) -> None:
        if data.boundary is not None:
            self._put(BOUNDARY, BoundaryLayer(data.boundary))
        else:
            self.canvas.remove_layer(BOUNDARY)
        self._put(TRACKS, TrackLayer(data.tracks, data.track_keys))
        for thing, kind in KIND_OF.items():
            points = [one for one in data.shown if one.thing is thing]
            layer = PointLayer(
                [one.bounds[0] for one in points],
                [one.bounds[1] for one in points],
                [one.id for one in points],
                [kind] * len(points),
            )
            self._put(LAYER_OF[thing], layer)

    def _put(self, id_: str, layer: BoundaryLayer | TrackLayer | PointLayer) -> None:
        self.canvas.set_layer(id_, layer, visible=self._layers[id_].isChecked())

    def _fit_all(self, data: MapData) -> None:
        if data.boundary is not None:
            self.canvas.set_home(data.boundary.bounds)
        elif data.shown:
            self.canvas.set_home(around([one.bounds for one in data.shown]))
        self.canvas.go_home()

    def _show_layer(self, id_: str, *, visible: bool) -> None:
        if id_ != BOUNDARY or self._data.boundary is not None:
            self.canvas.show_layer(id_, visible=visible)
        self._list_what_is_in_view()

    def _list_what_is_in_view(self) -> None:
        wanted = {thing for thing, id_ in LAYER_OF.items() if self._layers[id_].isChecked()}
        found = [one for one in in_view(self._data.shown, self.canvas.view.degrees) if one.thing in wanted]
        words = ngettext("{count} thing", "{count} things", len(found)).format(count=number(len(found)))
        if len(found) > LISTED_AT_MOST:
            words = _("the first {count} of {total}").format(
                count=number(LISTED_AT_MOST), total=number(len(found))
            )
        self.counted.setText(words)
        self.list.show_rows(found[:LISTED_AT_MOST])

    # ---- choosing

    def _picked(self, found: Picked) -> None:
        things = [self._by_id[Id(key)] for key in found.keys if isinstance(key, bytes) and key in self._by_id]
        if len(things) > 1:
            self.canvas.fit(around([one.bounds for one in things]))
        elif things:
            self.list.choose(things[0].id)
            self._choose(things[0])

    def _choose(self, one: Shown | None) -> None:
        if one is None:
            return
        self._chosen = one
        say(self.name, one.name)
        say(self.about, "\n".join(part for part in (_kind_words(one.thing), one.about, _when(one)) if part))
        self._details.show()
        for thing, layer in LAYER_OF.items():
            self.canvas.highlight(layer, {one.id} if one.thing is thing else set())

    def _show_wanted(self) -> None:
        one = self._by_id.get(self._wanted) if self._wanted is not None else None
        if one is None:
            return
        self._wanted = None
        self._choose(one)
        self._fit()

    def _fit(self) -> None:
        if self._chosen is not None:
            self.canvas.fit(around([self._chosen.bounds]))
            self.list.choose(self._chosen.id)

    def _open(self) -> None:
        match self._chosen:
            case Shown(thing=Thing.PATROL, id=id_):
                self.context.go("patrols", patrol_id=id_)
            case Shown(thing=Thing.WAYPOINT, id=id_):
                self.context.go("patrols", waypoint_id=id_)
            case Shown(thing=Thing.STATION, id=id_):
                self.context.go("photos", station_id=id_)


LEAST_SPAN_DEG = 0.02  # about two kilometres, so that one point is not shown from a tree's height


def around(boxes: list[Degrees]) -> Degrees:
    """The bounds of all, with some air, and never smaller than a walk. None of them may cross 180°."""
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    air_x, air_y = (max(0.1 * span, LEAST_SPAN_DEG / 2) for span in (east - west, north - south))
    return (
        max(-180.0, west - air_x),
        max(-85.0, south - air_y),
        min(180.0, east + air_x),
        min(85.0, north + air_y),
    )


def _when(one: Shown) -> str:
    if one.when is None:
        return ""
    return moment(one.when) if isinstance(one.when, datetime) else day(one.when)


def _kind_words(thing: Thing) -> str:
    return {
        Thing.PATROL: _("Patrol"),
        Thing.WAYPOINT: _("Observation"),
        Thing.STATION: _("Camera station"),
    }[thing]
