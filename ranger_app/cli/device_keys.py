"""Commands about what opens a workspace and a site's bundles: device passphrase and group-key."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import (
    Document,
    Out,
    command,
    new_passphrase,
    opened,
    warn_of_short,
    workspace_folder,
)
from ranger_app.domain.errors import Refused
from ranger_app.i18n import _, ngettext
from ranger_app.storage.faults import disk_told


def add_keys_to(verbs: Any) -> None:
    """Add these to the commands about devices."""
    command(verbs, "passphrase", run=_passphrase, help=_("change the passphrase of this workspace"))
    key = command(
        verbs,
        "group-key",
        run=_group_key,
        help=_("write the site's keys to a file, with which any age program opens its bundles"),
    )
    key.add_argument("out", metavar="OUT", type=Path, help=_("a file that is not there yet"))


def _passphrase(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        words = new_passphrase()
        ranger.devices.change_passphrase(words)
    warn_of_short(out, words)
    out.say(_("The passphrase is changed. Nobody can open this workspace if it is forgotten."))
    return {"workspace": str(workspace_folder(args))}


def _group_key(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.durable import write_whole

    if args.out.exists():
        raise Refused(
            _("“{name}” is there already.").format(name=args.out), _("Choose a file that is not there yet.")
        )
    with opened(args) as ranger:
        if ranger.devices.directory() is None:
            raise Refused(
                _("This site has no list of devices yet, and nothing of it is sealed."),
                _("Enrolling the first laptop begins one: ranger-app device enrol FILE --role R --out FILE."),
            )
        if why := ranger.devices.why_not():  # as the recovery sheet, it is an administrator's to give
            raise Refused(why, _("Ask an administrator; nothing was written."))
        secrets = ranger.devices.group_secrets()
    # What stands behind # is passed over by every age program.
    lines = [f"# Ranger, {date.today():%Y-%m-%d}: opens every bundle of this site", *reversed(secrets)]
    with disk_told(args.out):
        write_whole(args.out, "".join(f"{line}\n" for line in lines).encode())
    words = ngettext("Wrote {n} key to {path}.", "Wrote {n} keys to {path}, the newest first.", len(secrets))
    out.say(words.format(n=len(secrets), path=args.out))
    out.say(_("A part of a bundle opens with it: age -d -i {path} P0001.RSB").format(path=args.out))
    out.say(_("Whoever has this file reads every bundle of the site: guard it as the recovery sheet."))
    return {"path": str(args.out), "keys": len(secrets)}
