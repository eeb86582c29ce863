"""What the packet's page and its printed report say alike: facts, labels, signs."""

from __future__ import annotations

from ranger_app import i18n
from ranger_app.assessments.figures import Figure
from ranger_app.assessments.gaps import CriterionState, Gap, GapKind, IndicatorState, State
from ranger_app.assessments.packs import FormPack, Indicator
from ranger_app.assessments.sheets import Sheet
from ranger_app.assessments.words import basis_word, gap_word
from ranger_app.i18n import _, ngettext
from ranger_app.packets.dossier import Dossier, Piece, Profile

SIGNS = {
    State.MET: ("good", "✓"),
    State.CLAIMED: ("warn", "?"),
    State.PARTLY: ("warn", "◐"),
    State.NOT_MET: ("bad", "✕"),
    State.UNFINISHED: ("quiet", "…"),
    State.NOT_STARTED: ("quiet", "○"),
    State.NOT_APPLICABLE: ("quiet", "–"),
}
"""Colour and sign of each state; the sign, because colour alone must never tell."""


def profile_word(profile: Profile) -> str:
    return {
        Profile.PUBLIC: _("Everybody"),
        Profile.ASSESSOR: _("Expert group and reviewer"),
        Profile.FULL: _("The site itself"),
    }[profile]


def cover_facts(dossier: Dossier) -> list[tuple[str, str]]:
    """Name and value of what stands on the cover; what is not known is left out."""
    site, pack = dossier.site, dossier.pack
    facts = [
        (_("Assessment"), dossier.title()),
        (_("Round"), str(dossier.whole.assessment.round)),
        (_("Form"), f"{pack.id}, {_('edition')} {pack.edition}"),
        (_("Country"), site.country),
        (_("World database"), site.world_database_id),
        (_("Category"), site.management_category),
        (_("Governance"), site.governance_type),
        (_("Area"), i18n.area_km2(site.area_km2 * 1e6) if site.area_km2 else ""),
        (_("Made"), i18n.moment(dossier.made_at) + " UTC"),
        (_("Made for"), profile_word(dossier.profile)),
    ]
    return [(name, value) for name, value in facts if value]


def gap_counts(criterion: CriterionState) -> list[str]:
    """How many gaps of each kind a criterion has, such as "No document 2"."""
    counts: dict[str, int] = {}
    for gap in criterion.gaps():
        counts[gap.kind.value] = counts.get(gap.kind.value, 0) + 1
    return [f"{gap_word(kind)} {count}" for kind, count in counts.items()]


def gaps_to_tell(standing: IndicatorState) -> tuple[Gap, ...]:
    """The gaps of an indicator that its rating does not tell already."""
    return tuple(gap for gap in standing.gaps if gap.kind is not GapKind.NOT_ANSWERED)


def rating_label(pack: FormPack, sheet: Sheet, standing: IndicatorState) -> tuple[State, str]:
    """The rating in the form's own words, and the state whose colour and sign it wears."""
    if versions := sheet.unsettled.get("rating"):
        told = ngettext("{n} version, not settled", "{n} versions, not settled", versions)
        return standing.state, told.format(n=versions)
    label = pack.of_rating(sheet.answer.rating)
    if standing.state is State.CLAIMED:
        return State.CLAIMED, f"{label} – {_('not shown yet')}"
    return standing.state, label


def wording_note(pack: FormPack, indicator: Indicator) -> str:
    """That the words of this row are ours and how sure we are of them; empty for a verified row."""
    if indicator.verified:
        return ""
    return f"{pack.said('pack', '', 'unverified').text} ({basis_word(indicator.basis)})"


def figure_facts(piece: Piece, figure: Figure) -> list[tuple[str, str]]:
    """What a reader has to know of a figure, as name and value."""
    first = i18n.day(figure.starts_on) if figure.starts_on else _("the beginning")
    last = i18n.day(figure.ends_on) if figure.ends_on else _("the day it was frozen")
    facts = [(_("Period"), _("{first} to {last}").format(first=first, last=last))]
    if figure.interval is not None and figure.interval_method:
        facts.append((_("Interval"), figure.interval_method))
    if figure.checked_share is not None:
        facts.append((_("Checked by a person"), i18n.percent(figure.checked_share)))
    if piece.evidence.frozen_at is not None:
        facts.append((_("Frozen"), i18n.moment(piece.evidence.frozen_at) + " UTC"))
    facts.append((_("Program"), f"Ranger {figure.program_version}"))
    if figure.data_version:
        facts.append((_("State of the data"), figure.data_version))
    return facts
