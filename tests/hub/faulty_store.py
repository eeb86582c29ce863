"""A store of files that fails as told: a proxy on loopback before a real one."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.hub.hubs import LOOPBACK

_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "server", "date"}
_GONE_AT_ONCE = struct.pack("ii", 1, 0)


class Fault(Enum):
    """What becomes of one request."""

    BUSY = auto()
    """503, as S3 says “slow down”."""
    TOO_MANY = auto()
    """429."""
    BROKEN = auto()
    """500."""
    TOO_LARGE = auto()
    """400 EntityTooLarge."""
    CUT_BEFORE = auto()
    """The line breaks, and the store has heard nothing."""
    CUT_AFTER = auto()
    """The store did what it was asked for, and its answer is lost."""
    CUT_WITHIN = auto()
    """The line breaks in the middle of the answer's body."""
    SPOILED = auto()
    """One bit of what is sent changes on its way."""
    CONFLICT = auto()
    """409, as S3 answers a conditional write while another one is under way; nothing is written."""


_SAID = {
    Fault.BUSY: (503, "SlowDown"),
    Fault.TOO_MANY: (429, "TooManyRequests"),
    Fault.BROKEN: (500, "InternalError"),
    Fault.TOO_LARGE: (400, "EntityTooLarge"),
    Fault.CONFLICT: (409, "ConditionalRequestConflict"),
}


class FaultyStore:
    """Forwards every request as it came, but for those that are to fail."""

    def __init__(self, to_port: int) -> None:
        self.to_port = to_port
        self.down = False
        """Every line breaks at once."""
        self.asked: list[tuple[str, int]] = []
        """Each request's method, and what was answered (0: nothing)."""
        self.conditional = 0
        """How many writes were not to write over anything."""
        self._meeting: threading.Barrier | None = None
        self._faults: dict[str, list[Fault]] = {}
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer((LOOPBACK, 0), type("Handler", (_Handler,), {"store": self}))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="store", daemon=True)
        self._thread.start()

    def fail(self, method: str, *faults: Fault) -> None:
        """The next requests with this method come to these, one after the other."""
        with self._guard:
            self._faults[method] = list(faults)

    def meet(self, writes: int) -> None:
        """The next so many writes wait for each other, and go on together; those after them, as when one of
        them is tried again, do not."""
        self._meeting = threading.Barrier(writes, action=self._met)

    def _met(self) -> None:
        self._meeting = None

    def wait_for_others(self) -> None:
        if (meeting := self._meeting) is not None:
            meeting.wait(20)

    def fault_of(self, method: str) -> Fault | None:
        with self._guard:
            waiting = self._faults.get(method)
            return waiting.pop(0) if waiting else None

    def statuses(self, method: str) -> list[int]:
        return [status for asked, status in self.asked if asked == method]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(20)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: FaultyStore

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fault = self.store.fault_of(self.command)
        if self.command == "PUT":
            self.store.conditional += "If-None-Match" in self.headers
            self.store.wait_for_others()
        if self.store.down or fault is Fault.CUT_BEFORE:
            self._cut()
        elif fault in _SAID:
            status, code = _SAID[fault]
            self._answer(status, {}, f"<Error><Code>{code}</Code><Message>demo</Message></Error>".encode())
        else:
            self._forward(body, fault)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _any  # noqa: N815 - so the library calls them

    def _forward(self, body: bytes, fault: Fault | None) -> None:
        if fault is Fault.SPOILED:
            body = bytes([body[0] ^ 1]) + body[1:]
        line = http.client.HTTPConnection(LOOPBACK, self.store.to_port, timeout=30)
        try:
            line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                line.putheader(name, value)
            line.endheaders(body)
            reply = line.getresponse()
            content = reply.read()
        finally:
            line.close()
        if fault is Fault.CUT_AFTER:
            self._cut()
            return
        headers = {name: value for name, value in reply.headers.items() if name.lower() not in _HOP}
        size = reply.headers.get("Content-Length", str(len(content)))
        self._answer(reply.status, headers, content, size=size, cut=fault is Fault.CUT_WITHIN)

    def _answer(
        self, status: int, headers: dict[str, str], content: bytes, *, size: str = "", cut: bool = False
    ) -> None:
        self.store.asked.append((self.command, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", size or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.wfile.flush()
            self.close_connection = True

    def _cut(self) -> None:
        self.store.asked.append((self.command, 0))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _GONE_AT_ONCE)
        self.close_connection = True


@contextmanager
def faulty_store(to_port: int) -> Iterator[FaultyStore]:
    """Such a store for a while."""
    store = FaultyStore(to_port)
    try:
        yield store
    finally:
        store.close()
