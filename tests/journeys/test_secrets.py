"""A park full of recognisable secrets, and every way out of it: who finds one where it does not belong?"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import DataModel, Leg, LegDay, Observation, Patrol, Value, Waypoint
from ranger_app.domain.photos import CameraStation, Label, Photo
from ranger_app.domain.roles import ASSESSOR, DATA_CLERK, MANAGER, RANGER
from ranger_app.domain.seeing import NONE_MARKED
from ranger_app.domain.sites import Attachment, Person, Site
from ranger_app.gui.map_data import gather
from ranger_app.storage import Workspace, marking, sight
from ranger_app.storage.files import StoredFile
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import quiet
from tests.journeys.command_line import ranger_here
from tests.sync.kept import bodies
from tests.sync.park import SITE, a_park
from tests.sync.shop import OUTSIDER, OUTSIDERS

SUSPECT, PHONE, RAW = "Xavierdemo Suspect", "5550199177", "Rawdemo note"
INFORMANT, STAFF = "Quilladem informant", "Zebulondemo"
TIGER_LON, TIGER_LAT, STATION_LON = 131.246813, 43.579135, 131.357924
PLAIN_LON = 131.468135
MARKED, MARKED_ATTRIBUTE = "Borisdemo cave", "hideout"
"""Nobody could tell by its name that this attribute is sensitive: the site's data model marks it."""
SUSPECTS = (SUSPECT, PHONE, RAW, MARKED)
STAFFS = (INFORMANT, STAFF)
LISTED = ("131.2468", "43.5791", "131.3579")
MAY: dict[str, tuple[str, ...]] = {
    MANAGER: (*SUSPECTS, *STAFFS, *LISTED),
    DATA_CLERK: (*SUSPECTS, *STAFFS),
    RANGER: STAFFS,
    ASSESSOR: (),
}
"""The secrets that each role sees, and no other."""
EVERY = (*SUSPECTS, *STAFFS, *LISTED)
FORMATS = {"gpx": "gpx", "smart": "zip", "geojson": "geojson", "csv": "csv"}


@dataclass(frozen=True)
class Seeded:
    """The folders of the laptops, by role, and the ids of the records."""

    laptops: dict[str, Path]
    ids: dict[str, list[Id]]


def write_down(workspace: Workspace, picture: StoredFile) -> dict[str, list[Id]]:
    at = datetime(2026, 5, 6, 4, tzinfo=UTC)
    patrol = Patrol(site_id=SITE, number="DEM-1", comment=f"led by {STAFF}", origin_raw={"x": RAW})
    leg = Leg(site_id=SITE, patrol_id=patrol.id, members=[{"given": STAFF, "family": "", "leader": True}])
    on = LegDay(site_id=SITE, patrol_id=patrol.id, leg_id=leg.id, day=at.date())
    tiger = Waypoint(site_id=SITE, patrol_id=patrol.id, leg_day_id=on.id, lon=TIGER_LON, lat=TIGER_LAT, at=at)
    people = Waypoint(site_id=SITE, patrol_id=patrol.id, leg_day_id=on.id, lon=PLAIN_LON, lat=43.5, at=at)
    loose = Waypoint(site_id=SITE, lon=TIGER_LON, lat=TIGER_LAT, comment=f"amur tiger, told by {INFORMANT}")
    seen = Observation(site_id=SITE, waypoint_id=tiger.id, patrol_id=patrol.id, category="animals.amurtiger.")
    met = Observation(
        site_id=SITE, waypoint_id=people.id, patrol_id=patrol.id, category="people.", comment=INFORMANT
    )
    values = [
        Value(site_id=SITE, observation_id=met.id, attribute="nameornames0", text=SUSPECT),
        Value(site_id=SITE, observation_id=met.id, attribute="phonenumber", number=float(PHONE)),
        Value(site_id=SITE, observation_id=met.id, attribute=MARKED_ATTRIBUTE, text=MARKED),
        Value(site_id=SITE, observation_id=met.id, attribute="weather", text="rain", origin_raw={"y": RAW}),
    ]
    station = CameraStation(site_id=SITE, name="C1", lon=STATION_LON, lat=43.5, notes=f"hung by {STAFF}")
    photo = Photo(
        site_id=SITE,
        station_id=station.id,
        file=picture.sha256,
        file_name="a.jpg",
        lon=STATION_LON,
        lat=43.5,
        exif={"Artist": RAW},
    )
    label = Label(site_id=SITE, photo_id=photo.id, type="animal", name="Amur tiger", by=STAFF, note=INFORMANT)
    paper = Attachment(
        site_id=SITE,
        owner_id=met.id,
        owner_kind="observation",
        file=picture.sha256,
        file_name=f"{INFORMANT}.jpg",
    )
    person = Person(site_id=SITE, name=STAFF)
    definition = {"attributes": {MARKED_ATTRIBUTE: {"type": "TEXT", "sensitive": True}}}
    model = DataModel(site_id=SITE, name="demo model", definition=definition)
    records = [
        patrol,
        leg,
        on,
        tiger,
        people,
        loose,
        seen,
        met,
        *values,
        station,
        photo,
        label,
        paper,
        person,
        model,
    ]
    with workspace.unit("write down") as unit:
        unit.add_many(records)
        unit.change((Site, SITE), listed_species=[{"names": ["Amur tiger"], "grid_deg": 0.1}])
    with workspace.unit("change") as unit:
        unit.change(met, comment=f"{INFORMANT} again")
        unit.change(values[0], text=f"{SUSPECT} again")
    found: dict[str, list[Id]] = {}
    for one in records:
        found.setdefault(one.NAME, []).append(one.id)
    return found


