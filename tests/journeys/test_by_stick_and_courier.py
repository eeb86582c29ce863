"""A station and headquarters edit the same things apart; sticks and a courier bring them together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.command_line import ranger_here

GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="demo" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>Demo patrol</name><trkseg>
{points}
</trkseg></trk></gpx>
"""
Command = Callable[..., Any]
BOTH_WROTE = {
    ("patrol", "title"): ("Snares by the river", "Patrol of the river"),
    ("answer", "rating"): ("met", "partly"),
    ("answer", "narrative"): ("Seen at the station.", "Seen in the office."),
}
"""What the station wrote, and what headquarters did."""


@pytest.fixture
def run(tmp_path: Path) -> Command:
    def run(*words: object, at: str = "") -> Any:
        told = ranger_here(*words, *(("--workspace", at) if at else ()), folder=tmp_path)
        assert told.status == 0, told.words
        return told.document

    return run


@pytest.fixture
def park(run: Command, tmp_path: Path) -> Command:
    """Headquarters with a patrol and an assessment, and two laptops that joined and have them too."""
    run("new", "hq", "--site", "Demo park", "--no-passphrase", "--device", "headquarters")
    points = "\n".join(
        f'<trkpt lat="43.{n:03}" lon="131.2"><time>2026-05-0{1 + n // 60}T08:{n % 60:02}:00Z</time></trkpt>'
        for n in range(50)
    )
    (tmp_path / "demo.gpx").write_text(GPX.format(points=points), encoding="utf-8")
    run("import", "demo.gpx", at="hq")
    run("assess", "new", "--title", "Demo round", at="hq")
    run("assess", "answer", "1.1.1", "--rating", "not_met", at="hq")
    for name, role in (("station", "manager"), ("courier", "ranger")):
        run("join", name, "--request", f"{name}.req", "--device", name, "--no-passphrase")
        enrol = ("device", "enrol", f"{name}.req", "--role", role, "--out", f"{name}.ans", "--yes")
        run(*enrol, at="hq")
        run("join", name, "--answer", f"{name}.ans")
    run("bundle", "write", "first", at="hq")
    for name in ("station", "courier"):
        assert run("bundle", "read", "first", at=name)["unsealed"] == 0
    return run


def edit(run: Command, at: str, which: int) -> None:
    """What a person at one of the two places does."""
    (patrol,) = run("record", "list", "patrol", at=at)
    run("record", "set", "patrol", patrol["id"], f"title={BOTH_WROTE['patrol', 'title'][which]}", at=at)
    rating = BOTH_WROTE["answer", "rating"][which]
    narrative = BOTH_WROTE["answer", "narrative"][which]
    run("assess", "answer", "1.1.1", "--rating", rating, "--narrative", narrative, at=at)


def shown(run: Command, at: str) -> dict[tuple[str, str], str]:
    """What a laptop shows of what both wrote."""
    records = {
        "patrol": run("record", "list", "patrol", at=at),
        "answer": run("record", "list", "answer", at=at),
    }
    found = {}
    for kind, field in BOTH_WROTE:
        (record,) = (one for one in records[kind] if kind == "patrol" or one["indicator"] == "1.1.1")
        found[kind, field] = record[field]
    return found


def carry(run: Command, stick: str, giver: str, taker: str) -> Any:
    run("bundle", "write", stick, at=giver)
    return run("bundle", "read", stick, at=taker)


def test_nothing_is_lost_and_what_is_settled_comes_back(park: Command) -> None:
    run = park
    edit(run, "station", 0)
    edit(run, "hq", 1)
    run("record", "set", "site", run("status", at="hq")["sites"][0]["id"], "country=RUS", at="hq")
    carry(run, "stick 1", "station", "courier")
    assert run("bundle", "read", "stick 1", at="station")["receipts"] == ["courier"]
    at_hq = carry(run, "stick 2", "courier", "hq")
    assert at_hq["missing_parts"] == []
    listed = run("differences", "list", at="hq")
    assert at_hq["differences"] == len(listed) == len(BOTH_WROTE)
    for one in listed:
        kind, field = one["record"]["kind"], one["field"]
        assert {value["value"] for value in one["values"]} == set(BOTH_WROTE[kind, field])
        assert {value["device"] for value in one["values"]} == {"station", "headquarters"}
    for one in listed:
        kind, field = one["record"]["kind"], one["field"]
        wanted = BOTH_WROTE[kind, field][0]
        (number,) = (n for n, value in enumerate(one["values"], start=1) if value["value"] == wanted)
        run("differences", "settle", kind, one["record"]["id"], field, "--keep", number, at="hq")
    assert run("differences", "list", at="hq") == []
    carry(run, "stick 3", "hq", "courier")
    back = carry(run, "stick 4", "courier", "station")
    assert (back["differences"], back["missing_parts"]) == (0, [])
    settled = {which: values[0] for which, values in BOTH_WROTE.items()}
    assert shown(run, "station") == shown(run, "hq") == settled
    digests = {run("status", at=name)["digest"] for name in ("hq", "courier", "station")}
    assert len(digests) == 1
    assert run("record", "list", "site", at="station")[0]["country"] == "RUS"
    for name in ("hq", "courier", "station"):
        assert run("verify", at=name)["problems"] == []


def test_a_stick_lost_on_the_way_costs_only_the_way(park: Command) -> None:
    run = park
    edit(run, "station", 0)
    run("bundle", "write", "lost stick", at="station")
    found = carry(run, "next stick", "station", "hq")
    assert found["segments_new"] > 0
    assert shown(run, "hq") == {which: values[0] for which, values in BOTH_WROTE.items()}
    told = run("bundle", "show", "next stick", at="hq")[0]
    assert (told["from"], told["for"], told["new_here"]) == ("station", "Demo park", False)
    assert run("bundle", "read", "next stick", at="station")["receipts"] == ["headquarters"]
    assert run("bundle", "clear", "next stick", at="station")["cleared"] == [told["bundle"]]
    assert run("bundle", "clear", "lost stick", at="station")["cleared"] == []
