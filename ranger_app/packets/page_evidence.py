"""The packet's page: citations, the register of evidence, figures with their definitions, and actions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from ranger_app import i18n
from ranger_app.assessments.figures import Figure
from ranger_app.assessments.words import action_word, confidentiality_word, page_words
from ranger_app.i18n import _, ngettext
from ranger_app.packets.charts import (
    bar_chart,
    columns_that_count,
    series_of,
    table_text,
    value_text,
)
from ranger_app.packets.dossier import Dossier, Piece
from ranger_app.packets.wording import figure_facts

ROWS_SHOWN = 100
_PAGE = re.compile(r"\D{0,12}(\d{1,5})\b")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})")


def file_href(path: str, fragment: str = "") -> str:
    """A link to a file of the packet, relative to the page."""
    return escape(quote(path, safe="/") + fragment)


def fragment_for(media_type: str, page: str) -> str:
    """Where in the file to open it, for the kinds that browsers can open at a place."""
    if media_type == "application/pdf" and (found := _PAGE.match(page.strip())):
        return f"#page={int(found[1])}"
    if media_type.startswith(("video/", "audio/")) and (clock := _CLOCK.search(page)):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return f"#t={hours * 3600 + minutes * 60 + seconds}"
    return ""


def anchor(piece: Piece) -> str:
    return f"f-{piece.number}" if piece.figure is not None else f"r-{piece.number}"


def citation(piece: Piece, *, page: str, note: str) -> str:
    """One citation: a link to the very page where it can be, and the number that leads to the register."""
    number = f'<a href="#{anchor(piece)}">{escape(piece.number)}</a>'
    if piece.withheld and not piece.evidence.title:
        return f'{number} <span class="muted">{escape(piece.note)}</span>'
    title = f'<span dir="auto">{escape(piece.evidence.title)}</span>'
    if piece.path:
        where = fragment_for(piece.evidence.media_type, page)
        title = f'<a dir="auto" href="{file_href(piece.path, where)}">{escape(piece.evidence.title)}</a>'
    words = [f"{number} {title}"]
    if piece.figure is not None:
        words.append(escape(value_text(piece.figure)))
    if page:
        words.append(escape(page_words(page)))
    if note:
        words.append(f'<span dir="auto">{escape(note)}</span>')
    if not piece.path and piece.note:
        words.append(f'<span class="muted">{escape(piece.note)}</span>')
    return ", ".join(words)


# ---- register


def register(dossier: Dossier) -> Iterator[str]:
    """Every piece of evidence with its date, its class, its hash and who cites it."""
    yield f'<section id="evidence"><h2>{escape(_("Evidence register"))}</h2>'
    if not dossier.pieces:
        yield f'<p class="muted">{escape(_("No evidence has been cited yet."))}</p></section>'
        return
    heads = (_("No."), _("Evidence"), _("Dated"), _("Class"), _("Cited for"))
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield f'<div class="wide"><table class="register"><thead><tr>{cells}</tr></thead><tbody>'
    for piece in dossier.pieces:
        yield _register_row(piece)
    yield "</tbody></table></div></section>"


def _register_row(piece: Piece) -> str:
    one = piece.evidence
    cited = ", ".join(f'<a href="#i-{escape(code)}">{escape(code)}</a>' for code in piece.cited_by)
    dated = i18n.day(one.dated_on) if one.dated_on else "–"
    class_ = "–" if piece.withheld else confidentiality_word(one.confidentiality)
    return (
        f'<tr id="r-{piece.number}"><th scope="row">{piece.number}</th><td>{"".join(_about(piece))}</td>'
        f'<td class="short">{escape(dated)}</td><td class="short">{escape(class_)}</td><td>{cited}</td></tr>'
    )


def _about(piece: Piece) -> Iterator[str]:
    one = piece.evidence
    if piece.path:
        yield f'<a dir="auto" href="{file_href(piece.path)}">{escape(one.title)}</a>'
        if piece.thumbnail:
            picture = base64.b64encode(piece.thumbnail).decode()
            yield f'<img class="thumb" alt="{escape(one.title)}" src="data:image/jpeg;base64,{picture}">'
    elif piece.figure is not None:
        yield f'<a dir="auto" href="#f-{piece.number}">{escape(one.title)}</a>, '
        yield escape(value_text(piece.figure))
    elif one.title:
        yield f'<span dir="auto">{escape(one.title)}</span>'
    details = [one.author, one.language, one.file_name]
    if piece.path:
        details.append(i18n.file_size(one.size_bytes))
    said = " · ".join(escape(detail) for detail in details if detail)
    if said:
        yield f'<div class="small muted" dir="auto">{said}</div>'
    if one.consent:
        yield f'<div class="small" dir="auto">{escape(_("Consent"))}: {escape(one.consent)}</div>'
    if piece.note:
        yield f'<div class="small muted">{escape(piece.note)}</div>'
    if one.file is not None and not piece.withheld:
        yield f"<div><code>{one.file.hex()}</code></div>"
        if piece.original_sha256 is not None:
            told = _("SHA-256 of the original at the site; this copy is without its hidden data.")
            yield f'<div class="small muted">{escape(told)}</div>'


# ---- figures


def figures(dossier: Dossier) -> Iterator[str]:
    """Every frozen figure with its definition, its table and where it came from."""
    yield f'<section id="figures"><h2>{escape(_("Figures"))}</h2>'
    shown = dossier.figures()
    if not shown:
        yield f'<p class="muted">{escape(_("No figure has been frozen yet."))}</p>'
    for piece in shown:
        if piece.figure is not None:
            yield from _figure(piece, piece.figure)
    yield "</section>"


def _figure(piece: Piece, figure: Figure) -> Iterator[str]:
    yield f'<article id="f-{piece.number}">'
    yield (
        f'<div class="head"><h3><span class="code">{piece.number}</span> '
        f'<span dir="auto">{escape(piece.evidence.title)}</span></h3></div>'
    )
    yield f'<p class="value">{escape(value_text(figure))}</p>'
    yield f"<p>{escape(figure.definition)}</p>"
    yield '<dl class="facts small">'
    for name, value in figure_facts(piece, figure):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    for note in figure.notes:
        yield f'<p class="small">{escape(note)}</p>'
    series = series_of(figure)
    if series is not None:
        yield f"<figure>{bar_chart(series, title=figure.title)}</figure>"
    yield from _table(figure)
    folder = f"findings/{piece.number}"
    links = [
        f'<a href="{file_href(f"{folder}/{name}")}">{escape(words)}</a>'
        for name, words in (
            ("data.csv", _("Table (CSV)")),
            ("query.json", _("What was asked")),
            ("provenance.json", _("Where it came from")),
        )
    ]
    yield f'<p class="small">{" · ".join(links)}</p></article>'


def _table(figure: Figure) -> Iterator[str]:
    if not figure.rows:
        return
    right = [' class="number"' if number else "" for number in columns_that_count(figure)]
    heads = "".join(
        f'<th scope="col"{css}>{escape(name)}</th>' for name, css in zip(figure.columns, right, strict=True)
    )
    count = len(figure.rows)
    told = ngettext("The table: {count} row", "The table: {count} rows", count).format(count=count)
    yield f"<details><summary>{escape(told)}</summary>"
    yield f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>'
    for row in figure.rows[:ROWS_SHOWN]:
        cells = "".join(
            f'<td dir="auto"{css}>{escape(table_text(cell))}</td>'
            for cell, css in zip(row, right, strict=True)
        )
        yield f"<tr>{cells}</tr>"
    yield "</tbody></table></div>"
    if count > ROWS_SHOWN:
        yield f'<p class="small">{escape(_("The rest is in the CSV file."))}</p>'
    yield "</details>"


# ---- actions


def actions(dossier: Dossier) -> Iterator[str]:
    """What is to be done, over all indicators, the earliest due first."""
    yield f'<section id="actions"><h2>{escape(_("Actions"))}</h2>'
    planned = [(sheet.code, action) for sheet in dossier.sheets for action in sheet.actions]
    if not planned:
        yield f'<p class="muted">{escape(_("No action has been planned yet."))}</p></section>'
        return
    planned.sort(key=lambda one: (one[1].due_on is None, one[1].due_on, one[0]))
    heads = (_("Indicator"), _("What"), _("Who"), _("Due"), _("Done when"), _("State"))
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>'
    for code, action in planned:
        due = i18n.day(action.due_on) if action.due_on else "–"
        yield (
            f'<tr><th scope="row"><a href="#i-{escape(code)}">{escape(code)}</a></th>'
            f'<td dir="auto">{escape(action.what)}</td><td dir="auto">{escape(action.owner or "–")}</td>'
            f'<td class="short">{escape(due)}</td><td dir="auto">{escape(action.success or "–")}</td>'
            f"<td>{escape(action_word(action.status))}</td></tr>"
        )
    yield "</tbody></table></div></section>"
