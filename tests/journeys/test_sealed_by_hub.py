"""A sealed bundle over a hub that holds no key, with the real commands: station, courier, headquarters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.hubs import HubProcess, free_port
from tests.journeys.command_line import new_workspace, ranger_here
from tests.photos.pictures import TAKEN, jpeg

SECRET = "Demo ridge above the salt lick"


@pytest.mark.slow
def test_a_sealed_bundle_from_a_station_to_headquarters_by_a_courier_and_a_hub(tmp_path: Path) -> None:
    def run(*words: object, status: int = 0) -> Any:
        outcome = ranger_here(*words, folder=tmp_path)
        assert outcome.status == status, outcome.words
        return outcome.document

    office, courier = new_workspace(tmp_path, "office.ranger"), new_workspace(tmp_path, "courier.ranger")
    station, stick = tmp_path / "station.ranger", tmp_path / "stick"
    stick.mkdir()
    run("join", station, "--request", "request", "--no-passphrase")
    enrol = ("device", "enrol", "request", "--role", "manager", "--out", "answer", "--yes")
    run(*enrol, "--workspace", office)
    run("join", station, "--answer", "answer")
    run("bundle", "write", stick, "--workspace", office)
    run("bundle", "read", stick, "--workspace", station)
    site = run("status", "--workspace", office)["sites"][0]["id"]

    # The station writes what nobody on the way may read.
    card = tmp_path / "card"
    card.mkdir()
    for number in range(3):
        (card / f"IMG_{number}.JPG").write_bytes(jpeg(number, taken=TAKEN))
    run("photos", "add", card, "--station", "Demo 1", "--workspace", station)
    run("record", "set", "site", site, f"name={SECRET}", "--workspace", station)
    assert run("bundle", "write", tmp_path / "out", "--workspace", station)["sealed"]

    running = HubProcess(tmp_path / "hub", free_port())
    try:
        # The keeper lets in a courier, who belongs to another site, and headquarters.
        for name, workspace in (("courier.json", courier), ("office.json", office)):
            run("sync", "--card", name, "--workspace", workspace)
            run("hub", "admin", "allow", name, "--site", site, "--folder", tmp_path / "hub")
        hub = ("--hub", running.hub.url)
        left = run("bundle", "send", tmp_path / "out", *hub, "--workspace", courier)
        assert (len(left["bundles"]), left["left_out"]) == (1, [])
        assert run("bundle", "fetch", "--workspace", courier, status=1)["left_out"]
        kept = [path for path in (tmp_path / "hub").rglob("*") if path.is_file()]
        assert not any(SECRET.encode() in path.read_bytes() for path in kept)
        assert any(path.read_bytes().startswith(b"age-encryption.org/") for path in kept)

        came = run("bundle", "fetch", *hub, "--workspace", office)
        assert (came["bundles"], came["files_new"]) == (left["bundles"], 3)
        ends = [run("status", "--workspace", workspace) for workspace in (office, station)]
        assert ends[0]["digest"] == ends[1]["digest"]
        assert ends[0]["sites"][0]["name"] == SECRET
        assert run("bundle", "fetch", "--workspace", office)["bundles"] == []
        left_over = [path for path in (tmp_path / "hub").rglob("*") if path.is_file()]
        assert not any(path.read_bytes().startswith(b"age-") for path in left_over)
    finally:
        running.stop()
