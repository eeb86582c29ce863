"""The hub on the Exchange page: exchanged with when asked, or by itself, and never said to have more than it
signed for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.sites import Person
from ranger_app.gui import asking, hub_exchange
from ranger_app.gui.hub_section import HubSection, moved_words, status_words, waiting_words
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.people import PeoplePage
from ranger_app.sync.hub.memory import LastExchange
from ranger_app.sync.hub.seen import HubSeen
from ranger_app.sync.people.devices import Devices
from tests.gui.screen import click, settled, type_into
from tests.hub.hubs import Hub, free_port, hub_here, laptop, sync
from tests.hub.test_proxies import nginx_before, program

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "https://hub.example.org"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_here(tmp_path / "hub") as running:
        yield running


@pytest.fixture
def section(qtbot: QtBot, opened: MainWindow) -> HubSection:
    assert opened.view is not None
    opened.view.go("exchange")
    settled(qtbot, opened)
    page = opened.view.current
    assert isinstance(page, ExchangePage)
    return page.hub


def ranger_in(window: MainWindow) -> Ranger:
    assert window.ranger is not None
    return window.ranger


def let_in(hub: Hub, ranger: Ranger) -> None:
    hub.let_in(ranger.workspace.keys, ranger.workspace.site_id)


def test_an_exchange_is_said_to_be_synced_when_the_hub_has_signed(
    qtbot: QtBot, opened: MainWindow, section: HubSection, hub: Hub
) -> None:
    let_in(hub, ranger_in(opened))
    assert section.status.text() == "This workspace has no hub yet."
    type_into(section.address, hub.url)
    click(section.now)
    assert not section.now.isEnabled()
    settled(qtbot, opened)
    assert section.status.text().startswith("Synced ")
    assert section.status.property("tone") == "good"
    assert section.moved.text().startswith("Sent: ")
    assert section.now.isEnabled()


def test_what_is_written_later_is_said_to_wait_for_a_receipt(
    qtbot: QtBot, opened: MainWindow, section: HubSection, hub: Hub
) -> None:
    ranger = ranger_in(opened)
    let_in(hub, ranger)
    type_into(section.address, hub.url)
    click(section.now)
    settled(qtbot, opened)
    with ranger.workspace.unit("person") as unit:
        unit.add(Person(site_id=ranger.workspace.site_id, name="demo person"))
    section.reload()
    settled(qtbot, opened)
    assert "Synced" not in section.status.text()
    assert section.waiting.text() == "1 change here waits for the hub's receipt."


def test_what_others_brought_is_shown_at_once(
    qtbot: QtBot, opened: MainWindow, section: HubSection, hub: Hub, tmp_path: Path
) -> None:
    ranger = ranger_in(opened)
    let_in(hub, ranger)
    type_into(section.address, hub.url)
    click(section.now)
    settled(qtbot, opened)
    with laptop(tmp_path / "other", None) as other:
        hub.let_in(other.keys, ranger.workspace.site_id)
        sync(other, hub.url)
        with other.unit("person") as unit:
            unit.add(Person(site_id=ranger.workspace.site_id, name="demo person"))
        sync(other, hub.url)
    click(section.now)
    settled(qtbot, opened)
    assert opened.view is not None
    opened.view.go("people")
    settled(qtbot, opened)
    page = opened.view.current
    assert isinstance(page, PeoplePage)
    assert len(page.laptops.model.rows) == 2


def test_a_laptop_that_is_not_let_in_is_told_to_write_its_card(
    qtbot: QtBot,
    opened: MainWindow,
    section: HubSection,
    hub: Hub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    type_into(section.address, hub.url)
    click(section.now)
    settled(qtbot, opened)
    assert "not let in" in section.status.text()
    assert "card" in section.status.text()
    monkeypatch.setattr(asking, "for_new_file", lambda *_words, **_more: tmp_path / "card.json")
    click(section.card)
    settled(qtbot, opened)
    assert (tmp_path / "card.json").is_file()


def test_no_network_is_a_sentence_and_the_address_is_kept(
    qtbot: QtBot, opened: MainWindow, section: HubSection
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    type_into(section.address, url)
    click(section.now)
    settled(qtbot, opened)
    assert "does not answer" in section.status.text()
    assert ranger_in(opened).exchange.hub().url == url


def test_an_address_that_is_none_is_told_and_nothing_is_sent(
    qtbot: QtBot, opened: MainWindow, section: HubSection
) -> None:
    click(section.now)
    assert "Write the address" in section.status.text()
    type_into(section.address, "http://hub.example.org")
    click(section.now)
    settled(qtbot, opened)
    assert "not be encrypted" in section.status.text()


def test_a_laptop_that_was_shut_out_is_not_told_to_write_its_card(
    qtbot: QtBot, opened: MainWindow, section: HubSection, hub: Hub, tmp_path: Path
) -> None:
    ranger = ranger_in(opened)
    let_in(hub, ranger)
    with laptop(tmp_path / "station", None) as station:
        _request, asked = Devices(station).request()
        Devices(station).join(ranger.devices.enrol(asked, role="administrator"))
        assert sync(ranger.workspace, hub.url).complete
        assert sync(station, hub.url).complete
        Devices(station).revoke(ranger.workspace.keys.replica)
        assert sync(station, hub.url).complete
    type_into(section.address, hub.url)
    click(section.now)
    settled(qtbot, opened)
    assert "revoked" in section.status.text()
    assert "by stick" in section.status.text()
    assert "card" not in section.status.text()


def test_another_hub_is_trusted_only_by_a_person(
    qtbot: QtBot,
    opened: MainWindow,
    section: HubSection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranger = ranger_in(opened)
    with hub_here(tmp_path / "first") as first:
        let_in(first, ranger)
        type_into(section.address, first.url)
        click(section.now)
        settled(qtbot, opened)
        assert not section.trust.isVisible()
    with hub_here(tmp_path / "second", first.port) as second:
        let_in(second, ranger)
        click(section.now)
        settled(qtbot, opened)
        assert section.trust.isVisible()
        monkeypatch.setattr(asking, "whether", lambda *_words, **_more: False)
        click(section.trust)
        assert not opened.background.tasks
        monkeypatch.setattr(asking, "whether", lambda *_words, **_more: True)
        click(section.trust)
        settled(qtbot, opened)
        assert section.status.text().startswith("Synced ")
        assert not section.trust.isVisible()


@pytest.mark.slow
def test_a_programmes_own_authority_is_chosen_by_a_person(
    qtbot: QtBot,
    opened: MainWindow,
    section: HubSection,
    hub: Hub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_in(hub, ranger_in(opened))
    with nginx_before(hub.port, program("nginx", "/usr/sbin/nginx"), tmp_path) as (port, trusted):
        type_into(section.address, f"https://localhost:{port}")
        click(section.now)
        settled(qtbot, opened)
        assert "cannot prove who it is" in section.status.text()
        assert section.status.property("tone") == "danger"
        assert section.authority.isVisible()
        monkeypatch.setattr(asking, "for_file", lambda *_words, **_more: trusted)
        click(section.authority)
        qtbot.waitUntil(lambda: section.status.text().startswith("Synced "))
        assert not section.authority.isVisible()


def test_it_exchanges_by_itself_only_when_that_is_wished(
    qtbot: QtBot, opened: MainWindow, section: HubSection, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranger = ranger_in(opened)
    let_in(hub, ranger)
    type_into(section.address, hub.url)
    click(section.now)
    settled(qtbot, opened)
    monkeypatch.setattr(hub_exchange, "AFTER_CHANGE_MS", 0)

    def write() -> None:
        with ranger.workspace.unit("person") as unit:
            unit.add(Person(site_id=ranger.workspace.site_id, name="demo person"))

    section.automatic.click()
    settled(qtbot, opened)
    assert ranger.exchange.hub().automatic
    write()
    qtbot.waitUntil(lambda: ranger.exchange.hub().unsigned == 0)
    settled(qtbot, opened)
    assert section.status.text().startswith("Synced ")
    section.automatic.click()
    settled(qtbot, opened)
    assert not ranger.exchange.hub().automatic


def test_a_workspace_opens_without_asking_the_network(qtbot: QtBot, opened: MainWindow, hub: Hub) -> None:
    ranger = ranger_in(opened)
    let_in(hub, ranger)
    ranger.exchange.set_hub(url=hub.url, automatic=True)
    settled(qtbot, opened)
    assert ranger.exchange.hub().last is None
    assert opened.view is not None
    assert opened.view.context is not None
    assert opened.view.context.hub is not None
    assert not opened.view.context.hub.running


def test_the_words_never_say_synced_before_the_receipt() -> None:
    sound = LastExchange(at=AT, confirmed=True)
    assert status_words(HubSeen(url=URL, last=sound))[0].startswith("Synced")
    for seen in (
        HubSeen(),
        HubSeen(url=URL),
        HubSeen(url=URL, last=sound, unsigned=3),
        HubSeen(url=URL, last=LastExchange(at=AT, failed="The hub does not answer.")),
    ):
        assert "ynced" not in status_words(seen)[0]
    unsigned = LastExchange(at=AT, reasons=("The disk of the hub is full.",))
    words, tone = status_words(HubSeen(url=URL, last=unsigned))
    assert "not synced. The disk of the hub is full." in words
    assert tone == "warning"


def test_the_words_count_in_both_directions() -> None:
    last = LastExchange(at=AT, segments_sent=2, files_sent=1, bytes_sent=5_000, segments_received=3)
    assert moved_words(last).startswith("Sent: 2 changes, 1 files, ")
    assert "Received: 3 changes, 0 files, " in moved_words(last)
    assert moved_words(LastExchange(at=AT)) == "There was nothing new on either side."
    assert waiting_words(HubSeen(url=URL, unsigned=2)).startswith("2 changes here wait")
    assert waiting_words(HubSeen(url=URL)) == ""
