"""A disk that keeps its promises and nothing else: what may be on it when the power fails at any moment.

What was synced is there. Of what was not, any part is, in any order: a name without its content and a content
without its name, a later write without an earlier one, some sectors of a write, a size without its bytes. A
file's sync says nothing of its name, which lies in its folder and is durable when that was synced.

Relied upon are four things. A sector of 512 bytes is written whole or not at all, and its neighbours are not
harmed, as SQLite assumes too. A renaming within a folder happens or does not, also over what was there. When
something moves to another folder, its new name comes before the old one goes. What was synced stays.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.storage.recorded import NEW_FILE, NEW_FOLDER, Line, What

Tree = dict[str, bytes | None]
"""Contents by path; None for a folder."""


@dataclass(eq=False)
class File:
    name: str
    durable: bytes = b""
    pending: list[Write | Size] = field(default_factory=list)


@dataclass(eq=False)
class Folder:
    name: str
    durable: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[Names] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Write:
    file: File
    at: int
    content: bytes

    def __str__(self) -> str:
        return f"{len(self.content)} bytes at {self.at} of {self.file.name}"

    def put(self, into: bytearray) -> None:
        end = self.at + len(self.content)
        into.extend(bytes(max(0, end - len(into))))
        into[self.at : end] = self.content


@dataclass(frozen=True, eq=False)
class Size:
    file: File
    size: int

    def __str__(self) -> str:
        return f"size {self.size} of {self.file.name}"

    def put(self, into: bytearray) -> None:
        into.extend(bytes(max(0, self.size - len(into))))
        del into[self.size :]


@dataclass(frozen=True, eq=False)
class Names:
    """Names that come and go together."""

    folder: Folder
    names: dict[str, File | Folder | None]
    after: Names | None = None
    """What happens before or with it: the new name of what moves away."""

    def __str__(self) -> str:
        return " ".join(f"{'-' if to is None else '+'}{name}" for name, to in self.names.items())

    def put(self, into: dict[str, File | Folder]) -> None:
        for name, to in self.names.items():
            if to is None:
                into.pop(name, None)
            else:
                into[name] = to


Change = Write | Size | Names


class Disk:
    """Files and folders with what is durable of them, and what is not yet."""

    def __init__(self) -> None:
        self._nodes: dict[int, File | Folder] = {}
        self._root: Folder | None = None
        self.said: list[str] = []
        self.pending: dict[Change, None] = {}
        """In the order in which they were done."""

    def do(self, line: Line) -> None:
        """What happens on the disk by one line of a book. Lines about other folders say nothing here."""
        match line.what:
            case What.SAY:
                self.said.append(line.first.decode())
            case What.SYNC_ALL:
                for change in list(self.pending):
                    self._settle(change.file if isinstance(change, Write | Size) else change.folder)
            case What.SYNC:
                if node := self._nodes.get(line.one):
                    self._settle(node)
            case What.WRITE:
                if isinstance(file := self._nodes.get(line.one), File):
                    self._wait(Write(file, line.two, line.first))
            case What.TRUNCATE:
                if isinstance(file := self._nodes.get(line.one), File):
                    self._wait(Size(file, line.two))
            case What.ENTER:
                self._enter(line)
            case What.LEAVE:
                if isinstance(folder := self._nodes.get(line.one), Folder):
                    self._wait(Names(folder, {os.fsdecode(line.first): None}))
            case What.MOVE:
                self._move(line)

    def _enter(self, line: Line) -> None:
        name = os.fsdecode(line.first)
        folder = self._nodes.get(line.one)
        if line.one and not isinstance(folder, Folder):
            return
        if line.three in (NEW_FILE, NEW_FOLDER):
            self._nodes[line.two] = File(name) if line.three == NEW_FILE else Folder(name)
        node = self._nodes.get(line.two)
        if isinstance(folder, Folder) and node is not None:
            self._wait(Names(folder, {name: node}))
        elif isinstance(node, Folder):
            self._root = node

    def _move(self, line: Line) -> None:
        one, other = self._nodes.get(line.one), self._nodes.get(line.two)
        before, after = os.fsdecode(line.first), os.fsdecode(line.second)
        if not isinstance(one, Folder) or not isinstance(other, Folder):
            assert one is other is None, f"{before} came from outside, and nobody knows what is in it"
            return
        node = self._latest(one)[before]
        node.name = after
        if one is other:
            self._wait(Names(one, {after: node, before: None}))
        else:
            comes = Names(other, {after: node})
            self._wait(comes)
            self._wait(Names(one, {before: None}, comes))

    @staticmethod
    def _latest(folder: Folder) -> dict[str, File | Folder]:
        names = dict(folder.durable)
        for change in folder.pending:
            change.put(names)
        return names

    def _wait(self, change: Change) -> None:
        self.pending[change] = None
        if isinstance(change, Names):
            change.folder.pending.append(change)
        else:
            change.file.pending.append(change)

    def _settle(self, node: File | Folder, until: Names | None = None) -> None:
        """What waits for this file or folder is durable, up to one change or all of it."""
        if isinstance(node, File):
            content = bytearray(node.durable)
            for change in node.pending:
                change.put(content)
                del self.pending[change]
            if node.pending:
                node.durable, node.pending = bytes(content), []
            return
        while node.pending:
            first = node.pending.pop(0)
            if first.after in self.pending:
                self._settle(first.after.folder, first.after)
            first.put(node.durable)
            del self.pending[first]
            if first is until:
                return

    def tree(self, kept: Kept) -> Tree:
        """All that can be found from the top."""
        found: Tree = {}
        if self._root is not None:
            self._walk(self._root, "", kept, found)
        return found

    def _walk(self, folder: Folder, at: str, kept: Kept, found: Tree) -> None:
        names = dict(folder.durable)
        for change in folder.pending:
            if kept.names(change):
                change.put(names)
        for name, node in names.items():
            path = f"{at}{name}"
            if isinstance(node, Folder):
                found[path] = None
                self._walk(node, f"{path}/", kept, found)
            else:
                content = kept.content(node) if node.pending else node.durable
                if name.endswith(
                    "-shm"
                ):  # SQLite writes it through memory: it is not durable, and never is read
                    content = kept.chance.randbytes(kept.chance.choice((0, 100, 32 << 10)))
                found[path] = content


class Kept:
    """One way in which the power may fail: which of the pending changes are there, by a choice of each."""

    def __init__(self, how: str, keeps: Callable[[Change], bool], chance: random.Random) -> None:
        self.how, self.chance, self._keeps = how, chance, keeps

    def __str__(self) -> str:
        return self.how

    def names(self, change: Names) -> bool:
        before = change.after
        return self._keeps(change) and (
            before is None or before not in before.folder.pending or self.names(before)
        )

    def content(self, file: File) -> bytes:
        made = bytearray(file.durable)
        for change in file.pending:
            if self._keeps(change):
                change.put(made)
        return bytes(made)


def everything() -> Kept:
    """Nothing is lost."""
    return Kept("everything", lambda _one: True, random.Random(1))
