"""Import and export from the command line: what scripts may rely on, and sentences for people."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ranger_app.cli.main import main
from tests.cli import Command
from tests.formats import gpx_files
from tests.formats.smart_files import patrol
from tests.patrols.walks import noted, walk, write_gpx


def test_a_folder_is_gone_through_and_one_bad_file_stops_nothing(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    write_gpx(folder / "a.gpx", walk(), waypoints=[noted()])
    write_gpx(folder / "deeper" / "b.GPX", walk(lat=44.0))
    (folder / "p.xml").write_text(patrol())
    (folder / "broken.gpx").write_bytes(b"\x00\xffnot gpx")
    (folder / "notes.txt").write_text("not looked at")
    said = command("import", folder)
    assert said["made"]["patrol"] == 3
    assert said["made"]["track"] == 2
    assert [Path(one["file"]).name for one in said["failed"]] == ["broken.gpx"]
    assert said["failed"][0]["text"].endswith(".")
    assert {d["code"] for d in said["doubts"]} == {"zone-unknown", "no-data-model"}
    assert said["unmapped"] == 1
    again = command("import", folder)
    assert again["made"] == {}
    assert again["matched"] == said["made"]


def test_a_try_writes_nothing(command: Command, tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk())
    tried = command("import", path, "--dry-run")
    assert tried["made"]["patrol"] == 1
    assert command("status")["records"]["patrol"] == 0
    assert command("import", path)["made"] == tried["made"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.gpx", None),
        ("empty.gpx", b""),
        ("cut.xml", patrol()[:500].encode()),
        ("wrong.gpx", b"%PDF-1.7"),
        ("park.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("bomb.gpx", b'<!DOCTYPE gpx [<!ENTITY a "aa">]><gpx>&a;</gpx>'),
        ("binary.xml", bytes(range(256)) * 50),
        ("folder", b"mkdir"),
    ],
)
def test_a_file_that_gives_nothing_is_one_sentence_and_status_one(
    command: Command, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content == b"mkdir":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    before = command("status")["digest"]
    said = command("import", path, status=1)
    assert said["error"]["text"].count(".") >= 1
    assert said["error"]["what_to_do"]
    assert command("status")["digest"] == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(command: Command, tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk())
    path.chmod(0)
    assert "cannot be read" in command("import", path, status=1)["error"]["text"]


def test_an_unknown_format_is_refused_with_the_list(command: Command, tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk())
    said = command("import", path, "--format", "fit", status=1)
    assert "gpx" in said["error"]["what_to_do"]
    assert command("import", path, "--format", "smart", status=1)["error"]["text"]
    assert command("import", path, "--format", "gpx")["made"]["track"] == 1


def test_a_gap_that_is_nothing_is_refused(command: Command, tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk())
    assert command("import", path, "--gap", "0", status=1)["error"]["what_to_do"]


def test_export_writes_what_was_taken_in(command: Command, tmp_path: Path) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()])
    command("import", path)
    out = tmp_path / "out.gpx"
    said = command("export", "gpx", out, "--names")
    assert said["path"] == str(out)
    assert said["written"] == {"track": 1, "route": 0, "waypoint": 1, "fix": 20}
    assert said["left_out"] == []
    assert gpx_files.plain(gpx_files.read(out)) == gpx_files.plain(gpx_files.read(path))


def test_export_takes_only_the_days_that_were_asked_for(command: Command, tmp_path: Path) -> None:
    command("import", write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()]))
    inside = command("export", "gpx", tmp_path / "in.gpx", "--from", "2026-05-06", "--to", "2026-05-06")
    outside = command("export", "gpx", tmp_path / "out.gpx", "--from", "2026-05-07")
    assert inside["written"]["fix"] == 20
    assert outside["written"]["fix"] == 0


def test_export_says_what_has_no_place(command: Command, tmp_path: Path) -> None:
    (tmp_path / "p.xml").write_text(patrol())
    command("import", tmp_path / "p.xml")
    said = command("export", "gpx", tmp_path / "out.gpx")
    assert any("observation" in one["text"] for one in said["left_out"])


@pytest.mark.parametrize("out", ["no/such/folder/a.gpx", "."])
def test_an_output_that_cannot_be_written_is_one_sentence(command: Command, tmp_path: Path, out: str) -> None:
    command("import", write_gpx(tmp_path / "a.gpx", walk()))
    said = command("export", "gpx", tmp_path / out, status=1)
    assert said["error"]["text"]
    assert said["error"]["what_to_do"]


def test_an_unknown_output_is_refused_with_the_list(command: Command, tmp_path: Path) -> None:
    assert "smart" in command("export", "fit", tmp_path / "a.fit", status=1)["error"]["what_to_do"]


def test_people_read_the_same_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo.ranger"
    assert main(["new", str(folder), "--site", "Demo park", "--no-passphrase"]) == 0
    path = write_gpx(tmp_path / "a.gpx", walk())
    (tmp_path / "bad.gpx").write_text("x")
    assert main(["import", str(path), str(tmp_path / "bad.gpx"), "--workspace", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "New:" in said.err
    assert "bad.gpx" in said.err
