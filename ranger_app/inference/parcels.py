"""The unit of work of a run that is spread out: some pictures in, what the pack says of them out.

It is the same function on this laptop's other processes and on a cluster's workers, and it knows neither.
A parcel carries the pack's files wherever the worker cannot be trusted to have the same ones.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ranger_app import __version__
from ranger_app.domain.errors import KnownError, Refused
from ranger_app.i18n import _
from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Look
from ranger_app.inference.pack import MANIFEST, Pack, read_pack, unfit
from ranger_app.inference.packs import check_pack


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack on its way to other processes: the bytes of its files, or the folder where they see it too."""

    id: str
    version: str
    folder: str = ""
    files: tuple[tuple[str, bytes], ...] = ()
    app_version: str = __version__


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one picture: a look, or code and sentence of why there is none."""

    look: Look | None
    failure_code: str = ""
    failure: str = ""


def at_hand(pack: Pack) -> Packed:
    """The pack for processes on this computer."""
    return Packed(pack.id, pack.version, folder=str(pack.folder))


def wrapped(pack: Pack) -> Packed:
    """The pack for other computers, with all its files."""
    names = (MANIFEST, *(file.path for file in pack.manifest.files))
    return Packed(
        pack.id, pack.version, files=tuple((name, (pack.folder / name).read_bytes()) for name in names)
    )


def look_at(packed: Packed, pictures: Sequence[str | bytes]) -> list[Answer]:
    """What the pack says of pictures, given as paths or as the bytes of their files. Never raises `KnownError`
    for a picture; raises it when the pack cannot be used here."""
    if packed.app_version != __version__:
        raise Refused(
            _("A worker runs Ranger {theirs}, and this one is {ours}.").format(
                theirs=__version__, ours=packed.app_version
            ),
            _("Install the same version on every machine of the cluster."),
        )
    model = _model(packed)
    return [_answer(model, one if isinstance(one, bytes) else Path(one)) for one in pictures]


def _answer(model: Model, picture: Path | bytes) -> Answer:
    try:
        return Answer(model.look(picture))
    except KnownError as error:
        return Answer(None, error.code, error.text)


@lru_cache(maxsize=1)
def _model(packed: Packed) -> Model:
    """Loaded once a process; one thread, since the processes share the cores."""
    return Model.open(_here(packed), threads=1)


def _here(packed: Packed) -> Pack:
    if packed.folder:
        return read_pack(Path(packed.folder))
    name = hashlib.sha256(b"".join(content for _name, content in packed.files)).hexdigest()[:16]
    folder = Path(tempfile.mkdtemp(prefix=f"ranger-pack-{name}-"))
    for path, content in packed.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    if problems := check_pack(folder):
        raise unfit(problems)
    return read_pack(folder)
