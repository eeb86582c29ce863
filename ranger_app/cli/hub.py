"""Commands around a hub: `sync` on a laptop, `hub serve` and `hub admin` where the hub is."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, HubKeeper, Out, command, opened
from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.ids import id_text, parse_id
from ranger_app.i18n import _, file_size, ngettext
from ranger_app.storage.faults import disk_told

if TYPE_CHECKING:
    from ranger_app.sync.hub.exchange import Synced
    from ranger_app.sync.people.admission import Admitted
    from ranger_app.sync.service import Exchange

HOST, PORT = "127.0.0.1", 8470
FOLDER_VARIABLE = "RANGER_HUB"
SYSTEM = "system"
NOT_CONFIRMED = 1
"""Exit status of an exchange that the hub has not signed for."""
NOT_SOUND = 1
"""Exit status of a look at a hub that found something wrong."""


def add_to(groups: Any) -> None:
    """Add these commands."""
    sync = command(groups, "sync", run=_sync, help=_("exchange with a hub over the network"))
    sync.add_argument("--hub", metavar="URL", help=_("the hub's address; it is remembered"))
    sync.add_argument("--without-files", action="store_true", help=_("changes only, no photos"))
    sync.add_argument("--new-hub", action="store_true", help=_("the hub was set up anew: trust its new key"))
    sync.add_argument(
        "--authority",
        metavar="FILE",
        help=_(
            "from now on believe the hub's certificate only from the authority in this file (PEM); “system”: "
            "from whom this computer trusts"
        ),
    )
    sync.add_argument(
        "--card", metavar="FILE", type=Path, help=_("write this laptop's card for the hub's keeper instead")
    )

    hub = command(groups, "hub", run=None, help=_("serve a hub, and say who may come"))
    verbs = hub.add_subparsers(metavar=_("VERB"), required=True)
    serve = command(verbs, "serve", run=_serve, help=_("serve until Ctrl+C, behind a TLS proxy"))
    _folder_option(serve)
    serve.add_argument(
        "--host", default=HOST, help=_("address to listen on (default {host})").format(host=HOST)
    )
    serve.add_argument(
        "--port", type=_port, default=PORT, help=_("port to listen on (default {port})").format(port=PORT)
    )
    admin = command(verbs, "admin", run=None, help=_("laptops that are let in, and what is kept"))
    deeds = admin.add_subparsers(metavar=_("VERB"), required=True)
    allow = command(deeds, "allow", run=_allow, help=_("let a laptop in"))
    allow.add_argument("laptop", metavar="FILE|KEY", help=_("its card, or its public key in 64 digits"))
    allow.add_argument("--name", default="", help=_("a name for it, as people here call it"))
    allow.add_argument(
        "--site",
        metavar="ID",
        action="append",
        default=[],
        help=_("the site that it may exchange, again for more"),
    )
    allow.add_argument("--all-sites", action="store_true", help=_("every site, as for the head office"))
    listed = command(deeds, "list", run=_list, help=_("list them"))
    forget = command(deeds, "forget", run=_forget, help=_("let a laptop in no more"))
    forget.add_argument("laptop", metavar="NAME|KEY", help=_("its name, or its key or the beginning of it"))
    looks = [
        command(deeds, "sites", run=_sites, help=_("list the sites, and how much is kept of each")),
        command(deeds, "devices", run=_devices, help=_("list the laptops that came, and when they last did")),
        command(deeds, "verify", run=_verify, help=_("look at every change and every file that is kept")),
        command(deeds, "backup", run=_backup, help=_("say what to copy, and how")),
    ]
    looks[2].add_argument(
        "--forget-damaged", action="store_true", help=_("throw damaged files away: laptops bring them again")
    )
    for parser in (allow, listed, forget, *looks):
        _folder_option(parser)


def _folder_option(parser: argparse.ArgumentParser) -> None:
    text = _("the hub's folder (default: {variable}, or a folder of this user's)").format(
        variable=FOLDER_VARIABLE
    )
    parser.add_argument("--folder", metavar="DIR", type=Path, help=text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(_("write a port as a number from 1 to 65535"))
    return int(text)


def _folder(args: argparse.Namespace) -> Path:
    from ranger_app.config import data_dir

    given: Path | None = args.folder
    named = os.environ.get(FOLDER_VARIABLE)
    return (given or (Path(named) if named else data_dir() / "hub")).absolute()


# -- on a laptop


def _sync(args: argparse.Namespace, out: Out) -> Document | tuple[Document, int]:
    with opened(args) as ranger:
        if args.card is not None:
            return _write_card(args.card, ranger.exchange, out)
        if args.authority is not None:
            ranger.exchange.trust_authority(None if args.authority == SYSTEM else Path(args.authority))
        done = ranger.exchange.sync(
            out.work(), url=args.hub, new_hub=args.new_hub, files=not args.without_files
        )
        differences = ranger.workspace.differences()
    _say(done, differences, out)
    document = _document(done, differences)
    return document if done.complete else (document, NOT_CONFIRMED)


def _write_card(path: Path, exchange: Exchange, out: Out) -> Document:
    exchange.write_card(path)
    out.say(_("Wrote {name}. Give it to the hub's keeper; there is no secret in it.").format(name=path))
    return {"card": str(path), "key": exchange.card().public_key.hex()}


def _say(done: Synced, differences: int, out: Out) -> None:
    from ranger_app.sync.bundles.telling import changes_words, files_words

    if done.joined:
        out.say(_("This workspace now belongs to {site}.").format(site=done.joined))
    out.say(
        _("Sent: {changes} and {files}, {size}.").format(
            changes=changes_words(done.segments_sent),
            files=files_words(done.files_sent),
            size=file_size(done.bytes_sent),
        )
    )
    out.say(
        _("Received: {changes} and {files}, {size}.").format(
            changes=changes_words(done.segments_received),
            files=files_words(done.files_received),
            size=file_size(done.bytes_received),
        )
    )
    if done.bundles_received:
        out.say(
            ngettext(
                "{n} sealed bundle that waited at the hub was read.",
                "{n} sealed bundles that waited at the hub were read.",
                done.bundles_received,
            ).format(n=done.bundles_received)
        )
    if done.files_elsewhere:
        out.say(
            ngettext(
                "{n} file is neither here nor at the hub: another laptop has yet to bring it.",
                "{n} files are neither here nor at the hub: another laptop has yet to bring them.",
                done.files_elsewhere,
            ).format(n=done.files_elsewhere)
        )
    if done.files_without_room:
        out.say(_("{n} files found no room on this laptop.").format(n=done.files_without_room))
    if done.segments_refused:
        out.say(
            _("{n} segments were not signed as they should be and were refused.").format(
                n=done.segments_refused
            )
        )
    if done.forks:
        out.say(_("A workspace was copied and both copies were used; what they wrote since is kept aside."))
    if differences:
        out.say(
            ngettext("{n} difference to settle", "{n} differences to settle", differences).format(
                n=differences
            )
        )
    if done.complete:
        out.say(_("Synced: the hub has signed for everything that is here."))
    else:
        out.say(_("Not synced: the hub has not signed for everything that is here."))
        for sentence in dict.fromkeys(done.not_confirmed):
            out.say(sentence)


def _document(done: Synced, differences: int) -> dict[str, Any]:
    return {
        "hub": done.hub,
        "synced": done.complete,
        "confirmed_at": done.confirmed_at,
        "sent": {"segments": done.segments_sent, "files": done.files_sent, "bytes": done.bytes_sent},
        "received": {
            "segments": done.segments_received,
            "files": done.files_received,
            "bundles": done.bundles_received,
            "bytes": done.bytes_received,
        },
        "segments_refused": done.segments_refused,
        "forks": done.forks,
        "files_confirmed": done.files_confirmed,
        "files_elsewhere": done.files_elsewhere,
        "files_not_sent": done.files_not_sent,
        "files_without_room": done.files_without_room,
        "line_breaks": done.line_breaks,
        "differences": differences,
        "joined": done.joined,
        "not_confirmed": list(dict.fromkeys(done.not_confirmed)),
    }


# -- where the hub is


def _serve(args: argparse.Namespace, out: Out) -> Document:
    if out.serve_hub is None:
        raise Refused(_("A hub cannot be served from here."), _("Run it as a command: ranger-app hub serve."))
    folder = _folder(args)
    out.serve_hub(folder, host=args.host, port=args.port, say=out.say)
    return {"folder": str(folder)}


@contextmanager
def _kept(args: argparse.Namespace, out: Out, *, begin: bool = False) -> Iterator[HubKeeper]:
    """The hub of a folder; one that is not there is begun only by who lets the first laptop in."""
    if out.keep_hub is None:
        raise Refused(_("A hub cannot be looked at from here."), _("Run it as a command: ranger-app hub."))
    folder = _folder(args)
    if not begin and not folder.is_dir():
        raise NotFound(
            _("There is no hub in “{name}”.").format(name=folder),
            _("Name the folder that it serves: --folder DIR."),
        )
    with disk_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        keeper = out.keep_hub(folder)
    except ImportError:
        raise NotFound(
            _("The libraries that serve a hub are not installed."),
            _("Install them: pip install ranger-app[hub]"),
        ) from None
    try:
        yield keeper
    finally:
        keeper.close()


def _allow(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.people.admission import read_card

    card = read_card(args.laptop)
    sites = [parse_id(text) for text in args.site]
    with _kept(args, out, begin=True) as keeper:
        admitted = keeper.guests.allow(card, name=args.name, sites=sites, all_sites=args.all_sites)
    names = dict(card.sites)
    out.say(_("{name} is let in:").format(name=admitted.name or admitted.public_key.hex()))
    if admitted.all_sites:
        out.say("  " + _("to every site"))
    for site in sorted(admitted.sites):
        out.say(f"  {id_text(site)} {names.get(site, '')}".rstrip())
    return _laptop(admitted)


def _list(args: argparse.Namespace, out: Out) -> Document:
    with _kept(args, out) as keeper:
        found = keeper.guests.all()
    for one in found:
        sites = _("every site") if one.all_sites else ", ".join(id_text(site) for site in sorted(one.sites))
        out.say(f"{one.name or '–'}  {one.public_key.hex()}  {sites}")
    if not found:
        out.say(_("No laptop is let in. Devices of a site whose list of devices is here need not be."))
    return [_laptop(one) for one in found]


def _forget(args: argparse.Namespace, out: Out) -> Document:
    with _kept(args, out) as keeper:
        gone = keeper.guests.forget(args.laptop)
    out.say(
        _("{name} is let in no more. What it brought stays.").format(name=gone.name or gone.public_key.hex())
    )
    return _laptop(gone)


def _sites(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.bundles.telling import changes_words, files_words

    with _kept(args, out) as keeper:
        found = keeper.sites()
    for one in found:
        words = ngettext(
            "{name} {id}: {changes} by {laptops} laptop, {files}, {size}",
            "{name} {id}: {changes} by {laptops} laptops, {files}, {size}",
            one["laptops"],
        )
        out.say(
            words.format(
                name=one["name"] or "–",
                id=one["id"],
                laptops=one["laptops"],
                changes=changes_words(one["segments"]),
                files=files_words(one["files"]),
                size=file_size(one["changes_bytes"] + one["files_bytes"]),
            )
        )
    if not found:
        out.say(_("Nothing is kept of any site yet."))
    return found


def _devices(args: argparse.Namespace, out: Out) -> Document:
    with _kept(args, out) as keeper:
        found = keeper.devices()
    for one in found:
        words = _("{name} {device}: came {seen_at}, last receipt {receipt_at}")
        out.say(
            words.format(**(one | {"name": one["name"] or "–", "receipt_at": one["receipt_at"] or _("none")}))
        )
    if not found:
        out.say(_("No laptop has come yet."))
    return found


def _verify(args: argparse.Namespace, out: Out) -> Document | tuple[Document, int]:
    with _kept(args, out) as keeper:
        found = keeper.verify(out.work(), forget=args.forget_damaged)
    for one in found:
        for problem in one["problems"]:
            out.say(f"{one['site']}: {problem}")
    if any(one["problems"] for one in found):
        return found, NOT_SOUND
    out.say(_("Everything that is kept is as it was signed."))
    return found


def _backup(args: argparse.Namespace, out: Out) -> Document:
    with _kept(args, out) as keeper:
        advice = keeper.backup()
    for sentence in advice:
        out.say(f"· {sentence}")
    return {"advice": advice}


def _laptop(one: Admitted) -> dict[str, Any]:
    return {
        "name": one.name,
        "key": one.public_key.hex(),
        "sites": [id_text(site) for site in sorted(one.sites)],
        "all_sites": one.all_sites,
    }
