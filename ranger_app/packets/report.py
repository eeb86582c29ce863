"""The printed report: data for the Typst template, and the setting of it as an accessible PDF."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ranger_app import config, i18n
from ranger_app.assessments.figures import Figure
from ranger_app.assessments.gaps import CriterionState, IndicatorState, State
from ranger_app.assessments.packs import Outcome
from ranger_app.assessments.sheets import Cited, Sheet
from ranger_app.assessments.words import action_word, confidentiality_word, gap_word, page_words, state_word
from ranger_app.domain.assessments import Action
from ranger_app.i18n import _
from ranger_app.packets.charts import bar_chart, columns_that_count, series_of, table_text, value_text
from ranger_app.packets.dossier import Dossier, Piece
from ranger_app.packets.wording import (
    SIGNS,
    cover_facts,
    figure_facts,
    gap_counts,
    gaps_to_tell,
    rating_label,
    wording_note,
)

TEMPLATE = "assessment.typ"
ACCESSIBLE: Final = "ua-1"
"""PDF/UA-1 (ISO 14289-1): tagged, with language and a text for every picture."""
ROWS_PRINTED = 40
PICTURES_PRINTED = 60


@dataclass(frozen=True, slots=True)
class Report:
    """The report as PDF, and a sentence for whatever is less than it should be."""

    pdf: bytes
    notes: tuple[str, ...] = ()


def set_report(dossier: Dossier) -> Report:
    """Set the report in type. Text goes in as data, so nothing that a person wrote is ever run."""
    import typst

    with tempfile.TemporaryDirectory(prefix="ranger-report-") as name:
        folder = Path(name)
        template = Path(shutil.copy(config.resources_dir() / "report" / TEMPLATE, folder))
        data = _printable(_data(dossier, folder))
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        fonts = [config.resources_dir() / "fonts"]  # beside those of Typst and of the computer
        stamp = int(dossier.made_at.timestamp())
        try:
            pdf = typst.compile(
                template, root=folder, font_paths=fonts, pdf_standards=[ACCESSIBLE], timestamp=stamp
            )
        except typst.TypstError:
            # With PDF/UA Typst refuses a letter that no font on this computer has; without, it draws a box.
            pdf = typst.compile(template, root=folder, font_paths=fonts, timestamp=stamp)
            told = _("The PDF is not fully accessible: this computer lacks a font for some of its letters.")
            return Report(bytes(pdf), (told,))
    return Report(bytes(pdf))


def _data(dossier: Dossier, folder: Path) -> dict[str, Any]:
    site, pack = dossier.site, dossier.pack
    by_outcome = pack.rules.outcome is Outcome.ALL_CRITERIA
    return {
        "lang": i18n.language().partition("_")[0],
        "title": f"{site.name}: {dossier.title()}",
        "author": "Ranger",
        "site": site.name,
        "local_name": site.local_name,
        "kind": pack.title(),
        "assessment": dossier.title(),
        "notice": pack.said("pack", "", "notice").text,
        "facts": [list(fact) for fact in cover_facts(dossier)],
        "outcome": pack.said("pack", "", "outcome").text if by_outcome else "",
        "in_the_way": _in_the_way(dossier) if by_outcome else "",
        "gates": [_indicator_line(dossier, one) for one in dossier.board.gates],
        "gates_note": "" if pack.rules.gate_certain else pack.said("pack", "", "gate").text,
        "criteria": [_criterion_line(dossier, one) for one in dossier.board.criteria],
        "groups": list(_groups(dossier)),
        "actions": list(_action_rows(dossier)),
        "figures": [_figure(piece, piece.figure, folder) for piece in dossier.figures() if piece.figure],
        "register": [_register_row(piece) for piece in dossier.pieces],
        "pictures": list(_pictures(dossier, folder)),
        "map": _map(dossier, folder),
        "left_out": list(dossier.left_out),
        "missing": [[one.indicator, one.text] for one in dossier.missing],
        "made": " · ".join(filter(None, (f"Ranger {dossier.program_version}", dossier.device))),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "contents": _("Contents"),
        "board": _("How it stands"),
        "gates": _("Gate indicators"),
        "criteria": _("All criteria"),
        "code": _("Code"),
        "indicator": _("Indicator"),
        "criterion": _("Criterion"),
        "state": _("State"),
        "lacking": _("What is lacking"),
        "reason": _("Why it does not apply"),
        "evidence": _("Evidence"),
        "actions": _("Actions"),
        "no_actions": _("No action has been planned yet."),
        "what": _("What"),
        "who": _("Who"),
        "due": _("Due"),
        "done_when": _("Done when"),
        "figures": _("Figures"),
        "no_figures": _("No figure has been frozen yet."),
        "register": _("Evidence register"),
        "no_evidence": _("No evidence has been cited yet."),
        "number": _("No."),
        "dated": _("Dated"),
        "class": _("Class"),
        "cited_for": _("Cited for"),
        "pictures": _("Pictures"),
        "packet": _("This packet"),
        "missing": _("What was missing when it was made"),
    }


# ---- board and indicators


def _in_the_way(dossier: Dossier) -> str:
    codes = dossier.board.in_the_way()
    if not codes:
        return _("By the site's own word, nothing stands in the way.")
    return _("Still in the way: {criteria}").format(criteria=", ".join(codes))


def _state(state: State, words: str = "") -> dict[str, str]:
    colour, sign = SIGNS[state]
    return {"colour": colour, "sign": sign, "word": words or state_word(state)}


def _indicator_line(dossier: Dossier, one: IndicatorState) -> dict[str, str]:
    code = one.indicator.code
    lacking = " ".join(gap.text for gap in one.gaps) or "–"
    return {
        "code": code,
        "title": dossier.pack.of_indicator(code),
        "lacking": lacking,
        **_state(one.state),
    }


def _criterion_line(dossier: Dossier, one: CriterionState) -> dict[str, str]:
    return {
        "code": one.code,
        "title": dossier.pack.of_criterion(one.code),
        "lacking": ", ".join(gap_counts(one)) or "–",
        **_state(one.state),
    }


def _groups(dossier: Dossier) -> Iterator[dict[str, Any]]:
    states = {one.code: one for one in dossier.board.criteria}
    for group in dossier.pack.groups:
        yield {
            "code": group.code,
            "title": dossier.pack.of_group(group.code),
            "criteria": [
                {
                    "code": criterion.code,
                    "title": dossier.pack.of_criterion(criterion.code),
                    **_state(states[criterion.code].state),
                    "indicators": [_indicator(dossier, one) for one in states[criterion.code].indicators],
                }
                for criterion in group.criteria
            ],
        }


def _indicator(dossier: Dossier, standing: IndicatorState) -> dict[str, Any]:
    pack, indicator = dossier.pack, standing.indicator
    sheet = dossier.whole.sheet(indicator.code)
    assert sheet is not None  # every indicator of the form has its sheet
    answer = sheet.answer
    shown, label = rating_label(pack, sheet, standing)
    gaps = [f"{gap_word(gap.kind)}: {gap.text}" for gap in gaps_to_tell(standing)]
    if answer.gap.strip() and answer.gap not in {gap.text for gap in standing.gaps}:
        gaps.append(answer.gap.strip())
    return {
        "code": sheet.code,
        "title": pack.of_indicator(sheet.code) + (f" ({_('gate')})" if indicator.gate else ""),
        "asks": pack.said("indicator", sheet.code, "asks").text,
        "note": wording_note(pack, indicator),
        "narrative": _paragraphs(answer.narrative),
        "reason": _paragraphs(answer.not_applicable_reason),
        "evidence": list(_citations(dossier, sheet)),
        "gaps": gaps,
        "actions": [_action_words(action) for action in sheet.actions],
        **_state(shown, label),
    }


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def _citations(dossier: Dossier, sheet: Sheet) -> Iterator[str]:
    pieces = dossier.by_evidence()
    for one in sheet.cited:
        piece = pieces.get(one.evidence.id)
        if piece is not None:
            yield _citation(piece, one)


def _citation(piece: Piece, one: Cited) -> str:
    if piece.withheld and not piece.evidence.title:
        return f"{piece.number} {piece.note}"
    words = [f"{piece.number} {piece.evidence.title}"]
    if piece.figure is not None:
        words.append(value_text(piece.figure))
    words += [page_words(one.link.page), one.link.note]
    if not piece.path:
        words.append(piece.note)
    return ", ".join(filter(None, words))


def _action_words(action: Action) -> str:
    due = f"{_('due')} {i18n.day(action.due_on)}" if action.due_on else ""
    said = ", ".join(filter(None, (action.what, action.owner, due)))
    return f"{said} – {action_word(action.status)}"


def _action_rows(dossier: Dossier) -> Iterator[list[str]]:
    for sheet in dossier.sheets:
        for one in sheet.actions:
            due = i18n.day(one.due_on) if one.due_on else "–"
            yield [sheet.code, one.what, one.owner or "–", due, one.success or "–", action_word(one.status)]


# ---- evidence and figures


def _register_row(piece: Piece) -> dict[str, str]:
    one = piece.evidence
    details = [one.author, one.language, one.file_name, one.consent]
    if piece.path:
        details.append(i18n.file_size(one.size_bytes))
    if piece.figure is not None:
        details.append(value_text(piece.figure))
    details.append(piece.note)
    has_hash = one.file is not None and not piece.withheld
    return {
        "number": piece.number,
        "title": one.title,
        "details": " · ".join(filter(None, details)),
        "sha256": one.file.hex(" ", 16) if one.file is not None and has_hash else "",
        "dated": i18n.day(one.dated_on) if one.dated_on else "–",
        "class": "–" if piece.withheld else confidentiality_word(one.confidentiality),
        "cited_for": ", ".join(piece.cited_by),
    }


def _figure(piece: Piece, figure: Figure, folder: Path) -> dict[str, Any]:
    series, chart = series_of(figure), None
    if series is not None:
        path = f"chart-{piece.number}.svg"
        (folder / path).write_text(bar_chart(series, title=figure.title), encoding="utf-8")
        alt = _("Bars of {name} for each row of the table below").format(name=series.name)
        chart = {"path": path, "alt": alt}
    rows = figure.rows[:ROWS_PRINTED]
    return {
        "number": piece.number,
        "title": piece.evidence.title,
        "value": value_text(figure),
        "definition": figure.definition,
        "facts": [list(fact) for fact in figure_facts(piece, figure)],
        "notes": list(figure.notes),
        "chart": chart,
        "columns": list(figure.columns),
        "numbers": list(columns_that_count(figure)),
        "rows": [[table_text(cell) for cell in row] for row in rows],
        "more": _("The rest is in the CSV file.") if len(figure.rows) > len(rows) else "",
    }


def _pictures(dossier: Dossier, folder: Path) -> Iterator[dict[str, str]]:
    shown = [piece for piece in dossier.pieces if piece.thumbnail][:PICTURES_PRINTED]
    for piece in shown:
        path = f"picture-{piece.number}.jpg"
        (folder / path).write_bytes(piece.thumbnail)
        caption = f"{piece.number} {piece.evidence.title}"
        yield {"path": path, "alt": piece.evidence.title or piece.number, "caption": caption}


def _map(dossier: Dossier, folder: Path) -> dict[str, str] | None:
    if not dossier.map_png:
        return None
    (folder / "map.png").write_bytes(dossier.map_png)
    return {"path": "map.png", "alt": _("Map of {site} with its boundary").format(site=dossier.site.name)}


def _printable(value: Any) -> Any:
    """The data without control characters, which no font has and no reader needs."""
    if isinstance(value, str):
        return "".join(c for c in value.replace("\r\n", "\n") if c >= " " or c in "\n\t")
    if isinstance(value, list):
        return [_printable(one) for one in value]
    if isinstance(value, dict):
        return {name: _printable(one) for name, one in value.items()}
    return value
