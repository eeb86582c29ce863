"""A locked workspace tells nothing of what was seen, learned or half fetched in it."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import cbor2
import pytest

from ranger_app.jobs import Cancelled, Work
from ranger_app.photos.runs.embedding_store import EmbeddingStore
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from ranger_app.storage.files import FileStore
from ranger_app.storage.growing import looks_grown
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.contents import Contents, contents_bytes
from ranger_app.sync.bundles.journal import Journal
from ranger_app.sync.bundles.manifest import Part
from ranger_app.sync.hub.exchange import sync_with_hub
from tests.builders import a_photo
from tests.hub.hubs import QUICK, Hub, laptop, new_site, sync
from tests.photos.parks import colour_packs, fill
from tests.photos.pictures import jpeg

LONG = 3_000_000
HALF = 600_000


class UntilHalf(Work):
    """Stops in the middle of a file."""

    def __init__(self, part: Path) -> None:
        super().__init__()
        self._part = part

    @property
    def stopping(self) -> bool:
        return self._part.exists() and self._part.stat().st_size > HALF


def a_long_picture() -> bytes:
    return jpeg(3).removesuffix(b"\xff\xd9") + random.Random(7).randbytes(LONG) + b"\xff\xd9"


def give(workspace: Workspace, content: bytes) -> bytes:
    sha256 = workspace.files.add_bytes(content).sha256
    with workspace.unit("a photo") as unit:
        unit.add(a_photo(workspace.site_id, sha256))
    return sha256


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.slow
def test_a_locked_workspace_holds_nothing_plain_of_what_it_saw_learned_or_half_fetched(
    hub: Hub, tmp_path: Path
) -> None:
    site, picture = new_site(), a_long_picture()
    folder = tmp_path / "b.ranger"
    with laptop(tmp_path / "a", site) as a:
        with Workspace.create(folder, site=None, passphrase="demo") as b:
            for one in (a, b):
                hub.let_in(one.keys, site.id)
            sync(a, hub.url)
            sync(b, hub.url)
            photos = Photos(b, packs=colour_packs(tmp_path / "packs"))
            fill(photos, tmp_path / "cards", each=2)
            photos.classify()
            photos.learning.accept(photos.learning.learn("Demo park"))
            known = EmbeddingStore(b, photos.learning.base().key).known()
            vectors = [one.vector.tobytes() for one in known.values()]
            assert len(vectors) > 20
            sha256 = give(a, picture)
            sync(a, hub.url)
            part = b.cache / "hub" / f"{sha256.hex()}.part"
            with pytest.raises(Cancelled):
                sync_with_hub(b, UntilHalf(part), url=hub.url, patience=QUICK)
            assert looks_grown(part)
            listed = Contents()
            listed.add_file(sha256)
            told = contents_bytes(listed)
            Journal(b, "DEMO").note(Part("P0001.RSB", 1, bytes(32), hashlib.sha256(told).digest()), told)
            assert (b.cache / "bundles" / "DEMO" / "P0001.RSB").exists()
        below = bytes_below(folder)
        for plain in (
            picture[:12],
            b"Exif\0\0",
            b"Demo camera",
            picture[500_000:500_016],
            b"ranger embeddings",
            cbor2.dumps("P0001.RSB"),
        ):
            assert plain not in below
        assert not any(vector[:16] in below for vector in vectors)

        with Workspace.open(folder, passphrase="demo") as b:
            assert EmbeddingStore(b, photos.learning.base().key).known().keys() == known.keys()
            rest = sync(b, hub.url)
            assert rest.files_received == 1
            assert rest.bytes_received < LONG - HALF + 300_000
            assert b.files.whole(sha256)
            assert not part.exists()


def test_what_lay_plain_from_before_is_sealed_by_verifying(tmp_path: Path) -> None:
    content = a_long_picture()
    with Workspace.create(tmp_path / "b.ranger", site=new_site(), passphrase="demo") as b:
        part, table = b.cache / "hub" / "00.part", b.cache / "embeddings" / "demo.table"
        stray = b.cache / "hub" / "00.stray"
        note = b.cache / "bundles" / "DEMO" / "P0001.RSB"
        for path in (part, table, stray, note):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert verify(b, Work()).files_sealed == 4
        assert verify(b, Work()).files_sealed == 0
        assert content[:12] not in bytes_below(b.folder)
        assert not note.exists()
        for path in (part, table, stray):
            with b.files.growing(path) as file:
                assert file.read() == content
    plain = FileStore(tmp_path, lambda _sha256: None)
    with Workspace.create(tmp_path / "c.ranger", site=new_site()) as c:
        with plain.growing(c.cache / "hub.part") as file:
            file.write(content)
        assert verify(c, Work()).files_sealed == 0
