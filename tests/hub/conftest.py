"""One hub for all tests that do not harm it: each has sites and laptops of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.hubs import Hub, hub_here


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with hub_here(tmp_path_factory.mktemp("hub") / "hub") as running:
        yield running
