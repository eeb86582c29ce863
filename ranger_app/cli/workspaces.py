"""Commands about a workspace as a whole: new, status, backup, restore, verify, rebuild."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import (
    Document,
    Out,
    ask_passphrase,
    command,
    existing_path,
    first_passphrase,
    opened,
    passphrase,
    workspace_folder,
)
from ranger_app.i18n import _, ngettext


def add_to(groups: Any) -> None:
    """Add these commands."""
    new = command(groups, "new", run=_new, help=_("make a workspace for a site"))
    new.add_argument("folder", metavar="DIR", type=Path)
    new.add_argument(
        "--site",
        metavar="NAME",
        help=_(
            "name of the protected area; without it, an empty "
            "workspace that joins a site with the first bundle it reads"
        ),
    )
    new.add_argument("--boundary", metavar="FILE", type=Path, help=_("GeoJSON, GeoPackage or KML polygon"))
    new.add_argument("--time-zone", metavar="ZONE", default="UTC", help=_("such as Asia/Vladivostok"))
    new.add_argument("--device", metavar="NAME", default="", help=_("what to call this laptop"))
    new.add_argument(
        "--no-passphrase", action="store_true", help=_("leave it open to whoever has the laptop")
    )

    command(groups, "status", run=_status, help=_("say what a workspace holds"))

    backup = command(groups, "backup", run=_backup, help=_("make a verified copy of the database"))
    backup.add_argument("--to", metavar="DIR", type=Path, help=_("another folder, such as a stick"))

    restore = command(groups, "restore", run=_restore, help=_("put a backup in place of the database"))
    restore.add_argument("backup", metavar="FILE", type=Path, nargs="?", help=_("the newest if left out"))

    command(groups, "verify", run=_verify, help=_("check database, changes, signatures and files"))
    command(groups, "rebuild", run=_rebuild, help=_("make the records anew from the signed changes"))


def _new(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.bootstrap import Ranger

    words = first_passphrase(out, none=args.no_passphrase)
    ranger, doubts = Ranger.create(
        args.folder,
        site_name=args.site,
        boundary=existing_path(args.boundary) if args.boundary else None,
        time_zone=args.time_zone,
        passphrase=words,
        device=args.device,
    )
    with ranger:
        out.say(_("Made “{name}”.").format(name=args.folder))
        for doubt in doubts:
            out.say(doubt["text"])
        return {"workspace": str(args.folder), **ranger.status(), "doubts": doubts}


def _status(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        status = ranger.status()
    for site in status["sites"]:
        area = f", {site['area_km2']:.1f} km²" if site["area_km2"] else ""
        out.say(f"{site['name']}{area}")
    for kind, n in sorted(status["records"].items()):
        if n:
            out.say(f"{n:>9}  {kind.replace('_', ' ')}")
    n = status["differences"]
    if n:
        out.say(ngettext("{n} difference to settle", "{n} differences to settle", n).format(n=n))
    out.say(_("State {digest}…").format(digest=status["digest"][:16]))
    return status


def _backup(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        path = ranger.workspace.back_up(args.to)
    out.say(_("Copied and checked: {path}").format(path=path))
    return {"path": str(path), "bytes": path.stat().st_size}


def _restore(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.storage.backups import newest
    from ranger_app.storage.opening import restore

    folder = workspace_folder(args)
    backup = existing_path(args.backup) if args.backup else newest(folder / "backups")
    kept = restore(folder, backup, passphrase=passphrase() or _asked(folder))
    out.say(
        _("Put back {backup}. The database it replaced is kept in {kept}.").format(
            backup=backup.name, kept=kept
        )
    )
    return {"restored": str(backup), "kept": str(kept)}


def _asked(folder: Path) -> str | None:
    from ranger_app.bootstrap import Ranger

    return ask_passphrase() if Ranger.needs_passphrase(folder) else None


def _verify(args: argparse.Namespace, out: Out) -> Any:
    with opened(args) as ranger:
        found = ranger.verify(out.work())
    for line in found["problems"]:
        out.say(line)
    if found["files_sealed"]:
        out.say(
            ngettext(
                "{n} file that lay plain was sealed.",
                "{n} files that lay plain were sealed.",
                found["files_sealed"],
            ).format(n=found["files_sealed"])
        )
    if not found["problems"]:
        out.say(_("Everything is as it was written: {segments} segments, {files} files.").format(**found))
    return found, 1 if found["problems"] else 0


def _rebuild(args: argparse.Namespace, out: Out) -> Any:
    with opened(args) as ranger:
        before, after = ranger.workspace.rebuild()
    same = before == after
    out.say(
        _("Made anew from the changes; nothing differs.")
        if same
        else _("Made anew from the changes; some records had not been what the changes say.")
    )
    return {"digest": after, "before": before, "same": same}
