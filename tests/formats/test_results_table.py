"""Tables of DeepFaune and Mbaza are read as whole-picture results, each odd row told and passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found_looks import Doubts, FoundLook
from ranger_app.formats import megadetector, results_table, speciesnet
from ranger_app.jobs import Work

DEEPFAUNE = "filename,date,seqnum,predictionbase,scorebase,prediction,score,top1,humancount\n"
MBAZA = "location,station,pred_1,score_1,pred_2,score_2,pred_3,score_3,label\n"


def read(path: Path, text: str | bytes) -> tuple[list[FoundLook], Doubts]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    doubts = Doubts()
    return list(results_table.read(path, doubts=doubts, work=Work())), doubts


def test_deepfaune_is_taken_picture_by_picture_not_as_the_sequence_voted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    (first, empty, person), doubts = read(
        path,
        DEEPFAUNE
        + "E:\\card\\IMG_1.JPG,2024-05-31,1,roe deer,0.62,red deer,0.91,roe deer,0\n"
        + "card/IMG_2.JPG,2024-05-31,1,empty,0.99,empty,0.99,empty,0\n"
        + "card/IMG_3.JPG,2024-05-31,2,human,0.8,human,0.8,human,1\n",
    )
    assert results_table.read_model(path).id == "deepfaune"
    assert (first.file, first.groups) == ("E:/card/IMG_1.JPG", (("roe deer", 0.62),))
    assert list(first.whole) == [0.62, 0, 0]
    assert list(empty.whole) == [0, 0, 0]
    assert [person.score(kind) for kind in ("animal", "person", "vehicle")] == [0, 0.8, 0]
    assert doubts.all() == ()


def test_mbazas_three_likeliest_classes_add_up_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    (look,), _doubts = read(path, MBAZA + "a/b.jpg,S1,Elephant_African,0.6,Blank,0.3,Gorilla,0.05,x\n")
    assert results_table.read_model(path).id == "mbaza"
    assert look.groups[0] == ("Elephant_African", 0.6)
    assert look.score("animal") == pytest.approx(0.65)


def test_semicolons_and_commas_for_points_are_read(tmp_path: Path) -> None:
    (look,), _doubts = read(tmp_path / "a.csv", "filename;prediction;score\na.jpg;lynx;0,75\n")
    assert look.groups == (("lynx", 0.75),)


def test_rows_that_say_nothing_are_told(tmp_path: Path) -> None:
    rows = ",,,lynx,0.5,,,,\na.jpg,,,undefined,0.1,undefined,0.1,,\nb.jpg,,,lynx,nan,lynx,7,,\nc.jpg\n"
    looks, doubts = read(tmp_path / "a.csv", DEEPFAUNE + rows)
    assert looks == []
    assert {one.code: doubts.count(one.code) for one in doubts.all()} == {"no-file": 1, "no-result": 3}


@pytest.mark.parametrize(
    "raw", ["filename,prediction,score\nлось".encode("cp1251"), b'filename\n"' + b"x" * 200_000]
)
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(BadInput):
        read(tmp_path / "a.csv", raw)


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (DEEPFAUNE, "table"),
        (MBAZA, "table"),
        ("\ufefffilename;prediction;score\n", "table"),
        ("name,scientific_name\n", ""),
        ('{"predictions": [', "speciesnet"),
        ('{"images": [', "megadetector"),
        ("", ""),
    ],
)
def test_files_are_told_apart_by_how_they_begin(head: str, wanted: str) -> None:
    ways = {"table": results_table, "speciesnet": speciesnet, "megadetector": megadetector}
    found = [name for name, way in ways.items() if way.is_one(head.encode())]
    assert found == ([wanted] if wanted else [])
