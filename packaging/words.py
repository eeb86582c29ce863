"""Looks after the word catalogues: collects from the code, compiles, checks, and starts a language.

words.py update        resources/i18n/ranger.pot and every language's ranger.po, from the code
words.py compile       every ranger.po to the ranger.mo that the program reads
words.py check         is everything collected, and are all placeholders as in English?
words.py start sw      a new, empty catalogue
"""

from __future__ import annotations

import argparse
import ast
import string
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parent.parent
CODE = TOP / "ranger_app"
CATALOGUES = TOP / "resources" / "i18n"
TEMPLATE = CATALOGUES / "ranger.pot"

# A date of each run would make every catalogue a change.
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("task", choices=["update", "compile", "check", "start"])
    parser.add_argument("language", nargs="?", help="the language to start, such as sw or pt_BR")
    asked = parser.parse_args()
    if (asked.task == "start") != bool(asked.language):
        parser.error("a language is named with start, and only there")
    match asked.task:
        case "update":
            update()
        case "compile":
            compile_all()
        case "start":
            path = CATALOGUES / str(Locale.parse(asked.language)) / "LC_MESSAGES" / "ranger.po"
            path.parent.mkdir(parents=True)
            _write(path, Catalog(locale=asked.language))
            update()
        case "check":
            found = list(faults())
            print(*found, sep="\n", end="\n" if found else "")
            return 1 if found else 0
    return 0


def languages() -> dict[str, Path]:
    """Each language's code and catalogue."""
    return {path.parent.parent.name: path for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/ranger.po"))}


def collect() -> Catalog:
    """Every text that the code marks, with the files that it stands in."""
    template = _headed(Catalog())
    for path in sorted(CODE.rglob("*.py")):
        name = f"{CODE.name}/{path.relative_to(CODE).as_posix()}"
        for line, text, context in sorted(marked(path.read_bytes()), key=lambda found: found[0]):
            template.add(text, locations=[(name, line)], context=context)
    return template


def marked(source: bytes) -> Iterator[tuple[int, str | tuple[str, str], str | None]]:
    """Line, text (or singular and plural) and context of each marked text in a Python file.

    Read from the tree: babel's own reader finds marks within f-strings from Python 3.12 on, and none in 3.11.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="_" | "N_"), args=[ast.Constant(value=str(text)), *_]):
                yield node.lineno, text, None
            case ast.Call(
                func=ast.Name(id="ngettext"),
                args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_],
            ):
                yield node.lineno, (one, many), None
            case ast.Call(
                func=ast.Name(id="pgettext"),
                args=[ast.Constant(value=str(context)), ast.Constant(value=str(text)), *_],
            ):
                yield node.lineno, text, context


def update() -> None:
    """Bring the template and every language up to the code; what is no longer said is dropped."""
    template = collect()
    _write(TEMPLATE, template)
    for code, path in languages().items():
        catalogue = read(path, code)
        # Babel's guesses at similar texts would be shown as if somebody had translated them.
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(path, _headed(catalogue))


def compile_all() -> None:
    """Turn every catalogue into the form that the program reads."""
    for code, path in languages().items():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path, code))


def faults() -> Iterator[str]:
    """A sentence for each thing that is wrong with the catalogues."""
    said = _texts(collect())
    kept = _texts(read(TEMPLATE)) if TEMPLATE.exists() else {}
    if said.keys() != kept.keys():
        changed = sorted(said.keys() ^ kept.keys())
        yield f"{_name(TEMPLATE)} is not as the code is (run `make i18n`): {_few(changed)}"
    for code, path in languages().items():
        texts = _texts(read(path, code))
        if texts.keys() != said.keys():
            yield f"{_name(path)} is not as the code is (run `make i18n`)"
        for message in texts.values():
            for translation in _forms(message.string):
                if wrong := _placeholder_fault(message, translation):
                    yield f"{_name(path)}: {translation!r}: {wrong}"


def read(path: Path, code: str | None = None) -> Catalog:
    """The catalogue in this file; a damaged one is an error of the build."""
    with path.open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def placeholders(text: str) -> set[str]:
    """The names in braces: `{count} of {total}` has two."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _placeholder_fault(message: Message, translation: str) -> str:
    try:
        has = placeholders(translation)
    except ValueError as error:
        return str(error)
    allowed = set().union(*(placeholders(text) for text in _forms(message.id)))
    if strange := has - allowed:
        return f"no such placeholder in English: {_few(sorted(strange))}"
    # One form of a plural may leave the number out ("one photo"); a plain text may leave nothing out.
    if not message.pluralizable and has != allowed:
        return f"placeholder left out: {_few(sorted(allowed - has))}"
    return ""


def _texts(catalogue: Catalog) -> dict[tuple[str, str], Message]:
    return {(message.context or "", _forms(message.id)[0]): message for message in catalogue if message.id}


def _forms(text: str | Iterable[str] | None) -> list[str]:
    """The singular and the plurals of a message, or its one text; what is not translated yet is none."""
    return [form for form in ([text] if isinstance(text, str) else text or []) if form]


def _headed(catalogue: Catalog) -> Catalog:
    catalogue.project = "Ranger"
    catalogue.version = ""
    catalogue.header_comment = "# Ranger's words. Apache-2.0, as the program.\n#"
    catalogue.creation_date = NO_DATE
    catalogue.revision_date = NO_DATE
    catalogue.msgid_bugs_address = ""
    catalogue.last_translator = ""
    catalogue.language_team = ""
    catalogue.fuzzy = False
    return catalogue


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # Without line numbers a change of the code is not a change of the catalogues.
        write_po(file, _headed(catalogue), width=100, include_lineno=False, ignore_obsolete=True)


def _few(names: Iterable[object]) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def _name(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


if __name__ == "__main__":
    sys.exit(main())
