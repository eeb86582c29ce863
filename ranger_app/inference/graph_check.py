"""Compares a pack's graph with what the pack's manifest says of it, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ranger_app.i18n import _
from ranger_app.inference.families import family_of
from ranger_app.inference.family import agrees, shape_words
from ranger_app.inference.graph import Graph, Tensor, read_graph
from ranger_app.inference.packs.manifest import DETECTOR, PackFile
from ranger_app.inference.packs.pack import Pack


def graph_problems(pack: Pack, file: PackFile, raw: bytes) -> list[str]:
    """The ends of sentences that begin with the graph's name; none when graph and manifest agree."""
    graph = read_graph(raw)
    if graph.faults:
        return list(graph.faults)
    problems = [
        *_arithmetic(pack),
        *_calibration(pack),
        *_opset(file, graph),
        *_inputs(pack, graph),
    ]
    family = family_of(pack)
    if family is None:
        problems.append(_("is of a family that this Ranger does not know"))
        return problems
    by_name = {tensor.name: tensor for tensor in graph.outputs}
    if "" in family.tensors(pack):
        problems.append(_("has outputs that pack.toml does not name: see labels_tensor and scores_tensor"))
        return problems
    missing = [name for name in family.tensors(pack) if name not in by_name]
    if missing:
        problems += [_no_such(name, graph.outputs, _("output")) for name in missing]
    else:
        problems += family.faults(pack, by_name)
    return problems


def _opset(file: PackFile, graph: Graph) -> Iterator[str]:
    if graph.opset != file.opset:
        yield _("is of opset {found}, and pack.toml says {said}").format(found=graph.opset, said=file.opset)


def _inputs(pack: Pack, graph: Graph) -> Iterator[str]:
    said = pack.manifest.input
    by_name = {tensor.name: tensor for tensor in graph.inputs}
    wanted = {said.name, *(extra.name for extra in pack.manifest.extra_inputs)}
    for name in sorted(wanted - set(by_name)):
        yield _no_such(name, graph.inputs, _("input"))
    for name in sorted(set(by_name) - wanted):
        yield _("has an input “{name}” that pack.toml does not name").format(name=name)
    tensor = by_name.get(said.name)
    if tensor is None:
        return
    if tensor.dtype != said.dtype:
        yield _("takes {found}, and pack.toml says {said}").format(found=tensor.dtype, said=said.dtype)
    # One picture at a time, whatever the batch may be.
    height, width = said.size.height_px or None, said.size.width_px or None
    wanted_shape = (1, 3, height, width) if said.layout == "NCHW" else (1, height, width, 3)
    if tensor.shape is None or not agrees(tensor.shape, wanted_shape):
        yield _("takes the shape {found}, and pack.toml says {said}").format(
            found=shape_words(tensor.shape), said=shape_words(wanted_shape)
        )
    elif said.size.dynamic and any(side not in (None, 1, 3) for side in tensor.shape):
        yield _("takes one size only ({found}), and pack.toml says that it takes many").format(
            found=shape_words(tensor.shape)
        )


def _arithmetic(pack: Pack) -> Iterator[str]:
    """Combinations of settings that contradict each other."""
    said, how = pack.manifest.input, pack.manifest.preprocess
    if not how.exif_rotate:
        yield _("is fed pictures upright, so preprocess.exif_rotate must be true")
    if said.dtype == "uint8" and (how.scale != 1.0 or how.mean or how.std):
        yield _("takes bytes, so preprocess.scale must be 1, without mean and std")
    if (how.resize.mode == "prescale_letterbox") > said.size.dynamic:
        yield _("is resized by prescale_letterbox, which needs io.input.size.long_side")
    if said.size.dynamic and how.resize.mode in ("stretch", "shortest_crop"):
        yield _("is resized to one height and width, so io.input.size must give h and w")
    if pack.manifest.kind == DETECTOR and how.region.kind == "crop_box":
        yield _("is a detector, which looks at whole pictures and not at crops: see preprocess.roi")
    detector = pack.manifest.detector
    strips = how.region.strip_top or how.region.strip_bottom
    if detector and detector.finish != "none" and (how.region.kind != "full" or strips):
        yield _("is finished as MegaDetector does it, so it must be shown the whole picture: see roi")
    if how.region.strip_top + how.region.strip_bottom > 0.6:
        yield _("is given less than half of the picture: see strip_top and strip_bottom")


def _calibration(pack: Pack) -> Iterator[str]:
    """A table of calibration must go up, or scores would change their order."""
    points = pack.manifest.isotonic
    rises = all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(points))
    if points and (len(points) < 2 or not rises):
        yield _("has a calibration.isotonic of fewer than two points, or one that goes down")


def _no_such(name: str, tensors: tuple[Tensor, ...], what: str) -> str:
    names = ", ".join(tensor.name for tensor in tensors)[:200]
    return _("has no {what} “{name}”; it has {names}").format(what=what, name=name, names=names or "–")
