"""What a file of somebody else's model results was found to hold, before it is matched with photos."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ranger_app.domain.found import Doubt

BOXES_AT_MOST = 100
GROUPS_AT_MOST = 10
KINDS = ("animal", "person", "vehicle")
_NOT_IN_IDS = re.compile(r"[^a-z0-9._-]+")

Row = tuple[float, float, float, float, str, float]
"""x, y, w, h (shares of the upright picture from its top left), kind, score."""
Groups = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLook:
    """What a model said of one picture. `boxes` and `groups` best first, not more than are kept."""

    file: str
    """The path as it stands in the file, with forward slashes."""
    sha256: str = ""
    """Of the picture, in hexadecimal, where the file says it."""
    boxes: tuple[Row, ...] = ()
    groups: Groups = ()
    crops: tuple[tuple[int, Groups], ...] = ()
    """Place among `boxes`, and what is in it."""
    failure: str = ""
    whole: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of a program that names whole pictures: the scores of animal, person and vehicle."""

    def score(self, kind: str) -> float:
        """The score of the surest box of that kind, or of the whole picture."""
        boxes = (row[5] for row in self.boxes if row[4] == kind)
        return max(self.whole[KINDS.index(kind)], *boxes, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """Which model gave the results, as far as the file says: the same model under the same id each time."""

    detector: str = ""
    classifier: str = ""
    completed: str = ""
    format_version: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """A name in the letters that ids of packs have."""
        name = "-".join(part for part in (self.detector, self.classifier) if part) or "results"
        slug = _NOT_IN_IDS.sub("-", name.lower()).strip("-._")
        return slug[:64].strip("-._") or "results"


class Doubts:
    """Doubts about many items of one kind, told once each with how often and the first examples."""

    EXAMPLES = 3

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, code: str, text: str, example: str = "") -> None:
        """`text` is a sentence; what it is about is counted and shown by examples."""
        key = code, text
        self._counts[key] = self._counts.get(key, 0) + 1
        examples = self._found.setdefault(key, [])
        if example and len(examples) < self.EXAMPLES:
            examples.append(example[:120])

    def count(self, code: str) -> int:
        """How many of one code."""
        return sum(count for (one, _text), count in self._counts.items() if one == code)

    def all(self) -> tuple[Doubt, ...]:
        """Each with its number and examples."""
        told = []
        for (code, text), count in self._counts.items():
            examples = self._found[code, text]
            more = ", …" if count > len(examples) and examples else ""
            number = f" ({count})" if count > 1 else ""
            shown = f" {', '.join(examples)}{more}" if examples else ""
            told.append(Doubt(code, f"{text}{number}{':' if shown else ''}{shown}"))
        return tuple(told)
