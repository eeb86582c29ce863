"""The line to a hub: messages are sent until they get through, long transfers go on where they stopped."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError, SSLError

from ranger_app.domain.errors import BadInput, KnownError, Refused, Unfinished
from ranger_app.i18n import _
from ranger_app.jobs import Cancelled, Work
from ranger_app.sync.hub.address import checked_url
from ranger_app.sync.hub.pool import Connections
from ranger_app.sync.hub.wire import (
    COMPLETE,
    LENGTH,
    OCTETS,
    OFFSET,
    YES,
    unreadable,
)

HELLO = "/v1/hello"
AT_ONCE = 4 << 20
"""Bytes of a file in one request. A slow line is no matter: what came through of it counts."""
_PIECE = 16 << 10
_PAUSE_S = 0.1
_BUSY = {408, 429, 502, 503, 504}
"""Answers that may be another one in a moment; proxies give some of them."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try again while nothing gets through; each wait is twice the one before."""

    tries: int = 9
    tries_at_first: int = 3
    """Before anything was ever heard of the hub."""
    first_wait_s: float = 0.25
    longest_wait_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Broken(Exception):
    """The line broke before the answer was there."""


class Line:
    """A line that may drop at any moment. `greet` gets a new token when the hub asks for one."""

    def __init__(self, url: str, work: Work, patience: Patience, *, authority: str | None = None) -> None:
        self._url = checked_url(url)
        self._work = work
        self._patience = patience
        self._heard = False
        self._failures = 0
        self.token = ""
        self.greet: Callable[[], None] | None = None
        self.bytes_out = 0
        self.bytes_in = 0
        self.breaks = 0
        """How often the line broke."""
        self._connections = Connections(self._url, work, authority=authority)

    def close(self) -> None:
        self._connections.close()

    # -- messages

    def ask(self, method: str, path: str, body: bytes = b"", *, at_most: int, media: str = OCTETS) -> Reply:
        """Send a message until an answer gets through. The answer is good, or a `KnownError` is raised."""
        while True:
            try:
                return self.once(method, path, body, at_most=at_most, media=media)
            except Broken:
                self.breaks += 1
                self.wait()

    def once(self, method: str, path: str, body: bytes = b"", *, at_most: int, media: str = OCTETS) -> Reply:
        """The same, tried once: `Broken` when the line does not hold that long."""
        with self._opened(method, path, body, {"Content-Type": media} if body else {}) as reply:
            found = Reply(reply.status, reply.headers, _whole(reply, at_most))
        self._failures = 0
        self.bytes_out += len(body)
        self.bytes_in += len(found.body)
        return found

    # -- long things, from where they stopped

    def upload(self, path: str, source: BinaryIO, length: int, *, start: int = 0) -> None:
        """Bring all of `source` through, however often the line breaks."""
        offset, whole = start, False
        while not whole:
            source.seek(offset)
            piece = source.read(min(AT_ONCE, length - offset))
            headers = {OFFSET: str(offset), LENGTH: str(length), "Content-Type": OCTETS}
            try:
                with self._opened("PATCH", path, piece, headers, also=(409,)) as reply:
                    now, whole = _how_far(reply.headers)
            except Broken:
                self.breaks += 1
                now, whole = self._how_far(path)
            if now > length:
                raise unreadable()
            if now > offset or whole:
                self._failures = 0
                self.bytes_out += max(now - offset, 0)
            else:
                self.wait()
            offset = now

    def _how_far(self, path: str) -> tuple[int, bool]:
        while True:
            try:
                with self._opened("HEAD", path, b"", {}) as reply:
                    return _how_far(reply.headers)
            except Broken:
                self.wait()

    def download(self, path: str, sink: BinaryIO, *, at_most: int, tag: str = "") -> Mapping[str, str]:
        """Fetch something into `sink`, which may hold the beginning of what has this tag; the headers."""
        while True:
            start = sink.seek(0, io.SEEK_END)
            going_on = {"Range": f"bytes={start}-", "If-Range": tag} if start and tag else {}
            try:
                with self._opened("GET", path, b"", going_on, also=(416,)) as reply:
                    if reply.status == 416 and going_on:
                        return reply.headers  # there is nothing after it: all of it was here already
                    sink.seek(_begin(reply, start) if going_on else 0)
                    sink.truncate()
                    tag = reply.headers.get("ETag", "")
                    for piece in _pieces(reply):
                        _go_on(self._work)
                        if sink.tell() + len(piece) > at_most:
                            raise unreadable()
                        sink.write(piece)
                        self.bytes_in += len(piece)
                    return reply.headers
            except Broken:
                self.breaks += 1
                if sink.seek(0, io.SEEK_END) > start:
                    self._failures = 0
                self.wait()

    # -- the bare line

    def wait(self) -> None:
        """Wait before another try; `Unfinished` when there were enough of them."""
        self._failures += 1
        most = self._patience.tries if self._heard else self._patience.tries_at_first
        if self._failures >= most:
            raise Unfinished(
                _("The line to the hub does not hold.") if self._heard else _("The hub does not answer."),
                _("What came through is kept. Run it again later: it goes on where it stopped."),
            )
        pause = self._patience.first_wait_s * 2 ** (self._failures - 1)
        until = time.monotonic() + min(pause, self._patience.longest_wait_s)
        while (left := until - time.monotonic()) > 0:
            _go_on(self._work)
            time.sleep(min(left, _PAUSE_S))

    @contextmanager
    def _opened(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, also: tuple[int, ...] = ()
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        reply = self._send(method, path, body, headers)
        if reply.status == 401 and self.greet is not None and path != HELLO:
            reply.close()
            self.greet()
            reply = self._send(method, path, body, headers)
        try:
            if reply.status in _BUSY or (reply.status == 500 and not _has_words(reply)):
                raise Broken
            if method != "HEAD" and reply.status != 204 and not _has_an_end(reply):
                raise Broken
            if reply.status >= 300 and reply.status not in also:
                raise _refusal(reply)
            self._heard = True
            yield reply
            reply.drain_conn()
        except HTTPError as error:
            reply.close()
            raise _fault(error) from error
        except BaseException:
            reply.close()  # what was not read of it must not be taken for the next answer
            raise
        reply.release_conn()

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> urllib3.BaseHTTPResponse:
        said = {"Accept-Encoding": "identity", **headers}
        if self.token:
            said["Authorization"] = f"Bearer {self.token}"
        if method not in ("GET", "HEAD"):
            said["Content-Length"] = str(len(body))
        try:
            return self._connections.pool.request(
                method,
                self._url + path,
                body=_Outgoing(body, self._work) if body else None,
                headers=said,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
            )
        except (HTTPError, OSError) as error:
            raise _fault(error) from error


class _Outgoing(io.BytesIO):
    """A body that is sent in pieces, each with its own time to get through, until somebody stops it."""

    def __init__(self, body: bytes, work: Work) -> None:
        super().__init__(body)
        self._work = work

    def read(self, size: int | None = -1, /) -> bytes:
        _go_on(self._work)
        return super().read(size)


def _go_on(work: Work) -> None:
    if work.stopping:
        raise Cancelled


def _fault(error: Exception) -> Exception:
    """What a fault of the line is to us."""
    if isinstance(error, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return NotCertified()
    if isinstance(error, LocationValueError):
        return BadInput(_("This is not the address of a hub."))
    return Broken(str(error))


def _refusal(reply: urllib3.BaseHTTPResponse) -> KnownError:
    """What a hub that says no has to say."""
    said = _whole(reply, 64 << 10)
    try:
        plain = json.loads(said)["error"]
        code, text, way_out = (str(plain[key])[:500] for key in ("code", "text", "what_to_do"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return BadInput(
            _("What answers there is not a hub (status {status}).").format(status=reply.status),
            _("Check the address with the hub's keeper."),
        )
    refusal = HubRefused(_("The hub says: {text}").format(text=text), way_out)
    refusal.code, refusal.status = code, reply.status
    return refusal


class NotCertified(Refused):
    """Nobody that is trusted says that who answers there is the hub."""

    code = "not-certified"

    def __init__(self) -> None:
        super().__init__(
            _("The hub cannot prove who it is: its certificate is not one that is trusted here."),
            _(
                "Check the address and this computer's date. If the programme has an authority of its own: "
                "ranger-app sync --authority FILE. Nothing was sent."
            ),
        )


class HubRefused(Refused):
    """The hub will not do what it was asked for; `text` is what it says."""

    status = 0


def _whole(reply: urllib3.BaseHTTPResponse, at_most: int) -> bytes:
    found = io.BytesIO()
    for piece in _pieces(reply):
        if found.tell() + len(piece) > at_most:
            raise unreadable()
        found.write(piece)
    return found.getvalue()


def _pieces(reply: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from reply.stream(_PIECE, decode_content=False)
    except (HTTPError, OSError) as error:
        raise _fault(error) from error


def _has_words(reply: urllib3.BaseHTTPResponse) -> bool:
    return reply.headers.get("Content-Type", "").startswith("application/json")


def _has_an_end(reply: urllib3.BaseHTTPResponse) -> bool:
    """Whether an answer says where it ends: a line that breaks among the headers leaves one that does not."""
    chunked = reply.headers.get("Transfer-Encoding", "").lower() == "chunked"
    return chunked or reply.headers.get("Content-Length", "").isdecimal()


def _begin(reply: urllib3.BaseHTTPResponse, start: int) -> int:
    """Where the body of an answer belongs: it goes on, or it begins anew."""
    if reply.status != 206:
        return 0
    if not reply.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        raise unreadable()
    return start


def _how_far(headers: Mapping[str, str]) -> tuple[int, bool]:
    # A line that breaks among the headers can cut digits off the number. The hub takes nothing at another
    # offset than its own, and says which that is.
    text = headers.get(OFFSET, "")
    if not text.isdecimal() or len(text) > 18:
        raise Broken
    return int(text), headers.get(COMPLETE) == YES
