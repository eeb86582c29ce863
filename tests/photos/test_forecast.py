"""How long a run takes is told before it starts, and a laptop that slept does not spoil it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.inference.looks import Look
from ranger_app.jobs import Work
from ranger_app.photos.runs import classify as room
from ranger_app.photos.runs.classify import Manner, classify, waiting
from ranger_app.photos.runs.forecast import REMEMBERED, Rates
from ranger_app.photos.runs.pace import Gate, Pace
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPacks, Seer, look


class Clock:
    """A laptop's running clock; each photo takes half a second."""

    def __init__(self) -> None:
        self.s = 0.0
        self.sleeps_at = -1

    def seen(self, at: int) -> Look:
        self.s += 0.5 if at != self.sleeps_at else 8 * 3600
        return look(animal=0.9)


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    made = Photos(workspace, packs=DemoPacks())
    made.add(card_of(tmp_path / "card", 40), station="S")
    return made


def classified(workspace: Workspace, clock: Clock, count: int) -> None:
    classify(
        workspace,
        waiting(workspace, "demo", "1")[:count],
        Seer(clock.seen),
        pack_id="demo",
        pack_version="1",
        work=Work(),
        manner=Manner(gate=Gate(Pace()), rates=Rates(workspace.cache), running_s=lambda: clock.s),
    )


def test_after_a_first_run_the_time_of_the_next_is_known(photos: Photos, workspace: Workspace) -> None:
    assert photos.forecast().seconds is None
    classified(workspace, Clock(), 10)
    before = photos.forecast()
    assert before.waiting == 30
    assert before.seconds == pytest.approx(15.0)


def test_a_laptop_that_slept_in_the_middle_tells_the_same_time(
    photos: Photos, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BATCH_RESULTS", 2)
    clock = Clock()
    clock.sleeps_at = 5
    classified(workspace, clock, 20)
    assert photos.forecast().photo_s == pytest.approx(0.5)


def test_only_the_latest_count(tmp_path: Path) -> None:
    rates = Rates(tmp_path)
    for _batch in range(REMEMBERED):
        rates.learn("p@1", 10, 50)
    for _batch in range(REMEMBERED):
        rates.learn("p@1", 10, 10)
    rates.keep()
    assert Rates(tmp_path).photo_s("p@1") == 1.0
    assert Rates(tmp_path).photo_s("p@2") is None


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[1]", b'{"p@1": 3}', b'{"p@1": ["a", null, -1, 1e99, true]}', b"[" * 100_000, b"\xff"],
)
def test_a_damaged_file_of_rates_is_as_none(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "rates.json").write_bytes(raw)
    rates = Rates(tmp_path)
    assert rates.photo_s("p@1") is None
    rates.learn("p@1", 1, 1.0)
    rates.keep()
    assert Rates(tmp_path).photo_s("p@1") == 1.0


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    Rates(tmp_path / "cache").keep()
