"""Commands that list, show and set any kind of record."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import KindSpec, Record
from ranger_app.domain.ids import ID_BYTES, Id, id_text, parse_id
from ranger_app.domain.kinds import BY_NAME, kind_named
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Device
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.storage.reading import Erased

_LIMIT = 1_000
_UNSEEN = {
    Unseen.WITHHELD: lambda: _("(did not come to this laptop)"),
    Unseen.ERASED: lambda: _("(erased)"),
    Unseen.HIDDEN: lambda: _("(not shown to you)"),
}


def add_to(groups: Any) -> None:
    """Add these commands."""
    record = command(groups, "record", run=None, help=_("list, show or set records of any kind"))
    verbs = record.add_subparsers(metavar=_("VERB"), required=True)
    kinds = _("one of: ") + ", ".join(sorted(BY_NAME))

    listing = command(verbs, "list", run=_list, help=_("list records of a kind"))
    listing.add_argument("kind", metavar="KIND", help=kinds)
    listing.add_argument("--limit", type=int, default=_LIMIT, metavar="N")

    show = command(verbs, "show", run=_show, help=_("show one record"))
    show.add_argument("kind", metavar="KIND", help=kinds)
    show.add_argument("id", metavar="ID")
    show.add_argument("--history", action="store_true", help=_("with everything that was done to it"))

    setting = command(verbs, "set", run=_set, help=_("set fields of one record"))
    setting.add_argument("kind", metavar="KIND", help=kinds)
    setting.add_argument("id", metavar="ID")
    setting.add_argument("fields", metavar="FIELD=VALUE", nargs="+")


def _list(args: argparse.Namespace, out: Out) -> Document:
    kind = kind_named(args.kind)
    with opened(args) as ranger, ranger.workspace.reading() as data:
        found = [_as_document(kind, r) for r in data.find(kind.cls, order=("id",), limit=args.limit)]
        total = data.count(kind.cls)
    for row in found:
        out.say(f"{row['id']}  {_title(row)}")
    if total > len(found):
        out.say(_("{n} of {total}; say --limit N for more.").format(n=len(found), total=total))
    return found


def _show(args: argparse.Namespace, out: Out) -> Document:
    kind = kind_named(args.kind)
    with opened(args) as ranger, ranger.workspace.reading() as data:
        record = data.need(kind.cls, parse_id(args.id))
        shown = _as_document(kind, record)
        if args.history:
            names = {one.replica: one.name for one in data.find(Device)} | dict(ranger.people.names())
            shown["history"] = [
                {
                    "at": c.at,
                    "device": c.device.hex(),
                    "by": ", ".join(_named(names, c.author, c.device)),
                    "field": c.field,
                    "value": _printable(c.value),
                    "standing": c.standing,
                    "action": c.action,
                    "erased": c.erased and {"at": c.erased.at, "by": _who(c.erased, names)},
                }
                for c in data.history(kind.cls, record.id)
            ]
    for name, value in shown.items():
        if value not in (None, "", []) and name != "history":
            out.say(f"{name:>22}  {value}")
    for change in shown.get("history", []):
        what = f"{change['field'] or _('made')}  {_value_words(change)}"
        out.say(f"{change['at']:%Y-%m-%d %H:%M}  {what}  ({change['by']})")
    return shown


def _named(names: Mapping[bytes, str], author: bytes, device: bytes) -> list[str]:
    """The person who wrote something, where one was signed in, and the laptop."""
    return [*filter(None, [names.get(author)]), names.get(device) or device.hex()[:12]]


def _who(erased: Erased, names: Mapping[bytes, str]) -> str:
    """The person who erased something, or else the laptop."""
    return _named(names, erased.author, erased.device)[0]


def _value_words(change: Mapping[str, Any]) -> str:
    erased = change["erased"]
    if not erased:
        value = change["value"]
        return _UNSEEN[value]() if isinstance(value, Unseen) else str(value or "")
    words = _("erased on {day} by {name}")
    return words.format(day=format(erased["at"].astimezone(), "%Y-%m-%d"), name=erased["by"])


def _set(args: argparse.Namespace, out: Out) -> Document:
    kind = kind_named(args.kind)
    values = dict(_assignment(kind, text) for text in args.fields)
    with opened(args) as ranger:
        with ranger.workspace.unit("record set") as unit:
            record = unit.data.need(kind.cls, parse_id(args.id))
            unit.change(record, **values)
        touched = {name: list(ids) for name, ids in unit.touched.kinds.items()}
    out.say(_("Set.") if touched else _("Nothing to do: it has these values already."))
    return {"touched": touched}


def _assignment(kind: KindSpec, text: str) -> tuple[str, Any]:
    from ranger_app.sync.typed import typed

    name, equals, value = text.partition("=")
    field = kind.by_name.get(name.strip())
    if not equals or field is None:
        raise BadInput(
            _("“{text}” does not set a field of a {kind}.").format(text=text[:60], kind=kind.name),
            _("Write FIELD=VALUE with one of: {names}.").format(names=", ".join(sorted(kind.by_name))),
        )
    return field.name, typed(field, value)


def _as_document(kind: KindSpec, record: Record) -> dict[str, Any]:
    fields = {f.name: _printable(getattr(record, f.name)) for f in kind.fields}
    return {"id": id_text(record.id), "site_id": id_text(record.site_id), **fields}


def _printable(value: Any) -> Any:
    """Long raw values are shown by their size; ids and hashes as text."""
    if not isinstance(value, bytes):
        return value
    if len(value) == ID_BYTES:
        return id_text(Id(value))
    return value.hex() if len(value) <= 32 else f"({len(value)} bytes)"


def _title(row: dict[str, Any]) -> str:
    for name in ("title", "name", "number", "file_name", "indicator", "category", "type", "attribute"):
        if row.get(name):
            return str(row[name])
    return ""
