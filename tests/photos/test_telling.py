"""The photos that are offered for naming teach most: doubted ones, of every kind, none twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.ids import Id, derived_id
from ranger_app.inference.learning.lessons import Whole, whole_numbers
from ranger_app.photos.learning.telling import Candidate, doubt_of, most_telling
from ranger_app.photos.review import Word
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Order, Wanted
from ranger_app.storage import Workspace
from tests.photos.parks import COLOURS, STATIONS, colour_packs, fill, species_of

DIM = 24


def near(kind: int, seed: int) -> Whole:
    rng = np.random.default_rng([kind, seed])
    return whole_numbers((np.eye(DIM)[kind] + rng.normal(size=DIM) * 0.05).astype(np.float32))


def photo(number: int) -> Id:
    return derived_id(0, "photo", str(number))


def candidate(number: int, *, kind: int, doubt: float = 0.5, burst: bytes = b"") -> Candidate:
    return Candidate(photo(number), burst or photo(number), doubt, near(kind, number))


def test_every_kind_is_offered_before_any_twice() -> None:
    many = [candidate(at, kind=at % 4) for at in range(40)]
    first = [next(one for one in many if one.photo_id == id_) for id_ in most_telling(many, [], at_most=4)]
    assert len({int(one.vector.argmax()) for one in first}) == 4


def test_what_is_like_the_named_ones_is_offered_last() -> None:
    many = [candidate(1, kind=0), candidate(2, kind=1)]
    assert most_telling(many, [near(0, 9)])[0] == photo(2)


def test_of_the_same_kind_the_doubted_one_is_offered() -> None:
    many = [candidate(1, kind=0, doubt=0.1), candidate(2, kind=0, doubt=0.9)]
    assert most_telling(many, [], at_most=1) == [photo(2)]


def test_one_photo_of_a_burst_is_enough() -> None:
    many = [candidate(at, kind=at % 3, burst=b"b") for at in range(6)]
    assert len(most_telling(many, [])) == 1


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), max_size=30), st.integers(0, 12))
def test_none_is_offered_twice_and_never_more_than_asked(rows: list[tuple[int, float]], at_most: int) -> None:
    many = [candidate(at, kind=kind, doubt=doubt) for at, (kind, doubt) in enumerate(rows)]
    offered = most_telling(many, [], at_most=at_most)
    assert len(offered) == len(set(offered)) == min(at_most, len(many))
    assert offered == most_telling(many[::-1], [], at_most=at_most)


def test_doubt_is_the_lead_that_is_missing() -> None:
    assert doubt_of([["a", 0.9], ["b", 0.05]]) < doubt_of([["a", 0.5], ["b", 0.4]])
    assert doubt_of([]) == doubt_of(None) == 1.0


def test_in_a_park_photos_of_the_species_nobody_named_come_first(
    workspace: Workspace, tmp_path: Path
) -> None:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=2, named=False)
    assert photos.learning.most_telling() == [], "nothing has been looked at"
    photos.classify()
    tiles = photos.tiles(photos.ids(Wanted()))
    named = [tile.id for tile in tiles if species_of(tile.file_name) != "leopard cat"]
    photos.label(named[::2], Word(type="animal", name="deer or dog"), by="A demo ranger")
    offered = photos.ids(Wanted(order=Order.TELLING))
    files = [tile.file_name for tile in photos.tiles(offered)]
    assert species_of(files[0]) == "leopard cat"
    assert not set(offered) & set(named[::2])
    assert len(offered) <= STATIONS * len(COLOURS) * 2 - len(named[::2])
    here = photos.station_named("Station 1")
    assert {
        tile.station_id for tile in photos.tiles(photos.ids(Wanted(order=Order.TELLING, station_id=here)))
    } == {here}
