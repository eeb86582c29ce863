"""Commands about a site's laptops: join, and device enrol, list, role, revoke, aside, quota, recovery."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.device_keys import add_keys_to
from ranger_app.cli.frame import (
    Document,
    Out,
    ask_passphrase,
    command,
    existing_path,
    first_passphrase,
    opened,
)
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.ids import Id, id_text
from ranger_app.i18n import _, ngettext, number

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.sync.people.laptops import Laptop

MAX_SHEET = 64 << 10  # bytes


def add_to(groups: Any) -> None:
    """Add these commands."""
    join = command(groups, "join", run=_join, help=_("make this laptop one of a site's devices"))
    join.add_argument("folder", metavar="DIR", type=Path)
    way = join.add_mutually_exclusive_group(required=True)
    way.add_argument("--request", metavar="FILE", type=Path, help=_("first: write a request to this file"))
    way.add_argument("--answer", metavar="FILE", type=Path, help=_("then: read the administrator's answer"))
    join.add_argument("--device", metavar="NAME", default="", help=_("what to call this laptop"))
    join.add_argument(
        "--no-passphrase", action="store_true", help=_("leave it open to whoever has the laptop")
    )

    device = command(groups, "device", run=None, help=_("the site's laptops and what each may do"))
    verbs = device.add_subparsers(metavar=_("VERB"), required=True)
    command(verbs, "list", run=_list, help=_("list them"))
    enrol = command(verbs, "enrol", run=_enrol, help=_("answer a laptop that wants to join"))
    enrol.add_argument("request", metavar="FILE", type=Path)
    enrol.add_argument(
        "--role",
        required=True,
        metavar="ROLE",
        help=_("ranger, data-clerk, manager, assessor or administrator"),
    )
    enrol.add_argument("--out", metavar="FILE", type=Path, required=True, help=_("where to write the answer"))
    enrol.add_argument("--yes", action="store_true", help=_("the six words were compared and are the same"))
    role = command(verbs, "role", run=_role, help=_("give a device another role from now on"))
    role.add_argument("device", metavar="DEVICE")
    role.add_argument("role", metavar="ROLE")
    role.add_argument(
        "--accept-up-to", metavar="N", type=_number, help=_("the last of its changes under the old role")
    )
    revoke = command(verbs, "revoke", run=_revoke, help=_("shut a device out"))
    revoke.add_argument("device", metavar="DEVICE")
    revoke.add_argument(
        "--accept-up-to",
        metavar="N",
        type=_number,
        help=_("the last of its changes that counts; what is here, if left out"),
    )
    quota = command(verbs, "quota", run=_quota, help=_("say how much a device may bring"))
    quota.add_argument("device", metavar="DEVICE")
    quota.add_argument("changes", metavar="N", type=_number, help=_("single changes; what is beyond waits"))
    command(verbs, "aside", run=_aside, help=_("list changes that are kept and do not count"))
    sheet = command(
        verbs, "recovery-sheet", run=_sheet, help=_("write a sheet of words to print and lock away")
    )
    sheet.add_argument("out", metavar="OUT", type=Path, help=_("a .pdf, or plain text"))
    recover = command(verbs, "recover", run=_recover, help=_("become administrator by the printed sheet"))
    recover.add_argument("sheet", metavar="FILE", type=Path, help=_("its words, typed into a text file"))
    recover.add_argument("--name", default="", help=_("your name, where people sign in"))
    add_keys_to(verbs)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise argparse.ArgumentTypeError(_("write a whole number"))
    return int(text)


# -- joining


def _join(args: argparse.Namespace, out: Out) -> Document:
    return _ask_to_join(args, out) if args.request is not None else _read_answer(args, out)


def _ask_to_join(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.durable import write_whole
    from ranger_app.security.enrolment import MAX_REQUEST, read_bounded, read_request

    if args.request.exists():
        read_request(read_bounded(args.request, MAX_REQUEST))  # only a request is written over
    with _made_or_opened(args, out) as ranger:
        request, content = ranger.devices.request(name=args.device)
        write_whole(args.request, content)
    out.say(_("Wrote the request of “{name}” to {path}.").format(name=request.name, path=args.request))
    out.say(_("Take it to the administrator, who must see these six words:"))
    out.say("    " + " ".join(request.words))
    return {
        "request": str(args.request),
        "words": list(request.words),
        "device": request.replica.hex(),
        "name": request.name,
        "workspace": str(args.folder),
    }


def _made_or_opened(args: argparse.Namespace, out: Out) -> Ranger:
    from ranger_app.bootstrap import Ranger

    if args.folder.exists() and (not args.folder.is_dir() or any(args.folder.iterdir())):
        needs = Ranger.needs_passphrase(args.folder)
        return Ranger.open(args.folder, passphrase=ask_passphrase() if needs else None)
    words = first_passphrase(out, none=args.no_passphrase)
    ranger, _doubts = Ranger.create(args.folder, site_name=None, passphrase=words, device=args.device)
    out.say(_("Made “{name}”.").format(name=args.folder))
    return ranger


def _read_answer(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.security.enrolment import MAX_ANSWER, read_bounded

    args.workspace = args.folder
    content = read_bounded(existing_path(args.answer), MAX_ANSWER)
    with opened(args) as ranger:
        joined = ranger.devices.join(content)
    out.say(
        _("This laptop is now one of the devices of “{site}”, as {role}.").format(
            site=joined.site_name, role=joined.role
        )
    )
    out.say(_("The administrator's laptop shows these words for the site; they must be the same:"))
    out.say("    " + " ".join(joined.words))
    out.say(_("If they are not, somebody else has answered: delete this workspace, and ask again."))
    out.say(_("Now read a bundle of the site: ranger-app bundle read DIR."))
    return {
        "site": {"id": id_text(joined.site), "name": joined.site_name},
        "role": joined.role,
        "site_words": list(joined.words),
    }


# -- the administrator's


def _enrol(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.durable import write_whole
    from ranger_app.security.enrolment import MAX_REQUEST, read_bounded, read_request
    from ranger_app.sync.people.naming import role_named

    content = read_bounded(existing_path(args.request), MAX_REQUEST)
    request = read_request(content)
    role = role_named(args.role)
    _must_be_answer(args.out)
    with opened(args) as ranger:
        out.say(_("“{name}” asks to join as {role}. Its six words are:").format(name=request.name, role=role))
        out.say("    " + " ".join(request.words))
        if not args.yes:
            _confirm(out)
        first = ranger.devices.directory() is None
        write_whole(args.out, ranger.devices.enrol(content, role=role))
        by_the_maker = ranger.devices.by_the_maker()
        others = [one for one in ranger.devices.laptops() if not one.enrolled]
        site_words = list(ranger.devices.words_of_site())
    out.say(_("Wrote the answer to {path}; only that laptop can open it.").format(path=args.out))
    out.say(_("The new laptop will show these words for the site:"))
    out.say("    " + " ".join(site_words))
    if first:
        out.say(_("This site now has a list of devices, and this laptop is its administrator."))
        out.say(_("Print a recovery sheet now: ranger-app device recovery-sheet OUT"))
    if not by_the_maker:
        out.say(_("Another laptop made this site: only laptops that join by an answer follow this list."))
    for one in others:
        out.say(
            _("“{name}” has written here and is not enrolled; have it ask to join.").format(name=one.name)
        )
    return {
        "words": list(request.words),
        "device": {"id": request.replica.hex(), "name": request.name, "role": role},
        "answer": str(args.out),
        "site_words": site_words,
        "not_enrolled": [{"id": one.replica.hex(), "name": one.name} for one in others],
    }


def _must_be_answer(path: Path) -> None:
    """Refuse to write over anything but an earlier answer."""
    from ranger_app.security.sealing import check_header

    if path.exists():
        with open(path, "rb") as source:
            check_header(source.read(4 << 10))


def _confirm(out: Out) -> None:
    if not sys.stdin or not sys.stdin.isatty():
        raise Refused(
            _("Nobody has compared the six words yet."),
            _("Look at the other laptop's screen; if it shows the same words, run this again with --yes."),
        )
    out.say(_("Does the other laptop show the same words, in the same order? Type “yes”:"))
    if sys.stdin.readline().strip().lower() not in (_("yes"), "yes"):
        raise Refused(
            _("The words were not the same, so nothing was done."),
            _("Make the request again on the new laptop, and carry it yourself."),
        )


def _list(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        found = ranger.devices.laptops()
        directory, forks = ranger.devices.directory(), ranger.devices.forks()
        aside = ranger.devices.count_aside()
    for one in found:
        what = one.role or (_("revoked") if one.enrolled else _("not enrolled"))
        here = " *" if one.this else ""
        out.say(
            _("{id}  {name}: {what}, {n} changes here{mark}").format(
                id=one.replica.hex()[:12], name=one.name, what=what, n=one.changes, mark=here
            )
        )
    if directory is None:
        out.say(_("This site has no list of devices yet: every laptop that has its bundles may write."))
    for entry in forks:
        out.say(
            _(
                "Two administrators changed the list apart; entry {n} ({what}) does not hold: do it again."
            ).format(n=entry.number, what=entry.kind)
        )
    _tell_aside(aside, found, out)
    return [
        {
            "id": one.replica.hex(),
            "name": one.name,
            "role": one.role,
            "enrolled": one.enrolled,
            "revoked": one.accept_up_to is not None,
            "accept_up_to": one.accept_up_to,
            "changes": one.changes,
            "brought": one.brought,
            "quota": one.quota,
            "this": one.this,
        }
        for one in found
    ]


def _tell_aside(count: int, found: Sequence[Laptop], out: Out) -> None:
    from ranger_app.sync.people.laptops import quota_words

    if count:
        out.say(
            ngettext(
                "{n} change is kept aside and does not count: ranger-app device aside",
                "{n} changes are kept aside and do not count: ranger-app device aside",
                count,
            ).format(n=count)
        )
    for words in quota_words(found):
        out.say(words)


def _role(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        member = ranger.devices.find(args.device)
        ranger.devices.set_role(member.replica, role=args.role, accept_up_to=args.accept_up_to)
        now = ranger.devices.find(member.replica.hex())
    out.say(_("“{name}” is {role} from now on.").format(name=now.name, role=now.role))
    return {"device": {"id": now.replica.hex(), "name": now.name, "role": now.role}}


def _revoke(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        member = ranger.devices.find(args.device)
        up_to = ranger.devices.revoke(member.replica, accept_up_to=args.accept_up_to)
        aside, found = ranger.devices.count_aside(), ranger.devices.laptops()
    out.say(
        _("“{name}” is shut out. What it wrote up to number {n} counts; the rest is kept aside.").format(
            name=member.name, n=up_to
        )
    )
    out.say(_("The other laptops learn of it, and of the new group key, with the next bundle."))
    _tell_aside(aside, found, out)
    return {
        "device": {"id": member.replica.hex(), "name": member.name},
        "accept_up_to": up_to,
        "aside": aside,
    }


def _quota(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        member = ranger.devices.find(args.device)
        ranger.devices.set_quota(member.replica, args.changes)
        aside, found = ranger.devices.count_aside(), ranger.devices.laptops()
    out.say(
        _("“{name}” may bring {n} single changes; what is beyond is kept aside.").format(
            name=member.name, n=number(args.changes)
        )
    )
    out.say(_("The other laptops learn of it with the next bundle."))
    _tell_aside(aside, found, out)
    return {
        "device": {"id": member.replica.hex(), "name": member.name},
        "quota": args.changes,
        "brought": next((one.brought for one in found if one.replica == member.replica), 0),
        "aside": aside,
    }


def _aside(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.people.laptops import quota_words
    from ranger_app.sync.wording import said_words

    with opened(args) as ranger:
        laptops = ranger.devices.laptops()
        names, told = {one.replica: one.name for one in laptops}, quota_words(laptops)
        found = [
            {
                "device": {"id": one.device.hex(), "name": names.get(one.device, one.device.hex()[:12])},
                "number": one.seq,
                "when": one.at,
                "record": {"kind": one.kind, "id": id_text(Id(one.id))},
                "field": one.field,
                "value": one.value,
                "words": said_words(one.kind, one.said),
                "role": one.role or None,
                "beyond_quota": one.beyond,
            }
            for one in ranger.devices.aside()
        ]
    for line in found:
        record: Any = line["record"]
        out.say(
            "{device} {n}: {kind} {id} {field} {value}".format(
                device=line["device"]["name"],
                n=line["number"],
                **record,
                field=line["field"] or _("made"),
                value=line["words"] if line["value"] is None else line["value"],
            )
        )
    if found:
        out.say(
            _(
                "If it is honest work, an administrator lets it in: device revoke DEVICE --accept-up-to N "
                "for what a shut out laptop wrote, person retire NAME once more for a retired person's."
            )
        )
    else:
        out.say(_("Nothing is kept aside."))
    for words in told:
        out.say(words)
    return found


# -- the recovery sheet


def _sheet(args: argparse.Namespace, out: Out) -> Document:
    if args.out.exists():
        raise Refused(
            _("“{name}” is there already.").format(name=args.out), _("Choose a file that is not there yet.")
        )
    with opened(args) as ranger:
        ranger.devices.write_sheet(args.out, on=date.today())
    out.say(_("Wrote the recovery sheet to {path}. Sheets from before hold no longer.").format(path=args.out))
    out.say(_("Print it, lock it away, and delete the file."))
    return {"path": str(args.out)}


def _recover(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.security.enrolment import read_bounded

    try:
        sheet = read_bounded(existing_path(args.sheet), MAX_SHEET).decode()
    except UnicodeDecodeError:
        raise BadInput(
            _("“{name}” is not plain text.").format(name=args.sheet.name),
            _("Type the 24 words of the sheet into a text file."),
        ) from None
    with opened(args) as ranger:
        ranger.devices.recover(sheet, name=args.name)
    out.say(_("This laptop is now an administrator of the site."))
    out.say(_("If a laptop was lost, shut it out: ranger-app device revoke DEVICE"))
    return {"role": "administrator"}
