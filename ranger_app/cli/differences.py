"""Commands for what was written apart on two laptops: differences list and settle."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import Id, id_text, parse_id
from ranger_app.domain.kinds import kind_named
from ranger_app.i18n import _, ngettext

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.sync.differences import Outcome, Unsettled

LIKE = ("trip", "kind")
LATEST = "latest"


def add_to(groups: Any) -> None:
    """Add these commands."""
    differences = command(groups, "differences", run=None, help=_("values that a person has to settle"))
    verbs = differences.add_subparsers(metavar=_("VERB"), required=True)
    list_ = command(verbs, "list", run=_list, help=_("list them, with who wrote what, where and when"))
    _filter(list_)
    settle = command(verbs, "settle", run=_settle, help=_("keep one of the values, or write a new one"))
    settle.add_argument("kind", metavar="KIND", nargs="?")
    settle.add_argument("id", metavar="ID", nargs="?")
    settle.add_argument("field", metavar="FIELD", nargs="?")
    what = settle.add_mutually_exclusive_group()
    what.add_argument("--keep", type=int, metavar="N", help=_("number of the value in the list, from 1"))
    what.add_argument("--write", metavar="VALUE", help=_("something new in the place of all values"))
    what.add_argument("--undo", action="store_true", help=_("lay open again what was last settled here"))
    settle.add_argument(
        "--like",
        choices=LIKE,
        help=_("settle alike, with the values of the same laptop: all of one trip, or of one kind and field"),
    )
    settle.add_argument(
        "--all",
        metavar="LAPTOP",
        dest="laptop",
        help=_("settle everything with what was written on this laptop, or with “latest”"),
    )
    _filter(settle)


def _filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--of-kind", metavar="KIND", help=_("only of this kind of record"))
    parser.add_argument("--trip", metavar="ID", help=_("only of this patrol, assessment or camera station"))


def _list(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        found = _chosen(ranger, args)
    for one in found:
        out.say(f"{one.record} – {one.about}   [{one.kind} {id_text(one.id)} {one.field}]")
        for n, version in enumerate(one.versions, start=1):
            who = ", ".join(filter(None, (version.by, version.device, f"{version.at:%Y-%m-%d %H:%M}")))
            out.say(f"  {n}. {version.words}  ({who})")
    if not found:
        out.say(_("There is nothing to settle."))
    return [_document(one) for one in found]


def _document(one: Unsettled) -> dict[str, Any]:
    return {
        "id": one.key,
        "record": {"kind": one.kind, "id": id_text(one.id), "words": one.record},
        "trip": {"kind": one.trip_kind, "id": id_text(one.trip), "words": one.trip_words},
        "field": one.field,
        "values": [
            {
                "value": version.value,
                "words": version.words,
                "by": version.by,
                "device": version.device,
                "when": version.at.isoformat(),
            }
            for version in one.versions
        ],
    }


def _settle(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        if args.undo:
            touched = ranger.differences.take_back()
            out.say(_("What was last settled here is laid open again."))
            return _touched(touched.kinds)
        if args.laptop is not None:
            return _tell_alike(_settle_all(ranger, args), out)
        if args.kind is None or args.id is None or args.field is None:
            raise BadInput(
                _("Say which difference: KIND ID FIELD."), _("See them with: ranger-app differences list.")
            )
        one = ranger.differences.find(args.kind, parse_id(args.id), args.field)
        if args.like:
            return _tell_alike(_settle_alike(ranger, one, args), out)
        touched = ranger.differences.write(one, _value(one, args))
    out.say(_("Settled. The other values stay in the record's history."))
    return _touched(touched.kinds)


def _chosen(ranger: Ranger, args: argparse.Namespace) -> list[Unsettled]:
    kind = kind_named(args.of_kind).name if args.of_kind else None
    trip = parse_id(args.trip) if args.trip else None
    return [
        one
        for one in ranger.differences.all()
        if (kind is None or one.kind == kind) and (trip is None or one.trip == trip)
    ]


def _value(one: Unsettled, args: argparse.Namespace) -> Any:
    if args.write is not None:
        return one.typed(args.write)
    return _version(one, args.keep).value


def _version(one: Unsettled, n: int | None) -> Any:
    if n is None or not 1 <= n <= len(one.versions):
        raise BadInput(
            _("There is no value {n}.").format(n=n if n is not None else "–"),
            _("Choose one with --keep N; see: ranger-app differences list."),
        )
    return one.versions[n - 1]


def _settle_alike(ranger: Ranger, one: Unsettled, args: argparse.Namespace) -> Outcome:
    replica = _version(one, args.keep).replica
    among = [other for other in ranger.differences.all() if other.is_like(one, alike=args.like)]
    return ranger.differences.keep_alike(among, replica=replica)


def _settle_all(ranger: Ranger, args: argparse.Namespace) -> Outcome:
    return ranger.differences.keep_alike(_chosen(ranger, args), replica=_replica(ranger, args.laptop))


def _replica(ranger: Ranger, named: str) -> bytes | None:
    if named == LATEST:
        return None
    found = [one for one in ranger.exchange.devices() if one.name == named]
    if len(found) != 1:
        raise NotFound(
            _("There is no single laptop called “{name}”.").format(name=named[:60]),
            _("Use its name as “ranger-app device list” shows it, or: latest."),
        )
    return found[0].replica


def _tell_alike(done: Outcome, out: Out) -> Document:
    out.say(
        ngettext("{n} difference was settled.", "{n} differences were settled.", done.settled).format(
            n=done.settled
        )
    )
    if done.left:
        out.say(
            ngettext(
                "{n} is left: nothing was written on that laptop, or it may not be settled here.",
                "{n} are left: nothing was written on that laptop, or they may not be settled here.",
                done.left,
            ).format(n=done.left)
        )
    return {"settled": done.settled, "left": done.left, **_touched(done.touched.kinds)}


def _touched(kinds: Any) -> dict[str, Any]:
    ids: dict[str, list[Id]] = {name: list(some) for name, some in kinds.items()}
    return {"touched": ids}
