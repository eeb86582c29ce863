"""The jobs that open or make a workspace, and sign in; what they need is imported on the worker's thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.config import data_dir
from ranger_app.domain.errors import KeyStoreTrouble, KnownError, WrongPassphrase
from ranger_app.i18n import _
from ranger_app.jobs import Job, Work

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.entering.join_site import JoinWish
    from ranger_app.gui.entering.new_site import SiteWish
    from ranger_app.sync.people.devices import Joined

FINISHED = "finished"  # stands in the folder of a demo that was built to its end


@dataclass(frozen=True, slots=True)
class PersonThere:
    """Somebody who may sign in here."""

    id: bytes
    name: str
    roles: tuple[str, ...]
    has_passphrase: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in, by the passphrase that they have or have just chosen."""

    person: bytes
    passphrase: str
    chosen: bool
    """Whether the passphrase is a new one."""


@dataclass(frozen=True, slots=True)
class RequestShown:
    """What a laptop that asks to join shows of itself."""

    name: str
    words: Sequence[str]
    code: bytes
    """The request as its QR code says it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open workspace, what its user should hear about it, and what it asks before it is shown."""

    ranger: Ranger
    remarks: tuple[str, ...] = ()
    asks_who: Sequence[PersonThere] | None = None
    """Those of whom one has to sign in first."""
    request: RequestShown | None = None
    """What a laptop shows that belongs to no site yet."""
    is_sealed: bool = False
    drafts: Mapping[str, Any] = field(default_factory=dict)
    """The forms that whoever is signed in left half written."""
    person: str = ""
    """Who is signed in."""


class PassphraseAsked(WrongPassphrase):
    """The workspace is protected and nobody has given a passphrase yet: nothing is wrong."""

    def __init__(self, people: Sequence[str], trouble: KnownError | None) -> None:
        super().__init__(_("This workspace is protected by a passphrase."))
        self.people = people
        """Those who have a passphrase of their own there."""
        self.trouble = trouble
        """Why the key store did not open it, where it should have."""


def opens(
    folder: Path, passphrase: str | None, *, person: str | None = None, kept: bool = True
) -> Job[Opened]:
    """Open a workspace; `PassphraseAsked` when it is protected and neither a passphrase was given nor the
    system's key store has the key (and, with `kept`, may use it)."""

    def job(work: Work) -> Opened:
        from ranger_app.bootstrap import Ranger

        if passphrase is not None or not Ranger.needs_passphrase(folder):
            return look(Ranger.open(folder, passphrase=passphrase, person=person))
        trouble = None
        if kept and Ranger.key_is_kept(folder):
            try:
                return look(Ranger.open_kept(folder))
            except KeyStoreTrouble as error:
                trouble = error
        raise PassphraseAsked(Ranger.people_of(folder), trouble)

    return job


def look(ranger: Ranger, remarks: Sequence[str] = ()) -> Opened:
    """What an open workspace asks before it is shown; it is closed again when that cannot be found out."""
    try:
        request = None
        if not ranger.workspace.has_site:
            asked, _file = ranger.devices.request()
            request = RequestShown(asked.name, asked.words, ranger.devices.request_code())
        people, present = ranger.people, ranger.people.present
        return Opened(
            ranger,
            remarks=tuple(remarks),
            asks_who=[_there(ranger, one) for one in people.here()] if people.asks() else None,
            request=request,
            is_sealed=people.is_sealed,
            drafts={form: people.draft(form) or {} for form in people.drafts()},
            person=present.name if present else "",
        )
    except BaseException:
        ranger.close()
        raise


def _there(ranger: Ranger, person: Any) -> PersonThere:
    return PersonThere(person.id, person.name, person.roles, ranger.people.has_passphrase(person))


def signs_in(ranger: Ranger, given: SignIn) -> Job[Opened]:
    """Sign in on an open workspace, with a passphrase that is there or a new one."""

    def job(work: Work) -> Opened:
        (person,) = [one for one in ranger.people.here() if one.id == given.person]
        if given.chosen:
            ranger.people.choose_passphrase(person, given.passphrase)
        ranger.people.enter(person, passphrase=given.passphrase)
        return look(ranger)

    return job


def writes_request(ranger: Ranger, out: Path) -> Job[Path]:
    """Write this laptop's request to a file."""

    def job(work: Work) -> Path:
        ranger.devices.write_request(out)
        return out

    return job


def joins(ranger: Ranger, answer: Path) -> Job[Joined]:
    """Join a site by an administrator's answer."""

    def job(work: Work) -> Joined:
        return ranger.devices.join_by(answer)

    return job


def makes(wish: SiteWish) -> Job[Opened]:
    """Make a workspace for a new site."""

    def job(work: Work) -> Opened:
        from ranger_app.bootstrap import Ranger

        ranger, doubts = Ranger.create(
            wish.folder,
            site_name=wish.name,
            boundary=wish.boundary,
            time_zone=wish.time_zone,
            passphrase=wish.passphrase,
            device="",
        )
        return look(ranger, tuple(doubt["text"] for doubt in doubts))

    return job


def asks_to_join(wish: JoinWish) -> Job[Opened]:
    """Make an empty workspace with keys of its own, which is to join a site."""

    def job(work: Work) -> Opened:
        from ranger_app.bootstrap import Ranger

        ranger, _doubts = Ranger.create(
            wish.folder, site_name=None, passphrase=wish.passphrase, device=wish.device
        )
        return look(ranger)

    return job


def builds_demo() -> Job[Opened]:
    """Build the demo park among this user's data, or open the one that is there."""

    def job(work: Work) -> Opened:
        from ranger_app.bootstrap import Ranger
        from ranger_app.demo.story import WORKSPACE, build_demo

        for number in count(1):
            folder = data_dir() / f"demo-{number}"
            workspace = folder / WORKSPACE
            if (folder / FINISHED).is_file() and workspace.is_dir():
                break
            if not folder.exists():  # one that was stopped half way is left alone
                build_demo(folder, work)
                (folder / FINISHED).touch()
                break
        return look(Ranger.open(workspace))

    return job
