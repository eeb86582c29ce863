"""Reads from a pack what it brings along for the time after it ran: its taxa, its geofence, how to weigh."""

from __future__ import annotations

from collections.abc import Mapping

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _, language
from ranger_app.inference.geofence import Geofence, read_geofence
from ranger_app.inference.packs.manifest import CLASSIFIER, Postprocess
from ranger_app.inference.packs.pack import Pack, read_listed_file
from ranger_app.inference.taxonomy import Taxonomy, read_release, taxa_of
from ranger_app.photos.area.rules import PackRules


def rules_of_pack(pack: Pack, others: Mapping[tuple[str, str], Pack]) -> PackRules:
    """The rules of a pack; of a pipeline with the labels of its classifier, looked for among `others`."""
    post = pack.manifest.postprocess
    labels = pack.labels
    if pack.manifest.pipeline is not None and pack.manifest.pipeline.head is None:
        part = pack.manifest.pipeline.part(CLASSIFIER)
        namer = others.get((part.pack, part.version)) if part else None
        labels = namer.labels if namer else ()
        if namer and post == Postprocess():  # where a pipeline says nothing, its classifier does
            pack, post = namer, namer.manifest.postprocess
    release = read_release(_text(pack, post.taxonomy).decode("utf-8", "replace"))
    fences = read_geofence(_text(pack, post.geofence)) if post.geofence else {}
    return PackRules(Taxonomy.of_labels(taxa_of(labels, language()), release), post, Geofence(fences))


def _text(pack: Pack, path: str) -> bytes:
    """The bytes of one of the pack's texts; none when it names none. Raises `BadInput`."""
    if not path:
        return b""
    for file in pack.manifest.files:
        if file.path == path and file.role == "text":
            return read_listed_file(pack, file)
    raise BadInput(_("{pack}: the file {path} is not there.").format(pack=pack.id, path=path))
