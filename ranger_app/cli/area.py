"""Commands about what a site knows of its animals: its list of species, what models' words mean here."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.frame import Document, Out, command, opened
from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _, ngettext

if TYPE_CHECKING:
    from ranger_app.domain.photos import AreaSpecies, LabelMeaning

_LINES_SAID = 40


def add_to(groups: Any) -> None:
    """Add these commands."""
    area = command(
        groups,
        "area",
        run=None,
        help=_("what occurs here, what models' words mean here, and what that makes of their results"),
        description=_(
            "Results stay as the model gave them; the list, the meanings and the rules are held against "
            "them whenever they are shown, so that a change holds at once and no model runs again."
        ),
    )
    verbs = area.add_subparsers(metavar=_("VERB"), required=True)

    command(verbs, "show", run=_show, help=_("the list of species and the meanings of words"))

    add = command(verbs, "add", run=_add, help=_("put a species on the list"))
    add.add_argument("scientific", metavar="SCIENTIFIC", help=_("such as “Cervus nippon”"))
    add.add_argument("name", metavar="NAME", nargs="?", default="", help=_("as people here say"))

    strike = command(verbs, "remove", run=_strike, help=_("take a species off the list"))
    strike.add_argument("name", metavar="NAME", help=_("either of its names"))

    read = command(
        verbs,
        "read",
        run=_read,
        help=_("put the species of a table on the list"),
        description=_(
            "A CSV file in UTF-8 with the columns name, scientific_name, class, order, family, note; one of "
            "the first two is enough."
        ),
    )
    read.add_argument("file", metavar="FILE", type=Path)

    write = command(verbs, "write", run=_write, help=_("write the list as a table that can be read again"))
    write.add_argument("file", metavar="FILE", type=Path)

    mean = command(verbs, "mean", run=_mean, help=_("say what a word of models means here"))
    mean.add_argument("says", metavar="WORD", help=_("what the model says"))
    mean.add_argument("name", metavar="NAME", help=_("what it is here"))
    mean.add_argument("--scientific", metavar="NAME", default="", help=_("its scientific name"))

    unmean = command(verbs, "unmean", run=_unmean, help=_("let a word mean again what the model says"))
    unmean.add_argument("says", metavar="WORD")

    apply = command(
        verbs,
        "results",
        run=_results,
        help=_("what the model said and what the area's rules make of it, counted"),
    )
    apply.add_argument("--pack", metavar="P", default="", help=_("id, id@version or folder of a model pack"))


def _show(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        species, meanings = ranger.photos.area.species(), ranger.photos.area.meanings()
    for one in species:
        out.say(f"{one.name}  {one.scientific_name}" if one.scientific_name != one.name else one.name)
    if not species:
        out.say(_("The list of species is empty, so nothing is refused by it."))
    for meaning in meanings:
        text = _("“{word}” means {name} here.")
        out.say(text.format(word=meaning.says, name=_both(meaning.name, meaning.scientific_name)))
    return {"species": [_species(one) for one in species], "meanings": [_meaning(one) for one in meanings]}


def _add(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.photos.area.area_book import SpeciesLine

    line = SpeciesLine(name=args.name, scientific_name=args.scientific)
    with opened(args) as ranger:
        changed = ranger.photos.area.list_species((line,))
    return _listed(changed, out)


def _strike(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        gone = ranger.photos.area.strike_species(args.name)
    out.say(_("{name} is off the list.").format(name=gone.name))
    return {"removed": _species(gone)}


def _read(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        changed = ranger.photos.area.read_list(args.file)
    return _listed(changed, out)


def _listed(changed: int, out: Out) -> Document:
    text = ngettext("{count} species new or changed.", "{count} species new or changed.", changed)
    out.say(text.format(count=changed))
    return {"changed": changed}


def _write(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        text = ranger.photos.area.list_as_csv()
    try:
        args.file.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        reason = error.strerror or error
        words = _("The list could not be written to {path}: {reason}.")
        raise BadInput(words.format(path=args.file, reason=reason)) from error
    out.say(_("Written to {path}.").format(path=args.file))
    return {"path": str(args.file)}


def _mean(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        made = ranger.photos.area.mean(args.says, args.name, scientific_name=args.scientific)
    text = _("“{word}” means {name} here.")
    out.say(text.format(word=made.says, name=_both(made.name, made.scientific_name)))
    return _meaning(made)


def _unmean(args: argparse.Namespace, out: Out) -> Document:
    with opened(args) as ranger:
        gone = ranger.photos.area.unmean(args.says)
    out.say(_("“{word}” means again what the model says.").format(word=gone.says))
    return {"removed": _meaning(gone)}


def _results(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.photos.area.rules import summed

    with opened(args) as ranger:
        photos = ranger.photos
        used = None if args.pack else photos.pack_used()
        pack = photos.packs.choose(args.pack) if used is None else None
        key = (used.id, used.version) if used else (pack.id, pack.version) if pack else ("", "")
        counts = summed([made for _photo, made in photos.area.all_ruled(*key)])
    rows = [
        {"said": said, "name": name, "rules": rules.split(), "photos": count}
        for (said, name, rules), count in counts.items()
    ]
    out.say(_("Results of {pack}, each as: photos, what the model said, what it is here.").format(
        pack=" ".join(key)
    ))  # fmt: skip
    for (said, name, rules), count in list(counts.items())[:_LINES_SAID]:
        out.say(f"{count:>7}  {said}" + (f"  →  {name}  ({rules})" if rules else ""))
    return {"pack": {"id": key[0], "version": key[1]}, "results": rows}


def _both(name: str, scientific: str) -> str:
    return f"{name} ({scientific})" if scientific and scientific != name else name


def _species(one: AreaSpecies) -> dict[str, Any]:
    return {
        "name": one.name,
        "scientific_name": one.scientific_name,
        "upper": list(one.upper),
        "note": one.note,
    }


def _meaning(one: LabelMeaning) -> dict[str, Any]:
    return {"says": one.says, "name": one.name, "scientific_name": one.scientific_name, "note": one.note}
