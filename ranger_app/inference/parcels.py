"""The unit of work of a run that is spread out: some pictures in, what the pack says of them out.

It is the same function on this laptop's other processes and on a cluster's workers, and it knows neither.
A parcel carries the pack's files wherever the worker cannot be trusted to have the same ones.
"""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ranger_app import __version__
from ranger_app.domain.errors import BadInput, KnownError, Refused
from ranger_app.domain.readable import Readable
from ranger_app.i18n import _
from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Look
from ranger_app.inference.packs.manifest_toml import inside
from ranger_app.inference.packs.pack import MANIFEST, Pack, read_pack, unfit
from ranger_app.inference.packs.parts import parts_by_role

FIRST = "pack"
_PLACES = ExitStack()
atexit.register(_PLACES.close)


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack on its way to other processes: the bytes of its files, or the folder where they see it too."""

    folder: str = ""
    dirs: tuple[str, ...] = ()
    """Where the parts of a pipeline lie."""
    files: tuple[tuple[str, bytes], ...] = ()
    """Those of the pack begin with FIRST, those of a pipeline's parts with other folders' names."""
    app_version: str = __version__


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one picture: a look, or code and sentence of why there is none."""

    look: Look | None
    failure_code: str = ""
    failure: str = ""


def at_hand(pack: Pack, dirs: Iterable[Path] = ()) -> Packed:
    """The pack for processes on this computer."""
    return Packed(folder=str(pack.folder), dirs=tuple(str(place) for place in dirs))


def wrapped(pack: Pack, dirs: Iterable[Path] = ()) -> Packed:
    """The pack for other computers, with all its files and those of its parts."""
    packs = [pack, *parts_by_role(pack, dirs).values()]
    return Packed(
        files=tuple(
            (f"{place or FIRST}/{name}", (one.folder / name).read_bytes())
            for place, one in enumerate(packs)
            for name in (MANIFEST, *(file.path for file in one.manifest.files))
        )
    )


def look_at(packed: Packed, pictures: Sequence[Readable | bytes | Answer]) -> list[Answer]:
    """What the pack says of pictures, given as files or as the bytes of them; an answer stays one.

    A picture that fails is an answer too. Raises `KnownError` when the pack cannot be used here.
    """
    if packed.app_version != __version__:
        raise Refused(
            _("A worker runs Ranger {theirs}, and this one is {ours}.").format(
                theirs=__version__, ours=packed.app_version
            ),
            _("Install the same version on every machine of the cluster."),
        )
    model = _model(packed)
    return [one if isinstance(one, Answer) else _answer(model, one) for one in pictures]


def _answer(model: Model, picture: Readable | bytes) -> Answer:
    try:
        return Answer(model.look(picture))
    except KnownError as error:
        return Answer(None, error.code, error.text)


@lru_cache(maxsize=1)
def _model(packed: Packed) -> Model:
    """Loaded once a process; one thread, since the processes share the cores."""
    return Model.open(_here(packed), threads=1, dirs=[Path(place) for place in packed.dirs])


def _here(packed: Packed) -> Pack:
    if packed.folder:
        return read_pack(Path(packed.folder))
    # Ends with the process: graphs are in memory by then, but a worker of a cluster may live for weeks.
    place = _PLACES.enter_context(tempfile.TemporaryDirectory(prefix="ranger-pack-"))
    for path, content in packed.files:
        if not inside(path):
            raise BadInput(_("The pack that came holds a file that would lie outside it."))
        (Path(place) / path).parent.mkdir(parents=True, exist_ok=True)
        (Path(place) / path).write_bytes(content)
    folder = Path(place) / FIRST
    if problems := check_pack(folder):
        raise unfit(problems)
    return read_pack(folder)
