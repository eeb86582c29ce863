"""Fixtures of the packets' tests: one full assessment, and packets of it that tests only read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.packets.dossier import Profile
from tests.packets.sites import MADE_AT, Packed, packed_park


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packed]:
    """A demo park with a full assessment; no test changes it."""
    with packed_park(tmp_path_factory.mktemp("packed")) as made:
        yield made


@pytest.fixture(scope="session")
def zips(packed: Packed) -> dict[Profile, Path]:
    """One packet for each kind of reader."""
    made = {}
    for profile in Profile:
        out = packed.folder / f"{profile.value}.zip"
        made[profile] = packed.packets.write(out, profile=profile, made_at=MADE_AT).path
    return made


@pytest.fixture
def unpacked(zips: dict[Profile, Path], tmp_path: Path) -> Path:
    """The assessor's packet as a folder that a test may spoil."""
    folder = tmp_path / "packet"
    with zipfile.ZipFile(zips[Profile.ASSESSOR]) as archive:
        archive.extractall(folder)
    return folder
