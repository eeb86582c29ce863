"""Commands about camera-trap photos: take a card in, let a model look, list, label."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.cli.photo_results import add_verbs
from ranger_app.config import read_settings, reviewer_name
from ranger_app.domain.ids import id_text, parse_id
from ranger_app.domain.photos import LABEL_TYPES
from ranger_app.i18n import _, file_size, ngettext, time_to_wait

if TYPE_CHECKING:
    from ranger_app.inference.cluster import Certificates
    from ranger_app.photos.area.rules import Ruled
    from ranger_app.photos.called import Name
    from ranger_app.photos.intake.card import LeftOut
    from ranger_app.photos.runs.forecast import Forecast
    from ranger_app.photos.runs.runs import How
    from ranger_app.photos.views import Tile

_LIMIT = 1_000
_LINES_SAID = 20


def add_to(groups: Any) -> None:
    """Add these commands."""
    photos = command(
        groups, "photos", run=None, help=_("take in, classify, list and label camera-trap photos")
    )
    verbs = photos.add_subparsers(metavar=_("VERB"), required=True)

    add = command(
        verbs,
        "add",
        run=_add,
        help=_("take in the pictures of a memory card"),
        description=_(
            "Takes in every picture under FOLDER that is not in the workspace yet; originals are never "
            "changed. After a stop, add the same folder again: the rest follows."
        ),
    )
    add.add_argument("folder", metavar="FOLDER", type=Path)
    add.add_argument("--station", metavar="NAME", required=True, help=_("where the camera hung; made if new"))
    add.add_argument(
        "--link",
        action="store_true",
        help=_("leave the pictures where they are, copy nothing; they are not sealed"),
    )
    add.add_argument(
        "--gap", metavar="S", type=float, default=60.0, help=_("seconds that part two sequences (60)")
    )

    classify = command(
        verbs,
        "classify",
        run=_classify,
        help=_("let a model look at the photos that it has not seen"),
        description=_(
            "Only new photos are looked at; the JSON lists what the pack said of all photos (of the "
            "station), also in earlier runs. Labels that people gave are never touched."
        ),
    )
    classify.add_argument(
        "--pack", metavar="P", default="", help=_("id, id@version or folder of a model pack")
    )
    classify.add_argument("--device", choices=["cpu"], default="cpu", help=_("where the model runs"))
    classify.add_argument("--station", metavar="NAME", help=_("only the photos of this station"))
    classify.add_argument("--from", dest="start", metavar="HH:MM", help=_("run only from this hour …"))
    classify.add_argument("--until", metavar="HH:MM", help=_("… until this one, every night"))
    classify.add_argument("--mains-only", action="store_true", help=_("pause on battery"))
    classify.add_argument("--processes", type=int, default=0, metavar="N", help=_("share it among processes"))
    classify.add_argument("--cluster", metavar="ADDRESS", default="", help=_("share it among Dask workers"))
    classify.add_argument("--tls-ca", type=Path, metavar="FILE", help=_("CA of a cluster at tls://…"))
    classify.add_argument("--tls-cert", type=Path, metavar="FILE", help=_("this laptop's certificate there"))
    classify.add_argument("--tls-key", type=Path, metavar="FILE", help=_("the key of that certificate"))
    classify.add_argument(
        "--forecast", action="store_true", help=_("only say how many photos wait, and for how long")
    )

    listing = command(verbs, "list", run=_list, help=_("list photos with what model and people say"))
    listing.add_argument("--station", metavar="NAME", help=_("only the photos of this station"))
    listing.add_argument(
        "--shows", choices=["animal", "person", "vehicle", "empty", "unknown"], default="",
        help=_("only photos of this; a label counts before the model's result"),
    )  # fmt: skip
    listing.add_argument(
        "--called", metavar="NAME", default="",
        help=_("only photos under this name: people's, else what the site makes of the model's word"),
    )  # fmt: skip
    listing.add_argument("--unlabelled", action="store_true", help=_("only photos that nobody has labelled"))
    listing.add_argument("--limit", type=int, default=_LIMIT, metavar="N", help=_("so many at most"))

    label = command(verbs, "label", run=_label, help=_("say what a photo shows"))
    label.add_argument("id", metavar="ID")
    label.add_argument("type", metavar="TYPE", choices=LABEL_TYPES, help=", ".join(LABEL_TYPES))
    label.add_argument("name", metavar="NAME", nargs="?", default="", help=_("species or group"))
    label.add_argument("--count", type=int, metavar="N", help=_("how many animals"))
    label.add_argument("--sequence", action="store_true", help=_("all photos of its sequence"))
    label.add_argument("--by", metavar="NAME", help=_("who says so; this account's name if left out"))

    add_verbs(verbs)

    undo = command(verbs, "undo", run=_undo, help=_("take back the last label that a person gave"))
    undo.add_argument("--by", metavar="NAME", help=_("whose; this account's name if left out"))


def _add(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.photos.intake.shots import Mode

    with opened(args) as ranger:
        taken = ranger.photos.add(
            args.folder,
            station=args.station,
            mode=Mode.LINK if args.link else Mode.COPY,
            gap_s=args.gap,
            work=out.work(),
        )
    photos = ngettext("{count} photo taken in", "{count} photos taken in", taken.added)
    sequences = ngettext("{count} sequence", "{count} sequences", taken.sequences)
    out.say(
        _("{photos}, {sequences}; {already} here already; {size} read.").format(
            photos=photos.format(count=taken.added),
            sequences=sequences.format(count=taken.sequences),
            already=taken.already,
            size=file_size(taken.size_bytes),
        )
    )
    _say_files(out, _("Not taken:"), taken.failed)
    _say_files(out, _("Taken, with a note:"), taken.notes)
    return {
        "added": taken.added,
        "already": taken.already,
        "sequences": taken.sequences,
        "failed": _files(taken.failed),
        "notes": _files(taken.notes),
        "station": id_text(taken.station_id) if taken.station_id else None,
    }


def _classify(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        photos = ranger.photos
        pack = photos.packs.choose(args.pack)
        station_id = photos.station_named(args.station) if args.station else None
        if pack.caution:
            out.say(pack.caution)
        before = photos.forecast(pack=args.pack, station_id=station_id)
        _say_forecast(out, before)
        if args.forecast:
            return {"waiting": before.waiting, "seconds": before.seconds}
        run = photos.classify(pack=args.pack, station_id=station_id, how=_how(args), work=out.work())
        digest = photos.results_digest(pack)
        shown, failed = [], {one.file: one.text for one in run.failed}
        area = photos.area
        for photo, said in photos.results(pack, station_id=station_id):
            if said.failure:
                failed.setdefault(photo.file, said.failure)
                continue
            shown.append(
                {
                    "id": id_text(photo.id),
                    "file": photo.file,
                    "sha256": photo.sha256.hex(),
                    "animal": said.animal,
                    "person": said.person,
                    "vehicle": said.vehicle,
                    "boxes": said.boxes or [],
                    "groups": said.groups or [],
                    "area": _made(area.ruled(said)),
                }
            )
    seconds = round(run.seconds, 3)
    text = ngettext(
        "{done} photo looked at in {seconds} s; {all} have a result of {pack}.",
        "{done} photos looked at in {seconds} s; {all} have a result of {pack}.",
        run.done,
    )
    name = f"{pack.id} {pack.version}"
    out.say(text.format(done=run.done, seconds=round(seconds, 1), all=len(shown), pack=name))
    rate = round(run.done / run.seconds, 1) if run.done and run.seconds else None
    if rate is not None:
        out.say(_("That is {rate} photos a second.").format(rate=rate))
    _say(out, _("Not looked at:"), [f"{file}: {reason}" for file, reason in failed.items()])
    return {
        "done": run.done,
        "seconds": seconds,
        "photos_a_second": rate,
        "pack": {"id": pack.id, "version": pack.version, "caution": pack.caution},
        "digest": digest,
        "failed": [{"file": file, "text": reason} for file, reason in failed.items()],
        "photos": shown,
    }


def _how(args: argparse.Namespace) -> How:
    from ranger_app.domain.errors import BadInput
    from ranger_app.photos.runs.pace import Pace, hour
    from ranger_app.photos.runs.runs import How

    if bool(args.start) != bool(args.until):
        raise BadInput(_("A run by night needs both hours."), _("Say --from 20:00 --until 6:00."))
    pace = Pace(
        start=hour(args.start) if args.start else None,
        until=hour(args.until) if args.until else None,
        pause_on_battery=args.mains_only,
    )
    return How(pace=pace, processes=args.processes, cluster=args.cluster, certificates=_certificates(args))


def _certificates(args: argparse.Namespace) -> Certificates | None:
    if not (args.tls_ca or args.tls_cert or args.tls_key):
        return None
    from ranger_app.inference.cluster import Certificates

    certificates = Certificates(ca=args.tls_ca, certificate=args.tls_cert, key=args.tls_key)
    certificates.check(args.cluster)
    return certificates


def _say_forecast(out: Out, before: Forecast) -> None:
    if before.waiting and before.seconds is not None:
        text = ngettext(
            "{count} photo waits: about {time}.", "{count} photos wait: about {time}.", before.waiting
        )
        out.say(text.format(count=before.waiting, time=time_to_wait(before.seconds)))
    elif before.waiting:
        text = ngettext(
            "{count} photo waits; how long it takes is known after the first run.",
            "{count} photos wait; how long they take is known after the first run.",
            before.waiting,
        )
        out.say(text.format(count=before.waiting))


def _made(ruled: Ruled | None) -> dict[str, Any] | None:
    """What the site's knowledge makes of a result; None where it is left as it is."""
    if ruled is None or not ruled.changed:
        return None
    return {
        "said": ruled.said,
        "name": ruled.name,
        "scientific_name": ruled.scientific,
        "score": round(ruled.score, 5),
        "rules": [step.rule for step in ruled.steps],
        "why": [step.words for step in ruled.steps],
    }


