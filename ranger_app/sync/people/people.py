"""The people of a site: who may sign in on this laptop, who has, and what they left half written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ranger_app.domain.directory import Directory
from ranger_app.domain.errors import BadInput, NotFound, Refused, WrongPassphrase
from ranger_app.domain.ids import Id, id_text, new_id
from ranger_app.domain.members import Member
from ranger_app.domain.people import PERSON, RETIRE, Person, anybody_on
from ranger_app.domain.roles import ADMINISTRATOR
from ranger_app.i18n import _
from ranger_app.security import doors, key_store
from ranger_app.security.key_store import Store
from ranger_app.security.keys import read_keys
from ranger_app.storage import Workspace
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.changes.judging import Standing, standing
from ranger_app.storage.faults import disk_told
from ranger_app.storage.meta import drop_note, noted_under, read_note, write_note
from ranger_app.storage.opening import DEVICE_FOLDER
from ranger_app.sync.people.chain import Chain
from ranger_app.sync.people.naming import a_name, new_name, role_named

MAX_DRAFT = 1 << 20  # bytes
_DRAFT = "draft "


class People:
    """Who works on this laptop. The directory says who may, and this folder how they open it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._chain = Chain(workspace)
        self._folder = workspace.folder / DEVICE_FOLDER

    # -- who there is

    def all(self) -> list[Person]:
        """Everybody whom the directory names, those who have retired too, in the order in which they came."""
        directory = self._chain.directory()
        people = directory.people.values() if directory else ()
        return sorted(people, key=lambda one: one.since)

    def here(self) -> list[Person]:
        """Those who may sign in on this laptop now."""
        member = self._member()
        return [one for one in self.all() if member is not None and one.signs_in_on(member.replica)]

    def find(self, named: str) -> Person:
        """A person by their name or by the beginning of their id."""
        wanted = named.strip()
        people = self.all()
        found = [one for one in people if one.name == wanted and one.roles] or [
            one
            for one in people
            if one.name == wanted or (len(wanted) >= 4 and id_text(Id(one.id)).startswith(wanted.lower()))
        ]
        if len(found) != 1:
            raise NotFound(
                _("There is no single person called “{name}”.").format(name=wanted[:60]),
                _("Use the id as “ranger-app person list” shows it."),
            )
        return found[0]

    def names(self) -> Mapping[bytes, str]:
        """The names of all by their ids, for what says who wrote something."""
        return {one.id: one.name for one in self.all()}

    # -- adding to the directory

    def add(self, name: str, *, roles: Sequence[str], devices: Collection[bytes] | None = None) -> Person:
        """Take a person into the directory, who signs in on these devices, or on all. The first must be able
        to administer the site where that is done, so that nobody shuts himself out."""
        a_name(name)  # before the directory is begun for it
        directory = self._chain.begun()
        name, id_ = new_name(directory, name), new_id()
        self._write_person(directory, id_, name, roles, devices)
        return self._chain.need().people[id_]

    def change(
        self,
        person: Person,
        *,
        name: str | None = None,
        roles: Sequence[str] | None = None,
        devices: Collection[bytes] | None = None,
        everywhere: bool = False,
    ) -> Person:
        """Give a person other roles, other devices or another name from now on. What they wrote until now, as
        far as it is here, keeps the roles that they had."""
        where = None if everywhere else person.devices if devices is None else devices
        self._write_person(
            self._chain.need(), person.id, a_name(name or person.name), roles or person.roles, where
        )
        return self._chain.need().people[person.id]

    def retire(self, person: Person) -> None:
        """From now on this person signs in nowhere. What they wrote counts as far as it is here; said again
        later, what has come meanwhile counts too."""
        directory = self._chain.need()
        self._chain.write((RETIRE, {"person": person.id, "after": self._held(directory)}))
        self.tidy()

    def _write_person(
        self,
        directory: Directory,
        id_: bytes,
        name: str,
        roles: Sequence[str],
        devices: Collection[bytes] | None,
    ) -> None:
        content: dict[str, Any] = {
            "person": id_,
            "name": name,
            "roles": [role_named(role) for role in roles],
            "after": self._held(directory),
        }
        if not content["roles"]:
            raise BadInput(_("A person needs a role."), _("Say what they do: ranger, manager, …"))
        if devices is not None:
            content["devices"] = sorted(devices)
        member = self._member()
        begins = (
            member is not None
            and (devices is None or member.replica in devices)
            and not anybody_on(directory.people, member.replica)
        )
        if begins and ADMINISTRATOR not in content["roles"]:
            raise Refused(
                _("Nobody could administer the site on this laptop any more."),
                _("Begin with yourself, as administrator; then add the others."),
            )
        self._chain.write((PERSON, content))

    def _held(self, directory: Directory) -> dict[bytes, int]:
        held: dict[bytes, int] = {}
        for member in directory.members.values():
            held |= self._chain.held(directory, member)
        return held

    # -- signing in

    @property
    def present(self) -> Person | None:
        """Who is signed in."""
        author = self._workspace.author
        directory = self._chain.directory() if author else None
        return directory.people.get(author) if directory and author else None

    def asks(self) -> bool:
        """Whether people sign in on this laptop and nobody is signed in."""
        member, directory = self._member(), self._chain.directory()
        return (
            self._workspace.author is None
            and member is not None
            and directory is not None
            and anybody_on(directory.people, member.replica)
        )

    def has_passphrase(self, person: Person) -> bool:
        """Whether this person has a passphrase of their own on this laptop."""
        return any(one.person == person.id for one in doors.doors(self._folder))

    def enter(self, person: Person, *, passphrase: str | None = None) -> None:
        """Sign in on an open workspace. Whoever has a passphrase here gives it."""
        self._may_enter(person)
        if self.is_sealed and self.has_passphrase(person):
            doors.keys_of(self._folder, person=person.id, passphrase=passphrase or "")
        self._workspace.author = Id(person.id)

    def entered(self, id_: bytes) -> None:
        """Note that this person's passphrase has opened the workspace. `Refused` if they may not sign in."""
        person = next((one for one in self.all() if one.id == id_), None)
        if person is None:
            raise Refused(_("The directory does not know who this is."), _("Ask an administrator."))
        self._may_enter(person)
        self._workspace.author = Id(person.id)

    def _may_enter(self, person: Person) -> None:
        member = self._member()
        if member is not None and person.signs_in_on(member.replica):
            return
        self.tidy()
        if not person.roles:
            words = _("“{name}” has retired and signs in no more.")
        else:
            words = _("“{name}” does not sign in on this laptop.")
        raise Refused(words.format(name=person.name), _("Ask an administrator; nothing was changed."))

    def leave(self) -> None:
        """Sign out: what is written from now on names nobody, and is refused where people sign in."""
        self._workspace.author = None

    @property
    def is_sealed(self) -> bool:
        """Whether this workspace is protected at all."""
        return self._workspace.keys.database_key is not None

    def choose_passphrase(self, person: Person, passphrase: str) -> None:
        """Let this person in by this passphrase from now on. Allowed to themselves, to an administrator, and
        to whoever opened with the laptop's own passphrase."""
        if not self.is_sealed:
            raise Refused(
                _("This workspace was made without a passphrase, so one of your own would protect nothing."),
                _("Make a protected one with “Join a site” and read a bundle there."),
            )
        author, present = self._workspace.author, self.present
        if author not in (None, person.id) and not (present and ADMINISTRATOR in present.roles):
            raise Refused(
                _("Another person's passphrase is set by an administrator."), _("Sign in as that person.")
            )
        self._may_enter(person)
        with disk_told(self._folder):
            doors.set_door(
                self._folder,
                self._workspace.keys,
                person=person.id,
                name=person.name,
                passphrase=passphrase,
            )

    def check(self, passphrase: str) -> None:
        """`WrongPassphrase` unless this unlocks for who is signed in: their own, or the laptop's for who has
        none."""
        present = self.present
        if not self.is_sealed:
            return
        if present is not None and self.has_passphrase(present):
            doors.keys_of(self._folder, person=present.id, passphrase=passphrase)
        elif read_keys(self._folder, passphrase).database_key != self._workspace.keys.database_key:
            raise WrongPassphrase(_("The passphrase does not open this workspace."))

    def tidy(self) -> None:
        """Shut the doors of those who may not sign in here any more."""
        may = {one.id for one in self.here()}
        gone = {one.person for one in doors.doors(self._folder)} - may
        if gone:
            with disk_told(self._folder):
                doors.shut_doors(self._folder, gone)

    # -- the system's key store

    def keep_key(self, *, store: Store | None = None) -> None:
        """Have this computer's account open the workspace without typing, as who is signed in."""
        author = self._workspace.author or b""
        with disk_told(self._folder):
            key_store.keep(self._folder, self._workspace.keys, person=author, store=store)

    def forget_key(self, *, store: Store | None = None) -> None:
        """Ask for the passphrase again from now on."""
        key_store.forget(self._folder, store=store)

    def no_store(self) -> str:
        """Why this computer has no key store that could be used; empty when it has."""
        return key_store.available()

    @property
    def key_is_kept(self) -> bool:
        """Whether this computer's account opens the workspace."""
        return key_store.is_kept(self._folder)

    # -- what may be done

    def standing(self) -> Standing:
        """What this laptop and who is signed in may write for the home site."""
        workspace = self._workspace
        if not workspace.has_site:
            return Standing(0, None, None)
        with workspace.reading_raw() as database:
            site, replica = workspace.site_id, workspace.keys.replica
            feed = FeedBook(database).find_in(site, replica)
            return standing(database, feed, site, replica, workspace.author or b"")

    # -- what was left half done

    def keep_drafts(self, forms: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Keep or drop several at once; None drops one."""
        for form, typed in forms.items():
            if typed is None:
                self.drop_draft(form)
            else:
                self.keep_draft(form, typed)

    def keep_draft(self, form: str, typed: Mapping[str, Any]) -> None:
        """Keep what somebody has typed into a form, for them alone."""
        with self._workspace.transaction() as (_connection, database):
            write_note(database, self._draft_key(form), dict(typed))

    def draft(self, form: str) -> Mapping[str, Any] | None:
        """What who is signed in had typed into a form when they left it."""
        with self._workspace.reading_raw() as database:
            found = read_note(database, self._draft_key(form))
        return found if isinstance(found, dict) else None

    def drop_draft(self, form: str) -> None:
        """Forget it: the form was sent, or put away on purpose."""
        with self._workspace.transaction() as (_connection, database):
            drop_note(database, self._draft_key(form))

    def drafts(self) -> list[str]:
        """The forms that who is signed in left half done."""
        with self._workspace.reading_raw() as database:
            return noted_under(database, self._draft_key(""))

    def _draft_key(self, form: str) -> str:
        return f"{_DRAFT}{(self._workspace.author or b'').hex()} {form}"

    def _member(self) -> Member | None:
        directory = self._chain.directory()
        return directory.member_of(self._workspace.keys.replica) if directory else None
