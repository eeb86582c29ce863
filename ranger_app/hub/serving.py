"""Runs the hub until it is told to stop: one process that holds its folder, or several on one database."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ranger_app.domain.errors import Refused
from ranger_app.durable import make_folder
from ranger_app.hub.faults import without_words
from ranger_app.hub.house import House, libraries_missing, open_house
from ranger_app.hub.settings import Settings, read_settings
from ranger_app.hub.workers import Workers
from ranger_app.i18n import _
from ranger_app.storage.engine import lock
from ranger_app.storage.faults import disk_told

if TYPE_CHECKING:
    from granian.server.embed import Server
    from starlette.applications import Starlette

HEADERS_MS = 15_000
"""Whoever has not said all headers of a request by then is let go."""
MAX_REQUESTS = 64
"""Answered at the same time; the others wait their turn."""


def serve(folder: Path, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. `Refused` when the address is taken or the libraries are not there."""
    try:
        import granian  # noqa: F401 - asked for before anything is made
    except ImportError:
        raise libraries_missing() from None
    with disk_told(folder):
        make_folder(folder)
    settings = read_settings(folder)
    with _hold(folder, settings):
        house = open_house(folder)
        _must_be_free(host, port)
        say(_("Hub {key} in {folder}").format(key=house.keys.public_key.hex(), folder=folder))
        say(_("Listening on http://{host}:{port}. Stop it with Ctrl+C.").format(host=host, port=port))
        if settings.workers == 1:
            asyncio.run(_serve(house, host, port))
        else:
            house.shelf.close()
            Workers(settings.workers, serve_as_worker, folder, host, port).run()
    say(_("The hub has stopped; nothing that it gave a receipt for is lost."))


def _hold(folder: Path, settings: Settings) -> AbstractContextManager[object]:
    """One process holds a folder with workspaces; a database is held by nobody."""
    with disk_told(folder):
        return nullcontext() if settings.database else lock(folder)


def serve_as_worker(folder: Path, host: str, port: int) -> None:
    """Serve beside others, until told to stop."""
    asyncio.run(_serve(open_house(folder), host, port))


def server_of(app: Starlette, *, host: str, port: int) -> Server:
    """The server of an app, with bounds on what it reads before anything of ours is asked."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.embed import Server

    return Server(
        without_words(app),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS, max_buffer_size=64 << 10),
        websockets=False,
        backpressure=MAX_REQUESTS,
        log_level=LogLevels.error,
    )


async def _serve(house: House, host: str, port: int) -> None:
    from ranger_app.hub.app import make_app

    server = server_of(make_app(house), host=host, port=port)
    if sys.platform != "win32":  # elsewhere Ctrl+C ends the process, which loses nothing either
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
    await server.serve()


def _must_be_free(host: str, port: int) -> None:
    """`Refused` when somebody listens there: the server would share the port with him without a word."""
    try:
        family, _type, _proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server((address[0], port), family=family).close()
    except OSError as error:
        raise Refused(
            _("The hub cannot listen on {host}:{port}: {why}.").format(
                host=host, port=port, why=error.strerror or error
            ),
            _("Choose another address or port, or stop what uses this one."),
        ) from error
