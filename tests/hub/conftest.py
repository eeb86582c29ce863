"""Each claim about the hub is held against both of its shelves: a folder, and a database with objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ranger_app.domain.sites import Site
from tests.hub.hubs import Caller, Hub, hub_here, lay_out, new_site
from tests.hub.moto import Moto, moto_here
from tests.hub.postgres import Postgres, postgres_here

FOLDER, DATABASE = "folder", "database"
LayOut = Callable[[Path], Path]
"""Makes the folder of a new hub, whatever shelf it has."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_here() as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    with moto_here() as store:
        yield store


@pytest.fixture(scope="session", params=[FOLDER, DATABASE])
def new_hub(request: pytest.FixtureRequest) -> LayOut:
    """A way to lay out hubs with one of the shelves."""
    if request.param == FOLDER:
        return lay_out
    server: Postgres = request.getfixturevalue("postgres")
    return lambda folder: lay_out(folder, server.database())


@pytest.fixture(scope="session")
def hub(new_hub: LayOut, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub for all tests that do not harm it: each has sites and laptops of its own."""
    with hub_here(new_hub(tmp_path_factory.mktemp("hub") / "hub")) as running:
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
