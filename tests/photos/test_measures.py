"""Numbers from camera traps: with effort, definition, and the share that a person checked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.ids import Id
from ranger_app.domain.measures import MeasureResult
from ranger_app.domain.photos import Deployment
from ranger_app.photos.measures import INDEPENDENT_AFTER, independent_events
from ranger_app.photos.review import Word
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Workspace
from tests.photos.pictures import TAKEN, card_of, jpeg
from tests.photos.seers import DemoPacks, Seer, look

MORNING = datetime(2024, 5, 1, 8)


@pytest.fixture
def photos(workspace: Workspace) -> Photos:
    return Photos(workspace, packs=DemoPacks())


def measured(photos: Photos, name: str, first: date | None = None, last: date | None = None) -> MeasureResult:
    (measure,) = [one for one in photos.measures() if one.id == f"photos.{name}"]
    assert measure.definition
    return measure.compute(first, last)


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "events"),
    [((), 0), ((0,), 1), ((0, 29.9), 1), ((0, 30), 2), ((0, 20, 40, 60), 1), ((40, 0, 100), 3)],
)
def test_half_an_hour_without_a_photo_parts_events(minutes: tuple[float, ...], events: int) -> None:
    assert independent_events(at(minute) for minute in minutes) == events


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=50))
def test_events_are_at_least_one_and_at_most_the_photos(minutes: list[int]) -> None:
    events = independent_events(at(minute) for minute in minutes)
    assert 1 <= events <= len(set(minutes))
    spread = (max(minutes) - min(minutes)) * timedelta(minutes=1)
    assert events <= spread / INDEPENDENT_AFTER + 1


def test_camera_days_run_from_the_first_photo_to_the_last_and_say_so(photos: Photos, tmp_path: Path) -> None:
    photos.add(card_of(tmp_path / "a", 4, gap=timedelta(days=3), start=MORNING), station="Ridge")
    photos.add(card_of(tmp_path / "b", 1, first=9, start=MORNING), station="Valley")
    result = measured(photos, "camera_days")
    assert result.value == 11
    assert [(row["station"], row["camera_days"]) for row in result.rows] == [("Ridge", 10), ("Valley", 1)]
    assert any("Ridge, Valley" in note for note in result.notes)


def with_deployment(photos: Photos, workspace: Workspace, tmp_path: Path) -> Id:
    photos.add(card_of(tmp_path / "a", 2, gap=timedelta(days=2), start=MORNING), station="Ridge")
    station_id = photos.station_named("Ridge")
    with workspace.unit("deployment") as unit:
        unit.add(
            Deployment(
                site_id=workspace.site_id,
                station_id=station_id,
                starts_local=datetime(2024, 4, 21),
                ends_local=datetime(2024, 5, 11),
            )
        )
    return station_id


def test_the_times_of_a_deployment_are_the_effort(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    with_deployment(photos, workspace, tmp_path)
    result = measured(photos, "camera_days")
    assert (result.value, result.notes) == (20, ())


def test_a_period_cuts_the_effort_and_the_photos(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    with_deployment(photos, workspace, tmp_path)
    first, last = date(2024, 5, 1), date(2024, 5, 2)
    assert measured(photos, "camera_days", first, last).value == 2
    assert measured(photos, "count", first, last).value == 1
    assert measured(photos, "count").value == 2


def test_events_are_counted_by_species_and_station_and_per_effort(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    # Twelve hours of photos, an hour apart: deer, boar, deer … then two people.
    photos.add(card_of(tmp_path / "a", 12, gap=timedelta(hours=1), start=MORNING), station="Ridge")
    ids = photos.ids(Wanted())
    photos.label(ids[0:10:2], Word(type="animal", name="roe deer"), by="A")
    photos.label(ids[1:10:2], Word(type="animal", name="wild boar"), by="A")
    photos.label(ids[10:], Word(type="human"), by="A")
    result = measured(photos, "events")
    assert [(row["species"], row["events"]) for row in result.rows] == [("roe deer", 5), ("wild boar", 5)]
    assert result.value == pytest.approx(100 * 10 / 1)
    assert result.query["independent_after_min"] == 30


def test_the_model_counts_where_nobody_spoke_and_the_checked_share_says_so(
    photos: Photos, tmp_path: Path
) -> None:
    photos.add(card_of(tmp_path / "a", 4, gap=timedelta(hours=2), start=MORNING), station="Ridge")
    photos.classify(model=Seer(lambda at: look(animal=0.9) if at < 3 else look()))
    ids = photos.ids(Wanted())
    photos.label(ids[:1], Word(type="animal", name="sable"), by="A")
    photos.label(ids[1:2], Word(type="blank"), by="A")
    result = measured(photos, "events")
    assert [(row["species"], row["events"]) for row in result.rows] == [("animal", 1), ("sable", 1)]
    assert result.checked_share == pytest.approx(0.5)
    assert result.query["model"] == "demo 1"


def test_the_share_that_a_person_checked_is_of_all_photos(photos: Photos, tmp_path: Path) -> None:
    photos.add(card_of(tmp_path / "a", 4), station="Ridge")
    assert measured(photos, "checked").value == 0
    photos.label(photos.ids(Wanted())[:1], Word(type="unknown"), by="A")
    assert measured(photos, "checked").value == 25


def test_photos_without_a_time_are_left_out_and_counted_as_such(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "a", 2, start=TAKEN)
    (card / "x.jpg").write_bytes(jpeg(9, taken=None))
    photos.add(card, station="Ridge")
    result = measured(photos, "count")
    assert result.value == 2
    assert result.notes == ("1 photo has no time and is left out.",)


def test_without_photos_there_is_no_number(photos: Photos) -> None:
    assert measured(photos, "count").value == 0
    for name in ("camera_days", "events", "checked"):
        assert measured(photos, name).value is None
