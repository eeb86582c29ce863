"""Groups photos of one camera into sequences by the gap between neighbours, and puts a burst in shot order.

New photos are placed among sequences that exist already, so a card may come in pieces, in any order
and twice: the grouping is the same as if everything had come at once (Camtrap DP calls it an event).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ranger_app.domain.ids import Id

GAP_S = 60.0
"""As in the common tools; a burst and the next trigger of the same visit are one sequence."""


class Shot(NamedTuple):
    """A photo with its time on the camera's clock."""

    photo_id: Id
    taken_local: datetime


class Span(NamedTuple):
    """A sequence: from its first to its last photo."""

    id: Id
    starts_local: datetime
    ends_local: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """What placing photos did to the sequences."""

    of: Mapping[Id, Id]
    """Photo to sequence, for each new photo."""
    made: tuple[Span, ...]
    stretched: tuple[Span, ...]
    """Sequences that were there and are longer now."""
    swallowed: Mapping[Id, Id]
    """Sequences that a new photo joined to an earlier one: the old one to the one that remains."""


def place(
    shots: Iterable[Shot], among: Iterable[Span], *, gap_s: float, make_id: Callable[[Shot], Id]
) -> Placement:
    """Put each shot into the sequence that has a photo less than `gap_s` away, or into a new one.

    `among` must hold every sequence of the camera that comes within `gap_s` of a shot. `make_id` names a
    new sequence after its first shot.
    """
    of: dict[Id, Id] = {}
    made: list[Span] = []
    stretched: list[Span] = []
    swallowed: dict[Id, Id] = {}
    for cluster in _clusters([*shots, *among], timedelta(seconds=gap_s)):
        inside = [piece for piece in cluster if isinstance(piece, Shot)]
        if not inside:
            continue
        there = [piece for piece in cluster if isinstance(piece, Span)]
        starts = min(_start(piece) for piece in cluster)
        ends = max(_end(piece) for piece in cluster)
        kept = there[0] if there else Span(make_id(inside[0]), starts, ends)
        if not there:
            made.append(kept)
        elif (starts, ends) != (kept.starts_local, kept.ends_local):
            stretched.append(Span(kept.id, starts, ends))
        swallowed |= {other.id: kept.id for other in there[1:]}
        of |= {shot.photo_id: kept.id for shot in inside}
    return Placement(of, tuple(made), tuple(stretched), swallowed)


def shot_order(taken_local: datetime | None, folder: str, file_name: str) -> tuple[object, ...]:
    """A key that sorts photos as they were shot: by time, and by number where the clock says the same.

    Photos without a time come last, in the order of their names.
    """
    return (taken_local is None, taken_local or datetime.max, natural_key(folder), natural_key(file_name))


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts names as people count: IMG_9 before IMG_10."""
    return tuple(_natural_parts(name))


_PARTS = re.compile(r"([0-9]+)|[^0-9]+")


def _natural_parts(name: str) -> Iterator[tuple[int, int, str]]:
    for found in _PARTS.finditer(name):
        text = found[0]
        # Leading zeros only break ties, so that the order is total. Digits are compared by their
        # count first: a name may hold more of them than a number can be made from quickly.
        digits = text.lstrip("0") if found[1] else ""
        yield (0, len(digits), digits + "\0" + text) if found[1] else (1, 0, text.casefold() + "\0" + text)


Piece = Shot | Span


def _clusters(pieces: list[Piece], gap: timedelta) -> Iterator[list[Piece]]:
    """The pieces in runs, each with less than `gap` to the next; of equal starts, sequences come first."""
    cluster: list[Piece] = []
    ends = datetime.min
    for piece in sorted(pieces, key=lambda piece: (_start(piece), isinstance(piece, Shot))):
        if cluster and _start(piece) > ends and _start(piece) - ends >= gap:
            yield cluster
            cluster = []
        ends = max(ends, _end(piece)) if cluster else _end(piece)
        cluster.append(piece)
    if cluster:
        yield cluster


def _start(piece: Piece) -> datetime:
    return piece.taken_local if isinstance(piece, Shot) else piece.starts_local


def _end(piece: Piece) -> datetime:
    return piece.taken_local if isinstance(piece, Shot) else piece.ends_local
