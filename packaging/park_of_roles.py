"""A small park with a listed species and somebody's name in it, for pictures of what each role is shown."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from ranger_app.bootstrap import Ranger
from ranger_app.demo import place
from ranger_app.domain.roles import ADMINISTRATOR, ASSESSOR, DATA_CLERK, MANAGER, RANGER
from ranger_app.patrols.recording import ObservationEntry, PatrolEntry, WaypointEntry

MAY_6 = date(2026, 5, 6)


def park_of_roles(folder: Path, passphrase: str) -> dict[str, str]:
    """A small park with a listed species and somebody's name in it; its people by their role."""
    boundary = folder.with_suffix(".geojson")
    place.write_boundary(boundary)
    names = {role: f"{role.capitalize()} demo" for role in (RANGER, DATA_CLERK, ASSESSOR, MANAGER)}
    lon, lat = place.CENTRE
    with Ranger.create(
        folder,
        site_name="Demo ford",
        boundary=boundary,
        time_zone=place.TIME_ZONE,
        passphrase=passphrase,
    )[0] as ranger:
        ranger.change_site(listed_species=[{"names": ["Amur tiger"], "grid_deg": 0.1}])
        made = ranger.patrols.start(PatrolEntry(number="DEM-2026-001", team="Demo team", starts_on=MAY_6))
        at = datetime(2026, 5, 6, 7, 40)
        ranger.patrols.note(
            WaypointEntry(patrol_id=made.id, lon=lon + 0.034, lat=lat - 0.021, at_local=at, comment="camp"),
            [ObservationEntry(category="people.", values={"nameornames": "Xavier demo", "count": 2})],
        )
        ranger.patrols.note(
            WaypointEntry(patrol_id=made.id, lon=lon - 0.047, lat=lat + 0.033, at_local=at, comment=""),
            [ObservationEntry(category="animal.", values={"species": "Amur tiger", "count": 1})],
        )
        ranger.people.enter(ranger.people.add("Boss demo", roles=[ADMINISTRATOR]))
        for role, name in names.items():
            ranger.people.choose_passphrase(ranger.people.add(name, roles=[role]), passphrase)
    return names
