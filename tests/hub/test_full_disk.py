"""A hub whose disk is truly full: it says so, signs for nothing that it does not hold, and goes on later."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ranger_app.domain.errors import KnownError
from ranger_app.hub import bounds
from tests.hub.hubs import add_files, add_people, hub_here, laptop, new_site, sync

SMALL, LARGE = 6 << 20, 200 << 20  # bytes of the hub's disk


def resize(place: Path, size: int, *, again: bool = False) -> bool:
    options = f"{'remount,' if again else ''}size={size}"
    words = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("files", [0, 12], ids=["changes", "files"])
def test_a_hub_on_a_truly_full_disk_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    place, site = tmp_path / "disk", new_site()
    place.mkdir()
    if not resize(place, SMALL):
        pytest.skip("no disk can be mounted here: it needs the administrator's rights")
    monkeypatch.setattr(bounds, "KEPT_FREE", 0)  # so that it is the disk that refuses
    try:
        with hub_here(place / "hub") as hub, laptop(tmp_path / "a", site) as a:
            hub.let_in(a.keys, site.id)
            add_people(a, 40_000 if not files else 10, name="demo person with a long name" * 2)
            add_files(a, files, size=1 << 20)
            try:
                full = sync(a, hub.url)
                assert not full.complete
                said = " ".join(full.not_confirmed)
            except KnownError as error:
                said = error.text
            assert "full" in said
            assert resize(place, LARGE, again=True)
            done = sync(a, hub.url)
            assert (done.complete, done.files_confirmed) == (True, files)
            assert hub.digest(site.id, tmp_path) == a.digest()
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
