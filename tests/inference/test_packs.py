"""A pack is told whole from spoilt before anything in it is run, and everything wrong is said at once."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app import i18n
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.inference.checking import check_pack
from ranger_app.inference.packs.finding import find_packs, pick_pack
from ranger_app.inference.packs.manifest import Thresholds
from ranger_app.inference.packs.manifest_toml import inside, read_manifest
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.packs.toml_table import Complaints
from tests.inference.tiny import (
    CLASSIFIER,
    YOLOX_LABELS,
    constant_graph,
    write_pack,
    yolox_answer,
    yolox_pack,
)


@pytest.fixture(scope="module")
def graph() -> bytes:
    return constant_graph(yolox_answer())


def test_a_whole_pack_has_no_problems_and_reads_as_written(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(tmp_path / "tiny", graph, more="[thresholds.int8]\nstore = 0.1")
    assert check_pack(folder) == []
    pack = read_pack(folder)
    assert (pack.id, pack.version, pack.name, pack.caution) == ("tiny", "1", "Tiny", "")
    assert pack.manifest.preprocess.scale == pytest.approx(1 / 255)
    assert pack.manifest.detector is not None
    assert pack.manifest.detector.combine == {"animal": "sum", "person": "max", "vehicle": "max"}
    assert [label.role for label in pack.labels] == ["animal", "human", "vehicle", "species", "unknown"]
    assert pack.thresholds().store == 0.05
    assert pack.manifest.precision_thresholds["int8"] == Thresholds(store=0.1, display=0.3)


def test_names_and_cautions_are_in_the_users_language(tmp_path: Path, graph: bytes) -> None:
    pack = read_pack(
        write_pack(tmp_path / "tiny", graph, changes={'en = "Tiny"': 'en = "Tiny"\nfr = "Petit"'})
    )
    assert pack.name == "Tiny"
    if "fr" in i18n.available_languages():
        i18n.set_language("fr")
        assert pack.name == "Petit"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("schema = 1", "schema = 2", "schema 2, and this Ranger reads schema 1"),
        ("schema = 1\n", "", "schema is missing"),
        ('id = "tiny"\n', "", "id is missing"),
        ('id = "tiny"', 'id = "../tiny"', "id cannot be"),
        ('kind = "detector"', 'kind = "oracle"', "kind must be one of detector"),
        ("[license]", "[no-licence]", "license"),
        ('spdx = "CC0-1.0"\n', "", "license.spdx is missing"),
        ('spdx = "CC0-1.0"', 'spdx = "  "', "license.spdx is empty"),
        ("commercial_use = true", 'commercial_use = "yes"', "license.commercial_use must be true or false"),
        ('layout = "NCHW"', 'layout = "CHWN"', "io.input.layout must be one of NCHW, NHWC"),
        ('scale = "1/255"', "scale = nan", "preprocess.scale must be a number"),
        ("antialias = true", "antialais = true", "preprocess.resize.antialais is not known"),
        ("antialias = true\n", "", "preprocess.resize.antialias is missing"),
        ("exif_rotate = true", "exif_rotate = false", "exif_rotate must be true"),
        ('en = "Tiny"', 'ru = "Кроха"', "name has no words in English"),
        ("strides = [8, 16, 32]", "strides = [8, 16]", "asks? for"),
        ("strides = [8, 16, 32]\n", "", "strides"),
        ('tensor = "output"', 'tensor = "boxes"', "no output “boxes”; it has output"),
        ('name = "images"', 'name = "input"', "no input “input”; it has images"),
        ('layout = "yolox"', 'layout = "yolo99"', "family that this Ranger does not know"),
        ('dtype = "float32"', 'dtype = "float16"', "takes float32, and pack.toml says float16"),
        ("h = 64", "h = 96", "takes the shape 1 × 3 × 64 × 96"),
        ("opset = 17", "opset = 9", "opset 17"),
        ('min_app_version = "0.1.0"', 'min_app_version = "99.0"', "needs Ranger 99.0 or newer"),
        ("store = 0.05", "store = 5", "thresholds.store must be a number from 0"),
        ("[license]", "[calibration]\nisotonic = [{raw = 0.1, true = 0.2}]\n[license]", "fewer than two"),
        ("[license]", '[postprocess]\nensemble = "speciesnet_v9"\n[license]', "must be one of none"),
        ("[license]", '[postprocess]\nrollup = {levels = "tribe"}\n[license]', "must be some of species"),
        ("[license]", '[postprocess]\ngeofence = "fence.json"\n[license]', "names fence.json, which is not"),
        ('kind = "full"', 'kind = "crop_box"\nsquare = "pad"', "looks at whole pictures"),
        ('path = "labels.csv"', 'path = "../labels.csv"', "must name a file inside"),
        ('path = "model.onnx"', 'path = "/etc/passwd"', "must name a file inside"),
        ('path = "model.onnx"', 'path = "C:model.onnx"', "must name a file inside"),
    ],
)
def test_each_thing_wrong_with_a_manifest_is_said_in_words(
    tmp_path: Path, graph: bytes, before: str, after: str, words: str
) -> None:
    roi = {'roi = { kind = "full" }': '[preprocess.roi]\nkind = "full"'} if "full" in before else {}
    folder = write_pack(tmp_path / "tiny", graph, changes=roi | {before: after})
    problems = check_pack(folder)
    assert problems
    assert any(re.search(words, problem) for problem in problems), problems
    assert all(len(problem) < 400 and "\n" not in problem for problem in problems)


def test_all_problems_are_told_not_only_the_first(tmp_path: Path, graph: bytes) -> None:
    changes = {'kind = "detector"': 'kind = "oracle"', 'layout = "NCHW"': 'layout = "x"', 'en = "Tiny"': ""}
    folder = write_pack(tmp_path / "tiny", graph, changes=changes)
    (folder / "model.onnx").unlink()
    (folder / "stray.txt").write_text("?")
    problems = " ".join(check_pack(folder))
    for words in (
        "kind must be",
        "io.input.layout",
        "name has no words",
        "model.onnx: is not there",
        "stray.txt",
    ):
        assert words in problems
    with pytest.raises(BadInput, match="more problems"):
        read_pack(folder)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"schema = ", b"a = " + b"[" * 20_000, b"x = " + b"9" * 10_000, b"schema = 1e999"],
)
def test_a_manifest_that_is_not_toml_is_refused_in_one_sentence(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "pack.toml").write_bytes(raw)
    assert check_pack(tmp_path)
    with pytest.raises(BadInput):
        read_pack(tmp_path)


def test_a_missing_or_huge_manifest_is_refused(tmp_path: Path) -> None:
    assert check_pack(tmp_path / "nowhere") == ["pack.toml: is not there"]
    (tmp_path / "pack.toml").write_bytes(b"#" * 1_000_001)
    assert "larger than" in check_pack(tmp_path)[0]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    )
)
def test_no_value_of_any_key_brings_the_reader_down(value: object) -> None:
    keys = ("schema", "id", "name", "license", "files", "io", "preprocess", "output", "thresholds", "golden")
    text = "".join(f"{key} = {_toml(value)}\n" for key in keys if key != "schema") + "schema = 1\n"
    complaints = Complaints("pack.toml")
    read_manifest(text.encode("utf-8", "replace"), complaints)
    assert complaints.all


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, str):
        return "'" + "".join(letter for letter in value if letter.isalnum()) + "'"
    if isinstance(value, bool):
        return str(value).lower()
    return "{}" if value is None else str(value)


# ---- files


def test_an_altered_missing_or_longer_graph_is_told_apart(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(tmp_path / "tiny", graph)
    path = folder / "model.onnx"
    path.write_bytes(graph[:-1] + bytes([graph[-1] ^ 1]))
    assert check_pack(folder) == [
        "model.onnx: is not the file that pack.toml describes (its SHA-256 differs)"
    ]
    path.write_bytes(graph + b"x")
    assert f"has {len(graph) + 1} bytes and should have {len(graph)}" in check_pack(folder)[0]
    path.unlink()
    assert check_pack(folder) == ["model.onnx: is not there"]


def test_pickles_and_programs_have_no_place_in_a_pack(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(tmp_path / "tiny", graph, files={"weights.txt": pickle.dumps({"a": 1})})
    (folder / "model.pt").write_bytes(b"PK")
    (folder / "run.py").write_text("print()")
    problems = " ".join(check_pack(folder))
    assert "weights.txt: may be a pickle" in problems
    assert "model.pt: may be a pickle" in problems
    assert "run.py: is a program" in problems


def test_litter_of_file_browsers_is_no_fault(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(tmp_path / "tiny", graph)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "Thumbs.db").write_bytes(b"x")
    assert check_pack(folder) == []


def test_links_may_not_lead_out_of_the_folder(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(tmp_path / "tiny", graph, files={"more/card.txt": b"card"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "model.onnx").rename(outside / "model.onnx")
    os.symlink(outside / "model.onnx", folder / "model.onnx")
    assert any("model.onnx: is not a plain file" in problem for problem in check_pack(folder))
    (folder / "more").rename(outside / "more")
    os.symlink(outside / "more", folder / "more")
    assert any("behind a link" in problem for problem in check_pack(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_in_the_folder_is_told_and_never_waited_for(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(tmp_path / "tiny", graph)
    os.mkfifo(folder / "pipe.txt")
    (folder / "labels.csv").unlink()
    os.mkfifo(folder / "labels.csv")
    problems = check_pack(folder)
    assert {"pipe.txt: is not a plain file", "labels.csv: is not a plain file"} <= set(problems)


@pytest.mark.parametrize("path", ["a.onnx", "golden/a.jpg", "a b.txt", "ä.txt"])
def test_paths_inside_the_folder_are_taken(path: str) -> None:
    assert inside(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../a",
        "a/../../b",
        "/a",
        "a//b",
        "./a",
        "a/",
        "a\\b",
        "C:a",
        "a\x00b",
        "a\nb",
        "x" * 300,
    ],
)
def test_paths_out_of_the_folder_are_not(path: str) -> None:
    assert not inside(path)


# ---- labels


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("index,id,role\n0,лось,animal\n".encode("cp1251"), "UTF-8"),
        ("index,id,role\n0,cerf élaphe,animal\n".encode("cp1252"), "UTF-8"),
        (b"", "no column"),
        (b"index,id,role\n", "names no class"),
        (b"index,id\n0,a\n", "no column role"),
        (YOLOX_LABELS.replace("2,jeep", "7,jeep").encode(), "line 4 must have the index 2"),
        (YOLOX_LABELS.replace("vehicle", "tank").encode(), "role on line 4"),
        (YOLOX_LABELS.replace("fowl", "jeep").encode(), "same id"),
        (YOLOX_LABELS.replace("fowl", "x" * 600).encode(), "line 5 is too long"),
        (b'index,id,role\n0,"a' + b"b" * 200_000 + b'",animal\n', "not a table"),
    ],
)
def test_labels_that_cannot_be_trusted_are_refused(
    tmp_path: Path, graph: bytes, labels: bytes, words: str
) -> None:
    problems = check_pack(write_pack(tmp_path / "tiny", graph, labels=labels))
    assert any(problem.startswith("labels.csv") and words in problem for problem in problems), problems


def test_labels_from_a_spreadsheet_keep_their_names(tmp_path: Path, graph: bytes) -> None:
    lines = YOLOX_LABELS.replace("role\n", "role,gbif_key,name_en,name_ru\n").replace(
        "0,beast,animal", "0,beast,animal,359,Beast,Зверь"
    )
    pack = read_pack(write_pack(tmp_path / "tiny", graph, labels=b"\xef\xbb\xbf" + lines.encode()))
    assert pack.labels[0].gbif_key == "359"
    assert dict(pack.labels[0].names) == {"en": "Beast", "ru": "Зверь"}


# ---- finding


def test_packs_are_found_and_a_broken_one_says_why(tmp_path: Path, graph: bytes) -> None:
    write_pack(tmp_path / "a" / "tiny", graph)
    write_pack(tmp_path / "a" / "newer", graph, changes={'version = "1"': 'version = "1.10"'})
    write_pack(tmp_path / "a" / "older", graph, changes={'version = "1"': 'version = "1.9"'})
    write_pack(tmp_path / "b" / "again", graph)
    (tmp_path / "b" / "broken").mkdir()
    (tmp_path / "b" / "broken" / "pack.toml").write_text("nonsense")
    dirs = [tmp_path / "a", tmp_path / "b", tmp_path / "missing"]
    found = find_packs(dirs)
    assert sorted(one.folder.name for one in found if one.pack) == ["newer", "older", "tiny"]
    (broken,) = [one for one in found if one.pack is None]
    assert broken.folder.name == "broken"
    assert "not TOML" in broken.problem
    assert pick_pack("tiny", dirs).version == "1.10"
    assert pick_pack("tiny@1.9", dirs).version == "1.9"
    assert pick_pack(str(tmp_path / "b" / "again"), ()).version == "1"
    with pytest.raises(NotFound, match="no model pack called lynx"):
        pick_pack("lynx", dirs)


def test_thresholds_have_a_version_that_follows_their_figures() -> None:
    assert Thresholds().version == Thresholds().version
    assert len({Thresholds().version, Thresholds(display=0.21).version, Thresholds(store=0.01).version}) == 3


def test_a_classifier_must_say_how_it_is_read(tmp_path: Path, graph: bytes) -> None:
    folder = write_pack(
        tmp_path / "tiny",
        graph,
        output=CLASSIFIER,
        kind="classifier",
        changes={'kind = "classifier"': 'kind = "detector"'},
    )
    assert "detector and does not say how its output is read" in check_pack(folder)[0]


def test_reading_packs_loads_neither_numpy_nor_onnxruntime() -> None:
    code = (
        "import sys, ranger_app.inference.packs.finding, ranger_app.inference.looks;"
        "print(sorted({'numpy', 'onnxruntime', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_pack_knows_its_graph_by_precision(tmp_path: Path) -> None:
    pack = yolox_pack(tmp_path / "tiny")
    assert pack.graph("fp32").path == "model.onnx"
    with pytest.raises(NotFound, match="int8"):
        pack.graph("int8")
