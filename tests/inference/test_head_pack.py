"""What was learned is a pack like any other: checked, installed, refused when spoilt."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model
from ranger_app.inference.install import install_pack
from ranger_app.inference.learning.head import WorkingHead
from ranger_app.inference.learning.head_pack import (
    Base,
    base_of,
    pack_files,
    pack_id,
    short_digest,
    zipped,
)
from ranger_app.inference.learning.learning import Head, learn
from ranger_app.inference.learning.lessons import Lessons, whole_numbers
from ranger_app.inference.learning.linear_onnx import linear_graph
from ranger_app.inference.packs.pack import Pack, read_pack
from ranger_app.photos.runs.packs import ModelPacks
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.test_pipeline import chain
from tests.inference.tiny import yolox_pack


@pytest.fixture
def parent(tmp_path: Path) -> Pack:
    return chain(tmp_path / "packs")


def taught(seed: int = 1) -> Head:
    """A head over the embedding of the tiny classifier, which is the mean of each colour."""
    rng = np.random.default_rng(seed)
    vectors, classes = [], []
    for class_ in range(3):
        for _crop in range(12):
            colour = rng.random(3) * 0.3 + np.eye(3)[class_] * 0.5
            vectors.append(whole_numbers(colour.astype(np.float32)))
            classes.append(class_)
    cameras = np.arange(36) % 4
    names = ("bläuliches Reh", 'he said "fox", twice', "梅花鹿")
    return learn(Lessons(names, np.array(vectors), np.array(classes), cameras, np.arange(36))).head


def written(head: Head, base: Base, folder: Path, *, version: str = "1") -> Path:
    folder.mkdir(parents=True)
    for name, raw in files_of(head, base, version).items():
        (folder / name).write_bytes(raw)
    return folder


def files_of(head: Head, base: Base, version: str = "1") -> dict[str, bytes]:
    counts = dict.fromkeys(head.names, 12)
    return pack_files(head, name="Démo park", version=version, base=base, card="# Demo\n", counts=counts)


def test_the_graph_is_onnx_that_others_read_and_says_what_the_weights_say() -> None:
    rng = np.random.default_rng(3)
    weights, bias = rng.normal(size=(40, 7)).astype(np.float32), rng.normal(size=7).astype(np.float32)
    raw = linear_graph(weights, bias)
    model = onnx.load_from_string(raw)
    onnx.checker.check_model(model, full_check=True)
    vector = rng.normal(size=(1, 40)).astype(np.float32)
    (scores,) = ReferenceEvaluator(model).run(None, {"embedding": vector})
    assert np.allclose(scores, vector @ weights + bias, atol=1e-5)


def test_a_learned_pack_is_well(parent: Pack, tmp_path: Path) -> None:
    base = base_of(parent, [tmp_path / "packs"])
    folder = written(taught(), base, tmp_path / "packs" / "learned")
    assert check_pack(folder) == []
    pack = read_pack(folder)
    assert pack.name == "Démo park"
    assert [label.id for label in pack.labels] == ["bläuliches Reh", 'he said "fox", twice', "梅花鹿"]


def test_it_says_of_a_crop_what_the_head_says(parent: Pack, tmp_path: Path) -> None:
    head = taught()
    folder = written(head, base_of(parent, []), tmp_path / "packs" / "learned")
    look = Model.open(read_pack(folder)).look(encoded(noise_picture(640, 360, seed=3), "PNG"))
    before = Model.open(parent).look(encoded(noise_picture(640, 360, seed=3), "PNG"))
    assert look.boxes == before.boxes
    for crop, same in zip(look.crops, before.crops, strict=True):
        assert crop.embedding == same.embedding
        (likely,) = head.likely(whole_numbers(crop.vector())[None])
        assert dict(crop.groups) == pytest.approx(dict(zip(head.names, likely, strict=True)), abs=1e-5)
    assert look.groups == look.crops[0].groups


def test_it_is_installed_beside_its_parts_and_used_where_a_person_says_so(
    parent: Pack, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    source = tmp_path / "learned.zip"
    source.write_bytes(zipped(files_of(taught(), base_of(parent, []))))
    installed = install_pack(source, own, dirs=[tmp_path / "packs"])
    packs = ModelPacks((own, tmp_path / "packs"), site="here")
    assert packs.choose() == parent
    packs.chosen.choose("here", f"{installed.id}@{installed.version}")
    assert packs.choose().folder == installed.folder
    assert ModelPacks(packs.folders, site="elsewhere").choose() == parent
    assert packs.load(installed).look(encoded(noise_picture())).groups


def test_it_can_be_taught_again_on_top_of_itself(parent: Pack, tmp_path: Path) -> None:
    base = base_of(parent, [])
    learned = read_pack(written(taught(), base, tmp_path / "packs" / "learned"))
    assert base_of(learned, []) == base


def test_the_same_head_is_the_same_zip_and_another_is_another_version(parent: Pack) -> None:
    base = base_of(parent, [])
    assert zipped(files_of(taught(), base)) == zipped(files_of(taught(), base))
    assert short_digest(taught(), base) != short_digest(taught(seed=2), base)


def test_other_parts_than_it_was_taught_with_are_not_taken_for_them(parent: Pack, tmp_path: Path) -> None:
    folder = written(taught(), base_of(parent, []), tmp_path / "packs" / "learned")
    card = tmp_path / "packs" / "namer" / "pack.toml"
    card.write_text(card.read_text() + "\n# another\n")
    assert any("another" in problem for problem in check_pack(folder))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("dim = 3", "dim = 4", "embedding of 4"),
        ('tensor = "scores"', 'tensor = "words"', "words"),
        ('input = "embedding"', 'input = "picture"', "picture"),
        ("opset = 17", "opset = 16", "opset"),
        ("answer_from", "answer_form", "answer_form"),
    ],
)
def test_a_manifest_that_does_not_fit_the_head_is_refused(
    parent: Pack, tmp_path: Path, before: str, after: str, says: str
) -> None:
    folder = written(taught(), base_of(parent, []), tmp_path / "packs" / "learned")
    text = (folder / "pack.toml").read_text(encoding="utf-8")
    assert before in text
    (folder / "pack.toml").write_text(text.replace(before, after), encoding="utf-8")
    assert any(says in problem for problem in check_pack(folder))


def test_a_head_that_answers_with_no_numbers_is_refused_on_the_picture(parent: Pack, tmp_path: Path) -> None:
    head = taught()
    spoilt = Head(head.names, head.weights * np.float32(np.nan), head.bias, 1.0, 0.5, 1.0)
    folder = written(spoilt, base_of(parent, []), tmp_path / "packs" / "learned")
    with pytest.raises(BadInput, match="NaN"):
        Model.open(read_pack(folder)).look(encoded(noise_picture()))
    with pytest.raises(BadInput):
        install_pack(folder, tmp_path / "own", dirs=[tmp_path / "packs"])


def test_an_embedding_that_says_nothing_has_no_name(parent: Pack, tmp_path: Path) -> None:
    pack = read_pack(written(taught(), base_of(parent, []), tmp_path / "packs" / "learned"))
    assert pack.manifest.pipeline is not None
    assert pack.manifest.pipeline.head is not None
    head = WorkingHead.open(pack, pack.manifest.pipeline.head)
    assert head.groups(np.zeros(3, np.float32)) == ()
    with pytest.raises(BadInput, match="3 numbers"):
        head.groups(np.ones(4, np.float32))


def test_a_detector_alone_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no embeddings"):
        base_of(yolox_pack(tmp_path / "d"), [])


@given(st.text(min_size=1, max_size=80).filter(lambda text: text.strip()))
def test_every_name_gives_an_id(name: str) -> None:
    assert pack_id(name)
    assert set(pack_id(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_zip_holds_what_is_listed_and_nothing_else(parent: Pack) -> None:
    raw = zipped(files_of(taught(), base_of(parent, [])))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.namelist() == ["CARD.md", "head.onnx", "labels.csv", "pack.toml"]
