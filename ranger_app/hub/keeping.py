"""What a hub's keeper asks of it: its sites, who came, what is sound, and how to back it up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import KnownError, Refused, WorkspaceLocked
from ranger_app.domain.ids import Id, id_text
from ranger_app.hub.house import DEVICE, open_house
from ranger_app.hub.settings import NAME, read_settings
from ranger_app.hub.shelf import Visit
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.sync.hub.wire import read_receipt
from ranger_app.sync.people.admission import FOLDER as ADMITTED
from ranger_app.sync.people.admission import GuestList


class Keeper:
    """Looks at the hub of a folder, also while it serves; what it answers can be printed as JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._settings = read_settings(folder)
        self._house = open_house(folder, looks_on=True)

    @property
    def guests(self) -> GuestList:
        """Who is let in."""
        return self._house.guests

    def sites(self) -> list[dict[str, Any]]:
        """What is kept, site by site."""
        return [
            {
                "id": id_text(Id(one.site)),
                "name": one.name,
                "laptops": one.laptops,
                "segments": one.segments,
                "changes_bytes": one.changes_bytes,
                "files": one.files,
                "files_bytes": one.files_bytes,
            }
            for one in self._house.shelf.holdings()
        ]

    def devices(self) -> list[dict[str, Any]]:
        """The laptops that came, site by site, the last that came first."""
        shelf = self._house.shelf
        found = []
        for site in shelf.streams():
            for visit in sorted(shelf.visits(site), key=lambda one: -one.at_ms):
                member = shelf.member(site, visit.device)
                guest = self.guests.find(visit.device)
                found.append(
                    {
                        "site": id_text(Id(site)),
                        "device": visit.device.hex(),
                        "name": (member.name if member else "") or (guest.name if guest else ""),
                        "role": member.role if member else None,
                        "revoked": member is not None and member.role is None,
                        "seen_at": _moment(visit.at_ms),
                        "receipt_at": _receipt_at(visit),
                    }
                )
        return found

    def verify(self, work: Work, *, forget: bool = False) -> list[dict[str, Any]]:
        """Look at every change and every file of every site; with `forget`, throw damaged files away."""
        shelf = self._house.shelf
        try:
            return [
                {"site": id_text(Id(site)), "problems": shelf.verify(site, work, forget=forget)}
                for site in shelf.streams()
            ]
        except WorkspaceLocked as error:
            raise Refused(
                _("The hub has this folder open."), _("Stop it while everything is looked at.")
            ) from error

    def backup(self) -> list[str]:
        """What to copy and how, a sentence each."""
        keys = _(
            "Copy {device} and {settings} once, and keep the copy apart: without its key this is another hub."
        ).format(device=self._folder / DEVICE, settings=self._folder / NAME)
        if not self._settings.database:
            return [
                _("Copy {device} once, and keep the copy apart: without its key this is another hub.").format(
                    device=self._folder / DEVICE
                ),
                _("Copy {admitted} after each “hub admin allow” and “forget”.").format(
                    admitted=self._folder / ADMITTED
                ),
                _(
                    "Copy {sites} while the hub is stopped, or from a snapshot of the file system: a "
                    "database that is being written does not copy whole."
                ).format(sites=self._folder / "sites"),
            ]
        return [
            keys,
            _(
                "Archive PostgreSQL's write-ahead log, with pgBackRest or WAL-G: a dump each night loses a "
                "day, the log loses seconds. Receipts are signed for what is in the database."
            ),
            _("Keep versions in the store of files ({place}), or copy it; files there never change.").format(
                place=self._settings.objects
            ),
            _("Back up the database first and the files after it: then it speaks of none that is missing."),
            _("Rehearse it: restore both elsewhere, and run “hub admin verify” there."),
        ]

    def well(self) -> KnownError | None:
        """What is wrong with what lies behind the hub, if anything is."""
        try:
            self._house.shelf.well()
        except KnownError as error:
            return error
        return None

    def close(self) -> None:
        """Let go of everything."""
        self._house.shelf.close()


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="seconds")


def _receipt_at(visit: Visit) -> str | None:
    try:
        return _moment(read_receipt(visit.receipt).at_ms) if visit.receipt else None
    except KnownError:
        return None
