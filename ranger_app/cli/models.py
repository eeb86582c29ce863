"""Commands about model packs: list, add, check, measure their speed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.cli.bench import bench_park, say_speed
from ranger_app.cli.frame import WORKSPACE_VARIABLE, Document, Out, command
from ranger_app.cli.learning import add_verbs
from ranger_app.cli.model_recipes import add_recipe_verbs
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.inference.packs.pack import Pack

BENCH_PHOTOS = 24
BENCH_PHOTOS_AT_MOST = 10_000


def add_to(groups: Any) -> None:
    """Add these commands."""
    models = command(groups, "models", run=None, help=_("list, add, check and measure model packs"))
    verbs = models.add_subparsers(metavar=_("VERB"), required=True)

    command(verbs, "list", run=_list, help=_("list the packs on this computer"))

    add = command(verbs, "add", run=_add, help=_("check a pack, try it, and keep it for this user"))
    add.add_argument("path", metavar="PATH", type=Path, help=_("a folder with pack.toml, or a zip of one"))

    add_recipe_verbs(verbs)

    check = command(verbs, "check", run=_check, help=_("check every file of a pack and try it"))
    check.add_argument("pack", metavar="PACK", nargs="?", default="", help=_("id, id@version, folder or zip"))

    bench = command(
        verbs,
        "bench",
        run=_bench,
        help=_("measure packs on this computer, and judge them by confirmed photos"),
        description=_(
            "With --workspace every pack is measured on photos of the park, and judged by those that people "
            "have confirmed. Without, one pack is measured on drawn pictures, or on those in --photos."
        ),
    )
    bench.add_argument("pack", metavar="PACK", nargs="?", default="", help=_("id, id@version or folder"))
    bench.add_argument("--photos", metavar="FOLDER", type=Path, help=_("drawn ones if left out"))
    bench.add_argument("--count", type=int, default=BENCH_PHOTOS, metavar="N", help=_("so many at most"))
    add_verbs(verbs)


def _list(_args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.photos.runs.packs import ModelPacks

    rows = []
    for found in ModelPacks.usual().found():
        row = {"folder": str(found.folder), "problem": found.problem}
        rows.append(_about(found.pack) | row if found.pack else {"id": found.folder.name} | row)
        if found.pack:
            out.say(f"{found.pack.id} {found.pack.version}  {found.pack.name}")
            if found.pack.caution:
                out.say(f"  {found.pack.caution}")
        else:
            out.say(f"{found.folder.name}: {found.problem}")
    if not rows:
        out.say(_("There is no model pack on this computer."))
    return rows


def _add(args: argparse.Namespace, out: Out) -> Document:
    from ranger_app.inference.install import install_pack
    from ranger_app.photos.runs.packs import ModelPacks, own_folder

    pack = install_pack(args.path, own_folder(), dirs=ModelPacks.usual().folders)
    out.say(_("{pack} {version} is checked and kept.").format(pack=pack.id, version=pack.version))
    if pack.caution:
        out.say(pack.caution)
    return _about(pack) | {"folder": str(pack.folder)}


def _check(args: argparse.Namespace, out: Out) -> Any:
    from ranger_app.inference.checking import check_pack
    from ranger_app.inference.install import unpacked
    from ranger_app.inference.trial import try_pack
    from ranger_app.photos.runs.packs import ModelPacks

    packs = ModelPacks.usual()
    given = Path(args.pack)
    if not (args.pack and given.exists()):  # what is there is checked although its pack may not read well
        given = packs.choose(args.pack).folder
    about = {}
    with unpacked(given) as folder:
        problems = check_pack(folder, dirs=packs.folders)
        if not problems:
            pack = packs.choose(str(folder))
            about = _about(pack)
            problems = try_pack(pack, dirs=packs.folders)
    for problem in problems:
        out.say(problem)
    if not problems:
        out.say(_("All is well with this pack."))
    return about | {"folder": str(given), "problems": problems}, 1 if problems else 0


def _bench(args: argparse.Namespace, out: Out) -> Document:
    if not args.photos and (getattr(args, "workspace", None) or WORKSPACE_VARIABLE in os.environ):
        return bench_park(args, out)
    from tempfile import TemporaryDirectory

    from ranger_app.inference.measuring import measure
    from ranger_app.photos.runs.packs import ModelPacks

    packs = ModelPacks.usual()
    pack = packs.choose(args.pack)
    count = min(max(args.count, 1), BENCH_PHOTOS_AT_MOST)
    pictures = _given(args.photos, count) if args.photos else _drawn(count)
    with TemporaryDirectory(prefix="ranger-bench-") as place:
        paths = [Path(place) / f"{at:05}.jpg" for at in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            path.write_bytes(picture)
        speed = measure(pack, paths, packs.folders)
    say_speed(out, pack, speed)
    return _about(pack) | {
        "photos": speed.photos,
        "photos_per_s": round(speed.photos_per_s, 2),
        "median_ms": round(speed.median_ms, 2),
        "load_s": round(speed.load_s, 3),
        "peak_mb": round(speed.peak_mb) if speed.peak_mb else None,
    }


def _about(pack: Pack) -> dict[str, Any]:
    return {
        "id": pack.id,
        "version": pack.version,
        "name": pack.name,
        "kind": pack.manifest.kind,
        "caution": pack.caution,
    }


def _given(folder: Path, count: int) -> list[bytes]:
    """The first pictures of a folder; reading them from the card is not what is measured."""
    from ranger_app.domain.errors import BadInput
    from ranger_app.photos.intake.card import read_card, read_file
    from ranger_app.photos.intake.header import read_header

    read = (read_file(found) for found in read_card(folder).found)
    pictures = [
        data for data, _at in zip((one for one in read if read_header(one)), range(count), strict=False)
    ]
    if not pictures:
        raise BadInput(_("There is no picture in “{name}”.").format(name=folder.name))
    return pictures


def _drawn(count: int) -> list[bytes]:
    """Pictures of a usual size, drawn: the same on every computer."""
    import io

    from ranger_app.photos.drawn.scenes import SCENES, draw_scene

    pictures = []
    for seed in range(count):
        out = io.BytesIO()
        draw_scene(seed, SCENES[seed % len(SCENES)], width=2048, height=1536)[0].save(out, "JPEG", quality=85)
        pictures.append(out.getvalue())
    return pictures
