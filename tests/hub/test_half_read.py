"""What a reader leaves half read holds nobody up, whenever it is cleared away."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.ids import new_id
from ranger_app.hub.folder_shelf import FolderShelf
from ranger_app.hub.shelf import Place
from ranger_app.storage import whereabouts


def test_what_was_left_half_read_may_be_cleared_away_while_the_hub_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, stream = FolderShelf(tmp_path), new_id()

    def reading() -> Iterator[Place]:
        with shelf.open(stream) as place:
            yield place

    # Python looks for cycles at any moment; here it is one in which the shelf is being closed.
    monkeypatch.setattr(whereabouts, "note_state", lambda *_a, **_k: gc.collect())
    gc.disable()
    try:
        half_read = reading()
        next(half_read)
        left: list[object] = [half_read]
        left.append(left)  # only a search for cycles finds it
        del half_read, left
        closing = threading.Thread(target=shelf.close, daemon=True)
        closing.start()
        closing.join(20)
        assert not closing.is_alive()
    finally:
        gc.enable()
