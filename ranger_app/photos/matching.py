"""Finds the photo that a path in somebody else's file of results means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from ranger_app.domain.ids import Id


@dataclass(frozen=True, slots=True)
class Match:
    """The photos that are meant: one when all is well, several where a file was taken in twice."""

    ids: tuple[Id, ...]
    ambiguous: bool = False
    """Different pictures fit the path equally well, and none of them is taken."""


NOBODY = Match(())


class PhotoFinder:
    """Looks photos up by SHA-256, else by the end of their path: the longest that both have in common.

    A path from elsewhere may begin further up (a disk, a folder of stations) or further down than ours.
    """

    def __init__(self, photos: Iterable[tuple[Id, bytes, str, str, str]]) -> None:
        """`photos`: id, SHA-256, folder, file name and station of each. The station's name counts like a
        folder above the others: cards of several stations have the same paths."""
        self._by_hash: dict[str, list[Id]] = {}
        self._by_name: dict[str, list[tuple[tuple[str, ...], int, Id, bytes]]] = {}
        for id_, sha256, folder, name, station in photos:
            self._by_hash.setdefault(sha256.hex(), []).append(id_)
            parts = _parts(f"{folder}/{name}")
            whole = (station.replace("/", "-").casefold(), *parts) if station else parts
            entry = whole, len(parts), id_, sha256
            self._by_name.setdefault(parts[-1] if parts else "", []).append(entry)

    def find(self, file: str, sha256: str = "") -> Match:
        """The photos that are meant by a path with forward slashes, and a hash where one is said."""
        if sha256 and (found := self._by_hash.get(sha256)):
            return Match(tuple(found))
        parts = _parts(file)
        if not parts or sha256:
            return NOBODY  # another picture of the same name is not the one that was looked at
        near = [
            (length, id_, digest)
            for whole, own, id_, digest in self._by_name.get(parts[-1], ())
            if (length := _common(whole, parts)) >= min(own, len(parts))
        ]
        if not near:
            return NOBODY
        most = max(length for length, _id, _digest in near)
        best = [(id_, digest) for length, id_, digest in near if length == most]
        if len({digest for _id, digest in best}) > 1:
            return Match((), ambiguous=True)
        return Match(tuple(id_ for id_, _digest in best))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in PurePosixPath(path).parts if part not in ("/", ".", ".."))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many parts the two ends have in common."""
    count = 0
    for ours, theirs in zip(reversed(one), reversed(other), strict=False):
        if ours != theirs:
            break
        count += 1
    return count
