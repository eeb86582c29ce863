"""A park with several laptops: an office that administers it, and others in their roles."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ranger_app.domain.assessments import Answer
from ranger_app.domain.changes import Dot, Op, Segment
from ranger_app.domain.fields import INSERT
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.sites import Site
from ranger_app.security.keys import DeviceKeys
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.changes.segments import decode, encode, hash_of
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above, take
from ranger_app.sync.people.devices import Devices
from ranger_app.sync.people.people import People

SITE = derived_id(1, "demo park of roles")


class Park:
    """Workspaces by the names of their laptops, on memory where there is some."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._laptops: dict[str, Workspace] = {}
        site = Site(id=SITE, site_id=SITE, name="Demo park")
        self._laptops["office"] = Workspace.create(place / "office", site=site, device="office")

    def __getitem__(self, name: str) -> Workspace:
        """The laptop of this name; a new one is empty and belongs to no site."""
        if name not in self._laptops:
            self._laptops[name] = Workspace.create(self._place / name, site=None, device=name)
        return self._laptops[name]

    def opened(self, name: str, workspace: Workspace) -> None:
        """This is now the laptop of that name."""
        self._laptops[name] = workspace

    def devices(self, name: str) -> Devices:
        return Devices(self[name])

    def people(self, name: str) -> People:
        return People(self[name])

    def enrol(self, name: str, role: str, *, by: str = "office") -> Workspace:
        """A laptop that joins in the usual way, and has everything of the site."""
        _request, file = self.devices(name).request()
        self.devices(name).join(self.devices(by).enrol(file, role=role))
        self.give(by, name)
        return self[name]

    def give(self, giver: str, taker: str) -> Received:
        """Everything that one laptop has, to another."""
        segments = list(segments_above(self[giver], {}))
        done = take(self[taker], segments, entries=directory_entries(self[giver]))
        if not self[taker].has_site:
            self[taker].settle_in(SITE)
        return done

    def everybody_gives(self) -> None:
        """Two rounds, after which all know the same."""
        for _round in range(2):
            for giver in list(self._laptops):
                for taker in self._laptops:
                    if taker != giver:
                        self.give(giver, taker)

    def close(self) -> None:
        for laptop in self._laptops.values():
            laptop.close()


def _memory() -> str | None:
    """A folder in memory, where the system has one: no park is to last."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@contextmanager
def a_park() -> Iterator[Park]:
    with tempfile.TemporaryDirectory(dir=_memory(), prefix="park-") as place:
        park = Park(Path(place))
        try:
            yield park
        finally:
            park.close()


def by_hand(
    workspace: Workspace,
    *ops: Op,
    keys: DeviceKeys | None = None,
    stream: Id = SITE,
    version: int | None = None,
    author: bytes = b"",
) -> SignedSegment:
    """A segment that follows what a laptop has written, with whatever ops its owner likes. `version` is
    that of the directory that it says it knew, `author` the person that it says wrote it."""
    keys = keys or workspace.keys
    mine = [
        s
        for s in segments_above(workspace, {})
        if s.public_key == keys.public_key and decode(s.body).stream == stream
    ]
    last = mine[-1].body if mine else b""
    known = Devices(workspace).directory() if workspace.has_site else None
    body = encode(
        Segment(
            stream=stream,
            replica=keys.replica,
            seq=len(mine) + 1,
            previous=hash_of(last) if last else b"",
            hlc=workspace.clock.tick(),
            author=author,
            directory_version=version if version is not None else known.version if known else 0,
            ops=ops,
        )
    )
    return SignedSegment(keys.public_key, body, keys.sign(body))


def add(workspace: Workspace, *records: Patrol | Answer) -> None:
    with workspace.unit("add") as unit:
        unit.add_many(records)


def rating(workspace: Workspace, answer: Answer) -> str:
    with workspace.reading() as data:
        return data.need(Answer, answer.id).rating


def numbers(workspace: Workspace) -> set[str]:
    with workspace.reading() as data:
        return set(data.column(Patrol, "number"))


def dot_of(workspace: Workspace, row: Id) -> Dot:
    """The op that made a record."""
    for signed in segments_above(workspace, {}):
        segment = decode(signed.body)
        for index, op in enumerate(segment.ops):
            if op.row == row and op.field == INSERT:
                return segment.dot(index)
    raise AssertionError("nobody made it")


def aside_of(workspace: Workspace) -> list[tuple[Any, ...]]:
    """What does not count, in a form that is the same on every laptop."""
    return sorted((a.device, a.seq, a.kind, a.id, a.field, a.role) for a in Devices(workspace).aside())
