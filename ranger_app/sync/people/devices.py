"""The laptops of a site: who joins, what each may do, and what becomes of one that is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ranger_app.domain.directory import (
    ENROL,
    GROUP_KEY,
    OUTSIDE_KEY,
    QUOTA,
    RECOVERY_KEY,
    REVOKE,
    ROLE,
    Directory,
    Entry,
)
from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.ids import Id
from ranger_app.domain.members import Member
from ranger_app.domain.roles import ADMINISTRATOR, OUTSIDE
from ranger_app.domain.sites import Site
from ranger_app.durable import write_whole
from ranger_app.i18n import _
from ranger_app.security.enrolment import (
    MAX_ANSWER,
    MAX_REQUEST,
    Answer,
    Request,
    answer_bytes,
    read_answer,
    read_bounded,
    read_request,
    request_bytes,
    site_words,
    spelled,
)
from ranger_app.security.entries import follow_signed, seal_secrets
from ranger_app.security.keys import write_keys
from ranger_app.security.recovery import make_recovery_key, read_sheet, sheet_text
from ranger_app.security.sealing import recipient_of
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.aside import KeptAside, count_aside, kept_aside
from ranger_app.storage.exchange.elsewhere import forget_heard
from ranger_app.storage.exchange.exchanging import take
from ranger_app.storage.faults import disk_told
from ranger_app.storage.opening import DEVICE_FOLDER
from ranger_app.storage.query import equal
from ranger_app.sync.people.chain import Chain, outsiders_of
from ranger_app.sync.people.laptops import Laptop, laptops
from ranger_app.sync.people.naming import role_named
from ranger_app.sync.people.people import People
from ranger_app.sync.people.recovering import recovering


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
        self._chain = Chain(workspace)

    # -- what there is

    def directory(self) -> Directory | None:
        """The home site's directory; None before there is one, and everything is allowed."""
        return self._chain.directory()

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
        directory = self._chain.need()
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

    def by_the_maker(self) -> bool:
        """Whether every laptop of the site follows its directory unasked (see `Chain.by_the_maker`)."""
        return self._chain.by_the_maker()

    def forks(self) -> Sequence[Entry]:
        """Entries that two administrators wrote apart and that do not hold: to be done again."""
        found = self._chain.followed()
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
        return self._chain.group_secrets()

    def recipients(self) -> list[str]:
        """Whom a bundle of this site is sealed to: its newest group key, and its recovery sheet."""
        directory = self._chain.need()
        return [directory.groups[-1], *filter(None, [directory.recovery_recipient])]

    def change_passphrase(self, new: str) -> None:
        """Seal this workspace under a new passphrase. The database's own key stays, so that this takes a
        moment whatever its size; a backup of the device folder still opens with the old one. Whoever has this
        passphrase lets everybody in who has none of their own: so of the people who sign in here only an
        administrator chooses it."""
        workspace = self._workspace
        person = People(workspace).present
        if workspace.author and (person is None or ADMINISTRATOR not in person.roles):
            raise Refused(
                _("The laptop's own passphrase is changed by an administrator; nothing was changed."),
                _("Change yours instead: ranger-app person passphrase."),
            )
        if workspace.keys.database_key is None:
            raise Refused(
                _("This workspace was made without a passphrase."),
                _("Make a protected one with “ranger-app join” and read a bundle there."),
            )
        folder = workspace.folder / DEVICE_FOLDER
        with disk_told(folder):
            write_keys(folder, workspace.keys, new)

    # -- joining

    def request(self, *, name: str = "") -> tuple[Request, bytes]:
        """This laptop's request to join, and the file that carries it."""
        request = self._chain.request(name=name)
        return request, request_bytes(request, self._workspace.keys.sign)

    def request_code(self) -> bytes:
        """This laptop's request as its QR code says it."""
        return spelled(self.request()[1])

    def write_request(self, out: Path) -> None:
        """Write this laptop's request to a file."""
        _request, content = self.request()
        with disk_told(out):
            write_whole(out, content)

    def join_by(self, file: Path) -> Joined:
        """Join by the answer in a file (see `join`)."""
        with disk_told(file):
            content = read_bounded(file, MAX_ANSWER)
        return self.join(content)

    def join(self, untrusted: bytes) -> Joined:
        """Become one of the site's devices by an administrator's answer."""
        answer = read_answer(untrusted, self._chain.secret())
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
        directory = self._chain.begun()
        present = directory.members.get(request.replica)
        if present is not None and present.role not in (None, role):
            raise Refused(
                _("“{name}” is one of the site's devices already, as {role}.").format(
                    name=present.name, role=present.role
                ),
                _("Give it another role: ranger-app device role DEVICE ROLE."),
            )
        if present is None or present.role is None:
            content = {"device": request.device(), "role": role}
            if role in OUTSIDE:
                outside = self._chain.new_outside(directory, also=request.recipient)
                self._chain.write((ENROL, content), (OUTSIDE_KEY, outside))
            else:
                sealed = {request.recipient: seal_secrets(self.group_secrets(), request.recipient)}
                self._chain.write((ENROL, content | {"sealed": sealed}))
        directory = self._chain.need()
        entries = self._chain.entries()
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
        directory = self._chain.need()
        member = directory.members[replica]
        role = role_named(role)
        if member.role == role:
            return
        if member.role is None:
            raise Refused(
                _("“{name}” was revoked.").format(name=member.name), _("Enrol it again with a new request.")
            )
        after = self._chain.held(directory, member, accept_up_to)
        content: dict[str, Any] = {"replica": replica, "role": role, "after": after}
        if role in OUTSIDE:  # it keeps the keys that it has, and gets none of what comes
            outside = self._chain.new_outside(directory, also=member.recipient)
            group = self._chain.new_group(directory, without=replica)
            self._chain.write((ROLE, content), (GROUP_KEY, group), (OUTSIDE_KEY, outside))
        elif member.role in OUTSIDE:
            content["sealed"] = {member.recipient: seal_secrets(self.group_secrets(), member.recipient)}
            outside = self._chain.new_outside(directory, without=replica)
            self._chain.write((ROLE, content), (OUTSIDE_KEY, outside))
            forget_heard(self._workspace, directory.incarnations(member))
        else:
            self._chain.write((ROLE, content))

    def part_from_outsiders(self) -> bool:
        """Give the park a group key of its own, where outsiders were enrolled before they had theirs; whether
        there was anything to do. Only an administrator's laptop can."""
        directory = self.directory()
        if directory is None or directory.outside or not outsiders_of(directory) or self.why_not():
            return False
        self._chain.write(
            (GROUP_KEY, self._chain.new_group(directory, without=b"")),
            (OUTSIDE_KEY, self._chain.new_outside(directory)),
        )
        return True

    def revoke(self, replica: bytes, *, accept_up_to: int | None = None) -> int:
        """Shut a device out: what it wrote after number `accept_up_to` (what is here, if not said) is kept
        aside everywhere, and the others get a new group key. Returns the number."""
        directory = self._chain.need()
        up_to = self._chain.held(directory, directory.members[replica], accept_up_to)
        revoke = (REVOKE, {"replica": replica, "accept_up_to": up_to})
        role = directory.members[replica].role
        if role is None:
            self._chain.write(revoke)  # only the number moves
        elif role in OUTSIDE and directory.outside:
            outside = self._chain.new_outside(directory, without=replica)
            self._chain.write(revoke, (OUTSIDE_KEY, outside))
        else:
            self._chain.write(revoke, (GROUP_KEY, self._chain.new_group(directory, without=replica)))
        return up_to[replica]

    def set_quota(self, replica: bytes, changes: int) -> None:
        """Let a device bring so many changes under each of its keys that are known now; what it brought
        beyond is kept aside everywhere, and comes in when it is raised."""
        directory = self._chain.need()
        member = directory.members[replica]
        quota = dict.fromkeys(directory.incarnations(member), changes)
        if quota != member.quota:
            self._chain.write((QUOTA, {"replica": replica, "changes": quota}))

    # -- the recovery sheet

    def print_sheet(self, *, on: date) -> str:
        """A new recovery sheet as text. Those that were printed before hold no longer."""
        self._chain.begun()
        key = make_recovery_key()
        recipient = recipient_of(key.opening_secret)
        sealed = {recipient: seal_secrets(self.group_secrets(), recipient)}
        self._chain.write((RECOVERY_KEY, {"key": key.public_key, "recipient": recipient, "sealed": sealed}))
        return sheet_text(key, site_name=self._site_name(), printed_on=on, words_of_site=self.words_of_site())

    def write_sheet(self, out: Path, *, on: date) -> None:
        """A new recovery sheet as a file: set in type when its name ends in .pdf, else as plain text."""
        text = self.print_sheet(on=on)
        content = text.encode()
        if out.suffix.lower() == ".pdf":
            from ranger_app.sync.people.sheet import sheet_pdf

            content = sheet_pdf(text)
        with disk_told(out):
            write_whole(out, content)

    def check_sheet(self, sheet: str) -> None:
        """`BadInput` or `Refused` unless these are the words of the present recovery sheet."""
        if self._chain.need().recovery_key != read_sheet(sheet).public_key:
            raise Refused(
                _("This is not the present recovery sheet of this site."),
                _("Use the one that was printed last, and read the newest bundle first."),
            )

    def why_not(self) -> str:
        """Why the list of devices and people may not be changed here now; empty when it may."""
        directory = self.directory()
        why = self._chain.why_not(directory, self._workspace.keys.replica) if directory else None
        return " ".join(why) if why else ""

    def recover(self, sheet: str, *, name: str = "") -> None:
        """Make this laptop an administrator of the site by its printed sheet; and, where people sign in, a
        person of this name as well. `Refused` when that would change nothing."""
        key = read_sheet(sheet)
        self.check_sheet(sheet)
        self._chain.write(*recovering(self._workspace, self._chain, key, name), by=key)

    # -- within

    def _site_name(self) -> str:
        with self._workspace.reading() as data:
            sites = data.find(Site, equal("id", self._workspace.site_id))
        return sites[0].name if sites else ""
