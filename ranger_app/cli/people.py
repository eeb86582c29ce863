"""Commands about the people of a site: person add, list, role, retire, passphrase."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, new_passphrase, opened
from ranger_app.domain.ids import Id, id_text
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.domain.people import Person


def add_to(groups: Any) -> None:
    """Add these commands."""
    person = command(groups, "person", run=None, help=_("the people who sign in, and what each may do"))
    verbs = person.add_subparsers(metavar=_("VERB"), required=True)
    command(verbs, "list", run=_list, help=_("list them"))
    add = command(verbs, "add", run=_add, help=_("take a person in; begin with yourself, as administrator"))
    add.add_argument("name", metavar="NAME")
    role = command(verbs, "role", run=_role, help=_("give a person other roles or laptops from now on"))
    role.add_argument("person", metavar="PERSON")
    for parser, needed in ((add, True), (role, False)):
        parser.add_argument(
            "--role",
            metavar="ROLE",
            action="append",
            required=needed,
            default=None,
            help=_("ranger, data-clerk, manager, assessor or administrator; may be given more than once"),
        )
        parser.add_argument(
            "--laptop",
            metavar="DEVICE",
            action="append",
            help=_("a laptop on which they sign in; all, if left out"),
        )
    role.add_argument("--everywhere", action="store_true", help=_("they sign in on every laptop"))
    retire = command(verbs, "retire", run=_retire, help=_("a person signs in no more"))
    retire.add_argument("person", metavar="PERSON")
    own = command(verbs, "passphrase", run=_passphrase, help=_("choose a person's passphrase on this laptop"))
    own.add_argument("person", metavar="PERSON", nargs="?", help=_("yourself, if left out"))


def _list(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        found = ranger.people.all()
        here = {one.id for one in ranger.people.here()}
        present = ranger.people.present
        document = [
            {
                **_about(one),
                "here": one.id in here,
                "passphrase": ranger.people.has_passphrase(one),
                "signed_in": present is not None and present.id == one.id,
            }
            for one in found
        ]
    for one, shown in zip(found, document, strict=True):
        what = ", ".join(one.roles) or _("retired")
        mark = " *" if shown["here"] else ""
        out.say(
            _("{id}  {name}: {what}{mark}").format(
                id=str(shown["id"])[:13], name=one.name, what=what, mark=mark
            )
        )
    if found:
        out.say(_("Those with a * sign in on this laptop."))
    else:
        out.say(_("Nobody signs in: what is written names the laptop alone."))
    return document


def _add(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        made = ranger.people.add(args.name, roles=args.role, devices=_laptops(ranger, args.laptop))
    out.say(
        _("“{name}” is one of the site's people now, as {roles}.").format(name=made.name, roles=_roles(made))
    )
    out.say(_("They choose a passphrase of their own when they first sign in on a laptop."))
    return {"person": _about(made)}


def _role(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        person = ranger.people.find(args.person)
        now = ranger.people.change(
            person,
            roles=args.role,
            devices=_laptops(ranger, args.laptop),
            everywhere=args.everywhere,
        )
    out.say(_("“{name}” is {roles} from now on.").format(name=now.name, roles=_roles(now)))
    return {"person": _about(now)}


def _retire(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        person = ranger.people.find(args.person)
        ranger.people.retire(person)
        aside = ranger.devices.count_aside()
    out.say(_("“{name}” signs in no more; what they wrote until now counts.").format(name=person.name))
    out.say(_("The other laptops learn of it with the next bundle."))
    return {"person": {"id": id_text(Id(person.id)), "name": person.name}, "aside": aside}


def _passphrase(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        person = ranger.people.present if args.person is None else ranger.people.find(args.person)
        if person is None:
            person = ranger.people.find("")
        ranger.people.choose_passphrase(person, new_passphrase())
    out.say(
        _("“{name}” opens this laptop's workspace with that passphrase from now on.").format(name=person.name)
    )
    return {"person": {"id": id_text(Id(person.id)), "name": person.name}}


def _laptops(ranger: Ranger, named: list[str] | None) -> list[bytes] | None:
    return [ranger.devices.find(one).replica for one in named] if named else None


def _about(person: Person) -> dict[str, Any]:
    where = person.devices
    return {
        "id": id_text(Id(person.id)),
        "name": person.name,
        "roles": list(person.roles),
        "laptops": None if where is None else sorted(one.hex() for one in where),
    }


def _roles(person: Person) -> str:
    return ", ".join(person.roles)
