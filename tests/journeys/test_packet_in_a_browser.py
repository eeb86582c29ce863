"""A packet is read in a real browser with the network off: every link works and no request leaves."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from ranger_app.packets.dossier import Profile
from tests.conftest import not_here
from tests.journeys.browser import Tab, chromium, find_chromium
from tests.packets.sites import MADE_AT, packed_park

pytestmark = pytest.mark.slow

STARTS_A_DOWNLOAD = "net::ERR_ABORTED"
"""What the browser says when it hands a file (CSV, ZIP …) to its downloads instead of showing it."""


@pytest.fixture(scope="module")
def packet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked packet, as an assessor has it on a stick."""
    if find_chromium() is None:
        not_here("Chromium is not installed (Debian: apt-get install chromium)")
    folder = tmp_path_factory.mktemp("browser")
    with packed_park(folder) as packed:
        made = packed.packets.write(folder / "packet.zip", profile=Profile.ASSESSOR, made_at=MADE_AT)
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(folder / "packet")
    return folder / "packet"


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    with chromium(tmp_path / "profile") as opened:
        yield opened


def test_the_page_opens_whole_and_asks_for_nothing(tab: Tab, packet: Path) -> None:
    assert tab.open((packet / "index.html").as_uri()) == ""
    assert tab.say("document.querySelectorAll('article[id^=\"i-\"]').length") == 50
    assert tab.say("getComputedStyle(document.body).display") == "grid"  # its own style was let in
    assert tab.say("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []
    assert [url for url in tab.requests if url.startswith("file:")] == [(packet / "index.html").as_uri()]
    assert tab.complaints == []


def test_every_link_of_the_page_works(tab: Tab, packet: Path) -> None:
    tab.open((packet / "index.html").as_uri())
    links = set(tab.say("[...document.links].map(one => one.href)"))
    within = {
        link for link in links if urlsplit(link).path == urlsplit((packet / "index.html").as_uri()).path
    }
    for link in sorted(within):
        anchor = unquote(urlsplit(link).fragment)
        assert tab.say(f"document.getElementById({anchor!r}) !== null"), link
    outward = sorted(links - within)
    assert len(outward) >= 10
    for link in outward:
        fault = tab.open(link)
        assert fault in ("", STARTS_A_DOWNLOAD), link
        assert Path(unquote(urlsplit(link).path)).is_file(), link
    assert [url for url in tab.requests if not url.startswith(("file:", "data:", "chrome-extension:"))] == []


def test_a_link_that_leads_nowhere_would_be_seen(tab: Tab, packet: Path) -> None:
    """What the tests above rest on: this browser tells of a missing file, and of a request that leaves."""
    assert tab.open((packet / "evidence" / "not there.pdf").as_uri()) == "net::ERR_FILE_NOT_FOUND"
    leaking = packet.parent / "leaking.html"
    leaking.write_text('<img src="http://leak.example/x.png">')
    tab.open(leaking.as_uri())
    assert "http://leak.example/x.png" in tab.requests


def test_the_policy_of_the_page_stops_a_request_even_if_one_slipped_in(tab: Tab, packet: Path) -> None:
    page = (packet / "index.html").read_text(encoding="utf-8")
    spoiled = packet.parent / "spoiled.html"
    slipped = '<img src="http://leak.example/x.png"><script>document.title = "run"</script></main>'
    spoiled.write_text(page.replace("</main>", slipped), encoding="utf-8")
    tab.open(spoiled.as_uri())
    assert tab.say("document.title") != "run"
    assert any("Content Security Policy" in text for text in tab.complaints)
    assert not [text for text in tab.complaints if "ERR_NAME_NOT_RESOLVED" in text]


def test_the_page_is_dark_where_the_reader_is_in_the_dark(tmp_path: Path, packet: Path) -> None:
    with chromium(tmp_path / "profile", dark=True) as tab:
        tab.open((packet / "index.html").as_uri())
        assert tab.say("matchMedia('(prefers-color-scheme: dark)').matches")
        assert tab.say("getComputedStyle(document.body).backgroundColor") == "rgb(22, 26, 24)"
