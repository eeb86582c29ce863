"""Connections to a hub that are let go at once when somebody stops: a silent line holds up no window."""

from __future__ import annotations

import socket
import threading
import urllib.request
from contextlib import suppress
from urllib.parse import urlsplit
from weakref import WeakSet

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from ranger_app.jobs import Cancelled, Work
from ranger_app.sync.hub.address import LOOPBACK
from ranger_app.sync.hub.authority import trusting

CONNECT_S, SILENCE_S = 10.0, 60.0
_LOOKS_EVERY_S = 0.5


class Connections:
    """A pool for one hub, through the computer's proxy if it has one, until it is closed."""

    def __init__(self, url: str, work: Work, *, authority: str | None = None) -> None:
        self._work = work
        self._open: WeakSet[HTTPConnection] = WeakSet()
        self._closed = False
        self.pool = _pool(url, authority)
        self.pool.pool_classes_by_scheme = {"http": self._plain(), "https": self._sealed()}
        threading.Thread(target=self._let_go_when_stopped, name="line", daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        self.pool.clear()

    def _let_go_when_stopped(self) -> None:
        try:
            while not self._closed:
                self._work.rest(_LOOKS_EVERY_S)
        except Cancelled:
            for one in list(self._open):
                line = one.sock
                if line is not None:
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)

    def _plain(self) -> type[urllib3.HTTPConnectionPool]:
        opened = self._open

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                opened.add(self)

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        return PlainPool

    def _sealed(self) -> type[urllib3.HTTPSConnectionPool]:
        opened = self._open

        class Sealed(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                opened.add(self)

        class SealedPool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Sealed

        return SealedPool


def _pool(url: str, authority: str | None) -> urllib3.PoolManager:
    parts = urlsplit(url)
    host, times = parts.hostname or "", urllib3.Timeout(connect=CONNECT_S, read=SILENCE_S)
    trusted = trusting(authority) if parts.scheme == "https" else None
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and host not in LOOPBACK and not urllib.request.proxy_bypass(host):
        through = proxy if "//" in proxy else f"http://{proxy}"
        return urllib3.ProxyManager(through, timeout=times, maxsize=1, ssl_context=trusted)
    return urllib3.PoolManager(timeout=times, maxsize=1, ssl_context=trusted)
