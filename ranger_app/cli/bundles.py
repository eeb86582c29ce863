"""Commands that exchange with other laptops: bundle write, read, show, and differences."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ranger_app.cli.frame import Document, Out, command, opened, workspace_folder
from ranger_app.domain.clock import stamp_time
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import id_text, parse_id
from ranger_app.i18n import _, ngettext


def add_to(groups: Any) -> None:
    """Add these commands."""
    bundle = command(groups, "bundle", run=None, help=_("exchange by stick or folder"))
    verbs = bundle.add_subparsers(metavar=_("VERB"), required=True)
    write = command(verbs, "write", run=_write, help=_("write everything to a stick"))
    write.add_argument("folder", metavar="DIR", type=Path)
    write.add_argument("--without-files", action="store_true", help=_("changes only, no photos"))
    read = command(
        verbs,
        "read",
        run=_read,
        help=_("take what is new; a workspace that is not there yet is made and joins the site"),
    )
    read.add_argument("folder", metavar="DIR", type=Path)
    show = command(verbs, "show", run=_show, help=_("say what a stick holds"))
    show.add_argument("folder", metavar="DIR", type=Path)

    differences = command(groups, "differences", run=None, help=_("values that a person has to settle"))
    verbs = differences.add_subparsers(metavar=_("VERB"), required=True)
    command(verbs, "list", run=_list, help=_("list them"))
    settle = command(verbs, "settle", run=_settle, help=_("keep one of the values"))
    settle.add_argument("kind", metavar="KIND")
    settle.add_argument("id", metavar="ID")
    settle.add_argument("field", metavar="FIELD")
    settle.add_argument(
        "--keep", type=int, metavar="N", required=True, help=_("number of the value in the list, from 1")
    )


def _write(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        done = ranger.exchange.write(args.folder, out.work(), files=not args.without_files)
    out.say(
        _(
            "Wrote {folder}: {segments} segments of changes and {files} files, {size:.1f} MB, read back and "
            "checked."
        ).format(folder=done.folder, segments=done.segments, files=done.files, size=done.bytes / 1e6)
    )
    if done.files_elsewhere:
        out.say(_("{n} files are not on this laptop and were left out.").format(n=done.files_elsewhere))
    out.say(_("Bundles are not sealed yet: whoever has the stick can read them."))
    return {
        "folder": str(done.folder),
        "parts": done.parts,
        "segments": done.segments,
        "files": done.files,
        "files_elsewhere": done.files_elsewhere,
        "bytes": done.bytes,
    }


def _read(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.bootstrap import Ranger
    from ranger_app.cli.frame import passphrase
    from ranger_app.sync.reading import find_bundles

    find_bundles(args.folder)  # refuse a wrong folder before a workspace is made for it
    folder = workspace_folder(args)
    if not folder.exists():
        ranger, _doubts = Ranger.create(folder, site_name=None, passphrase=passphrase())
        ranger.close()
        out.say(_("Made “{name}”.").format(name=folder))
    with opened(args) as ranger:
        found = ranger.exchange.read(args.folder, out.work())
        listed, role = ranger.devices.directory() is not None, ranger.devices.role()
        aside = ranger.devices.count_aside()
    if found.joined:
        out.say(_("This workspace now belongs to {site}.").format(site=found.joined))
    out.say(
        _(
            "Took {segments} new segments of changes and {files} new files; {known} segments were here "
            "already."
        ).format(segments=found.segments_new, files=found.files_new, known=found.segments_known)
    )
    for name in found.missing_parts:
        out.say(
            _("Part {name} is missing or damaged: ask for it again. The rest was taken.").format(name=name)
        )
    if found.segments_refused:
        out.say(
            _("{n} segments were not signed as they should be and were refused.").format(
                n=found.segments_refused
            )
        )
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
    if found.forks:
        out.say(_("A workspace was copied and both copies were used; what they wrote since is kept aside."))
    if found.differences:
        out.say(
            ngettext("{n} difference to settle", "{n} differences to settle", found.differences).format(
                n=found.differences
            )
        )
    return {
        "segments_new": found.segments_new,
        "segments_known": found.segments_known,
        "segments_refused": found.segments_refused,
        "files_new": found.files_new,
        "missing_parts": found.missing_parts,
        "differences": found.differences,
        "joined": found.joined,
        "role": role,
        "aside": aside,
    }


def _show(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.sync.reading import find_bundles, show_bundle

    shown = []
    for folder in find_bundles(args.folder):
        bundle = show_bundle(folder)
        manifest = bundle.manifest
        out.say(_("Bundle {name}: {parts} parts.").format(name=bundle.bundle, parts=bundle.parts))
        for name in bundle.missing_parts:
            out.say(_("Part {name} is missing or damaged.").format(name=name))
        if manifest is None:
            out.say(_("Its list of contents is missing; what is there can still be read."))
        else:
            out.say(
                _("{segments} segments of changes, {files} files, {size:.1f} MB of files.").format(
                    segments=manifest.segments, files=manifest.files, size=manifest.file_bytes / 1e6
                )
            )
        shown.append(
            {
                "folder": str(folder),
                "bundle": bundle.bundle,
                "parts": bundle.parts,
                "missing_parts": bundle.missing_parts,
                "segments": manifest.segments if manifest else None,
                "files": manifest.files if manifest else None,
                "sealed": False,
            }
        )
    return shown


def _list(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        devices = {d.replica: d.name for d in ranger.exchange.devices()}
        found = [
            {
                "record": {"kind": d.kind, "id": id_text(d.id)},
                "field": d.field,
                "values": [
                    {
                        "value": v.value,
                        "by": v.author.hex(),
                        "device": devices.get(v.device, v.device.hex()),
                        "when": stamp_time(v.hlc).isoformat(),
                    }
                    for v in d.values
                ],
            }
            for d in ranger.exchange.differences()
        ]
    for entry in found:
        record = entry["record"]
        out.say(f"{record['kind']} {record['id']} {entry['field']}")  # type: ignore[index]
        for n, value in enumerate(entry["values"], start=1):
            out.say(f"  {n}. {value['value']}  ({value['device']}, {value['when'][:16]})")  # type: ignore[index]
    if not found:
        out.say(_("There is nothing to settle."))
    return found


def _settle(args: argparse.Namespace, out: Out) -> Document:
    id_ = parse_id(args.id)
    with opened(args) as ranger:
        for difference in ranger.exchange.differences():
            if (difference.kind, difference.id, difference.field) == (args.kind, id_, args.field):
                break
        else:
            raise NotFound(_("There is no such difference."), _("See: ranger-app differences list."))
        if not 1 <= args.keep <= len(difference.values):
            raise BadInput(
                _("There is no value {n}.").format(n=args.keep), _("See: ranger-app differences list.")
            )
        value = difference.values[args.keep - 1].value
        touched = ranger.exchange.settle(kind=args.kind, id=id_, field=args.field, value=value)
    out.say(_("Settled. The other value stays in the record's history."))
    return {"touched": {name: list(ids) for name, ids in touched.kinds.items()}}
