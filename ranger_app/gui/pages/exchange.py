"""The Exchange page: bundles out and in, what they moved, the laptops seen, and backups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.gui.context import Context
from ranger_app.gui.hub_section import HubSection
from ranger_app.gui.page import Command, Page
from ranger_app.gui.stick_section import StickSection
from ranger_app.gui.unfinished import STICK
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, page_column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.role_words import role_words
from ranger_app.gui.widgets.text import code, fault, muted, plain, say
from ranger_app.i18n import _, file_size, moment, ngettext, number
from ranger_app.sync.bundles.diary import WRITTEN, Entry
from ranger_app.sync.people.laptops import quota_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ranger_app.gui.drafts import Typed


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup of the database."""

    path: Path
    made_at: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Seen:
    """All that this page shows."""

    listed: bool
    """Whether the site has a list of devices."""
    role: str | None
    aside: int
    quotas: list[str]
    """Who has brought more than they may, and what to do."""
    differences: int
    diary: list[Entry]
    backups: list[Backup]


class ExchangePage(Page):
    """Nothing here asks for a network."""

    page_id = "exchange"
    watches = frozenset({"device", "site"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stick = StickSection(self)
        self.differences = plain(_("Looking…"))
        self.backups = plain(_("Looking…"))
        self.checked = fault()
        self.standing = plain(_("Looking…"))
        self.diary = Listing(
            [
                Column[Entry](_("When"), lambda one: moment(one.at.astimezone()), lambda one: one.at),
                Column(_("What"), lambda one: _("written") if one.way == WRITTEN else _("read")),
                Column(_("Where"), lambda one: one.place, stretch=True),
                Column(
                    _("Changes"), lambda one: number(one.segments), lambda one: one.segments, numeric=True
                ),
                Column(_("Files"), lambda one: number(one.files), lambda one: one.files, numeric=True),
            ],
            name=_("Bundles written and read"),
            empty=EmptyState(
                "exchange",
                _("No bundle has left or come yet"),
                _("Write one to a stick and read it on another laptop of the same site."),
            ),
        )
        self.hub = HubSection(self)
        self._lay_out()

    def commands(self) -> Mapping[str, Command]:
        return {
            "exchange.write": self.stick.ask_to_write,
            "exchange.read": self.stick.ask_to_read,
            "exchange.sync": self.hub.sync,
            "exchange.backup": self._back_up,
        }

    def go_to(self, **where: Any) -> None:
        """Come here to do something at once (`do`, the id of one of the commands), or to go on with a stick
        (`stick`)."""
        if STICK in where:
            self.stick.go_on(where[STICK])
        else:
            self.commands()[where["do"]]()

    def came_up(self) -> None:
        super().came_up()
        self.stick.reload()

    def half_written(self) -> Mapping[str, Typed]:
        return self.hub.half_written()

    def closing(self) -> None:
        self.stick.watch.end()

    def reload(self) -> None:
        ranger = self.context.ranger
        self.fetch(lambda work: look(ranger), self._show, key="exchange")
        self.stick.reload()
        self.hub.reload()

    # ---- how it looks

    def _lay_out(self) -> None:
        make = button(_("Make a backup"), icon="backup", on=self._back_up)
        check = button(_("Check everything"), icon="shield", on=self._verify)
        restoring = _(
            "To go back to a backup, close this workspace, open a terminal in its folder, and type this."
        )
        kept = _("What it replaces is kept beside it. To keep the photos too, copy the whole folder.")
        backups = Card(
            _("Backups"),
            self.backups,
            self.checked,
            row(make, check, None),
            muted(restoring),
            code("ranger-app restore --workspace ."),
            muted(kept),
        )
        settle = button(_("Settle them…"), icon="differences", on=lambda: self.context.go("differences"))
        self.settle = settle
        differences = Card(_("Differences"), self.differences, row(settle, None))
        see = button(_("Laptops and people…"), icon="device", on=lambda: self.context.go("people"))
        laptops = Card(_("Laptops"), self.standing, row(see, None))
        self.diary.setMinimumHeight(self.diary.table.verticalHeader().defaultSectionSize() * 5)
        page_column(
            self,
            self.stick,
            self.hub,
            Beside(
                [Card(_("What moved"), self.diary), differences],
                [laptops, backups],
            ),
            None,
        )

    def _show(self, seen: Seen) -> None:
        say(self.standing, *standing_words(seen))
        self.diary.show_rows(seen.diary)
        say(self.backups, _backup_words(seen.backups))
        self.settle.setVisible(bool(seen.differences))
        if seen.differences:
            words = ngettext(
                "{count} field has two values that were written apart. Both are kept; nothing is lost.",
                "{count} fields have two values that were written apart. Both are kept; nothing is lost.",
                seen.differences,
            )
            say(self.differences, words.format(count=number(seen.differences)), "warning")
        else:
            say(self.differences, _("There are none: all laptops that were read agree."))

    # ---- backups

    def _back_up(self) -> None:
        workspace = self.context.ranger.workspace

        def done(path: Path) -> None:
            self.context.messages.say(_("A backup was made and checked: {name}").format(name=path.name))
            self.reload()

        self.do(lambda work: workspace.back_up(), _("Making a backup"), done)

    def _verify(self) -> None:
        ranger = self.context.ranger

        def done(found: dict[str, Any]) -> None:
            problems = found["problems"]
            if problems:
                say(self.checked, "\n".join(problems), "danger")
            else:
                words = _("Everything is as it was written: {segments} changes and {files} files.")
                say(
                    self.checked,
                    words.format(segments=number(found["segments"]), files=number(found["files"])),
                    "good",
                )

        self.do(ranger.verify, _("Checking everything"), done)


def look(ranger: Any) -> Seen:
    """Gather what the page shows; runs on a worker's thread."""
    workspace = ranger.workspace
    found = sorted((workspace.folder / "backups").glob("*.db"), reverse=True)
    return Seen(
        listed=ranger.devices.directory() is not None,
        role=ranger.devices.role(),
        aside=ranger.devices.count_aside(),
        quotas=quota_words(ranger.devices.laptops()),
        differences=workspace.differences(),
        diary=ranger.exchange.diary(),
        backups=[
            Backup(path, datetime.fromtimestamp(path.stat().st_mtime, UTC), path.stat().st_size)
            for path in found
        ],
    )


def standing_words(seen: Seen) -> tuple[str, str]:
    """What this laptop may do here and what is kept aside, with the tone to say it in."""
    if not seen.listed:
        return _(
            "Every laptop that has this site's bundles may write. Answering the first begins a list."
        ), ""
    if seen.role is None:
        return _("This laptop is not enrolled: it can read, and nobody would take its changes."), "warning"
    words = _("This laptop's role: {role}.").format(role=role_words(seen.role))
    if not seen.aside:
        return " ".join([words, *seen.quotas]), "warning" if seen.quotas else ""
    aside = ngettext(
        "{count} change is kept aside and does not count.",
        "{count} changes are kept aside and do not count.",
        seen.aside,
    )
    return " ".join([words, aside.format(count=number(seen.aside)), *seen.quotas]), "warning"


def _backup_words(backups: list[Backup]) -> str:
    if not backups:
        return _("There is no backup yet. One is made by itself before each new version of the database.")
    newest = backups[0]
    words = ngettext(
        "{count} backup is kept; it is of {when}, {size}.",
        "{count} backups are kept; the newest is of {when}, {size}.",
        len(backups),
    )
    when = moment(newest.made_at.astimezone())
    return words.format(count=number(len(backups)), when=when, size=file_size(newest.bytes))
