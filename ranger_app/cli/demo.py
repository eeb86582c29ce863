"""The command that builds the demo park, runs everything on it, and shows it where there is a screen."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import Out, command
from ranger_app.i18n import _


def add_to(groups: Any) -> None:
    """Add this command."""
    demo = command(
        groups,
        "demo",
        run=_demo,
        help=_("build a made-up park and run everything on it"),
        description=_(
            "Builds a made-up park from drawn pictures and generated tracks, runs the whole way from a "
            "memory card to a packet and a second laptop, and opens it where there is a screen."
        ),
    )
    demo.add_argument("folder", metavar="DIR", type=Path)
    demo.add_argument("--no-window", action="store_true", help=_("only build it"))


def _demo(args: argparse.Namespace, out: Out) -> Any:
    from ranger_app.demo.story import build_demo

    out.say(_("Building the demo park…"))
    demo = build_demo(args.folder, out.work())
    for kind in ("patrol", "track", "waypoint", "photo", "detection", "answer", "evidence"):
        out.say(f"{demo.records.get(kind, 0):>6}  {kind}")
    out.say(_("Workspace         {path}").format(path=demo.workspace))
    out.say(_("Files it came from {path}").format(path=demo.files))
    out.say(_("Packet            {path}").format(path=demo.packet))
    out.say(_("Bundle            {path}").format(path=demo.bundle))
    out.say(_("Second workspace  {path}").format(path=demo.second))
    out.say(
        _("Both workspaces hold the same state: {digest}…").format(digest=demo.digest[:16])
        if demo.same
        else _("The two workspaces differ. This is a fault of ours.")
    )
    document = {
        "workspace": str(demo.workspace),
        "second": str(demo.second),
        "packet": str(demo.packet),
        "bundle": str(demo.bundle),
        "files": str(demo.files),
        "records": demo.records,
        "digest": demo.digest,
        "second_digest": demo.second_digest,
    }
    wanted = out.open_window is not None and not args.no_window and not out.as_json
    if wanted and demo.same and _has_screen():
        assert out.open_window is not None
        out.open_window(demo.workspace)
    return document, 0 if demo.same else 1


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
