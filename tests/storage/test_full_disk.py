"""A disk that is full, wherever that happens: a sentence, nothing half-written, then everything works."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ranger_app.domain.errors import DiskTrouble
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.backups import backups
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_patrol, a_photo, a_workspace, quiet

resource = pytest.importorskip("resource")
KIB = 1 << 10
PAGE = 4 * KIB


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Every write beyond this size fails, as it does where a file system is full or cannot hold the file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def counts(workspace: Workspace) -> tuple[int, int]:
    with workspace.reading() as data:
        return data.count(Patrol), data.count(Photo)


def add_patrols(workspace: Workspace, many: int = 400) -> None:
    with workspace.unit("add") as unit:
        unit.add_many(a_patrol(workspace.site_id, f"DEM-{n}", comment="words " * 30) for n in range(many))


def try_at_every_write(act: Callable[[], None], unharmed: Callable[[], None], *, sizes: range) -> int:
    """Do it with files allowed to grow to each of these sizes, until it succeeds; how often it failed."""
    for failed, size in enumerate(sizes):
        error = trouble(act, size)
        if error is None:
            return failed
        assert error.text.endswith(".")
        assert error.what_to_do
        unharmed()
    raise AssertionError("it never succeeded")


def trouble(act: Callable[[], None], size: int) -> DiskTrouble | None:
    try:
        with no_file_beyond(size):
            act()
    except DiskTrouble as error:
        return error
    return None


def test_a_unit_is_written_wholly_or_not_at_all(workspace: Workspace) -> None:
    before, digest = counts(workspace), workspace.digest()

    def unharmed() -> None:
        assert counts(workspace) == before
        assert workspace.digest(afresh=True) == digest

    failed = try_at_every_write(
        lambda: add_patrols(workspace), unharmed, sizes=range(0, 4_000 * KIB, 12 * PAGE)
    )
    assert failed > 5
    assert counts(workspace) == (400, 0)
    assert verify(workspace, quiet()).problems == []
    add_patrols(workspace, 3)


def test_a_backup_is_whole_or_not_there(workspace: Workspace, tmp_path: Path) -> None:
    add_patrols(workspace)
    workspace.digest()
    stick = tmp_path / "stick"

    def unharmed() -> None:
        assert backups(stick) == []
        assert not list(stick.glob("*"))

    failed = try_at_every_write(
        lambda: void(workspace.back_up(stick)), unharmed, sizes=range(64 * KIB, 4_000 * KIB, 8 * PAGE)
    )
    assert failed > 3
    assert len(backups(stick)) == 1


def test_a_file_is_whole_or_not_there(workspace: Workspace) -> None:
    content = os.urandom(300 * KIB)

    def unharmed() -> None:
        assert list(workspace.files.stored()) == []
        assert not list((workspace.folder / "files").glob("incoming/*"))

    failed = try_at_every_write(
        lambda: void(workspace.files.add_bytes(content)), unharmed, sizes=range(0, 400 * KIB, 16 * PAGE)
    )
    assert failed > 2
    assert len(list(workspace.files.stored())) == 1


def test_a_bundle_leaves_whole_parts_alone(workspace: Workspace, tmp_path: Path) -> None:
    with workspace.unit("photos") as unit:
        for n in range(3):
            file = workspace.files.add_bytes(bytes([n]) * 200 * KIB)
            unit.add(a_photo(workspace.site_id, file.sha256))
    sticks = iter(tmp_path / f"stick{n}" for n in range(1_000))
    used: list[Path] = []

    def write() -> None:
        used.append(next(sticks))
        write_bundle(workspace, used[-1], quiet())

    def unharmed() -> None:
        assert not list(used[-1].rglob("*.TMP"))

    assert try_at_every_write(write, unharmed, sizes=range(0, 900 * KIB, 30 * PAGE)) > 3
    with a_workspace(tmp_path / "other.ranger") as other:
        assert read_bundles(other, used[-1], quiet()).files_new == 3
        assert counts(other) == (0, 3)


def test_reading_a_bundle_keeps_what_was_taken_and_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    add_patrols(workspace)
    write_bundle(workspace, tmp_path / "stick", quiet())
    with a_workspace(tmp_path / "other.ranger") as other:

        def unharmed() -> None:
            assert counts(other)[0] in (0, 400)
            assert verify(other, quiet()).problems == []

        failed = try_at_every_write(
            lambda: void(read_bundles(other, tmp_path / "stick", quiet())),
            unharmed,
            sizes=range(0, 4_000 * KIB, 24 * PAGE),
        )
        assert failed > 2
        assert counts(other)[0] == 400
        unharmed()


def test_a_workspace_that_cannot_be_made_is_not_there(tmp_path: Path) -> None:
    place = tmp_path / "new.ranger"

    def unharmed() -> None:
        assert not place.exists()

    failed = try_at_every_write(
        lambda: a_workspace(place).close(), unharmed, sizes=range(0, 4_000 * KIB, 24 * PAGE)
    )
    assert failed > 2
    Workspace.open(place).close()


def void(_: object) -> None:
    """For the sake of its effect."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with a few megabytes, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=5m", "none", place], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here: it needs the administrator's rights")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Use up the disk but for this many bytes."""
    filler = disk / "filler"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    filler.write_bytes(bytes(max(0, free - leave)))
    return filler


def test_on_a_truly_full_disk_too(small_disk: Path, tmp_path: Path) -> None:
    with a_workspace(small_disk / "demo.ranger") as made, a_workspace(tmp_path / "other.ranger") as other:
        add_patrols(other)
        write_bundle(other, tmp_path / "stick", quiet())
        add_patrols(made, 5)
        digest = made.digest()
        filler = fill(small_disk, leave=60 * KIB)
        acts: list[Callable[[], object]] = [
            lambda: add_patrols(made, 2_000),
            lambda: made.files.add_bytes(os.urandom(500 * KIB)),
            lambda: made.back_up(),
            lambda: write_bundle(made, small_disk / "stick", quiet()),
            lambda: read_bundles(made, tmp_path / "stick", quiet()),
        ]
        for act in acts:
            with pytest.raises(DiskTrouble):
                act()
            assert counts(made) == (5, 0)
            assert made.digest(afresh=True) == digest
        filler.unlink()
        add_patrols(made, 10)
        read_bundles(made, tmp_path / "stick", quiet())
        assert counts(made)[0] == 415
        assert made.back_up().exists()
        assert verify(made, quiet()).problems == []


def test_a_workspace_on_a_disk_that_cannot_be_written_to(small_disk: Path) -> None:
    a_workspace(small_disk / "demo.ranger").close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(DiskTrouble, match="cannot be written to"):
        Workspace.open(small_disk / "demo.ranger")
    with pytest.raises(DiskTrouble, match="cannot be written to"):
        a_workspace(small_disk / "new.ranger")
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    Workspace.open(small_disk / "demo.ranger").close()
