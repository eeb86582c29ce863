"""A long JSON document is read piece by piece, and whatever is wrong with it is said once."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain import json_stream
from ranger_app.domain.json_stream import NotJson, pieces

IMAGES = frozenset({"images"})
plain = st.none() | st.booleans() | st.integers(-(10**12), 10**12)
values = st.recursive(
    plain | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def read(path: Path, text: str | bytes) -> tuple[dict[str, object], list[object]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    whole: dict[str, object] = {}
    items: list[object] = []
    for piece in pieces(path, streamed=IMAGES):
        if piece.streamed:
            items.append((piece.name, piece.value) if piece.name else piece.value)
        else:
            whole[piece.key] = piece.value
    return whole, items


@settings(max_examples=60)
@given(
    document=st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=4),
    images=st.lists(values, max_size=6),
    indent=st.sampled_from([None, 1]),
    chunk=st.integers(1, 40),
)
def test_it_reads_what_the_standard_library_reads(
    tmp_path_factory: pytest.TempPathFactory,
    document: dict[str, object],
    images: list[object],
    indent: int | None,
    chunk: int,
) -> None:
    document = {key: value for key, value in document.items() if key != "images"}
    before = json_stream.CHUNK_CHARS
    json_stream.CHUNK_CHARS = chunk
    try:
        text = json.dumps(document | {"images": images}, indent=indent, ensure_ascii=False)
        whole, items = read(tmp_path_factory.mktemp("json") / "a.json", text)
    finally:
        json_stream.CHUNK_CHARS = before
    assert whole == document
    assert items == images


def test_items_of_an_object_have_names(tmp_path: Path) -> None:
    _whole, items = read(tmp_path / "a.json", '{"images": {"a.jpg": [1], "b.jpg": 2}}')
    assert items == [("a.jpg", [1]), ("b.jpg", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"images": [',
        '{"images": [1, 2',
        '{"images": [1,]}',
        '{"images": [1 2]}',
        '{"a": NaN}',
        '{"a": 1} x',
        "{1: 2}",
        '{"a" 1}',
        '{"a": ' + "[" * 200_000 + "}",
        '{"a": ' + "9" * 10_000 + "}",
        b'{"a": "\xff"}',
    ],
    ids=range(14),
)
def test_what_is_no_such_document_is_refused(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(NotJson):
        read(tmp_path / "a.json", text)


def test_no_piece_may_be_longer_than_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "PIECE_CHARS_AT_MOST", 1000)
    monkeypatch.setattr(json_stream, "CHUNK_CHARS", 100)
    assert read(tmp_path / "a.json", '{"a": "' + "x" * 500 + '"}')[0] == {"a": "x" * 500}
    with pytest.raises(NotJson):
        read(tmp_path / "a.json", '{"a": "' + "x" * 5000 + '"}')


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    item = json.dumps({"file": "x" * 200, "detections": [{"conf": 0.5}] * 4})
    with path.open("w") as file:
        file.write('{"images": [' + ",".join([item] * 10_000) + "]}")
    assert path.stat().st_size > 2_500_000
    tracemalloc.start()
    count = sum(1 for piece in pieces(path, streamed=IMAGES) if piece.streamed)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 10_000
    assert most < 2_400_000
