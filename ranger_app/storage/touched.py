"""What a unit of work, or what came from elsewhere, has changed: redraw, undo and audit live on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NUMBER


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids by name of kind."""

    kinds: Mapping[str, tuple[Id, ...]]

    @classmethod
    def of(cls, rows: Mapping[int, Iterable[bytes]]) -> Touched:
        """The same from ids by number of kind."""
        return cls({BY_NUMBER[number].name: tuple(map(Id, ids)) for number, ids in rows.items()})

    def __bool__(self) -> bool:
        return bool(self.kinds)
