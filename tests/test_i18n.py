"""Words, numbers and dates in the user's language."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ranger_app import i18n

FRENCH = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Photos"
msgstr "Photographies"

msgid "{count} patrol"
msgid_plural "{count} patrols"
msgstr[0] "{count} patrouille"
msgstr[1] "{count} patrouilles"

msgctxt "of a camera"
msgid "Station"
msgstr "Poste"
"""


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer on which French is installed, beside English."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    folder = tmp_path / "resources" / "i18n" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "ranger.mo").open("wb") as file:
        write_mo(file, read_po(FRENCH.encode().splitlines(), locale="fr"))
    monkeypatch.setattr(i18n, "installed", lambda name: tmp_path / name)
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)


def test_english_is_spoken_until_told_otherwise() -> None:
    assert i18n.language() == "en"
    assert i18n._("Photos") == "Photos"
    assert i18n.ngettext("{count} patrol", "{count} patrols", 2) == "{count} patrols"


@pytest.mark.usefixtures("french")
def test_words_follow_the_language_at_the_moment_they_are_asked_for() -> None:
    assert i18n.available_languages() == ("en", "fr")
    assert i18n.set_language("fr_CA.UTF-8") == "fr"
    assert i18n._("Photos") == "Photographies"
    assert i18n.pgettext("of a camera", "Station") == "Poste"
    assert i18n.ngettext("{count} patrol", "{count} patrols", 0) == "{count} patrouille"
    assert i18n.ngettext("{count} patrol", "{count} patrols", 2) == "{count} patrouilles"
    i18n.set_language("en")
    assert i18n._("Photos") == "Photos"


@pytest.mark.usefixtures("french")
def test_a_text_without_translation_stays_english() -> None:
    i18n.set_language("fr")
    assert i18n._("Camera station") == "Camera station"


@pytest.mark.usefixtures("french")
def test_the_empty_text_is_empty_and_not_the_header_of_the_catalogue() -> None:
    i18n.set_language("fr")
    assert i18n._("") == ""


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize("code", ["xx", "", "../../etc", "C"])
def test_a_language_that_we_do_not_have_is_english(code: str) -> None:
    assert i18n.set_language(code) == "en"


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("environment", "setting", "spoken"),
    [
        ({}, "", "en"),
        ({"LANG": "fr_FR.UTF-8"}, "", "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "en", "en"),
        ({"LANG": "fr_FR.UTF-8", "RANGER_LANG": "en"}, "fr", "en"),
        ({"RANGER_LANG": "fr"}, "en", "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "", "en"),
        ({"LANGUAGE": "sw:fr:en", "LANG": "en_GB.UTF-8"}, "", "fr"),
        ({"LANG": "sw_TZ"}, "", "en"),
        ({"RANGER_LANG": "sw", "LANG": "fr_CM"}, "", "fr"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells its language elsewhere")
def test_the_nearest_wish_decides_the_language(
    environment: dict[str, str], setting: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert i18n.preferred_language(setting) == spoken


def test_numbers_dates_and_units_read_as_in_english() -> None:
    assert i18n.number(1204.5) == "1,204.5"
    assert i18n.number(1204.5, places=0) == "1,204"
    assert i18n.number(3, places=2) == "3.00"
    assert i18n.percent(0.256) == "26%"
    assert i18n.percent(0.25, places=1) == "25.0%"
    assert i18n.day(date(2026, 2, 1)) == "1 Feb 2026"
    assert i18n.distance_km(12_340) == "12.3 km"
    assert i18n.area_km2(1_204_500_000) == "1,204.5 km²"
    assert i18n.duration(12_000) == "3 h 20 min"
    assert i18n.duration(59) == "1 min"
    assert i18n.file_size(4_200_000) == "4.2 MB"
    assert i18n.file_size(123_456_789) == "123 MB"


@pytest.mark.usefixtures("french")
def test_numbers_dates_and_units_follow_the_language() -> None:
    i18n.set_language("fr")
    assert _plain(i18n.number(1204.5)) == "1 204,5"
    assert _plain(i18n.percent(0.256)) == "26 %"
    assert _plain(i18n.percent(0.25, places=1)) == "25,0 %"
    assert _plain(i18n.day(date(2026, 2, 1))) == "1 févr. 2026"
    assert _plain(i18n.distance_km(12_340)) == "12,3 km"
    assert _plain(i18n.file_size(4_200_000)) == "4,2 Mo"


def _plain(text: str) -> str:
    """Which of its two unbreakable spaces French uses where changes with the edition of CLDR."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_a_moment_is_shown_in_the_zone_it_is_in() -> None:
    at_the_place = datetime(2026, 2, 1, 17, 30, tzinfo=timezone(timedelta(hours=5)))
    assert i18n.moment(at_the_place) == "1 Feb 2026 17:30"
    assert i18n.moment(at_the_place.astimezone(UTC)) == "1 Feb 2026 12:30"
    assert i18n.moment(at_the_place.replace(tzinfo=None)) == "1 Feb 2026 17:30"


def test_a_language_is_called_by_its_own_name() -> None:
    assert i18n.language_name("fr") == "français"


def test_importing_the_words_does_not_load_babel() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, ranger_app.i18n; print('babel' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"
