"""A packet of any origin is checked to the byte, and whatever was done to it is named."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.packets.dossier import Profile
from ranger_app.packets.manifest import canonical, read_manifest
from ranger_app.packets.names import is_safe_path
from ranger_app.packets.verify import verify_packet

PLAN = "evidence/files/E01__Management-plan.pdf"


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "manifest.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("profile", list(Profile))
def test_a_packet_as_it_was_written_is_good(zips: dict[Profile, Path], profile: Profile) -> None:
    verdict = verify_packet(zips[profile])
    assert verdict.good
    assert verdict.problems == ()
    assert verdict.files > 8
    assert verdict.signed_by.startswith("laptop")


def test_an_unpacked_packet_is_good_too(unpacked: Path) -> None:
    assert verify_packet(unpacked).good


def test_one_changed_byte_is_named(unpacked: Path) -> None:
    path = unpacked / PLAN
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    assert verify_packet(unpacked).problems == (f"Changed: {PLAN}.",)


def test_a_longer_file_is_named_without_being_read_to_its_end(unpacked: Path) -> None:
    with (unpacked / "site.json").open("ab") as file:
        file.truncate(50_000_000_000)  # sparse: reading all of it would take minutes
    assert verify_packet(unpacked).problems == ("Changed: site.json.",)


def test_a_missing_and_an_extra_file_are_named(unpacked: Path) -> None:
    (unpacked / "site.json").unlink()
    (unpacked / "evidence" / "extra.txt").write_text("slipped in")
    assert verify_packet(unpacked).problems == ("Not on the list: evidence/extra.txt.", "Missing: site.json.")


def test_a_changed_file_with_a_changed_hash_breaks_the_signature(unpacked: Path) -> None:
    import hashlib

    new = b'{"name": "Other Hills"}'
    (unpacked / "site.json").write_bytes(new)

    def change(document: dict[str, Any]) -> None:
        entry = next(one for one in document["files"] if one["path"] == "site.json")
        entry |= {"sha256": hashlib.sha256(new).hexdigest(), "bytes": len(new)}

    change_manifest(unpacked, change)
    problems = verify_packet(unpacked).problems
    assert len(problems) == 1
    assert "signature does not fit" in problems[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda document: document.pop("signature"), "not signed"),
        (lambda document: document.update(signature="none"), "not signed"),
        (lambda document: document["signature"].update(value="00" * 64), "does not fit"),
        (lambda document: document["signature"].update(value="xyz"), "cannot be read"),
        (lambda document: document["signature"].update(value=3), "cannot be read"),
        (lambda document: document["signature"].update(algorithm="none"), "does not fit"),
        (lambda document: document["site"].update(name="Other Hills"), "does not fit"),
        (lambda document: document.update(profile="public"), "does not fit"),
    ],
)
def test_whatever_is_changed_in_the_manifest_breaks_its_signature(
    unpacked: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    change_manifest(unpacked, change)
    problems = verify_packet(unpacked).problems
    assert len(problems) == 1
    assert said in problems[0]


@pytest.mark.parametrize(
    "path",
    ["../outside.txt", "/etc/passwd", "a\\b.txt", "C:/x", "a/../b", "a//b", "nul.txt", "a/", "x" * 300],
)
def test_a_path_that_leads_out_of_the_packet_is_never_followed(unpacked: Path, path: str) -> None:
    change_manifest(unpacked, lambda document: document["files"][0].update(path=path))
    problems = verify_packet(unpacked).problems
    assert len(problems) == 1
    assert "outside the packet" in problems[0]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema": "ranger-packet/1"}',
        b'{"schema": "ranger-packet/1", "files": {}}', b'{"schema": "ranger-packet/1", "files": [3]}',
        b'{"schema": "ranger-packet/2", "files": []}',
        b'{"schema": "ranger-packet/1", "schema": "ranger-packet/1", "files": []}',
        b'{"schema": "ranger-packet/1", "files": [{"path": "a", "sha256": "zz", "bytes": 1, "class": "c"}]}',
        b'{"schema": "ranger-packet/1", "files": [{"path": "manifest.json"}]}',
    ],
    ids=range(13),
)  # fmt: skip
def test_a_manifest_that_is_none_is_a_sentence(unpacked: Path, content: bytes) -> None:
    (unpacked / "manifest.json").write_bytes(content)
    problems = verify_packet(unpacked).problems
    assert len(problems) == 1
    assert "manifest.json" in problems[0]


def test_names_that_differ_in_case_only_are_refused() -> None:
    one = {"path": "a.txt", "sha256": "00" * 32, "bytes": 1, "class": "content"}
    document = {"schema": "ranger-packet/1", "files": [one, one | {"path": "A.txt"}]}
    with pytest.raises(BadInput, match="twice"):
        read_manifest(canonical(document))


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_link_in_a_folder_is_not_followed(unpacked: Path, tmp_path: Path) -> None:
    content = (unpacked / "site.json").read_bytes()
    (tmp_path / "elsewhere.json").write_bytes(content)
    (unpacked / "site.json").unlink()
    (unpacked / "site.json").symlink_to(tmp_path / "elsewhere.json")
    problems = verify_packet(unpacked).problems
    assert problems == ("Not a plain file: site.json.", "Missing: site.json.")


# ---- hostile zip files


def repacked(packet: Path, target: Path, change: Callable[[zipfile.ZipFile], None]) -> Path:
    """The same packet with something more in it."""
    target.write_bytes(packet.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        change(archive)
    return target


@pytest.mark.parametrize("name", ["../outside.txt", "/abs.txt", "..\\win.txt", "C:\\x.txt"])
def test_a_zip_name_that_leads_out_is_named(zips: dict[Profile, Path], tmp_path: Path, name: str) -> None:
    packet = repacked(zips[Profile.PUBLIC], tmp_path / "p.zip", lambda z: z.writestr(name, "x"))
    problems = verify_packet(packet).problems
    assert any("leads out of the packet" in one for one in problems)


def test_a_name_twice_in_a_zip_is_named(zips: dict[Profile, Path], tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        packet = repacked(zips[Profile.PUBLIC], tmp_path / "p.zip", lambda z: z.writestr("site.json", "{}"))
    assert "The zip file holds a name twice." in verify_packet(packet).problems


def test_a_link_in_a_zip_is_named(zips: dict[Profile, Path], tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    packet = repacked(zips[Profile.PUBLIC], tmp_path / "p.zip", lambda z: z.writestr(info, "/etc/passwd"))
    assert any("Not a plain file" in one for one in verify_packet(packet).problems)


def test_a_bomb_stays_packed(zips: dict[Profile, Path], tmp_path: Path) -> None:
    def packed(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("bomb.txt")
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, b"\0" * 30_000_000)

    packet = repacked(zips[Profile.PUBLIC], tmp_path / "p.zip", packed)
    assert verify_packet(packet).problems == ("Not on the list: bomb.txt.",)


def test_a_zip_that_lies_about_a_size_is_named(zips: dict[Profile, Path], tmp_path: Path) -> None:
    content = bytearray(zips[Profile.PUBLIC].read_bytes())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"site.json"))
    struct.pack_into("<I", content, at + 24, 7)
    packet = tmp_path / "p.zip"
    packet.write_bytes(content)
    assert any("site.json" in one for one in verify_packet(packet).problems)


def test_a_directory_larger_than_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    packet = tmp_path / "p.zip"
    with packet.open("wb") as file:
        file.truncate(3_000_000_000)
        file.seek(0, os.SEEK_END)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 2_900_000_000, 100, 0))
    with pytest.raises(BadInput):
        verify_packet(packet)


@pytest.mark.parametrize("make", ["missing", "empty", "text", "cut"])
def test_what_is_no_packet_is_a_sentence(zips: dict[Profile, Path], tmp_path: Path, make: str) -> None:
    path = tmp_path / "p.zip"
    if make == "empty":
        path.touch()
    if make == "text":
        path.write_text("hello")
    if make == "cut":
        path.write_bytes(zips[Profile.PUBLIC].read_bytes()[:-1000])
    with pytest.raises(BadInput):
        verify_packet(path)


def test_an_empty_folder_is_no_packet(tmp_path: Path) -> None:
    verdict = verify_packet(tmp_path)
    assert not verdict.good
    assert "no packet" in verdict.problems[0]


@given(st.data())
def test_whichever_byte_of_a_zip_is_changed_it_is_found_or_does_no_harm(
    zips: dict[Profile, Path], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A changed byte either shows, or lies in the zip's own padding and leaves every file as it was."""
    content = bytearray(zips[Profile.PUBLIC].read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("flip") / "p.zip"
    path.write_bytes(content)
    try:
        verdict = verify_packet(path)
    except BadInput:
        return
    if verdict.good:
        with zipfile.ZipFile(zips[Profile.PUBLIC]) as before, zipfile.ZipFile(path) as after:
            assert {n: before.read(n) for n in before.namelist()} == {
                n: after.read(n) for n in after.namelist()
            }


@given(st.text(max_size=40))
def test_a_safe_path_never_leaves_its_folder(path: str) -> None:
    if is_safe_path(path):
        assert os.path.normpath(os.path.join("/packet", path)).startswith("/packet/")
        assert "\\" not in path
