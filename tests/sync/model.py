"""What the merge has to give, said a second time, from nothing but the bytes of the signed segments.

Slow, in memory and without a line of the code that it judges: it reads CBOR by position, knows the kinds
only as numbers, and works everything out anew from the whole set each time. State is a function of that set
here by construction, so a workspace that always agrees with it is one, too.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import cbor2

from tests.sync.model_directory import Known
from tests.sync.model_leaves import NOT_HERE, leaves_behind, told_with
from tests.sync.model_policies import Answer, Story, Written, keep_all

MADE, DELETED = 0, 1

Dot = tuple[bytes, int, int]
Row = tuple[bytes, int, bytes]
"""Stream, kind, id."""
Policy = Callable[[Sequence[Written], Story], Answer]


@dataclass(frozen=True)
class Op:
    dot: Dot
    hlc: int
    row: Row
    field: int
    value: Any
    replaces: frozenset[Dot]


@dataclass(frozen=True)
class Segment:
    hash: bytes
    stream: bytes
    replica: bytes
    seq: int
    previous: bytes
    directory: int
    """The version of the list of devices that it names."""
    ops: tuple[Op, ...]

    @property
    def feed(self) -> tuple[bytes, bytes]:
        return self.stream, self.replica


@dataclass(frozen=True)
class Kind:
    """What the model has to know of a kind: its fields with what they hold when nobody says, which of them
    must be said, whether a field can hold a value, what becomes of values written apart (all are kept where
    nothing is said), which are never changed, and which name the record that this one belongs to."""

    defaults: Mapping[int, Any]
    required: frozenset[int]
    holds: Callable[[int, Any], bool]
    policies: Mapping[int, Policy] = field(default_factory=dict)
    fixed: frozenset[int] = frozenset()
    parents: Mapping[int, int] = field(default_factory=dict)
    nothing: Mapping[int, Any] = field(default_factory=dict)
    """What a field that must be said holds when its value is not here."""

    def reads(self, op: Op) -> bool:
        """Whether an op makes sense; others are kept, and count for nothing."""
        if op.field == MADE:
            known = {number: value for number, value in op.value.items() if number in self.defaults}
            here = [(n, v) for n, v in known.items() if v is not NOT_HERE]
            return self.required <= op.value.keys() and all(self.holds(n, v) for n, v in here)
        if op.field == DELETED:
            gone = isinstance(op.value, dict) and set(op.value) == {"gone", "reason"}
            return (
                bool(op.replaces)
                and gone
                and type(op.value["gone"]) is bool
                and type(op.value["reason"]) is str
            )
        return (
            bool(op.replaces)
            and op.field in self.defaults.keys() - self.fixed
            and (op.value is NOT_HERE or self.holds(op.field, op.value))
        )


@dataclass(frozen=True)
class Shown:
    """A record as it has to be: shown values, whether it is hidden, and the standing ops by field."""

    values: Mapping[int, Any]
    hidden: bool
    standing: Mapping[int, frozenset[Dot]]


@dataclass(frozen=True)
class State:
    records: Mapping[Row, Shown]
    differences: frozenset[tuple[Row, int]]


@lru_cache(maxsize=8192)
def parse(body: bytes) -> Segment:
    signed, leaves = leaves_behind(body)
    _format, stream, replica, seq, previous, hlc, _author, directory, _schema, _action, ops, *more = (
        cbor2.loads(signed)
    )
    parsed = []
    sealed = bool(more) and type(more[0]) is bytes and len(more[0]) == 32
    for index, (kind, row, number, value, dots) in enumerate(ops):
        if number == MADE:
            value = dict(zip(value[::2], value[1::2], strict=True))
        if sealed:
            value = told_with(number == MADE, value, leaves)
        replaces = frozenset((who or replica, when, which) for who, when, which in dots)
        parsed.append(Op((replica, seq, index), hlc, (stream, kind, row), number, value, replaces))
    return Segment(hashlib.sha256(signed).digest(), stream, replica, seq, previous, directory, tuple(parsed))


def values_of(bodies: Iterable[bytes], kind: int, id_: bytes, number: int) -> Iterator[Any]:
    """Every value that anybody ever gave a field of a record, whether it counts or not."""
    for body in bodies:
        for op in parse(body).ops:
            if op.row[1:] == (kind, id_) and op.field == MADE and number in op.value:
                yield op.value[number]
            elif op.row[1:] == (kind, id_) and op.field == number:
                yield op.value


def state_of(bodies: Iterable[bytes], kinds: Mapping[int, Kind], *, known: Known | None = None) -> State:
    """What anybody who holds exactly these segments has to see, and knows so much of the list of devices;
    everything counts for him who follows none."""
    segments = [parse(body) for body in bodies]
    forks = _forks(segments)
    by_row: dict[Row, list[Op]] = defaultdict(list)
    brought: dict[tuple[bytes, bytes], int] = defaultdict(int)
    for segment in _shown(segments, forks, known.highest if known else 0):
        brought[segment.feed] += len(segment.ops)
        if known is not None and not known.counts(segment.replica, segment.seq, brought[segment.feed]):
            continue
        for op in segment.ops:
            if op.row[1] in kinds and kinds[op.row[1]].reads(op):
                by_row[op.row].append(op)
    records, differences, denied = {}, set(), set()
    for row, its in by_row.items():
        makes = [op for op in its if op.field == MADE]
        if makes:
            records[row], undecided = _record(makes, its, kinds[row[1]])
            differences |= {(row, number) for number in undecided}
            if _said_gone(its):
                denied.add(row)
    seen = _with_families(records, kinds)
    differences |= {(row, DELETED) for row in denied if not seen[row].hidden}
    return State(seen, frozenset(differences))


def _with_families(records: Mapping[Row, Shown], kinds: Mapping[int, Kind]) -> dict[Row, Shown]:
    """Nothing is hidden that has something to be seen belonging to it."""
    children: dict[Row, list[Row]] = defaultdict(list)
    for row, shown in records.items():
        for number, kind in kinds[row[1]].parents.items():
            if shown.values[number] is not None:
                children[row[0], kind, shown.values[number]].append(row)

    def hidden(row: Row) -> bool:
        return records[row].hidden and all(hidden(child) for child in children[row])

    return {row: replace(shown, hidden=hidden(row)) for row, shown in records.items()}


def _forks(segments: Collection[Segment]) -> dict[tuple[bytes, bytes], int]:
    """By feed, the first number under which there are two segments, be it only by what the next one names."""
    named: dict[tuple[tuple[bytes, bytes], int], set[bytes]] = defaultdict(set)
    for segment in segments:
        named[segment.feed, segment.seq].add(segment.hash)
        if segment.seq > 1:
            named[segment.feed, segment.seq - 1].add(segment.previous)
    forks: dict[tuple[bytes, bytes], int] = {}
    for (feed, seq), hashes in named.items():
        if len(hashes) > 1:
            forks[feed] = min(seq, forks.get(feed, seq))
    return forks


def _shown(
    segments: Collection[Segment], forks: Mapping[tuple[bytes, bytes], int], highest: int
) -> list[Segment]:
    """The segments whose predecessors and parents are shown, and whose list of devices is known; what is
    forked away counts as known."""
    waiting = [s for s in segments if s.seq < forks.get(s.feed, s.seq + 1) and s.directory <= highest]
    tips: dict[tuple[bytes, bytes], tuple[int, bytes]] = defaultdict(lambda: (0, b""))
    shown: list[Segment] = []

    def known(stream: bytes, parent: Dot) -> bool:
        feed = (stream, parent[0])
        return tips[feed][0] >= parent[1] or (feed in forks and forks[feed] <= parent[1])

    while ready := [
        s
        for s in waiting
        if tips[s.feed] == (s.seq - 1, s.previous)
        and all(known(s.stream, dot) for op in s.ops for dot in op.replaces if dot[0] != s.replica)
    ]:
        for segment in ready:
            tips[segment.feed] = (segment.seq, segment.hash)
            waiting.remove(segment)
        shown += ready
    return shown


def _record(makes: list[Op], ops: list[Op], kind: Kind) -> tuple[Shown, set[int]]:
    values: dict[int, Any] = {}
    standing: dict[int, frozenset[Dot]] = {}
    undecided: set[int] = set()
    for number, default in kind.defaults.items():
        edits = [op for op in ops if op.field == number]
        replaced = {dot for op in edits for dot in op.replaces}
        written = [Written(op.dot, op.hlc, op.value.get(number, default), frozenset()) for op in makes]
        written += [Written(op.dot, op.hlc, op.value, op.replaces) for op in edits]
        story = {one.dot: one for one in written}
        story = {dot: one._replace(replaces=one.replaces & story.keys()) for dot, one in story.items()}
        heads = [one for one in story.values() if one.dot not in replaced]
        standing[number] = frozenset(one.dot for one in heads)
        if number not in kind.required:
            silent = {op.dot for op in makes if repr(op.value.get(number, default)) == repr(default)}
            heads = [one for one in heads if one.dot not in silent] or heads
        heads = [one for one in heads if one.value is not NOT_HERE]
        if not heads:
            values[number] = kind.nothing[number] if number in kind.required else default
            continue
        if len({repr(one.value) for one in heads}) == 1:
            values[number] = heads[0].value
            continue
        if any(one.value is NOT_HERE for one in story.values()):
            story = {one.dot: one._replace(replaces=frozenset()) for one in heads}
        values[number], choose = kind.policies.get(number, keep_all)(heads, story)
        if choose:
            undecided.add(number)
    deletions = _last_said(ops)
    every = {dot for dots in standing.values() for dot in dots}
    hidden = (
        bool(deletions)
        and all(op.value["gone"] for op in deletions)
        and any(every <= op.replaces for op in deletions)
    )
    return Shown(values, hidden, standing), undecided


def _last_said(ops: list[Op]) -> list[Op]:
    """Who hid the record or brought it back, and was not answered."""
    deletions = [op for op in ops if op.field == DELETED]
    settled = {dot for op in deletions for dot in op.replaces}
    return [op for op in deletions if op.dot not in settled]


def _said_gone(ops: list[Op]) -> bool:
    return any(op.value["gone"] for op in _last_said(ops))
