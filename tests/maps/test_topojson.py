"""TopoJSON: arcs are shared, turned round and joined as the specification says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ranger_app.domain.errors import BadInput
from ranger_app.maps.topojson import Topology

TWO_COUNTRIES: dict[str, Any] = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [10.0, 20.0]},
    # The middle line from south to north, then the ways round the west and the east of it.
    "arcs": [
        [[4, 0], [0, 4]],
        [[4, 4], [-4, 0], [0, -4], [4, 0]],
        [[4, 0], [4, 0], [0, 4], [-4, 0]],
    ],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]]},
            ],
        },
        "rivers": {"type": "MultiLineString", "arcs": [[0], [2]]},
    },
}


def topology(**changes: object) -> Topology:
    return Topology(json.dumps(TWO_COUNTRIES | changes).encode())


def test_arcs_are_decoded_and_joined_without_doubling_points() -> None:
    ((west,), (east,)) = topology().polygons("countries")
    assert west.tolist() == [[12, 20], [12, 22], [10, 22], [10, 20], [12, 20]]
    assert east.tolist() == [[12, 20], [14, 20], [14, 22], [12, 22], [12, 20]]


def test_a_border_is_the_arc_that_two_countries_share() -> None:
    (border,) = topology().shared_lines("countries")
    assert border.tolist() == [[12, 20], [12, 22]]


def test_lines_are_read_from_multilines() -> None:
    assert [len(line) for line in topology().lines("rivers")] == [2, 4]


def test_arcs_without_a_transform_are_degrees_already() -> None:
    plain = topology(
        transform=None, arcs=[[[1.5, 2.5], [3.5, 4.5]]], objects={"r": {"type": "LineString", "arcs": [0]}}
    )
    assert [line.tolist() for line in plain.lines("r")] == [[[1.5, 2.5], [3.5, 4.5]]]


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"type":"FeatureCollection"}', b'{"type":"Topology"}', b"\xff"]
)
def test_what_is_no_topology_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        Topology(raw)
