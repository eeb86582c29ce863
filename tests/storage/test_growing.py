"""What grows in the cache of a workspace with a passphrase is sealed, and reads as an ordinary file does."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.storage.files import FileStore
from ranger_app.storage.growing import BLOCK, MAGIC, Growing
from ranger_app.storage.sealed_file import NotAsWritten

KEY = bytes(range(32))
SECRET = b"demo informant at the salt lick"


def store_in(folder: Path, key: bytes | None = KEY) -> FileStore:
    return FileStore(folder, lambda _sha256: None, key=key)


def growing(path: Path) -> Growing:
    return Growing(path, store_key=KEY, name=b"name")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 400_000)),
        st.tuples(st.just("cut"), st.integers(0, 900_000)),
        st.tuples(st.just("read"), st.integers(0, 900_000)),
        st.tuples(st.just("open again"), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=30)
@given(steps=STEPS)
def test_it_reads_as_an_ordinary_file_does(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("growing")
    store, plain = store_in(folder), io.BytesIO()
    file = store.growing(folder / "table")
    for step, number in steps:
        if step == "add":
            piece = os.urandom(number)
            for one in (file, plain):
                one.seek(0, os.SEEK_END)
                one.write(piece)
        elif step == "cut":
            size = min(number, len(plain.getvalue()))
            for one in (file, plain):
                one.truncate(size)
        elif step == "read":
            for one in (file, plain):
                one.seek(number)
            assert file.read(100_000) == plain.read(100_000)
        else:
            file.close()
            file = store.growing(folder / "table")
    file.seek(0)
    assert file.read() == plain.getvalue()
    file.close()


@given(cut=st.integers(0, 1_200))
def test_what_a_kill_cut_short_is_left_out_and_written_over(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "table"
    with growing(path) as file:
        for number in range(10):
            file.write(bytes([number]) * 50)
    os.truncate(path, min(cut, path.stat().st_size))
    with growing(path) as file:
        kept = file.seek(0, os.SEEK_END)
        assert kept % 50 == 0
        file.write(b"more")
        file.seek(0)
        whole = b"".join(bytes([number]) * 50 for number in range(10))
        assert file.readall() == whole[:kept] + b"more"


def test_blocks_that_were_changed_or_swapped_do_not_open(tmp_path: Path) -> None:
    path = tmp_path / "table"
    with growing(path) as file:
        file.write(b"a" * 100)
        file.write(b"b" * 100)
    raw = path.read_bytes()
    block = (len(raw) - len(MAGIC)) // 2
    first, second = raw[len(MAGIC) : len(MAGIC) + block], raw[len(MAGIC) + block :]
    for changed in (second + first, first[:-1] + b"!" + second, first + first):
        path.write_bytes(MAGIC + changed)
        with growing(path) as file, pytest.raises(NotAsWritten):
            file.readall()
        with growing(path) as file:  # it can be begun anew all the same
            file.truncate(0)
            assert file.readall() == b""


def test_one_from_before_is_sealed_when_it_is_opened_and_a_long_write_goes_in_blocks(tmp_path: Path) -> None:
    path, content = tmp_path / "table", SECRET * (BLOCK // len(SECRET) * 2)
    path.write_bytes(content)
    with store_in(tmp_path).growing(path) as file:
        assert file.read() == content
        file.write(content)
    raw = path.read_bytes()
    assert SECRET not in raw
    assert len(raw) > 2 * len(content)
    with store_in(tmp_path).growing(path) as file:
        assert file.read() == content + content
    assert [one.name for one in tmp_path.iterdir()] == ["table"]


def test_without_a_key_it_is_an_ordinary_file(tmp_path: Path) -> None:
    with store_in(tmp_path, None).growing(tmp_path / "table") as file:
        file.write(SECRET)
    assert (tmp_path / "table").read_bytes() == SECRET


def test_it_grows_at_its_end_alone(tmp_path: Path) -> None:
    with growing(tmp_path / "table") as file:
        file.write(b"demo")
        file.seek(1)
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"x")
        with pytest.raises(io.UnsupportedOperation):
            file.truncate(9)
