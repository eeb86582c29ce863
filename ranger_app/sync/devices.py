"""The laptops of a site: who joins, what each may do, and what becomes of one that is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ranger_app.domain.clock import wall_ms
from ranger_app.domain.directory import (
    ENROL,
    FOUND,
    GROUP_KEY,
    MAX_NAME,
    RECOVERY_KEY,
    REVOKE,
    ROLE,
    Directory,
    Entry,
    Followed,
    Member,
    grow,
)
from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.ids import Id
from ranger_app.domain.roles import ADMINISTRATOR, ROLES
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.security.enrolment import (
    MAX_REQUEST,
    Answer,
    Request,
    answer_bytes,
    read_answer,
    read_bounded,
    read_request,
    request_bytes,
    site_words,
    write_whole,
)
from ranger_app.security.entries import (
    SignedEntry,
    follow_signed,
    open_secrets,
    read_entry,
    seal_secrets,
    sign_entry,
)
from ranger_app.security.keys import write_keys
from ranger_app.security.opening_key import opening_secret
from ranger_app.security.recovery import RecoveryKey, make_recovery_key, read_sheet, sheet_text
from ranger_app.security.sealing import new_secret, recipient_of
from ranger_app.storage import Workspace
from ranger_app.storage.aside import KeptAside, count_aside, kept_aside
from ranger_app.storage.directories import entries_of, followed
from ranger_app.storage.engine import flush_folder
from ranger_app.storage.exchanging import take, vectors
from ranger_app.storage.faults import disk_told
from ranger_app.storage.opening import DEVICE_FOLDER
from ranger_app.storage.query import equal
from ranger_app.sync.laptops import Laptop, laptops


@dataclass(frozen=True, slots=True)
class Joined:
    """What an answer made of this laptop."""

    site: Id
    site_name: str
    role: str
    words: tuple[str, ...]


class Devices:
    """The site's directory, read by every laptop and written by its administrators'."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    # -- what there is

    def directory(self) -> Directory | None:
        """The home site's directory; None before there is one, and everything is allowed."""
        found = self._followed()
        return found.directory if found else None

    def role(self) -> str | None:
        """What this laptop is by the directory; None when it is none of the site's devices."""
        directory = self.directory()
        member = directory.member_of(self._workspace.keys.replica) if directory else None
        return member.role if member else None

    def words_of_site(self) -> tuple[str, ...]:
        """Six words that every laptop of this site shows; empty before there is a directory."""
        directory = self.directory()
        return site_words(directory.site, directory.root) if directory else ()

    def laptops(self) -> list[Laptop]:
        """The site's devices in the order in which they came, then laptops that only have written."""
        return laptops(self._workspace, self.directory()) if self._workspace.has_site else []

    def find(self, named: str) -> Member:
        """A device of the site by its name or by the beginning of its id."""
        directory = self._need_directory()
        wanted = named.strip()
        found = [
            m
            for m in directory.members.values()
            if m.name == wanted or (len(wanted) >= 4 and m.replica.hex().startswith(wanted.lower()))
        ]
        if len(found) != 1:
            raise NotFound(
                _("There is no single device called “{name}”.").format(name=wanted[:60]),
                _("Use its id as “ranger-app device list” shows it."),
            )
        return found[0]

    def forks(self) -> Sequence[Entry]:
        """Entries that two administrators wrote apart and that do not hold: to be done again."""
        found = self._followed()
        return found.aside if found else ()

    def aside(self, *, limit: int = 1_000) -> list[KeptAside]:
        """Changes that are kept and do not count."""
        return kept_aside(self._workspace, limit=limit)

    def count_aside(self) -> int:
        """How many changes are kept and do not count."""
        return count_aside(self._workspace)

    # -- keys

    def group_secrets(self) -> list[str]:
        """The group keys that this laptop holds, oldest first: they open what is sealed to the site."""
        if not self._workspace.has_site:
            return []
        with self._workspace.reading_raw() as database:
            entries = entries_of(database, self._workspace.site_id)
        secret = self._secret()
        return open_secrets(entries, recipient_of(secret), secret)

    def recipients(self) -> list[str]:
        """Whom a bundle of this site is sealed to: its newest group key, and its recovery sheet."""
        directory = self._need_directory()
        return [directory.groups[-1], *filter(None, [directory.recovery_recipient])]

    def change_passphrase(self, new: str) -> None:
        """Seal this workspace under a new passphrase. The database's own key stays, so that this takes a
        moment whatever its size; a backup of the device folder still opens with the old one."""
        workspace = self._workspace
        if workspace.keys.database_key is None:
            raise Refused(
                _("This workspace was made without a passphrase."),
                _("Make a protected one with “ranger-app join” and read a bundle there."),
            )
        folder = workspace.folder / DEVICE_FOLDER
        with disk_told(folder):
            write_keys(folder, workspace.keys, new)
            flush_folder(folder)

    # -- joining

    def request(self, *, name: str = "") -> tuple[Request, bytes]:
        """This laptop's request to join, and the file that carries it."""
        keys = self._workspace.keys
        shown = (name or self._workspace.device_name)[:MAX_NAME]
        request = Request(shown, keys.public_key, recipient_of(self._secret()))
        return request, request_bytes(request, keys.sign)

    def join(self, untrusted: bytes) -> Joined:
        """Become one of the site's devices by an administrator's answer."""
        answer = read_answer(untrusted, self._secret())
        found = follow_signed(answer.entries, answer.root)
        member = found.followed.directory.members.get(self._workspace.keys.replica) if found else None
        if found is None or found.followed.directory.site != answer.site or member is None or not member.role:
            raise BadInput(
                _("This answer does not make this laptop one of a site's devices."),
                _("Have it made again from this laptop's present request."),
            )
        if self._workspace.has_site and self._workspace.site_id != answer.site:
            raise Refused(
                _("This workspace belongs to another site."),
                _("Make a new one for “{site}”: ranger-app join DIR --request FILE.").format(
                    site=answer.site_name
                ),
            )
        take(self._workspace, (), entries=list(found.entries.values()), root=(answer.site, answer.root))
        if not self._workspace.has_site:
            self._workspace.settle_in(Id(answer.site))
        return Joined(Id(answer.site), answer.site_name, member.role, answer.words)

    def enrol(self, untrusted: bytes, *, role: str) -> bytes:
        """Make the laptop that wrote this request one of the site's devices; returns the answer for it.

        The first enrolment begins the site's directory, with this laptop as its administrator.
        """
        request = read_request(untrusted)
        role = role_named(role)
        directory = self._founded()
        present = directory.members.get(request.replica)
        if present is not None and present.role not in (None, role):
            raise Refused(
                _("“{name}” is one of the site's devices already, as {role}.").format(
                    name=present.name, role=present.role
                ),
                _("Give it another role: ranger-app device role DEVICE ROLE."),
            )
        if present is None or present.role is None:
            sealed = {request.recipient: seal_secrets(self.group_secrets(), request.recipient)}
            content = {"device": request.device(), "role": role, "sealed": sealed}
            self._write((ENROL, content))
        directory = self._need_directory()
        with self._workspace.reading_raw() as database:
            entries = entries_of(database, directory.site)
        answer = Answer(directory.site, self._site_name(), directory.root, entries)
        return answer_bytes(answer, request.recipient)

    def asked(self, file: Path) -> Request:
        """The request in a file, to compare its words before it is answered."""
        with disk_told(file):
            return read_request(read_bounded(file, MAX_REQUEST))

    def answer(self, file: Path, *, role: str, out: Path) -> tuple[str, ...]:
        """Answer the request in a file with another file (see `enrol`); returns the site's six words."""
        with disk_told(file):
            content = read_bounded(file, MAX_REQUEST)
        answer = self.enrol(content, role=role)
        with disk_told(out):
            write_whole(out, answer)
        return self.words_of_site()

    def set_role(self, replica: bytes, *, role: str, accept_up_to: int | None = None) -> None:
        """Give a device another role; what it wrote up to this number (what is here, if not said) keeps the
        role that it had. Naming an older directory in what it writes later does not bring that back."""
        directory = self._need_directory()
        member = directory.members[replica]
        role = role_named(role)
        if member.role == role:
            return
        if member.role is None:
            raise Refused(
                _("“{name}” was revoked.").format(name=member.name), _("Enrol it again with a new request.")
            )
        after = self._held(directory, member, accept_up_to)
        self._write((ROLE, {"replica": replica, "role": role, "after": after}))

    def revoke(self, replica: bytes, *, accept_up_to: int | None = None) -> int:
        """Shut a device out: what it wrote after number `accept_up_to` (what is here, if not said) is kept
        aside everywhere, and the others get a new group key. Returns the number."""
        directory = self._need_directory()
        up_to = self._held(directory, directory.members[replica], accept_up_to)
        revoke = (REVOKE, {"replica": replica, "accept_up_to": up_to})
        if directory.members[replica].role is None:
            self._write(revoke)  # only the number moves
        else:
            self._write(revoke, (GROUP_KEY, self._new_group(directory, without=replica)))
        return up_to[replica]

    # -- the recovery sheet

    def print_sheet(self, *, on: date) -> str:
        """A new recovery sheet as text. Those that were printed before hold no longer."""
        self._founded()
        key = make_recovery_key()
        recipient = recipient_of(key.opening_secret)
        sealed = {recipient: seal_secrets(self.group_secrets(), recipient)}
        self._write((RECOVERY_KEY, {"key": key.public_key, "recipient": recipient, "sealed": sealed}))
        return sheet_text(key, site_name=self._site_name(), printed_on=on, words_of_site=self.words_of_site())

    def recover(self, sheet: str) -> None:
        """Make this laptop an administrator of the site by its printed sheet."""
        directory = self._need_directory()
        key = read_sheet(sheet)
        if directory.recovery_key != key.public_key:
            raise Refused(
                _("This is not the present recovery sheet of this site."),
                _("Use the one that was printed last, and read the newest bundle first."),
            )
        keys = self._workspace.keys
        present = directory.members.get(keys.replica)
        if present is not None and present.role == ADMINISTRATOR:
            return
        if present is not None and present.role is not None:
            after = self._held(directory, present)
            self._write((ROLE, {"replica": keys.replica, "role": ADMINISTRATOR, "after": after}), by=key)
            return
        with self._workspace.reading_raw() as database:
            entries = entries_of(database, directory.site)
        secrets = open_secrets(entries, recipient_of(key.opening_secret), key.opening_secret)
        request, _file = self.request()
        sealed = {request.recipient: seal_secrets(secrets, request.recipient)}
        self._write((ENROL, {"device": request.device(), "role": ADMINISTRATOR, "sealed": sealed}), by=key)

    # -- within

    def _followed(self) -> Followed | None:
        if not self._workspace.has_site:
            return None
        with self._workspace.reading_raw() as database:
            return followed(database, self._workspace.site_id)

    def _need_directory(self) -> Directory:
        directory = self.directory()
        if directory is None:
            raise NotFound(
                _("This site has no list of devices yet."),
                _("Enrolling the first laptop begins one: ranger-app device enrol FILE --role R --out FILE."),
            )
        return directory

    def _founded(self) -> Directory:
        """The directory, begun now by this laptop if there is none."""
        present = self.directory()
        if present is not None:
            return present
        workspace, site = self._workspace, self._workspace.site_id
        secret = new_secret()
        request, _file = self.request()
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
        return self._need_directory()

    def _write(self, *said: tuple[str, dict[str, Any]], by: RecoveryKey | None = None) -> None:
        """Add entries to the end of the directory, all or none."""
        directory = self._need_directory()
        signer = by or self._workspace.keys
        if directory.seniority(signer.replica) is None:
            raise Refused(
                _("Only an administrator's laptop changes the list of devices."),
                _("Do it there, or use the recovery sheet: ranger-app device recover FILE."),
            )
        written: list[SignedEntry] = []
        for kind, content in said:
            signed = sign_entry(
                directory,
                kind,
                content,
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

    def _new_group(self, directory: Directory, *, without: bytes) -> dict[str, Any]:
        """A fresh group key, sealed to every device that stays and to the recovery sheet."""
        secret = new_secret()
        to = [m.recipient for m in directory.standing() if m.replica != without]
        to += filter(None, [directory.recovery_recipient])
        return {"group": recipient_of(secret), "sealed": {r: seal_secrets([secret], r) for r in to}}

    def _held(self, directory: Directory, member: Member, up_to: int | None = None) -> dict[bytes, int]:
        """How far a device's changes are here, under each of its keys; `up_to` instead for the key that it
        joined with."""
        held = vectors(self._workspace).get(self._workspace.site_id, {})
        found = {replica: held.get(replica, 0) for replica in directory.incarnations(member)}
        return found if up_to is None else found | {member.replica: up_to}

    def _secret(self) -> str:
        return opening_secret(self._workspace.folder / DEVICE_FOLDER, self._workspace.keys)

    def _site_name(self) -> str:
        with self._workspace.reading() as data:
            sites = data.find(Site, equal("id", self._workspace.site_id))
        return sites[0].name if sites else ""


def role_named(text: str) -> str:
    """A role as people write it: `data-clerk` and `Data clerk` are one."""
    wanted = text.strip().lower().replace("-", " ").replace("_", " ")
    if wanted not in ROLES:
        raise BadInput(
            _("There is no role “{role}”.").format(role=text[:40]),
            _("Use one of: {roles}.").format(roles=", ".join(ROLES)),
        )
    return wanted
