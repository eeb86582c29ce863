"""A site over a hub, with the real commands: a keeper, an administrator, a station, a hub that is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.hubs import HubProcess, free_port
from tests.journeys.command_line import new_workspace, ranger_here
from tests.photos.pictures import TAKEN, jpeg


@pytest.mark.slow
def test_a_site_over_a_hub_from_the_first_card_to_a_settled_difference(tmp_path: Path) -> None:
    def run(*words: object, status: int = 0) -> Any:
        outcome = ranger_here(*words, folder=tmp_path)
        assert outcome.status == status, outcome.words
        return outcome.document

    office, station = new_workspace(tmp_path, "office.ranger"), tmp_path / "station.ranger"
    port = free_port()
    running = HubProcess(tmp_path / "hub", port)
    try:
        # The keeper lets the office in; the office enrols the station, and needs the keeper no more.
        run("sync", "--card", "office.json", "--workspace", office)
        run("hub", "admin", "allow", "office.json", "--folder", tmp_path / "hub")
        run("join", station, "--request", "request", "--no-passphrase")
        enrol = ("device", "enrol", "request", "--role", "manager", "--out", "answer", "--yes")
        run(*enrol, "--workspace", office)
        run("join", station, "--answer", "answer")
        assert run("sync", "--hub", running.hub.url, "--workspace", office)["synced"]
        assert run("sync", "--hub", running.hub.url, "--workspace", station)["synced"]

        # A card of photos goes from the station to the office, past a hub that is killed in between.
        card = tmp_path / "card"
        card.mkdir()
        for number in range(4):
            (card / f"IMG_{number}.JPG").write_bytes(jpeg(number, taken=TAKEN))
        run("photos", "add", card, "--station", "Demo 1", "--workspace", station)
        assert run("sync", "--workspace", station)["sent"]["files"] == 4
        running.kill()
        assert run("sync", "--workspace", office, status=1)["error"]["code"] == "unfinished"
        running = HubProcess(tmp_path / "hub", port)
        assert run("sync", "--workspace", office)["received"]["files"] == 4

        # Both call the site another name; both names arrive, one is chosen, and the choice arrives too.
        site = run("status", "--workspace", office)["sites"][0]["id"]
        for workspace, name in ((office, "Demo park of the office"), (station, "Demo park of the station")):
            run("record", "set", "site", site, f"name={name}", "--workspace", workspace)
        for workspace in (office, station, office):
            run("sync", "--workspace", workspace)
        (difference,) = run("differences", "list", "--workspace", office)
        settle = ("differences", "settle", "site", difference["record"]["id"], "name", "--keep", "1")
        run(*settle, "--workspace", office)
        for workspace in (office, station):
            assert run("sync", "--workspace", workspace)["differences"] == 0
        ends = [run("status", "--workspace", workspace) for workspace in (office, station)]
        assert ends[0] == ends[1]
        assert ends[0]["records"]["photo"] == 4

        # Shut out by the office, the station is told so.
        devices = run("device", "list", "--workspace", office)
        shut_out = next(one for one in devices if one["role"] == "manager")
        run("device", "revoke", shut_out["id"], "--workspace", office)
        run("sync", "--workspace", office)
        refused = run("sync", "--workspace", station, status=1)
        assert "revoked" in refused["error"]["text"]
    finally:
        running.stop()
