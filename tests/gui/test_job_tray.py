"""The tray shows jobs that last, with progress, a guess of the time left, and a stop button."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.gui.background import Background
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.widgets.job_tray import JobTray, Worked, how_far
from ranger_app.jobs import Progress, Work
from tests.gui.screen import click


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """What a job waits for; set at the end in any case, so that no thread is left."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def tray(qtbot: QtBot, theme: Theme, background: Background) -> JobTray:
    made = JobTray()
    qtbot.addWidget(made)
    made.watch(background)
    return made


def test_a_job_that_lasts_is_shown_until_it_is_over(
    qtbot: QtBot, tray: JobTray, background: Background, go_on: threading.Event
) -> None:
    def job(work: Work) -> None:
        work.tick(3, 12)
        go_on.wait(5)

    background.run(job, "Reading a card")
    qtbot.waitUntil(lambda: bool(tray.lines))
    line = tray.lines[0]
    assert tray.isVisible()
    assert line.bar.accessibleName() == "Reading a card"
    assert (line.bar.value(), line.bar.maximum()) == (3, 12)
    assert line.how_far.text() == "3 of 12"
    go_on.set()
    qtbot.waitUntil(lambda: not tray.lines)
    assert not tray.isVisible()


def test_a_quiet_job_and_a_quick_one_are_not_shown(
    qtbot: QtBot, tray: JobTray, background: Background, go_on: threading.Event
) -> None:
    background.run(lambda work: None, "quick")
    background.run(lambda work: go_on.wait(5), "quiet", quiet=True)
    background.run(lambda work: go_on.wait(5), "shown")
    qtbot.waitUntil(lambda: bool(tray.lines))
    assert [line.bar.accessibleName() for line in tray.lines] == ["shown"]


def test_stop_stops_the_job(qtbot: QtBot, tray: JobTray, background: Background) -> None:
    def job(work: Work) -> None:
        pause = threading.Event()
        for _item in work.each(range(10_000), 10_000):
            pause.wait(0.001)

    task = background.run(job, "Reading a card")
    qtbot.waitUntil(lambda: bool(tray.lines))
    with qtbot.waitSignal(task.cancelled):
        click(tray.lines[0].stop)
        assert not tray.lines[0].stop.isEnabled()
    qtbot.waitUntil(lambda: not tray.lines)


@pytest.mark.parametrize(
    ("progress", "elapsed_s", "words"),
    [
        (Progress(0, None), 1.0, "Working…"),
        (Progress(0, None, "files"), 1.0, "files"),
        (Progress(1200, None), 1.0, "1,200"),
        (Progress(12, 340), 1.0, "12 of 340"),
        (Progress(0, 340), 60.0, "0 of 340"),
        (Progress(170, 340), 12.0, "170 of 340, about 10 seconds left"),
        (Progress(339, 340), 60.0, "339 of 340, about 5 seconds left"),
        (Progress(100, 400), 300.0, "100 of 400, about 15 min left"),
        (Progress(10, 1000), 120.0, "10 of 1,000, about 3 h 18 min left"),
        (Progress(12, 340, "waits until 20:00", held=True), 60.0, "12 of 340, waits until 20:00"),
    ],
)
def test_how_far_a_job_is_can_be_read(progress: Progress, elapsed_s: float, words: str) -> None:
    assert how_far(progress, elapsed_s) == words


@pytest.mark.parametrize("away_s", [0.0, 8 * 3600.0])
def test_a_night_asleep_is_not_time_at_work(away_s: float) -> None:
    """The time left is told from the pace, whatever the laptop did in the middle of the run."""
    worked, now_s = Worked(100.0), 100.0
    for done in range(1, 201):
        now_s += 0.5 + (away_s if done == 120 else 0.0)
        worked.reached(done, now_s)
        worked.reached(done, now_s)  # told again while nothing was done
    assert worked.seconds == pytest.approx(100.0, abs=1.0)
    assert how_far(Progress(200, 400), worked.seconds) == "200 of 400, about 2 min left"


def test_a_slow_model_is_at_work_all_the_time() -> None:
    worked = Worked(0.0)
    for done in range(1, 11):
        worked.reached(done, done * 45.0)
    assert worked.seconds == 450.0


def test_a_clock_that_goes_back_counts_for_nothing() -> None:
    worked = Worked(50.0)
    worked.reached(1, 40.0)
    worked.reached(2, 41.0)
    assert worked.seconds == pytest.approx(1.0)
