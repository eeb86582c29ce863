"""Shows what some files hold, with every doubt, and asks whether to keep it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ranger_app.gui.look.theme import dialog_width
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.text import plain, strong
from ranger_app.i18n import _, ngettext, number
from ranger_app.patrols.proposals import Draft, Failed, FileDoubt, Proposal, added

WIDTH_EMS = 120
ROWS_SEEN = 5


def kind_words(kind: str, count: int) -> str:
    """So many of a kind of record."""
    words = {
        "patrol": ngettext("{count} patrol", "{count} patrols", count),
        "track": ngettext("{count} track", "{count} tracks", count),
        "waypoint": ngettext("{count} place", "{count} places", count),
        "observation": ngettext("{count} observation", "{count} observations", count),
        "patrol_plan": ngettext("{count} planned route", "{count} planned routes", count),
        "data_model": ngettext("{count} data model", "{count} data models", count),
        "attachment": ngettext("{count} file", "{count} files", count),
    }
    return words[kind].format(count=number(count)) if kind in words else ""


def counts_words(counts: dict[str, int]) -> str:
    """What a person calls by name among the records, such as "2 patrols, 3 tracks"."""
    order = ("patrol", "track", "waypoint", "observation", "patrol_plan", "data_model", "attachment")
    return ", ".join(kind_words(kind, counts[kind]) for kind in order if counts.get(kind))


class ProposalForm(Asking):
    """A look before anything is written."""

    def __init__(self, parent: QWidget, proposal: Proposal) -> None:
        self.drafts = Listing(
            [
                Column[Draft](_("File"), lambda one: one.file, width_ems=26),
                Column(_("What"), _what, stretch=True, tip=lambda one: one.about),
                Column(_("It is"), _state),
            ],
            name=_("What the files hold"),
            empty=EmptyState("file", _("There is nothing in them")),
            key=id,
        )
        self.doubts = Listing(
            [
                Column[FileDoubt](_("File"), lambda one: one.file or _("all"), width_ems=26),
                Column(_("Look at this"), lambda one: one.text, stretch=True, tip=lambda one: one.text),
            ],
            name=_("Doubts"),
            empty=EmptyState("check", _("No doubts")),
            key=id,
        )
        self.failed = Listing(
            [
                Column[Failed](_("File"), lambda one: Path(one.file).name, width_ems=26),
                Column(
                    _("Why it was not read"), lambda one: one.text, stretch=True, tip=lambda one: one.text
                ),
            ],
            name=_("Files that were not read"),
            empty=EmptyState("check", _("All were read")),
            key=id,
        )
        self.drafts.show_rows(proposal.drafts)
        self.doubts.show_rows(proposal.doubts)
        self.failed.show_rows(proposal.failed)
        for listing in (self.drafts, self.doubts, self.failed):
            height = listing.table.verticalHeader().defaultSectionSize()
            rows = max(min(listing.model.rowCount(), ROWS_SEEN), 1)
            listing.setMinimumHeight(height * (rows + 1) + height // 2)
        super().__init__(
            parent,
            _("Take in patrols"),
            _("Take in"),
            plain(summary(proposal)),
            self.drafts,
            strong(_("Doubts")),
            self.doubts,
            *([strong(_("Not read")), self.failed] if proposal.failed else []),
        )
        self.setMinimumWidth(dialog_width(WIDTH_EMS))
        self.go_on.setEnabled(bool(proposal.made or proposal.changed))
        if not self.go_on.isEnabled():
            self.go_on.setToolTip(_("Everything in these files is here already."))


def summary(proposal: Proposal) -> str:
    """What taking in would do, in a sentence."""
    new, here = counts_words(proposal.made), counts_words(proposal.matched)
    if new and here:
        return _("New: {new}. Here already: {here}.").format(new=new, here=here)
    if new:
        return _("New: {new}.").format(new=new)
    if here:
        return _("Everything is here already: {here}.").format(here=here)
    return _("There is nothing to take in.")


def _what(draft: Draft) -> str:
    held = counts_words(added([draft.made, draft.matched]))
    return " · ".join(part for part in (draft.title, draft.about or held) if part)


def _state(draft: Draft) -> str:
    if draft.changed:
        return _("updated")
    if draft.made:
        return _("new") if not draft.matched else _("partly new")
    return _("here already")
