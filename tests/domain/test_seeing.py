"""What a role may see: whole, blurred to a stated grid, or nothing; and how a place is blurred."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.roles import ADMINISTRATOR, ASSESSOR, DATA_CLERK, MANAGER, RANGER
from ranger_app.domain.seeing import (
    ALL,
    GRIDS_DEG,
    NOBODY,
    SAFE,
    Sight,
    blurred,
    eyes_of,
    eyes_within,
    marked_in,
    tells_of_people,
    uncertainty_m,
)
from ranger_app.domain.species_list import read_list

LON, COMMENT = BY_NAME["waypoint"].by_name["lon"], BY_NAME["waypoint"].by_name["comment"]
TEXT, RAW = BY_NAME["value"].by_name["text"], BY_NAME["value"].by_name["origin_raw"]
FIXES, TITLE = BY_NAME["track"].by_name["fixes"], BY_NAME["patrol"].by_name["title"]
W, B, H = Sight.WHOLE, Sight.BLURRED, Sight.HIDDEN

grids = st.sampled_from(GRIDS_DEG)
lons, lats = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(
    ("role", "suspect", "plain", "comment", "raw", "listed", "elsewhere", "track"),
    [
        (ADMINISTRATOR, W, W, W, W, W, W, W),
        (MANAGER, W, W, W, W, W, W, W),
        (DATA_CLERK, W, W, W, W, B, W, W),
        (RANGER, H, W, W, H, B, W, W),
        (ASSESSOR, H, W, H, H, B, B, H),
        ("a role of later", H, W, H, H, H, B, H),
        (None, H, W, H, H, H, B, H),
    ],
)
def test_each_role_sees_what_it_needs(
    role: str | None,
    suspect: Sight,
    plain: Sight,
    comment: Sight,
    raw: Sight,
    listed: Sight,
    elsewhere: Sight,
    track: Sight,
) -> None:
    eyes = eyes_of(role)
    assert eyes.of(TEXT, attribute="nameornames1") is suspect
    assert eyes.of(TEXT, attribute="weather") is plain
    assert eyes.of(COMMENT) is comment
    assert eyes.of(RAW) is raw
    assert eyes.of(LON, listed=True) is listed
    assert eyes.of(LON) is elsewhere
    assert eyes.of(FIXES) is track
    assert eyes.of(TITLE) is W


def test_of_a_place_only_its_coordinates_can_be_blurred() -> None:
    height = BY_NAME["waypoint"].by_name["elevation_m"]
    assert eyes_of(RANGER).of(height, listed=True) is H
    assert eyes_of(RANGER).of(height) is W


def test_a_laptop_and_a_person_see_what_both_may() -> None:
    assert eyes_within(None) == NOBODY
    assert eyes_within(()).see_all
    assert eyes_within(({MANAGER}, {RANGER})).suspects is H
    assert eyes_within(({RANGER, MANAGER},)).see_all
    assert eyes_within(({ASSESSOR}, {DATA_CLERK})).people is H
    assert ALL.narrowed(SAFE).people is H


@given(lons, lats, grids)
def test_a_blurred_place_is_the_middle_of_its_cell_and_of_no_other(
    lon: float, lat: float, grid_deg: float
) -> None:
    x, y = blurred(lon, lat, grid_deg)
    assert abs(x - lon) <= grid_deg / 2 + 1e-6
    assert abs(y - lat) <= grid_deg / 2 + 1e-6
    assert blurred(x, y, grid_deg) == (x, y)


@given(lons, lats, grids, st.floats(0, 1), st.floats(0, 1))
def test_all_places_of_a_cell_look_the_same(
    lon: float, lat: float, grid_deg: float, east: float, north: float
) -> None:
    x, y = blurred(lon, min(lat, 89.0), grid_deg)
    inside = 0.499 * grid_deg
    other = x + (2 * east - 1) * inside, y + (2 * north - 1) * inside
    assert blurred(*other, grid_deg) == (x, y)


@given(lats, grids)
def test_the_uncertainty_holds_the_whole_cell(lat: float, grid_deg: float) -> None:
    _x, y = blurred(0.0, lat, grid_deg)
    half = grid_deg / 2
    height = half * 110_574.0
    width = half * 111_320.0 * math.cos(math.radians(max(abs(y) - half, 0.0)))
    assert uncertainty_m(y, grid_deg) >= math.hypot(height, width) - 1


@pytest.mark.parametrize(
    "attribute", ["nameornames", "nameOrNames2", "phone_number", "Informant Name", "alias1"]
)
def test_attributes_about_people_are_known_however_they_are_spelt(attribute: str) -> None:
    assert tells_of_people(attribute)


@pytest.mark.parametrize("attribute", ["speciesname", "numberofpeople", "namedplace", "weather", ""])
def test_other_attributes_are_not(attribute: str) -> None:
    assert not tells_of_people(attribute)


def test_a_data_model_marks_what_no_name_would_tell() -> None:
    model = {"attributes": {"HideOut": {"sensitive": True}, "weather": {"sensitive": "no"}, "x": 1}}
    assert marked_in(model) == {"hideout"}
    assert tells_of_people("hideout", marked_in(model))
    assert tells_of_people("phone", marked_in(model))
    assert not tells_of_people("weather", marked_in(model))


@pytest.mark.parametrize("untrusted", [None, [], {"attributes": []}, {"attributes": {"a": [True]}}])
def test_a_data_model_that_is_none_marks_nothing(untrusted: Any) -> None:
    assert marked_in(untrusted) == frozenset()


TIGER = [{"names": ["Panthera tigris", "Amur tiger"], "grid_deg": 0.2}, {"names": ["ginseng"]}]


@pytest.mark.parametrize(
    ("said", "grid"),
    [
        ("animals.mammal.amurtiger.", 0.2),
        ("panthera_tigris", 0.2),
        ("two AMUR TIGERS at the river", 0.2),
        ('["carnivora.panthera_tigris."]', 0.2),
        ("wild ginseng", 0.1),
        ("tiger", None),
        ("amur", None),
        ("a ginsengs-like root", 0.1),
        ("", None),
    ],
)
def test_listed_species_are_known_in_keys_and_in_words(said: str, grid: float | None) -> None:
    assert read_list(TIGER).grid_deg(said) == grid


@pytest.mark.parametrize(
    "untrusted",
    [
        None,
        7,
        {},
        [7],
        [{}],
        [{"names": 7}],
        [{"names": [7, "", "a"]}],
        [{"names": ["x" * 3], "grid_deg": "?"}],
    ],
)
def test_a_list_that_reads_badly_is_passed_over(untrusted: object) -> None:
    assert set(read_list(untrusted).names.values()) <= {0.1}
