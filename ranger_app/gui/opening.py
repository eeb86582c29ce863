"""The jobs that open or make a workspace; what they need is imported on the worker's thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ranger_app.config import data_dir
from ranger_app.domain.errors import KnownError, WrongPassphrase
from ranger_app.i18n import _
from ranger_app.jobs import Job, Work

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.new_site import SiteWish


class PassphraseAsked(WrongPassphrase):
    """The workspace is protected and nobody has given a passphrase yet: nothing is wrong."""


def is_first_question(error: KnownError) -> bool:
    """Whether this is no failure, but the first time that the passphrase is asked for."""
    return isinstance(error, PassphraseAsked)


def opens(folder: Path, passphrase: str | None) -> Job[Ranger]:
    """Open a workspace; `PassphraseAsked` when it is protected and no passphrase was given."""

    def job(work: Work) -> Ranger:
        from ranger_app.bootstrap import Ranger

        if passphrase is None and Ranger.needs_passphrase(folder):
            raise PassphraseAsked(_("This workspace is protected by a passphrase."))
        return Ranger.open(folder, passphrase=passphrase)

    return job


def makes(wish: SiteWish) -> Job[Ranger]:
    """Make a workspace for a new site."""

    def job(work: Work) -> Ranger:
        from ranger_app.bootstrap import Ranger

        ranger, _doubts = Ranger.create(
            wish.folder,
            site_name=wish.name,
            boundary=wish.boundary,
            time_zone=wish.time_zone,
            passphrase=wish.passphrase,
            device="",
        )
        return ranger

    return job


def builds_demo() -> Job[Ranger]:
    """Build the demo park among this user's data, or open the one that is there."""

    def job(work: Work) -> Ranger:
        from ranger_app.bootstrap import Ranger
        from ranger_app.demo.story import WORKSPACE, build_demo

        folder = data_dir() / "demo"
        if not (folder / WORKSPACE / "ranger.db").is_file():
            build_demo(folder, work)
        return Ranger.open(folder / WORKSPACE)

    return job
