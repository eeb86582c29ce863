"""Runs the hub: one process that holds its folder, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ranger_app.domain.errors import NotFound, Refused
from ranger_app.i18n import _
from ranger_app.security.keys import KEY_FILE, DeviceKeys, make_keys, read_keys, write_keys
from ranger_app.storage.engine import flush_folder, lock
from ranger_app.storage.faults import disk_told

if TYPE_CHECKING:
    from granian.server.embed import Server
    from starlette.applications import Starlette

DEVICE = "device"
MAX_REQUESTS = 64
"""Answered at the same time; the others wait their turn."""


def open_keys(folder: Path) -> DeviceKeys:
    """The hub's own keys, made when it is new: receipts are signed with them."""
    device = folder / DEVICE
    if not (device / KEY_FILE).is_file():
        if (folder / "sites").is_dir():
            raise Refused(
                _("The keys of this hub are missing, and there are sites in its folder."),
                _("Put the folder “{name}” back from a backup.").format(name=DEVICE),
            )
        with disk_told(folder):
            aside = folder / f"{DEVICE}.new"
            shutil.rmtree(aside, ignore_errors=True)
            write_keys(aside, make_keys(keyed=False), None)
            flush_folder(aside)
            os.replace(aside, device)
            flush_folder(folder)
    return read_keys(device, None)


def serve(folder: Path, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. `Refused` when the address is taken or the libraries are not there."""
    try:
        import granian  # noqa: F401 - asked for before anything is made
    except ImportError:
        raise NotFound(
            _("The libraries that serve a hub are not installed."),
            _("Install them: pip install ranger-app[hub]"),
        ) from None
    with disk_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        holder = lock(folder)
    with holder:
        keys = open_keys(folder)
        _must_be_free(host, port)
        say(_("Hub {key} in {folder}").format(key=keys.public_key.hex(), folder=folder))
        say(_("Listening on http://{host}:{port}. Stop it with Ctrl+C.").format(host=host, port=port))
        asyncio.run(_serve(folder, keys, host, port))
    say(_("The hub has stopped; nothing that it gave a receipt for is lost."))


def server_of(app: Starlette, *, host: str, port: int) -> Server:
    """The server of an app, with bounds on what it reads before anything of ours is asked."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.embed import Server

    return Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=64 << 10),
        websockets=False,
        backpressure=MAX_REQUESTS,
        log_level=LogLevels.error,
    )


async def _serve(folder: Path, keys: DeviceKeys, host: str, port: int) -> None:
    from ranger_app.hub.app import make_app

    server = server_of(make_app(folder, keys), host=host, port=port)
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
