"""Checks a model pack before any of it is run: a folder with `pack.toml`, graphs, labels and no program."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ranger_app.i18n import _
from ranger_app.inference.graph_check import graph_problems
from ranger_app.inference.learning.head import head_problems
from ranger_app.inference.packs.manifest import KINDS, PIPELINE
from ranger_app.inference.packs.pack import MANIFEST, Pack, checked_bytes, read_with_problems
from ranger_app.inference.packs.parts import find_parts
from ranger_app.inference.packs.toml_table import COMPLAINTS_AT_MOST, Complaints

PACK_BYTES_AT_MOST = 4 * 2**30
FILES_AT_MOST = 500
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # left by file browsers

# How pickles begin (protocols 2 to 5), and zipped or old torch files; and how they are called.
PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
PICKLE_NAMES = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".npz", ".bin", ".h5", ".keras")
CODE_NAMES = (".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".sh", ".bat", ".cmd", ".js", ".jar", ".wasm")


def check_pack(folder: Path, *, dirs: Iterable[Path] = ()) -> list[str]:
    """Everything that is wrong with the pack in `folder`, as sentences; an empty list when all is well.

    dirs: where the parts of a pipeline are looked for, beside the folder in which it lies.

    Reads every file wholly and compares it with the manifest, and each graph's inputs and outputs with what
    the manifest says of them. Nothing is run: `trial.try_pack` does that.
    """
    dirs = tuple(dirs)
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
            problems_of = head_problems if pack.manifest.kind == PIPELINE else graph_problems
            for text in problems_of(pack, file, raw):
                complaints.say(text)
        problems += complaints.all
    problems += _about_folder(pack)
    if pack.manifest.pipeline is not None and understood:
        problems += _about_parts(pack, dirs)
    return list(dict.fromkeys(problems))[:COMPLAINTS_AT_MOST]


def _about_manifest(pack: Pack) -> Iterator[str]:
    manifest = pack.manifest
    complaints = Complaints(MANIFEST)
    has_graph = any(file.role == "graph" for file in manifest.files)
    if not has_graph and manifest.kind != PIPELINE:
        complaints.say(_("lists no graph"))
    elif has_graph and manifest.pipeline is not None and manifest.pipeline.head is None:
        complaints.say(_("lists a graph, and a pipeline has none but those of its parts"))
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
    texts = {file.path for file in manifest.files if file.role == "text"}
    for path in (manifest.postprocess.geofence, manifest.postprocess.taxonomy):
        if path and path not in texts:
            complaints.say(_("names {path}, which is not among its files of the role text").format(path=path))
    wanted = {KINDS[0]: manifest.detector, KINDS[1]: manifest.classifier, KINDS[2]: manifest.embedder}
    if manifest.kind in wanted and wanted[manifest.kind] is None:
        text = _("says that it is a {kind} and does not say how its output is read")
        complaints.say(text.format(kind=manifest.kind))
    yield from complaints.all


def _about_parts(pack: Pack, dirs: Iterable[Path]) -> Iterator[str]:
    """Which of a pipeline's parts are missing, or are faulty themselves."""
    complaints = Complaints(MANIFEST)
    for one in find_parts(pack, dirs):
        if one.pack is None:
            complaints.say(one.problem)
        else:
            yield from (f"{one.part.pack}: {problem}" for problem in check_pack(one.pack.folder))
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