@pytest.fixture(scope="module")
def seeded() -> Iterator[Seeded]:
    with a_park() as park:
        office = park["office"]
        laptops = {role: park.enrol(role.replace(" ", "-"), role).folder for role in MAY}
        picture = office.files.add_bytes(b"no picture at all")
        ids = write_down(office, picture)
        with park["manager"].unit("another word") as unit:
            pass
        park.everybody_gives()
        with office.unit("one") as unit:
            unit.change((Value, ids["value"][0]), text=f"{SUSPECT} one")
        with park["manager"].unit("two") as unit:
            unit.change((Value, ids["value"][0]), text=f"{SUSPECT} two")
        park.everybody_gives()
        for name in ("office", *(role.replace(" ", "-") for role in MAY)):
            park[name].close()
        yield Seeded(laptops, ids)


def text_of(path: Path) -> str:
    """A text file, or those in a ZIP archive."""
    if path.suffix != ".zip":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def commands(seeded: Seeded, folder: Path, out: Path) -> Iterator[tuple[str, str]]:
    """Everything that the command line says about a workspace, and what it writes."""
    lines: list[tuple[object, ...]] = [
        ("status",),
        ("differences", "list"),
        ("device", "list"),
        ("device", "aside"),
    ]
    lines += [("record", "list", kind) for kind in BY_NAME]
    lines += [
        ("record", "show", kind, id_text(id_), "--history") for kind, ids in seeded.ids.items() for id_ in ids
    ]
    lines += [("export", f, out / f"{folder.name}.{end}") for f, end in FORMATS.items()]
    for line in lines:
        done = ranger_here(*line, "--workspace", folder, folder=out)
        yield " ".join(map(str, line)), json.dumps(done.document, ensure_ascii=False) + done.words
    for path in out.glob(f"{folder.name}.*"):
        yield path.name, text_of(path)


def rooms(folder: Path) -> Iterator[tuple[str, str]]:
    """What the screens are made of."""
    with Ranger.open(folder) as ranger:
        yield "patrols", repr(ranger.patrols.rows())
        yield "incidents", repr(ranger.patrols.incidents())
        for row in ranger.patrols.rows():
            yield "patrol", repr(ranger.patrols.patrol(row.id))
        yield "map", repr(gather(ranger, quiet()))


def found_in(outputs: Iterator[tuple[str, str]], secrets: tuple[str, ...]) -> dict[str, set[str]]:
    """By secret, the outputs that hold it."""
    found: dict[str, set[str]] = {secret: set() for secret in secrets}
    for name, text in outputs:
        for secret in secrets:
            if secret in text:
                found[secret].add(name)
    return found


