"""A card is taken in: wholly, once, in sequences, whatever lies on it and whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.domain.photos import CameraStation, Photo, Sequence
from ranger_app.photos.intake import intake
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.photos.pictures import TAKEN, card_of, jpeg

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def kept(workspace: Workspace) -> list[Photo]:
    with workspace.reading() as data:
        return data.find(Photo, order=("taken_local", "file_name"))


def sequences(workspace: Workspace) -> list[Sequence]:
    with workspace.reading() as data:
        return data.find(Sequence, order=("starts_local",))


# ---- what is taken


def test_a_card_is_taken_in_with_its_times_in_one_sequence(
    photos: Photos, workspace: Workspace, shared_data: Path
) -> None:
    folder = shared_data / "formats" / "camtrap-dp" / "example" / "media"
    taken = photos.add(folder, station="S")
    assert (taken.added, taken.already, taken.sequences, taken.failed) == (10, 0, 1, ())
    # As the data package's own media.csv says; the times in the names are those of the upload.
    first, last = datetime(2021, 4, 11, 20, 43, 9), datetime(2021, 4, 11, 20, 43, 15)
    rows = kept(workspace)
    assert (rows[0].taken_local, rows[-1].taken_local) == (first, last)
    assert {row.time_source for row in rows} == {"exif"}
    assert [(s.starts_local, s.ends_local) for s in sequences(workspace)] == [(first, last)]


def test_truncated_and_print_colour_pictures_are_taken_with_a_note(
    photos: Photos, workspace: Workspace, shared_data: Path
) -> None:
    taken = photos.add(shared_data / "formats" / "photos-hard", station="S")
    assert (taken.added, taken.failed) == (7, ())
    assert {note.file for note in taken.notes} == {
        "african_elephants_cmyk.jpg",
        "african_elephants_truncated_file.jpg",
    }
    assert {row.file_name for row in kept(workspace) if row.note} == {note.file for note in taken.notes}


def test_the_copies_are_the_originals_byte_for_byte(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 5)
    photos.add(card, station="S")
    for row in kept(workspace):
        path = workspace.files.path(row.file)
        assert path is not None
        assert path.read_bytes() == (card / row.file_name).read_bytes()
        assert hashlib.sha256(path.read_bytes()).digest() == row.file


@pytest.mark.parametrize("mode", Mode)
def test_originals_are_never_touched(photos: Photos, tmp_path: Path, mode: Mode) -> None:
    card = card_of(tmp_path / "card", 3)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in card.iterdir()}
    photos.add(card, station="S", mode=mode)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in card.iterdir()} == before


def test_the_same_card_again_adds_nothing(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 4)
    photos.add(card, station="S")
    again = photos.add(card, station="S")
    assert (again.added, again.already, again.sequences) == (0, 4, 0)
    assert len(kept(workspace)) == 4


def test_the_same_picture_twice_on_a_card_is_one_photo(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 1)
    (card / "copy").mkdir()
    shutil.copy(card / "IMG_0000.JPG", card / "copy" / "COPY.JPG")
    taken = photos.add(card, station="S")
    assert (taken.added, taken.already) == (1, 1)


def test_a_photo_that_was_deleted_comes_back_when_its_card_is_added_again(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 2)
    photos.add(card, station="S")
    with workspace.unit("delete") as unit:
        unit.remove(kept(workspace)[0])
    assert photos.add(card, station="S").added == 1
    assert len(kept(workspace)) == 2


def test_two_laptops_that_take_the_same_card_make_the_same_records(tmp_path: Path) -> None:
    from ranger_app.domain.ids import new_id
    from ranger_app.domain.sites import Site

    card = card_of(tmp_path / "card", 6, gap=timedelta(seconds=40))
    site_id = new_id()
    seen = []
    for name in ("one", "two"):
        site = Site(id=site_id, site_id=site_id, name="Demo park")
        with Workspace.create(tmp_path / f"{name}.ranger", site=site) as workspace:
            Photos(workspace).add(card, station="Ridge")
            with workspace.reading() as data:
                seen.append((data.find(Photo), data.find(Sequence), data.find(CameraStation)))
    assert seen[0] == seen[1]


def test_a_station_is_made_once(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    photos.add(card_of(tmp_path / "a", 1), station="Ridge  3 ")
    photos.add(card_of(tmp_path / "b", 1, first=7), station="Ridge 3")
    with workspace.reading() as data:
        assert data.column(CameraStation, "name") == ["Ridge 3"]


# ---- time and order


def test_a_name_says_the_time_when_the_camera_does_not(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "IMG_20240531_082538.jpg").write_bytes(jpeg(taken=None))
    taken = photos.add(tmp_path / "card", station="S")
    (row,) = kept(workspace)
    assert (row.taken_local, row.time_source, row.taken_raw) == (TAKEN, "name", "20240531_082538")
    assert taken.notes == ()


def test_a_photo_without_any_time_is_taken_with_a_note_and_in_no_sequence(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "x.jpg").write_bytes(jpeg(taken=None))
    taken = photos.add(tmp_path / "card", station="S")
    (row,) = kept(workspace)
    assert (row.taken_local, row.time_source, row.sequence_id) == (None, "", None)
    assert (taken.sequences, len(taken.notes)) == (0, 1)


def test_the_gap_between_sequences_can_be_chosen(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 6, gap=timedelta(seconds=20))
    assert photos.add(card, station="S", gap_s=15).sequences == 6


def test_a_card_in_two_parts_gives_the_sequences_of_the_whole(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    late = card_of(tmp_path / "b", 3, first=3, start=TAKEN + timedelta(seconds=90))
    early = card_of(tmp_path / "a", 3)
    between = card_of(tmp_path / "c", 1, first=9, start=TAKEN + timedelta(seconds=45))
    assert photos.add(late, station="S").sequences == 1
    assert photos.add(early, station="S").sequences == 1
    assert len(sequences(workspace)) == 2
    photos.add(between, station="S")
    (whole,) = sequences(workspace)
    assert {row.sequence_id for row in kept(workspace)} == {whole.id}
    assert (whole.starts_local, whole.ends_local) == (TAKEN, TAKEN + timedelta(seconds=92))


def test_pictures_of_two_stations_are_never_one_sequence(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    photos.add(card_of(tmp_path / "a", 2), station="A")
    photos.add(card_of(tmp_path / "b", 2, first=5), station="B")
    assert len(sequences(workspace)) == 2


def test_a_batch_border_does_not_part_a_sequence(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_PHOTOS", 3)
    assert photos.add(card_of(tmp_path / "card", 10), station="S").sequences == 1


# ---- what lies on cards


def test_what_is_no_picture_is_listed_and_the_rest_goes_on(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 2)
    (card / "empty.jpg").write_bytes(b"")
    (card / "notes.txt").write_text("batteries changed")
    (card / "clip.avi").write_bytes(b"RIFF")
    (card / "IMG_0000.THM").write_bytes(jpeg())
    (card / "broken.jpg").write_bytes(jpeg()[:90])
    (card / "noise.jpg").write_bytes(os.urandom(5000))
    (card / "link.jpg").symlink_to(card / "IMG_0000.JPG")
    taken = photos.add(card, station="S")
    assert taken.added == 2
    assert sorted(one.file for one in taken.failed) == sorted(
        ["empty.jpg", "notes.txt", "clip.avi", "IMG_0000.THM", "broken.jpg", "noise.jpg", "link.jpg"]
    )
    assert all(one.text.endswith(".") for one in taken.failed)


def test_hidden_files_are_passed_over_in_silence(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 1)
    (card / "._IMG_0000.JPG").write_bytes(jpeg(5))
    (card / "Thumbs.db").write_bytes(b"x")
    (card / ".Trashes").mkdir()
    (card / ".Trashes" / "old.jpg").write_bytes(jpeg(6))
    taken = photos.add(card, station="S")
    assert (taken.added, taken.failed) == (1, ())


def test_a_link_out_of_the_folder_is_not_followed(photos: Photos, tmp_path: Path) -> None:
    secret = card_of(tmp_path / "elsewhere", 3)
    card = card_of(tmp_path / "card", 1, first=9)
    (card / "more").symlink_to(secret, target_is_directory=True)
    taken = photos.add(card, station="S")
    assert taken.added == 1
    assert [one.file for one in taken.failed] == ["more"]


def test_a_picture_with_another_ending_is_taken_with_a_note(photos: Photos, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "IMG_1.png").write_bytes(jpeg())
    (tmp_path / "card" / "IMG_2").write_bytes(jpeg(2))
    taken = photos.add(tmp_path / "card", station="S")
    assert (taken.added, len(taken.notes)) == (2, 2)


def test_a_file_of_a_gigabyte_is_left_out_unread(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 1)
    with (card / "huge.jpg").open("wb") as huge:
        huge.truncate(2**30)
    taken = photos.add(card, station="S")
    assert (taken.added, [one.file for one in taken.failed]) == (1, ["huge.jpg"])


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode there")
def test_a_name_that_is_no_text_is_taken_and_can_be_shown(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 1)
    (tmp_path / "card" / "IMG_0000.JPG").rename(os.fsdecode(os.fsencode(card) + b"/tigre_\xe9.jpg"))
    taken = photos.add(card, station="S")
    assert taken.added == 1
    assert kept(workspace)[0].file_name == "tigre_\ufffd.jpg"


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_a_name_cannot_steer_the_terminal(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 1)
    (card / "IMG_0000.JPG").rename(card / "a\x1b[2J\n.jpg")
    photos.add(card, station="S")
    assert kept(workspace)[0].file_name == "a\ufffd[2J\ufffd.jpg"


def test_a_workspace_among_the_folders_is_not_mistaken_for_a_card(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    photos.add(card_of(tmp_path / "card", 2), station="S")
    taken = photos.add(tmp_path, station="S")
    assert (taken.added, taken.already) == (0, 2)
    assert [one.file for one in taken.failed] == [workspace.folder.name]


def test_folders_nested_without_end_are_not_followed_to_the_end(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 1)
    deep = card.joinpath(*["d"] * 60)
    card_of(deep, 1, first=3)
    taken = photos.add(card, station="S")
    assert (taken.added, len(taken.failed)) == (1, 1)


@pytest.mark.skipif(IS_ROOT, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_listed(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 2)
    (card / "IMG_0000.JPG").chmod(0)
    taken = photos.add(card, station="S")
    assert (taken.added, [one.file for one in taken.failed]) == (1, ["IMG_0000.JPG"])


# ---- refused


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda tmp: tmp / "nowhere", NotFound),
        (lambda tmp: (tmp / "file").write_bytes(b"x") and tmp / "file", BadInput),
        (lambda tmp: (tmp / "empty").mkdir() or tmp / "empty", BadInput),
        (lambda tmp: tmp / "demo.ranger" / "files", BadInput),
    ],
)
def test_a_folder_that_gives_nothing_is_refused_in_a_sentence(
    photos: Photos,
    workspace: Workspace,
    tmp_path: Path,
    make: Callable[[Path], Path],
    error: type[KnownError],
) -> None:
    with pytest.raises(error) as caught:
        photos.add(make(tmp_path), station="S")
    assert caught.value.text.endswith(".")
    assert caught.value.what_to_do
    with workspace.reading() as data:
        assert data.count(CameraStation) == 0


@pytest.mark.parametrize("station", ["", "  ", "x" * 101, "a\x00b"])
def test_a_station_needs_a_name(photos: Photos, tmp_path: Path, station: str) -> None:
    with pytest.raises(BadInput):
        photos.add(card_of(tmp_path / "card", 1), station=station)


# ---- left in place


def test_linked_pictures_are_not_copied_and_are_found_where_they_lie(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 2)
    taken = photos.add(card, station="S", mode=Mode.LINK)
    assert taken.added == 2
    for row in kept(workspace):
        assert not workspace.files.has(row.file)
        assert workspace.files.path(row.file) == card / row.file_name


def test_a_linked_picture_that_changed_is_not_given_out(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 1)
    photos.add(card, station="S", mode=Mode.LINK)
    (card / "IMG_0000.JPG").write_bytes(jpeg(99))
    assert workspace.files.path(kept(workspace)[0].file) is None


def test_a_linked_folder_that_moved_is_found_when_it_is_added_again(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 1)
    photos.add(card, station="S", mode=Mode.LINK)
    moved = card.rename(tmp_path / "moved")
    assert photos.add(moved, station="S", mode=Mode.LINK).already == 1
    assert workspace.files.path(kept(workspace)[0].file) == moved / "IMG_0000.JPG"


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode there")
def test_a_place_that_is_no_text_cannot_be_linked_to_and_is_listed(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 2)
    (card / "IMG_0000.JPG").rename(os.fsdecode(os.fsencode(card) + b"/tigre_\xe9.jpg"))
    taken = photos.add(card, station="S", mode=Mode.LINK)
    assert (taken.added, len(taken.failed)) == (1, 1)
