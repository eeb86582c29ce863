"""One hub for all tests that do not harm it: each has sites and laptops of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ranger_app.domain.sites import Site
from tests.hub.hubs import Caller, Hub, hub_here, new_site


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with hub_here(tmp_path_factory.mktemp("hub") / "hub") as running:
        yield running


@pytest.fixture
def site() -> Site:
    return new_site()


@pytest.fixture
def known(hub: Hub, site: Site) -> Caller:
    """Somebody who is let in to the site, and has said hello."""
    caller = Caller(hub)
    hub.let_in(caller.keys, site.id)
    assert caller.hello(site.id).status == 200
    return caller
