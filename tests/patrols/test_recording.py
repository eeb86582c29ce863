"""Patrols written down by hand, and their numbers as evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import new_id
from ranger_app.domain.measures import MeasureResult
from ranger_app.domain.patrols import Observation, Patrol, Value
from ranger_app.patrols.recording import DayEntry, ObservationEntry, PatrolEntry, WaypointEntry
from ranger_app.patrols.service import Patrols
from ranger_app.patrols.vocabulary import Vocabulary, starter
from ranger_app.storage import Workspace
from tests.patrols.walks import noted, walk, write_gpx

MAY_6 = date(2026, 5, 6)
ENTRY = PatrolEntry(
    number="DEM-2026-001", team="Demo team", starts_on=MAY_6, members=("Ann Demo", "Ben Demo")
)
DAY = DayEntry(
    day=MAY_6,
    starts_local=datetime(2026, 5, 6, 7),
    ends_local=datetime(2026, 5, 6, 15),
    rest_s=3600,
    stated_distance_m=12_000,
)


def test_a_patrol_by_hand_has_effort_and_observations(patrols: Patrols) -> None:
    patrol = patrols.start(ENTRY)
    patrols.record_day(patrol.id, DAY)
    patrols.note(
        WaypointEntry(
            patrol_id=patrol.id, lon=134.5, lat=43.5, at_local=datetime(2026, 5, 6, 9), comment="ford"
        ),
        [ObservationEntry(category="threat.hunting.snare.", values={"count": 3, "action": ("removed",)})],
    )
    patrols.finish(patrol.id)
    (row,) = patrols.rows()
    assert (row.days, row.distance_m, row.field_s / 3600, row.observations) == (1, 12_000, 7, 1)
    assert row.status == "submitted"
    report = patrols.patrol(patrol.id)
    (one,) = report.noted
    assert one.waypoint.at == datetime(2026, 5, 5, 23, tzinfo=UTC)
    assert one.waypoint.leg_day_id == report.days[0].id
    assert [(s.attribute, s.value) for s in one.seen[0].said] == [
        ("How many", "3"),
        ("Action taken", "Removed"),
    ]
    assert report.effort.man_days == 2


def test_numbers_go_on_from_the_last(patrols: Patrols) -> None:
    assert patrols.next_number(MAY_6) == "DEM-2026-001"
    patrols.start(ENTRY)
    assert patrols.next_number(MAY_6) == "DEM-2026-002"
    assert patrols.next_number(date(2027, 1, 1)) == "DEM-2027-001"


def test_a_correction_changes_only_what_differs(workspace: Workspace, patrols: Patrols) -> None:
    patrol = patrols.start(ENTRY)
    patrols.correct(patrol.id, PatrolEntry(number="DEM-2026-001", team="Other demo team", starts_on=MAY_6))
    with workspace.reading() as data:
        changes = [c.field for c in data.history(Patrol, patrol.id)]
    assert changes == ["", "team"]
    assert patrols.patrol(patrol.id).legs[0].members is None


def test_a_day_written_down_twice_is_one_day(patrols: Patrols) -> None:
    patrol = patrols.start(ENTRY)
    patrols.record_day(patrol.id, DAY)
    patrols.record_day(patrol.id, DayEntry(day=MAY_6, stated_distance_m=5000))
    report = patrols.patrol(patrol.id)
    assert [d.stated_distance_m for d in report.days] == [5000]
    patrols.record_day(patrol.id, DayEntry(day=date(2026, 5, 8)))
    assert patrols.patrol(patrol.id).patrol.ends_on == date(2026, 5, 8)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (PatrolEntry(number=" "), "needs a number"),
        (PatrolEntry(number="1", patrol_type="SPACE"), "no type"),
        (PatrolEntry(number="1", starts_on=MAY_6, ends_on=date(2026, 5, 1)), "before it starts"),
        (PatrolEntry(number="1", comment="x" * 30_000), "longer than"),
    ],
)
def test_a_patrol_that_cannot_be_is_refused(patrols: Patrols, entry: PatrolEntry, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        patrols.start(entry)
    assert patrols.rows() == []


@pytest.mark.parametrize(
    "day",
    [
        DayEntry(day=MAY_6, starts_local=datetime(2026, 5, 6, 9), ends_local=datetime(2026, 5, 6, 8)),
        DayEntry(day=MAY_6, starts_local=datetime(2026, 5, 6, 9), ends_local=datetime(2026, 5, 9, 8)),
        DayEntry(
            day=MAY_6, starts_local=datetime(2026, 5, 6, 9), ends_local=datetime(2026, 5, 6, 10), rest_s=7200
        ),
        DayEntry(day=MAY_6, rest_s=-1),
        DayEntry(day=MAY_6, stated_distance_m=float("nan")),
    ],
)
def test_a_day_that_cannot_be_is_refused(patrols: Patrols, day: DayEntry) -> None:
    patrol = patrols.start(ENTRY)
    with pytest.raises(BadInput):
        patrols.record_day(patrol.id, day)


@pytest.mark.parametrize(("lon", "lat"), [(200.0, 0.0), (0.0, 91.0), (None, 1.0), (float("nan"), 0.0)])
def test_a_place_that_is_nowhere_is_refused(patrols: Patrols, lon: float | None, lat: float | None) -> None:
    with pytest.raises(BadInput):
        patrols.note(WaypointEntry(lon=lon, lat=lat))


def test_a_refused_observation_leaves_no_place_behind(patrols: Patrols) -> None:
    wrong = ObservationEntry(category="threat.hunting.snare.", values={"count": "many"})
    with pytest.raises(BadInput, match="needs a number"):
        patrols.note(WaypointEntry(lon=134.5, lat=43.5), [wrong])
    assert patrols.incidents() == []


def test_an_incident_can_be_added_to(workspace: Workspace, patrols: Patrols) -> None:
    place = patrols.note(WaypointEntry(lon=134.5, lat=43.5, comment="smoke"))
    patrols.observe(
        place.id, ObservationEntry(category="threat.fire.", values={"area_ha": 2.5, "note": "old"})
    )
    patrols.observe(place.id, ObservationEntry(category="place.water.", values={}))
    (one,) = patrols.incidents()
    assert [s.words for s in one.seen] == ["Fire", "Water"]
    with pytest.raises(NotFound):
        patrols.observe(new_id(), ObservationEntry(category="place.water.", values={}))


def test_removing_hides_everything_that_belongs_to_it(workspace: Workspace, patrols: Patrols) -> None:
    patrol = patrols.start(ENTRY)
    patrols.record_day(patrol.id, DAY)
    seen = [ObservationEntry(category="threat.fire.", values={"area_ha": 2.5})]
    patrols.note(WaypointEntry(patrol_id=patrol.id, lon=134.5, lat=43.5), seen)
    assert patrols.remove(patrol.id, reason="entered twice") == 6
    with workspace.reading() as data:
        assert data.count(Observation) == data.count(Value) == 0
        assert data.get(Patrol, patrol.id, hidden_too=True) is not None
    with pytest.raises(NotFound):
        patrols.remove(patrol.id, reason="again")


# ---- words


def test_the_starter_has_words_for_everything_in_it() -> None:
    words = starter()
    keys = [choice.key for choice in words.categories]
    assert len(keys) == len(set(keys)) > 20
    for key in keys:
        assert words.knows_category(key)
        assert words.category_words(key)
        for attribute in words.attributes_of(key):
            assert attribute.words
            assert words.knows_attribute(attribute.key)


def test_a_few_letters_find_a_category() -> None:
    words = starter()
    assert [c.words for c in words.search("sna")] == ["Snare or trap"]
    assert words.search("hunt snare")[0].key == "threat.hunting.snare."
    assert words.search("zzz") == []
    assert len(words.search("")) > 10


def test_what_is_asked_for_is_inherited_from_above() -> None:
    keys = [a.key for a in starter().attributes_of("threat.hunting.snare.")]
    assert keys[:2] == ["count", "age"]
    assert "species" in keys


@pytest.mark.parametrize(
    "definition", [None, 5, {}, {"categories": 5, "attributes": []}, {"categories": [5, {}]}]
)
def test_a_model_that_makes_no_sense_has_no_words_and_does_no_harm(definition: object) -> None:
    words = Vocabulary(definition)
    assert words.category_words("a.b.") == "b"
    assert words.attribute_words("some_key") == "Some key"
    assert words.attribute_words("nameornames") == "Name or names"
    assert words.attribute_words("suspect_name_2") == "Name of the suspect 2"
    assert words.attribute_words("numberOfTraps") == "Number of traps"
    assert words.attribute_words("_") == "_"
    assert words.attributes_of("a.") == []
    words.search("a")


# ---- numbers as evidence


def measured(
    patrols: Patrols, id_: str, first: date | None = None, last: date | None = None
) -> MeasureResult:
    return next(m for m in patrols.measures() if m.id == id_).compute(first, last)


def test_measures_say_what_they_count(patrols: Patrols, tmp_path: Path) -> None:
    patrol = patrols.start(ENTRY)
    patrols.record_day(patrol.id, DAY)
    patrols.note(
        WaypointEntry(patrol_id=patrol.id, lon=134.5, lat=43.5, at_local=datetime(2026, 5, 6, 9)),
        [ObservationEntry(category="threat.fire.", values={})],
    )
    patrols.accept(patrols.propose([write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()])]))
    assert measured(patrols, "patrols.count").value == 2
    assert measured(patrols, "patrols.days").value == 2
    hours = measured(patrols, "patrols.hours")
    assert hours.value == pytest.approx(7 + 19 / 60, abs=0.001)
    distance = measured(patrols, "patrols.distance")
    assert distance.value == pytest.approx(12.422, abs=0.001)
    assert [row["month"] for row in distance.rows] == ["2026-05"]
    assert distance.notes
    seen = measured(patrols, "patrols.observations")
    assert seen.value == 2
    assert [(row["category"], row["observations"]) for row in seen.rows] == [
        ("Fire", 1),
        ("noted, no category", 1),
    ]
    assert all(m.definition for m in patrols.measures())


def test_a_period_takes_only_its_days(patrols: Patrols) -> None:
    patrol = patrols.start(ENTRY)
    patrols.record_day(patrol.id, DAY)
    assert measured(patrols, "patrols.distance", MAY_6, MAY_6).value == 12
    later = measured(patrols, "patrols.distance", date(2026, 6, 1))
    assert later.value is None
    assert measured(patrols, "patrols.observations", date(2026, 6, 1)).value is None


def test_nothing_is_nothing_and_not_zero(patrols: Patrols) -> None:
    assert all(m.compute(None, None).value is None for m in patrols.measures())
