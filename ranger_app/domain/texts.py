"""Merges texts that were written apart, where different paragraphs of a text that both had were changed.

A paragraph is what stands between two line ends, as it is typed. The way by which two texts are compared is
our own and short, because every laptop has to come to the same result, whatever it runs on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from ranger_app.domain.changes import Dot, Head, Past

MAX_CROSSINGS = 8
"""How often two texts may have been merged apart before a person is asked."""
MAX_CELLS = 250_000
"""Of the table by which the changed middles of two texts are compared; beyond it they are one change."""


class Edit(NamedTuple):
    """Paragraphs `start` to `end` (without it) of the text before, and what stands there now."""

    start: int
    end: int
    instead: tuple[str, ...]


def merged_text(heads: Collection[Head], past: Past | None) -> str | None:
    """All changes of these texts in one; None when two touch the same place, or the text that they began
    with is not here."""
    if past is None:
        return None
    texts = [(h.dot, h.value) for h in heads]
    if any(type(text) is not str for _dot, text in texts):
        return None
    base = _base([dot for dot, _text in texts], past, MAX_CROSSINGS)
    return None if base is None else _merged(base, [text for _dot, text in texts])


def _base(dots: Collection[Dot], past: Past, crossings: int) -> str | None:
    """The newest text that all of these grew from."""
    common = set.intersection(*(_with_all_before(dot, past) for dot in dots))
    newest = common - {before for dot in common for before in past[dot].replaces}
    texts = {past[dot].value for dot in newest}
    if any(type(text) is not str for text in texts) or not texts:
        return None
    if len(texts) == 1:
        return str(texts.pop())
    # They had been merged apart, each from the same two: those, merged, are what both began with.
    if crossings == 0:
        return None
    before = _base(newest, past, crossings - 1)
    return None if before is None else _merged(before, sorted(texts))


def _with_all_before(dot: Dot, past: Past) -> set[Dot]:
    found, waiting = {dot}, [dot]
    while waiting:
        for before in past[waiting.pop()].replaces:
            if before not in found:
                found.add(before)
                waiting.append(before)
    return found


def _merged(base: str, texts: Sequence[str]) -> str | None:
    before = base.split("\n")
    edits = sorted({edit for text in texts for edit in changed(before, text.split("\n"))})
    if any(_touch(one, other) for one, other in pairwise(edits)):
        return None
    after, at = list[str](), 0
    for edit in edits:
        after += before[at : edit.start]
        after += edit.instead
        at = edit.end
    return "\n".join(after + before[at:])


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two changes, in order, are at the same place. What was put between two paragraphs belongs to
    both of them."""
    if one.start == one.end or other.start == other.end:
        return other.start <= one.end
    return other.start < one.end


def changed(before: Sequence[str], after: Sequence[str]) -> list[Edit]:
    """What makes one run of paragraphs of another."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    edits, i, j = list[Edit](), 0, 0
    for x, y in [*_in_common(old, new), (len(old), len(new))]:
        if (i, j) != (x, y):
            edits.append(Edit(first + i, first + x, tuple(new[j:y])))
        i, j = x + 1, y + 1
    return edits


def _in_common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """A longest common subsequence, as pairs of places."""
    if len(old) * len(new) > MAX_CELLS:
        return []
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            same = old[i] == new[j]
            longest[i][j] = longest[i + 1][j + 1] + 1 if same else max(longest[i + 1][j], longest[i][j + 1])
    pairs, i, j = list[tuple[int, int]](), 0, 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
