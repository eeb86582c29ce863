"""The system's key store opens a workspace by choice, and its absence is a sentence."""

from __future__ import annotations

from pathlib import Path

import keyring.errors
import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.domain.errors import KeyStoreTrouble
from ranger_app.security import key_store
from ranger_app.security.key_store import FILE
from ranger_app.storage.opening import DEVICE_FOLDER

OWN = "the laptop's own words"


class FakeStore:
    """A key store in memory, which can be locked."""

    priority = 5.0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError
        del self.kept[service, username]

    def _look(self) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Ranger.create(tmp_path / "park", site_name="Demo park", passphrase=OWN)[0].close()
    return tmp_path / "park"


def kept(folder: Path, store: FakeStore, *, boss: bool = False) -> None:
    with Ranger.open(folder, passphrase=OWN) as ranger:
        if boss:
            ranger.people.enter(ranger.people.add("Boss demo", roles=["administrator"]))
        ranger.people.keep_key(store=store)
        assert ranger.people.key_is_kept


def test_it_opens_without_typing_and_the_passphrase_still_does(folder: Path, store: FakeStore) -> None:
    kept(folder, store)
    with Ranger.open_kept(folder, store=store) as ranger:
        assert ranger.people.present is None
    Ranger.open(folder, passphrase=OWN).close()


def test_it_opens_as_the_person_who_chose_it(folder: Path, store: FakeStore) -> None:
    kept(folder, store, boss=True)
    with Ranger.open_kept(folder, store=store) as ranger:
        assert ranger.people.present is not None
        assert ranger.people.present.name == "Boss demo"


def test_nothing_that_opens_the_workspace_lies_in_the_folder_or_in_the_store_alone(
    folder: Path, store: FakeStore
) -> None:
    kept(folder, store)
    with Ranger.open(folder, passphrase=OWN) as ranger:
        key = ranger.workspace.keys.database_key
    assert key is not None
    assert key not in (folder / DEVICE_FOLDER / FILE).read_bytes()
    assert all(key.hex() not in word and len(word) == 44 for word in store.kept.values())
    with pytest.raises(KeyStoreTrouble, match="does not hold"):
        Ranger.open_kept(folder, store=FakeStore())


def test_a_locked_store_is_a_sentence(folder: Path, store: FakeStore) -> None:
    kept(folder, store)
    store.locked = True
    with pytest.raises(KeyStoreTrouble, match="locked") as caught:
        Ranger.open_kept(folder, store=store)
    assert "passphrase" in caught.value.what_to_do
    with Ranger.open(folder, passphrase=OWN) as ranger, pytest.raises(KeyStoreTrouble):
        ranger.people.keep_key(store=store)


def test_without_a_store_it_is_said_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    previous = keyring.get_keyring()
    keyring.core.init_backend()
    try:
        assert "no key store" in key_store.available()
        with Ranger.open(folder, passphrase=OWN) as ranger, pytest.raises(KeyStoreTrouble):
            ranger.people.keep_key()
    finally:
        keyring.set_keyring(previous)
    assert not key_store.is_kept(folder / DEVICE_FOLDER)


def test_forgetting_asks_again_and_leaves_nothing_behind(folder: Path, store: FakeStore) -> None:
    kept(folder, store)
    kept(folder, store)
    assert len(store.kept) == 1, "choosing it again replaces what was kept"
    with Ranger.open(folder, passphrase=OWN) as ranger:
        ranger.people.forget_key(store=store)
        ranger.people.forget_key(store=store)
    assert store.kept == {}
    with pytest.raises(KeyStoreTrouble):
        Ranger.open_kept(folder, store=store)


@pytest.mark.parametrize("content", [b"", b"\xa0", b"\x80", b"x" * 9_000, b"\xa1\x64name\x01"])
def test_a_damaged_file_asks_for_the_passphrase(folder: Path, store: FakeStore, content: bytes) -> None:
    kept(folder, store)
    (folder / DEVICE_FOLDER / FILE).write_bytes(content)
    with pytest.raises(KeyStoreTrouble):
        Ranger.open_kept(folder, store=store)


def test_it_is_loaded_when_somebody_asks_for_it_and_not_before() -> None:
    import subprocess
    import sys

    words = "import sys, ranger_app.bootstrap, ranger_app.sync.people.people; print('keyring' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
