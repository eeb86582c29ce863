"""Hubs and laptops for tests: a hub in this process or in one of its own, laptops, a caller by hand."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cbor2

from ranger_app.domain.ids import Id, id_text, new_id
from ranger_app.domain.sites import Attachment, Person, Site
from ranger_app.hub.app import make_app
from ranger_app.hub.house import open_guests, open_house
from ranger_app.hub.openapi import document
from ranger_app.hub.serving import server_of
from ranger_app.hub.settings import NAME, read_settings
from ranger_app.jobs import Work
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.storage import Workspace
from ranger_app.sync.hub.exchange import Synced, sync_with_hub
from ranger_app.sync.hub.line import Patience
from ranger_app.sync.hub.wire import hello_text
from ranger_app.sync.people.admission import Card, GuestList

LOOPBACK = "127.0.0.1"
QUICK = Patience(tries=12, tries_at_first=12, first_wait_s=0.01, longest_wait_s=0.05)
STARTS_WITHIN_S = 60.0
ANY_REQUEST = {400, 408, 414, 429, 431, 503, 507}
"""What the server says of a request that is none, and the hub when it is busy, full or without its store."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class Hub:
    """A hub that answers on loopback."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @cached_property
    def guests(self) -> GuestList:
        return open_guests(self.folder)

    def let_in(self, keys: DeviceKeys, *sites: bytes, name: str = "demo laptop") -> None:
        """Let a laptop in to these sites."""
        self.guests.allow(Card(keys.public_key, name), sites=[Id(site) for site in sites])

    def close(self) -> None:
        """Let go of the list of guests."""
        if "guests" in self.__dict__:
            self.guests.close()

    @property
    def has_database(self) -> bool:
        return bool(read_settings(self.folder).database)

    def site(self, site: bytes) -> Path:
        """Where the hub keeps a site, if it has no database."""
        return self.folder / "sites" / f"{id_text(Id(site))}.ranger"

    def stored(self, site: bytes) -> list[Path]:
        """The files of a site as they lie on the hub's disk, each in some folder of its store."""
        place = self.folder / "objects" / site.hex() if self.has_database else self.site(site) / "files"
        return [path for path in place.rglob("*") if path.is_file() and path.parent != place]

    def sites(self) -> list[bytes]:
        """The sites that something is kept of."""
        house = open_house(self.folder)
        try:
            return house.shelf.streams()
        finally:
            house.shelf.close()

    def digest(self, site: bytes, folder: Path) -> str:
        """What everything that the hub has of a site comes to, on a laptop that has nothing else."""
        with laptop(folder / f"looks-{os.urandom(4).hex()}", None) as looks:
            self.let_in(looks.keys, site)
            assert sync(looks, self.url).complete
            return looks.digest()


def lay_out(folder: Path, database: str = "", *, workers: int = 1, more: str = "") -> Path:
    """A hub's folder with its settings; without a database it needs none."""
    folder.mkdir(parents=True, exist_ok=True)
    if database:
        text = f'database = "{database}"\nworkers = {workers}\n{more}'
        (folder / NAME).write_text(text, encoding="utf-8")
    return folder


@contextmanager
def hub_here(folder: Path, port: int | None = None) -> Iterator[Hub]:
    """A hub in a thread of this process."""
    folder.mkdir(parents=True, exist_ok=True)
    hub = Hub(folder, port or free_port())
    loop = asyncio.new_event_loop()
    server = server_of(make_app(open_house(folder)), host=LOOPBACK, port=hub.port)

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(server.serve())
        loop.close()

    thread = threading.Thread(target=serve, name="hub", daemon=True)
    thread.start()
    wait_until_it_answers(hub.port)
    try:
        yield hub
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(STARTS_WITHIN_S)
        hub.close()


