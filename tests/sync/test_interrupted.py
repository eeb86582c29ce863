"""A pulled stick, a killed program, a full disk: what was done is of use, and is gone on with."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ranger_app.domain.errors import DiskTrouble
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.storage import Workspace
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles import stick as sticks_of
from ranger_app.sync.bundles.cargo import Originals
from ranger_app.sync.bundles.journal import Journal
from ranger_app.sync.bundles.looking import look_at
from ranger_app.sync.bundles.manifest import HEAD_NAME, MANIFEST_NAME, Part
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.showing import acquaintance, show_bundle
from ranger_app.sync.bundles.stick import OnStick, StickFolder
from ranger_app.sync.bundles.telling import shown_words, written_words
from ranger_app.sync.bundles.writing import PART_BYTES, RESERVE, plan_bundle, write_bundle
from tests.builders import a_patrol, quiet
from tests.storage.test_killed import doomed, killed_after
from tests.sync.park import SITE, Park, add, numbers
from tests.sync.sealed import add_photos, photos_here, read, sealed_park, write
from tests.sync.sticks import small_parts

KILLS = 4
MANY_KILLS = 60
MOMENT_S = 0.1


@pytest.fixture
def park() -> Iterator[Park]:
    with sealed_park() as made:
        yield made


class Pulled(StickFolder):
    """A stick that goes away when so many parts are on it."""

    left = 3

    def name(self, aside: OnStick) -> OnStick:
        if aside.name.startswith("P") and type(self).left == 0:
            self.stick.rename(self.stick.with_name("somewhere else"))
        type(self).left -= aside.name.startswith("P")
        return super().name(aside)


def stop_after(ticks: int, act: Callable[[], None] = lambda: None) -> Work:
    """Work that is stopped, or where something happens, at its n-th tick."""
    seen = 0

    def report(_progress: Progress) -> None:
        nonlocal seen
        seen += 1
        if seen == ticks:
            act()
            work.cancel()

    work = Work(report)
    return work


def test_a_writing_that_was_stopped_is_gone_on_with(park: Park, tmp_path: Path) -> None:
    with small_parts():
        with pytest.raises(Cancelled):
            write_bundle(park["office"], tmp_path, stop_after(8))
        (folder,) = (tmp_path / "RANGERSYNC").iterdir()
        before = {path.name: path.stat().st_mtime_ns for path in folder.glob("P*.RSB")}
        assert before
        assert not (folder / MANIFEST_NAME).exists()
        shown = show_bundle(folder, acquaintance(park["office"]), quiet())
        assert any("not finished" in words for words in shown_words(shown))
        add(park["office"], a_patrol(SITE, "P-2"))
        done = write(park["office"], tmp_path)
    assert done.resumed
    assert done.folder == folder
    assert written_words(done)[0].startswith("Went on with")
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("P*.RSB")}
    assert before.items() <= after.items(), "a part that was there was written again"
    found = read(park["post"], tmp_path)
    assert (found.missing_parts, found.damaged) == ([], 0)
    assert numbers(park["post"]) == {"P-1", "P-2"}
    assert photos_here(park["post"]) == 3
    assert park["post"].digest() == park["office"].digest()
    assert not write(park["office"], tmp_path).resumed


def test_a_writing_that_ends_before_its_first_note_is_gone_on_with(
    park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_parts():
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "note", _ended)
            with pytest.raises(KeyboardInterrupt):
                write(park["office"], tmp_path)
        (folder,) = (tmp_path / "RANGERSYNC").iterdir()
        assert list(folder.glob("P*.RSB"))
        done = write(park["office"], tmp_path)
    assert (done.resumed, done.folder) == (True, folder)
    assert read(park["post"], tmp_path).missing_parts == []
    assert park["post"].digest() == park["office"].digest()


def _ended(_journal: Journal, _part: Part, _listed: bytes) -> None:
    raise KeyboardInterrupt


def test_what_does_not_read_any_more_is_written_again(park: Park, tmp_path: Path) -> None:
    with small_parts():
        with pytest.raises(Cancelled):
            write_bundle(park["office"], tmp_path, stop_after(8))
        (folder,) = (tmp_path / "RANGERSYNC").iterdir()
        first, second, *_rest = sorted(folder.glob("P*.RSB"))
        first.unlink()
        second.write_bytes(second.read_bytes()[:-1] + b"!")
        assert write(park["office"], tmp_path).resumed
    assert read(park["post"], tmp_path).missing_parts == []
    assert park["post"].digest() == park["office"].digest()


def test_for_other_keys_a_new_bundle_is_begun(tmp_path: Path) -> None:
    with sealed_park("post", "gate") as park, small_parts():
        with pytest.raises(Cancelled):
            write_bundle(park["office"], tmp_path, stop_after(8))
        park.devices("office").revoke(park["gate"].keys.replica)
        assert not write(park["office"], tmp_path).resumed
        assert len(list((tmp_path / "RANGERSYNC").iterdir())) == 2
        read(park["post"], tmp_path)
        assert photos_here(park["post"]) == 3


def test_without_its_note_the_rest_is_a_bundle_of_its_own(park: Park, tmp_path: Path) -> None:
    with small_parts(), pytest.raises(Cancelled):
        write_bundle(park["office"], tmp_path, stop_after(8))
    shutil.rmtree(park["office"].cache)
    assert not write(park["office"], tmp_path).resumed
    assert read(park["post"], tmp_path).missing_parts == []
    assert photos_here(park["post"]) == 3


def test_a_stick_that_is_pulled_while_it_is_written(
    park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranger_app.sync.bundles import writing

    monkeypatch.setattr(writing, "StickFolder", Pulled)
    with small_parts(), pytest.raises(DiskTrouble, match="not there, or went away"):
        write(park["office"], tmp_path / "stick")
    monkeypatch.undo()
    assert write(park["office"], tmp_path / "stick").parts
    assert read(park["post"], tmp_path / "stick").missing_parts == []


def test_a_stick_that_is_pulled_while_it_is_read(park: Park, tmp_path: Path) -> None:
    stick, copy = tmp_path / "stick", tmp_path / "copy"
    with small_parts():
        write(park["office"], stick)
    shutil.copytree(stick, copy)
    with pytest.raises((DiskTrouble, Cancelled)):
        read_bundles(park["post"], stick, stop_after(6, lambda: shutil.rmtree(stick)))
    assert verify(park["post"], quiet()).problems == []
    assert read(park["post"], copy).missing_parts == []
    assert park["post"].digest() == park["office"].digest()


def test_a_stick_that_forgets_what_was_written_is_noticed(
    park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cheap ones say that they hold more than they do."""
    real = sticks_of.forget_cached

    def forgetful(path: Path) -> None:
        if path.name.startswith("P"):
            os.truncate(path, path.stat().st_size // 2)
            with open(path, "ab") as longer:
                longer.write(bytes(path.stat().st_size))
        real(path)

    monkeypatch.setattr(sticks_of, "forget_cached", forgetful)
    with pytest.raises(DiskTrouble, match="does not hold what was written"):
        write(park["office"], tmp_path)


def test_what_does_not_fit_is_said_before_anything_is_written(
    park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranger_app.sync.bundles import writing
    from ranger_app.sync.bundles.heard import NOTHING_KNOWN

    add_photos(park["office"], 5, size=100_000, first=10)
    free = RESERVE + 200_000
    monkeypatch.setattr(writing, "free_bytes", lambda _place: free)
    plan = plan_bundle(park["office"], tmp_path, NOTHING_KNOWN, quiet())
    assert (plan.fits, plan.changes_fit) == (False, True)
    with pytest.raises(DiskTrouble, match=r"no room on .*: .* are needed and .* are free"):
        write(park["office"], tmp_path)
    assert not list(tmp_path.rglob("P*.RSB"))
    assert write(park["office"], tmp_path, originals=Originals.NONE).files == 0
    free += PART_BYTES
    done = write(park["office"], tmp_path, originals=Originals.FIT)
    assert 0 < done.files + done.files_left_out == 8
    free = 1_000
    with pytest.raises(DiskTrouble):
        write(park["office"], tmp_path, originals=Originals.NONE)


def give_until_done(park: Park, stick: Path, chance: random.Random, kills: int) -> None:
    """Write a bundle with a program that is killed again and again, then once in peace."""
    folder = park["office"].folder
    park["office"].close()
    for _ in range(kills):
        with doomed("give", folder, stick) as program:
            killed_after(program, chance.randrange(12), chance.random() * MOMENT_S)
    park.opened("office", Workspace.open(folder))
    with small_parts():
        done = write(park["office"], stick)
    for left in stick.rglob("*.TMP"):
        assert not (left.parent / HEAD_NAME).exists(), "a bundle that is known as ours was left unfinished"
    assert (done.folder / MANIFEST_NAME).exists()
    found = read(park["post"], stick)
    assert found.damaged == 0
    assert park["post"].digest() == park["office"].digest()
    assert photos_here(park["post"]) == photos_here(park["office"])


def test_a_killed_writing_is_gone_on_with(park: Park, tmp_path: Path) -> None:
    give_until_done(park, tmp_path, random.Random(2026), KILLS)


@pytest.mark.soak
def test_a_writing_that_is_killed_very_often(park: Park, tmp_path: Path) -> None:
    add_photos(park["office"], 40, first=10)
    give_until_done(park, tmp_path, random.Random(7), MANY_KILLS)


def test_on_a_truly_full_stick(park: Park, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={RESERVE + PART_BYTES + 300_000}", "none", place],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here: it needs the administrator's rights")
    try:
        add_photos(park["office"], 40, size=20_000_000 // 8, first=10)
        with pytest.raises(DiskTrouble, match="no room"):
            write(park["office"], place)
        done = write(park["office"], place, originals=Originals.FIT)
        assert done.files_left_out
        found = read(park["post"], place)
        assert (found.missing_parts, found.files_new) == ([], done.files)
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_stick_that_is_gone_is_told_of_by_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(DiskTrouble, match="“DEMO STICK” is not there"):
        look_at(tmp_path / "DEMO STICK" / "RANGERSYNC" / "ABCDEFGH", ())
