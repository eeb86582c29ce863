"""What every command shares: its options, words on standard error, one JSON document on standard output."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.i18n import _
from ranger_app.jobs import Progress, Work

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.sync.people.admission import GuestList

Document = dict[str, Any] | list[Any]
Run = Callable[[argparse.Namespace, "Out"], Document | tuple[Document, int]]
"""What a command does; with an exit status where it is another than 0 although there is a document."""
WORKSPACE_VARIABLE = "RANGER_WORKSPACE"
PASSPHRASE_VARIABLE = "RANGER_PASSPHRASE"
PERSON_VARIABLE = "RANGER_PERSON"
NEW_PASSPHRASE_VARIABLE = "RANGER_NEW_PASSPHRASE"
OpenWindow = Callable[[Path], int]
"""Shows a workspace in the window until it is closed; handed down, since commands know no screen."""


class ServeHub(Protocol):
    """Serves a hub until it is told to stop; handed down like the window, since commands know no server."""

    def __call__(self, folder: Path, *, host: str, port: int, say: Callable[[str], None]) -> None: ...


class HubKeeper(Protocol):
    """What a hub's keeper asks of it beside its serving; its answers are documents."""

    @property
    def guests(self) -> GuestList: ...
    def sites(self) -> list[dict[str, Any]]: ...
    def devices(self) -> list[dict[str, Any]]: ...
    def verify(self, work: Work, *, forget: bool = False) -> list[dict[str, Any]]: ...
    def backup(self) -> list[str]: ...
    def close(self) -> None: ...


KeepHub = Callable[[Path], HubKeeper]
"""Looks at the hub of a folder; handed down like the server."""
_PROGRESS_EVERY_S = 0.2


