"""Camera-trap photos from the command line: what scripts may rely on, and sentences for people."""

from __future__ import annotations

import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from ranger_app.photos.runs.packs import ModelPacks
from tests.cli import Command
from tests.inference.tiny import crop_pack
from tests.photos.pictures import card_of, jpeg
from tests.photos.seers import DemoPack, DemoPacks


@pytest.fixture
def with_a_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with one pack that sees an animal in every picture."""
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: DemoPacks()))
    monkeypatch.setattr(DemoPack, "caution", "Not for use.", raising=False)


def test_a_card_is_taken_in_and_counted(command: Command, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 3)
    (card / "bad.jpg").write_bytes(b"")
    (card / "undated.jpg").write_bytes(jpeg(9, taken=None))
    said = command("photos", "add", card, "--station", "S")
    assert (said["added"], said["already"], said["sequences"]) == (4, 0, 1)
    assert [one["file"] for one in said["failed"]] == ["bad.jpg"]
    assert [one["file"] for one in said["notes"]] == ["undated.jpg"]
    again = command("photos", "add", card, "--station", "S")
    assert (again["added"], again["already"], again["sequences"]) == (0, 4, 0)


def test_the_gap_and_the_link_are_heeded(command: Command, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 3, gap=timedelta(seconds=10))
    said = command("photos", "add", card, "--station", "S", "--gap", "5", "--link")
    assert said["sequences"] == 3
    assert list((tmp_path / "demo.ranger" / "files").glob("??/*")) == []


@pytest.mark.parametrize("folder", ["nowhere", "file", "empty"])
def test_a_folder_that_gives_nothing_is_one_sentence_and_status_one(
    command: Command, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    said = command("photos", "add", tmp_path / folder, "--station", "S", status=1)
    assert said["error"]["text"].endswith(".")
    assert said["error"]["what_to_do"]


@pytest.mark.usefixtures("with_a_pack")
def test_classifying_again_looks_at_new_photos_only_and_lists_all(command: Command, tmp_path: Path) -> None:
    command("photos", "add", card_of(tmp_path / "DCIM" / "100", 3).parent, "--station", "S")
    first = command("photos", "classify")
    assert (first["done"], len(first["photos"]), first["failed"]) == (3, 3, [])
    assert first["photos"][0]["file"] == "100/IMG_0000.JPG"
    assert first["photos"][0]["boxes"] == [[0.1, 0.2, 0.3, 0.4, "animal", 0.9]]
    assert first["photos"][0]["groups"] == [["animal", 0.9]]
    assert first["pack"]["caution"] == "Not for use."
    command("photos", "add", card_of(tmp_path / "b", 2, first=9), "--station", "T")
    second = command("photos", "classify")
    assert (second["done"], len(second["photos"])) == (2, 5)
    third = command("photos", "classify", "--station", "T")
    assert (third["done"], len(third["photos"])) == (0, 2)
    assert first["photos_a_second"] > 0
    assert third["photos_a_second"] is None


@pytest.mark.usefixtures("with_a_pack")
def test_a_label_is_given_listed_and_taken_back(command: Command, tmp_path: Path) -> None:
    command("photos", "add", card_of(tmp_path / "card", 3), "--station", "S")
    command("photos", "classify")
    first = command("photos", "list")[0]
    assert (first["machine"], first["label"], first["station"]) == ("animal", None, "S")
    label = ("photos", "label", first["id"], "animal", "roe deer", "--count", "2", "--by", "Demo Ranger")
    assert len(command(*label, "--sequence")["labelled"]) == 3
    rows = command("photos", "list", "--shows", "animal")
    assert [(row["label"], row["name"], row["by"]) for row in rows] == [
        ("animal", "roe deer", "Demo Ranger")
    ] * 3
    assert command("photos", "list", "--unlabelled") == []
    assert len(command("photos", "undo", "--by", "Demo Ranger")["undone"]) == 3
    assert command("photos", "undo", "--by", "Demo Ranger")["undone"] == []
    assert len(command("photos", "list", "--unlabelled", "--limit", "2")) == 2


def test_a_label_for_no_photo_is_one_sentence(command: Command) -> None:
    assert "error" in command("photos", "label", "x", "animal", status=1)
    nobody = "01890000-0000-7000-8000-000000000000"
    assert command("photos", "label", nobody, "animal", status=1)["error"]["code"] == "not-found"


def test_a_computer_without_packs_says_so(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda cls: cls(())))
    assert command("photos", "classify", status=1)["error"]["code"] == "not-found"
    assert command("models", "list") == []
    assert command("models", "check", status=1)["error"]["code"] == "not-found"


def test_a_folder_that_holds_no_pack_fails_its_check(command: Command, tmp_path: Path) -> None:
    (tmp_path / "nopack").mkdir()
    assert command("models", "check", tmp_path / "nopack", status=1)["problems"]
    assert "error" in command("models", "add", tmp_path / "nopack", status=1)
    assert "error" in command("models", "add", tmp_path / "nowhere", status=1)


def test_a_zip_is_checked_as_the_pack_in_it_and_one_with_paths_is_refused(
    command: Command, tmp_path: Path
) -> None:
    folder = crop_pack(tmp_path / "namer").folder
    path = Path(shutil.make_archive(str(tmp_path / "namer"), "zip", folder))
    assert command("models", "check", path)["problems"] == []
    (folder / "labels.csv").write_bytes(b"")
    spoilt = Path(shutil.make_archive(str(tmp_path / "spoilt"), "zip", folder))
    assert "labels.csv" in command("models", "check", spoilt, status=1)["problems"][0]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../out", "x")
    assert "outside" in command("models", "check", path, status=1)["error"]["text"]


@pytest.mark.usefixtures("with_a_pack")
def test_results_go_out_for_other_programs_and_come_in_from_them(command: Command, tmp_path: Path) -> None:
    command("photos", "add", card_of(tmp_path / "card", 2), "--station", "Ridge")
    command("photos", "classify")
    path = tmp_path / "out.json"
    assert command("export", "megadetector", path)["written"] == {"image": 2}
    assert "not patrols" in command("import", path, status=1)["error"]["text"]
    assert command("photos", "write-results", path)["written"] == {"image": 2}
    text = path.read_text()
    path.write_text(text.replace('"detector": "demo 1"', '"detector": "theirs"'))
    tried = command("photos", "read-results", path, "--dry-run")
    assert (tried["done"], tried["dry_run"]) == (2, True)
    read = command("photos", "read-results", path)
    assert (read["done"], read["already"], read["pack"]["id"], read["doubts"]) == (2, 0, "theirs", [])
    assert command("photos", "read-results", path)["already"] == 2
    path.write_text("no results")
    assert "no file of results" in command("photos", "read-results", path, status=1)["error"]["text"]
