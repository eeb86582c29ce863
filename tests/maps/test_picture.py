"""A map as a picture: what belongs on it is on it, and the same map gives the same bytes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image

from ranger_app.maps.basemap import open_basemap
from ranger_app.maps.boundary import boundary_of
from ranger_app.maps.colours import DARK, LIGHT
from ranger_app.maps.picture import PictureContent, draw, draw_png
from tests.maps.places import LAT_DEG, LON_DEG, square, write_world

BOUNDARY = boundary_of(shapely.MultiPolygon([shapely.Polygon(square(), [square(side_deg=0.05)])]))
TRACK = np.array([[LON_DEG - 0.05, LAT_DEG + 0.05], [LON_DEG + 0.05, LAT_DEG + 0.05]])


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def near(found: object, wanted: tuple[int, int, int], by: int = 12) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


def test_land_is_land_and_sea_is_sea(tmp_path: Path) -> None:
    world = PictureContent(basemap=open_basemap(write_world(tmp_path)))
    picture = draw(world, width_px=400, height_px=400, bounds=(LON_DEG - 20, -22.0, LON_DEG + 20, 18.0))
    assert near(picture.getpixel((190, 240)), rgb(LIGHT.land))
    assert near(picture.getpixel((15, 60)), rgb(LIGHT.water))


def test_the_boundary_is_filled_but_for_its_hole() -> None:
    picture = draw(PictureContent(boundary=BOUNDARY), width_px=400, height_px=400)
    middle, beside = picture.getpixel((200, 200)), picture.getpixel((120, 280))
    assert near(middle, rgb(LIGHT.land), by=20)
    assert beside != middle
    assert isinstance(beside, tuple)
    assert beside[0] < rgb(LIGHT.land)[0] - 10  # greener than the ground


def test_a_track_is_where_it_was_walked() -> None:
    picture = draw(PictureContent(boundary=BOUNDARY, tracks=[TRACK]), width_px=400, height_px=400)
    column = [picture.getpixel((200, y)) for y in range(60, 190)]
    assert any(near(pixel, rgb(LIGHT.track), by=40) for pixel in column)


def test_points_have_the_colour_of_their_kind() -> None:
    places = np.array([[LON_DEG + 0.06, LAT_DEG]])
    content = PictureContent(boundary=BOUNDARY, points=[(places, 2)])
    picture = draw(content, width_px=400, height_px=400)
    row = [picture.getpixel((x, 200)) for x in range(260, 400)]
    assert any(near(pixel, rgb(LIGHT.kinds[2])) for pixel in row)


def test_the_picture_is_a_png_of_the_size_asked_for_and_always_the_same() -> None:
    content = PictureContent(boundary=BOUNDARY, tracks=[TRACK])
    first = draw_png(content, width_px=321, height_px=123)
    assert Image.open(io.BytesIO(first)).size == (321, 123)
    assert draw_png(content, width_px=321, height_px=123) == first
    assert draw_png(content, width_px=321, height_px=123, colours=DARK) != first


def test_without_anything_to_show_there_is_still_a_map() -> None:
    assert draw(PictureContent(), width_px=300, height_px=200).size == (300, 200)


def test_a_track_with_gaps_only_does_not_stop_the_picture() -> None:
    content = PictureContent(tracks=[np.full((3, 2), np.nan), np.empty((0, 2))])
    assert content.bounds() is None
    assert draw(content, width_px=300, height_px=200).size == (300, 200)


@pytest.mark.parametrize("size", [(0, 100), (100, 0), (100_000, 100)])
def test_a_picture_of_no_size_or_any_size_is_not_made(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="pixels"):
        draw(PictureContent(), width_px=size[0], height_px=size[1])