def leaks(seeded: Seeded, role: str, out: Path) -> dict[str, set[str]]:
    """The secrets that a role comes to see and should not."""
    forbidden = tuple(secret for secret in EVERY if secret not in MAY[role])
    folder = seeded.laptops[role]
    found = found_in(commands(seeded, folder, out), forbidden)
    for secret, where in found_in(rooms(folder), forbidden).items():
        found[secret] |= where
    return {secret: where for secret, where in found.items() if where}


@pytest.mark.parametrize("role", MAY)
def test_no_role_sees_what_is_not_for_it(seeded: Seeded, role: str, tmp_path: Path) -> None:
    assert leaks(seeded, role, tmp_path) == {}


@pytest.mark.parametrize("role", MAY)
def test_each_role_sees_what_is_for_it(seeded: Seeded, role: str, tmp_path: Path) -> None:
    """Or the test above would pass with nothing in the park."""
    found = found_in(commands(seeded, seeded.laptops[role], tmp_path), MAY[role])
    assert [secret for secret, where in found.items() if not where] == []


@pytest.mark.parametrize("role", MAY)
def test_files_for_others_hold_no_secret_whoever_writes_them(
    seeded: Seeded, role: str, tmp_path: Path
) -> None:
    for _said in commands(seeded, seeded.laptops[role], tmp_path):
        pass
    written = list(tmp_path.iterdir())
    assert len(written) == 4
    for path in written:
        assert [s for s in EVERY if s in text_of(path)] == [], path.name


@pytest.mark.parametrize("role", [DATA_CLERK, RANGER, ASSESSOR])
def test_only_who_sees_everything_gives_everything_out(seeded: Seeded, role: str, tmp_path: Path) -> None:
    said = ranger_here(
        "export", "smart", tmp_path / "a.xml", "--names", "--workspace", seeded.laptops[role], folder=tmp_path
    )
    assert said.status == 1
    assert not (tmp_path / "a.xml").exists()


def test_who_gives_everything_out_is_noted(seeded: Seeded, tmp_path: Path) -> None:
    folder = seeded.laptops[MANAGER]
    out = tmp_path / "a.csv"
    assert ranger_here("export", "csv", out, "--names", "--workspace", folder, folder=tmp_path).status == 0
    assert SUSPECT in text_of(out)
    (noted, *_others) = ranger_here("status", "--workspace", folder, folder=tmp_path).document["given_out"]
    assert (noted["role"], noted["what"]) == (MANAGER, "csv a.csv")


@pytest.mark.parametrize(
    ("kind", "secret"), [(Value, SUSPECT), (Waypoint, LISTED[0]), (CameraStation, LISTED[2]), (Patrol, RAW)]
)
def test_a_mark_that_is_taken_away_is_noticed(
    seeded: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, secret: str
) -> None:
    monkeypatch.setitem(sight.GUARDED, kind.KIND, ())
    assert secret in leaks(seeded, RANGER, tmp_path)


def test_a_data_model_whose_marks_are_not_read_is_noticed(
    seeded: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "marked_in", lambda _definition: NONE_MARKED)
    marking.marks_in_text.cache_clear()
    assert list(leaks(seeded, RANGER, tmp_path)) == [MARKED]
    marking.marks_in_text.cache_clear()


def test_a_bundle_for_outsiders_holds_no_secret(seeded: Seeded, tmp_path: Path) -> None:
    with Workspace.open(seeded.laptops[MANAGER]) as manager:
        done = write_bundle(manager, tmp_path / "stick", quiet(), outsiders=OUTSIDERS)
    with Workspace.create(tmp_path / "outside.ranger", site=None) as outside:
        read = read_bundles(outside, done.folder, quiet(), secrets=[OUTSIDER])
        assert read.segments_new
        assert read.files_new == 0
        with outside.reading_raw() as database:
            names = [
                row[0] for row in database.execute("select name from sqlite_master where type = 'table'")
            ]
            kept = repr([database.execute(f'select * from "{name}"').fetchall() for name in names])
        signed = b"\n".join(bodies(outside).values())
    assert [s for s in (*SUSPECTS, *STAFFS) if s in kept or s.encode() in signed] == []
    assert [s for s in LISTED if s in kept] == []
    for number in (TIGER_LON, TIGER_LAT, STATION_LON, float(PHONE)):
        assert cbor2.dumps(number, canonical=True) not in signed
