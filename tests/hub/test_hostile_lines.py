"""Requests that no honest program sends: lengths that lie, two requests in one, headers that drip."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.errors import KnownError
from ranger_app.domain.sites import Site
from ranger_app.hub import serving
from tests.hub.hubs import LOOPBACK, Caller, Hub, hub_here, laptop, new_site, site_path, sync
from tests.hub.lines import says_only

HELLO = b"POST /v1/hello HTTP/1.1\r\nHost: demo\r\n"
ANSWERS_WITHIN_S = 20


def raw(hub: Hub, request: bytes, *, ends: bool = True) -> bytes:
    """What the hub answers to these bytes until it hangs up, or falls silent after an answer."""
    with socket.create_connection((LOOPBACK, hub.port), timeout=ANSWERS_WITHIN_S) as line:
        found = b""
        with contextlib.suppress(OSError):
            line.sendall(request)
            if ends:
                line.shutdown(socket.SHUT_WR)
            while piece := line.recv(64 << 10):
                found += piece
        return found


def statuses(answer: bytes) -> list[int]:
    return [int(part.split()[0]) for part in answer.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    "length",
    [b"-1", b"abc", b"0x10", b"1e3", b"99999999999999999999999", b"5, 6", b"", b"5\r\nContent-Length: 6"],
)
def test_a_length_that_is_none_is_refused(hub: Hub, length: bytes) -> None:
    said = statuses(raw(hub, HELLO + b"Content-Length: " + length + b"\r\n\r\nhello"))
    assert all(400 <= status < 500 for status in said)
    assert len(said) <= 1
    assert Caller(hub).ask("GET", "/v1").status == 200


@pytest.mark.parametrize("rest", ["files/missing", "segments", "bundles"])
def test_a_body_shorter_than_it_was_said_to_be_changes_nothing(
    hub: Hub, known: Caller, site: Site, rest: str
) -> None:
    head = (
        f"POST {site_path(site.id, rest)} HTTP/1.1\r\nHost: demo\r\nAuthorization: Bearer {known.token}\r\n"
    )
    said = statuses(raw(hub, head.encode() + b"Content-Length: 1000\r\n\r\nshort"))
    assert all(400 <= status < 500 for status in said)
    assert known.ask("GET", site_path(site.id, "receipts")).status == 200


def test_what_comes_after_a_body_is_the_next_request_and_never_part_of_one(hub: Hub) -> None:
    second = b"GET /v1 HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n"
    said = statuses(raw(hub, HELLO + b"Content-Length: 2\r\n\r\n\xa0\xa0" + second))
    assert said[0] == 422
    assert said[1:] in ([200], [])


def test_a_request_with_two_ways_to_tell_its_length_is_no_way_round_the_proxy(hub: Hub) -> None:
    """A proxy that believes the one and a hub that believes the other would make two requests of it."""
    smuggled = b"GET /v1/health HTTP/1.1\r\nHost: demo\r\n\r\n"
    both = HELLO + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (len(smuggled) + 5)
    said = statuses(raw(hub, both + smuggled))
    assert 200 not in said[1:]


def test_headers_that_drip_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEADERS_MS", 300)
    with (
        hub_here(tmp_path / "hub") as hub,
        socket.create_connection((LOOPBACK, hub.port), timeout=ANSWERS_WITHIN_S) as line,
    ):
        line.sendall(b"GET /v1 HTTP/1.1\r\nHost: de")
        answer = line.recv(100)
        assert not answer or b" 408 " in answer


def deep_answers() -> Iterator[bytes]:
    for body in (b"[" * 60_000, b'{"error": ' * 6_000, b'{"error": {"code": [], "text": {}}}', b"\xff" * 100):
        yield (
            b"HTTP/1.1 403 No\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )


@pytest.mark.parametrize("answer", list(deep_answers()), ids=["lists", "maps", "odd", "noise"])
def test_an_answer_nested_without_end_is_a_sentence(tmp_path: Path, answer: bytes) -> None:
    with laptop(tmp_path / "a", new_site()) as a, says_only(answer) as url, pytest.raises(KnownError):
        sync(a, url)


@pytest.mark.parametrize("folder", ["strays", "sealed", "sealed/../files", "segments"])
@pytest.mark.parametrize(
    "name", ["..", "%2e%2e%2fdevice", "CON", "AB" * 32, "ab" * 31, "%00" * 64, "a" * 9_000]
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_name_leads_out_of_what_is_handed_on(
    known: Caller, site: Site, folder: str, name: str, method: str
) -> None:
    said = known.ask(method, site_path(site.id, f"{folder}/{name}"), b"demo")
    assert 400 <= said.status < 500
