"""The list of species whose places are not told, values dropped for good, and bundles for outsiders."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.cli.main import main
from ranger_app.domain.ids import id_text
from ranger_app.domain.patrols import Waypoint
from tests.sync.shop import OUTSIDERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "demo.ranger"
    assert main(["new", str(made), "--site", "Demo park", "--no-passphrase"]) == 0
    return made


def said(capsys: pytest.CaptureFixture[str], *words: object, status: int = 0) -> object:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_a_list_is_read_from_a_table(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "species.csv"
    table.write_text("Panthera tigris;Amur tiger,0.2\n\nPanax ginseng\n", encoding="utf-8-sig")
    said(capsys, "sensitive", "set", table, "--workspace", folder)
    assert said(capsys, "sensitive", "list", "--workspace", folder) == [
        {"names": ["Panthera tigris", "Amur tiger"], "grid_deg": 0.2},
        {"names": ["Panax ginseng"], "grid_deg": 0.1},
    ]


@pytest.mark.parametrize("text", ["", ";;,0.1", "tiger,far", "tiger,0", "tiger,nan", "\x00"])
def test_what_is_no_list_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    table = tmp_path / "species.csv"
    table.write_text(text, encoding="utf-8")
    said(capsys, "sensitive", "set", table, "--workspace", folder, status=1)
    assert said(capsys, "sensitive", "list", "--workspace", folder) == []


def test_a_bundle_for_outsiders_is_sealed_to_their_key(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = said(capsys, "bundle", "write", tmp_path / "s", "--outside", OUTSIDERS[0], "--workspace", folder)
    assert isinstance(done, dict)
    assert done["sealed"]
    said(
        capsys, "bundle", "write", tmp_path / "t", "--outside", "age1nobody", "--workspace", folder, status=1
    )


def test_a_value_is_dropped_only_when_one_is_sure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Ranger.open(folder) as ranger, ranger.workspace.unit("note") as unit:
        place = Waypoint(site_id=ranger.workspace.site_id, number="1", comment="Xavierdemo")
        unit.add(place)
    of = ("waypoint", id_text(place.id), "comment", "--reason", "a court", "--workspace", folder)
    said(capsys, "sensitive", "redact", *of, status=1)
    assert said(capsys, "sensitive", "redacted", "--workspace", folder) == []
    done = said(capsys, "sensitive", "redact", *of, "--yes")
    assert isinstance(done, dict)
    assert (done["fields"], done["changes"]) == (["comment"], 1)
    assert len(done["not_promised"]) > 2
    assert b"Xavierdemo" not in (folder / "ranger.db").read_bytes()
    told = said(capsys, "sensitive", "redacted", "--workspace", folder)
    assert told == [{"kind": "waypoint", "id": id_text(place.id), "field": "comment", "reason": "a court"}]
    said(capsys, "sensitive", "redact", *of[:2], "nothing", "--yes", "--workspace", folder, status=1)


def test_a_bundle_for_outsiders_is_not_said_to_be_for_the_site(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write = ["bundle", "write", str(tmp_path / "s"), "--outside", OUTSIDERS[0], "--workspace", str(folder)]
    assert main(write) == 0
    words = capsys.readouterr().err
    assert "to no laptop of this site" in words
    assert "only laptops of this site" not in words


def test_the_history_says_that_a_value_was_erased_by_whom_and_on_which_day(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "person", "add", "Anna Demo", "--role", "administrator", "--workspace", folder)
    with Ranger.open(folder, person="Anna Demo") as ranger:
        place = Waypoint(site_id=ranger.workspace.site_id, number="1", comment="met Xavierdemo")
        with ranger.workspace.unit("note") as unit:
            unit.add(place)
        with ranger.workspace.unit("again") as unit:
            unit.change(place, number="2", comment="met Xavierdemo again")
    of = ("waypoint", id_text(place.id))
    here = ("--workspace", folder, "--as", "Anna Demo")
    show = ("record", "show", *of, "--history", *here)
    before = said(capsys, *show)
    assert isinstance(before, dict)
    assert [one["value"] for one in before["history"] if one["field"] == "comment"] == [
        "met Xavierdemo again"
    ]
    said(capsys, "sensitive", "redact", *of, "comment", "--yes", *here)
    after = said(capsys, *show)
    assert isinstance(after, dict)
    told = [(one["field"], one["value"], one["erased"] and one["erased"]["by"]) for one in after["history"]]
    # The edit, and the erasing of it.
    assert told == [("", None, None), ("number", "2", None), *[("comment", "erased", "Anna Demo")] * 2]
    assert (after["number"], after["comment"]) == ("2", "")
    assert "Xavierdemo" not in json.dumps(after)
    capsys.readouterr()
    assert main([str(word) for word in show]) == 0
    words = capsys.readouterr().err
    assert "Xavierdemo" not in words
    day = f"{datetime.now().astimezone():%Y-%m-%d}"
    lines = [line for line in words.splitlines() if "  comment  " in line]
    assert len(lines) == 2
    assert all(f"  erased on {day} by Anna Demo  (Anna Demo, " in line for line in lines)


def test_a_value_that_does_not_fit_is_answered_with_one_that_would(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, like in (("lon=far", "such as 3.5"), ("at=yesterday", "2026-01-31T06:30+02:00")):
        said_no = said(capsys, "record", "set", "waypoint", "0" * 36, words, "--workspace", folder, status=1)
        assert isinstance(said_no, dict)
        assert like in said_no["error"]["what_to_do"]
