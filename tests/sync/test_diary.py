"""The diary of bundles is this laptop's own, and never stands in the way of anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.sync.bundles.diary import (
    ENTRIES_KEPT,
    NAME,
    READ,
    WRITTEN,
    Entry,
    entries,
    write_down,
)

FIRST = datetime(2026, 5, 1, 9, tzinfo=UTC)


def test_entries_come_back_newest_first(tmp_path: Path) -> None:
    earlier = Entry(at=FIRST, way=WRITTEN, place="stick", segments=3, files=2, bytes=900)
    later = Entry(at=FIRST + timedelta(days=1), way=READ, place="stick", segments=1)
    write_down(tmp_path, earlier)
    write_down(tmp_path, later)
    assert entries(tmp_path) == [later, earlier]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(ENTRIES_KEPT + 3):
        write_down(tmp_path, Entry(at=FIRST + timedelta(hours=number), way=WRITTEN, place="stick"))
    kept = entries(tmp_path)
    assert len(kept) == ENTRIES_KEPT
    assert kept[0].at == FIRST + timedelta(hours=ENTRIES_KEPT + 2)


def test_without_a_diary_there_are_no_entries(tmp_path: Path) -> None:
    assert entries(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"null", b'[1, {}, {"at": "yesterday"}]', b"[" * 100_000, b'[{"at": 1e999}]'],
)
def test_a_damaged_diary_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert entries(tmp_path) == []
    write_down(tmp_path, Entry(at=FIRST, way=READ, place="stick"))
    assert len(entries(tmp_path)) == 1


def test_a_folder_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    write_down(tmp_path / "gone", Entry(at=FIRST, way=READ, place="stick"))
    assert entries(tmp_path / "gone") == []


@given(st.binary(max_size=200))
def test_no_content_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("diary")
    (folder / NAME).write_bytes(content)
    assert isinstance(entries(folder), list)
