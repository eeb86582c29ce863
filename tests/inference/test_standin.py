"""The bundled stand-in is whole, says here what it said where it was trained, and is honest about itself."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ranger_app.config import models_dir
from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Look
from ranger_app.inference.pack import Pack, read_pack
from ranger_app.inference.trial import overlap, try_pack
from ranger_app.jobs import Work
from ranger_app.photos import drawn
from ranger_app.photos.drawn import draw_scene
from tests.inference.pictures_made import encoded

FOLDER = models_dir() / "standin-drawn"
FIRST_UNSEEN_PLACE = 800  # models/training/draw.py trains on the places before 700


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(FOLDER)


@pytest.fixture(scope="module")
def model(pack: Pack) -> Model:
    return Model.open(pack, threads=1)


def drawn_looks(
    model: Model, kind: str, count: int, *, night: bool
) -> list[tuple[Look, tuple[drawn.DrawnBox, ...]]]:
    looks = []
    for seed in range(count):
        place = FIRST_UNSEEN_PLACE + seed
        picture, boxes = draw_scene(seed, kind, width=320, height=240, place=place, night=night, count=1)
        looks.append((model.look(encoded(picture)), boxes))
    return looks


def test_the_pack_is_whole_and_passes_its_golden_pictures(pack: Pack) -> None:
    assert check_pack(FOLDER) == []
    assert len(pack.manifest.golden) == 4
    assert try_pack(pack) == []
    assert pack.graph().size_bytes < 300_000


def test_it_says_wherever_it_is_shown_that_it_knows_no_species(pack: Pack) -> None:
    assert "knows no species" in pack.caution
    assert "Stand-in" in pack.name
    card = (FOLDER / "CARD.md").read_text(encoding="utf-8")
    for words in ("no species model", "never shown a photograph", "Do not use", pack.graph().sha256):
        assert words in card


def test_golden_pictures_are_those_that_their_recipes_draw(pack: Pack) -> None:
    for golden in pack.manifest.golden:
        call = ast.parse(golden.recipe, mode="eval").body
        assert isinstance(call, ast.Call)
        assert ast.unparse(call.func) == "draw_scene"
        seed, kind = (ast.literal_eval(one) for one in call.args)
        how = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
        picture, _boxes = draw_scene(seed, kind, **how)
        kept = Image.open(io.BytesIO((FOLDER / golden.image).read_bytes()))
        off = np.abs(np.asarray(picture, int) - np.asarray(kept, int)).mean()
        assert off < 6, golden.image  # what JPEG takes away


@pytest.mark.slow
def test_drawn_animals_are_told_from_empty_places_that_it_never_saw(model: Model) -> None:
    display = model.thresholds.display
    for night, kept_at_least in ((False, 0.8), (True, 0.65)):
        animals = [look.animal for look, _boxes in drawn_looks(model, "animal", 30, night=night)]
        empties = [look.animal for look, _boxes in drawn_looks(model, "empty", 30, night=night)]
        pairs = [(one > other) + 0.5 * (one == other) for one in animals for other in empties]
        assert sum(pairs) / len(pairs) >= 0.85
        assert sum(score >= display for score in animals) >= kept_at_least * len(animals)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["person", "vehicle"])
def test_drawn_people_and_vehicles_are_found_where_they_are(model: Model, kind: str) -> None:
    looks = drawn_looks(model, kind, 20, night=False)
    assert sum(look.kind(model.thresholds.display) == kind for look, _boxes in looks) >= 16
    placed = [
        any(box.kind == kind and overlap(box, truth) > 0.5 for box in look.boxes) for look, (truth,) in looks
    ]
    assert sum(placed) >= 14


def test_it_speaks_only_of_animal_person_vehicle_and_empty(model: Model) -> None:
    look = model.look(encoded(draw_scene(3, "animal", width=320, height=240)[0]))
    assert {name for name, _score in look.groups} == {"animal", "person", "vehicle", "empty"}


def test_every_hard_picture_and_every_original_gets_a_result(model: Model, shared_data: Path) -> None:
    folders = (shared_data / "formats" / "photos-hard", shared_data / "photos" / "originals")
    paths = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix != ".csv"]
    results = list(model.looks(paths, Work()))
    assert len(results) == 44
    assert [one.failure for one in results if one.failure] == []
    noted = {one.path.name for one in results if one.look and one.look.notes}
    assert noted == {"african_elephants_truncated_file.jpg", "african_elephants_cmyk.jpg"}
