"""Embeddings outlive a kill and a full disk, and are the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, DiskTrouble
from ranger_app.inference.learning.embeddings import (
    HEAD,
    WHOLE,
    Crop,
    EmbeddingFile,
    crop_of,
    read_embeddings,
    written,
)
from ranger_app.inference.learning.lessons import Whole, whole_numbers
from ranger_app.inference.looks import Box

DIM = 12
PACK = "groups@1"


def row(number: int, box: tuple[int, int, int, int] = WHOLE) -> tuple[Crop, Whole]:
    rng = np.random.default_rng(number)
    return Crop(bytes([number]) * 32, box), whole_numbers(rng.random(DIM).astype(np.float32))


def test_what_is_added_is_read(tmp_path: Path) -> None:
    file = EmbeddingFile(tmp_path / "e" / "table", pack=PACK)
    assert file.read() is None
    file.add([row(1), row(2)])
    file.add([row(3, (1, 2, 3, 4))])
    table = file.read()
    assert table is not None
    assert set(table.crops) == {row(1)[0], row(2)[0], row(3, (1, 2, 3, 4))[0]}
    found = table.get(row(2)[0])
    assert found is not None
    assert (found == row(2)[1]).all()


@settings(max_examples=20)
@given(data=st.data())
def test_a_file_cut_anywhere_keeps_its_whole_rows_and_goes_on(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "table"
    file = EmbeddingFile(path, pack=PACK)
    file.add([row(1), row(2)])
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:cut])
    file.add([row(3)])
    table = file.read()
    assert table is not None
    kept = max(cut - HEAD.size, 0) // ((len(whole) - HEAD.size) // 2)
    assert len(table.crops) == kept + 1
    assert table.get(row(3)[0]) is not None


def test_another_packs_table_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "table"
    EmbeddingFile(path, pack="other@1").add([row(1)])
    file = EmbeddingFile(path, pack=PACK)
    assert file.read() is None
    file.add([row(2)])
    table = file.read()
    assert table is not None
    assert set(table.crops) == {row(2)[0]}


def test_the_same_rows_are_the_same_bytes() -> None:
    rows = [row(1), row(2), row(3)]
    assert written(PACK, DIM, rows) == written(PACK, DIM, reversed(rows))


def test_of_two_rows_of_one_crop_the_same_wins_in_either_order() -> None:
    crop, one = row(1)
    other = row(2)[1]
    first = read_embeddings(
        written(PACK, DIM, [(crop, one)]) + written(PACK, DIM, [(crop, other)])[HEAD.size :]
    )
    second = read_embeddings(
        written(PACK, DIM, [(crop, other)]) + written(PACK, DIM, [(crop, one)])[HEAD.size :]
    )
    assert (np.asarray(first.get(crop)) == np.asarray(second.get(crop))).all()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        HEAD.pack(b"ranger embeddings 1\n", 0, b"x"),
        HEAD.pack(b"ranger embeddings 1\n", 2**31, b"x"),
        HEAD.pack(b"ranger embeddings 1\n", 4, b"x") + bytes(48),
        HEAD.pack(b"ranger embeddings 1\n", 4, b"x") + b"\xff" * 480,
    ],
)
def test_what_is_no_table_or_lies_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        read_embeddings(raw, pack=PACK)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskTrouble):
        EmbeddingFile(tmp_path / "file" / "table", pack=PACK).add([row(1)])


def test_a_box_is_kept_in_steps_too_small_to_see() -> None:
    assert crop_of(b"s", None).box == WHOLE
    assert crop_of(b"s", Box(0.5, 0.25, 1.0, -0.1, "animal", 0.9)).box == (32768, 16384, 65535, 0)
