"""A passphrase for each person, over the same key of the database."""

from __future__ import annotations

from pathlib import Path

import cbor2
import pytest

from ranger_app.domain.errors import BadInput, NotFound, WorkspaceDamaged, WrongPassphrase
from ranger_app.security.doors import FILE, door_of, doors, keys_of, set_door, shut_doors
from ranger_app.security.keys import DeviceKeys, make_keys, renew, write_keys

ASHA, BEN = b"a" * 16, b"b" * 16


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeviceKeys]:
    """A device's folder with two doors; tests that change it copy it first."""
    folder, keys = tmp_path_factory.mktemp("device"), make_keys(keyed=True)
    write_keys(folder, keys, "the laptop's own words")
    set_door(folder, keys, person=BEN, name="Ben demo", passphrase="ben's own words")
    set_door(folder, keys, person=ASHA, name="Asha demo", passphrase="asha's own words")
    return folder, keys


@pytest.fixture
def folder(sealed: tuple[Path, DeviceKeys], tmp_path: Path) -> Path:
    for one in sealed[0].iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    return tmp_path


def test_each_door_opens_the_same_keys(folder: Path, sealed: tuple[Path, DeviceKeys]) -> None:
    assert [one.name for one in doors(folder)] == ["Asha demo", "Ben demo"]
    assert keys_of(folder, person=ASHA, passphrase="asha's own words") == sealed[1]
    assert keys_of(folder, person=BEN, passphrase="ben's own words") == sealed[1]
    with pytest.raises(WrongPassphrase, match="Asha demo"):
        keys_of(folder, person=ASHA, passphrase="ben's own words")


def test_a_door_cannot_be_passed_off_as_anothers(folder: Path) -> None:
    content = cbor2.loads((folder / FILE).read_bytes())
    for one in content:
        one["person"] = ASHA if one["person"] == BEN else BEN
    (folder / FILE).write_bytes(cbor2.dumps(content))
    with pytest.raises(WrongPassphrase):
        keys_of(folder, person=ASHA, passphrase="ben's own words")


def test_they_still_open_after_the_signing_keys_are_made_anew(
    folder: Path, sealed: tuple[Path, DeviceKeys]
) -> None:
    renewed = renew(folder, sealed[1])
    assert keys_of(folder, person=ASHA, passphrase="asha's own words") == renewed != sealed[1]


def test_a_door_that_is_shut_is_gone(folder: Path) -> None:
    shut_doors(folder, {ASHA})
    assert door_of(folder, "Asha demo") is None
    assert door_of(folder, "Ben demo") is not None
    with pytest.raises(NotFound):
        keys_of(folder, person=ASHA, passphrase="asha's own words")


def test_short_ones_are_refused(folder: Path, sealed: tuple[Path, DeviceKeys]) -> None:
    with pytest.raises(BadInput, match="at least 8"):
        set_door(folder, sealed[1], person=ASHA, name="Asha demo", passphrase="1234567")


@pytest.mark.parametrize(
    "content",
    [b"", b"\x01", b"\xf6", cbor2.dumps([1]), cbor2.dumps([{}]), cbor2.dumps([{"person": b"", "name": 1}])],
)
def test_a_damaged_list_is_a_sentence_and_names_the_file(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    with pytest.raises(WorkspaceDamaged, match=r"doors\.cbor"):
        doors(folder)
