"""An empty workspace, and its patrol room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.patrols.service import Patrols
from ranger_app.storage import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    site_id = new_id()
    site = Site(id=site_id, site_id=site_id, name="Demo park", time_zone="Asia/Vladivostok")
    with Workspace.create(tmp_path / "demo.ranger", site=site) as made:
        yield made


@pytest.fixture
def patrols(workspace: Workspace) -> Patrols:
    return Patrols(workspace)
