"""A laptop believes a hub nothing that it cannot check: not what it hands out, not that it holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ranger_app.domain.errors import BadInput, KnownError, Refused
from ranger_app.hub import changes
from ranger_app.hub.central_shelf import CentralPlace
from ranger_app.hub.folder_shelf import FolderPlace
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.carrying import Reach, Run, run_above
from ranger_app.sync.hub.memory import remembered
from ranger_app.sync.hub.wire import Receipt, proof_text, sign_receipt
from tests.hub.hubs import Hub, add_files, add_people, laptop, new_site, sync


def test_a_hub_that_signs_for_less_than_it_was_given_is_not_said_to_be_synced(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)

        def less(receipt: Receipt, keys: DeviceKeys) -> bytes:
            return sign_receipt(replace(receipt, reaches={a.keys.replica: Reach(0)}), keys)

        monkeypatch.setattr(changes, "sign_receipt", less)
        done = sync(a, hub.url)
        assert not done.complete
        assert any("not signed for all changes" in sentence for sentence in done.not_confirmed)


def test_a_hub_that_does_not_sign_for_a_file_is_not_said_to_be_synced(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        add_files(a, 2)
        hub.let_in(a.keys, site.id)

        def without_files(receipt: Receipt, keys: DeviceKeys) -> bytes:
            return sign_receipt(replace(receipt, files=frozenset()), keys)

        monkeypatch.setattr(changes, "sign_receipt", without_files)
        done = sync(a, hub.url)
        assert not done.complete
        assert done.files_confirmed == 0


def test_a_receipt_that_somebody_else_signed_counts_for_nothing(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_keys(keyed=False)
    with laptop(tmp_path / "a", new_site()) as a:
        hub.let_in(a.keys, a.site_id)

        def by_another(receipt: Receipt, _keys: DeviceKeys) -> bytes:
            return sign_receipt(replace(receipt, hub=other.replica), other)

        monkeypatch.setattr(changes, "sign_receipt", by_another)
        with pytest.raises(BadInput):
            sync(a, hub.url)


def test_a_file_that_is_not_what_its_name_says_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        good, bad = add_files(a, 2)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        sync(a, hub.url)
        (kept,) = (path for path in hub.stored(site.id) if path.name == bad.hex())
        kept.write_bytes(b"x" * kept.stat().st_size)
        done = sync(b, hub.url)
        assert (done.files_received, done.files_elsewhere) == (1, 1)
        assert b.files.whole(good)
        assert not b.files.has(bad)


def hand_on(monkeypatch: pytest.MonkeyPatch, change: Callable[[Run], Run]) -> None:
    """Let the hub hand on runs of segments changed like this."""
    for place in (FolderPlace, CentralPlace):

        def changed(self: Any, *asked: Any, honest: Any = place.run_above, **options: Any) -> Run:
            return change(honest(self, *asked, **options))

        monkeypatch.setattr(place, "run_above", changed)


def test_forged_and_foreign_segments_from_a_hub_are_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, other = new_site(), new_site()
    with (
        laptop(tmp_path / "a", site) as a,
        laptop(tmp_path / "b", None) as b,
        laptop(tmp_path / "other", other) as foreign,
    ):
        add_people(a, 3)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        sync(a, hub.url)
        strange = run_above(foreign, other.id, foreign.keys.replica, 0, at_most_bytes=1).segments

        def spoiled(honest: Run) -> Run:
            forged = [SignedSegment(s.public_key, s.body, bytes(64)) for s in honest.segments]
            return replace(honest, segments=[*forged, *strange])

        hand_on(monkeypatch, spoiled)
        done = sync(b, hub.url)
        assert done.segments_received == 0
        assert done.segments_refused == 1 + 2
        monkeypatch.undo()
        assert sync(b, hub.url).segments_received == 2


def test_a_hub_that_never_comes_to_an_end_is_left(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        sync(a, hub.url)

        hand_on(monkeypatch, lambda honest: replace(honest, through=0, more=True))
        with pytest.raises(KnownError):
            sync(b, hub.url)


@pytest.mark.parametrize("first", [True, False], ids=["at first", "later"])
def test_who_shows_the_hubs_key_and_does_not_have_it_gets_nothing(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """As one that says again what the hub once proved to another laptop, or to this one an hour ago."""
    with laptop(tmp_path / "a", new_site()) as a:
        hub.let_in(a.keys, a.site_id)
        if not first:
            assert sync(a, hub.url).complete
        add_people(a, 3)
        held = hub.sites()
        monkeypatch.setattr(changes, "proof_text", lambda nonce, key: proof_text(bytes(len(nonce)), key))
        with pytest.raises(Refused, match="cannot prove that it has the hub's key"):
            sync(a, hub.url)
        assert hub.sites() == held
        known = remembered(a.folder)
        assert known is not None
        assert bool(known.key) is not first
        monkeypatch.undo()
        assert sync(a, hub.url).complete
