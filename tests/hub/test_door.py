"""Who is let in at the hub's door: challenges, tokens, the keeper's list and the site's own directory."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from ranger_app.domain.ids import Id, new_id
from ranger_app.hub.door import CHALLENGE_S, TOKEN_S, Door, NoToken
from ranger_app.hub.folder_shelf import FolderShelf
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.sync.hub.wire import hello_text
from ranger_app.sync.people.admission import Admissions, Card


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys() -> DeviceKeys:
    return make_keys(keyed=False)


def a_door(folder: Path, clock: Clock) -> Door:
    return Door(make_keys(keyed=False), Admissions(folder), FolderShelf(folder), clock)


def enter(door: Door, keys: DeviceKeys, challenge: bytes) -> str:
    signature = keys.sign(hello_text(door.keys.public_key, challenge, keys.public_key))
    return door.enter(keys.public_key, challenge, signature)


def test_a_signed_challenge_opens_the_door_for_an_hour(
    tmp_path: Path, clock: Clock, keys: DeviceKeys
) -> None:
    door = a_door(tmp_path, clock)
    token = enter(door, keys, door.challenge(keys.public_key))
    clock.now += TOKEN_S - 1
    assert door.caller(f"Bearer {token}") == keys.replica
    clock.now += 2
    with pytest.raises(NoToken):
        door.caller(f"Bearer {token}")


def test_a_challenge_is_worth_nothing_after_a_minute(tmp_path: Path, clock: Clock, keys: DeviceKeys) -> None:
    door = a_door(tmp_path, clock)
    challenge = door.challenge(keys.public_key)
    clock.now += CHALLENGE_S + 1
    with pytest.raises(NoToken):
        enter(door, keys, challenge)


def test_a_hello_recorded_at_one_hub_opens_no_other(tmp_path: Path, clock: Clock, keys: DeviceKeys) -> None:
    first, second = a_door(tmp_path, clock), a_door(tmp_path, clock)
    challenge = first.challenge(keys.public_key)
    signature = keys.sign(hello_text(first.keys.public_key, challenge, keys.public_key))
    with pytest.raises(NoToken):
        second.enter(keys.public_key, challenge, signature)
    token = first.enter(keys.public_key, challenge, signature)
    with pytest.raises(NoToken):
        second.caller(f"Bearer {token}")


def test_a_hub_cannot_use_a_laptops_hello_at_another_hub(
    tmp_path: Path, clock: Clock, keys: DeviceKeys
) -> None:
    """One that passes on the other's challenge gets a signature that names itself."""
    honest, between = a_door(tmp_path, clock), make_keys(keyed=False)
    challenge = honest.challenge(keys.public_key)
    signature = keys.sign(hello_text(between.public_key, challenge, keys.public_key))
    with pytest.raises(NoToken):
        honest.enter(keys.public_key, challenge, signature)


def test_two_workers_with_the_hubs_keys_know_each_others_tokens(
    tmp_path: Path, clock: Clock, keys: DeviceKeys
) -> None:
    first = a_door(tmp_path, clock)
    second = Door(first.keys, Admissions(tmp_path), FolderShelf(tmp_path), clock)
    token = enter(second, keys, first.challenge(keys.public_key))
    assert first.caller(f"Bearer {token}") == keys.replica


def test_a_token_says_nothing_but_who_and_until_when(tmp_path: Path, clock: Clock, keys: DeviceKeys) -> None:
    door = a_door(tmp_path, clock)
    raw = urlsafe_b64decode(enter(door, keys, door.challenge(keys.public_key)))
    assert raw[8:24] == keys.replica
    assert len(raw) == 56


def test_a_laptop_gets_the_sites_that_it_was_let_in_to_and_no_others(
    tmp_path: Path, clock: Clock, keys: DeviceKeys
) -> None:
    door, admissions = a_door(tmp_path, clock), Admissions(tmp_path)
    mine, other = new_id(), new_id()
    admissions.allow(Card(keys.public_key), sites=[mine])
    assert door.granted(keys.replica, [other]) == [mine]
    admissions.allow(Card(keys.public_key), sites=[other])
    assert door.granted(keys.replica, []) == sorted([mine, other])


def test_a_file_that_was_tampered_with_lets_nobody_in(tmp_path: Path, keys: DeviceKeys) -> None:
    admissions, site = Admissions(tmp_path), new_id()
    admissions.allow(Card(keys.public_key), sites=[site])
    (path,) = (tmp_path / "admitted").glob("*.json")
    other = make_keys(keyed=False)
    whole = path.read_text(encoding="utf-8")
    for damaged in (
        "",
        "[]",
        "{",
        "[" * 100_000,
        whole.replace(keys.public_key.hex(), other.public_key.hex()),
        whole.replace('"all_sites": false', '"all_sites": 1').replace("sites", "places"),
    ):
        path.write_text(damaged, encoding="utf-8")
        assert admissions.find(keys.replica) is None
    path.rename(path.with_name(f"{other.replica.hex()}.json"))
    path.with_name(f"{other.replica.hex()}.json").write_text(whole, encoding="utf-8")
    assert admissions.find(other.replica) is None


def test_all_sites_means_those_that_are_there_and_those_to_come(
    tmp_path: Path, clock: Clock, keys: DeviceKeys
) -> None:
    door, admissions = a_door(tmp_path, clock), Admissions(tmp_path)
    admissions.allow(Card(keys.public_key), all_sites=True)
    later = new_id()
    assert admissions.find(keys.replica) is not None
    assert door.may(keys.replica, later)
    assert door.granted(keys.replica, [Id(later)]) == [later]
