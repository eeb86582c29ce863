"""The ways in which the power may fail upon a disk: when, and what of the rest is there then."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.storage.recorded import Line, What
from tests.storage.torn_disk import Change, Disk, File, Kept, Names, Size, Tree, Write, everything

SECTOR, PAGE = 512, 4096
LAST_NAMES = 4
"""Names of which each is lost by itself while all else is there, at every moment."""


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