class Out:
    """Where a command's words go. The document that it returns is printed by the frame."""

    def __init__(
        self,
        *,
        as_json: bool,
        open_window: OpenWindow | None = None,
        serve_hub: ServeHub | None = None,
        keep_hub: KeepHub | None = None,
    ) -> None:
        self.as_json = as_json
        self.open_window = open_window
        self.serve_hub = serve_hub
        self.keep_hub = keep_hub
        self._progress_at = 0.0
        self._line_open = False

    def say(self, text: str) -> None:
        """A line for a person, on standard error. Names in it may come from anywhere: a character that would
        steer the terminal is shown as one that could not be."""
        if self._line_open:
            print(file=sys.stderr)
            self._line_open = False
        print("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text), file=sys.stderr)

    def work(self) -> Work:
        """Work whose progress is shown on a terminal and nowhere else."""
        return Work(self._show if sys.stderr.isatty() else lambda _progress: None)

    def _show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._progress_at < _PROGRESS_EVERY_S:
            return
        self._progress_at = now
        total = f" / {progress.total}" if progress.total is not None else ""
        print(f"\r\x1b[K{progress.done}{total} {progress.note}"[:100], end="", file=sys.stderr, flush=True)
        self._line_open = True

    def document(self, document: Document) -> None:
        if self.as_json:
            json.dump(document, sys.stdout, ensure_ascii=False, default=_plain)
            sys.stdout.write("\n")
            sys.stdout.flush()


def common_options() -> argparse.ArgumentParser:
    """A parent parser with the options that every command takes, before or after its name."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--workspace", metavar="DIR", type=Path, help=_("the workspace's folder"))
    options.add_argument(
        "--as", dest="as_person", metavar="NAME", help=_("who you are, where several people sign in")
    )
    options.add_argument("--json", action="store_true", help=_("print one JSON document on standard output"))
    options.add_argument("--debug", action="store_true", help=_("show where in the program an error arose"))
    return options


def command(
    groups: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    *,
    run: Run | None,
    help: str,
    description: str = "",
) -> argparse.ArgumentParser:
    """Add a command with the common options; `run` gets the parsed arguments and an `Out`."""
    parser = groups.add_parser(
        name, help=help, description=description or help, parents=[common_options()], allow_abbrev=False
    )
    if run is not None:
        parser.set_defaults(run=run)
    return parser


def workspace_folder(args: argparse.Namespace) -> Path:
    """The workspace that the command is about: --workspace, RANGER_WORKSPACE, or the present folder."""
    given: Path | None = getattr(args, "workspace", None)
    if given is not None:
        return given
    if WORKSPACE_VARIABLE in os.environ:
        return Path(os.environ[WORKSPACE_VARIABLE])
    here = Path.cwd()
    if (here / "ranger.db").is_file():
        return here
    raise Refused(
        _("Say which workspace this is about."),
        _("Add --workspace DIR, or set {variable}.").format(variable=WORKSPACE_VARIABLE),
    )


def passphrase() -> str | None:
    """The passphrase that a script has set."""
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def person(args: argparse.Namespace) -> str | None:
    """Who signs in: --as, or RANGER_PERSON."""
    given: str | None = getattr(args, "as_person", None)
    return given or os.environ.get(PERSON_VARIABLE) or None


def ask_passphrase() -> str | None:
    """The passphrase from the environment, or typed at a terminal."""
    given = passphrase()
    if given is not None or not sys.stdin or not sys.stdin.isatty():
        return given
    import getpass

    return getpass.getpass(_("Passphrase: ")) or None


def first_passphrase(out: Out, *, none: bool) -> str | None:
    """What a workspace is to be protected by from its beginning; `none` is the choice to leave it open."""
    words = None if none else passphrase()
    if words is None and not none and sys.stdin and sys.stdin.isatty():
        words = _typed_twice(_("Passphrase: "))
    if words is None and not none:
        raise Refused(
            _("A workspace is protected by a passphrase unless you say otherwise."),
            _("Set RANGER_PASSPHRASE, or add --no-passphrase to leave it open."),
        )
    warn_of_short(out, words)
    return words


def warn_of_short(out: Out, words: str | None) -> None:
    """Say of a passphrase that whoever finds the laptop soon guesses it."""
    from ranger_app.security.doors import SHORTEST

    if words is not None and len(words) < SHORTEST:
        out.say(
            _(
                "This passphrase is short, and whoever has the laptop may guess it. Take at least {n} "
                "characters, such as a few words: ranger-app device passphrase."
            ).format(n=SHORTEST)
        )


def new_passphrase() -> str:
    """A new passphrase from the environment, or typed twice at a terminal."""
    given = os.environ.get(NEW_PASSPHRASE_VARIABLE)
    if given:
        return given
    if not sys.stdin or not sys.stdin.isatty():
        raise Refused(
            _("There is no new passphrase."),
            _("Set {variable}, or run this at a terminal.").format(variable=NEW_PASSPHRASE_VARIABLE),
        )
    return _typed_twice(_("New passphrase: "))


def _typed_twice(question: str) -> str:
    """What is typed at a terminal, where nobody sees a slip of the hand."""
    import getpass

    first = getpass.getpass(question)
    if not first or first != getpass.getpass(_("The same again: ")):
        raise BadInput(_("The two were not the same, or empty."), _("Nothing was changed; try again."))
    return first


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Ranger]:
    """The command's workspace, open and locked until the `with` ends."""
    from ranger_app.bootstrap import Ranger

    folder = workspace_folder(args)
    needs = Ranger.needs_passphrase(folder)
    ranger = Ranger.open(folder, passphrase=ask_passphrase() if needs else None, person=person(args))
    try:
        yield ranger
    finally:
        ranger.close()


def day(text: str) -> date:
    """A day from the command line, as 2026-05-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("write a day as 2026-05-31")) from None


def existing_path(path: Path) -> Path:
    """The path, if something is there; `BadInput` otherwise."""
    if not path.exists():
        raise BadInput(
            _("“{name}” is not there.").format(name=path),
            _("Check the name and that the stick is plugged in."),
        )
    return path


def _plain(value: Any) -> Any:
    """JSON for what records hold."""
    if isinstance(value, bytes):
        from ranger_app.domain.ids import ID_BYTES, Id, id_text

        return id_text(Id(value)) if len(value) == ID_BYTES else value.hex()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"cannot say {type(value).__name__} in JSON")
