"""Merges lists that were written apart: what anybody added is there, and a removal takes what it had seen.

A thing on a list is named by the ops that put it there. Whoever writes a list without it takes those namings
away; the same thing put there meanwhile by somebody else has another name and stays (an observed-remove set).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from ranger_app.domain.changes import Dot, Head, Past, Said

canonical_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
"""The one form in which a list, words or other data is written."""

Named = dict[str, set[Dot]]
"""Things on a list, each with the ops that put it there."""


def merged_list(heads: Collection[Head], past: Past | None) -> str | None:
    """The list of all heads as JSON text: in the order of the latest, then what others added. None when one
    of them is no list. Where what led to them is not held, nothing counts as taken away."""
    lists = {h.dot: things_of(h.value) for h in heads}
    if any(things is None for things in lists.values()):
        return None
    known: Past = past if past is not None else {h.dot: Said(h.value, ()) for h in heads}
    named, gone = _followed(known)
    taken = set[tuple[str, Dot]]().union(*(gone[h.dot] for h in heads))
    there = {
        thing
        for h in heads
        for thing, names in named[h.dot].items()
        if any((thing, name) not in taken for name in names)
    }
    order = dict.fromkeys(
        thing
        for h in sorted(heads, key=lambda h: (h.hlc, h.dot), reverse=True)
        for thing in lists[h.dot] or ()
        if thing in there
    )
    return f"[{','.join(order)}]"


def things_of(value: Any) -> tuple[str, ...] | None:
    """What is on a list, each as JSON text; nothing at all is an empty list, anything else none."""
    if value is None:
        return ()
    found = json.loads(value) if type(value) is str else None
    return tuple(map(canonical_json, found)) if type(found) is list else None


def _followed(past: Past) -> tuple[dict[Dot, Named], dict[Dot, set[tuple[str, Dot]]]]:
    """For every op, what was on the list after it and what had been taken away."""
    named: dict[Dot, Named] = {}
    gone: dict[Dot, set[tuple[str, Dot]]] = {}
    for dot in _oldest_first(past):
        value, replaces = past[dot]
        taken = set[tuple[str, Dot]]().union(*(gone[before] for before in replaces))
        seen: Named = defaultdict(set)
        for before in replaces:
            for thing, names in named[before].items():
                seen[thing] |= {name for name in names if (thing, name) not in taken}
        things = set(things_of(value) or ())
        named[dot] = {thing: seen.get(thing) or {dot} for thing in things}
        gone[dot] = taken | {(thing, name) for thing in seen.keys() - things for name in seen[thing]}
    return named, gone


def _oldest_first(past: Past) -> Iterator[Dot]:
    done: set[Dot] = set()
    waiting = list(past)
    while waiting:
        dot = waiting[-1]
        before = [one for one in past[dot].replaces if one not in done]
        if before and dot not in done:
            waiting += before
            continue
        waiting.pop()
        if dot not in done:
            done.add(dot)
            yield dot
