"""No text for people stays in the code untranslated, and the catalogues say what the code says."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ranger_app.domain import errors
from tests.conftest import REPOSITORY
from tests.rules.sources import calls, code, report

# Calls whose text ends up before a person's eyes or ears.
SHOWN_BY_QT = {
    "QAction", "QCheckBox", "QGroupBox", "QLabel", "QMenu", "QPushButton", "QRadioButton", "QToolButton",
    "addAction", "addButton", "addItem", "addItems", "addMenu", "addRow", "addTab", "critical", "drawText",
    "getExistingDirectory", "getOpenFileName", "getSaveFileName", "information", "question",
    "setAccessibleDescription", "setAccessibleName", "setHeaderLabels", "setHorizontalHeaderLabels",
    "setInformativeText", "setLabelText", "setPlaceholderText", "setPrefix", "setStatusTip", "setSuffix",
    "setText", "setTitle", "setToolTip", "setWhatsThis", "setWindowTitle", "showMessage", "warning",
}  # fmt: skip
SHOWN_BY_OUR_WIDGETS = {
    "Card", "EmptyState", "Note", "button", "field", "field_label", "figure", "heading", "icon_button",
    "muted", "plain", "say", "show_busy", "show_words", "small", "strong", "title",
}  # fmt: skip
NAMES_OF_THINGS = {"icon", "kind", "tone", "role"}  # of an icon, a colour …: nobody reads them
SHOWN_BY_THE_COMMAND_LINE = {"print", "add_argument", "add_parser", "ArgumentParser", "input", "getpass"}
HELP = {"help", "description", "epilog", "title"}
KNOWN_ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type)}
TRANSLATORS = {"_", "ngettext", "pgettext", "N_"}
CODES = re.compile(r"[a-z_]+(?:, [a-z_]+)+")  # what is typed as it stands, in every language
LETTERS = re.compile(r"[^\W\d_]{2,}")


def test_every_text_in_the_window_can_be_translated() -> None:
    faults = [
        f"{source.at(text)}: {ast.unparse(text)}"
        for source in code("ranger_app/gui")
        for name, call in calls(source.tree)
        if name in SHOWN_BY_QT
        for argument in [*call.args, *(one.value for one in call.keywords if one.arg == "text")]
        for text in _bare_words(argument)
    ]
    assert not faults, report(faults)


def test_every_text_of_our_own_widgets_can_be_translated() -> None:
    faults = []
    for source in code("ranger_app/gui"):
        for name, call in calls(source.tree):
            if name not in SHOWN_BY_OUR_WIDGETS:
                continue
            # The first argument of an empty state names its icon, the last of `say` its tone.
            skipped = 1 if name in {"EmptyState", "say"} else 0
            shown = call.args[skipped : skipped + (1 if name == "say" else 2)]
            shown += [one.value for one in call.keywords if one.arg not in NAMES_OF_THINGS]
            faults += [
                f"{source.at(text)}: {ast.unparse(text)}" for one in shown for text in _bare_words(one)
            ]
    assert not faults, report(faults)


def test_every_text_of_the_command_line_can_be_translated() -> None:
    faults = []
    for source in code("ranger_app/cli"):
        for name, call in calls(source.tree):
            if name not in SHOWN_BY_THE_COMMAND_LINE:
                continue
            shown = call.args if name == "print" else []
            for argument in [*shown, *(one.value for one in call.keywords if one.arg in HELP)]:
                faults += [f"{source.at(text)}: {ast.unparse(text)}" for text in _bare_words(argument)]
    assert not faults, report(faults)


def test_every_error_can_be_translated() -> None:
    faults = [
        f"{source.at(text)}: {ast.unparse(text)}"
        for source in code("ranger_app")
        if not source.path.startswith("ranger_app/domain/")  # it marks with N_ what is worded above it
        for name, call in calls(source.tree)
        if name in KNOWN_ERRORS
        for argument in [*call.args, *(one.value for one in call.keywords)]
        for text in _bare_words(argument)
    ]
    assert not faults, report(faults)


def test_a_text_is_translated_before_anything_is_put_into_it() -> None:
    """`_(f"…{name}…")` asks for a text that is in no catalogue; `_("…{name}…").format(name=…)` does not."""
    faults = [
        f"{source.at(call)}: {ast.unparse(call)[:100]}"
        for source in code("ranger_app")
        for name, call in calls(source.tree)
        if name in TRANSLATORS
        for argument in call.args[: 1 if name in {"_", "N_"} else 2]
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
        or (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Attribute)
            and argument.func.attr == "format"
        )
    ]
    assert not faults, report(faults)


def _bare_words(node: ast.expr) -> Iterator[ast.expr]:
    """The literals with letters in an expression that are shown as they stand."""
    match node:
        case ast.Constant(value=str(text)) if LETTERS.search(text) and not CODES.fullmatch(text):
            yield node
        case ast.JoinedStr(values=parts):
            plain = (one.value for one in parts if isinstance(one, ast.Constant))
            if any(LETTERS.search(str(text)) for text in plain):
                yield node
        case ast.BinOp(left=left, right=right):
            yield from _bare_words(left)
            yield from _bare_words(right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _bare_words(body)
            yield from _bare_words(orelse)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from _bare_words(part)


@pytest.mark.parametrize(
    ("shown", "bare"),
    [
        ("'Photos'", True),
        ("f'{count} photos'", True),
        ("'Photos' if many else _('Photo')", True),
        ("['Photos', name]", True),
        ("name + ' photos'", True),
        ("_('Photos')", False),
        ("_('{count} photos').format(count=1)", False),
        ("f'{count} / {total}'", False),
        ("name", False),
        ("'→'", False),
        ("'met, partly, not_met'", False),
        ("''", False),
    ],
)
def test_a_bare_text_is_told_from_a_translated_one(shown: str, bare: bool) -> None:
    assert bool(list(_bare_words(ast.parse(shown, mode="eval").body))) == bare


# ---- the catalogues


@pytest.fixture
def words() -> ModuleType:
    """`packaging/words.py`, which is a script beside the package and not a part of it."""
    spec = importlib.util.spec_from_file_location("words", REPOSITORY / "packaging" / "words.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_catalogues_say_what_the_code_says(words: ModuleType) -> None:
    faults = list(words.faults())
    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("english", "translation", "fault"),
    [
        ("{count} of {total}", "{total} dont {count}", ""),
        ("{count} of {total}", "{count}", "left out: total"),
        ("{count} of {total}", "{count} de {totale}", "no such placeholder in English: totale"),
        ("{count} of {total}", "{count} de {total", "expected '}'"),
        (("{count} photo", "{count} photos"), ("une photo", "{count} photos"), ""),
        (("{count} photo", "{count} photos"), ("{n} photo", "{count} photos"), "no such placeholder"),
        ("Photos", "", ""),
    ],
)
def test_a_placeholder_that_differs_from_english_is_found(
    words: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    english: str | tuple[str, str],
    translation: str | tuple[str, str],
    fault: str,
) -> None:
    plural = not isinstance(english, str)
    call = f"ngettext({english[0]!r}, {english[1]!r}, n)" if plural else f"_({english!r})"
    told = _faults_with(words, tmp_path, monkeypatch, code=call, translation=translation)
    assert fault in told
    assert bool(fault) == bool(told)


def test_a_text_that_was_never_collected_is_found(
    words: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not _faults_with(words, tmp_path, monkeypatch, code="_('Photos')", translation="Photographies")
    (tmp_path / "ranger_app" / "page.py").write_text("_('Patrols')", encoding="utf-8")
    assert "Patrols" in " ".join(words.faults())


def test_a_text_within_an_f_string_is_collected_on_every_python(
    words: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.py").write_text("""f"<h2>{_('Photos')}</h2>" """, encoding="utf-8")
    monkeypatch.setattr(words, "CODE", tmp_path)
    assert [message.id for message in words.collect() if message.id] == ["Photos"]


def _faults_with(
    words: ModuleType,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    code: str,
    translation: str | tuple[str, str],
) -> str:
    """What the check says of a program of one line with one translation, its French."""
    for name, place in {
        "TOP": folder,
        "CODE": folder / "ranger_app",
        "CATALOGUES": folder / "i18n",
        "TEMPLATE": folder / "i18n" / "ranger.pot",
    }.items():
        monkeypatch.setattr(words, name, place)
    (folder / "ranger_app").mkdir()
    (folder / "ranger_app" / "window.py").write_text(code, encoding="utf-8")
    french = folder / "i18n" / "fr" / "LC_MESSAGES" / "ranger.po"
    french.parent.mkdir(parents=True)
    french.write_bytes(b"")
    words.update()
    catalogue = words.read(french, "fr")
    for message in catalogue:
        if message.id:
            message.string = translation
    words._write(french, catalogue)
    return " ".join(words.faults())
