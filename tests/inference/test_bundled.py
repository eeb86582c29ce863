"""The bundled packs are whole, say here what they said where they were made, and are honest."""

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
from ranger_app.inference.looks import KINDS, Box
from ranger_app.inference.packs.labels import read_labels
from ranger_app.inference.packs.pack import Pack, read_pack
from ranger_app.inference.packs.toml_table import Complaints
from ranger_app.inference.pictures import open_picture
from ranger_app.inference.prepare import prepare
from ranger_app.inference.trial import try_pack
from ranger_app.jobs import Work
from ranger_app.photos.drawn.scenes import draw_scene
from ranger_app.photos.runs.packs import ModelPacks
from tests.inference.pictures_made import encoded

DETECTOR, CLASSIFIER, PIPELINE = (
    models_dir() / name for name in ("ranger-detector", "ranger-groups", "ranger-animals")
)
PACKS = (DETECTOR, CLASSIFIER, PIPELINE)
BYTES_AT_MOST = 15_000_000


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.open(read_pack(PIPELINE), threads=1)


@pytest.fixture(params=PACKS, ids=lambda folder: folder.name)
def pack(request: pytest.FixtureRequest) -> Pack:
    return read_pack(request.param)


def test_each_pack_is_whole(pack: Pack) -> None:
    assert check_pack(pack.folder) == []
    assert pack.manifest.golden


def test_each_pack_says_of_its_golden_pictures_what_it_said_where_it_was_made(pack: Pack) -> None:
    assert try_pack(pack, threads=1) == []


def test_golden_pictures_are_those_that_their_recipes_draw(pack: Pack) -> None:
    for golden in pack.manifest.golden:
        call = ast.parse(golden.recipe, mode="eval").body
        assert isinstance(call, ast.Call)
        assert ast.unparse(call.func) == "draw_scene"
        seed, kind = (ast.literal_eval(one) for one in call.args)
        how = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
        picture, _boxes = draw_scene(seed, kind, **how)
        kept = Image.open(io.BytesIO((pack.folder / golden.image).read_bytes()))
        off = np.abs(np.asarray(picture, int) - np.asarray(kept, int)).mean()
        assert off < 6, golden.image  # what JPEG takes away


def test_together_they_are_small() -> None:
    sizes = [path.stat().st_size for folder in PACKS for path in folder.rglob("*") if path.is_file()]
    assert sum(sizes) <= BYTES_AT_MOST


def test_each_carries_its_licence_and_names_its_parents(pack: Pack) -> None:
    assert pack.manifest.licence.spdx == "Apache-2.0"
    notice = (pack.folder / "NOTICE").read_text(encoding="utf-8")
    assert "Megvii" in notice
    assert "Google" in notice
    assert "All layers were" in notice
    assert "Apache License" in (pack.folder / "LICENSE").read_text(encoding="utf-8")


def test_the_card_says_what_it_must() -> None:
    card = (PIPELINE / "CARD.md").read_text(encoding="utf-8")
    for words in (
        "e8af074932d4ed7e232278e3055cefcdea3edf178874a3694ae292649fb464dd",  # the parents' SHA-256
        "5d3137241276e79c86d14a74fe43581398ae0e815191d3dba45495b810840e8c",
        "CDLA-Permissive-1.0",
        "seed=",
        "**Not for** deleting pictures",
        "## Untested",
        "Amur leopard",
        "calibration error",
        "infrared",
        "only `chicago`",
        "only `peru-SDZG2`",
    ):
        assert words in card
    assert len(card) > 5000


def test_without_a_choice_the_pipeline_is_taken() -> None:
    assert ModelPacks((models_dir(),)).choose().id == PIPELINE.name


def test_groups_have_names_in_the_languages_of_the_first_users() -> None:
    complaints = Complaints("labels.csv")
    labels = read_labels((CLASSIFIER / "labels.csv").read_bytes(), complaints)
    assert complaints.all == []
    assert {label.role for label in labels} == {"species"}
    assert all({"en", "fr"} <= dict(label.names).keys() for label in labels)
    assert "tiger" in {label.id for label in labels}


def test_a_picture_gets_scores_boxes_groups_and_an_embedding(model: Model) -> None:
    look = model.look(encoded(draw_scene(3, "animal", width=640, height=480, place=803)[0]))
    assert all(0 <= getattr(look, kind) <= 1 for kind in KINDS)
    assert look.boxes
    assert sum(score for _name, score in look.groups) == pytest.approx(1, abs=0.01)
    (crop,) = look.crops
    assert crop.embedding is not None
    assert len(crop.embedding) == 1280 * 2  # in 16 bits each


def test_the_detector_is_shown_what_pillow_makes_of_the_picture() -> None:
    pack = read_pack(DETECTOR)
    drawn = draw_scene(5, "animal", width=1000, height=701, place=2)[0]
    raw = encoded(drawn, "PNG")
    found = prepare(
        open_picture(raw), graph_input=pack.manifest.input, preprocess=pack.manifest.preprocess
    ).tensor
    above = drawn.crop((0, 0, 1000, int(701 * 0.95)))
    scale = min(416 / above.width, 416 / above.height)
    small = above.resize((int(above.width * scale), int(above.height * scale)), Image.Resampling.BILINEAR)
    wanted = np.full((288, 416, 3), 114, np.float32)  # 276 rows of picture, to the next multiple of 32
    wanted[: small.height, : small.width] = np.asarray(small)[:, :, ::-1]
    assert np.array_equal(found[0], wanted.transpose(2, 0, 1))


def test_the_classifier_is_shown_what_pillow_makes_of_the_box() -> None:
    pack = read_pack(CLASSIFIER)
    drawn = draw_scene(5, "animal", width=1000, height=700, place=2)[0]
    picture = open_picture(encoded(drawn, "PNG"))
    box = Box(0.5037, 0.2513, 0.2, 0.2, kind="animal", score=1.0)
    found = prepare(
        picture, graph_input=pack.manifest.input, preprocess=pack.manifest.preprocess, box=box
    ).tensor
    side = 0.2 * 1000 * 1.25
    left, top = 603.7 - side / 2, 0.3513 * 700 - side / 2
    cut = drawn.crop((int(left), int(top), int(left + side), int(top + side)))
    small = np.asarray(cut.resize((224, 224), Image.Resampling.BILINEAR), np.float32)
    assert np.abs(found[0] - (small.transpose(2, 0, 1) / 127.5 - 1)).max() < 1e-5


@pytest.mark.slow
def test_every_hard_picture_and_every_original_gets_a_result(model: Model, shared_data: Path) -> None:
    folders = (shared_data / "formats" / "photos-hard", shared_data / "photos" / "originals")
    paths = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix != ".csv"]
    results = list(model.looks(paths, Work()))
    assert len(results) == 44
    assert [one.failure for one in results if one.failure] == []
    noted = {one.path.name for one in results if one.look and one.look.notes}
    assert noted == {"african_elephants_truncated_file.jpg", "african_elephants_cmyk.jpg"}
