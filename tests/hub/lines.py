"""A line that drops: a proxy on loopback that cuts every connection after so many bytes."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.hub.hubs import LOOPBACK

_PIECE = 4 << 10
_GONE_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closed as a line that is cut, not as one that is hung up


class DroppingLine:
    """Forwards to a port of this computer until a connection has carried as many bytes as it was given."""

    def __init__(self, to_port: int, budget: Callable[[], int]) -> None:
        self._to = to_port
        self._budget = budget
        self._listener = socket.create_server((LOOPBACK, 0))
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.port = int(self._listener.getsockname()[1])
        self.cuts = 0
        self._threads = [threading.Thread(target=self._accept, name="line", daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        with self._guard:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(20)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(near,), name="line", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket) -> None:
        """One connection, both ways, in one thread: nobody else closes its ends."""
        with near, contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self._to)) as far:
            with self._guard:
                self._open |= {near, far}
            try:
                self._forward(near, far, self._budget())
            finally:
                with self._guard:
                    self._open -= {near, far}

    def _forward(self, near: socket.socket, far: socket.socket, budget: int) -> None:
        other = {near: far, far: near}
        while True:
            for one in select.select([near, far], [], [])[0]:
                piece = one.recv(_PIECE)
                if not piece:
                    return
                other[one].sendall(piece[:budget])
                budget -= len(piece)
                if budget <= 0:
                    self.cuts += 1
                    for end in (near, far):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _GONE_AT_ONCE)
                    return


@contextmanager
def says_only(answer: bytes) -> Iterator[str]:
    """Something that answers every request with these bytes and hangs up; its address."""

    def answer_all() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = listener.accept()
                with near, contextlib.suppress(OSError):
                    near.settimeout(20)
                    near.recv(64 << 10)
                    near.sendall(answer)
                    near.shutdown(socket.SHUT_WR)
                    while near.recv(64 << 10):
                        pass

    listener = socket.create_server((LOOPBACK, 0))
    thread = threading.Thread(target=answer_all, name="line", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(20)
        listener.close()


@contextmanager
def dropping_line(to_port: int, *, seed: int, least: int, most: int) -> Iterator[DroppingLine]:
    """A line whose connections carry between `least` and `most` bytes each."""
    chance = random.Random(seed)
    line = DroppingLine(to_port, lambda: chance.randint(least, most))
    try:
        yield line
    finally:
        line.close()
