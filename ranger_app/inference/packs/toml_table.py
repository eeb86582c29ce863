"""Reads one table of a TOML file that a stranger wrote, and keeps every complaint instead of stopping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ranger_app.i18n import _

TEXT_CHARS_AT_MOST = 2_000
LIST_ITEMS_AT_MOST = 10_000
COMPLAINTS_AT_MOST = 50
NUMBER_AT_MOST = 1e18
FRACTION = re.compile(r"(\d{1,6})/(\d{1,6})")


class Complaints:
    """Sentences about one file, each once, and not without end."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._said: dict[str, None] = {}

    def say(self, text: str) -> None:
        if len(self._said) < COMPLAINTS_AT_MOST:
            self._said[f"{self.file}: {text}"] = None

    @property
    def all(self) -> list[str]:
        return list(self._said)


class Table:
    """The values of one table. A wrong or missing one is complained of and read as empty or zero.

    A key without `otherwise` must be there. `finish` complains of keys that nobody asked for: a misspelt
    one would else be ignored, and what it was to say be guessed.
    """

    def __init__(self, values: Mapping[str, object], where: str, complaints: Complaints) -> None:
        self._values = values
        self._where = where
        self._asked: set[str] = set()
        self._complaints = complaints

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def path(self, key: str) -> str:
        """The key as a person finds it in the file, such as `io.input.layout`."""
        return f"{self._where}.{key}" if self._where else key

    def say(self, key: str, text: str) -> None:
        """Complain of one key; `text` is the end of a sentence that begins with the key."""
        self._complaints.say(f"{self.path(key)} {text}")

    def text(
        self,
        key: str,
        *,
        otherwise: str | None = None,
        one_of: Sequence[str] = (),
        like: re.Pattern[str] | None = None,
    ) -> str:
        """A text, without the blanks around it; empty is as good as missing."""
        value = self._take(key, otherwise)
        if value is None:
            return otherwise or ""
        if not isinstance(value, str) or len(value) > TEXT_CHARS_AT_MOST:
            self.say(key, _("must be a text of at most {count} letters").format(count=TEXT_CHARS_AT_MOST))
            return ""
        value = value.strip()
        if not value and otherwise is None:
            self.say(key, _("is empty"))
        elif one_of and value not in one_of and value != otherwise:
            choice = ", ".join(one_of)
            self.say(key, _("must be one of {choice}, not “{value}”").format(choice=choice, value=value[:60]))
            return ""
        elif like and value != otherwise and not like.fullmatch(value):
            self.say(key, _("cannot be “{value}”").format(value=value[:60]))
            return ""
        return value

    def flag(self, key: str, *, otherwise: bool | None = None) -> bool:
        """True or false."""
        value = self._take(key, otherwise)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.say(key, _("must be true or false"))
        return bool(otherwise)

    def whole(self, key: str, *, otherwise: int | None = None, least: int = 0, most: int = 2**31 - 1) -> int:
        """A whole number from `least` to `most`."""
        value = self._take(key, otherwise)
        if value is None:
            return otherwise or 0
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.say(key, _("must be a whole number from {least} to {most}").format(least=least, most=most))
            return otherwise or least
        return value

    def number(
        self, key: str, *, otherwise: float | None = None, least: float = 0.0, most: float = 1.0
    ) -> float:
        """A finite number from `least` to `most`; "1/255" is as good as 0.00392…"""
        value = self._take(key, otherwise)
        if value is None:
            return otherwise or 0.0
        if isinstance(value, str) and (fraction := FRACTION.fullmatch(value)) and int(fraction[2]):
            value = int(fraction[1]) / int(fraction[2])
        if isinstance(value, int | float) and _is_number(value) and least <= value <= most:
            return float(value)
        self.say(key, _("must be a number from {least} to {most}").format(least=least, most=most))
        return otherwise or least

    def numbers(self, key: str, *, count: int, least: float, most: float) -> tuple[float, ...]:
        """Exactly `count` numbers, or none at all when the key is missing."""
        value = self._take(key, ())
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) != count or not all(_is_number(one) for one in value):
            self.say(key, _("must be a list of {count} numbers").format(count=count))
            return ()
        if not all(least <= one <= most for one in value):
            self.say(key, _("must be numbers from {least} to {most}").format(least=least, most=most))
            return ()
        return tuple(float(one) for one in value)

    def wholes(self, key: str, *, least: int, most: int, at_most: int) -> tuple[int, ...]:
        """A list of one to `at_most` whole numbers."""
        value = self._take(key, None)
        if value is None:
            return ()
        good = isinstance(value, list) and 0 < len(value) <= at_most
        if good and all(type(one) is int and least <= one <= most for one in value):  # type: ignore[attr-defined]
            return tuple(value)  # type: ignore[arg-type]
        self.say(
            key, _("must be a list of whole numbers from {least} to {most}").format(least=least, most=most)
        )
        return ()

    def words(self, key: str, *, needed: bool = False) -> dict[str, str]:
        """Texts by language, such as {"en": …, "ru": …}; English must be among them when they are needed."""
        inner = self.table(key, needed=needed)
        if inner is None:
            return {}
        found = {str(language)[:20]: inner.text(str(language)) for language in inner._values}
        if "en" not in found:
            self.say(key, _("has no words in English (en)"))
        return found

    def table(self, key: str, *, needed: bool = True) -> Table | None:
        """A table within this one."""
        value = self._take(key, None if needed else {})
        if value is None:
            return None
        if isinstance(value, dict):
            return Table(value, self.path(key), self._complaints)
        self.say(key, _("must be a table"))
        return None

    def tables(self, key: str, *, needed: bool = False) -> list[Table]:
        """A list of tables within this one."""
        value = self._take(key, None if needed else [])
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > LIST_ITEMS_AT_MOST:
            self.say(key, _("must be a list of at most {count} tables").format(count=LIST_ITEMS_AT_MOST))
            return []
        found = []
        for place, one in enumerate(value):
            if isinstance(one, dict):
                found.append(Table(one, f"{self.path(key)}[{place}]", self._complaints))
            else:
                self.say(key, _("must be a list of tables"))
        if needed and not value:
            self.say(key, _("is empty"))
        return found

    def finish(self) -> None:
        """Complain of every key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                self.say(str(key)[:60], _("is not known to this Ranger"))

    def _take(self, key: str, otherwise: object) -> object | None:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if otherwise is None:
            self.say(key, _("is missing"))
        return None


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < NUMBER_AT_MOST  # false for nan and inf too
