"""Files by their content: kept once, whole, and for good before anything speaks of them."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, DiskTrouble
from ranger_app.storage import Workspace
from tests.builders import a_workspace

CONTENT = bytes(range(256)) * 5_000


def incoming(workspace: Workspace) -> list[Path]:
    return list((workspace.folder / "files").glob("incoming/*"))


def nothing_in(workspace: Workspace) -> bool:
    return not incoming(workspace) and not list(workspace.files.stored())


def test_a_file_is_kept_under_its_hash_and_once(workspace: Workspace, tmp_path: Path) -> None:
    source = tmp_path / "IMG_0001.JPG"
    source.write_bytes(CONTENT)
    stored = workspace.files.add(source)
    assert stored == workspace.files.add(source) == workspace.files.add_bytes(CONTENT)
    assert stored.sha256 == hashlib.sha256(CONTENT).digest()
    assert stored.size_bytes == len(CONTENT)
    path = workspace.files.path(stored.sha256)
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert workspace.files.whole(stored.sha256)
    assert list(workspace.files.stored()) == [(stored.sha256, path)]
    assert source.read_bytes() == CONTENT
    assert incoming(workspace) == []


def test_a_file_that_was_cut_short_is_written_again(workspace: Workspace) -> None:
    stored = workspace.files.add_bytes(CONTENT)
    path = workspace.files.path(stored.sha256)
    assert path is not None
    os.truncate(path, 100)
    assert not workspace.files.whole(stored.sha256)
    assert not workspace.files.holds(stored)
    workspace.files.add_bytes(CONTENT)
    assert workspace.files.whole(stored.sha256)


@pytest.mark.parametrize("how", ["missing", "a folder"])
def test_what_cannot_be_read_is_a_sentence_and_leaves_nothing(
    how: str, workspace: Workspace, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    if how == "a folder":
        source.mkdir()
    with pytest.raises(DiskTrouble):
        workspace.files.add(source)
    assert nothing_in(workspace)


class Failing(io.RawIOBase):
    """A card that goes away while it is read."""

    def __init__(self) -> None:
        self._left = 3

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError(5, "Input/output error")
        return bytes(size)


def test_a_source_that_goes_away_half_way_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(DiskTrouble):
        workspace.files.add_stream(Failing(), name=Path("card"))  # type: ignore[arg-type]
    assert nothing_in(workspace)


def test_a_source_that_is_longer_than_it_said_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(BadInput):
        workspace.files.add_stream(io.BytesIO(CONTENT), name=Path("long"), limit_bytes=100)
    assert nothing_in(workspace)


def test_an_original_in_its_own_place_counts_while_it_is_unchanged(
    workspace: Workspace, tmp_path: Path
) -> None:
    original = tmp_path / "original.jpg"
    original.write_bytes(CONTENT)
    sha256, about = hashlib.sha256(CONTENT).digest(), original.stat()
    assert workspace.files.path(sha256) is None
    with workspace.unit("link") as unit:
        unit.link(sha256, original, size_bytes=about.st_size, mtime_ns=about.st_mtime_ns)
    assert workspace.files.path(sha256) == original
    assert workspace.files.whole(sha256)
    assert not workspace.files.has(sha256)
    os.utime(original, ns=(1, 1))
    assert workspace.files.path(sha256) is None
    original.unlink()
    assert workspace.files.path(sha256) is None


def test_pieces_make_a_file_or_nothing(workspace: Workspace, tmp_path: Path) -> None:
    pieces = [tmp_path / name for name in ("1", "2")]
    pieces[0].write_bytes(CONTENT[:1_000])
    pieces[1].write_bytes(CONTENT[1_000:])
    sha256 = hashlib.sha256(CONTENT).digest()
    assert not workspace.files.add_pieces(reversed(pieces), sha256)
    assert nothing_in(workspace)
    assert workspace.files.add_pieces(pieces, sha256)
    assert workspace.files.whole(sha256)


def test_what_an_interrupted_copy_left_is_swept_and_foreign_files_are_let_be(tmp_path: Path) -> None:
    folder = tmp_path / "demo.ranger"
    with a_workspace(folder) as made:
        stored = made.files.add_bytes(CONTENT)
        (folder / "files" / "incoming" / "half").write_bytes(b"half")
        (folder / "files" / "ab").mkdir(exist_ok=True)
        (folder / "files" / "ab" / ("x" * 64)).write_bytes(b"somebody's")
        (folder / "files" / "note.txt").write_text("somebody's")
    with Workspace.open(folder) as again:
        assert incoming(again) == []
        assert [sha256 for sha256, _path in again.files.stored()] == [stored.sha256]
    assert (folder / "files" / "note.txt").exists()
