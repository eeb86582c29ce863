"""A park whose laptops exchange sealed bundles, and what can be done to a stick with the keys of a site."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ranger_app.domain.photos import Photo
from ranger_app.security.sealing import seal, unseal
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.frames import Frame, frame, frames
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.taking import BundleRead
from ranger_app.sync.bundles.writing import BundleWritten, write_bundle
from tests.builders import a_patrol, a_photo, quiet
from tests.sync.park import SITE, Park, a_park, add

SECRET_WORDS = "a snare by the demo spring"


@contextmanager
def sealed_park(*names: str) -> Iterator[Park]:
    """An office and enrolled laptops; the office has a patrol and a few photos."""
    with a_park() as park:
        for name in names or ("post",):
            park.enrol(name, "ranger")
        add(park["office"], a_patrol(SITE, "P-1", title=SECRET_WORDS))
        add_photos(park["office"], 3)
        yield park


def add_photos(workspace: Workspace, many: int, *, size: int = 20_000, first: int = 0) -> list[bytes]:
    """Photos with contents that nobody can decode; their hashes."""
    made = []
    with workspace.unit("photos") as unit:
        for n in range(first, first + many):
            content = (b"demo photo %06d " % n) * (size // 18)
            made.append(workspace.files.add_bytes(content).sha256)
            unit.add(a_photo(SITE, made[-1], file_name=f"IMG_{n:04}.JPG"))
    return made


def write(workspace: Workspace, stick: Path, **how: Any) -> BundleWritten:
    return write_bundle(workspace, stick, quiet(), **how)


def read(workspace: Workspace, stick: Path, **how: Any) -> BundleRead:
    return read_bundles(workspace, stick, quiet(), **how)


def photos_here(workspace: Workspace) -> int:
    """How many of the photos that are known are here, whole."""
    with workspace.reading() as data:
        return sum(workspace.files.whole(sha256) for sha256 in set(data.column(Photo, "file")))


def opened(path: Path, secrets: Iterable[str]) -> list[Frame | None]:
    """The records in a sealed file."""
    return list(frames(io.BytesIO(unseal(path.read_bytes(), secrets))))


def sealed_again(
    path: Path,
    secrets: Iterable[str],
    recipients: list[str],
    change: Callable[[Frame], Iterable[Frame]] = lambda one: [one],
) -> None:
    """What somebody with the site's key may do to a file: open it, change it, seal it to whom he likes."""
    records = [one for found in opened(path, secrets) if found is not None for one in change(found)]
    path.write_bytes(seal(b"".join(frame(one.type, one.payload) for one in records), recipients))
