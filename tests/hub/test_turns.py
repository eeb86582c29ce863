"""A laptop that wants the hub for itself gets its share, and the others theirs."""

from __future__ import annotations

import contextlib
import http.client
import json
from pathlib import Path

import pytest

from ranger_app.domain.sites import Site
from ranger_app.hub import bounds, turns
from ranger_app.hub.turns import TooMany, Turns
from tests.hub.hubs import LOOPBACK, Caller, Hub, add_files, add_people, laptop, new_site, site_path, sync


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(counts: Turns, who: bytes, times: int) -> int:
    """How many of so many requests are answered."""
    answered = 0
    for _n in range(times):
        with contextlib.suppress(TooMany):
            counts.ask(who)
            answered += 1
    return answered


def test_a_laptop_may_ask_much_at_once_and_so_much_in_the_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BURST", 20)
    monkeypatch.setattr(turns, "A_SECOND", 5.0)
    clock = Clock()
    counts = Turns(clock)
    assert asked(counts, b"greedy", 50) == 20
    assert asked(counts, b"modest", 5) == 5
    clock.now += 2
    assert asked(counts, b"greedy", 50) == 10
    clock.now += 1_000
    assert asked(counts, b"greedy", 50) == 20


def test_very_many_laptops_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "REMEMBERED", 10)
    counts = Turns()
    for number in range(1_000):
        counts.ask(number.to_bytes(16, "big"))
    assert len(counts._left) == 10


def test_uploads_that_ended_make_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "UPLOADS_AT_ONCE", 2)
    counts = Turns()
    with counts.upload(b"a"), counts.upload(b"a"), counts.upload(b"b"):
        assert counts.uploads == 3
        with pytest.raises(TooMany), counts.upload(b"a"):
            pass
    assert counts.uploads == 0
    with counts.upload(b"a"):
        pass


def test_who_asks_too_often_is_told_to_wait(
    hub: Hub, known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "BURST", 3)
    monkeypatch.setattr(turns, "A_SECOND", 0.001)
    known = Caller(hub)
    hub.let_in(known.keys, site.id)
    known.hello(site.id)
    said = [known.ask("GET", site_path(site.id, "directory")) for _n in range(5)]
    assert [one.status for one in said] == [200, 200, 200, 429, 429]
    assert said[-1].headers["retry-after"] == "1"
    assert "share" in json.loads(said[-1].body)["error"]["text"]
    other = Caller(hub)
    hub.let_in(other.keys, site.id)
    other.hello(site.id)
    assert other.ask("GET", site_path(site.id, "directory")).status == 200


def test_hellos_of_strangers_are_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "HELLO_BURST", 0)
    monkeypatch.setattr(turns, "HELLOS_A_SECOND", 0.0)
    caller = Caller(hub)
    assert caller.ask("POST", "/v1/hello", {"key": caller.keys.public_key}).status == 429


def test_an_exchange_goes_on_through_it(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BURST", 3)
    monkeypatch.setattr(turns, "A_SECOND", 100.0)
    with laptop(tmp_path / "a", new_site()) as a:
        add_people(a, 5)
        add_files(a, 10)
        hub.let_in(a.keys, a.site_id)
        done = sync(a, hub.url)
        assert (done.complete, done.files_confirmed) == (True, 10)


def test_slow_bodies_hold_up_nobody_else(
    hub: Hub, known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as one laptop may bring stop coming; its next one is told to wait, another laptop's is not."""
    monkeypatch.setattr(bounds, "IDLE_S", 6.0)
    slow = [_begun(hub, known, site, number) for number in range(turns.UPLOADS_AT_ONCE)]
    headers = {"Upload-Offset": "0", "Upload-Length": "4"}
    path = site_path(site.id, f"files/{'cd' * 32}")
    other = Caller(hub)
    hub.let_in(other.keys, site.id)
    other.hello(site.id)
    tries = (known.ask("PATCH", path, b"ha", headers).status for _n in range(100))
    assert 429 in tries  # which ends at the first
    assert other.ask("PATCH", path, b"ha", headers).status == 204
    for line in slow:
        assert line.getresponse().status == 408
        line.close()


def _begun(hub: Hub, caller: Caller, site: Site, number: int) -> http.client.HTTPConnection:
    line = http.client.HTTPConnection(LOOPBACK, hub.port, timeout=20)
    line.putrequest("PATCH", site_path(site.id, f"files/{number:064x}"))
    line.putheader("Authorization", f"Bearer {caller.token}")
    line.putheader("Upload-Offset", "0")
    line.putheader("Upload-Length", "1000")
    line.putheader("Content-Length", "1000")
    line.endheaders()
    line.send(b"a")
    return line
