"""The species of a site whose places are not told to everybody: data of the site, and how words are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ranger_app.domain.seeing import LISTED_GRID_DEG

MAX_SPECIES = 5_000
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3  # letters of a name that is looked for within other words


@dataclass(frozen=True, slots=True)
class ListedSpecies:
    """What is on the list: names as words, each with the grid that its places are blurred to."""

    names: Mapping[tuple[str, ...], float]

    def __bool__(self) -> bool:
        return bool(self.names)

    def grid_deg(self, *said: object) -> float | None:
        """The coarsest grid among the listed species that these words name; None when they name none.

        A name is found as words in a row, whatever the case and the plural, and as a key of a data model:
        `animals.amurtiger.`, `panthera_tigris` and “two Amur tigers” all name the tiger.
        """
        found = [grid for text in said if isinstance(text, str) and text for grid in self._in(text)]
        return max(found, default=None)

    def _in(self, text: str) -> Iterable[float]:
        words = _words(text)
        for name, grid in self.names.items():
            size = len(name)
            in_a_row = any(words[at : at + size] == name for at in range(len(words) - size + 1))
            if in_a_row or (size > 1 and "".join(name) in words):
                yield grid

    @property
    def patterns(self) -> tuple[str, ...]:
        """A word of each name, to look for in long texts before they are read."""
        return tuple({max(name, key=len) for name in self.names})


def read_list(untrusted: Any) -> ListedSpecies:
    """The list as `Site.listed_species` holds it: `[{"names": [text, …], "grid_deg": number}, …]`. What does
    not read so is passed over; a grid that is none becomes the usual one."""
    names: dict[tuple[str, ...], float] = {}
    for entry in untrusted[:MAX_SPECIES] if isinstance(untrusted, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("names"), list):
            continue
        said = entry.get("grid_deg")
        sound = isinstance(said, int | float) and not isinstance(said, bool) and 0.0001 <= said <= 10
        grid = float(said) if sound else LISTED_GRID_DEG  # type: ignore[arg-type]
        for name in entry["names"]:
            words = _words(name) if isinstance(name, str) else ()
            if sum(map(len, words)) >= _SHORTEST:
                names[words] = max(names.get(words, 0.0), grid)
    return ListedSpecies(names)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in _WORD.findall(text.casefold()))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST and word.endswith("s") and not word.endswith("is") else word
