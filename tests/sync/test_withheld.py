"""Bundles for outsiders: without the sensitive values, sound all the same, and filled in when those come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.assessments import Evidence
from ranger_app.domain.ids import derived_id, new_id
from ranger_app.domain.patrols import Observation, Patrol, Track, Value, Waypoint
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Site
from ranger_app.storage import Workspace
from ranger_app.storage.differences.differing import differences
from ranger_app.storage.exchange.carrying import reaches
from ranger_app.storage.exchange.exchanging import tips
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import quiet
from tests.sync.shop import OUTSIDER, OUTSIDERS

SITE = derived_id(1, "demo site with secrets")
SECRET, PHONE, WHERE = "Demo Suspect", "555 0199", 131.246813


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Workspace]:
    site = Site(id=SITE, site_id=SITE, name="Demo park")
    with Workspace.create(tmp_path / "station.ranger", site=site) as made:
        yield made


@pytest.fixture
def assessor(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "assessor.ranger", site=None) as made:
        yield made


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "office.ranger", site=None) as made:
        yield made


def write_down(workspace: Workspace) -> tuple[Waypoint, Value, Track]:
    patrol = Patrol(site_id=SITE, number="DEM-1")
    waypoint = Waypoint(site_id=SITE, patrol_id=patrol.id, lon=WHERE, lat=43.5, comment=f"met {SECRET}")
    seen = Observation(site_id=SITE, waypoint_id=waypoint.id, category="people.")
    told = Value(site_id=SITE, observation_id=seen.id, attribute="phonenumber", text=PHONE)
    counted = Value(site_id=SITE, observation_id=seen.id, attribute="numberofpeople", number=3.0)
    track = Track(site_id=SITE, patrol_id=patrol.id, fixes=SECRET.encode())
    with workspace.unit("write down") as unit:
        unit.add_many([patrol, waypoint, seen, told, counted, track])
    return waypoint, told, track


def give(giver: Workspace, taker: Workspace, place: Path, *, whole: bool, all_of_it: bool = False) -> None:
    known = None if all_of_it else tips(taker)
    done = write_bundle(
        giver, place / new_id().hex(), quiet(), known=known, outsiders=None if whole else OUTSIDERS
    )
    read = read_bundles(taker, done.folder, quiet(), secrets=[OUTSIDER])
    assert not read.segments_refused
    assert not read.damaged


def test_an_assessor_gets_the_patrol_and_nothing_of_whom_and_where(
    station: Workspace, assessor: Workspace, tmp_path: Path
) -> None:
    waypoint, told, track = write_down(station)
    give(station, assessor, tmp_path, whole=False)
    with assessor.reading() as data:
        assert data.count(Patrol) == 1
        bare = Waypoint(id=waypoint.id, site_id=SITE, patrol_id=waypoint.patrol_id)
        assert data.need(Waypoint, waypoint.id) == bare
        assert data.need(Value, told.id).text is None
        assert data.need(Track, track.id).fixes == b""
        assert [v.number for v in data.find(Value) if v.attribute == "numberofpeople"] == [3.0]
    assert verify(assessor, quiet()).problems == []
    before, after = assessor.rebuild()
    assert before == after


def test_what_was_withheld_is_filled_in_when_it_comes(
    station: Workspace, office: Workspace, assessor: Workspace, tmp_path: Path
) -> None:
    """Also when the changes themselves came by way of an assessor, who had only half of them."""
    waypoint, told, track = write_down(station)
    give(station, assessor, tmp_path, whole=False)
    give(assessor, office, tmp_path, whole=True)
    with office.reading() as data:
        assert data.need(Waypoint, waypoint.id).lon is None
    assert office.digest() != station.digest()
    give(station, office, tmp_path, whole=True)
    with office.reading() as data:
        assert data.need(Waypoint, waypoint.id) == waypoint
        assert data.need(Value, told.id) == told
        assert data.need(Track, track.id) == track
    assert office.digest() == station.digest()
    assert reaches(office, SITE) == reaches(station, SITE)
    assert tips(office) == tips(station)
    give(assessor, office, tmp_path, whole=True, all_of_it=True)
    assert office.digest() == station.digest()


def test_withheld_values_are_no_difference(
    station: Workspace, office: Workspace, assessor: Workspace, tmp_path: Path
) -> None:
    waypoint, _told, _track = write_down(station)
    give(station, office, tmp_path, whole=True)
    for laptop, words in ((station, SECRET), (office, f"not {SECRET}")):
        with laptop.unit("change") as unit:
            unit.change((Waypoint, waypoint.id), comment=words)
    give(station, assessor, tmp_path, whole=False)
    give(office, assessor, tmp_path, whole=False)
    assert differences(assessor) == []
    with assessor.reading() as data:
        assert data.need(Waypoint, waypoint.id).comment == ""
        history = [one.value for one in data.history(Waypoint, waypoint.id) if one.field == "comment"]
    assert history == [Unseen.WITHHELD, Unseen.WITHHELD]
    give(office, station, tmp_path, whole=True)
    give(station, assessor, tmp_path, whole=True, all_of_it=True)
    give(office, assessor, tmp_path, whole=True, all_of_it=True)
    assert [one.field for one in differences(assessor)] == ["comment"]
    assert assessor.digest() == station.digest()


def test_a_change_by_somebody_who_does_not_see_it_all_counts(
    station: Workspace, assessor: Workspace, tmp_path: Path
) -> None:
    waypoint, _told, _track = write_down(station)
    give(station, assessor, tmp_path, whole=False)
    with assessor.unit("change") as unit:
        unit.change((Waypoint, waypoint.id), comment="read", symbol="Flag")
    give(assessor, station, tmp_path, whole=True)
    with station.reading() as data:
        found = data.need(Waypoint, waypoint.id)
    assert (found.comment, found.symbol, found.lon) == ("read", "Flag", WHERE)
    assert differences(station) == []


def test_files_that_are_for_the_site_alone_stay_there(
    station: Workspace, assessor: Workspace, tmp_path: Path
) -> None:
    kept: dict[str, bytes] = {}
    for who in ("public", "assessor", "site"):
        kept[who] = station.files.add_bytes(f"evidence for the {who}".encode()).sha256
        with station.unit("add") as unit:
            unit.add(Evidence(site_id=SITE, title=who, file=kept[who], confidentiality=who))
    give(station, assessor, tmp_path, whole=False)
    assert assessor.files.has(kept["public"])
    assert assessor.files.has(kept["assessor"])
    assert not assessor.files.has(kept["site"])
