"""The one way to write: all of a unit or nothing, signed, and told to whoever watches."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ranger_app.domain.changes import MAX_OPS
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import Id, new_id
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.patrols import Patrol, Track
from ranger_app.domain.sites import Device, Site
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.changes.segments import SEGMENT_BYTES, decode
from ranger_app.storage.query import equal
from ranger_app.storage.verifying import verify
from tests.builders import a_full_record, a_patrol, a_photo, a_workspace, an_answer, quiet
from tests.sync.kept import bodies


class Mishap(Exception):
    """What a test throws into a unit of work."""


def patrols(workspace: Workspace) -> list[Patrol]:
    with workspace.reading() as data:
        return data.find(Patrol, order=("number",))


def add(workspace: Workspace, *records: Any) -> None:
    with workspace.unit("add") as unit:
        unit.add_many(records)


@pytest.mark.parametrize("kind", BY_NUMBER.values(), ids=lambda kind: kind.name)
def test_a_record_of_any_kind_is_found_as_it_was_added(kind: Any, workspace: Workspace) -> None:
    record = a_full_record(kind.cls, workspace.site_id)
    add(workspace, record)
    with workspace.reading() as data:
        assert data.need(kind.cls, record.id) == record


def test_a_unit_that_fails_leaves_nothing(workspace: Workspace) -> None:
    before, had = workspace.digest(), bodies(workspace)
    told: list[Touched] = []
    workspace.watch(told.append)

    def fail() -> None:
        with workspace.unit("fails") as unit:
            unit.add_many(a_patrol(workspace.site_id, str(n)) for n in range(12_000))
            assert unit.data.count(Patrol) == 12_000
            raise Mishap

    with pytest.raises(Mishap):
        fail()
    assert patrols(workspace) == []
    assert (workspace.digest(afresh=True), bodies(workspace), told) == (before, had, [])
    add(workspace, a_patrol(workspace.site_id))
    assert len(patrols(workspace)) == 1


def test_touched_says_what_changed_and_watchers_hear_it_once(workspace: Workspace) -> None:
    told: list[Touched] = []
    stop = workspace.watch(told.append)
    patrol, answer = a_patrol(workspace.site_id), an_answer(workspace.site_id)
    with workspace.unit("add") as unit:
        unit.add(patrol)
        unit.add(answer)
        unit.change(patrol, title="Demo")
        assert not unit.touched
    assert unit.touched.kinds == {"patrol": (patrol.id,), "answer": (answer.id,)}
    assert told == [unit.touched]
    with workspace.unit("nothing") as unit:
        unit.change(patrol, title="Demo")
    stop()
    stop()
    add(workspace, a_patrol(workspace.site_id))
    assert len(told) == 1


def test_a_watcher_may_write(workspace: Workspace) -> None:
    patrol = a_patrol(workspace.site_id)

    def title_it(touched: Touched) -> None:
        with workspace.unit("title") as unit:
            unit.change((Patrol, patrol.id), title="Demo")

    workspace.watch(title_it)
    add(workspace, patrol)
    assert patrols(workspace)[0].title == "Demo"


def test_only_what_differs_is_written(workspace: Workspace) -> None:
    patrol = a_patrol(workspace.site_id, title="Demo", starts_on=None)
    add(workspace, patrol)
    had = len(bodies(workspace))
    with workspace.unit("same") as unit:
        assert unit.change(patrol, title="Demo", number="DEM-1", starts_on=None) is False
    assert len(bodies(workspace)) == had
    with workspace.unit("one") as unit:
        assert unit.change(patrol, title="Demo", comment="new") is True
    (new,) = [decode(body) for body in bodies(workspace).values() if decode(body).action == "one"]
    assert [op.field for op in new.ops] == [BY_NUMBER[Patrol.KIND].by_name["comment"].number]


def test_a_change_goes_by_what_stands_now_and_not_by_an_old_copy(workspace: Workspace) -> None:
    patrol = a_patrol(workspace.site_id)
    add(workspace, patrol)
    with workspace.unit("first") as unit:
        unit.change(patrol, title="First")
    with workspace.unit("second") as unit:
        assert unit.change(patrol, title="")  # the copy says it is empty; it is not
    assert patrols(workspace)[0].title == ""
    assert workspace.differences() == 0


def test_many_changes_in_one_unit_make_few_segments(workspace: Workspace) -> None:
    many = [a_patrol(workspace.site_id, f"{n:04}") for n in range(1_500)]
    add(workspace, *many)
    had = len(bodies(workspace))
    with workspace.unit("all") as unit:
        for patrol in many:
            unit.change(patrol, title="Demo", comment="Demo")
            assert unit.data.get(Patrol, patrol.id) is not None
    assert len(bodies(workspace)) - had == -(-3_000 // MAX_OPS)
    assert verify(workspace, quiet()).problems == []


def test_segments_are_bounded_in_bytes(workspace: Workspace) -> None:
    """A hundred long tracks in one unit still travel."""
    length = SEGMENT_BYTES // 3
    tracks = [
        Track(site_id=workspace.site_id, patrol_id=new_id(), fixes=os.urandom(length)) for _ in range(20)
    ]
    add(workspace, *tracks)
    assert max(map(len, bodies(workspace).values())) < SEGMENT_BYTES + 2 * length
    assert workspace.rebuild()[0] == workspace.rebuild()[1]
    with workspace.reading() as data:
        assert sorted(data.column(Track, "fixes")) == sorted(track.fixes for track in tracks)


def test_what_is_too_large_is_refused_and_the_rest_of_the_workspace_is_well(workspace: Workspace) -> None:
    patrol = a_patrol(workspace.site_id)
    add(workspace, patrol)
    long = a_patrol(workspace.site_id, title="ü" * (4 << 20), comment="ü" * (4 << 20), team="ü" * (4 << 20))
    longer = replace(long, objective=long.title, mandate=long.title, station=long.title)
    for record in (Track(site_id=workspace.site_id, patrol_id=patrol.id, fixes=bytes(64 << 20)), longer):
        with pytest.raises(BadInput, match="too large"):
            add(workspace, record)
    with pytest.raises(BadInput, match="too large"), workspace.unit("title") as unit:
        unit.change(patrol, title="z" * (5 << 20))
    assert patrols(workspace) == [patrol]
    assert verify(workspace, quiet()).problems == []


def test_a_removed_record_is_hidden_and_can_come_back(workspace: Workspace) -> None:
    patrol = a_patrol(workspace.site_id, title="Demo")
    add(workspace, patrol)
    with workspace.unit("remove") as unit:
        unit.remove(patrol, reason="twice")
        assert unit.data.get(Patrol, patrol.id) is None
        with pytest.raises(NotFound):
            unit.change(patrol, title="gone")
        with pytest.raises(NotFound):
            unit.remove(patrol)
    assert patrols(workspace) == []
    with workspace.unit("restore") as unit:
        unit.restore(Patrol, patrol.id)
        unit.restore(Patrol, patrol.id)
        unit.change(patrol, title="back")
    assert [p.title for p in patrols(workspace)] == ["back"]
    assert workspace.differences() == 0


def test_nothing_that_is_not_there_can_be_changed(workspace: Workspace) -> None:
    stranger = a_patrol(workspace.site_id)
    with workspace.unit("strange") as unit:
        for act in (
            lambda: unit.change(stranger, title="x"),
            lambda: unit.remove(stranger),
            lambda: unit.restore(Patrol, stranger.id),
            lambda: unit.settle(stranger, "title", "x"),
            lambda: unit.data.need(Patrol, stranger.id),
        ):
            with pytest.raises(NotFound):
                act()


def test_history_tells_everything_in_order(workspace: Workspace) -> None:
    person = new_id()
    patrol = a_patrol(workspace.site_id)
    with workspace.unit("add", by=person) as unit:
        unit.add(patrol)
        unit.change(patrol, title="one")
        assert [c.field for c in unit.data.history(Patrol, patrol.id)] == ["", "title"]
    with workspace.unit("edit") as unit:
        unit.change(patrol, title="two")
    with workspace.unit("remove") as unit:
        unit.remove(patrol)
    with workspace.unit("restore") as unit:
        unit.restore(Patrol, patrol.id)
    with workspace.reading() as data:
        history = data.history(Patrol, patrol.id)
    assert [(c.field, c.value, c.standing, c.action) for c in history] == [
        ("", None, True, "add"),
        ("title", "one", False, "add"),
        ("title", "two", True, "edit"),
        ("deleted", True, False, "remove"),
        ("deleted", False, True, "restore"),
    ]
    assert [c.author for c in history] == [person, person, b"", b"", b""]
    assert {c.device for c in history} == {workspace.keys.replica}
    assert all(c.at <= datetime.now(UTC) for c in history)


def test_a_laptop_introduces_itself_once(workspace: Workspace) -> None:
    add(workspace, a_patrol(workspace.site_id))
    add(workspace, a_photo(workspace.site_id))
    with workspace.reading() as data:
        (device,) = data.find(Device)
    assert device.replica == workspace.keys.replica
    assert device.public_key == workspace.keys.public_key


def test_a_unit_inside_another_is_a_mistake_and_harms_neither(workspace: Workspace) -> None:
    with workspace.unit("outer") as unit:
        unit.add(a_patrol(workspace.site_id))
        with pytest.raises(RuntimeError, match="inside another"), workspace.unit("inner"):
            pass
        assert workspace.digest()  # asking is allowed
    assert len(patrols(workspace)) == 1


def test_each_record_goes_to_its_own_site(workspace: Workspace) -> None:
    other = new_id()
    add(workspace, a_patrol(workspace.site_id, "HOME"), a_patrol(other, "AWAY"))
    add(workspace, Site(id=other, site_id=other, name="Demo other"))
    with workspace.reading() as data:
        assert [p.number for p in data.find(Patrol, equal("site_id", other))] == ["AWAY"]
    streams = [decode(body).stream for body in bodies(workspace).values()]
    assert sorted(set(streams)) == sorted({bytes(workspace.site_id), bytes(other)})


def test_text_that_cannot_be_written_is_a_sentence(workspace: Workspace) -> None:
    with pytest.raises(BadInput), workspace.unit("name") as unit:
        unit.add(a_photo(workspace.site_id, file_name="IMG_\udcff.JPG"))
    with pytest.raises(BadInput), workspace.unit("name") as unit:
        unit.add(a_photo(workspace.site_id, exif={"maker": "\ud800"}))


def test_the_clock_goes_on_where_it_was(tmp_path: Any) -> None:
    with a_workspace(tmp_path / "demo.ranger") as made:
        last = made.clock.last
    with Workspace.open(tmp_path / "demo.ranger") as again:
        assert again.clock.last == last


def test_settling_takes_the_place_of_what_stands(workspace: Workspace) -> None:
    answer = an_answer(workspace.site_id, rating="met")
    add(workspace, answer)
    with workspace.unit("settle") as unit:
        unit.settle(answer, "rating", "met")
    with workspace.reading() as data:
        assert [c.value for c in data.history(type(answer), Id(answer.id))] == [None, "met"]
