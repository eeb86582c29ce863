"""Jobs run off the screen's thread, report, fail and stop politely."""

from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ranger_app.gui.background import Background, Task
from ranger_app.jobs import Cancelled, Progress, Work


class _Page(QLabel):
    """Remembers the thread on which it was told."""

    told_on: threading.Thread | None = None

    def show_result(self, value: int) -> None:
        self.told_on = threading.current_thread()
        self.setText(str(value))


def test_the_result_arrives_on_the_screens_thread(qtbot: QtBot, background: Background) -> None:
    page = _Page()
    qtbot.addWidget(page)
    task = background.run(lambda work: 6 * 7, "sum")
    with qtbot.waitSignal(background.ended):
        task.finished.connect(page.show_result)
    assert page.text() == "42"
    assert page.told_on is threading.main_thread()


def test_nothing_is_missed_by_connecting_late(qtbot: QtBot, background: Background) -> None:
    done = threading.Event()

    def job(work: Work) -> str:
        done.set()
        return "quick"

    task = background.run(job, "quick")
    assert done.wait(5)  # the job is over before anybody listens
    with qtbot.waitSignal(task.finished) as told:
        pass
    assert told.args == ["quick"]


def test_a_failure_is_told_to_whoever_listens(qtbot: QtBot, background: Background) -> None:
    def job(work: Work) -> None:
        raise ValueError("no such card")

    with qtbot.waitSignal(background.run(job, "import").failed) as told:
        pass
    assert str(told.args[0]) == "no such card"


def test_a_failure_to_which_nobody_listens_is_not_lost(qtbot: QtBot, background: Background) -> None:
    def job(work: Work) -> None:
        raise ValueError("no such card")

    with qtbot.waitSignal(background.unheard) as told:
        background.run(job, "import")
    assert isinstance(told.args[1], ValueError)


def test_cancelling_stops_between_items(qtbot: QtBot, background: Background) -> None:
    begun, cancelled, done = threading.Event(), threading.Event(), []

    def job(work: Work) -> None:
        for item in work.each(range(1000), 1000):
            done.append(item)
            begun.set()
            cancelled.wait(5)

    task = background.run(job, "long")
    with qtbot.waitSignal(task.cancelled):
        assert begun.wait(5)
        task.cancel()
        cancelled.set()
    assert done == [0]


def test_a_long_job_finds_what_was_said_before_it_and_what_is_said_after_does_not_wait_for_it(
    qtbot: QtBot, background: Background
) -> None:
    gate, go_on = threading.Event(), threading.Event()
    told: list[str] = []

    def before(work: Work) -> None:
        gate.wait(5)
        told.append("before")

    def takes_long(work: Work) -> None:
        told.append("long")
        go_on.wait(5)

    background.run(before, "said before", writes=True)
    task = background.run(takes_long, "long", long=True)
    after = background.run(lambda _work: None, "said after", writes=True)
    gate.set()
    with qtbot.waitSignal(after.finished):
        pass
    go_on.set()
    with qtbot.waitSignal(task.finished):
        pass
    assert told == ["before", "long"]


def test_progress_is_told_and_kept_for_whoever_asks_later(qtbot: QtBot, background: Background) -> None:
    go_on = threading.Event()

    def job(work: Work) -> None:
        work.tick(3, 12, "photos")
        go_on.wait(5)

    task = background.run(job, "long")
    with qtbot.waitSignal(task.progressed) as told:
        pass
    go_on.set()
    assert told.args == [Progress(3, 12, "photos")]
    assert task.progress == Progress(3, 12, "photos")


def test_writers_take_turns(qtbot: QtBot, background: Background) -> None:
    order: list[int] = []

    def writer(number: int) -> None:
        background.run(lambda work: order.append(number), "write", writes=True)

    for number in range(20):
        writer(number)
    qtbot.waitUntil(lambda: not background.tasks)
    assert order == sorted(order)


def test_readers_run_side_by_side(qtbot: QtBot, background: Background) -> None:
    meeting = threading.Barrier(4, timeout=5)  # breaks unless four are there at once
    tasks = [background.run(lambda work: meeting.wait(), "read") for _ in range(4)]
    results: list[int] = []
    for task in tasks:
        task.finished.connect(results.append)
    qtbot.waitUntil(lambda: not background.tasks)
    assert sorted(results) == [0, 1, 2, 3]


def test_a_word_from_any_thread_is_heard_on_the_screens(qtbot: QtBot, background: Background) -> None:
    heard: list[threading.Thread] = []
    speaker = threading.Thread(
        target=lambda: background.tell(lambda: heard.append(threading.current_thread()))
    )
    speaker.start()
    qtbot.waitUntil(lambda: bool(heard))
    speaker.join()
    assert heard == [threading.main_thread()]


def test_closing_stops_everything(qtbot: QtBot) -> None:
    def endless(work: Work) -> None:
        for number in itertools.count():
            work.tick(number)

    background = Background()
    for _ in range(10):
        background.run(endless, "endless")
    background.close()  # returns; a fixture checks that no thread is left


def test_an_answer_that_comes_while_closing_asks_for_nothing_more(qtbot: QtBot) -> None:
    background, done = Background(), threading.Event()
    task = background.run(lambda _work: done.set(), "ask")
    task.finished.connect(lambda _nothing: background.run(lambda _work: None, "ask more"))
    assert done.wait(timeout=10)
    background.close()
    QCoreApplication.processEvents()  # what a slot raises fails the test
    assert task.ended, "or it would keep the page that waits for it"


def test_a_task_says_when_it_is_over(qtbot: QtBot, background: Background) -> None:
    with qtbot.waitSignal(background.ended) as told:
        task = background.run(lambda work: None, "nothing")
        assert not task.ended
    assert told.args == [task]
    assert isinstance(told.args[0], Task)
    assert task.ended


@given(st.lists(st.integers(), max_size=20), st.integers(0, 25))
def test_each_yields_everything_or_a_prefix(items: list[int], stop_after: int) -> None:
    work, seen = Work(), []
    try:
        for item in work.each(items, len(items)):
            seen.append(item)
            if len(seen) == stop_after:
                work.cancel()
    except Cancelled:
        pass
    assert seen == items[: len(seen)]
    assert len(seen) in (len(items), stop_after)


@pytest.mark.soak
def test_many_rounds_of_jobs_that_fail_and_are_cancelled(qtbot: QtBot) -> None:
    for round_ in range(12):
        background = Background()
        ended: list[Task] = []
        background.ended.connect(ended.append)

        def job(work: Work) -> None:
            for item in work.each(range(200), 200):
                if item % 67 == 66:
                    raise ValueError("a bad photo")

        for number in range(40):
            task = background.run(job, "round", writes=number % 3 == 0)
            task.failed.connect(lambda _error: None)
            if number % 4 == 0:
                task.cancel()
        if round_ % 2:
            qtbot.waitUntil(lambda ended=ended: len(ended) == 40)  # type: ignore[misc]
            assert not background.tasks
        background.close()
