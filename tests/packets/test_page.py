"""The packet's page: whole, safe, and asking for nothing from outside."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from ranger_app.assessments.pack_file import find_form_packs
from ranger_app.packets.dossier import Profile
from ranger_app.packets.service import Packets
from tests.assessments.parks import a_file, open_park
from tests.packets.sites import MADE_AT
from tests.packets.test_redact import everything_in

CODES = [one.code for one in find_form_packs().need("gl:1.1").indicators()]


class Reading(HTMLParser):
    """What a browser would follow, fetch or run in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.fetched: list[str] = []
        self.tags: Counter[str] = Counter()
        self.policy = ""
        self.without_alt: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.handlers += [name for name in said if name.startswith("on")]
        if tag == "a":
            self.links.append(said["href"])
        elif tag == "meta" and said.get("http-equiv") == "Content-Security-Policy":
            self.policy = said["content"]
        else:
            self.fetched += [
                said[name] for name in ("src", "href", "srcset", "data", "poster") if name in said
            ]
        if "id" in said:
            self.anchors.append(said["id"])
        if tag == "img" and not said.get("alt"):
            self.without_alt.append(str(said)[:80])


@pytest.fixture(scope="module")
def files(zips: dict[Profile, Path]) -> dict[str, bytes]:
    return everything_in(zips[Profile.ASSESSOR])


@pytest.fixture(scope="module")
def page(files: dict[str, bytes]) -> Reading:
    return Reading(files["index.html"].decode())


def test_the_page_asks_for_nothing_from_outside(page: Reading, files: dict[str, bytes]) -> None:
    assert all(source.startswith("data:image/") for source in page.fetched)
    assert all(not urlsplit(link).scheme and not urlsplit(link).netloc for link in page.links)
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; "
        r"base-uri 'none'; form-action 'none'",
        page.policy,
    )
    for forbidden in ("script", "iframe", "object", "embed", "link", "form", "base", "video", "audio"):
        assert page.tags[forbidden] == 0, forbidden
    assert page.handlers == []
    assert b"url(" not in files["index.html"]
    assert b"@import" not in files["index.html"]


def test_every_link_of_the_page_leads_to_a_file_or_a_place_that_is_there(
    page: Reading, files: dict[str, bytes]
) -> None:
    assert len(page.links) > 100
    for link in page.links:
        parts = urlsplit(link)
        if parts.path:
            assert unquote(parts.path) in files, link
        else:
            assert unquote(parts.fragment) in page.anchors, link
    assert len(set(page.anchors)) == len(page.anchors)


def test_every_file_of_evidence_can_be_reached_from_the_page(page: Reading, files: dict[str, bytes]) -> None:
    linked = {unquote(urlsplit(link).path) for link in page.links}
    assert {name for name in files if name.startswith("evidence/files/")} <= linked


def test_a_citation_opens_the_very_page(page: Reading) -> None:
    assert "evidence/files/E01__Management-plan.pdf#page=3" in page.links


def test_the_page_holds_all_50_indicators_and_17_criteria(page: Reading) -> None:
    assert [anchor[2:] for anchor in page.anchors if anchor.startswith("i-")] == CODES
    assert len([anchor for anchor in page.anchors if anchor.startswith("c-")]) == 17


def test_what_people_wrote_is_shown_and_never_run(files: dict[str, bytes]) -> None:
    text = files["index.html"].decode()
    assert "A second paragraph &amp; &lt;b&gt;." in text
    assert "<b>" not in text


def test_the_page_has_its_landmarks_and_every_picture_its_words(page: Reading) -> None:
    assert page.without_alt == []
    assert (page.tags["main"], page.tags["nav"], page.tags["h1"]) == (1, 1, 1)
    assert page.tags["img"] >= 2  # the map, and the picture at the ford


def test_the_page_says_own_wording_and_not_affiliated(files: dict[str, bytes]) -> None:
    text = files["index.html"].decode()
    assert "not affiliated with IUCN" in text
    assert text.count("not yet checked line by line") == 35
    assert not re.search(
        r"\d+\s*(%|/)\s*(of|17|50)", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    )


def test_no_text_of_anybody_is_taken_for_mark_up_wherever_it_stands(tmp_path: Path) -> None:
    evil = """<i onclick="x">'&amp;</i>"""
    with open_park(tmp_path / "demo.ranger") as park:
        room = park.assessments
        with park.workspace.unit("names") as unit:
            unit.change(park.site, name=evil, local_name=evil, governance_type=evil)
        room.start(title=evil, language=evil)
        room.answer("1.1.1", rating="partly", narrative=evil, gap=evil, gap_type="old")
        room.answer("4.3.1", rating="not_applicable", not_applicable_reason=evil)
        paper = a_file(tmp_path / "papers")
        said = {"title": evil, "author": evil, "language": evil, "consent": evil}
        room.cite("1.1.1", paper, page=evil, note=evil, **said)  # type: ignore[arg-type]
        room.plan_action("1.1.1", evil, owner=evil, success=evil)
        park.patrols.rows[:] = [
            {"month": evil, evil: evil, "km": 1.0},
            {"month": evil, evil: evil, "km": 2.0},
        ]
        room.freeze("1.1.1", "demo.distance", title=evil, note=evil)
        packets = Packets(park.workspace, room)
        made = packets.write(tmp_path / "p.zip", profile=Profile.FULL, made_at=MADE_AT)
        assert made.notes == ()
    text = everything_in(made.path)["index.html"].decode()
    assert text.count("&lt;i onclick=&quot;x&quot;&gt;") > 20
    read = Reading(text)
    assert read.tags["i"] == 0
    assert read.handlers == []
