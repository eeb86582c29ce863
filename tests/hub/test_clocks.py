"""A hub's clock may be wrong by a century: exchanges come to their end, and receipts say what they say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput
from ranger_app.hub import changes
from ranger_app.hub.door import CHALLENGE_S, TOKEN_S, Door
from ranger_app.security.keys import make_keys, replica_of
from ranger_app.storage.exchange.carrying import NOTHING, reaches
from ranger_app.sync.hub.memory import remembered
from ranger_app.sync.hub.receipts import TRUSTED_MS, Receipts
from ranger_app.sync.hub.seen import see_hub
from ranger_app.sync.hub.wire import Receipt, hello_text, read_receipt, sign_receipt
from tests.hub.hubs import Caller, Hub, add_files, add_people, hub_here, laptop, new_site, site_path, sync

YEAR_S = 365.25 * 24 * 3_600


class WrongClock:
    """The hub's clock, set by a test."""

    def __init__(self) -> None:
        self.wrong_s = 0.0

    def __call__(self) -> float:
        return max(time.time() + self.wrong_s, 0.0)

    def ms(self) -> int:
        return int(self() * 1_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> WrongClock:
    clock = WrongClock()
    monkeypatch.setattr(Door.__init__, "__defaults__", (clock,))
    monkeypatch.setattr(changes, "wall_ms", clock.ms)
    return clock


@pytest.mark.parametrize("years", [-200, -20, 80], ids=["1970", "long ago", "far ahead"])
def test_an_exchange_does_not_mind_the_hubs_clock(clock: WrongClock, years: int, tmp_path: Path) -> None:
    site = new_site()
    with (
        hub_here(tmp_path / "hub") as hub,
        laptop(tmp_path / "a", site) as a,
        laptop(tmp_path / "b", None) as b,
    ):
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        add_people(a, 10)
        files = add_files(a, 2)
        clock.wrong_s = years * YEAR_S
        assert sync(a, hub.url).files_confirmed == 2
        clock.wrong_s = 0.0  # somebody puts it right in between
        assert sync(b, hub.url).complete
        assert a.digest() == b.digest()
        assert all(b.files.whole(one) for one in files)
        assert see_hub(a).signed_at is not None
        assert sync(a, hub.url).complete


def test_receipts_from_a_time_that_is_not_near_are_asked_for_anew(clock: WrongClock, tmp_path: Path) -> None:
    site = new_site()
    with hub_here(tmp_path / "hub") as hub, laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)
        add_files(a, 2)
        clock.wrong_s = 80 * YEAR_S
        sync(a, hub.url)
        known = remembered(a.folder)
        assert known is not None
        receipts = Receipts(a.folder, replica_of(known.key))
        assert len(receipts.files(site.id)) == 2
        clock.wrong_s = 0.0
        receipts.review(site.id, reaches(a, site.id), clock.ms())
        assert receipts.files(site.id) == set()
        assert sync(a, hub.url).files_confirmed == 2
        receipts.review(site.id, reaches(a, site.id), clock.ms() + TRUSTED_MS // 2)
        assert len(receipts.files(site.id)) == 2


def test_a_token_ends_when_the_clock_jumps_and_the_laptop_says_hello_again(
    clock: WrongClock, tmp_path: Path
) -> None:
    site = new_site()
    with hub_here(tmp_path / "hub") as hub:
        caller = Caller(hub)
        hub.let_in(caller.keys, site.id)
        caller.hello(site.id)
        clock.wrong_s = 10 * YEAR_S
        assert caller.ask("GET", site_path(site.id, "directory")).status == 401
        caller.hello(site.id)
        assert caller.ask("GET", site_path(site.id, "directory")).status == 200


@pytest.mark.parametrize("at_ms", [-1, 1 << 62, 1 << 80, 10**15])
def test_a_moment_that_no_calendar_has_makes_no_receipt(at_ms: int) -> None:
    keys = make_keys(keyed=False)
    receipt = Receipt(
        hub=keys.replica,
        device=bytes(16),
        stream=bytes(16),
        at_ms=at_ms,
        reaches={bytes(16): NOTHING},
        files=frozenset(),
    )
    with pytest.raises(BadInput):
        read_receipt(sign_receipt(receipt, keys))


# -- a hello that is said again


@contextmanager
def hello_recorded(place: Path) -> Iterator[tuple[Hub, bytes, Callable[[], int]]]:
    """A hub, the key of a laptop that it has let in, and the second half of that one's hello as somebody
    recorded it: each time that it is said, the status of its answer."""
    with hub_here(place) as hub:
        caller = Caller(hub)
        hub.let_in(caller.keys, new_site().id)
        key = caller.keys.public_key
        first = caller.ask("POST", "/v1/hello", {"key": key}).message
        signature = caller.keys.sign(hello_text(first["hub"], first["challenge"], key))
        recorded = {"key": key, "challenge": first["challenge"], "signature": signature, "streams": []}
        yield hub, key, lambda: Caller(hub).ask("POST", "/v1/hello", recorded).status


def test_a_hello_that_is_said_again_is_worth_nothing_after_a_minute(
    clock: WrongClock, tmp_path: Path
) -> None:
    """Within the minute it gives what the answer to the first one gave, which whoever recorded it has too."""
    with hello_recorded(tmp_path / "hub") as (_hub, _key, again):
        assert again() == 200
        clock.wrong_s = CHALLENGE_S + 2
        assert again() == 401
        clock.wrong_s = TOKEN_S
        assert again() == 401


def test_a_hello_that_is_said_again_after_the_laptop_was_shut_out_opens_nothing(
    clock: WrongClock, tmp_path: Path
) -> None:
    with hello_recorded(tmp_path / "hub") as (hub, key, again):
        assert again() == 200
        hub.guests.forget(key.hex())
        assert again() == 403
