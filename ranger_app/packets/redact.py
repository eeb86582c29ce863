"""Takes out of a packet what its readers must not have: classes of evidence, names, positions, file names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from ranger_app.assessments.figures import Figure
from ranger_app.assessments.sheets import Cited, Sheet, Whole
from ranger_app.domain.assessments import Evidence, EvidenceLink
from ranger_app.domain.fields import Privacy, Record
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.i18n import _, ngettext
from ranger_app.packets.dossier import Piece, Profile

R = TypeVar("R", bound=Record)

CLASSES = {
    Profile.PUBLIC: frozenset({"public"}),
    Profile.ASSESSOR: frozenset({"public", "assessor"}),
    Profile.FULL: frozenset({"public", "assessor", "site"}),
}
"""The classes of confidentiality that each profile lets through; an unknown class passes with none."""


def is_withheld(evidence: Evidence, profile: Profile) -> bool:
    """Whether this piece of evidence stays at home."""
    return evidence.confidentiality not in CLASSES[profile]


def without_private_fields(record: R, profile: Profile) -> R:
    """The record with every field that tells who or where set back to its default."""
    if profile is Profile.FULL:
        return record
    private = {
        field.name: field.default
        for field in BY_NUMBER[record.KIND].fields
        if field.privacy is not Privacy.OPEN
    }
    return replace(record, **private) if private else record


def redacted_evidence(evidence: Evidence, profile: Profile) -> Evidence:
    """A piece of evidence as the profile may see it; of one that is withheld only its number is left."""
    if is_withheld(evidence, profile):
        return Evidence(id=evidence.id, site_id=evidence.site_id, title="", kind=evidence.kind)
    open_ = without_private_fields(evidence, profile)
    if profile is Profile.FULL:
        return open_
    # A file's own name often names a person; what a packet calls it comes from its title.
    open_ = replace(open_, file_name="", figure=None)
    return replace(open_, consent="") if profile is Profile.PUBLIC else open_


def redacted_figure(figure: Figure, profile: Profile) -> Figure:
    """A figure without the columns, and the parts of its query, that tell who or where."""
    if profile is Profile.FULL or not figure.privacy:
        return figure
    shown = [at for at, name in enumerate(figure.columns) if name not in figure.privacy]
    return replace(
        figure,
        columns=tuple(figure.columns[at] for at in shown),
        rows=tuple(tuple(row[at] for at in shown) for row in figure.rows),
        query=_without(figure.query, frozenset(figure.privacy)),
    )


def redacted_whole(whole: Whole, profile: Profile) -> Whole:
    """The assessment as the profile may see it."""
    return replace(whole, sheets=tuple(_redacted_sheet(sheet, profile) for sheet in whole.sheets))


def left_out(pieces: tuple[Piece, ...], profile: Profile) -> tuple[str, ...]:
    """What this profile leaves out, as sentences for the reader."""
    if profile is Profile.FULL:
        return (_("Nothing was left out: this packet is for the site itself."),)
    said = []
    withheld = sum(piece.withheld for piece in pieces)
    if withheld:
        told = ngettext(
            "{count} piece of evidence cannot be in this packet; only its number is shown.",
            "{count} pieces of evidence cannot be in this packet; only their numbers are shown.",
            withheld,
        )
        said.append(told.format(count=withheld))
    said.append(_("Fields that name people or give positions are left out."))
    said.append(
        _(
            "Pictures in JPEG and PNG are copied without their hidden data (position, camera, owner). "
            "Documents are copied as they are."
        )
    )
    return tuple(said)


def _redacted_sheet(sheet: Sheet, profile: Profile) -> Sheet:
    return replace(
        sheet,
        answer=without_private_fields(sheet.answer, profile),
        cited=tuple(
            Cited(
                link=_redacted_link(one.link, withheld=is_withheld(one.evidence, profile)),
                evidence=redacted_evidence(one.evidence, profile),
            )
            for one in sheet.cited
        ),
        actions=tuple(without_private_fields(one, profile) for one in sheet.actions),
    )


def _redacted_link(link: EvidenceLink, *, withheld: bool) -> EvidenceLink:
    return replace(link, page="", note="") if withheld else link


def _without(query: Any, names: frozenset[str]) -> Any:
    """A query without the entries of these names, however deep they lie."""
    if isinstance(query, dict):
        return {name: _without(value, names) for name, value in query.items() if name not in names}
    if isinstance(query, list):
        return [_without(value, names) for value in query]
    return query
