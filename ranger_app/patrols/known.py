"""What is here already, for recognising things that are read again; also what a proposal has so far."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

import numpy as np

from ranger_app.domain.errors import KnownError
from ranger_app.domain.fields import Record
from ranger_app.domain.found import Fixes
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import UTC_CLOCK, Leg, LegDay, Patrol, Track
from ranger_app.patrols.fixes import decode
from ranger_app.patrols.identity import Hashes, content_hashes, place_hashes
from ranger_app.storage.query import equal
from ranger_app.storage.reading import Reading

P = TypeVar("P", Leg, LegDay)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Span:
    id: Id
    patrol_id: Id
    first_ms: int
    last_ms: int


class _Spans:
    """When tracks were recorded, found by time."""

    def __init__(self, spans: Iterable[_Span]) -> None:
        self._by_id = {span.id: span for span in spans}
        self._sorted: list[_Span] | None = None
        self._longest_ms = 0

    def put(self, span: _Span) -> None:
        self._by_id[span.id] = span
        self._sorted = None

    def touching(self, first_ms: int, last_ms: int) -> Iterator[_Span]:
        """Those that have a moment between these two, by their beginning."""
        if self._sorted is None:
            self._sorted = sorted(self._by_id.values(), key=_begins)
            self._longest_ms = max((span.last_ms - span.first_ms for span in self._sorted), default=0)
        start = bisect_left(self._sorted, first_ms - self._longest_ms, key=_begins)
        for span in islice(self._sorted, start, None):
            if span.first_ms > last_ms:
                return
            if span.last_ms >= first_ms:
                yield span


def _begins(span: _Span) -> int:
    return span.first_ms


def _ms(at: datetime) -> int:
    # In whole numbers: receivers show years in which a datetime cannot be added to.
    return (at - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Sifted:
    """A track compared with what is here. All masks have shape (N,)."""

    known: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Fixes that are here with everything that they say."""
    repeats: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Fixes whose place and time another track has."""
    patrol_id: Id | None
    """The patrol that most of them belong to."""


class Known:
    """The patrols of one site as they stand, and the drafts made since."""

    def __init__(self, data: Reading, site_id: Id) -> None:
        self._data = data
        rows = data.columns(
            Track,
            ("id", "patrol_id", "first_at", "last_at"),
            equal("site_id", site_id),
            equal("clock", UTC_CLOCK),
        )
        self._spans = _Spans(
            _Span(id_, patrol_id, _ms(first), _ms(last))
            for id_, patrol_id, first, last in rows
            if first is not None and last is not None
        )
        self._drafted: dict[Id, Record] = {}
        self._parts: dict[Id, dict[Id, Leg | LegDay]] = {}  # drafted, by patrol
        self._hashes: dict[Id, tuple[Hashes, Hashes]] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Records of a draft: whatever comes next in the same proposal is compared with them too."""
        for record in records:
            self._drafted[record.id] = record
            if isinstance(record, Leg | LegDay):
                self._parts.setdefault(record.patrol_id, {})[record.id] = record
            if isinstance(record, Track) and record.clock == UTC_CLOCK and record.first_at and record.last_at:
                first_ms, last_ms = _ms(record.first_at), _ms(record.last_at)
                self._spans.put(_Span(record.id, record.patrol_id, first_ms, last_ms))
                self._hashes.pop(record.id, None)

    def patrol(self, id_: Id) -> Patrol | None:
        drafted = self._drafted.get(id_)
        return drafted if isinstance(drafted, Patrol) else self._data.get(Patrol, id_)

    def track(self, id_: Id) -> Track | None:
        drafted = self._drafted.get(id_)
        return drafted if isinstance(drafted, Track) else self._data.get(Track, id_)

    def first_leg(self, patrol_id: Id) -> Leg | None:
        legs = self._of_patrol(Leg, patrol_id)
        return min(legs, key=lambda leg: (leg.number, leg.id), default=None)

    def days(self, patrol_id: Id) -> list[LegDay]:
        return self._of_patrol(LegDay, patrol_id)

    def _of_patrol(self, kind: type[P], patrol_id: Id) -> list[P]:
        found = {record.id: record for record in self._data.find(kind, equal("patrol_id", patrol_id))}
        for record in self._parts.get(patrol_id, {}).values():
            if isinstance(record, kind):
                found[record.id] = record
        return list(found.values())

    def patrol_out_at(self, at: datetime, near: timedelta) -> Id | None:
        """The one patrol with a track at this moment, give or take `near`; None when there are several."""
        near_ms = near // timedelta(milliseconds=1)
        out = {span.patrol_id for span in self._spans.touching(_ms(at) - near_ms, _ms(at) + near_ms)}
        return out.pop() if len(out) == 1 else None

    def sift(self, fixes: Fixes, *, first_ms: int, last_ms: int, but: Id) -> Sifted:
        """Compare a track with every other of the same hours; `but` is the track itself."""
        known = np.zeros(len(fixes), bool)
        repeats = np.zeros(len(fixes), bool)
        votes: dict[Id, int] = {}
        content: Hashes | None = None
        for span in self._spans.touching(first_ms, last_ms):
            if span.id == but:
                continue
            if content is None:
                content, place = content_hashes(fixes), place_hashes(fixes)
            there = self.hashes(span.id)
            if there is None:
                continue
            same = np.isin(place, there[1])
            if same.any():
                repeats |= same
                known |= np.isin(content, there[0])
                votes[span.patrol_id] = votes.get(span.patrol_id, 0) + int(same.sum())
        patrol_id = max(votes, key=lambda id_: (votes[id_], id_), default=None)
        return Sifted(known, repeats, patrol_id)

    def hashes(self, track_id: Id) -> tuple[Hashes, Hashes] | None:
        """Contents and places of a track's fixes; None when its value is damaged."""
        if track_id not in self._hashes:
            track = self.track(track_id)
            if track is None:
                return None
            try:
                fixes = decode(track.fixes)
            except KnownError:  # a damaged track recognises nothing; `verify` tells of it
                return None
            self._hashes[track_id] = (content_hashes(fixes), place_hashes(fixes))
        return self._hashes[track_id]
