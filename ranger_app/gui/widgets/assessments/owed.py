"""What was said of indicators and is not written yet: shown again, kept as a draft, and written again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ranger_app.domain.ids import Id

Stored = Callable[[str, str], str]
"""What is known to be written of a code and field."""
TEXTS = ("narrative", "gap", "not_applicable_reason")
_MOST = 10_000  # of one draft; an assessment has some hundred fields


@dataclass(frozen=True, slots=True)
class Said:
    """One field of one indicator, as it was said, and as it stood before."""

    assessment: str
    """Its id in hexadecimal digits."""
    code: str
    field: str
    value: str
    before: str

    def beside(self, stored: str) -> str:
        """What to write when this stands there now. Words that came meanwhile, from another laptop, stay."""
        if stored in (self.before, self.value) or self.field not in TEXTS or not stored:
            return self.value
        return f"{stored}\n\n{self.value}"


class Owed:
    """A writing job may wait for a long one, and the laptop may die meanwhile: until it is written, all that
    was said is here."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str], Said] = {}

    def owe(self, assessment: Id, code: str, field: str, value: str, *, before: str) -> None:
        """This was said just now."""
        key = assessment.hex(), code, field
        first = self._said.get(key)
        self._said[key] = Said(*key, value, first.before if first is not None else before)

    def written(self, assessment: Id, code: str, field: str, value: str) -> None:
        """It is written, if nothing else has been said of it since."""
        key = assessment.hex(), code, field
        said = self._said.get(key)
        if said is not None and said.value == value:
            del self._said[key]

    def refused(self, assessment: Id, code: str, field: str, value: str) -> None:
        """It could not be written. Words stay owed; a choice is shown as it was."""
        if field not in TEXTS:
            self.written(assessment, code, field, value)

    def words_of(self, assessment: Id, code: str) -> Mapping[str, str]:
        """The words that are owed to one indicator, by their field."""
        owed = (one for one in self._said.values() if one.field in TEXTS)
        return {
            one.field: one.value for one in owed if (one.assessment, one.code) == (assessment.hex(), code)
        }

    def typed(
        self, assessment: Id | None, code: str, unkept: Mapping[str, str], stored: Stored
    ) -> dict[str, Any]:
        """All of it as a draft, with the words that are just being typed for one indicator."""
        found = {" ".join(key): [said.value, said.before] for key, said in self._said.items()}
        if assessment is not None:
            for field, words in unkept.items():
                key = " ".join((assessment.hex(), code, field))
                found[key] = [words, found[key][1] if key in found else stored(code, field)]
        return found

    def again(self, assessment: Id, stored: Stored) -> list[tuple[str, str, str]]:
        """What is to be written of one assessment: code, field and value."""
        owed = [one for one in self._said.values() if one.assessment == assessment.hex()]
        for one in owed:
            if stored(one.code, one.field) == one.value:
                self.written(assessment, one.code, one.field, one.value)
        return [
            (one.code, one.field, one.beside(stored(one.code, one.field)))
            for one in owed
            if (one.assessment, one.code, one.field) in self._said
        ]

    def type_again(self, typed: Mapping[str, Any]) -> None:
        """What a draft holds is owed again; what is not of this shape is left out."""
        for said in _read(typed):
            self._said.setdefault((said.assessment, said.code, said.field), said)


def _read(typed: Mapping[str, Any]) -> Iterator[Said]:
    for key, values in list(typed.items())[:_MOST]:
        match key.split(" "), values:
            case [assessment, code, field], [str(value), str(before)]:
                yield Said(assessment, code, field, value, before)
