"""Sensitive values lie on the hub for the site's own; nobody else gets them from it, and none gets lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import DataModel, Value, Waypoint
from ranger_app.domain.sites import Site
from ranger_app.storage import Workspace
from ranger_app.storage.changes.leaves import signed_part
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.dropping import drop_value
from ranger_app.storage.exchange.carrying import run_above
from ranger_app.sync.bundles.batches import pack, unpack
from tests.hub.hubs import Caller, Hub, laptop, site_path, sync
from tests.hub.test_directory import enrolled

SECRET = "demo suspect at the salt lick"


@pytest.fixture
def a(hub: Hub, site: Site, tmp_path: Path) -> Iterator[Workspace]:
    """A laptop of the site that has written something sensitive."""
    with laptop(tmp_path / "a", site) as made:
        hub.let_in(made.keys, site.id)
        with made.unit("waypoint") as unit:
            unit.add(Waypoint(site_id=site.id, patrol_id=site.id, number="1", lon=131.25, comment=SECRET))
        yield made


def run_for(caller: Caller, site: Site, writer: bytes) -> list[SignedSegment]:
    said = caller.ask("GET", site_path(site.id, f"segments/{writer.hex()}"))
    assert said.status == 200
    return unpack(said.body)


def comments(workspace: Workspace) -> list[str]:
    with workspace.reading() as data:
        return [one.comment for one in data.find(Waypoint)]


def test_the_sites_own_get_what_is_sensitive_and_assessors_do_not(
    hub: Hub, site: Site, tmp_path: Path, a: Workspace
) -> None:
    with laptop(tmp_path / "b", None) as b, laptop(tmp_path / "c", None) as c:
        enrolled(a, b, role="ranger")
        enrolled(a, c, role="assessor")
        assert sync(a, hub.url).complete
        for one in (b, c):
            assert sync(one, hub.url).complete
        assert comments(b) == [SECRET]
        assert SECRET not in comments(c)
        assert SECRET.encode() not in c.database.read_bytes()
        quiet = sync(c, hub.url)
        assert (quiet.complete, quiet.segments_received, quiet.segments_sent) == (True, 0, 0)


def test_whom_the_keeper_let_in_gets_nothing_that_is_sensitive(
    hub: Hub, site: Site, tmp_path: Path, a: Workspace
) -> None:
    with laptop(tmp_path / "b", None) as b:
        enrolled(a, b)
        assert sync(a, hub.url).complete
        visitor, member = Caller(hub), Caller(hub, b.keys)
        hub.let_in(visitor.keys, site.id)
        for caller, expected in ((visitor, False), (member, True)):
            assert caller.hello(site.id).status == 200
            segments = run_for(caller, site, a.keys.replica)
            assert any(SECRET.encode() in one.body for one in segments) is expected
            assert all(one.genuine() for one in segments)


def test_what_a_data_model_marks_is_kept_from_outsiders_too(
    hub: Hub, site: Site, tmp_path: Path, a: Workspace
) -> None:
    marked = {"attributes": {"hideout": {"type": "TEXT", "sensitive": True}}}
    with laptop(tmp_path / "c", None) as c:
        enrolled(a, c, role="assessor")
        with a.unit("seen") as unit:
            for attribute, text in (("hideout", SECRET), ("weather", "rain")):
                unit.add(Value(site_id=site.id, observation_id=site.id, attribute=attribute, text=text))
            unit.add(DataModel(site_id=site.id, name="demo", definition=marked))
        assert sync(a, hub.url).complete
        assert sync(c, hub.url).complete
        assert SECRET.encode() not in c.database.read_bytes()
        with c.reading() as data:
            assert {one.text for one in data.find(Value)} == {None, "rain"}


def test_what_was_dropped_for_good_goes_from_the_hub_and_is_not_lacking_there(
    hub: Hub, site: Site, tmp_path: Path, a: Workspace
) -> None:
    """Before the hub had it, and after: either way the exchange completes, and newcomers do not get it."""
    with laptop(tmp_path / "b", None) as b:
        enrolled(a, b, role="ranger")
        with a.reading() as data:
            (known,) = data.find(Waypoint)
        unseen = Waypoint(site_id=site.id, patrol_id=site.id, number="2", comment=f"{SECRET} again")
        assert sync(a, hub.url).complete
        with a.unit("another") as unit:
            unit.add(unseen)
        spec = BY_NAME["waypoint"]
        for one in (known, unseen):
            drop_value(a, spec, one.id, spec.by_name["comment"], reason="")
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        assert sync(a, hub.url).complete
        assert comments(b) == ["", ""]
        assert SECRET.encode() not in b.database.read_bytes()
        caller = Caller(hub, b.keys)
        caller.hello(site.id)
        assert SECRET.encode() not in b"".join(one.body for one in run_for(caller, site, a.keys.replica))


def test_a_segment_that_came_without_its_leaves_is_not_signed_for_until_they_come(
    hub: Hub, site: Site, a: Workspace
) -> None:
    whole = run_above(a, site.id, a.keys.replica, 0, at_most_bytes=1 << 20).segments
    bare = [SignedSegment(one.public_key, signed_part(one.body), one.signature) for one in whole]
    courier = Caller(hub)
    hub.let_in(courier.keys, site.id)
    courier.hello(site.id)
    path = site_path(site.id, "segments")
    first = courier.ask("POST", path, pack(bare)).message
    assert first["new"] == len(whole)
    upto, beyond = first["reaches"][a.keys.replica]
    assert upto < len(whole)
    assert beyond
    again = courier.ask("POST", path, pack(whole)).message
    assert again["known"] == len(whole)
    assert again["reaches"][a.keys.replica] == [len(whole), b""]
    # Without them once more: what is here stays.
    courier.ask("POST", path, pack(bare))
    assert any(SECRET.encode() in one.body for one in run_for(courier, site, a.keys.replica))


def test_leaves_that_somebody_made_up_are_refused(hub: Hub, site: Site, a: Workspace) -> None:
    whole = run_above(a, site.id, a.keys.replica, 0, at_most_bytes=1 << 20).segments
    forged = [
        SignedSegment(
            one.public_key, one.body.replace(SECRET.encode(), SECRET.upper().encode()), one.signature
        )
        for one in whole
        if SECRET.encode() in one.body
    ]
    courier = Caller(hub)
    hub.let_in(courier.keys, site.id)
    courier.hello(site.id)
    said = courier.ask("POST", site_path(site.id, "segments"), pack(forged)).message
    assert (said["new"], said["refused"]) == (0, len(forged))


def test_an_exchange_brings_the_leaves_that_the_hub_lacks(
    hub: Hub, site: Site, tmp_path: Path, a: Workspace
) -> None:
    whole = run_above(a, site.id, a.keys.replica, 0, at_most_bytes=1 << 20).segments
    bare = [SignedSegment(one.public_key, signed_part(one.body), one.signature) for one in whole]
    courier = Caller(hub)
    hub.let_in(courier.keys, site.id)
    courier.hello(site.id)
    courier.ask("POST", site_path(site.id, "segments"), pack(bare))
    assert sync(a, hub.url).complete
    with laptop(tmp_path / "b", None) as b:
        hub.let_in(b.keys, site.id)
        assert sync(b, hub.url).complete
        assert comments(b) == [SECRET]
        assert b.digest() == a.digest()
