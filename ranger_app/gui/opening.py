"""The jobs that open or make a workspace; what they need is imported on the worker's thread."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ranger_app.config import data_dir
from ranger_app.domain.errors import KnownError, WrongPassphrase
from ranger_app.i18n import _
from ranger_app.jobs import Job, Work

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.new_site import SiteWish

FINISHED = "finished"  # stands in the folder of a demo that was built to its end


@dataclass(frozen=True, slots=True)
class Opened:
    """An open workspace, and what its user should hear about it."""

    ranger: Ranger
    remarks: tuple[str, ...] = ()


class PassphraseAsked(WrongPassphrase):
    """The workspace is protected and nobody has given a passphrase yet: nothing is wrong."""


def is_first_question(error: KnownError) -> bool:
    """Whether this is no failure, but the first time that the passphrase is asked for."""
    return isinstance(error, PassphraseAsked)


def opens(folder: Path, passphrase: str | None) -> Job[Opened]:
    """Open a workspace; `PassphraseAsked` when it is protected and no passphrase was given."""

    def job(work: Work) -> Opened:
        from ranger_app.bootstrap import Ranger

        if passphrase is None and Ranger.needs_passphrase(folder):
            raise PassphraseAsked(_("This workspace is protected by a passphrase."))
        return Opened(Ranger.open(folder, passphrase=passphrase))

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
        return Opened(ranger, tuple(doubt["text"] for doubt in doubts))

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
        return Opened(Ranger.open(workspace))

    return job
