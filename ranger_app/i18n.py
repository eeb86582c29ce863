"""Turns words into the user's language; English is what stands in the code."""

from __future__ import annotations

import gettext as _gettext

_words: _gettext.NullTranslations = _gettext.NullTranslations()


def _(text: str) -> str:
    """The text in the user's language."""
    return _words.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of the text that fits `count` in the user's language."""
    return _words.ngettext(one, many, count)
