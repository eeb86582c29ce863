"""A run waits for the hour and for mains power, says so, loses nothing, and can be stopped while it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.domain.photos import Detection
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.photos.runs.pace import LOOKED_EVERY_S, Gate, Pace, hour, within
from ranger_app.photos.runs.power import linux, mac
from ranger_app.photos.runs.runs import How
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPacks, Seer, look


@dataclass
class Night:
    """A laptop's clock and its cable; resting is what makes time pass, and `plug` says when it is plugged."""

    at: datetime = datetime(2026, 7, 1, 18, 0)
    plug: Sequence[bool | None] = ()
    rests: list[float] = field(default_factory=list)
    asked: int = 0

    def on_battery(self) -> bool | None:
        self.asked += 1
        return self.plug[min(self.asked, len(self.plug)) - 1] if self.plug else None

    def rest(self, work: Work, seconds: float) -> None:
        work.rest(0)
        self.rests.append(seconds)
        self.at += timedelta(seconds=seconds)

    def gate(self, pace: Pace) -> Gate:
        return Gate(
            pace, power=self, now=lambda: self.at, running_s=lambda: self.at.timestamp(), rest=self.rest
        )


NIGHT = Pace(start=time(20), until=time(6))
MAINS = Pace(pause_on_battery=True)


def test_a_run_by_night_waits_for_its_hour() -> None:
    night = Night()
    waited = night.gate(NIGHT).wait(Work(), 0, lambda: None)
    assert night.at.time() == time(20)
    assert waited == 2 * 3600


def test_what_was_done_is_recorded_before_the_first_rest_and_the_reason_is_told() -> None:
    night, told, kept = Night(at=datetime(2026, 7, 1, 19, 59, 30)), list[Progress](), list[float]()
    night.gate(NIGHT).wait(Work(told.append), 7, lambda: kept.append(len(night.rests)))
    assert kept == [0]
    assert {(one.done, one.note) for one in told} == {(7, "waits until 20:00")}


def test_a_run_waits_until_it_is_plugged_in() -> None:
    night = Night(plug=[True, True, True, False])
    assert night.gate(MAINS).wait(Work(), 0, lambda: None) == 3 * LOOKED_EVERY_S


def test_a_computer_without_a_battery_never_waits() -> None:
    night = Night(plug=[None])
    assert night.gate(MAINS).wait(Work(), 0, lambda: None) == 0
    assert not night.rests


def test_a_run_that_waits_can_be_stopped() -> None:
    night, work = Night(plug=[True]), Work()
    work.cancel()
    with pytest.raises(Cancelled):
        night.gate(MAINS).wait(work, 0, lambda: None)


def test_clock_and_cable_are_not_looked_at_for_every_photo() -> None:
    night = Night(plug=[False])
    gate = night.gate(MAINS)
    for _photo in range(100):
        gate.wait(Work(), 0, lambda: None)
    assert night.asked == 1
    night.at += timedelta(seconds=LOOKED_EVERY_S + 1)
    gate.wait(Work(), 0, lambda: None)
    assert night.asked == 2


def test_waiting_is_not_counted_as_work(workspace: Workspace, tmp_path: Path) -> None:
    night = Night()
    photos = Photos(workspace, packs=DemoPacks())
    photos.add(card_of(tmp_path / "card", 3), station="S")
    done = photos.classify(model=Seer(), how=How(gate=night.gate(NIGHT)))
    assert done.done == 3
    assert done.seconds < 60
    assert sum(night.rests) == 2 * 3600


def test_a_cable_pulled_in_the_middle_loses_nothing(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=DemoPacks())
    photos.add(card_of(tmp_path / "card", 6), station="S")
    night = Night(plug=[False, False, True, True, False])
    recorded: list[int] = []

    def later(_at: int) -> object:
        night.at += timedelta(seconds=LOOKED_EVERY_S)
        return look(animal=0.9)

    def told(progress: Progress) -> None:
        if progress.note == "waits for mains power":
            with workspace.reading() as data:
                recorded.append(data.count(Detection))

    photos.classify(model=Seer(later), how=How(gate=night.gate(MAINS)), work=Work(told))  # type: ignore[arg-type]
    assert recorded == [2, 2]
    with workspace.reading() as data:
        assert data.count(Detection) == 6


@pytest.mark.parametrize("hours", [6, -3, 24 * 400])
def test_a_laptop_that_wakes_with_another_clock_goes_on_when_it_may(
    workspace: Workspace, tmp_path: Path, hours: int
) -> None:
    """Asleep in the middle of a run, or its clock set: it waits for its hour, looking at each photo once."""
    photos = Photos(workspace, packs=DemoPacks())
    photos.add(card_of(tmp_path / "card", 8), station="S")
    night, hours_worked = Night(at=datetime(2026, 7, 1, 23, 0)), list[time]()

    def later(at: int) -> object:
        hours_worked.append(night.at.time())
        night.at += timedelta(seconds=LOOKED_EVERY_S) + (timedelta(hours=hours) if at == 3 else timedelta())
        return look(animal=0.9)

    done = photos.classify(model=Seer(later), how=How(gate=night.gate(NIGHT)))  # type: ignore[arg-type]
    assert done.done == 8
    assert len(hours_worked) == 8
    assert all(within(hour, time(20), time(6)) for hour in hours_worked)
    with workspace.reading() as data:
        assert data.count(Detection) == 8


@given(st.times(), st.times(), st.times())
def test_an_hour_is_in_the_night_or_in_the_day(now: time, start: time, until: time) -> None:
    if start != until:
        assert within(now, start, until) != within(now, until, start)


@pytest.mark.parametrize(("text", "found"), [("20:00", time(20)), ("6", time(6)), (" 05:30 ", time(5, 30))])
def test_hours_are_read(text: str, found: time) -> None:
    assert hour(text) == found


@pytest.mark.parametrize("text", ["", "25:00", "6:75", "evening", "6:00:00"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        hour(text)


def supplies(folder: Path, **said: dict[str, str]) -> Path:
    for name, files in said.items():
        (folder / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / name / file).write_text(text + "\n")
    return folder


BATTERY = {"type": "Battery", "status": "Discharging"}


def test_linux_says_where_the_power_comes_from(tmp_path: Path) -> None:
    cable = {"type": "Mains", "online": "1"}
    pulled = {"type": "Mains", "online": "0"}
    mouse = BATTERY | {"scope": "Device"}
    assert linux(supplies(tmp_path / "a", AC=cable, BAT0=BATTERY)) is False
    assert linux(supplies(tmp_path / "b", AC=pulled, BAT0=BATTERY)) is True
    assert linux(supplies(tmp_path / "c", BAT0=BATTERY | {"status": "Full"})) is False
    assert linux(supplies(tmp_path / "d", BAT0=BATTERY)) is True
    assert linux(supplies(tmp_path / "e", AC=cable, hid=mouse)) is False
    assert linux(supplies(tmp_path / "f", hid=mouse)) is None
    assert linux(tmp_path / "nothing") is None


def test_a_mac_says_where_the_power_comes_from() -> None:
    assert mac("Now drawing from 'Battery Power'\n -InternalBattery-0 62%") is True
    assert mac("Now drawing from 'AC Power'\n") is False
    assert mac("") is None
