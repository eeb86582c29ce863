"""SMART files that are broken or meant to do harm."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app import formats
from ranger_app.domain.errors import BadInput, KnownError
from ranger_app.formats.smart import tree, zips
from tests.formats.gpx_files import codes
from tests.formats.smart_files import day, observation, packed, patrol, read, waypoint, write

WHOLE = patrol()


@given(cut=st.integers(1, len(WHOLE) - 1))
def test_a_cut_patrol_is_refused_and_never_taken_in_half(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "p.xml"
    path.write_text(WHOLE[:cut])
    with pytest.raises(BadInput) as error:
        formats.read(path)
    assert error.value.what_to_do


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE patrol [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    text = patrol(comment="&b;").replace('encoding="UTF-8"?>', f'encoding="UTF-8"?>{bomb}')
    with pytest.raises(BadInput, match="document type"):
        formats.read(write(tmp_path / "p.xml", text))


@pytest.mark.parametrize("count", [100, 200_000])
def test_deep_nesting_is_refused(tmp_path: Path, count: int) -> None:
    deep = "<x>" * count + "</x>" * count
    with pytest.raises(BadInput, match="deeper"):
        formats.read(write(tmp_path / "p.xml", patrol().replace("</patrol>", deep + "</patrol>")))


def test_far_too_many_elements_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_ELEMENTS", 100)
    with pytest.raises(BadInput, match="more elements"):
        formats.read(write(tmp_path / "p.xml", patrol().replace("</patrol>", "<x/>" * 200 + "</patrol>")))


def test_a_file_larger_than_any_patrol_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_BYTES", 1 << 20)
    with pytest.raises(BadInput, match="larger than 1 MB"):
        formats.read(write(tmp_path / "p.xml", patrol(comment="x" * (2 << 20))))


def test_a_wrong_encoding_is_recovered_with_a_doubt(tmp_path: Path) -> None:
    path = tmp_path / "p.xml"
    path.write_bytes(patrol(comment="rivière").encode("cp1252"))
    found = read(path)
    assert found.patrols[0].comment == "rivière"
    assert "encoding" in codes(found)


def test_a_configurable_model_says_what_it_is(shared_data: Path) -> None:
    with pytest.raises(BadInput, match="configurable model"):
        formats.read(shared_data / "formats" / "smart" / "configurablemodel.xml")


# ---- zips


def test_no_name_in_a_zip_is_ever_a_path(tmp_path: Path) -> None:
    inner = f'<attachments filename="../../evil.jpg"/><groups>{observation()}</groups>'
    text = patrol(days=day(waypoints=waypoint(inner=inner)))
    inside, outside = tmp_path / "in", tmp_path / "evil.jpg"
    inside.mkdir()
    path = packed(
        inside / "p.zip",
        {"patrol.xml": text.encode(), "../../evil.jpg": b"x", "/etc/evil": b"y", "C:\\evil.txt": b"z"},
    )
    found = read(path)
    (file,) = found.patrols[0].legs[0].days[0].waypoints[0].files
    assert file.name == "evil.jpg"
    assert file.read() == b"x"
    assert not outside.exists()


def test_a_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.zip", {"patrol.xml": b"<patrol>" + b" " * (40 << 20)})
    monstrous = path.stat().st_size
    assert monstrous < 100_000
    with pytest.raises(BadInput):
        formats.read(path)


def test_a_zip_that_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_TOTAL_BYTES", 100)
    path = packed(tmp_path / "p.zip", {"patrol.xml": patrol().encode()})
    with pytest.raises(BadInput, match="more than any patrol"):
        formats.read(path)


def test_a_zip_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.zip", {"patrol.xml": patrol().encode()})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadInput):
        formats.read(path)


def test_a_locked_zip_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.zip", {"patrol.xml": patrol().encode()})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1  # the flag for encryption
    path.write_bytes(raw)
    with pytest.raises(BadInput, match="damaged or locked"):
        formats.read(path)


def test_a_zip_without_a_patrol_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.zip", {"readme.txt": b"hello"})
    with pytest.raises(BadInput, match="no SMART document"):
        formats.read(path)


def test_an_attachment_that_is_gone_by_the_time_it_is_wanted_says_so(tmp_path: Path) -> None:
    inner = f'<attachments filename="a.jpg"/><groups>{observation()}</groups>'
    text = patrol(days=day(waypoints=waypoint(inner=inner)))
    path = packed(tmp_path / "p.zip", {"patrol.xml": text.encode(), "a.jpg": b"x"})
    (file,) = read(path).patrols[0].legs[0].days[0].waypoints[0].files
    path.unlink()
    with pytest.raises(KnownError, match="could not be read any more"):
        file.read()


@given(st.binary(max_size=300))
def test_any_bytes_after_a_zips_first_four_are_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("zip") / "p.zip"
    path.write_bytes(b"PK\x03\x04" + content)
    with pytest.raises(KnownError):
        formats.read(path, format_id="smart")


def test_a_zip_in_a_zip_is_only_a_file(tmp_path: Path) -> None:
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("patrol.xml", patrol())
    path = packed(tmp_path / "p.zip", {"inner.zip": inner.read_bytes()})
    with pytest.raises(BadInput, match="no SMART document"):
        formats.read(path)
