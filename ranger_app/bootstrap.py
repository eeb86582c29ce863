"""The one place where parts are put together: opens a workspace and hands out the rooms that work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id, id_text, new_id
from ranger_app.domain.kinds import KINDS
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.exchange.given_out import given_out
from ranger_app.storage.opening import DEVICE_FOLDER

if TYPE_CHECKING:
    from ranger_app.assessments.service import Assessments
    from ranger_app.domain.measures import Measure
    from ranger_app.packets.service import Packets
    from ranger_app.patrols.service import Patrols
    from ranger_app.photos.service import Photos
    from ranger_app.security.key_store import Kept, Store
    from ranger_app.security.keys import DeviceKeys
    from ranger_app.storage.begun import Begun
    from ranger_app.storage.dropping import Dropped
    from ranger_app.sync.differences import Differences
    from ranger_app.sync.people.devices import Devices
    from ranger_app.sync.people.people import People
    from ranger_app.sync.service import Exchange


class Ranger:
    """An open workspace with its rooms. A room is loaded when it is first asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        site_name: str | None,
        boundary: Path | None = None,
        time_zone: str = "UTC",
        passphrase: str | None = None,
        device: str = "",
    ) -> tuple[Ranger, list[dict[str, str]]]:
        """A new workspace and the doubts about its boundary. Without a site it joins one later."""
        doubts: list[dict[str, str]] = []
        site = None
        if site_name is not None:
            id_ = new_id()
            site = Site(id=id_, site_id=id_, name=site_name, time_zone=time_zone)
            if boundary is not None:
                site, doubts = _with_boundary(site, boundary)
        return cls(Workspace.create(folder, site=site, passphrase=passphrase, device=device)), doubts

    @classmethod
    def open(cls, folder: Path, *, passphrase: str | None = None, person: str | None = None) -> Ranger:
        """Open and lock an existing workspace; `person` signs in, by their name or id, and the passphrase is
        then theirs if they have one on this laptop."""
        if person is None:
            return cls(Workspace.open(folder, passphrase=passphrase))
        from ranger_app.security.doors import door_of, keys_of

        door = door_of(folder / DEVICE_FOLDER, person)
        if door is None:
            opened = cls(Workspace.open(folder, passphrase=passphrase))
        else:
            asked = passphrase or ""
            unlock = partial(keys_of, person=door.person, passphrase=asked)
            opened = cls(Workspace.open(folder, unlock=unlock))
        with _closing_on_error(opened):
            if door is None:
                opened.people.enter(opened.people.find(person))
            else:
                opened.people.entered(door.person)
        return opened

    @classmethod
    def open_kept(cls, folder: Path, *, store: Store | None = None) -> Ranger:
        """Open by the system's key store, as whoever chose that; `KeyStoreTrouble` when it cannot."""
        from ranger_app.security.key_store import fetch

        found: list[Kept] = []

        def unlock(device: Path) -> DeviceKeys:
            found.append(fetch(device, store=store))
            return found[0].keys

        opened = cls(Workspace.open(folder, unlock=unlock))
        with _closing_on_error(opened):
            if found[0].person:
                opened.people.entered(found[0].person)
        return opened

    @staticmethod
    def key_is_kept(folder: Path) -> bool:
        """Whether somebody chose to have the system's key store open this workspace."""
        from ranger_app.security.key_store import is_kept

        return is_kept(folder / DEVICE_FOLDER)

    @staticmethod
    def people_of(folder: Path) -> tuple[str, ...]:
        """Those who have a passphrase of their own there, by name."""
        from ranger_app.security.doors import doors

        return tuple(one.name for one in doors(folder / DEVICE_FOLDER))

    @staticmethod
    def needs_passphrase(folder: Path) -> bool:
        """Whether opening this folder asks for a passphrase; False where there is no workspace."""
        return (folder / "device").is_dir() and Workspace.needs_passphrase(folder)

    @cached_property
    def patrols(self) -> Patrols:
        from ranger_app.patrols.service import Patrols

        return Patrols(self.workspace)

    @cached_property
    def photos(self) -> Photos:
        from ranger_app.photos.service import Photos

        return Photos(self.workspace)

    @cached_property
    def assessments(self) -> Assessments:
        from ranger_app.assessments.service import Assessments

        return Assessments(self.workspace, measures=self.measures)

    @cached_property
    def packets(self) -> Packets:
        from ranger_app.packets.service import Packets

        return Packets(self.workspace, self.assessments)

    @cached_property
    def exchange(self) -> Exchange:
        from ranger_app.sync.service import Exchange

        return Exchange(self.workspace)

    @cached_property
    def differences(self) -> Differences:
        from ranger_app.sync.differences import Differences

        return Differences(self.workspace)

    @cached_property
    def devices(self) -> Devices:
        from ranger_app.sync.people.devices import Devices

        return Devices(self.workspace)

    @cached_property
    def people(self) -> People:
        from ranger_app.sync.people.people import People

        return People(self.workspace)

    @cached_property
    def begun(self) -> Begun:
        from ranger_app.storage.begun import Begun

        return Begun(self.workspace)

    def measures(self) -> tuple[Measure, ...]:
        """Every number that one room can give another, with its definition."""
        return (*self.patrols.measures(), *self.photos.measures())

    def site(self) -> Site | None:
        """The site that this laptop works for; None before it has joined one."""
        if not self.workspace.has_site:
            return None
        with self.workspace.reading() as data:
            return data.get(Site, self.workspace.site_id)

    def set_boundary(self, path: Path) -> list[dict[str, str]]:
        """Read the site's boundary from a file; returns the doubts about it."""
        with self.workspace.unit("site boundary") as unit:
            present = unit.data.need(Site, self.workspace.site_id)
            site, doubts = _with_boundary(present, path)
            unit.change(
                present,
                boundary=site.boundary,
                area_km2=site.area_km2,
                boundary_source=site.boundary_source,
            )
        return doubts

    def change_site(self, **fields: Any) -> None:
        """Set fields of the home site, such as name or time_zone."""
        with self.workspace.unit("site") as unit:
            unit.change((Site, self.workspace.site_id), **fields)

    def drop_value(self, kind: str, id_: Id, field: str, *, reason: str) -> Dropped:
        """Drop a sensitive value of a record for good, here now and elsewhere when it is heard of."""
        from ranger_app.domain.kinds import kind_named
        from ranger_app.storage.dropping import drop_value

        spec = kind_named(kind)
        if field not in spec.by_name:
            raise BadInput(
                _("A {kind} has no field “{field}”.").format(kind=spec.name, field=field[:40]),
                _("Use one of: {fields}.").format(fields=", ".join(spec.by_name)),
            )
        return drop_value(self.workspace, spec, id_, spec.by_name[field], reason=reason)

    def erasing_limits(self) -> tuple[str, ...]:
        """What dropping a value cannot promise, in sentences."""
        from ranger_app.storage.dropping import not_promised

        return not_promised()

    def status(self) -> dict[str, Any]:
        """What the workspace holds: digest, sites, records by kind, differences."""
        with self.workspace.reading() as data:
            records = {cls.NAME: data.count(cls) for cls in KINDS}
            sites = data.find(Site, order=("name", "id"))
        return {
            "digest": self.workspace.digest(),
            "sites": [{"id": id_text(s.id), "name": s.name, "area_km2": s.area_km2} for s in sites],
            "records": records,
            "differences": self.workspace.differences(),
            "given_out": [
                {"at": one.at, "role": one.eyes, "what": one.what} for one in given_out(self.workspace)
            ],
        }

    def verify(self, work: Work) -> dict[str, Any]:
        """Check everything that can be checked; `problems` is empty when all is well."""
        from ranger_app.storage.verifying import verify

        found = verify(self.workspace, work)
        return {
            "segments": found.segments,
            "files": found.files,
            "files_elsewhere": found.files_elsewhere,
            "files_sealed": found.files_sealed,
            "problems": found.problems,
        }

    def watch(self, watcher: Callable[[Touched], None]) -> Callable[[], None]:
        """Hear of every commit, on the thread that made it; returns a way to stop."""
        return self.workspace.watch(watcher)

    def close(self) -> None:
        self.workspace.close()

    def __enter__(self) -> Ranger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _closing_on_error(opened: Ranger) -> Iterator[None]:
    try:
        yield
    except BaseException:
        opened.close()
        raise


def _with_boundary(site: Site, path: Path) -> tuple[Site, list[dict[str, str]]]:
    from dataclasses import replace

    from ranger_app.maps.boundary import read_boundary

    boundary = read_boundary(path)
    doubts = [{"code": d.code, "text": d.text} for d in boundary.doubts]
    made = replace(site, boundary=boundary.wkb, area_km2=boundary.area_km2, boundary_source=path.name)
    return made, doubts