class HubProcess:
    """A hub in a process of its own, started as a keeper would, and killed without a warning."""

    def __init__(self, folder: Path, port: int) -> None:
        self.hub = Hub(folder, port)
        program = "import sys; from ranger_app.__main__ import main; sys.exit(main())"
        words = ["hub", "serve", "--folder", str(folder), "--port", str(port)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *words], env=dict(os.environ), stderr=subprocess.PIPE, text=True
        )
        wait_until_it_answers(port, self._process)

    @property
    def process_id(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """As when the power goes."""
        self.hub.close()
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate(timeout=STARTS_WITHIN_S)

    def stop(self) -> str:
        """As with Ctrl+C; what it said."""
        self.hub.close()
        self._process.terminate()
        return self._process.communicate(timeout=STARTS_WITHIN_S)[1]


def wait_until_it_answers(
    port: int, process: subprocess.Popen[str] | None = None, *, within_s: float = STARTS_WITHIN_S
) -> None:
    """Until somebody listens on this port; each refused try takes a moment by itself."""
    waited, pause = 0.0, 0.05
    while waited < within_s:
        if process is not None and process.poll() is not None:
            raise AssertionError(process.communicate()[1])
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        select.select([], [], [], pause)
        waited += pause
    raise AssertionError("the hub does not answer")


# -- laptops


def new_site(name: str = "Demo park") -> Site:
    id_ = new_id()
    return Site(id=id_, site_id=id_, name=name)


@contextmanager
def laptop(folder: Path, site: Site | None) -> Iterator[Workspace]:
    """A laptop that works for a site, or for none yet."""
    with Workspace.create(folder, site=site, device=f"demo {folder.name}") as workspace:
        yield workspace


def sync(workspace: Workspace, url: str, **options: Any) -> Synced:
    """Exchange, without much patience."""
    return sync_with_hub(workspace, Work(), url=url, **{"patience": QUICK, **options})


def add_people(workspace: Workspace, count: int, *, at_once: int = 1_000, name: str = "demo person") -> None:
    """So many records, in units of so many."""
    for start in range(0, count, at_once):
        with workspace.unit("people") as unit:
            unit.add_many(
                [
                    Person(site_id=workspace.site_id, name=f"{name} {number}")
                    for number in range(start, min(start + at_once, count))
                ]
            )


def add_files(workspace: Workspace, count: int, *, size: int = 20_000, seed: int = 1) -> list[bytes]:
    """So many files of noise with a record each; their SHA-256."""
    noise = random.Random(seed)
    stored = [workspace.files.add_bytes(noise.randbytes(size), settle=False) for _n in range(count)]
    workspace.files.settle()
    site = workspace.site_id
    with workspace.unit("files") as unit:
        unit.add_many(
            [
                Attachment(
                    site_id=site,
                    owner_id=site,
                    owner_kind="site",
                    file=one.sha256,
                    file_name="demo.jpg",
                    size_bytes=size,
                )
                for one in stored
            ]
        )
    return [one.sha256 for one in stored]


# -- by hand


@dataclass(frozen=True, slots=True)
class Said:
    """What a hub answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> Any:
        return cbor2.loads(self.body)


@dataclass(slots=True)
class Caller:
    """Speaks to a hub without any of the client's code, as an enemy would."""

    hub: Hub
    keys: DeviceKeys = field(default_factory=lambda: make_keys(keyed=False))
    token: str = ""

    def ask(self, method: str, path: str, body: Any = b"", headers: Mapping[str, str] | None = None) -> Said:
        """One request on a line of its own; a body that is not bytes is sent as a message."""
        raw = body if isinstance(body, bytes) else cbor2.dumps(body)
        line = http.client.HTTPConnection(LOOPBACK, self.hub.port, timeout=30)
        try:
            bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            line.request(method, path, body=raw, headers={**bearer, **(headers or {})})
            reply = line.getresponse()
            said = Said(reply.status, dict(reply.headers), reply.read())
        finally:
            line.close()
        assert is_described(method, path, said.status), f"{method} {path[:200]} said {said.status}"
        return said

    def hello(self, *streams: bytes) -> Said:
        """Say hello and keep the token."""
        key = self.keys.public_key
        first = self.ask("POST", "/v1/hello", {"key": key}).message
        signature = self.keys.sign(hello_text(first["hub"], first["challenge"], key))
        asks = {"key": key, "challenge": first["challenge"], "signature": signature, "streams": list(streams)}
        said = self.ask("POST", "/v1/hello", asks)
        if said.status == 200:
            self.token = said.message["token"]
        return said


def is_described(method: str, path: str, status: int) -> bool:
    """Whether the description of the hub has this answer. An address that is none is described by nothing,
    and what any request may come to, not at each."""
    if status in ANY_REQUEST:
        return True
    plain = unquote(path.partition("?")[0])
    for described, methods in document()["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(described))
        if re.fullmatch(pattern, plain) and method.lower() in methods:
            return str(status) in methods[method.lower()]["responses"]
    return status in (404, 405)


def site_path(site: bytes, rest: str) -> str:
    """The address of something of a site."""
    return f"/v1/streams/{id_text(Id(site))}/{rest}"
