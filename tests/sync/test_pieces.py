"""Long files travel in pieces, and come together in any order or not at all."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest

from ranger_app.storage import Workspace
from ranger_app.sync.bundles import pieces as module
from ranger_app.sync.bundles.pieces import Pieces
from tests.builders import a_workspace

PIECE = 1_000
CONTENT = random.Random(1).randbytes(5 * PIECE + 123)
SHA256 = hashlib.sha256(CONTENT).digest()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE_BYTES", PIECE)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with a_workspace(tmp_path / "demo.ranger") as made:
        yield made


def piece(start: int, content: bytes = CONTENT, sha256: bytes = SHA256, size: int = len(CONTENT)) -> bytes:
    return cbor2.dumps([sha256, size, start, content[start : start + PIECE]])


def every_piece() -> list[bytes]:
    return [piece(start) for start in range(0, len(CONTENT), PIECE)]


@pytest.mark.parametrize("seed", range(5))
def test_a_file_comes_together_in_any_order_and_once(seed: int, workspace: Workspace) -> None:
    them = every_piece() * 2
    random.Random(seed).shuffle(them)
    assert sum(Pieces(workspace).put(one) for one in them) == 1
    assert workspace.files.whole(SHA256)
    assert not list(workspace.cache.rglob("*/*"))


def test_a_file_that_lacks_a_piece_is_not_there_until_it_comes(workspace: Workspace) -> None:
    *most, last = every_piece()
    for one in most:
        assert Pieces(workspace).put(one) == 0
    assert not workspace.files.has(SHA256)
    assert Pieces(workspace).put(last) == 1  # another stick, another day


def test_a_wrong_piece_spoils_no_store_and_the_right_ones_can_follow(workspace: Workspace) -> None:
    wrong = piece(PIECE, b"!" * len(CONTENT))
    for one in (piece(0), wrong, *every_piece()[2:]):
        assert Pieces(workspace).put(one) == 0
    assert not list(workspace.files.stored())
    assert sum(Pieces(workspace).put(one) for one in every_piece()) == 1


def test_a_giant_that_is_only_promised_costs_nothing(workspace: Workspace) -> None:
    """Its last piece alone makes no file of a terabyte, not even a sparse one, and is not hashed."""
    size = 1 << 40
    start = (size - 1) // PIECE * PIECE
    giant = cbor2.dumps([SHA256, size, start, b"x" * (size - start)])
    assert Pieces(workspace).put(giant) == 0
    assert sum(path.stat().st_size for path in workspace.cache.rglob("*") if path.is_file()) <= PIECE


UNSOUND: list[Any] = [
    [SHA256, len(CONTENT), 1, CONTENT[1 : 1 + PIECE]],
    [SHA256, len(CONTENT), -PIECE, CONTENT[:PIECE]],
    [SHA256, len(CONTENT), 0, CONTENT[: PIECE - 1]],
    [SHA256, len(CONTENT), 0, CONTENT[: PIECE + 1]],
    [SHA256, len(CONTENT), 6 * PIECE, b""],
    [SHA256, 0, 0, b""],
    [SHA256, 2**50, 0, CONTENT[:PIECE]],
    [SHA256, True, 0, b"x"],
    [SHA256, float(len(CONTENT)), 0, CONTENT[:PIECE]],
    [SHA256[:31], len(CONTENT), 0, CONTENT[:PIECE]],
    ["../../etc/passwd", len(CONTENT), 0, CONTENT[:PIECE]],
    [SHA256, len(CONTENT), "0", CONTENT[:PIECE]],
    [SHA256, len(CONTENT), 0, "x" * PIECE],
    [SHA256, len(CONTENT), 0],
    {},
    "piece",
    None,
]


@pytest.mark.parametrize("entry", UNSOUND, ids=lambda e: repr(e)[:30])
def test_an_unsound_piece_is_passed_over(entry: Any, workspace: Workspace) -> None:
    assert Pieces(workspace).put(cbor2.dumps(entry)) == 0
    assert Pieces(workspace).put(b"noise") == 0
    assert not (workspace.cache / "pieces").exists()
