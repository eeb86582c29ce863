"""A site's directory as one laptop reads it and, where it is an administrator's, writes it."""

from __future__ import annotations

from typing import Any

from ranger_app.domain.clock import wall_ms
from ranger_app.domain.directory import FOUND, Directory, Followed, grow
from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.members import Member
from ranger_app.domain.people import MAX_NAME
from ranger_app.domain.roles import OUTSIDE
from ranger_app.i18n import _
from ranger_app.security.enrolment import Request
from ranger_app.security.entries import SignedEntry, open_secrets, read_entry, seal_secrets, sign_entry
from ranger_app.security.opening_key import opening_secret
from ranger_app.security.recovery import RecoveryKey
from ranger_app.security.sealing import new_secret, recipient_of
from ranger_app.storage import Workspace
from ranger_app.storage.changes.directories import entries_of, followed, maker_of
from ranger_app.storage.exchange.exchanging import take, vectors
from ranger_app.storage.opening import DEVICE_FOLDER


def outsiders_of(directory: Directory) -> list[Member]:
    """The standing devices that are to have no more than outsiders (see `roles.OUTSIDE`)."""
    return [one for one in directory.standing() if one.role in OUTSIDE]


def came_in_from_outside(directory: Directory) -> bool:
    """Whether a standing device of the park's own was an outsider's before."""
    return any(
        one.role not in OUTSIDE and any(spell.role in OUTSIDE for spell in one.spells)
        for one in directory.standing()
    )


class Chain:
    """The directory of the home site, with this laptop's keys to it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def directory(self) -> Directory | None:
        """What the chain says; None before there is one, and everything is allowed."""
        found = self.followed()
        return found.directory if found else None

    def followed(self) -> Followed | None:
        """The chain with its forks."""
        if not self._workspace.has_site:
            return None
        with self._workspace.reading_raw() as database:
            return followed(database, self._workspace.site_id)

    def need(self) -> Directory:
        """What the chain says; `NotFound` before there is one."""
        directory = self.directory()
        if directory is None:
            raise NotFound(
                _("This site has no list of devices yet."),
                _("Enrolling the first laptop begins one: ranger-app device enrol FILE --role R --out FILE."),
            )
        return directory

    def begun(self) -> Directory:
        """The directory, begun now by this laptop if there is none."""
        present = self.directory()
        if present is not None:
            return present
        workspace, site = self._workspace, self._workspace.site_id
        secret = new_secret()
        request = self.request()
        content = {
            "device": request.device(),
            "accepted": vectors(workspace).get(site, {}),
            "group": recipient_of(secret),
            "sealed": {request.recipient: seal_secrets([secret], request.recipient)},
        }
        keys = workspace.keys
        first = sign_entry(
            None, FOUND, content, site=site, signer=keys.replica, sign=keys.sign, at_ms=wall_ms()
        )
        take(workspace, (), entries=[first], root=(site, read_entry(first.body).hash))
        return self.need()

    def by_the_maker(self) -> bool:
        """Whether the laptop that made the site began its directory. Otherwise only those follow it who join
        by an answer."""
        directory = self.need()
        with self._workspace.reading_raw() as database:
            return maker_of(database, directory.site) == directory.founder

    def write(self, *said: tuple[str, dict[str, Any]], by: RecoveryKey | None = None) -> None:
        """Add entries to the end of the directory, all or none."""
        directory = self.need()
        signer, author = by or self._workspace.keys, self._workspace.author or b""
        if why := self.why_not(directory, signer.replica):
            raise Refused(*why)
        written: list[SignedEntry] = []
        for kind, content in said:
            signed = sign_entry(
                directory,
                kind,
                content | ({"by": author} if author and by is None else {}),
                site=directory.site,
                signer=signer.replica,
                sign=signer.sign,
                at_ms=wall_ms(),
            )
            grown = grow(directory, read_entry(signed.body), lambda _key, _entry: True)
            if grown is None:
                raise Refused(
                    _("The site would be left without an administrator."),
                    _("Make another laptop an administrator first, or print a recovery sheet."),
                )
            directory = grown
            written.append(signed)
        take(self._workspace, (), entries=written)

    def why_not(self, directory: Directory, signer: bytes) -> tuple[str, str] | None:
        """Why this hand may not add to the directory, with who is signed in, and the way out."""
        if directory.seniority(signer) is None:
            return (
                _("Only an administrator's laptop changes the list of devices."),
                _("Do it there, or use the recovery sheet: ranger-app device recover FILE."),
            )
        member = directory.members.get(signer)
        if member is not None and not directory.administers(member, self._workspace.author or b""):
            return (
                _("Only a person who is administrator changes the list of devices and people."),
                _("Sign in as one; in a script, name them: --as NAME."),
            )
        return None

    def new_group(self, directory: Directory, *, without: bytes) -> dict[str, Any]:
        """A fresh group key of the park, sealed to every device of its own that stays and to the recovery
        sheet."""
        staying = (m for m in directory.standing() if m.role not in OUTSIDE)
        return self._sealed_to(directory, [m.recipient for m in staying if m.replica != without])

    def new_outside(
        self, directory: Directory, *, without: bytes = b"", also: str | None = None
    ) -> dict[str, Any]:
        """A fresh key of those outside, sealed to each of them that stays, to one who comes, and to the
        recovery sheet. No laptop of the park has it or needs it: sealing asks for the public half alone."""
        to = [m.recipient for m in outsiders_of(directory) if m.replica != without]
        return self._sealed_to(directory, [*to, *filter(None, [also])])

    def _sealed_to(self, directory: Directory, recipients: list[str]) -> dict[str, Any]:
        secret = new_secret()
        to = dict.fromkeys([*recipients, *filter(None, [directory.recovery_recipient])])
        return {"group": recipient_of(secret), "sealed": {r: seal_secrets([secret], r) for r in to}}

    def held(self, directory: Directory, member: Member, up_to: int | None = None) -> dict[bytes, int]:
        """How far a device's changes are here, under each of its keys; `up_to` instead for the key that it
        joined with."""
        held = vectors(self._workspace).get(self._workspace.site_id, {})
        found = {replica: held.get(replica, 0) for replica in directory.incarnations(member)}
        return found if up_to is None else found | {member.replica: up_to}

    def secret(self) -> str:
        """The age identity of this laptop."""
        return opening_secret(self._workspace.folder / DEVICE_FOLDER, self._workspace.keys)

    def request(self, *, name: str = "") -> Request:
        """This laptop as it shows itself."""
        shown = (name or self._workspace.device_name)[:MAX_NAME]
        return Request(shown, self._workspace.keys.public_key, recipient_of(self.secret()))

    def entries(self) -> list[SignedEntry]:
        """All entries, as they travel."""
        if not self._workspace.has_site:
            return []
        with self._workspace.reading_raw() as database:
            return entries_of(database, self._workspace.site_id)

    def group_secrets(self) -> list[str]:
        """The group keys that this laptop holds, oldest first."""
        secret = self.secret()
        return open_secrets(self.entries(), recipient_of(secret), secret)
