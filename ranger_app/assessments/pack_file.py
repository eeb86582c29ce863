"""Reads and checks a form pack, and says in plain sentences everything that is wrong with it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ranger_app import config
from ranger_app.assessments.packs import (
    Basis,
    Criterion,
    FormPack,
    Group,
    Indicator,
    Outcome,
    Rating,
    Rules,
    Stands,
    Words,
)
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _

PACK_FORMAT = 1
FILE_BYTES_AT_MOST = 1_000_000
GROUPS_AT_MOST = 50
CRITERIA_AT_MOST = 500
INDICATORS_AT_MOST = 2_000
LANGUAGES_AT_MOST = 50
RATINGS_AT_MOST = 20
TEXT_CHARS_AT_MOST = 2_000
EVIDENCE_AT_MOST = 20
PROBLEMS_AT_MOST = 100
PACKS_AT_MOST = 200

OPEN_RATING = "not_yet_assessed"
"""Every form has this one: it is what an answer is before anybody has given it."""

_ID = re.compile(r"[a-z0-9][a-z0-9._+:-]{0,39}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


class BadPack(BadInput):
    """A form pack that cannot be used. `problems` names everything that is wrong with it."""

    code = "bad-form-pack"

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        text = _("The form pack “{name}” cannot be used: {problems}")
        super().__init__(
            text.format(name=name, problems=" ".join(problems)),
            _("Mend the files of the pack, or put the pack as it came back in its place."),
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FormPacks:
    """What was found: packs by id, and those that could not be used."""

    found: Mapping[str, FormPack]
    refused: tuple[BadPack, ...]

    def need(self, pack_id: str) -> FormPack:
        """The pack with this id; `NotFound` names those that are there."""
        try:
            return self.found[pack_id]
        except KeyError:
            here = _("The packs here are: {ids}.").format(ids=", ".join(sorted(self.found)) or "–")
            raise NotFound(
                _("There is no form pack “{id}” on this computer.").format(id=pack_id[:60]),
                " ".join([here, *(bad.text for bad in self.refused)]),
            ) from None


def form_pack_folders() -> tuple[Path, ...]:
    """Where packs are looked for: those shipped, then those this user has added."""
    return (config.resources_dir() / "forms", config.data_dir() / "forms")


def find_form_packs(folders: Iterable[Path] | None = None) -> FormPacks:
    """Every pack in these folders. A bad pack is told of and does not keep the others away.

    A pack that this user has added takes the place of a shipped one with the same id.
    """
    found: dict[str, FormPack] = {}
    refused: list[BadPack] = []
    for folder in form_pack_folders() if folders is None else folders:
        if not folder.is_dir():
            continue
        for child in sorted(folder.iterdir())[:PACKS_AT_MOST]:
            if not (child / "pack.toml").is_file():
                continue
            try:
                pack = read_pack(child)
            except BadPack as bad:
                refused.append(bad)
                continue
            found[pack.id] = pack
    return FormPacks(found, tuple(refused))


def read_pack(folder: Path) -> FormPack:
    """The pack in `folder`. Raises `BadPack` naming every problem, not only the first."""
    reading = _Reading(folder)
    pack = reading.pack()
    if reading.problems:
        raise BadPack(folder.name, tuple(reading.problems))
    return pack


@dataclass(slots=True)
class _Reading:
    """One pack being read: collects problems and goes on, so that a person mends all of them at once."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def wrong(self, sentence: str) -> None:
        if len(self.problems) < PROBLEMS_AT_MOST:
            self.problems.append(sentence)

    def pack(self) -> FormPack:
        head = self.toml("pack.toml")
        rows = self.toml("rows.toml")
        if head.get("format") != PACK_FORMAT:
            told = _("pack.toml says format {found}; this Ranger reads format {known}.")
            self.wrong(told.format(found=head.get("format"), known=PACK_FORMAT))
        pack_id = self.text(head, "id", "pack.toml")
        if pack_id and not _ID.fullmatch(pack_id):
            self.wrong(_("The id “{id}” may hold letters, digits and . _ + : - only.").format(id=pack_id))
        language = self.text(head, "language", "pack.toml")
        rules = self.rules(head)
        ratings = self.ratings(head)
        groups = self.groups(rows, rules)
        words = self.words()
        self.check_words(words.get(language, {}), language, ratings, groups)
        return FormPack(
            id=pack_id,
            edition=self.text(head, "edition", "pack.toml"),
            language=language,
            standard=self.text(head, "standard", "pack.toml", needed=False),
            check_against=self.text(head, "check_against", "pack.toml", needed=False),
            rules=rules,
            ratings=ratings,
            groups=groups,
            words=words,
            digest=self.digest.digest(),
        )

    # ---- files

    def toml(self, name: str) -> dict[str, Any]:
        try:
            with (self.folder / name).open("rb") as file:
                raw = file.read(FILE_BYTES_AT_MOST + 1)
        except FileNotFoundError:
            self.wrong(_("The file {name} is missing.").format(name=name))
            return {}
        except OSError as error:
            told = _("The file {name} cannot be read: {reason}.")
            self.wrong(told.format(name=name, reason=error.strerror))
            return {}
        if len(raw) > FILE_BYTES_AT_MOST:
            self.wrong(_("The file {name} is larger than 1 MB.").format(name=name))
            return {}
        self.digest.update(f"{name}\0{len(raw)}\0".encode() + raw)
        try:
            return tomllib.loads(raw.decode("utf-8"))
        except UnicodeDecodeError:
            self.wrong(_("The file {name} is not UTF-8.").format(name=name))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            told = _("The file {name} is not TOML: {reason}.")
            self.wrong(told.format(name=name, reason=str(error)[:200]))
        return {}

    def text(self, table: Mapping[str, Any], name: str, where: str, *, needed: bool = True) -> str:
        value = table.get(name, "")
        if not isinstance(value, str) or len(value) > TEXT_CHARS_AT_MOST:
            told = _("“{name}” in {where} has to be a text of at most {most} characters.")
            self.wrong(told.format(name=name, where=where, most=TEXT_CHARS_AT_MOST))
            return ""
        if needed and not value.strip():
            self.wrong(_("“{name}” is missing in {where}.").format(name=name, where=where))
        return value

    def tables(self, table: Mapping[str, Any], name: str, where: str, most: int) -> list[dict[str, Any]]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(_("“{name}” in {where} has to be a list of tables.").format(name=name, where=where))
            return []
        if len(value) > most:
            told = _("There are {count} of “{name}” in {where}; at most {most} are read.")
            self.wrong(told.format(count=len(value), name=name, where=where, most=most))
        return value[:most]

    # ---- parts

    def rules(self, head: Mapping[str, Any]) -> Rules:
        told = head.get("rules", {})
        if not isinstance(told, dict):
            self.wrong(_("[rules] in pack.toml has to be a table."))
            return Rules()
        outcome = told.get("outcome", Outcome.NONE.value)
        if outcome not in {one.value for one in Outcome}:
            self.wrong(_("The outcome “{name}” is not known.").format(name=str(outcome)[:40]))
            outcome = Outcome.NONE.value
        span = told.get("narrative_words", [0, 0])
        if not (isinstance(span, list) and len(span) == 2 and all(_whole(n) for n in span)):
            self.wrong(_("narrative_words has to be two whole numbers, from and to."))
            span = [0, 0]
        share = told.get("min_checked_share", 0.0)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            self.wrong(_("min_checked_share has to be a number from 0 to 1."))
            share = 0.0
        return Rules(
            outcome=Outcome(outcome),
            gate_certain=told.get("gate_certain", True) is True,
            narrative_words=(span[0], span[1]),
            evidence_max_age_years=self.years(told, "evidence_max_age_years", 0, "[rules]"),
            min_checked_share=float(share),
        )

    def ratings(self, head: Mapping[str, Any]) -> tuple[Rating, ...]:
        made = []
        for one in self.tables(head, "rating", "pack.toml", RATINGS_AT_MOST):
            code = self.text(one, "code", "[[rating]]")
            stands = one.get("stands")
            if stands not in {kind.value for kind in Stands}:
                told = _("The rating “{code}” does not say what it stands for.")
                self.wrong(told.format(code=code))
                continue
            key, score = one.get("key", ""), one.get("score", "")
            made.append(Rating(code=code, stands=Stands(stands), score=str(score), key=str(key)[:1]))
        self.unique((one.code for one in made), _("rating"))
        self.unique((one.key for one in made if one.key), _("key"))
        is_open = [one.code for one in made if one.stands is Stands.OPEN]
        if is_open != [OPEN_RATING]:
            told = _("Exactly one rating has to stand for open, and its code is “{code}”.")
            self.wrong(told.format(code=OPEN_RATING))
        if not any(one.stands is Stands.MET for one in made):
            self.wrong(_("No rating stands for met."))
        return tuple(made)

    def groups(self, rows: Mapping[str, Any], rules: Rules) -> tuple[Group, ...]:
        codes = [
            self.code(one, "[[group]]") for one in self.tables(rows, "group", "rows.toml", GROUPS_AT_MOST)
        ]
        criteria: list[Criterion] = []
        for one in self.tables(rows, "criterion", "rows.toml", CRITERIA_AT_MOST):
            code = self.code(one, "[[criterion]]")
            group = one.get("group")
            if group not in codes:
                told = _("The criterion {code} belongs to the group “{group}”, which is not there.")
                self.wrong(told.format(code=code, group=str(group)[:40]))
                continue
            indicators = tuple(
                self.indicator(row, code, rules)
                for row in self.tables(one, "indicators", f"[{code}]", INDICATORS_AT_MOST)
            )
            if not indicators:
                self.wrong(_("The criterion {code} has no indicator.").format(code=code))
            criteria.append(Criterion(code=code, group=group, indicators=indicators))
        self.unique(codes, _("group"))
        self.unique((one.code for one in criteria), _("criterion"))
        all_rows = [row.code for one in criteria for row in one.indicators]
        self.unique(all_rows, _("indicator"))
        if not all_rows or len(all_rows) > INDICATORS_AT_MOST:
            told = _("A form has 1 to {most} indicators, this one has {count}.")
            self.wrong(told.format(most=INDICATORS_AT_MOST, count=len(all_rows)))
        return tuple(
            Group(code=code, criteria=tuple(one for one in criteria if one.group == code)) for code in codes
        )

    def indicator(self, row: Mapping[str, Any], criterion: str, rules: Rules) -> Indicator:
        code = self.code(row, f"[{criterion}]")
        basis = row.get("basis", Basis.READ.value)
        if basis not in {one.value for one in Basis}:
            told = _("The indicator {code} has the basis “{basis}”, which is not known.")
            self.wrong(told.format(code=code, basis=str(basis)[:40]))
            basis = Basis.INFERRED.value
        known = {"code", "basis", "gate", "wants", "optional", "max_age_years"}
        for name in sorted(set(row) - known)[:5]:
            told = _("The indicator {code} has “{name}”, which is not known.")
            self.wrong(told.format(code=code, name=name[:40]))
        return Indicator(
            code=code,
            criterion=criterion,
            basis=Basis(basis),
            gate=row.get("gate", False) is True,
            wants_figures=row.get("wants", "documents") == "figures",
            optional=row.get("optional", False) is True,
            max_age_years=self.years(row, "max_age_years", rules.evidence_max_age_years, code),
        )

    def code(self, table: Mapping[str, Any], where: str) -> str:
        code = table.get("code")
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            told = _("A code in {where} of rows.toml is missing or not a code: “{code}”.")
            self.wrong(told.format(where=where, code=str(code)[:40]))
            return "?"
        return code

    def years(self, table: Mapping[str, Any], name: str, default: int, where: str) -> int:
        value = table.get(name, default)
        if not _whole(value) or value > 100:
            told = _("{name} of {where} has to be a whole number of years up to 100.")
            self.wrong(told.format(name=name, where=where))
            return default
        return int(value)

    def unique(self, codes: Iterable[str], what: str) -> None:
        seen: set[str] = set()
        for code in codes:
            if code in seen:
                self.wrong(_("The {what} {code} is there twice.").format(what=what, code=code))
            seen.add(code)

    # ---- words

    def words(self) -> dict[str, Words]:
        # The names come from the folder, never from the content of a file.
        files = sorted((self.folder / "words").glob("*.toml"))[:LANGUAGES_AT_MOST]
        return {
            path.stem: _plain(self.toml(f"words/{path.name}"))
            for path in files
            if _LANGUAGE.fullmatch(path.stem)
        }

    def check_words(
        self, words: Words, language: str, ratings: tuple[Rating, ...], groups: tuple[Group, ...]
    ) -> None:
        """The pack's own language has to be complete, and no language may name what is not there."""
        criteria = [one for group in groups for one in group.criteria]
        rows = [row for one in criteria for row in one.indicators]
        wanted = [("pack", "", "title")]
        wanted += [("rating", one.code, "title") for one in ratings]
        wanted += [("group", one.code, "title") for one in groups]
        wanted += [("criterion", one.code, "title") for one in criteria]
        wanted += [("indicator", row.code, name) for row in rows for name in ("title", "asks")]
        for section, code, name in wanted:
            if not words.get(section, {}).get(code, {}).get(name):
                told = _("words/{language}.toml has no “{name}” for {section} {code}.")
                self.wrong(told.format(language=language, name=name, section=section, code=code).strip())
        for code in sorted(set(words.get("indicator", {})) - {row.code for row in rows}):
            told = _("words/{language}.toml has words for the indicator {code}, which is not there.")
            self.wrong(told.format(language=language, code=code[:40]))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _plain(told: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str | tuple[str, ...]]]]:
    """Words as section, code, name; whatever is not a text or a list of texts is left out."""
    sections: dict[str, dict[str, dict[str, str | tuple[str, ...]]]] = {"pack": {"": {}}}
    for section, table in told.items():
        if not isinstance(table, dict):
            continue
        if section == "pack":
            sections["pack"] = {"": _texts(table)}
        else:
            sections[section] = {
                code: _texts(entry) for code, entry in table.items() if isinstance(entry, dict)
            }
    return sections


def _texts(entry: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    made: dict[str, str | tuple[str, ...]] = {}
    for name, value in entry.items():
        if isinstance(value, str):
            made[name] = value[:TEXT_CHARS_AT_MOST]
        elif isinstance(value, list):
            made[name] = tuple(str(one)[:TEXT_CHARS_AT_MOST] for one in value[:EVIDENCE_AT_MOST])
    return made
