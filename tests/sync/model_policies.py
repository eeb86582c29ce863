"""The policies of fields, said a second time, as simply as can be: by recursion over what led to a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

Dot = tuple[bytes, int, int]


class Written(NamedTuple):
    """One op on a field (or one that made the record): what it said, and which of the others it replaced."""

    dot: Dot
    hlc: int
    value: Any
    replaces: frozenset[Dot]


Story = Mapping[Dot, Written]
Change = tuple[int, int, tuple[str, ...]]
"""Paragraphs from, up to, and what stands in their place."""
Answer = tuple[Any, bool]
"""What is shown, and whether a person has to choose."""


def later(heads: Sequence[Written]) -> Any:
    return max(heads, key=lambda h: (h.hlc, h.dot)).value


def keep_all(heads: Sequence[Written], story: Story) -> Answer:
    return later(heads), True


def the_first(heads: Sequence[Written], story: Story) -> Answer:
    return min(heads, key=lambda h: (h.hlc, h.dot)).value, False


def furthest(steps: tuple[str, ...]) -> Callable[[Sequence[Written], Story], Answer]:
    def choose(heads: Sequence[Written], story: Story) -> Answer:
        best = max((steps.index(h.value) if h.value in steps else -1) for h in heads)
        return later([h for h in heads if (steps.index(h.value) if h.value in steps else -1) == best]), False

    return choose


# -- lists


def _things(value: Any) -> list[str] | None:
    found = [] if value is None else json.loads(value)
    if not isinstance(found, list):
        return None
    return [json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in found]


def union(heads: Sequence[Written], story: Story) -> Answer:
    if any(_things(h.value) is None for h in heads):
        return keep_all(heads, story)

    @cache
    def taken(dot: Dot) -> frozenset[tuple[str, Dot]]:
        """Everything that anybody took away up to here: a thing, and the op that had put it there."""
        before = frozenset(one for parent in story[dot].replaces for one in taken(parent))
        there = {one for parent in story[dot].replaces for one in put(parent)} - before
        return before | {one for one in there if one[0] not in (_things(story[dot].value) or [])}

    @cache
    def put(dot: Dot) -> frozenset[tuple[str, Dot]]:
        before = frozenset(one for parent in story[dot].replaces for one in taken(parent))
        there = {one for parent in story[dot].replaces for one in put(parent)} - before
        said = _things(story[dot].value) or []
        return frozenset(
            {one for one in there if one[0] in said}
            | {(thing, dot) for thing in said if thing not in {one[0] for one in there}}
        )

    gone = {one for h in heads for one in taken(h.dot)}
    left = {thing for h in heads for thing, name in put(h.dot) if (thing, name) not in gone}
    shown: list[str] = []
    for head in sorted(heads, key=lambda h: (h.hlc, h.dot), reverse=True):
        for one in _things(head.value) or []:
            if one in left and one not in shown:
                shown.append(one)
    return "[" + ",".join(shown) + "]", False


# -- texts


def paragraphs(heads: Sequence[Written], story: Story) -> Answer:
    if len({(h.dot[0], h.hlc) for h in heads}) < len(heads):
        return keep_all(heads, story)
    base = _base(frozenset(h.dot for h in heads), story)
    merged = None if base is None else _merge(base, [h.value for h in heads])
    return keep_all(heads, story) if merged is None else (merged, False)


def _base(dots: frozenset[Dot], story: Story) -> str | None:
    @cache
    def line(dot: Dot) -> frozenset[Dot]:
        return frozenset({dot}).union(*(line(parent) for parent in story[dot].replaces))

    common = frozenset.intersection(*(line(dot) for dot in dots))
    newest = frozenset(d for d in common if not any(d in story[other].replaces for other in common))
    texts = sorted({story[dot].value for dot in newest})
    if len(texts) < 2:
        return texts[0] if texts else None
    before = _base(newest, story)
    return None if before is None else _merge(before, texts)


def _merge(base: str, texts: Sequence[str]) -> str | None:
    """Each place of the base, a paragraph or a gap, may be changed by one hand."""
    lines = base.split("\n")
    changes = {change for text in texts for change in _changes(lines, text.split("\n"))}
    for one in changes:
        for other in changes - {one}:
            if _clash(one, other):
                return None
    out: list[str] = []
    for n in range(len(lines) + 1):
        for start, _end, new in sorted(changes):
            if start == n:
                out += new
        if n < len(lines) and not any(start <= n < end for start, end, _new in changes):
            out.append(lines[n])
    return "\n".join(out)


def _clash(one: Change, other: Change) -> bool:
    """What is put into a gap belongs to both of its neighbours; neighbours may each be changed."""
    if one[0] == one[1] or other[0] == other[1]:
        return one[0] <= other[1] and other[0] <= one[1]
    return one[0] < other[1] and other[0] < one[1]


def _changes(old: list[str], new: list[str]) -> list[Change]:
    head = 0
    while head < len(old) and head < len(new) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < len(old) - head and tail < len(new) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1

    @cache
    def common(i: int, j: int) -> int:
        if i == len(old) - tail or j == len(new) - tail:
            return 0
        if old[i] == new[j]:
            return 1 + common(i + 1, j + 1)
        return max(common(i + 1, j), common(i, j + 1))

    found, i, j = [], head, head
    start, words = i, list[str]()

    def close(at: int) -> None:
        if start < at or words:
            found.append((start, at, tuple(words)))

    while i < len(old) - tail or j < len(new) - tail:
        if i < len(old) - tail and j < len(new) - tail and old[i] == new[j]:
            close(i)
            i, j = i + 1, j + 1
            start, words = i, []
        elif j == len(new) - tail or (i < len(old) - tail and common(i + 1, j) >= common(i, j + 1)):
            i += 1
        else:
            words.append(new[j])
            j += 1
    close(i)
    return found
