"""Writes what a person accepted, in one unit of work: all of it, or nothing."""

from __future__ import annotations

import mimetypes
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ranger_app.domain.errors import KnownError
from ranger_app.domain.fields import Record
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.patrols import PatrolPlan, Track
from ranger_app.domain.sites import Attachment
from ranger_app.i18n import _, ngettext, number
from ranger_app.jobs import Work
from ranger_app.patrols.matching import IMPORTING, compare
from ranger_app.patrols.proposals import Accepted, DraftFile, FileDoubt, Proposal, added
from ranger_app.storage import Workspace
from ranger_app.storage.unit import Unit

WRITE_EVERY_BYTES = 8 << 20
"""Tracks that are written before more are gathered, so that a segment stays one that others can take."""


def accept(workspace: Workspace, proposal: Proposal, *, site_id: Id, work: Work) -> Accepted:
    """Keep a proposal. What is here already is compared once more, so that nothing can double meanwhile."""
    attachments, doubts = _stored(workspace, proposal, site_id, work)
    made, matched, changed, deleted = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    counted: set[Id] = set()
    edited = 0

    def count(counter: Counter[str], records: Iterable[Record]) -> None:
        counter.update(record.NAME for record in records if record.id not in counted)
        counted.update(record.id for record in records)

    with workspace.unit(IMPORTING) as unit:
        for draft in work.each(proposal.drafts, len(proposal.drafts), _("Writing")):
            compared = compare(unit.data, draft.records, once=draft.once)
            _add(unit, compared.new)
            for record, fields in compared.changed:
                unit.change(record, **fields)
            count(made, compared.new)
            count(changed, [record for record, _fields in compared.changed])
            count(matched, compared.same)
            count(deleted, compared.deleted)
            matched.update(draft.recognised)
            edited += compared.edited
        compared = compare(unit.data, attachments)
        _add(unit, compared.new)
        count(made, compared.new)
        count(matched, compared.same)
    doubts += _about(deleted, edited)
    return Accepted(
        made=added([made]),
        matched=added([matched, changed]),
        changed=added([changed]),
        kept_as_edited=edited,
        doubts=(*proposal.doubts, *doubts),
        unmapped=proposal.unmapped,
        failed=proposal.failed,
    )


def _add(unit: Unit, records: Sequence[Record]) -> None:
    waiting = 0
    for record in records:
        unit.add(record)
        if isinstance(record, Track):
            waiting += len(record.fixes)
        elif isinstance(record, PatrolPlan):
            waiting += len(record.route or b"")
        if waiting > WRITE_EVERY_BYTES:
            unit.flush()
            waiting = 0


def _stored(
    workspace: Workspace, proposal: Proposal, site_id: Id, work: Work
) -> tuple[list[Attachment], list[FileDoubt]]:
    """The files that came along, put into the store: they must be there before a record speaks of them."""
    attachments: list[Attachment] = []
    doubts: list[FileDoubt] = []
    for name, one in work.each(list(_files(proposal)), None, _("Copying attachments")):
        try:
            content = one.file.read()
        except KnownError as error:
            doubts.append(FileDoubt(name, "attachment-unreadable", error.text))
            continue
        stored = workspace.files.add_bytes(content)
        attachments.append(
            Attachment(
                id=derived_id(0, "attachment", site_id, one.owner_id, one.file.name, stored.sha256),
                site_id=site_id,
                owner_id=one.owner_id,
                owner_kind=one.owner_kind,
                file=stored.sha256,
                file_name=one.file.name,
                media_type=mimetypes.guess_type(one.file.name)[0] or "application/octet-stream",
                size_bytes=stored.size_bytes,
            )
        )
    return attachments, doubts


def _files(proposal: Proposal) -> Iterator[tuple[str, DraftFile]]:
    for draft in proposal.drafts:
        for one in draft.files:
            yield draft.file, one


def _about(deleted: Counter[str], edited: int) -> list[FileDoubt]:
    out = []
    if deleted:
        count = deleted.total()
        text = ngettext(
            "{count} record was deleted here before; it is not brought back.",
            "{count} records were deleted here before; they are not brought back.",
            count,
        )
        out.append(FileDoubt("", "deleted-here", text.format(count=number(count))))
    if edited:
        text = ngettext(
            "{count} value was edited here and the file says otherwise; it stays as it is here.",
            "{count} values were edited here and the file says otherwise; they stay as they are here.",
            edited,
        )
        out.append(FileDoubt("", "edited-here", text.format(count=number(edited))))
    return out
