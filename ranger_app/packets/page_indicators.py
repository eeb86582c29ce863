"""The packet's page: components, criteria and indicators with answers, evidence and gaps."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ranger_app import i18n
from ranger_app.assessments.gaps import IndicatorState, State
from ranger_app.assessments.sheets import Sheet
from ranger_app.assessments.words import action_word, confidence_word, gap_word, state_word
from ranger_app.i18n import _
from ranger_app.packets.dossier import Dossier
from ranger_app.packets.page_evidence import citation
from ranger_app.packets.wording import SIGNS, gaps_to_tell, rating_label, wording_note


def state_mark(state: State, *, words: str = "") -> str:
    """The sign of a state; with `words` as a coloured label, without as a sign with a hidden name."""
    colour, sign = SIGNS[state]
    if words:
        return f'<span class="state {colour}"><span aria-hidden="true">{sign}</span>{escape(words)}</span>'
    return f'<span class="mark {colour}" role="img" aria-label="{escape(state_word(state))}">{sign}</span>'


def components(dossier: Dossier) -> Iterator[str]:
    """Every group of the form with its criteria and indicators."""
    states = {one.code: one for one in dossier.board.criteria}
    sheets = {sheet.code: sheet for sheet in dossier.sheets}
    for group in dossier.pack.groups:
        yield f'<section id="g-{escape(group.code)}">'
        yield f"<h2>{escape(group.code)} {escape(dossier.pack.of_group(group.code))}</h2>"
        for criterion in group.criteria:
            state = states[criterion.code]
            yield f'<section id="c-{escape(criterion.code)}">'
            yield (
                f'<h3><span class="code">{escape(criterion.code)}</span> '
                f"{escape(dossier.pack.of_criterion(criterion.code))} "
                f"{state_mark(state.state, words=state_word(state.state))}</h3>"
            )
            for one in state.indicators:
                yield from _indicator(dossier, sheets[one.indicator.code], one)
            yield "</section>"
        yield "</section>"


def _indicator(dossier: Dossier, sheet: Sheet, standing: IndicatorState) -> Iterator[str]:
    pack, answer, indicator = dossier.pack, sheet.answer, sheet.indicator
    shown, label = rating_label(pack, sheet, standing)
    gate = f' <span class="gate">{escape(_("gate"))}</span>' if indicator.gate else ""
    yield f'<article id="i-{escape(sheet.code)}">'
    yield (
        f'<div class="head"><h4><span class="code">{escape(sheet.code)}</span> '
        f"{escape(pack.of_indicator(sheet.code))}{gate}</h4>{state_mark(shown, words=label)}</div>"
    )
    asks = pack.said("indicator", sheet.code, "asks")
    yield f'<p class="muted" lang="{escape(asks.language)}">{escape(asks.text)}</p>'
    if note := wording_note(pack, indicator):
        yield f'<p class="small note">{escape(note)}</p>'
    language = escape(dossier.whole.assessment.language)
    if answer.narrative.strip():
        yield _said(_("How the site meets it"), answer.narrative, language)
    if answer.not_applicable_reason.strip():
        yield _said(_("Why it does not apply"), answer.not_applicable_reason, language)
    if sheet.cited:
        yield f"<h5>{escape(_('Evidence'))}</h5><ul>"
        pieces = dossier.by_evidence()
        for one in sheet.cited:
            if (piece := pieces.get(one.evidence.id)) is not None:
                yield f"<li>{citation(piece, page=one.link.page, note=one.link.note)}</li>"
        yield "</ul>"
    if gaps := gaps_to_tell(standing):
        yield f"<h5>{escape(_('What is lacking'))}</h5><ul>"
        for gap in gaps:
            yield f'<li>{escape(gap_word(gap.kind))}: <span dir="auto">{escape(gap.text)}</span></li>'
        yield "</ul>"
    if answer.gap.strip() and answer.gap not in {gap.text for gap in standing.gaps}:
        yield f'<p class="said" dir="auto" lang="{language}">{escape(answer.gap.strip())}</p>'
    if sheet.actions:
        yield f"<h5>{escape(_('Actions'))}</h5><ul>"
        for action in sheet.actions:
            due = f", {_('due')} {i18n.day(action.due_on)}" if action.due_on else ""
            owner = f", {action.owner}" if action.owner else ""
            words = f"{action.what}{owner}{due} – {action_word(action.status)}"
            yield f'<li dir="auto">{escape(words)}</li>'
        yield "</ul>"
    if answer.confidence:
        told = _("How sure the site is: {confidence}").format(confidence=confidence_word(answer.confidence))
        yield f'<p class="small muted">{escape(told)}</p>'
    yield "</article>"


def _said(head: str, text: str, language: str) -> str:
    return f'<h5>{escape(head)}</h5><p class="said" dir="auto" lang="{language}">{escape(text.strip())}</p>'
