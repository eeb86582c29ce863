"""Uploads into a hub with a database: what comes lies there until it is a whole piece, then in the store."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator

from ranger_app.domain.errors import NotFound
from ranger_app.hub import bounds
from ranger_app.hub.objects import Objects
from ranger_app.hub.shelf import BATCH, FILE, GATHERED, not_the_file
from ranger_app.i18n import _
from ranger_app.storage.central import uploads
from ranger_app.storage.central.database import Central, Connection
from ranger_app.storage.central.uploads import KeptFile, Key
from ranger_app.sync.bundles.pieces import PIECE_BYTES

TOKEN_BYTES = 16


def file_name(site: bytes, sha256: bytes) -> str:
    """Where a file of one piece lies."""
    return f"{site.hex()}/files/{sha256.hex()[:2]}/{sha256.hex()}"


def piece_names(site: bytes, token: bytes, size: int) -> list[str]:
    """Where the pieces of a long file lie, in a folder of the upload's own: nobody's bytes are in the way."""
    return [f"{site.hex()}/pieces/{token.hex()}/{start:015d}" for start in range(0, size, PIECE_BYTES)]


def read_kept(
    objects: Objects, site: bytes, sha256: bytes, kept: KeptFile, start: int, end: int
) -> Iterator[bytes]:
    """The bytes of a file from `start` up to `end`."""
    if kept.pieces is None:
        yield from objects.read(file_name(site, sha256), start, end)
        return
    names = piece_names(site, kept.pieces, kept.size_bytes)
    for number in range(start // PIECE_BYTES, len(names)):
        begins = number * PIECE_BYTES
        if begins >= end:
            return
        yield from objects.read(
            names[number], max(start - begins, 0), min(end, begins + PIECE_BYTES, kept.size_bytes) - begins
        )


def remove_kept(objects: Objects, site: bytes, sha256: bytes, kept: KeptFile) -> None:
    """Throw the bytes of a file away."""
    if kept.pieces is None:
        objects.remove([file_name(site, sha256)])
    else:
        objects.remove(piece_names(site, kept.pieces, kept.size_bytes))


def digest_of(objects: Objects, site: bytes, sha256: bytes, kept: KeptFile) -> bytes:
    """SHA-256 of what the store gives back."""
    found = hashlib.sha256()
    for piece in read_kept(objects, site, sha256, kept, 0, kept.size_bytes):
        found.update(piece)
    return found.digest()


def keep_long(central: Central, objects: Objects, key: Key, length: int, token: bytes) -> None:
    """All pieces of a long file are in the store: keep it if it is what its name says, which is read from the
    store itself; otherwise nothing is left of it. `DatabaseAway` while somebody else is looking at it."""
    kept = KeptFile(length, token)

    def look(connection: Connection) -> bool:
        if uploads.under_way(connection, key, hold=True) is None:
            return True  # somebody else has just finished it
        sound = digest_of(objects, key.site, key.sha256, kept) == key.sha256
        if sound:
            uploads.keep_files(connection, key.site, [(key.sha256, kept)])
        uploads.forget(connection, key)
        return sound

    if not central.write(look):
        remove_kept(objects, key.site, key.sha256, kept)
        raise not_the_file()


def _apart(at: int, whole: bytes) -> Iterator[tuple[int, bytes]]:
    """Bytes that belong at an offset, cut where a piece of the file ends."""
    begun = 0
    while begun < len(whole):
        size = PIECE_BYTES - (at + begun) % PIECE_BYTES
        yield at + begun, whole[begun : begun + size]
        begun += size


def now_ms() -> int:
    return int(time.time() * 1_000)


class CentralUpload:
    """One upload that is coming in. Nothing of it is remembered here between two requests."""

    def __init__(
        self, central: Central, objects: Objects, key: Key, kind: str, length: int, gathers: int
    ) -> None:
        self._central = central
        self._objects = objects
        self._key = key
        self._kind = kind
        self._length = length
        self._gathers = gathers
        self._at = 0
        self._token = b""
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self.held = False

    def begin(self) -> int:
        found, kept = self._central.read(
            lambda c: (
                uploads.under_way(c, self._key),
                uploads.kept_file(c, self._key.site, self._key.sha256) if self._kind == FILE else None,
            )
        )
        self.held = kept is not None
        if self.held:
            return self._length
        if found is None:
            self._make_way()
        elif found.length == self._length:
            self._at, self._token = found.so_far, found.pieces
        else:
            self._forget(found.length, found.pieces)  # it was begun as something else
        return self._at

    def gather(self, piece: bytes) -> bool:
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        return self._waiting_bytes >= (self._gathers if self._comes_in_one_go() else GATHERED)

    def _comes_in_one_go(self) -> bool:
        return self._kind == FILE and self._at == 0 and self._length <= self._gathers

    def write(self) -> None:
        if not self._waiting:
            return
        whole, self._waiting, self._waiting_bytes = b"".join(self._waiting), [], 0
        token = self._token or os.urandom(TOKEN_BYTES)

        def keep(connection: Connection) -> bool:
            uploads.begin(connection, self._key, length=self._length, pieces=token, now_ms=now_ms())
            return all(
                uploads.add_piece(connection, self._key, at, body, now_ms())
                for at, body in _apart(self._at, whole)
            )

        if not self._central.write(keep):
            raise bounds.TooSlow(_("Somebody else goes on with this upload."), _("Ask how far it is."))
        self._at += len(whole)
        if self._kind == FILE and self._length > PIECE_BYTES:
            self._fold()

    def _fold(self) -> None:
        """Move every piece that is whole into the store."""
        found, start = self._central.read(
            lambda c: (uploads.under_way(c, self._key), uploads.folded(c, self._key))
        )
        if found is None:
            return
        self._token = found.pieces
        while start < self._length and self._fold_one(start, min(start + PIECE_BYTES, self._length)):
            start += PIECE_BYTES

    def _fold_one(self, start: int, end: int) -> bool:
        if end > self._at:
            return False
        body = b"".join(self._central.read(lambda c: uploads.bodies(c, self._key, start, end)))
        if len(body) != end - start:
            return False  # somebody else has folded it meanwhile
        names = piece_names(self._key.site, self._token, self._length)
        self._objects.put(names[start // PIECE_BYTES], body)
        self._central.write(lambda c: uploads.put_aside(c, self._key, start, end))
        return True

    def end(self) -> tuple[int, bool]:
        if self._comes_in_one_go() and self._waiting_bytes == self._length:
            self._keep_short(b"".join(self._waiting))
            return self._length, True
        self.write()
        if self._at < self._length:
            return self._at, False
        if self._kind == BATCH:
            return self._at, True  # its hash is looked at when it is taken up
        if self._length > PIECE_BYTES:
            self._fold()
            keep_long(self._central, self._objects, self._key, self._length, self._token)
        else:
            self._keep_short(b"".join(self._central.read(lambda c: uploads.bodies(c, self._key, 0, 1 << 62))))
        return self._length, True

    def _keep_short(self, whole: bytes) -> None:
        key = self._key
        if hashlib.sha256(whole).digest() != key.sha256:
            self._central.write(lambda c: uploads.forget(c, key))
            raise not_the_file()
        self._objects.put(file_name(key.site, key.sha256), whole)

        def keep(connection: Connection) -> None:
            uploads.keep_files(connection, key.site, [(key.sha256, KeptFile(len(whole), None))])
            uploads.forget(connection, key)

        self._central.write(keep)

    def _make_way(self) -> None:
        """Throw away old unfinished uploads, and refuse a laptop that leaves too many."""
        before = now_ms() - int(bounds.UNDER_WAY_S * 1_000)
        for key, token in self._central.read(lambda c: uploads.stale(c, self._key.site, before)):
            discard(self._central, self._objects, key, token)
        mine = self._central.read(lambda c: uploads.count_of(c, self._key.site, self._key.device))
        if mine >= bounds.MAX_UNDER_WAY:
            raise bounds.too_many_uploads()

    def _forget(self, length: int, token: bytes) -> None:
        discard(self._central, self._objects, self._key, token, length)


def discard(central: Central, objects: Objects, key: Key, token: bytes, length: int | None = None) -> None:
    """Throw away what is here of an upload."""
    end = length if length is not None else central.read(lambda c: uploads.folded(c, key))
    central.write(lambda c: uploads.forget(c, key))
    objects.remove(piece_names(key.site, token, end))


def take_up(central: Central, key: Key, *, at_most: int) -> bytes:
    """A batch that was uploaded before; it is taken away."""

    def take(connection: Connection) -> bytes | None:
        if uploads.under_way(connection, key, hold=True) is None:
            return None
        found = b"".join(uploads.bodies(connection, key, 0, at_most + 1))
        uploads.forget(connection, key)
        return found

    raw = central.write(take)
    if raw is None:
        raise NotFound(_("No such upload has come through."))
    if hashlib.sha256(raw).digest() != key.sha256:
        raise not_the_file()
    return raw
