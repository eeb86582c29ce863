"""Files of a workspace with a passphrase lie sealed, read like any other, and never read wrongly."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import DiskTrouble
from ranger_app.jobs import Work
from ranger_app.photos.thumbnails import kept_thumbnail, take_thumbnail, thumbnail
from ranger_app.security.stream import CHUNK, TAG
from ranger_app.storage import Workspace
from ranger_app.storage.files import FileStore, sweep
from ranger_app.storage.sealed_file import (
    CIPHERS,
    HEADER,
    MAGIC,
    NotAsWritten,
    Sealing,
    open_sealed,
    sealed_size,
)
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.pieces import PIECE_BYTES, Pieces
from tests.builders import a_photo, a_workspace
from tests.photos.pictures import jpeg

KEY = bytes(range(32))
SECRET = b"demo informant at the salt lick"
LENGTHS = st.builds(lambda chunks, off: max(0, chunks * CHUNK + off), st.integers(0, 3), st.integers(-20, 20))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    return FileStore(tmp_path_factory.mktemp("files"), lambda _sha256: None, key=KEY)


def content_of(length: int) -> bytes:
    return hashlib.shake_128(length.to_bytes(8, "big")).digest(length)


def kept_in(store: FileStore, content: bytes) -> tuple[bytes, Path]:
    sha256 = store.add_bytes(content, settle=False).sha256
    path = store.path(sha256)
    assert path is not None
    return sha256, path


@given(LENGTHS, st.data())
def test_any_length_comes_back_and_any_stretch_of_it(
    store: FileStore, length: int, data: st.DataObject
) -> None:
    content = content_of(length)
    sha256, path = kept_in(store, content)
    found = store.find(sha256)
    assert found is not None
    assert found.read_bytes() == content
    assert found.size_bytes == length
    assert path.stat().st_size == sealed_size(length)
    assert store.holds(store.add_bytes(content, settle=False))
    with found.open() as source:
        for _turn in range(3):
            start = data.draw(st.integers(0, length + 5))
            many = data.draw(st.integers(0, 2 * CHUNK))
            source.seek(start)
            assert source.read(many) == content[start : start + many]


@given(LENGTHS, st.integers(1, 3 * CHUNK))
def test_the_pieces_in_which_it_came_make_no_difference(store: FileStore, length: int, step: int) -> None:
    out = io.BytesIO()
    sealing = Sealing(KEY, out.write)
    content = content_of(length)
    for at in range(0, length, step):
        sealing.add(content[at : at + step])
    sealing.end(b"name")
    assert len(out.getvalue()) == sealed_size(length)


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("length", [0, CHUNK, 9 * CHUNK + 5])
def test_a_file_reads_whichever_cipher_the_computer_that_sealed_it_was_quicker_at(
    tmp_path: Path, cipher: int, length: int
) -> None:
    path, content = tmp_path / "sealed", content_of(length)
    with open(path, "wb") as out:
        sealing = Sealing(KEY, out.write, cipher=cipher)
        sealing.add(content)
        sealing.end(b"name")
    raw = path.read_bytes()
    assert raw[len(MAGIC)] == cipher
    with open_sealed(path, store_key=KEY, name=b"name") as source:
        assert source.read() == content
    for another in (*CIPHERS.keys() - {cipher}, 99):
        path.write_bytes(MAGIC + bytes([another]) + raw[len(MAGIC) + 1 :])
        with pytest.raises(NotAsWritten):
            open_sealed(path, store_key=KEY, name=b"name")


def test_a_file_that_is_cut_while_it_is_read_gives_no_byte_of_what_is_missing(tmp_path: Path) -> None:
    path, content = tmp_path / "sealed", content_of(40 * CHUNK)
    with open(path, "wb") as out:
        sealing = Sealing(KEY, out.write)
        sealing.add(content)
        sealing.end(b"name")
    with open_sealed(path, store_key=KEY, name=b"name") as source:
        os.truncate(path, HEADER + 20 * CHUNK)
        assert source.read(CHUNK) == content[:CHUNK]
        with pytest.raises(NotAsWritten):
            source.read()


def chunks_of(raw: bytes) -> list[bytes]:
    return [raw[at : at + CHUNK + TAG] for at in range(HEADER, len(raw), CHUNK + TAG)]


LONG = 3 * CHUNK + 100


@pytest.mark.parametrize(
    "how", ["cut", "cut at a chunk", "flipped", "flipped salt", "swapped", "left out", "grown", "emptied"]
)
def test_what_was_tampered_with_is_a_sentence(store: FileStore, how: str) -> None:
    sha256, path = kept_in(store, content_of(LONG))
    raw = path.read_bytes()
    header, chunks = raw[:HEADER], chunks_of(raw)
    changed = {
        "cut": raw[:-1],
        "cut at a chunk": header + b"".join(chunks[:-1]),
        "flipped": raw[: HEADER + 10] + bytes([raw[HEADER + 10] ^ 1]) + raw[HEADER + 11 :],
        "flipped salt": raw[: HEADER - 1] + bytes([raw[HEADER - 1] ^ 1]) + raw[HEADER:],
        "swapped": header + chunks[1] + chunks[0] + b"".join(chunks[2:]),
        "left out": header + b"".join(chunks[1:]),
        "grown": raw + chunks[-1],
        "emptied": MAGIC,
    }[how]
    path.write_bytes(changed)
    found = store.find(sha256)
    assert found is not None
    with pytest.raises(DiskTrouble, match="changed or cut short"):
        found.read_bytes()
    assert not store.whole(sha256)
    path.unlink()


def test_a_chunk_of_another_file_or_another_file_whole_is_noticed(store: FileStore) -> None:
    one, its_path = kept_in(store, content_of(LONG))
    _other, other_path = kept_in(store, content_of(LONG + 1))
    mine, theirs = its_path.read_bytes(), other_path.read_bytes()
    for changed in (mine[:HEADER] + chunks_of(theirs)[0] + mine[HEADER + CHUNK + TAG :], theirs):
        its_path.write_bytes(changed)
        assert not store.whole(one)
        found = store.find(one)
        assert found is not None
        with pytest.raises(DiskTrouble):
            found.read_bytes()
    its_path.unlink()


def test_a_program_that_is_killed_while_it_adds_leaves_whole_files_or_none(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from ranger_app.storage.files import FileStore\n"
        "store = FileStore(Path(sys.argv[1]), lambda _: None, key=bytes(range(32)))\n"
        "while True: print(store.add_bytes(os.urandom(300_000)).sha256.hex(), flush=True)"
    )
    for lines in (1, 4):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            told = [program.stdout.readline().strip() for _line in range(lines)]
            program.kill()
        store = FileStore(tmp_path, lambda _sha256: None, key=KEY)
        there = [sha256 for sha256, _path in store.stored()]
        assert {bytes.fromhex(name) for name in told} <= set(there)
        assert all(store.whole(sha256) for sha256 in there)
        sweep(tmp_path)
        assert not list((tmp_path / "incoming").iterdir())


def test_a_plain_path_is_private_and_gone_afterwards(store: FileStore) -> None:
    sha256, _path = kept_in(store, content_of(LONG))
    found = store.find(sha256)
    assert found is not None
    with found.plain() as plain:
        assert plain.read_bytes() == content_of(LONG)
        assert plain.parent.stat().st_mode & 0o077 == 0
    assert not plain.parent.exists()


def test_finished_files_and_pieces_are_sealed_when_they_are_taken_in(
    store: FileStore, tmp_path: Path
) -> None:
    content = content_of(LONG + 7)
    ours = tmp_path / "part"
    ours.write_bytes(content)
    sha256 = hashlib.sha256(content).digest()
    assert not store.adopt(ours, bytes(32))
    assert ours.exists()
    assert store.adopt(ours, sha256)
    assert not ours.exists()
    found = store.find(sha256)
    assert found is not None
    assert found.path.read_bytes().startswith(MAGIC)
    assert found.read_bytes() == content


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace with a passphrase, made once: stretching the passphrase takes its time."""
    folder = tmp_path_factory.mktemp("keyed") / "demo.ranger"
    a_workspace(folder, passphrase="demo").close()
    return folder


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_below_files_and_cache_tells_what_is_kept(keyed: Path) -> None:
    picture = jpeg() + SECRET
    with Workspace.open(keyed, passphrase="demo") as workspace:
        sha256 = workspace.files.add_bytes(picture).sha256
        workspace.files.add_bytes(SECRET)
        small = thumbnail(workspace, sha256)
        assert kept_thumbnail(workspace, sha256) == small
        assert take_thumbnail(workspace, bytes(32), small)
        assert kept_thumbnail(workspace, bytes(32)) == small
        long = SECRET * (PIECE_BYTES // len(SECRET) + 2)
        name = hashlib.sha256(long).digest()
        first, second = long[:PIECE_BYTES], long[PIECE_BYTES:]
        pieces = Pieces(workspace)
        assert pieces.put(cbor2.dumps([name, len(long), PIECE_BYTES, second])) == 0
        below = bytes_below(keyed / "files") + bytes_below(keyed / "cache")
        assert pieces.put(cbor2.dumps([name, len(long), 0, first])) == 1
        below += bytes_below(keyed / "files") + bytes_below(keyed / "cache")
        assert workspace.files.whole(name)
    assert SECRET not in below
    assert picture[:12] not in below
    assert small[:12] not in below
    assert MAGIC in below


def test_files_from_before_there_was_sealing_read_and_are_sealed_by_verifying(keyed: Path) -> None:
    content = MAGIC + SECRET  # even one that looks as if it were sealed
    with Workspace.open(keyed, passphrase="demo") as workspace:
        stored = FileStore(keyed / "files", lambda _sha256: None).add_bytes(content)
        found = workspace.files.find(stored.sha256)
        assert found is not None
        assert found.read_bytes() == content
        plain = FileStore(keyed / "files", lambda _sha256: None).add_bytes(SECRET + b" again")
        assert workspace.files.whole(plain.sha256)
        assert workspace.files.holds(plain)
        assert workspace.files.seal(plain.sha256)
        assert not workspace.files.seal(plain.sha256)
        assert workspace.files.whole(plain.sha256)
        path = workspace.files.path(plain.sha256)
        assert path is not None
        assert SECRET not in path.read_bytes()


def test_verify_seals_what_records_speak_of(keyed: Path) -> None:
    with Workspace.open(keyed, passphrase="demo") as workspace:
        plain = FileStore(keyed / "files", lambda _sha256: None).add_bytes(SECRET + b" in a photo")
        with workspace.unit("a photo") as unit:
            unit.add(a_photo(workspace.site_id, plain.sha256))
        verdict = verify(workspace, Work())
        assert (verdict.files_sealed, verdict.problems) == (1, [])
        assert verify(workspace, Work()).files_sealed == 0
        path = workspace.files.path(plain.sha256)
        assert path is not None
        assert SECRET not in path.read_bytes()
        path.write_bytes(path.read_bytes()[:-1])
        assert len(verify(workspace, Work()).problems) == 1
        path.unlink()


def test_a_workspace_without_a_passphrase_stays_as_it_was(workspace: Workspace) -> None:
    stored = workspace.files.add_bytes(MAGIC + SECRET)
    found = workspace.files.find(stored.sha256)
    assert found is not None
    assert found.path.read_bytes() == MAGIC + SECRET == found.read_bytes()
    assert not workspace.files.seal(stored.sha256)
    assert verify(workspace, Work()).files_sealed == 0


def test_a_small_picture_from_before_is_sealed_when_it_is_looked_at(keyed: Path) -> None:
    with Workspace.open(keyed, passphrase="demo") as workspace:
        sha256 = workspace.files.add_bytes(jpeg() + b"x").sha256
        small = thumbnail(workspace, sha256)
        place = keyed / "cache" / "thumbnails" / sha256.hex()[:2] / f"{sha256.hex()}.jpg"
        os.truncate(place, 0)
        place.write_bytes(small)
        assert kept_thumbnail(workspace, sha256) == small
        assert b"\xff\xd8\xff" not in place.read_bytes()
        assert kept_thumbnail(workspace, sha256) == small
