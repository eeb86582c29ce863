"""What is shown of a field that was written apart, and whether a person has to choose: one table, by policy.

A policy is a pure function of the standing ops of one field and of what led to them, so everybody who knows
the same changes sees the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from ranger_app.domain.changes import WITHHELD, Dot, Head, Past
from ranger_app.domain.fields import FieldSpec, Merge
from ranger_app.domain.lists import merged_list
from ranger_app.domain.texts import merged_text


class Outcome(NamedTuple):
    """What a field shows, and whether its values wait for a person."""

    value: Any
    open: bool = False


FindPast = Callable[[], Past | None]
"""Looks up what led to the heads; None where it is not held, or is longer than anybody needs."""
Policy = Callable[[Collection[Head], FieldSpec, FindPast], Outcome]


VERSION = 2
"""It moves when what is shown of the same changes does: state that was made before is then made anew."""


def decide(
    heads: Collection[Head],
    field: FieldSpec,
    past: FindPast = lambda: None,
    unsaid: Collection[Dot] = (),
) -> Outcome:
    """What is shown of these heads of a field. Equal values are never a difference. What is withheld is shown
    only where nothing else stands, and nobody can be asked to choose it. `unsaid` are the ops that made the
    record without a word about this field: they speak against nobody who said something."""
    said = [h for h in heads if h.dot not in unsaid] or heads
    known = [h for h in said if h.value != WITHHELD]
    if same(known):
        return Outcome(_latest(known).value if known else WITHHELD)
    return POLICIES[field.merge](known, field, past)


def same(heads: Collection[Head]) -> bool:
    """Whether all heads say the same; a text is no number."""
    values = [h.value for h in heads]
    return all(v == values[0] and type(v) is type(values[0]) for v in values)


def _latest(heads: Collection[Head]) -> Head:
    return max(heads, key=lambda h: (h.hlc, h.dot))


def _laid_open(heads: Collection[Head]) -> bool:
    """Whether two values were written in one go: that is how somebody takes back that it was settled."""
    return len({(h.dot.replica, h.hlc) for h in heads}) < len(heads)


def _keep_all(heads: Collection[Head], field: FieldSpec, past: FindPast) -> Outcome:
    return Outcome(_latest(heads).value, open=True)


def _furthest(heads: Collection[Head], field: FieldSpec, past: FindPast) -> Outcome:
    def step(head: Head) -> int:
        return field.steps.index(head.value) if head.value in field.steps else -1

    return Outcome(max(heads, key=lambda h: (step(h), h.hlc, h.dot)).value)


def _said_first(heads: Collection[Head], field: FieldSpec, past: FindPast) -> Outcome:
    return Outcome(min(heads, key=lambda h: (h.hlc, h.dot)).value)


def _together(heads: Collection[Head], field: FieldSpec, past: FindPast) -> Outcome:
    merged = merged_list(heads, past())
    return _keep_all(heads, field, past) if merged is None else Outcome(merged)


def _by_paragraph(heads: Collection[Head], field: FieldSpec, past: FindPast) -> Outcome:
    if _laid_open(heads):
        return _keep_all(heads, field, past)
    merged = merged_text(heads, past())
    return _keep_all(heads, field, past) if merged is None else Outcome(merged)


POLICIES: Mapping[Merge, Policy] = {
    Merge.LATEST: _keep_all,
    Merge.VERSIONS: _keep_all,
    Merge.PARAGRAPHS: _by_paragraph,
    Merge.FURTHEST: _furthest,
    Merge.UNION: _together,
    Merge.FIXED: _said_first,
}
