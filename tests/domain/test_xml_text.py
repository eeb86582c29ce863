"""What an XML file says of itself: the first element, and its letters as UTF-8 whatever was declared."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.xml_text import Utf8, first_element


@pytest.mark.parametrize(
    ("text", "name", "namespace"),
    [
        ("<gpx>", "gpx", ""),
        ('<?xml version="1.0"?>\n<!-- <kml> -->\n<g:gpx a="<b>" xmlns:g="urn:x">', "gpx", "urn:x"),
        ('<!DOCTYPE gpx [<!ENTITY a "<kml>">]><gpx xmlns="urn:y">', "kml", ""),
        ("  \n<patrol", "patrol", ""),
        ("<Waypoint xmlns='urn:z' id='1'/>", "Waypoint", "urn:z"),
    ],
)
def test_the_first_element_is_named(text: str, name: str, namespace: str) -> None:
    found = first_element(text.encode())
    assert found is not None
    assert (found.name, found.namespace) == (name, namespace)


@pytest.mark.parametrize(
    "content", [b"", b"\0\0", b"PK\x03\x04<gpx>", b"lat,lon", b"<!-- only -->", b"< gpx>"]
)
def test_what_is_no_xml_has_no_first_element(content: bytes) -> None:
    assert first_element(content) is None


@given(st.binary(max_size=300))
def test_no_bytes_can_do_harm(content: bytes) -> None:
    first_element(content)
    b"".join(Utf8(io.BytesIO(content), piece_bytes=7)).decode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("piece_bytes", [1, 3, 1000])
def test_letters_arrive_whole_in_whatever_pieces(encoding: str, piece_bytes: int) -> None:
    text = "<a>Река 川 🐅</a>" * 50
    clean = Utf8(io.BytesIO(text.encode(encoding)), piece_bytes=piece_bytes)
    assert b"".join(clean).decode() == text
    assert not clean.guessed


def test_windows_letters_among_utf_8_are_recovered() -> None:
    clean = Utf8(io.BytesIO("<a>café ".encode() + "café –".encode("cp1252") + b"\x81</a>"))
    assert b"".join(clean).decode() == "<a>café café –\x81</a>"
    assert clean.guessed
