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
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.storage.recorded import NEW_FILE, NEW_FOLDER, Line, What

SECTOR, PAGE = 512, 4096
LAST_NAMES = 4
"""Names of which each is lost by itself while all else is there, at every moment."""
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


class Torn(Kept):
    """Of one write some sectors are there."""

    def __init__(self, how: str, write: Write, sectors: slice, others: Callable[[Change], bool]) -> None:
        super().__init__(how, others, random.Random(0))
        self._write, self._sectors = write, sectors

    def content(self, file: File) -> bytes:
        made = bytearray(file.durable)
        for change in file.pending:
            if change is self._write:
                for piece in pieces(self._write, SECTOR)[self._sectors]:
                    piece.put(made)
            elif self._keeps(change):
                change.put(made)
        return bytes(made)


class Scattered(Kept):
    """Each sector is as it was after some write to it, or as before all, and so is the size."""

    def __init__(self, how: str, chance: random.Random, sector: int) -> None:
        share = chance.choice((0.1, 0.5, 0.9))
        chosen: dict[Change, bool] = {}
        super().__init__(how, lambda one: chosen.setdefault(one, chance.random() < share), chance)
        self._share, self._sector = share, sector

    def content(self, file: File) -> bytes:
        chance, sector = self.chance, self._sector
        sizes, touched, most = [len(file.durable)], defaultdict[int, list[Write]](list), len(file.durable)
        for change in file.pending:
            if isinstance(change, Write):
                sizes.append(max(sizes[-1], change.at + len(change.content)))
                for piece in pieces(change, sector):
                    touched[piece.at // sector].append(piece)
            else:
                sizes.append(change.size)
                cut = bytes(max(0, most - change.size))
                for piece in pieces(Write(file, change.size, cut), sector) if cut else ():
                    touched[piece.at // sector].append(piece)
            most = max(most, *sizes)
        made = bytearray(file.durable)
        Size(file, most).put(made)
        for n, writes in touched.items():
            here = range(n * sector, (n + 1) * sector)
            if here.start >= len(file.durable) and chance.random() < 0.1:
                made[here.start : min(here.stop, most)] = chance.randbytes(min(here.stop, most) - here.start)
            until = len(writes) if chance.random() < self._share else chance.randint(0, len(writes))
            for write in writes[:until]:
                write.put(made)
        Size(file, sizes[-1] if chance.random() < self._share else chance.choice(sizes)).put(made)
        return bytes(made)


def everything() -> Kept:
    """Nothing is lost."""
    return Kept("everything", lambda _one: True, random.Random(1))


def pieces(write: Write, sector: int) -> list[Write]:
    """A write, cut at the sectors' edges."""
    ends = range(write.at // sector * sector + sector, write.at + len(write.content) + sector, sector)
    cut, begun = [], 0
    for end in ends:
        piece = write.content[begun : end - write.at]
        cut.append(Write(write.file, write.at + begun, piece))
        begun += len(piece)
    return cut


@dataclass(frozen=True)
class State:
    """What is on the disk when the power fails, and what had been said to be safe."""

    tree: Tree
    said: list[str]
    when: str

    def lay_out(self, folder: Path) -> None:
        """Write it to an empty folder."""
        for path, content in self.tree.items():
            if content is None:
                (folder / path).mkdir()
            else:
                (folder / path).write_bytes(content)


def states(lines: Sequence[Line], *, most: int, seed: int, begun: int = 0) -> Iterator[State]:
    """Up to so many different states: at each moment nothing of what was not synced and everything, then one
    change dropped, alone, the last, or torn, and sectors by chance. `begun` lines come before the trial."""
    chance = random.Random(seed)
    moments = moments_of(lines, most, begun, chance)
    disk, done, seen, left = Disk(), 0, set[int](), most
    for turn, moment in enumerate(moments):
        for line in lines[done:moment]:
            disk.do(line)
        done = moment
        quota = -(-left // (len(moments) - turn))
        for kept in ways(disk, chance, quota * 2):
            if quota <= 0:
                break
            tree = disk.tree(kept)
            mark = hash((len(disk.said), frozenset(tree.items())))
            if mark in seen:
                continue
            seen.add(mark)
            quota, left = quota - 1, left - 1
            yield State(tree, list(disk.said), f"call {moment - begun} of {len(lines) - begun}, {kept}")


def moments_of(lines: Sequence[Line], most: int, begun: int, chance: random.Random) -> list[int]:
    """After how many lines the power fails: after each word, before each sync, and in between."""
    said = {n + 1 for n, line in enumerate(lines) if n >= begun and line.what is What.SAY}
    synced = (n for n, line in enumerate(lines) if n >= begun and line.what in (What.SYNC, What.SYNC_ALL))
    edges = {len(lines), *synced} - said
    between = set(range(begun, len(lines))) - said - edges
    room = max(0, most - len(said))
    some = chance.sample(sorted(edges), min(len(edges), -(-room * 2 // 3)))
    more = chance.sample(sorted(between), min(len(between), room - len(some), 1 + len(edges) // 2))
    return sorted([*said, *some, *more])


def ways(disk: Disk, chance: random.Random, many: int) -> Iterator[Kept]:
    """Ways in which the power may fail now, the plainest first."""
    yield Kept("nothing that was not synced", lambda _one: False, random.Random(0))
    yield everything()
    pending = list(disk.pending)
    names = [change for change in pending if isinstance(change, Names)]
    for change in reversed(names[-LAST_NAMES:]):
        yield _all_but(change, chance)
    for _ in range(many if pending else 0):
        match chance.randrange(8):
            case 0:
                yield Kept("names without contents", lambda one: isinstance(one, Names), chance)
            case 1:
                yield Kept("contents without names", lambda one: not isinstance(one, Names), chance)
            case 2 | 3:
                yield _some_names(pending, chance)
            case 4 | 5:
                yield Scattered("scattered", chance, chance.choice((SECTOR, PAGE)))
            case _:
                yield _one_change(pending, chance)


def _some_names(pending: list[Change], chance: random.Random) -> Kept:
    """All contents, and only some of the names that came and went."""
    gone = {change for change in pending if isinstance(change, Names) and chance.random() < 0.5}
    return Kept(f"all but {', '.join(map(str, gone))}", lambda one: one not in gone, chance)


def _all_but(change: Change, chance: random.Random) -> Kept:
    return Kept(f"all but {change}", lambda one: one is not change, chance)


def _one_change(pending: list[Change], chance: random.Random) -> Kept:
    """One change is dropped, alone, the last, or torn."""
    change = chance.choice(chance.choice((pending, pending[-40:])))
    before = set(pending[: pending.index(change)])
    match chance.randrange(5):
        case 0:
            return _all_but(change, chance)
        case 1:
            return Kept(f"only {change}", lambda one: one is change, chance)
        case 2 | 3 if isinstance(change, Write) and len(pieces(change, SECTOR)) > 1:
            sectors = chance.choice((slice(1), slice(1, None), slice(None, None, 2), slice(-1)))
            later = chance.random() < 0.5
            return Torn(f"{change} torn", change, sectors, lambda one: later or one in before)
        case _:
            return Kept(f"all before {change}", lambda one: one in before, chance)
