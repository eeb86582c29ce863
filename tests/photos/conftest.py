"""An empty workspace, and its camera-trap room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    site_id = new_id()
    site = Site(id=site_id, site_id=site_id, name="Demo park")
    with Workspace.create(tmp_path / "demo.ranger", site=site) as made:
        yield made


@pytest.fixture
def photos(workspace: Workspace) -> Photos:
    return Photos(workspace)
