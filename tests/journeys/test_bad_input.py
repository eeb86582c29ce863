"""Whatever is put into whichever command: a sentence, exit 1, nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.bad_files import BAD_FILES
from tests.journeys.command_line import Outcome, new_workspace
from tests.journeys.command_line import ranger_here as ranger

SENTENCE_CHARS_AT_MOST = 600


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_workspace(tmp_path_factory.mktemp("bad input"))


def _is_refused(done: Outcome) -> None:
    assert done.status == 1, (done.document, done.words)
    assert done.document is not None
    said = done.document.get("error") or done.document
    assert said, done.words
    if "error" in done.document:
        assert said["code"] not in ("", "bug"), said
        assert 0 < len(said["text"]) <= SENTENCE_CHARS_AT_MOST


def _state(workspace: Path) -> tuple[str, dict[str, int]]:
    status = ranger("status", "--workspace", workspace, folder=workspace.parent)
    assert status.status == 0, status.words
    return status.document["digest"], status.document["records"]


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_by_import(kind: str, workspace: Path, tmp_path: Path) -> None:
    before = _state(workspace)
    for ending in (".gpx", ".xml", ".zip"):
        bad = tmp_path / f"bad{ending}"
        BAD_FILES[kind](bad)
        done = ranger("import", bad, "--workspace", workspace, folder=tmp_path)
        assert done.status == 1, (kind, ending, done.document, done.words)
    assert _state(workspace) == before


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".kml"])
def test_a_bad_boundary_leaves_no_workspace_behind(kind: str, ending: str, tmp_path: Path) -> None:
    bad = tmp_path / f"bad{ending}"
    BAD_FILES[kind](bad)
    made = tmp_path / "made.ranger"
    done = ranger("new", made, "--site", "Demo", "--boundary", bad, "--no-passphrase", folder=tmp_path)
    _is_refused(done)
    assert not made.exists()


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_packet_is_not_called_whole(kind: str, workspace: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    BAD_FILES[kind](bad)
    done = ranger("assess", "packet", "verify", bad, "--workspace", workspace, folder=tmp_path)
    assert done.status == 1, (done.document, done.words)
    assert done.words.strip()


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_backup_replaces_nothing(kind: str, workspace: Path, tmp_path: Path) -> None:
    before = _state(workspace)
    bad = tmp_path / "bad.db"
    BAD_FILES[kind](bad)
    _is_refused(ranger("restore", bad, "--workspace", workspace, folder=tmp_path))
    assert _state(workspace) == before


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_part_on_a_stick_is_named_and_changes_nothing(
    kind: str, workspace: Path, tmp_path: Path
) -> None:
    before = _state(workspace)
    bundle = tmp_path / "RANGERSYNC" / "ABCDEFGH"
    bundle.mkdir(parents=True)
    BAD_FILES[kind](bundle / "P0001.RSB")
    done = ranger("bundle", "read", tmp_path, "--workspace", workspace, folder=tmp_path)
    assert done.status in (0, 1)
    assert done.words.strip()
    if done.status == 0:
        assert done.document["segments_new"] == 0
        assert kind == "empty" or done.document["missing_parts"]
    assert _state(workspace) == before


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("name", ["HEAD.RSB", "MANIF.RSB"])
def test_a_bad_head_or_list_of_a_bundle_is_survived(
    kind: str, name: str, workspace: Path, tmp_path: Path
) -> None:
    before = _state(workspace)
    bundle = tmp_path / "RANGERSYNC" / "ABCDEFGH"
    bundle.mkdir(parents=True)
    BAD_FILES["noise"](bundle / "P0001.RSB")
    BAD_FILES[kind](bundle / name)
    for verb in ("show", "read"):
        done = ranger("bundle", verb, tmp_path, "--workspace", workspace, folder=tmp_path)
        assert done.status in (0, 1)
        assert done.words.strip()
    assert _state(workspace) == before


def test_a_card_full_of_bad_files_is_taken_as_far_as_it_goes(workspace: Path, tmp_path: Path) -> None:
    from PIL import Image

    card = tmp_path / "card"
    card.mkdir()
    for number, kind in enumerate(BAD_FILES):
        if kind != "enormous":
            BAD_FILES[kind](card / f"IMG_{number:04d}.JPG")
    Image.new("RGB", (320, 240), (40, 90, 60)).save(card / "IMG_9999.JPG")
    done = ranger("photos", "add", card, "--station", "Demo bad", "--workspace", workspace, folder=tmp_path)
    assert done.status == 0, done.words
    assert done.document["added"] == 1
    assert len(done.document["failed"]) >= len(BAD_FILES) - 2  # a folder is not a failed file


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_model_pack_is_refused(kind: str, tmp_path: Path, workspace: Path) -> None:
    bad = tmp_path / "bad.zip"
    BAD_FILES[kind](bad)
    done = ranger("models", "add", bad, "--workspace", workspace, folder=tmp_path)
    assert done.status == 1, (done.document, done.words)
    assert done.words.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("verify",),
        ("import", "nowhere.gpx"),
        ("bundle", "read", "nowhere"),
        ("photos", "add", "nowhere", "--station", "S"),
        ("assess", "packet", "out.zip"),
        ("record", "show", "patrol", "0190d3f2-0000-7000-8000-000000000000"),
        ("record", "set", "patrol", "not-an-id", "title=x"),
        ("record", "list", "no-such-kind"),
        ("export", "gpx", "no-such-folder/out.gpx"),
    ],
    ids=lambda a: " ".join(a[:2]),
)
def test_what_is_not_there_is_said_in_a_sentence(
    arguments: tuple[str, ...], workspace: Path, tmp_path: Path
) -> None:
    missing = arguments[0] in ("status", "verify")
    place = tmp_path / "nowhere.ranger" if missing else workspace
    _is_refused(ranger(*arguments, "--workspace", place, folder=tmp_path))
    assert not (tmp_path / "nowhere.ranger").exists()
