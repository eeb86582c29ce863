"""A hub keeps and hands on what lies beyond a laptop's quota, and counts as every laptop does."""

from __future__ import annotations

from pathlib import Path

from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol, Waypoint
from ranger_app.domain.sites import Site
from ranger_app.storage.dropping import drop_value
from ranger_app.sync.people.devices import Devices
from tests.hub.hubs import Caller, Hub, laptop, sync
from tests.hub.test_directory import enrolled
from tests.hub.test_sensitive import run_for

SECRET = "demo suspect at the salt lick"


def test_what_is_beyond_is_handed_on_and_does_not_count(hub: Hub, site: Site, tmp_path: Path) -> None:
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        hub.let_in(a.keys, site.id)
        enrolled(a, b, role="manager")
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        Devices(a).set_quota(b.keys.replica, 2)
        with b.unit("write") as unit:
            unit.add_many([Patrol(site_id=site.id, number=f"demo {n}") for n in range(3)])
        assert sync(b, hub.url).complete, "the hub refuses nothing"
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        for one in (a, b):
            assert len([kept for kept in Devices(one).aside() if kept.beyond]) >= 3
        assert a.digest() == b.digest()
        Devices(a).set_quota(b.keys.replica, 100)
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        with b.reading() as data:
            assert data.count(Patrol) == 3
        assert a.digest() == b.digest()


def test_an_erasure_beyond_it_drops_nothing_there(hub: Hub, site: Site, tmp_path: Path) -> None:
    place = Waypoint(site_id=site.id, patrol_id=site.id, number="1", comment=SECRET)
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        hub.let_in(a.keys, site.id)
        with a.unit("write") as unit:
            unit.add(place)
        enrolled(a, b, role="manager")
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        Devices(a).set_quota(b.keys.replica, 0)
        assert sync(a, hub.url).complete
        spec = BY_NAME["waypoint"]
        drop_value(b, spec, place.id, spec.by_name["comment"], reason="")
        assert sync(b, hub.url).complete
        caller = Caller(hub, a.keys)
        caller.hello(site.id)
        assert SECRET.encode() in b"".join(one.body for one in run_for(caller, site, a.keys.replica))
