"""A pack comes in whole or not at all, and a hostile zip leaves nothing behind."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, DiskTrouble, NotFound, Refused
from ranger_app.inference import install
from ranger_app.inference.checking import check_pack
from ranger_app.inference.install import install_pack
from ranger_app.inference.packs.finding import find_packs
from tests.inference.tiny import constant_graph, write_pack, yolox_answer

GRAPH = constant_graph(yolox_answer())


@pytest.fixture
def packs_dir(tmp_path: Path) -> Path:
    return tmp_path / "packs"


def zipped(folder: Path, target: Path, *, top: str = "", compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(target, "w", compression) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, top + path.relative_to(folder).as_posix())
    return target


def nothing_left(packs_dir: Path) -> bool:
    return not packs_dir.exists() or not list(packs_dir.iterdir())


@pytest.mark.parametrize("top", ["", "tiny/", "some folder/tiny/"])
def test_a_zip_is_installed_with_or_without_a_folder_around_it(
    tmp_path: Path, packs_dir: Path, top: str
) -> None:
    folder = write_pack(tmp_path / "tiny", GRAPH, files={"texts/card.txt": b"card"})
    pack = install_pack(zipped(folder, tmp_path / "tiny.zip", top=top), packs_dir)
    assert pack.folder == packs_dir / "tiny-1"
    assert check_pack(pack.folder) == []
    assert (pack.folder / "texts" / "card.txt").read_bytes() == b"card"
    assert [path.name for path in packs_dir.iterdir()] == ["tiny-1"]


def test_a_folder_is_copied_without_litter(tmp_path: Path, packs_dir: Path) -> None:
    folder = write_pack(tmp_path / "tiny", GRAPH)
    (folder / ".DS_Store").write_bytes(b"x")
    pack = install_pack(folder, packs_dir)
    assert sorted(path.name for path in pack.folder.iterdir()) == ["labels.csv", "model.onnx", "pack.toml"]
    assert folder.exists()


def test_the_same_pack_again_is_no_fault_and_another_with_its_name_is_refused(
    tmp_path: Path, packs_dir: Path
) -> None:
    folder = write_pack(tmp_path / "tiny", GRAPH)
    first = install_pack(folder, packs_dir)
    assert install_pack(folder, packs_dir) == first
    other = write_pack(tmp_path / "other", GRAPH, changes={'en = "Tiny"': 'en = "Other"'})
    with pytest.raises(Refused, match="installed already"):
        install_pack(other, packs_dir)
    assert find_packs([packs_dir])[0].pack == first


def test_a_spoilt_pack_leaves_nothing_behind(tmp_path: Path, packs_dir: Path) -> None:
    folder = write_pack(tmp_path / "tiny", GRAPH)
    (folder / "model.onnx").write_bytes(GRAPH[:-1])
    with pytest.raises(BadInput, match="bytes and should have"):
        install_pack(folder, packs_dir)
    with pytest.raises(BadInput, match="bytes and should have"):
        install_pack(zipped(folder, tmp_path / "tiny.zip"), packs_dir)
    assert nothing_left(packs_dir)


def test_a_pack_that_answers_with_no_numbers_is_not_taken(tmp_path: Path, packs_dir: Path) -> None:
    answer = yolox_answer()
    answer[0, 3, 4] = float("nan")
    folder = write_pack(tmp_path / "tiny", constant_graph(answer))
    assert check_pack(folder) == []  # only running it tells
    with pytest.raises(BadInput, match="NaN"):
        install_pack(folder, packs_dir)
    assert nothing_left(packs_dir)


def hostile(tmp_path: Path, name: str, raw: bytes = b"x", *, link: bool = False) -> Path:
    folder = write_pack(tmp_path / "tiny", GRAPH)
    target = zipped(folder, tmp_path / "hostile.zip")
    entry = zipfile.ZipInfo(name)
    if link:
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(entry, raw)
    return target


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/evil.txt",
        "a/../../evil.txt",
        "..\\evil.txt",
        "C:\\evil.txt",
        "C:evil.txt",
        "a\nb.txt",
    ],
)
def test_names_that_lead_out_of_the_pack_are_refused(tmp_path: Path, packs_dir: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"outside the pack|not listed"):
        install_pack(hostile(tmp_path, name), packs_dir)
    assert nothing_left(packs_dir)
    assert not list(tmp_path.rglob("*evil*"))


def test_links_in_a_zip_are_refused(tmp_path: Path, packs_dir: Path) -> None:
    with pytest.raises(BadInput, match="outside the pack"):
        install_pack(hostile(tmp_path, "link.txt", b"/etc/passwd", link=True), packs_dir)
    assert nothing_left(packs_dir)


def test_the_same_name_twice_or_in_other_letters_is_refused(tmp_path: Path, packs_dir: Path) -> None:
    with pytest.raises(BadInput, match="twice"):
        install_pack(hostile(tmp_path, "Labels.CSV"), packs_dir)
    assert nothing_left(packs_dir)


def test_a_bomb_is_refused_by_what_it_claims(
    tmp_path: Path, packs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "PACK_BYTES_AT_MOST", 1_000_000)
    with pytest.raises(BadInput, match="more than a model pack may hold"):
        install_pack(hostile(tmp_path, "bomb.txt", bytes(2_000_000)), packs_dir)
    assert nothing_left(packs_dir)


def test_a_bomb_that_lies_about_its_size_is_stopped_where_it_lied(tmp_path: Path, packs_dir: Path) -> None:
    target = hostile(tmp_path, "bomb.txt", bytes(3_000_000))
    raw = bytearray(target.read_bytes())
    size = (3_000_000).to_bytes(4, "little")
    while (place := raw.find(size)) >= 0:
        raw[place : place + 4] = (10).to_bytes(4, "little")
    target.write_bytes(raw)
    with pytest.raises(BadInput):
        install_pack(target, packs_dir)
    assert nothing_left(packs_dir)


def test_very_many_files_are_refused(tmp_path: Path, packs_dir: Path) -> None:
    folder = write_pack(tmp_path / "tiny", GRAPH)
    target = zipped(folder, tmp_path / "many.zip")
    with zipfile.ZipFile(target, "a") as archive:
        for place in range(600):
            archive.writestr(f"f{place}.txt", b"")
    with pytest.raises(BadInput, match="more than a model pack may hold"):
        install_pack(target, packs_dir)


def test_a_table_of_contents_that_would_fill_the_memory_is_not_read(tmp_path: Path, packs_dir: Path) -> None:
    target = zipped(write_pack(tmp_path / "tiny", GRAPH), tmp_path / "tiny.zip")
    raw = bytearray(target.read_bytes())
    raw[-10:-6] = (500_000_000).to_bytes(4, "little")
    target.write_bytes(raw)
    with pytest.raises(BadInput, match="more than a model pack may hold"):
        install_pack(target, packs_dir)


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 and no more", b"hello"])
def test_what_is_no_zip_is_told_so(tmp_path: Path, packs_dir: Path, raw: bytes) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(raw)
    with pytest.raises(BadInput, match="no whole zip"):
        install_pack(path, packs_dir)
    assert nothing_left(packs_dir)


def test_a_zip_cut_or_damaged_anywhere_leaves_nothing_behind(tmp_path: Path) -> None:
    whole = zipped(write_pack(tmp_path / "tiny", GRAPH), tmp_path / "tiny.zip").read_bytes()
    path = tmp_path / "spoilt.zip"
    for place in range(0, len(whole), 61):
        for raw in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]):
            path.write_bytes(raw)
            packs_dir = tmp_path / f"packs {place} {len(raw)}"
            if installs(path, packs_dir):  # a byte that nothing reads, such as a time
                assert check_pack(packs_dir / "tiny-1") == []
            else:
                assert nothing_left(packs_dir)


def installs(path: Path, packs_dir: Path) -> bool:
    """Whether it does; any error but a sentence about the file is a bug and is left to fly."""
    try:
        install_pack(path, packs_dir)
    except BadInput:
        return False
    return True


def test_a_zip_without_or_with_two_manifests_is_refused(tmp_path: Path, packs_dir: Path) -> None:
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    path = tmp_path / "pack.zip"
    path.write_bytes(store.getvalue())
    with pytest.raises(BadInput, match=r"must hold one pack\.toml"):
        install_pack(path, packs_dir)
    folder = write_pack(tmp_path / "tiny", GRAPH)
    zipped(folder, path, top="a/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b/pack.toml", b"")
    with pytest.raises(BadInput, match=r"must hold one pack\.toml"):
        install_pack(path, packs_dir)


def test_what_a_killed_installation_left_is_swept_away_and_one_under_way_is_not(
    tmp_path: Path, packs_dir: Path
) -> None:
    for name in ("old", "new"):
        (packs_dir / f".incoming-{name}" / "pack").mkdir(parents=True)
    os.utime(packs_dir / ".incoming-old", (0, 0))
    install_pack(write_pack(tmp_path / "tiny", GRAPH), packs_dir)
    assert sorted(path.name for path in packs_dir.iterdir()) == [".incoming-new", "tiny-1"]


def test_nothing_at_the_place_is_said(tmp_path: Path, packs_dir: Path) -> None:
    with pytest.raises(NotFound, match="no model pack at"):
        install_pack(tmp_path / "nowhere.zip", packs_dir)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, packs_dir: Path) -> None:
    packs_dir.mkdir()
    packs_dir.chmod(0o500)
    with pytest.raises(DiskTrouble, match="could not be put"):
        install_pack(write_pack(tmp_path / "tiny", GRAPH), packs_dir)


def test_a_place_that_is_a_file_is_told(tmp_path: Path) -> None:
    place = tmp_path / "packs"
    place.write_text("not a folder")
    with pytest.raises(DiskTrouble, match="could not be put"):
        install_pack(write_pack(tmp_path / "tiny", GRAPH), place)
