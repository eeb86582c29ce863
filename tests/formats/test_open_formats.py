"""GeoJSON and tables: what anybody can open, without what must not leave."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from ranger_app import formats
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.found import (
    Found,
    FoundDay,
    FoundLeg,
    FoundObservation,
    FoundPatrol,
    FoundTrack,
    FoundValue,
    FoundWaypoint,
)
from tests.patrols.test_recording import MAY_6
from tests.patrols.walks import walk

SEEN = FoundObservation(
    category="threat.hunting.snare.",
    values=(FoundValue(attribute="count", number=3.0), FoundValue(attribute="action", items=("a", "b"))),
)
PLACES = (
    FoundWaypoint(number="1", lon=134.5, lat=43.5, comment='=HYPERLINK("x")', observations=(SEEN,)),
    FoundWaypoint(number="2", comment="no position"),
)
DAY = FoundDay(day=MAY_6, tracks=(FoundTrack(name="a", fixes=walk(5, starts=(0, 2, 4))),), waypoints=PLACES)
FOUND = Found(
    format="", patrols=(FoundPatrol(number="DEM-1", team="Demo team", legs=(FoundLeg(days=(DAY,)),)),)
)


def test_geojson_is_read_by_anybody(tmp_path: Path) -> None:
    written = formats.write(FOUND, tmp_path / "a.geojson", format_id="geojson")
    assert written.counts == {"track": 1, "waypoint": 2, "observation": 1}
    said: dict[str, Any] = json.loads((tmp_path / "a.geojson").read_text())
    assert said["type"] == "FeatureCollection"
    line, place, nowhere = said["features"]
    # A segment of one fix is no line.
    assert [len(part) for part in line["geometry"]["coordinates"]] == [2, 2]
    assert line["geometry"]["coordinates"][0][0] == [134.5, 43.5, 100.0]
    assert place["geometry"] == {"type": "Point", "coordinates": [134.5, 43.5]}
    assert place["properties"]["seen"][0]["values"] == {"count": 3.0, "action": ["a", "b"]}
    assert nowhere["geometry"] is None


def test_a_table_has_a_row_a_value_and_no_formulas(tmp_path: Path) -> None:
    written = formats.write(FOUND, tmp_path / "a.csv", format_id="csv")
    assert written.left_out
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["attribute"], row["value"]) for row in rows] == [
        ("count", "3.0"),
        ("action", "a b"),
        ("", ""),
    ]
    assert rows[0]["comment"] == '\'=HYPERLINK("x")'
    assert rows[2]["comment"] == "no position"


@pytest.mark.parametrize(("name", "format_id"), [("a.GPX", "gpx"), ("a.zip", "smart"), ("a.csv", "csv")])
def test_a_format_goes_by_its_ending(name: str, format_id: str) -> None:
    assert formats.format_by_ending(Path(name)) == format_id


def test_an_ending_that_says_nothing_is_refused_with_the_list() -> None:
    with pytest.raises(BadInput) as error:
        formats.format_by_ending(Path("patrols"))
    assert ".geojson" in error.value.what_to_do


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a folder"):
        formats.write(FOUND, tmp_path, format_id="csv")


def test_what_is_only_written_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not read"):
        formats.read(tmp_path / "a.csv", format_id="csv")