def _list(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.photos.views import Wanted

    with opened(args) as ranger:
        photos = ranger.photos
        station_id = photos.station_named(args.station) if args.station else None
        wanted = Wanted(
            station_id=station_id, shows=args.shows, called=args.called, unlabelled=args.unlabelled
        )
        ids = photos.ids(wanted)
        tiles = photos.tiles(ids[: max(args.limit, 0)])
        made = photos.called.names_of([tile.id for tile in tiles], photos.pack_used())
        stations = {station.id: station.name for station in photos.stations()}
    rows = [
        _row(tile, stations.get(tile.station_id, "") if tile.station_id else "", made.get(tile.id))
        for tile in tiles
    ]
    for row in rows:
        said = (row["machine"], row["label"], row["called"])
        words = (row["id"], row["taken"] or "–", row["station"], row["file"], *said)
        out.say("  ".join(word for word in words if word))
    if len(ids) > len(rows):
        out.say(_("{n} of {total}; say --limit N for more.").format(n=len(rows), total=len(ids)))
    return rows


def _row(tile: Tile, station: str, made: Name | None) -> dict[str, Any]:
    from ranger_app.photos.called import name_of
    from ranger_app.photos.review import Latest

    latest = tile.verdict.latest if tile.verdict else None
    return {
        "id": id_text(tile.id),
        "file": tile.file_name,
        "taken": tile.taken_local.isoformat() if tile.taken_local else None,
        "station": station,
        "sequence": id_text(tile.sequence_id) if tile.sequence_id else None,
        "machine": tile.machine_shows,
        "scores": tile.scores._asdict() if tile.scores else None,
        "called": name_of(Latest(latest.type, latest.name) if latest else None, made),
        "area": made._asdict() if made else None,
        "label": latest.type if latest else None,
        "name": latest.name if latest else None,
        "by": latest.by if latest else None,
        "agreed": tile.verdict.agreed if tile.verdict else None,
        "note": tile.note,
    }


def _label(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.photos.review import Word

    with opened(args) as ranger:
        one = ranger.photos.photo(parse_id(args.id))
        ids = one.sequence if args.sequence else (one.photo.id,)
        word = Word(type=args.type, name=args.name, count=args.count)
        count = ranger.photos.label(ids, word, by=_by(args))
    out.say(ngettext("{count} photo labelled.", "{count} photos labelled.", count).format(count=count))
    return {"labelled": [id_text(id_) for id_ in ids]}


def _undo(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        ids = ranger.photos.undo(by=_by(args))
    count = len(ids)
    if count:
        text = ngettext("Taken back on {count} photo.", "Taken back on {count} photos.", count)
        out.say(text.format(count=count))
    else:
        out.say(_("There is nothing to take back."))
    return {"undone": [id_text(id_) for id_ in ids]}


def _by(args: argparse.Namespace) -> str:
    return args.by if args.by is not None else reviewer_name(read_settings().settings)


def _files(some: Iterable[LeftOut]) -> list[dict[str, str]]:
    return [{"file": one.file, "text": one.text} for one in some]


def _say_files(out: Out, title: str, some: Iterable[LeftOut]) -> None:
    _say(out, title, [f"{one.file}: {one.text}" for one in some])


def _say(out: Out, title: str, lines: list[str]) -> None:
    if lines:
        out.say(title)
    for line in lines[:_LINES_SAID]:
        out.say(f"  {line}")
    if len(lines) > _LINES_SAID:
        more = len(lines) - _LINES_SAID
        out.say("  " + ngettext("and {count} more", "and {count} more", more).format(count=more))
