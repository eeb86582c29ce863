"""A packet as it leaves: complete, readable without Ranger, the same bytes each time, never half of one."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from ranger_app import i18n
from ranger_app.assessments.pack_file import find_form_packs
from ranger_app.domain.errors import KnownError, Refused
from ranger_app.jobs import Cancelled, Work
from ranger_app.packets.charts import bar_chart, nice_scale, series_of
from ranger_app.packets.dossier import Profile
from ranger_app.packets.names import file_name, is_safe_path
from ranger_app.packets.page_evidence import fragment_for
from ranger_app.packets.verify import verify_packet
from tests.assessments.parks import a_file
from tests.packets.sites import MADE_AT, Packed, packed_park
from tests.packets.test_redact import everything_in, text_of_pdf

CODES = [one.code for one in find_form_packs().need("gl:1.1").indicators()]


@pytest.fixture(scope="module")
def files(zips: dict[Profile, Path]) -> dict[str, bytes]:
    return everything_in(zips[Profile.ASSESSOR])


# ---- the report


def test_the_report_holds_every_code(files: dict[str, bytes], tmp_path: Path) -> None:
    words = text_of_pdf(files["assessment.pdf"], tmp_path)
    for code in CODES:
        assert re.search(rf"\b{re.escape(code)}\b", words), code
    for said in (
        "Demo Hills",
        "Evidence register",
        "99.75 km",
        "Length of all tracks",
        "not affiliated with IUCN",
    ):
        assert said in words


def test_the_report_is_an_accessible_pdf(files: dict[str, bytes], packed: Packed, tmp_path: Path) -> None:
    pdf = files["assessment.pdf"]
    assert pdf.startswith(b"%PDF-")
    assert b"/MarkInfo" in pdf
    made = packed.packets.write(tmp_path / "p.zip", made_at=MADE_AT)
    assert made.notes == ()


def test_a_letter_that_no_font_has_is_told_and_does_not_stop_the_report(tmp_path: Path) -> None:
    with packed_park(tmp_path) as packed:
        packed.park.assessments.answer("1.1.2", rating="met", narrative="No font has \U0010fffd\x07 this.")
        made = packed.packets.write(tmp_path / "p.zip", made_at=MADE_AT)
        assert len(made.notes) == 1
        assert "lacks a font" in made.notes[0]
        assert everything_in(made.path)["assessment.pdf"].startswith(b"%PDF-")


def test_a_packet_speaks_the_users_language_and_english_where_the_form_has_no_other(
    packed: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "fr")
    made = packed.packets.write(tmp_path / "p.zip", made_at=MADE_AT)
    text = everything_in(made.path)["index.html"].decode()
    assert '<html lang="fr" dir="ltr">' in text
    assert "Les menaces sont gérées" in text
    assert 'lang="en">Threats are acted on' in text
    assert made.notes == ()


# ---- tables and data


def test_answers_are_there_for_machines_too(files: dict[str, bytes]) -> None:
    told = json.loads(files["assessment/answers.json"])
    assert [one["indicator"] for one in told["answers"]] == CODES
    first = told["answers"][0]
    assert (first["rating"], first["score"]) == ("met", "2")
    assert first["evidence"] == [{"number": "E01", "page": "3", "note": ""}]
    assert told["pack"]["id"] == "gl:1.1"
    assert "total" not in told


def test_a_text_that_looks_like_a_formula_is_harmless_in_a_spreadsheet(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["assessment/answers_en.csv"].decode("utf-8-sig"))))
    said = {row["indicator"]: row["narrative"] for row in rows}
    assert said["1.2.4"] == "'=cmd|' /C calc'!A0"


def test_the_frozen_figure_comes_with_its_table_query_and_versions(files: dict[str, bytes]) -> None:
    folder = next(name for name in files if name.endswith("data.csv")).removesuffix("data.csv")
    rows = list(csv.reader(io.StringIO(files[folder + "data.csv"].decode("utf-8-sig"))))
    assert rows == [["month", "km"], ["2026-01", "41.5"], ["2026-02", "58.25"]]
    provenance = json.loads(files[folder + "provenance.json"])
    assert provenance["value"] == 99.75
    assert provenance["data_version"]
    assert json.loads(files[folder + "query.json"])["query"]["kind"] == "track"


def test_a_saved_page_becomes_text_so_that_a_click_does_not_run_it(files: dict[str, bytes]) -> None:
    saved = [name for name in files if "A-saved-page" in name]
    assert len(saved) == 1
    assert saved[0].endswith(".html.txt")


# ---- writing


def test_the_same_assessment_gives_the_same_bytes_and_the_same_numbers(
    packed: Packed, tmp_path: Path
) -> None:
    first = packed.packets.write(tmp_path / "a.zip", made_at=MADE_AT)
    packed.park.patrols.rows.append({"month": "2026-03", "team": "demo", "km": 5000.0})
    try:
        second = packed.packets.write(tmp_path / "b.zip", made_at=MADE_AT)
    finally:
        packed.park.patrols.rows.pop()
    assert first.path.read_bytes() == second.path.read_bytes()


def test_only_the_moment_differs_between_two_packets(packed: Packed, tmp_path: Path) -> None:
    first = packed.packets.write(tmp_path / "a.zip", made_at=MADE_AT)
    later = packed.packets.write(tmp_path / "b.zip", made_at=MADE_AT + timedelta(minutes=1))
    before, after = everything_in(first.path), everything_in(later.path)
    changed = {name for name in before if before[name] != after[name]}
    assert before.keys() == after.keys()
    assert changed == {"index.html", "assessment.pdf", "manifest.json"}


def test_a_folder_and_a_zip_hold_the_same_files(
    packed: Packed, zips: dict[Profile, Path], tmp_path: Path
) -> None:
    made = packed.packets.write(tmp_path / "packet", made_at=MADE_AT, as_folder=True)
    files = {
        path.relative_to(made.path).as_posix(): path.read_bytes()
        for path in made.path.rglob("*")
        if path.is_file()
    }
    assert files == everything_in(zips[Profile.ASSESSOR])
    assert made.bytes == sum(len(content) for content in files.values())


def test_the_manifest_lists_every_file_with_hash_size_and_class(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    listed = {one["path"]: one for one in manifest["files"]}
    assert set(listed) == set(files) - {"manifest.json"}
    for path, one in listed.items():
        assert one["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert one["bytes"] == len(files[path])
    assert listed["evidence/files/E01__Management-plan.pdf"]["class"] == "public"
    assert manifest["schema"] == "ranger-packet/1"
    assert manifest["pack"]["id"] == "gl:1.1"
    assert manifest["site"]["name"] == "Demo Hills"


def test_a_packet_says_what_it_lacks_by_indicator(packed: Packed, tmp_path: Path) -> None:
    made = packed.packets.write(tmp_path / "p.zip", profile=Profile.PUBLIC, made_at=MADE_AT)
    said = {(one.indicator, one.text) for one in made.missing}
    assert ("1.1.2", "No rating.") in said
    assert ("1.2.4", "All its evidence is too confidential for this packet.") in said


def test_a_packet_that_is_there_is_not_written_over_unless_told(packed: Packed, tmp_path: Path) -> None:
    out = tmp_path / "p.zip"
    out.write_bytes(b"something dear")
    with pytest.raises(Refused):
        packed.packets.write(out, made_at=MADE_AT)
    assert out.read_bytes() == b"something dear"
    packed.packets.write(out, made_at=MADE_AT, replace=True)
    assert verify_packet(out).good


def test_a_folder_that_is_no_packet_is_never_replaced(packed: Packed, tmp_path: Path) -> None:
    out = tmp_path / "photos"
    out.mkdir()
    (out / "dear.txt").write_text("dear")
    with pytest.raises(Refused):
        packed.packets.write(out, made_at=MADE_AT, as_folder=True, replace=True)
    assert (out / "dear.txt").read_text() == "dear"


def test_a_packet_that_is_stopped_leaves_nothing_behind(packed: Packed, tmp_path: Path) -> None:
    work = Work(lambda progress: work.cancel() if progress.note.startswith("Writing") else None)
    with pytest.raises(Cancelled):
        packed.packets.write(tmp_path / "p.zip", made_at=MADE_AT, work=work)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_behind_is_swept_away(packed: Packed, tmp_path: Path) -> None:
    old, young = tmp_path / ".p.zip.7.part", tmp_path / ".p.zip.8.part"
    for path in (old, young):
        path.write_bytes(b"half a packet")
    os.utime(old, (0, 0))
    packed.packets.write(tmp_path / "p.zip", made_at=MADE_AT)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".p.zip.8.part", "p.zip"]


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with packed_park(tmp_path) as packed:
        large = a_file(tmp_path / "papers", "large.bin", os.urandom(6_000_000))
        packed.park.assessments.cite("1.1.1", large)
    out = tmp_path / "out"
    out.mkdir()
    run = (
        "import resource, sys; from ranger_app.cli.main import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000)); sys.exit(main(sys.argv[1:]))"
    )
    words = ["assess", "packet", str(out / "p.zip"), "--workspace", str(tmp_path / "demo.ranger"), "--json"]
    done = subprocess.run([sys.executable, "-c", run, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "disk"
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_sentence(packed: Packed, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("no folder")
    with pytest.raises(KnownError):
        packed.packets.write(tmp_path / "a file" / "p.zip", made_at=MADE_AT)


def test_a_name_without_ending_gets_one_and_a_folder_gets_a_file(packed: Packed, tmp_path: Path) -> None:
    assert packed.packets.write(tmp_path / "mine", made_at=MADE_AT).path.name == "mine.zip"
    inside = packed.packets.write(tmp_path, made_at=MADE_AT).path
    assert inside.name == "Demo-Hills_gl-1.1_2026-11-20.zip"


def test_a_file_that_is_lost_or_damaged_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    with packed_park(tmp_path) as packed:
        room = packed.park.assessments
        plan = next(one for one in room.evidence() if one.title == "Management plan")
        found = room.file_of(plan)
        assert found is not None
        stored = found.path
        stored.chmod(0o600)
        stored.write_bytes(b"bit rot")
        made = packed.packets.write(tmp_path / "p.zip", made_at=MADE_AT)
        assert any("it is damaged" in one.text for one in made.missing)
        assert not [name for name in everything_in(made.path) if "Management-plan" in name]
        assert verify_packet(made.path).good
        stored.unlink()
        again = packed.packets.write(tmp_path / "q.zip", made_at=MADE_AT)
        assert any(one.indicator == "1.1.1" and "no longer there" in one.text for one in again.missing)


def test_entries_of_the_zip_tell_nothing_of_the_computer(zips: dict[Profile, Path]) -> None:
    with zipfile.ZipFile(zips[Profile.PUBLIC]) as archive:
        for info in archive.infolist():
            assert info.date_time == MADE_AT.timetuple()[:6]
            assert info.create_system == 3
            assert is_safe_path(info.filename)


# ---- names, links, charts


@pytest.mark.parametrize(
    ("title", "original", "name"),
    [
        ("Management plan 2024–2033", "x.PDF", "E01__Management-plan-2024-2033.pdf"),
        ("../../etc/passwd", "../../x", "E01__etc-passwd"),
        ('a<b>:"c"|d?*', "c.docx", "E01__a-b-c-d.docx"),
        ("", "none.exe", "E01__evidence.exe.txt"),
        ("保护区 计划", "计划.pdf", "E01__保护区-计划.pdf"),
        ("con", "con.svg", "E01__con.svg.txt"),
        ("trailing. . .", "a.b c", "E01__trailing"),
        ("evil\u202egpj.exe", "a.jpg", "E01__evilgpj.exe.jpg"),
    ],
)
def test_names_suit_every_file_system(title: str, original: str, name: str) -> None:
    assert file_name("E01", title, original) == name
    assert is_safe_path(f"evidence/files/{name}")


@pytest.mark.parametrize(
    ("media", "said", "fragment"),
    [
        ("application/pdf", "12", "#page=12"),
        ("application/pdf", "p. 7, table 2", "#page=7"),
        ("application/pdf", "whole plan", ""),
        ("video/mp4", "at 1:02:03", "#t=3723"),
        ("audio/mpeg", "4:05", "#t=245"),
        ("text/plain", "12", ""),
    ],
)
def test_a_locator_opens_the_place_where_browsers_can(media: str, said: str, fragment: str) -> None:
    assert fragment_for(media, said) == fragment


@pytest.mark.parametrize("low_high", [(0.0, 0.0), (0.0, 99.75), (-5.0, 12.0), (0.0, 1e12), (-3e-5, 0.0)])
def test_an_axis_holds_its_numbers_in_at_most_six_steps(low_high: tuple[float, float]) -> None:
    low, high = low_high
    first, last, step = nice_scale(low, high)
    assert first <= low + 1e-12
    assert high <= last + 1e-12 * max(1, high)
    assert 1 <= round((last - first) / step) <= 6


def test_a_chart_escapes_the_labels_of_its_bars(packed: Packed) -> None:
    from dataclasses import replace

    figure = packed.park.assessments.preview("demo.distance")
    strange = replace(figure, rows=(("<script>", "x", 1.0), ("b", "y", -2.5)))
    series = series_of(strange)
    assert series is not None
    assert "<script>" not in bar_chart(series, title="a & b")


def test_a_chart_draws_the_numbers_that_the_value_is_made_of(packed: Packed) -> None:
    from dataclasses import replace

    figure = replace(
        packed.park.assessments.preview("demo.distance"),
        columns=("month", "patrols", "km", "hours"),
        rows=(("2026-01", 3, 41.5, 12.0), ("2026-02", 2, 58.25, 9.0)),
        value=99.75,
    )
    series = series_of(figure)
    assert series is not None
    assert (series.name, series.values) == ("km", (41.5, 58.25))
    assert series_of(replace(figure, value=7.0)) is None
    assert series_of(replace(figure, rows=figure.rows[:1])) is None
