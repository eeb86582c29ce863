"""Turns words, numbers, dates and units into the user's language; English is what stands in the code."""

from __future__ import annotations

import gettext as _gettext
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from ranger_app import installed

CATALOGUE = "ranger"
ENGLISH = "en"

_words: _gettext.NullTranslations = _gettext.NullTranslations()
_language = ENGLISH


def _(text: str) -> str:
    """The text in the user's language."""
    # The empty text is the key of a catalogue's own header, which nobody means to show.
    return _words.gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form of the text that fits `count` in the user's language."""
    return _words.ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """The text in the user's language, where one English word has several meanings."""
    return _words.pgettext(context, text)


def N_(text: str) -> str:
    """Marks a text for translation where it stands; whoever shows it passes it through `_`."""
    return text


# ---- which language


def set_language(code: str) -> str:
    """Speak `code` from now on, or English when there is no catalogue for it; returns what is spoken."""
    global _words, _language
    found = _match(code)
    _words = (
        _gettext.NullTranslations()
        if found == ENGLISH
        else _gettext.translation(CATALOGUE, localedir=_catalogues(), languages=[found])
    )
    _language = found
    return found


def language() -> str:
    """The code of the language that is spoken now."""
    return _language


def available_languages() -> tuple[str, ...]:
    """The codes of the languages that we have words for, English first."""
    compiled = _catalogues().glob(f"*/LC_MESSAGES/{CATALOGUE}.mo")
    others = sorted({path.parent.parent.name for path in compiled} - {ENGLISH})
    return (ENGLISH, *others)


def language_name(code: str) -> str:
    """What a language calls itself: `fr` is "français"."""
    from babel import Locale

    return Locale.parse(code).get_display_name(code) or code


def preferred_language(setting: str = "") -> str:
    """The language to start in: `RANGER_LANG`, else the user's setting, else the computer's, else English."""
    for wish in _wishes(setting):
        found = _match(wish)
        if found != ENGLISH or _stem(wish) in {ENGLISH, "c", "posix"}:
            return found
    return ENGLISH


def _wishes(setting: str) -> Iterator[str]:
    yield from filter(None, (os.environ.get("RANGER_LANG"), setting))
    if sys.platform == "win32":  # Windows keeps the language of its screens out of the environment
        import ctypes
        import locale

        yield locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    # The order in which GNU gettext asks; LANGUAGE alone may name several.
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        yield from filter(None, os.environ.get(variable, "").split(":"))


def _match(code: str) -> str:
    """The nearest language that we have: `fr_CA.UTF-8` is served by `fr`."""
    have = {name.lower(): name for name in available_languages()}
    whole = code.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    return have.get(whole) or have.get(_stem(code)) or ENGLISH


def _stem(code: str) -> str:
    return code.replace("-", "_").partition(".")[0].partition("_")[0].lower()


def _catalogues() -> Path:
    return installed("resources") / "i18n"


# ---- numbers, dates, units: babel is loaded at the first one, because a window opens without


def number(value: float, *, places: int | None = None) -> str:
    """A number with the language's separators, with exactly `places` decimals when they are given."""
    from babel.numbers import format_decimal

    return format_decimal(value, format=_pattern(places), locale=_locale())


def percent(share: float, *, places: int = 0) -> str:
    """A share of one as per cent: 0.25 is "25%"."""
    from babel import Locale
    from babel.numbers import format_percent

    pattern = Locale.parse(_locale()).percent_formats[None].pattern
    if places:
        pattern = pattern.replace("##0", "##0." + "0" * places)
    return format_percent(share, format=pattern, locale=_locale())


def day(value: date) -> str:
    """A date as people write it: "20 Nov 2026"."""
    from babel.dates import format_date

    return format_date(value, format="medium", locale=_locale())


def moment(value: datetime) -> str:
    """A date and a clock time of 24 hours, in the zone that `value` is in; nothing is converted."""
    from babel.dates import format_date, format_time

    clock = format_time(value, format="HH:mm", tzinfo=value.tzinfo, locale=_locale())
    return f"{format_date(value, format='medium', locale=_locale())} {clock}"


def distance_km(length_m: float) -> str:
    """A length given in metres, shown in kilometres: "12.3 km"."""
    return _unit(length_m / 1000, "length-kilometer", places=1)


def area_km2(area_m2: float) -> str:
    """An area given in square metres, shown in square kilometres: "1,204.5 km²"."""
    return _unit(area_m2 / 1_000_000, "area-square-kilometer", places=1)


def duration(length_s: float) -> str:
    """A stretch of time given in seconds, as hours and minutes: "3 h 20 min"."""
    hours, minutes = divmod(round(length_s / 60), 60)
    if not hours:
        return _("{minutes} min").format(minutes=number(minutes))
    return _("{hours} h {minutes} min").format(hours=number(hours), minutes=number(minutes))


def time_to_wait(length_s: float) -> str:
    """How long something will take, roughly: "less than a minute", else as `duration`."""
    return _("less than a minute") if length_s < 60 else duration(length_s)


def file_size(bytes_: int) -> str:
    """A size given in bytes, in the unit that keeps it short: "4.2 MB"."""
    size, unit = bytes_ / 1000, "kilobyte"
    for larger in ("megabyte", "gigabyte", "terabyte"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return _unit(size, f"digital-{unit}", places=0 if size >= 100 else 1)


def _locale() -> str:
    # Babel's plain "en" writes dates the American way, month first.
    return "en_GB" if _language == ENGLISH else _language


def _unit(value: float, unit: str, *, places: int) -> str:
    from babel.units import format_unit

    return format_unit(value, unit, length="short", format=_pattern(places), locale=_locale())


def _pattern(places: int | None) -> str | None:
    if places is None:
        return None
    return "#,##0." + "0" * places if places else "#,##0"
