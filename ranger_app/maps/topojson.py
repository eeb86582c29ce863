"""Reads TopoJSON as Natural Earth is handed out in: quantised arcs that neighbours share.

Format: the TopoJSON specification 1.0 (`transform`, delta-coded `arcs`; arc `~i` is arc `i` backwards).
Used when the base map is made, not when it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.maps.mercator import Floats

Geometry = Mapping[str, Any]
Polygon = list[Floats]  # outer ring, then holes; each (N, 2) longitude and latitude, closed

DEPTH_AT_MOST = 8


class Topology:
    """One TopoJSON document with its arcs decoded to degrees."""

    def __init__(self, raw: bytes) -> None:
        """Raises `BadInput` when the bytes are not a topology."""
        try:
            document = json.loads(raw)
            if document["type"] != "Topology":
                raise ValueError(document["type"])
            self._objects: Mapping[str, Geometry] = document["objects"]
            self.arcs = _decode_arcs(document["arcs"], document.get("transform"))
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise BadInput(_("This is not a TopoJSON file that can be read.")) from error

    def geometries(self, name: str) -> Iterator[Geometry]:
        """The simple geometries of an object, collections taken apart."""
        yield from _flatten(self._objects[name], 0)

    def line(self, arcs: list[int]) -> Floats:
        """The arcs joined end to end; the point that two of them share stands once."""
        parts = [self.arcs[i] if i >= 0 else self.arcs[~i][::-1] for i in arcs]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygons(self, name: str) -> Iterator[Polygon]:
        """Every polygon of an object."""
        for geometry in self.geometries(name):
            if geometry["type"] == "Polygon":
                yield [self.line(ring) for ring in geometry["arcs"]]
            elif geometry["type"] == "MultiPolygon":
                for rings in geometry["arcs"]:
                    yield [self.line(ring) for ring in rings]

    def lines(self, name: str) -> Iterator[Floats]:
        """Every line of an object."""
        for geometry in self.geometries(name):
            if geometry["type"] == "LineString":
                yield self.line(geometry["arcs"])
            elif geometry["type"] == "MultiLineString":
                for arcs in geometry["arcs"]:
                    yield self.line(arcs)

    def shared_lines(self, name: str) -> list[Floats]:
        """The arcs that two different geometries of an object share: between countries, their borders."""
        users: dict[int, int] = {}
        shared: dict[int, None] = {}  # a dictionary keeps the file's order
        for number, geometry in enumerate(self.geometries(name)):
            for arc in set(_arc_numbers(geometry.get("arcs", []))):
                if users.setdefault(arc, number) != number:
                    shared[arc] = None
        return [self.arcs[arc] for arc in shared]


def _decode_arcs(arcs: list[list[list[int]]], transform: Mapping[str, Any] | None) -> list[Floats]:
    decoded = [np.asarray(arc, dtype=np.float64)[:, :2] for arc in arcs]
    if transform is None:
        return decoded
    scale, origin = np.asarray(transform["scale"], float), np.asarray(transform["translate"], float)
    return [np.cumsum(arc, axis=0) * scale + origin for arc in decoded]


def _flatten(geometry: Geometry, depth: int) -> Iterator[Geometry]:
    if depth > DEPTH_AT_MOST:
        raise BadInput(_("This is not a TopoJSON file that can be read."))
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _flatten(part, depth + 1)
    else:
        yield geometry


def _arc_numbers(arcs: Any) -> Iterator[int]:
    for item in arcs:
        if isinstance(item, int):
            yield item if item >= 0 else ~item
        else:
            yield from _arc_numbers(item)
