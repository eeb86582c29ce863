"""A site's own directory of devices opens the hub's door, and shuts it, without the hub's keeper."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.domain.errors import Refused
from ranger_app.domain.sites import Person
from ranger_app.storage import Workspace
from ranger_app.sync.people.devices import Devices
from tests.hub.hubs import Caller, Hub, add_people, laptop, new_site, site_path, sync


def enrolled(administrator: Workspace, newcomer: Workspace, *, role: str = "ranger") -> None:
    """Make the newcomer one of the administrator's site's devices, as by files on a stick."""
    _request, file = Devices(newcomer).request(name=f"demo {role}")
    Devices(newcomer).join(Devices(administrator).enrol(file, role=role))


def test_a_device_of_the_site_is_let_in_because_the_site_says_so(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        hub.let_in(a.keys, site.id)
        add_people(a, 5)
        enrolled(a, b)
        with pytest.raises(Refused):
            sync(b, hub.url)
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        assert b.digest() == a.digest()


def test_a_revoked_laptop_is_out_although_the_keeper_let_it_in(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        enrolled(a, b)
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        Devices(a).revoke(b.keys.replica)
        assert sync(a, hub.url).complete
        with pytest.raises(Refused, match="revoked"):
            sync(b, hub.url)


def test_the_hub_judges_changes_as_every_laptop_does(hub: Hub, tmp_path: Path) -> None:
    """What a laptop had no right to write does not count there either, and is kept all the same."""
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        hub.let_in(a.keys, site.id)
        enrolled(a, b)
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        with pytest.raises(Refused), b.unit("not mine to do") as unit:
            unit.add(Person(site_id=site.id, name="demo"))
        person = Person(site_id=site.id, name="demo")
        with a.unit("person") as unit:
            unit.add(person)
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        assert a.digest() == b.digest()
        with laptop(tmp_path / "c", None) as c:
            enrolled(a, c)
            assert sync(a, hub.url).complete
            assert sync(c, hub.url).complete
            assert c.digest() == a.digest()


def test_a_strangers_directory_is_not_followed(hub: Hub, tmp_path: Path) -> None:
    """Somebody who is let in cannot make himself the administrator of a site that another laptop made."""
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "thief", site) as thief:
        hub.let_in(a.keys, site.id)
        assert sync(a, hub.url).complete
        hub.let_in(thief.keys, site.id)
        with laptop(tmp_path / "mate", None) as mate:
            enrolled(thief, mate)
            sync(thief, hub.url)
            caller = Caller(hub, mate.keys)
            assert caller.hello(site.id).status == 403
            assert caller.ask("GET", site_path(site.id, "directory")).status == 401
