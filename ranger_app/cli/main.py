"""Reads a command, runs it, and turns its failure into a sentence and an exit status."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from ranger_app import __version__
from ranger_app.cli.frame import KeepHub, OpenWindow, Out, ServeHub, common_options
from ranger_app.domain.arising import tell_where
from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _
from ranger_app.jobs import Cancelled

GROUPS = (
    "workspaces",
    "records",
    "transfer",
    "photos",
    "models",
    "area",
    "sensitive",
    "assess",
    "bundles",
    "differences",
    "devices",
    "people",
    "hub",
    "demo",
)
"""The modules of this folder that bring commands, in the order of `--help`."""

DONE, FAILED = 0, 1


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="ranger-app",
        description=_("Patrols, camera traps, Green List assessments. Alone, it opens the window."),
        parents=[common_options()],
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"Ranger {__version__}")
    groups = top.add_subparsers(metavar=_("COMMAND"), required=True)
    for name in GROUPS:
        importlib.import_module(f"ranger_app.cli.{name}").add_to(groups)
    return top


def main(
    arguments: Sequence[str],
    *,
    open_window: OpenWindow | None = None,
    serve_hub: ServeHub | None = None,
    keep_hub: KeepHub | None = None,
) -> int:
    """Run one command; returns 0 done, 1 failed with a sentence; 2, wrong usage, is argparse's."""
    args = parser().parse_args(arguments)
    as_json = getattr(args, "json", False)
    out = Out(as_json=as_json, open_window=open_window, serve_hub=serve_hub, keep_hub=keep_hub)
    try:
        document = args.run(args, out)
        status = DONE
        if isinstance(document, tuple):
            document, status = document
        out.document(document)
        return status
    except (KnownError, OSError, MemoryError, Cancelled, KeyboardInterrupt) as error:
        return _failed(out, _in_words(error), error, debug=getattr(args, "debug", False))
    except Exception as error:  # a fault of ours is told, never thrown at a ranger
        bug = KnownError(
            _("Ranger made a mistake of its own: {what}.").format(what=type(error).__name__),
            _("What was saved is safe. Run it again with --debug and report what it shows."),
        )
        bug.code = "bug"
        return _failed(out, bug, error, debug=getattr(args, "debug", False))


def _in_words(error: BaseException) -> KnownError:
    match error:
        case KnownError():
            return error
        case OSError():
            from ranger_app.storage.faults import from_disk

            return from_disk(error, Path(error.filename if isinstance(error.filename, str) else "?"))
        case MemoryError():
            return KnownError(
                _("There is not enough memory for this."), _("Close other programs and try again.")
            )
        case _:
            stopped = KnownError(_("Stopped. What was done until then is kept."), _("Run it again to go on."))
            stopped.code = "stopped"
            return stopped


def _failed(out: Out, told: KnownError, error: BaseException, *, debug: bool) -> int:
    if debug:
        tell_where(error, sys.stderr)
    out.say(told.text)
    if told.what_to_do:
        out.say(told.what_to_do)
    out.document({"error": {"code": told.code, "text": told.text, "what_to_do": told.what_to_do}})
    return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
