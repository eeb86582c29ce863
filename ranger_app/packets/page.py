"""The packet's page: one HTML file that any browser shows with the network off, without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from ranger_app import config, i18n
from ranger_app.assessments.gaps import CriterionState, IndicatorState, State
from ranger_app.assessments.packs import Outcome
from ranger_app.assessments.words import state_word
from ranger_app.i18n import _, ngettext
from ranger_app.packets.dossier import Dossier
from ranger_app.packets.manifest import MANIFEST
from ranger_app.packets.page_evidence import actions, figures, file_href, register
from ranger_app.packets.page_indicators import components, state_mark
from ranger_app.packets.wording import cover_facts, gap_counts

REPORT = "assessment.pdf"
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur"})


def render(dossier: Dossier, *, data_paths: Sequence[str]) -> str:
    """The whole page. `data_paths` are the files with data that it links to, beside the evidence.

    Everything that a person wrote is escaped. The policy in its head forbids every request, so that even
    a fault here could not let the page call out.
    """
    sheet = (config.resources_dir() / "report" / "packet.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    language = i18n.language()
    direction = "rtl" if language.partition("_")[0] in RIGHT_TO_LEFT else "ltr"
    title = escape(f"{dossier.site.name}: {dossier.title()}")
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{language.replace("_", "-")}" dir="{direction}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="robots" content="noindex">',
            f"<title>{title}</title>",
            f"<style>{sheet}</style>",
            "</head>",
            "<body>",
            f'<a class="skip" href="#main">{escape(_("Skip to the assessment"))}</a>',
            *_navigation(dossier),
            '<main id="main">',
            *_cover(dossier),
            *_board(dossier),
            *components(dossier),
            *actions(dossier),
            *figures(dossier),
            *register(dossier),
            *_packet(dossier, data_paths),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


# ---- navigation and cover


def _navigation(dossier: Dossier) -> Iterator[str]:
    states = {one.code: one for one in dossier.board.criteria}
    yield f'<nav aria-label="{escape(_("Contents"))}"><ul>'
    yield _nav_line("board", "", _("How it stands"))
    yield "</ul>"
    for group in dossier.pack.groups:
        yield f"<h2>{escape(dossier.pack.of_group(group.code))}</h2><ul>"
        for criterion in group.criteria:
            mark = state_mark(states[criterion.code].state)
            yield _nav_line(
                f"c-{criterion.code}", mark, f"{criterion.code} {dossier.pack.of_criterion(criterion.code)}"
            )
        yield "</ul>"
    yield f"<h2>{escape(_('Behind it'))}</h2><ul>"
    for anchor, words in (
        ("actions", _("Actions")),
        ("figures", _("Figures")),
        ("evidence", _("Evidence register")),
        ("packet", _("This packet")),
    ):
        yield _nav_line(anchor, "", words)
    yield "</ul></nav>"


def _nav_line(anchor: str, mark: str, words: str) -> str:
    return f'<li><a href="#{escape(anchor)}">{mark}<span>{escape(words)}</span></a></li>'


def _cover(dossier: Dossier) -> Iterator[str]:
    site, pack = dossier.site, dossier.pack
    yield "<header>"
    yield f'<p class="kind">{escape(pack.title())}</p>'
    yield f'<h1 dir="auto">{escape(site.name)}</h1>'
    if site.local_name:
        yield f'<p dir="auto">{escape(site.local_name)}</p>'
    yield '<dl class="facts">'
    for name, value in cover_facts(dossier):
        yield f'<dt>{escape(name)}</dt><dd dir="auto">{escape(value)}</dd>'
    yield "</dl>"
    yield f'<p><a href="{REPORT}">{escape(_("The same as a printed report (PDF)"))}</a></p>'
    yield f'<p class="notice">{escape(pack.said("pack", "", "notice").text)}</p>'
    if dossier.map_png:
        picture = base64.b64encode(dossier.map_png).decode()
        alt = _("Map of {site} with its boundary").format(site=site.name)
        yield f'<img class="map" alt="{escape(alt)}" src="data:image/png;base64,{picture}">'
    yield "</header>"


# ---- how it stands


def _board(dossier: Dossier) -> Iterator[str]:
    pack, board = dossier.pack, dossier.board
    yield f'<section id="board"><h2>{escape(_("How it stands"))}</h2>'
    if board.outcome is Outcome.ALL_CRITERIA:
        yield f"<p>{escape(pack.said('pack', '', 'outcome').text)}</p>"
        yield f"<p>{_in_the_way(board.in_the_way())}</p>"
    if board.gates:
        yield f"<h3>{escape(_('Gate indicators'))}</h3>"
        if not pack.rules.gate_certain:
            yield f'<p class="muted small">{escape(pack.said("pack", "", "gate").text)}</p>'
        yield from _table(
            (_("Indicator"), _("State"), _("What is lacking")),
            (_indicator_row(dossier, one) for one in board.gates),
        )
    yield f"<h3>{escape(_('All criteria'))}</h3>"
    yield from _table(
        (_("Criterion"), _("State"), _("What is lacking")),
        (_criterion_row(dossier, one) for one in board.criteria),
    )
    yield "</section>"


def _in_the_way(codes: Sequence[str]) -> str:
    if not codes:
        return escape(_("By the site's own word, nothing stands in the way."))
    links = ", ".join(f'<a href="#c-{escape(code)}">{escape(code)}</a>' for code in codes)
    return escape(_("Still in the way: {criteria}")).replace("{criteria}", links)


def _indicator_row(dossier: Dossier, one: IndicatorState) -> str:
    code = one.indicator.code
    link = f'<a href="#i-{escape(code)}">{escape(dossier.pack.of_indicator(code))}</a>'
    lacking = "<br>".join(f'<span dir="auto">{escape(gap.text)}</span>' for gap in one.gaps) or "–"
    return (
        f'<tr><th scope="row">{escape(code)}</th><td>{link}</td><td>{state(one.state)}</td>'
        f"<td>{lacking}</td></tr>"
    )


def _criterion_row(dossier: Dossier, one: CriterionState) -> str:
    lacking = escape(", ".join(gap_counts(one))) or "–"
    link = f'<a href="#c-{escape(one.code)}">{escape(dossier.pack.of_criterion(one.code))}</a>'
    return (
        f'<tr><th scope="row">{escape(one.code)}</th><td>{link}</td><td>{state(one.state)}</td>'
        f"<td>{lacking}</td></tr>"
    )


def _table(heads: Sequence[str], rows: Iterator[str]) -> Iterator[str]:
    first, *rest = heads
    cells = f'<th scope="col" colspan="2">{escape(first)}</th>' + "".join(
        f'<th scope="col">{escape(head)}</th>' for head in rest
    )
    yield f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>'
    yield from rows
    yield "</tbody></table></div>"


def state(value: State) -> str:
    """A state as a coloured word with its sign, so that colour alone never tells it."""
    return state_mark(value, words=state_word(value))


# ---- the packet itself


def _packet(dossier: Dossier, data_paths: Sequence[str]) -> Iterator[str]:
    yield f'<section id="packet"><h2>{escape(_("This packet"))}</h2>'
    for sentence in dossier.left_out:
        yield f"<p>{escape(sentence)}</p>"
    count = len(dossier.missing)
    if count:
        told = ngettext(
            "{count} thing was missing when it was made.",
            "{count} things were missing when it was made.",
            count,
        )
        yield f"<details><summary>{escape(told.format(count=count))}</summary>"
        yield from _table(
            (_("Indicator"), _("What is missing")),
            (
                f'<tr><th scope="row">{escape(one.indicator)}</th>'
                f'<td colspan="2" dir="auto">{escape(one.text)}</td></tr>'
                for one in dossier.missing
            ),
        )
        yield "</details>"
    yield f"<h3>{escape(_('Files'))}</h3><ul>"
    for path in (*data_paths, MANIFEST):
        yield f'<li><a href="{file_href(path)}">{escape(path)}</a></li>'
    yield "</ul>"
    yield f"<h3>{escape(_('Is it whole and unchanged?'))}</h3>"
    told = _(
        "manifest.json lists every file with its SHA-256 and is signed. Ranger checks it with: {command}. "
        "Without Ranger, compare any file with its line there: certutil -hashfile FILE SHA256 on Windows, "
        "sha256sum FILE elsewhere."
    )
    yield f"<p>{escape(told.format(command='ranger-app assess packet verify PACKET'))}</p>"
    yield f"<footer><p class='small muted'>Ranger {escape(dossier.program_version)}"
    if dossier.device:
        yield f" · {escape(dossier.device)}"
    yield "</p></footer></section>"
