"""Commands for what is not told to everybody: places of listed species, and values to drop for good."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.ids import id_text, parse_id
from ranger_app.domain.seeing import LISTED_GRID_DEG
from ranger_app.domain.sites import Erasure, Site
from ranger_app.domain.species_list import MAX_SPECIES, read_list
from ranger_app.i18n import _, ngettext, number
from ranger_app.storage.faults import disk_told

MAX_FILE = 4 << 20  # bytes


def add_to(groups: Any) -> None:
    """Add these commands."""
    sensitive = command(
        groups,
        "sensitive",
        run=None,
        help=_("species whose places few are told; values to drop"),
    )
    verbs = sensitive.add_subparsers(metavar=_("VERB"), required=True)
    command(verbs, "list", run=_list, help=_("say which they are, and how far each is blurred"))
    setting = command(verbs, "set", run=_set, help=_("put another list in its place"))
    setting.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help=_(
            "a CSV file in UTF-8 with a row a species: its names and keys with semicolons between them, "
            "then the grid in degrees ({usual} if it is left out)"
        ).format(usual=LISTED_GRID_DEG),
    )

    redact = command(
        verbs,
        "redact",
        run=_redact,
        help=_("drop a sensitive value of a record for good, here and wherever it is heard of"),
        description=_(
            "Drops every value that FIELD of a record ever had, with its file where it is one. That cannot "
            "be taken back; add --yes when you are sure. Only managers and administrators may."
        ),
    )
    redact.add_argument("kind", metavar="KIND", help=_("such as value, waypoint, photo, attachment"))
    redact.add_argument("id", metavar="ID")
    redact.add_argument("field", metavar="FIELD", help=_("such as text, comment, lon, file"))
    redact.add_argument("--reason", metavar="TEXT", default="", help=_("why; it is kept and shown"))
    redact.add_argument("--yes", action="store_true", help=_("really; nothing brings it back"))
    command(verbs, "redacted", run=_redacted, help=_("list what was dropped"))


def _redact(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.storage.dropping import not_promised

    if not args.yes:
        raise Refused(
            _("Nothing was dropped: this cannot be taken back."),
            _("Add --yes when you are sure. {words}").format(words=" ".join(not_promised())),
        )
    with opened(args) as ranger:
        done = ranger.drop_value(args.kind, parse_id(args.id), args.field, reason=args.reason)
    places = ngettext("{count} change", "{count} changes", done.places).format(count=number(done.places))
    out.say(
        _("Dropped for good: {fields}, from {places}.").format(fields=", ".join(done.fields), places=places)
    )
    for sentence in not_promised():
        out.say(sentence)
    return {
        "fields": list(done.fields),
        "changes": done.places,
        "files": done.files,
        "not_promised": list(not_promised()),
    }


def _redacted(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger, ranger.workspace.reading() as data:
        found = data.find(Erasure, order=("id",))
    for one in found:
        out.say(f"{one.kind} {id_text(one.record_id)} {one.field}  {one.reason}")
    if not found:
        out.say(_("Nothing was dropped yet."))
    return [
        {"kind": one.kind, "id": id_text(one.record_id), "field": one.field, "reason": one.reason}
        for one in found
    ]


def _list(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        site = ranger.site()
    found = site.listed_species if site is not None and isinstance(site.listed_species, list) else []
    for one in found:
        out.say(f"{one['grid_deg']:g}°  {', '.join(one['names'])}")
    if not found:
        out.say(_("None yet: every place is told as it is to who may see the patrol."))
    return found


def _set(args: argparse.Namespace, out: Out) -> Document:
    with disk_told(args.file), open(args.file, "rb") as source:
        raw = source.read(MAX_FILE + 1)
    species = _species(raw, args.file.name)
    with opened(args) as ranger:
        with ranger.workspace.unit("listed species") as unit:
            unit.change((Site, ranger.workspace.site_id), listed_species=species)
        touched = {name: list(ids) for name, ids in unit.touched.kinds.items()}
    text = ngettext("{count} species is on the list.", "{count} species are on the list.", len(species))
    out.say(text.format(count=number(len(species))))
    return {"species": len(species), "touched": touched}


def _species(untrusted: bytes, name: str) -> list[dict[str, Any]]:
    try:
        rows = list(csv.reader(io.StringIO(untrusted.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        rows = []
    found = []
    for row in rows[: MAX_SPECIES + 1]:
        names = [one.strip() for one in (row[0] if row else "").split(";") if one.strip()]
        if names:
            found.append({"names": names, "grid_deg": _grid(row[1] if len(row) > 1 else "", name)})
    if not read_list(found) or len(found) > MAX_SPECIES or len(untrusted) > MAX_FILE:
        raise BadInput(
            _("“{name}” is no list of species.").format(name=name),
            _("Write a row a species, as: Panthera tigris;Amur tiger;amurtiger,0.1"),
        )
    return found


def _grid(text: str, name: str) -> float:
    try:
        grid = float(text) if text.strip() else LISTED_GRID_DEG
    except ValueError:
        grid = 0.0
    if not 0.0001 <= grid <= 10:
        raise BadInput(
            _("“{text}” in “{name}” is no grid in degrees.").format(text=text[:20], name=name),
            _("Write a number such as 0.1, which is about 11 km."),
        )
    return grid
