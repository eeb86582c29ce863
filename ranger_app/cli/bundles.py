"""Commands that exchange with other laptops by stick or folder: bundle write, read and show."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, existing_path, opened, workspace_folder
from ranger_app.domain.errors import Refused
from ranger_app.i18n import _, ngettext
from ranger_app.storage.faults import disk_told

if TYPE_CHECKING:
    from ranger_app.sync.bundles.showing import BundleShown

MAX_SHEET = 64 << 10  # bytes
LEFT_OUT = 1
"""Exit status when not every bundle went its way."""


def add_to(groups: Any) -> None:
    """Add these commands."""
    bundle = command(groups, "bundle", run=None, help=_("exchange by stick or folder"))
    verbs = bundle.add_subparsers(metavar=_("VERB"), required=True)
    write = command(verbs, "write", run=_write, help=_("write what the others lack to a stick"))
    write.add_argument("folder", metavar="DIR", type=Path)
    files = write.add_mutually_exclusive_group()
    files.add_argument(
        "--without-files", action="store_true", help=_("changes and small pictures only, no originals")
    )
    files.add_argument(
        "--as-many-as-fit", action="store_true", help=_("leave out the originals that there is no room for")
    )
    write.add_argument(
        "--everything", action="store_true", help=_("what the others are known to have already, too")
    )
    write.add_argument(
        "--outside",
        dest="outsiders",
        metavar="KEY",
        action="append",
        help=_("for somebody outside the site with this key (age1…): without what tells who and where"),
    )
    write.add_argument(
        "--for",
        dest="receivers",
        metavar="DEVICE",
        action="append",
        help=_("what this device lacks; may be given again (see: ranger-app device list)"),
    )
    read = command(
        verbs,
        "read",
        run=_read,
        help=_("take what is new; a workspace that is not there yet is made and joins the site"),
    )
    read.add_argument("folder", metavar="DIR", type=Path)
    read.add_argument(
        "--sheet", metavar="FILE", type=Path, help=_("open it with the site's recovery sheet, as a text file")
    )
    read.add_argument(
        "--no-passphrase",
        action="store_true",
        help=_("where a workspace is made, leave it open to whoever has the laptop"),
    )
    show = command(verbs, "show", run=_show, help=_("say what a stick holds, for whom, and what is missing"))
    show.add_argument("folder", metavar="DIR", type=Path)

    clear = command(
        verbs, "clear", run=_clear, help=_("delete bundles of this laptop that another one has signed for")
    )
    clear.add_argument("folder", metavar="DIR", type=Path)

    send = command(
        verbs,
        "send",
        run=_send,
        help=_("leave sealed bundles at a hub for their sites' laptops; neither it nor you need open them"),
    )
    send.add_argument("folder", metavar="DIR", type=Path)
    fetch = command(verbs, "fetch", run=_fetch, help=_("fetch and read sealed bundles that wait at a hub"))
    for parser in (send, fetch):
        parser.add_argument("--hub", metavar="URL", help=_("the hub's address; it is remembered"))


def _send(args: argparse.Namespace, out: Out) -> Document | tuple[Document, int]:
    with opened(args) as ranger:
        done = ranger.exchange.send_bundles(args.folder, out.work(), url=args.hub)
    for name in done.bundles:
        out.say(_("Bundle {name} waits at the hub for the laptops of its site.").format(name=name))
    for words in done.left_out:
        out.say(words)
    document = {
        "bundles": done.bundles,
        "files": done.files,
        "bytes": done.bytes,
        "left_out": done.left_out,
    }
    return (document, LEFT_OUT) if done.left_out else document


def _fetch(args: argparse.Namespace, out: Out) -> Document | tuple[Document, int]:
    from ranger_app.sync.bundles.telling import read_words

    with opened(args) as ranger:
        done = ranger.exchange.fetch_bundles(out.work(), url=args.hub)
    for read in done.read:
        for words in read_words(read):
            out.say(words)
    for words in done.left_out:
        out.say(words)
    if not done.read and not done.left_out:
        out.say(_("Nothing that is new here waits at the hub."))
    document = {
        "bundles": done.bundles,
        "segments_new": sum(read.segments_new for read in done.read),
        "files_new": sum(read.files_new for read in done.read),
        "left_out": done.left_out,
    }
    return (document, LEFT_OUT) if done.left_out else document


def _write(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.bundles.cargo import Originals
    from ranger_app.sync.bundles.telling import written_words

    originals = Originals.FIT if args.as_many_as_fit else Originals.ALL
    with opened(args) as ranger:
        receivers = [ranger.devices.find(name).replica for name in args.receivers or ()]
        done = ranger.exchange.write(
            args.folder,
            out.work(),
            originals=Originals.NONE if args.without_files else originals,
            everything=args.everything,
            receivers=receivers or None,
            outsiders=args.outsiders or (),
        )
    for words in written_words(done):
        out.say(words)
    return {
        "folder": str(done.folder),
        "outside": str(done.outside) if done.outside is not None else None,
        "parts": done.parts,
        "segments": done.segments,
        "files": done.files,
        "files_elsewhere": done.files_elsewhere,
        "files_left_out": done.files_left_out,
        "small_pictures": done.small_pictures,
        "bytes": done.bytes,
        "sealed": done.sealed,
        "resumed": done.resumed,
    }


def _read(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.bootstrap import Ranger
    from ranger_app.cli.frame import first_passphrase, passphrase
    from ranger_app.sync.bundles.looking import find_bundles
    from ranger_app.sync.bundles.reading import need_one_that_opens
    from ranger_app.sync.bundles.telling import read_words
    from ranger_app.sync.people.laptops import quota_words

    find_bundles(args.folder)  # refuse a wrong folder before a workspace is made for it
    secrets = [_sheet_secret(args.sheet)] if args.sheet else []
    folder = workspace_folder(args)
    if not folder.exists():
        need_one_that_opens(args.folder, secrets)
        # What lies on a stick for all to read needs no seal here; what was sealed is not left open unasked.
        words = first_passphrase(out, none=args.no_passphrase or (not secrets and passphrase() is None))
        ranger, _doubts = Ranger.create(folder, site_name=None, passphrase=words)
        ranger.close()
        out.say(_("Made “{name}”.").format(name=folder))
        if words is None:
            out.say(_("It has no passphrase: whoever has this laptop can read everything in it."))
    with opened(args) as ranger:
        found = ranger.exchange.read(args.folder, out.work(), secrets=secrets)
        listed, role = ranger.devices.directory() is not None, ranger.devices.role()
        aside, quotas = ranger.devices.count_aside(), quota_words(ranger.devices.laptops())
    for words in read_words(found):
        out.say(words)
    if found.strange_entries and not listed:
        out.say(
            _("The bundle carries a list of this site's devices that this workspace does not follow yet.")
        )
    if (listed or found.strange_entries) and role is None:
        out.say(
            _(
                "This laptop is not enrolled: it can read, and nobody would take its changes. To enrol it: "
                "ranger-app join {folder} --request FILE"
            ).format(folder=folder)
        )
    if aside:
        out.say(
            ngettext(
                "{n} change is kept aside and does not count: ranger-app device aside",
                "{n} changes are kept aside and do not count: ranger-app device aside",
                aside,
            ).format(n=aside)
        )
    for words in quotas:
        out.say(words)
    return {
        "segments_new": found.segments_new,
        "segments_known": found.segments_known,
        "segments_refused": found.segments_refused,
        "files_new": found.files_new,
        "small_pictures_new": found.small_pictures_new,
        "missing_parts": found.missing_parts,
        "not_for_us": found.not_for_us,
        "receipts": found.receipts,
        "receipts_left": found.receipts_left,
        "receipts_refused": found.receipts_refused,
        "unsealed": found.unsealed,
        "differences": found.differences,
        "joined": found.joined,
        "role": role,
        "aside": aside,
    }


def _clear(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.bundles.telling import own_words

    cleared = []
    with opened(args) as ranger:
        for one in ranger.exchange.own(args.folder):
            out.say(own_words(one))
            if one.signed_by:
                ranger.exchange.clear(one.folder)
                cleared.append(one)
    out.say(
        ngettext("{n} bundle cleared away.", "{n} bundles cleared away.", len(cleared)).format(n=len(cleared))
    )
    return {"cleared": [one.bundle for one in cleared], "bytes": sum(one.bytes for one in cleared)}


def _sheet_secret(file: Path) -> str:
    """The secret on a recovery sheet, which opens every bundle that was sealed since it was printed."""
    from ranger_app.security.enrolment import read_bounded
    from ranger_app.security.recovery import read_sheet

    with disk_told(file):
        text = read_bounded(existing_path(file), MAX_SHEET).decode("utf-8", errors="replace")
    return read_sheet(text).opening_secret


def _show(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.bundles.telling import shown_words

    shown = _shown(args, out)
    for bundle in shown:
        for words in shown_words(bundle):
            out.say(words)
    return [
        {
            "folder": str(bundle.folder),
            "bundle": bundle.bundle,
            "parts": bundle.parts,
            "missing_parts": bundle.missing_parts,
            "segments": bundle.manifest.segments if bundle.manifest else None,
            "files": bundle.manifest.files if bundle.manifest else None,
            "small_pictures": bundle.manifest.small_pictures if bundle.manifest else None,
            "sealed": bundle.sealed,
            "opens": bundle.opens,
            "for": bundle.for_site,
            "from": bundle.from_laptop,
            "ours": bundle.ours,
            "finished": bundle.finished,
            "new_here": bundle.new_here,
        }
        for bundle in shown
    ]


def _shown(args: argparse.Namespace, out: Out) -> list[BundleShown]:
    """What is on the stick, with the eyes of the workspace if there is one; a stranger sees the heads."""
    from ranger_app.sync.bundles.looking import find_bundles
    from ranger_app.sync.bundles.showing import Acquaintance, show_bundle

    try:
        workspace_folder(args)
    except Refused:
        folders = find_bundles(args.folder)
        return [show_bundle(one, Acquaintance(), out.work(), thoroughly=True) for one in folders]
    with opened(args) as ranger:
        return ranger.exchange.show(args.folder, out.work(), thoroughly=True)
