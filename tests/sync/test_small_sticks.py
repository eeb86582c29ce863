"""A stick whose file system holds no long files, as FAT32 none of 4 GiB: everything goes on it in parts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ranger_app.domain.errors import DiskTrouble
from ranger_app.sync.bundles.writing import PART_BYTES
from tests.builders import a_photo
from tests.storage.test_full_disk import no_file_beyond
from tests.sync.park import SITE
from tests.sync.sealed import photos_here, read, sealed_park, write

LONG = PART_BYTES + (PART_BYTES >> 1)
OVERHEAD = 1 << 20
FAT32_BYTES = (4 << 30) - 1


def test_no_part_comes_near_what_a_stick_can_hold(tmp_path: Path) -> None:
    """The limit is set to the length of a part, which is a sixtieth of that of FAT32."""
    assert PART_BYTES * 60 < FAT32_BYTES
    with sealed_park() as park:
        content = bytes(LONG)
        file = park["office"].files.add_bytes(content)
        with park["office"].unit("film") as unit:
            unit.add(a_photo(SITE, file.sha256, file_name="FILM.MP4"))
        with no_file_beyond(PART_BYTES + OVERHEAD):
            done = write(park["office"], tmp_path)
        assert len(done.parts) > 1
        found = read(park["post"], tmp_path)
        assert (found.missing_parts, found.damaged) == ([], 0)
        assert photos_here(park["post"]) == 4
        kept = park["post"].files.find(hashlib.sha256(content).digest())
        assert kept is not None


def test_a_stick_that_takes_no_part_is_told_of_in_a_sentence(tmp_path: Path) -> None:
    with sealed_park() as park:
        with no_file_beyond(10_000), pytest.raises(DiskTrouble, match="is full"):
            write(park["office"], tmp_path)
        assert not list(tmp_path.rglob("*.TMP"))
        write(park["office"], tmp_path)
        read(park["post"], tmp_path)
        assert photos_here(park["post"]) == 3
