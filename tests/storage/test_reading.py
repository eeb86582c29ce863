"""Asking for records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ranger_app.domain.errors import NotFound
from ranger_app.domain.ids import new_id
from ranger_app.domain.patrols import Patrol, Waypoint
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.query import (
    Condition,
    at_least,
    at_most,
    below,
    contains,
    equal,
    missing,
    one_of,
    present,
)
from ranger_app.storage.reading import MAX_ONE_OF
from tests.builders import a_patrol, a_photo, a_waypoint

MAY = date(2026, 5, 31)


@pytest.fixture
def stocked(workspace: Workspace) -> Workspace:
    site = workspace.site_id
    with workspace.unit("stock") as unit:
        unit.add(a_patrol(site, "A", title="North 50%_ gate", starts_on=date(2026, 5, 1), armed=True))
        unit.add(a_patrol(site, "B", title="ÄHREN", starts_on=MAY))
        unit.add(a_patrol(site, "C", starts_on=None, team="demo team"))
        gone = a_patrol(site, "D", starts_on=MAY)
        unit.add(gone)
        unit.remove(gone)
    return workspace


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (equal("number", "A"), "A"),
        (equal("starts_on", MAY), "B"),
        (equal("starts_on", None), "C"),
        (equal("armed", True), "A"),
        (one_of("number", ["C", "A", "X"]), "AC"),
        (one_of("number", []), ""),
        (at_least("starts_on", date(2026, 5, 2)), "B"),
        (at_most("starts_on", MAY), "AB"),
        (below("starts_on", MAY), "A"),
        (contains("title", "50%_"), "A"),
        (contains("title", "NORTH"), "A"),
        (contains("title", "0_"), ""),
        (missing("starts_on"), "C"),
        (present("starts_on"), "AB"),
    ],
)
def test_a_condition_finds_what_it_says(stocked: Workspace, condition: Condition, found: str) -> None:
    with stocked.reading() as data:
        assert data.column(Patrol, "number", condition, order=("number",)) == list(found)
        assert [p.number for p in data.find(Patrol, condition, order=("number",))] == list(found)
        assert data.count(Patrol, condition) == len(found)


def test_order_limit_and_columns(stocked: Workspace) -> None:
    with stocked.reading() as data:
        assert data.column(Patrol, "number", order=("-number",), limit=2) == ["C", "B"]
        assert [p.number for p in data.find(Patrol, order=("-starts_on", "number"))] == ["B", "A", "C"]
        assert [p.number for p in data.find(Patrol, order=("number",), limit=1, offset=1)] == ["B"]
        assert [p.number for p in data.find(Patrol, order=("number",), offset=2)] == ["C"]
        assert data.columns(Patrol, ("number", "starts_on", "armed"), order=("number",)) == [
            ("A", date(2026, 5, 1), True),
            ("B", MAY, False),
            ("C", None, False),
        ]
        assert data.tally(Patrol, "armed") == {True: 1, False: 2}
        assert data.tally(Patrol, "starts_on", present("starts_on")) == {date(2026, 5, 1): 1, MAY: 1}


def test_instants_are_compared_as_instants(workspace: Workspace) -> None:
    with workspace.unit("add") as unit:
        for year in (1912, 1970, 2026):
            unit.add(a_waypoint(workspace.site_id, number=str(year), at=datetime(year, 1, 1, tzinfo=UTC)))
    with workspace.reading() as data:
        early = data.column(Waypoint, "number", below("at", datetime(1970, 1, 1, tzinfo=UTC)))
    assert early == ["1912"]


def test_each_streams_all_of_them(workspace: Workspace) -> None:
    with workspace.unit("add") as unit:
        unit.add_many(a_photo(workspace.site_id, file_name=f"{n:05}.JPG") for n in range(2_500))
    with workspace.reading() as data:
        names = [photo.file_name for photo in data.each(Photo, order=("-file_name",))]
        assert names == sorted(names, reverse=True)
        assert len(names) == 2_500
        assert data.count(Photo) == 2_500


def test_a_reading_sees_one_moment(workspace: Workspace) -> None:
    with workspace.reading() as before:
        assert before.count(Patrol) == 0
        with workspace.unit("add") as unit:
            unit.add(a_patrol(workspace.site_id))
        assert before.count(Patrol) == 0
        with workspace.reading() as after:
            assert after.count(Patrol) == 1


def test_what_is_not_there_is_not_found_in_a_sentence(workspace: Workspace) -> None:
    with workspace.reading() as data:
        assert data.get(Patrol, new_id()) is None
        with pytest.raises(NotFound, match="patrol"):
            data.need(Patrol, new_id())


def test_a_hidden_record_is_found_only_when_asked_for(stocked: Workspace) -> None:
    with stocked.reading() as data:
        (hidden,) = [c for c in _all_ids(stocked) if data.get(Patrol, c) is None]
        found = data.get(Patrol, hidden, hidden_too=True)
        assert found is not None
        assert found.number == "D"


def test_the_ids_that_are_taken_are_those_of_hidden_records_too(stocked: Workspace) -> None:
    everybody, unknown = _all_ids(stocked), new_id()
    with stocked.reading() as data:
        assert data.taken_ids(Patrol, [*everybody, unknown]) == set(everybody)
        assert data.taken_ids(Patrol, []) == set()
        with pytest.raises(ValueError, match="at most"):
            data.taken_ids(Patrol, [unknown] * (MAX_ONE_OF + 1))


def _all_ids(workspace: Workspace) -> list[Any]:
    with workspace.reading_raw() as database:
        return [row[0] for row in database.execute("select id from patrol")]
