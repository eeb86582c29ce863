"""The disk on which the power fails: it loses what it may lose, and keeps what it promised."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.storage.recorded import NEW_FILE, NEW_FOLDER, Line, What
from tests.storage.torn_disk import Disk, Tree, Write, everything
from tests.storage.torn_disk import File as FileOnDisk
from tests.storage.torn_ways import SECTOR, Scattered, pieces, states

ROOT, OTHER, FILE = 1, 2, 3


def line(what: What, one: int = 0, two: int = 0, three: int = 0, first: str = "", second: str = "") -> Line:
    return Line(what, one, two, three, first.encode(), second.encode())


BEGUN = [
    line(What.ENTER, 0, ROOT, NEW_FOLDER, "/"),
    line(What.ENTER, ROOT, OTHER, NEW_FOLDER, "other"),
    line(What.SYNC_ALL),
]
MADE = line(What.ENTER, ROOT, FILE, NEW_FILE, "new")
FILLED = line(What.WRITE, FILE, 0, 0, "demo")
MOVED = line(What.MOVE, ROOT, ROOT, 0, "new", "kept")
MOVED_AWAY = line(What.MOVE, ROOT, OTHER, 0, "new", "kept")


def sync(inode: int) -> Line:
    return line(What.SYNC, inode)


def left_by(*lines: Line) -> list[Tree]:
    """What may be there after all of them; folders are left out."""
    said = line(What.SAY, first="safe")
    found = states([*BEGUN, *lines, said], most=400, seed=1, begun=len(BEGUN))
    trees = [
        {path: content for path, content in one.tree.items() if path != "other"} for one in found if one.said
    ]
    assert trees
    return trees


def test_a_sync_of_a_file_says_nothing_of_its_name() -> None:
    trees = left_by(MADE, FILLED, sync(FILE))
    assert {} in trees
    assert all(tree in ({}, {"new": b"demo"}) for tree in trees)


def test_a_sync_of_a_folder_says_nothing_of_contents() -> None:
    trees = left_by(MADE, FILLED, sync(ROOT))
    assert {"new": b""} in trees
    assert {"new": b"demo"} in trees
    assert all("new" in tree for tree in trees)


def test_what_is_synced_with_its_name_is_there() -> None:
    assert left_by(MADE, FILLED, sync(FILE), MOVED, sync(ROOT)) == [{"kept": b"demo"}]


def test_a_name_may_come_before_the_content() -> None:
    trees = left_by(MADE, FILLED, MOVED, sync(ROOT))
    assert {"kept": b""} in trees


def test_what_moves_to_another_folder_is_in_one_of_them_at_least() -> None:
    trees = left_by(MADE, FILLED, sync(FILE), sync(ROOT), MOVED_AWAY)
    assert {"new": b"demo"} in trees
    assert {"other/kept": b"demo"} in trees
    assert all(tree.values() for tree in trees)
    assert left_by(MADE, FILLED, sync(FILE), sync(ROOT), MOVED_AWAY, sync(ROOT)) == [{"other/kept": b"demo"}]


def test_a_later_write_may_be_there_without_an_earlier_one() -> None:
    first, second = "a" * 512, "b" * 512
    trees = left_by(
        MADE,
        line(What.WRITE, FILE, 0, 0, "-" * 1024),
        sync(FILE),
        sync(ROOT),
        line(What.WRITE, FILE, 0, 0, first),
        line(What.WRITE, FILE, 512, 0, second),
    )
    seen = {tree["new"] for tree in trees}
    assert ("-" * 512 + second).encode() in seen
    assert (first + "-" * 512).encode() in seen


def test_a_write_is_torn_at_its_sectors_and_nowhere_else() -> None:
    trees = left_by(
        MADE,
        line(What.WRITE, FILE, 0, 0, "-" * 2048),
        sync(FILE),
        sync(ROOT),
        line(What.WRITE, FILE, 0, 0, "x" * 2048),
    )
    seen = {tree["new"] or b"" for tree in trees}
    assert len(seen) > 4
    assert all(set(one[n : n + 512]) in ({ord("-")}, {ord("x")}) for one in seen for n in range(0, 2048, 512))


def test_a_name_that_went_may_still_be_there() -> None:
    trees = left_by(MADE, sync(ROOT), line(What.LEAVE, ROOT, first="new"))
    assert {} in trees
    assert {"new": b""} in trees


@given(
    at=st.integers(0, 3_000),
    content=st.binary(min_size=1, max_size=3_000),
    sector=st.sampled_from([512, 4096]),
)
def test_the_pieces_of_a_write_are_the_write(at: int, content: bytes, sector: int) -> None:
    whole, put = bytearray(), bytearray()
    write = Write(FileOnDisk("demo"), at, content)
    write.put(whole)
    for piece in pieces(write, sector):
        assert piece.at // sector == (piece.at + len(piece.content) - 1) // sector
        piece.put(put)
    assert put == whole


@given(seed=st.integers(0, 1_000), places=st.lists(st.integers(0, 2_000), max_size=6))
def test_a_file_that_grew_and_shrank_has_one_of_its_sizes(seed: int, places: list[int]) -> None:
    disk, sizes = Disk(), {0}
    for one in (*BEGUN, MADE, sync(ROOT)):
        disk.do(one)
    for n, at in enumerate(places):
        disk.do(line(What.TRUNCATE, FILE, at) if n % 2 else line(What.WRITE, FILE, at, 0, str(n) * 700))
        sizes.add(len(disk.tree(everything())["new"] or b""))
    found = disk.tree(Scattered("scattered", random.Random(seed), SECTOR))["new"] or b""
    assert len(found) in sizes
