"""The packet's data as CSV and JSON, for whoever wants to load rather than to read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ranger_app.assessments.figures import Figure
from ranger_app.domain.ids import id_text
from ranger_app.packets.charts import bar_chart, series_of
from ranger_app.packets.dossier import Dossier, Piece

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def data_files(dossier: Dossier) -> Iterator[tuple[str, bytes]]:
    """Path and content of every table and document of the packet, in a fixed order."""
    yield "site.json", _json(_site(dossier))
    if dossier.boundary_geojson:
        yield "boundary.geojson", dossier.boundary_geojson.encode()
    if dossier.map_png:
        yield "map.png", dossier.map_png
    yield "assessment/answers.json", _json(_answers(dossier))
    language = dossier.whole.assessment.language or dossier.pack.language
    yield f"assessment/answers_{language}.csv", _csv(_answer_rows(dossier))
    yield "evidence/register.csv", _csv(_register_rows(dossier))
    yield "actions.csv", _csv(_action_rows(dossier))
    for piece in dossier.figures():
        if piece.figure is not None:
            yield from _finding(piece, piece.figure)


def _site(dossier: Dossier) -> dict[str, Any]:
    site = dossier.site
    return {
        "id": id_text(site.id),
        "name": site.name,
        "local_name": site.local_name,
        "country": site.country,
        "world_database_id": site.world_database_id,
        "management_category": site.management_category,
        "governance_type": site.governance_type,
        "area_km2": site.area_km2,
        "boundary_source": site.boundary_source,
    }


def _answers(dossier: Dossier) -> dict[str, Any]:
    assessment, pack = dossier.whole.assessment, dossier.pack
    numbers = {piece.evidence.id: piece.number for piece in dossier.pieces}
    return {
        "assessment": {
            "id": id_text(assessment.id),
            "title": assessment.title,
            "round": assessment.round,
            "started_on": assessment.started_on.isoformat() if assessment.started_on else None,
            "language": assessment.language,
            "status": assessment.status,
        },
        "pack": {"id": pack.id, "edition": pack.edition, "sha256": pack.digest.hex()},
        "in_the_way": list(dossier.board.in_the_way()),
        "answers": [
            {
                "indicator": sheet.code,
                "criterion": sheet.indicator.criterion,
                "gate": sheet.indicator.gate,
                "verified_wording": sheet.indicator.verified,
                "rating": sheet.answer.rating,
                "score": _score(dossier, sheet.answer.rating),
                "narrative": sheet.answer.narrative,
                "gap": sheet.answer.gap,
                "gap_type": sheet.answer.gap_type,
                "confidence": sheet.answer.confidence,
                "not_applicable_reason": sheet.answer.not_applicable_reason,
                "evidence": [
                    {
                        "number": numbers.get(one.evidence.id, ""),
                        "page": one.link.page,
                        "note": one.link.note,
                    }
                    for one in sheet.cited
                ],
                "actions": [
                    {
                        "what": one.what,
                        "owner": one.owner,
                        "due_on": one.due_on.isoformat() if one.due_on else None,
                        "status": one.status,
                        "success": one.success,
                    }
                    for one in sheet.actions
                ],
            }
            for sheet in dossier.sheets
        ],
    }


def _answer_rows(dossier: Dossier) -> Iterator[Sequence[object]]:
    numbers = {piece.evidence.id: piece.number for piece in dossier.pieces}
    yield ("indicator", "title", "rating", "score", "narrative", "gap", "gap_type", "confidence", "evidence")
    for sheet in dossier.sheets:
        cited = (f"{numbers.get(one.evidence.id, '')} {one.link.page}".strip() for one in sheet.cited)
        answer = sheet.answer
        yield (
            sheet.code,
            dossier.pack.of_indicator(sheet.code),
            answer.rating,
            _score(dossier, answer.rating),
            answer.narrative,
            answer.gap or answer.not_applicable_reason,
            answer.gap_type,
            answer.confidence,
            "; ".join(cited),
        )


def _register_rows(dossier: Dossier) -> Iterator[Sequence[object]]:
    yield (
        "number",
        "title",
        "kind",
        "dated_on",
        "author",
        "language",
        "class",
        "consent",
        "path",
        "sha256_at_site",
        "cited_by",
        "note",
    )
    for piece in dossier.pieces:
        one = piece.evidence
        held = piece.withheld
        yield (
            piece.number,
            one.title,
            one.kind,
            one.dated_on.isoformat() if one.dated_on else "",
            one.author,
            one.language,
            "" if held else one.confidentiality,
            one.consent,
            piece.path,
            one.file.hex() if one.file and not held else "",
            "; ".join(piece.cited_by),
            piece.note,
        )


def _action_rows(dossier: Dossier) -> Iterator[Sequence[object]]:
    yield ("indicator", "what", "owner", "due_on", "status", "success")
    for sheet in dossier.sheets:
        for one in sheet.actions:
            due = one.due_on.isoformat() if one.due_on else ""
            yield (sheet.code, one.what, one.owner, due, one.status, one.success)


def _finding(piece: Piece, figure: Figure) -> Iterator[tuple[str, bytes]]:
    folder = f"findings/{piece.number}"
    yield f"{folder}/data.csv", _csv([figure.columns, *figure.rows])
    yield (
        f"{folder}/query.json",
        _json(
            {
                "measure": figure.measure,
                "from": figure.starts_on.isoformat() if figure.starts_on else None,
                "to": figure.ends_on.isoformat() if figure.ends_on else None,
                "query": figure.query,
            }
        ),
    )
    frozen_at = piece.evidence.frozen_at
    yield (
        f"{folder}/provenance.json",
        _json(
            {
                "title": figure.title,
                "definition": figure.definition,
                "value": figure.value,
                "unit": figure.unit,
                "interval": list(figure.interval) if figure.interval else None,
                "interval_method": figure.interval_method,
                "checked_share": figure.checked_share,
                "notes": list(figure.notes),
                "frozen_at": frozen_at.isoformat() if frozen_at else None,
                "data_version": figure.data_version,
                "program_version": figure.program_version,
            }
        ),
    )
    series = series_of(figure)
    if series is not None:
        yield (
            f"{folder}/figure.svg",
            bar_chart(series, title=figure.title)
            .replace('fill="currentColor">', 'fill="currentColor" color="#1b211d">', 1)
            .encode(),
        )


def _score(dossier: Dossier, rating: str) -> str:
    found = dossier.pack.rating(rating)
    return found.score if found else ""


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark at the start, because spreadsheet programs otherwise spoil letters beyond ASCII."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(cell: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
