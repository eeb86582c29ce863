"""Finds and checks model packs: folders with a `pack.toml`, graphs, labels and nothing that runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.inference.manifest import KINDS
from ranger_app.inference.manifest_toml import inside
from ranger_app.inference.pack import MANIFEST, Pack, checked_bytes, read_pack, read_with_problems
from ranger_app.inference.toml_table import COMPLAINTS_AT_MOST, Complaints

__all__ = ["FoundPack", "Pack", "check_pack", "find_packs", "pick_pack", "read_pack"]

PACK_BYTES_AT_MOST = 4 * 2**30
FILES_AT_MOST = 500
PACKS_AT_MOST = 500  # folders looked into by `find_packs`
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # left by file browsers

# How pickles begin (protocols 2 to 5), and zipped or old torch files; and how they are called.
PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
PICKLE_NAMES = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".npz", ".bin", ".h5", ".keras")
CODE_NAMES = (".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".sh", ".bat", ".cmd", ".js", ".jar", ".wasm")


@dataclass(frozen=True, slots=True)
class FoundPack:
    """A folder with a `pack.toml`: the pack, or the sentence that says why it cannot be read."""

    folder: Path
    pack: Pack | None
    problem: str = ""


def find_packs(dirs: Iterable[Path]) -> tuple[FoundPack, ...]:
    """The packs that lie in the folders `dirs`, by id and version; the same pack twice is listed once.

    The first folder wins. A folder that is missing is no fault: there are just no packs in it.
    """
    found: dict[tuple[str, str], FoundPack] = {}
    for folder in _folders(dirs):
        try:
            pack = read_pack(folder)
        except BadInput as error:
            found.setdefault((folder.name, str(folder)), FoundPack(folder, None, error.text))
        else:
            found.setdefault((pack.id, pack.version), FoundPack(folder, pack))
    return tuple(found[key] for key in sorted(found))


def pick_pack(name: str, dirs: Iterable[Path]) -> Pack:
    """The pack called `name`: an id, an id@version, or the path of a folder. Raises `NotFound`, `BadInput`.

    Of several versions the one that sorts highest is taken.
    """
    if (Path(name) / MANIFEST).is_file():
        return read_pack(Path(name))
    packs = [found.pack for found in find_packs(dirs) if found.pack]
    for pack in sorted(packs, key=lambda pack: _version_key(pack.version), reverse=True):
        if name in (pack.id, f"{pack.id}@{pack.version}"):
            return pack
    names = ", ".join(sorted({pack.id for pack in packs})) or "–"
    raise NotFound(
        _("There is no model pack called {name}.").format(name=name),
        _("Choose one of these: {names}.").format(names=names),
    )


def check_pack(folder: Path) -> list[str]:
    """Everything that is wrong with the pack in `folder`, as sentences; an empty list when all is well.

    Reads every file wholly and compares it with the manifest, and each graph's inputs and outputs with what
    the manifest says of them. Nothing is run: `trial.try_pack` does that.
    """
    from ranger_app.inference.graph_check import graph_problems

    pack, problems = read_with_problems(folder)
    if pack is None:
        return problems
    problems += _about_manifest(pack)
    understood = not problems
    for file in pack.manifest.files:
        if not file.path:
            continue  # complained of already
        complaints = Complaints(file.path)
        raw = checked_bytes(folder, file, complaints)
        if raw is not None and file.role == "graph" and understood:
            for text in graph_problems(pack, file, raw):
                complaints.say(text)
        problems += complaints.all
    problems += _about_folder(pack)
    return list(dict.fromkeys(problems))[:COMPLAINTS_AT_MOST]


# ---- checking


def _about_manifest(pack: Pack) -> Iterator[str]:
    manifest = pack.manifest
    complaints = Complaints(MANIFEST)
    if not any(file.role == "graph" for file in manifest.files):
        complaints.say(_("lists no graph"))
    if sum(file.size_bytes for file in manifest.files) > PACK_BYTES_AT_MOST:
        complaints.say(_("describes more than {count} bytes").format(count=PACK_BYTES_AT_MOST))
    paths = [file.path.casefold() for file in manifest.files if file.path]
    if len(set(paths)) < len(paths):
        complaints.say(_("lists the same file twice"))
    for file in manifest.files:
        if file.role == "graph" and file.path and not file.path.endswith(".onnx"):
            complaints.say(_("lists {path} as a graph, which must end in .onnx").format(path=file.path))
    goldens = {file.path for file in manifest.files if file.role == "golden"}
    for golden in manifest.golden:
        if golden.image and golden.image not in goldens:
            text = _("has a golden picture {path} that is not among its files")
            complaints.say(text.format(path=golden.image))
    wanted = {KINDS[0]: manifest.detector, KINDS[1]: manifest.classifier, KINDS[2]: manifest.embedder}
    if manifest.kind in wanted and wanted[manifest.kind] is None:
        text = _("says that it is a {kind} and does not say how its output is read")
        complaints.say(text.format(kind=manifest.kind))
    yield from complaints.all


def _about_folder(pack: Pack) -> Iterator[str]:
    """What lies in the folder that should not."""
    listed = {file.path for file in pack.manifest.files} | {MANIFEST}
    for count, path in enumerate(_walk(pack.folder)):
        name = path.relative_to(pack.folder).as_posix()
        complaints = Complaints(name)
        if count >= FILES_AT_MOST:
            yield _("The folder has more than {count} files.").format(count=FILES_AT_MOST)
            return
        if path.name in LITTER:
            continue
        if path.is_symlink():
            complaints.say(_("is a link, which may lead out of the pack"))
        elif not path.is_file():  # such as a pipe, which would have us wait for ever
            complaints.say(_("is not a plain file"))
        elif name.lower().endswith(PICKLE_NAMES) or _starts_like_pickle(path):
            complaints.say(_("may be a pickle, which can run code; a pack holds none"))
        elif name.lower().endswith(CODE_NAMES):
            complaints.say(_("is a program; a pack holds none"))
        elif name not in listed:
            complaints.say(_("is not listed in pack.toml"))
        yield from complaints.all


def _walk(folder: Path) -> Iterator[Path]:
    for base, dirs, files in os.walk(folder, followlinks=False):
        dirs.sort()
        for name in sorted(files) + [name for name in dirs if (Path(base) / name).is_symlink()]:
            yield Path(base) / name


def _starts_like_pickle(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) in PICKLE_STARTS
    except OSError:
        return False


# ---- small things


def _folders(dirs: Iterable[Path]) -> Iterator[Path]:
    count = 0
    for place in dirs:
        try:
            inner = sorted(place.iterdir())
        except OSError:
            continue
        for folder in inner:
            if not folder.name.startswith(".") and inside(folder.name) and (folder / MANIFEST).is_file():
                count += 1
                if count > PACKS_AT_MOST:
                    return
                yield folder


def _version_key(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in version.split("."))
