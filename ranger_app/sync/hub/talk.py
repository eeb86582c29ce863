"""What a laptop asks of a hub, message by message: the hello, and everything that a token lets it do."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from ranger_app.domain.errors import Refused
from ranger_app.domain.ids import Id, id_text
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.entries import MAX_BATCH as MAX_DIRECTORY
from ranger_app.security.entries import SignedEntry, pack_entries, unpack_entries
from ranger_app.security.keys import DeviceKeys, genuine, replica_of
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.carrying import Reaches
from ranger_app.storage.strays import MAX_STRAY
from ranger_app.sync.bundles.batches import MAX_BATCH, pack, unpack
from ranger_app.sync.hub.line import HELLO, Broken, HubRefused, Line, Patience
from ranger_app.sync.hub.wire import (
    BATCH,
    CBOR,
    MAX_FILE,
    MAX_MESSAGE,
    MAX_WORDS,
    MORE,
    NONCE_BYTES,
    THROUGH,
    VERSION,
    YES,
    Holding,
    Receipt,
    hashes_in,
    hello_text,
    holdings_in,
    message,
    proof_text,
    reaches_in,
    read_message,
    read_receipt,
    sized,
    stray_out,
    unreadable,
)

MAX_HEAD = 64
"""Bytes around the payload of a record that is handed on, at most."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a batch, and how far the hub is now."""

    held: int
    refused: int
    reaches: Reaches


class OtherHub(Refused):
    """Another hub answers under the address, or it was set up anew."""

    code = "other-hub"


class Talk:
    """A conversation with one hub. Every message may be sent again."""

    def __init__(
        self,
        url: str,
        keys: DeviceKeys,
        work: Work,
        *,
        expected: bytes | None,
        patience: Patience,
        authority: str | None = None,
    ) -> None:
        self.line = Line(url, work, patience, authority=authority)
        self.line.greet = self._greet_again
        self._keys = keys
        self._asked: list[bytes] = []
        self.hub_key = expected or b""
        """Once it is known, nobody else is talked to."""

    def close(self) -> None:
        self.line.close()

    def hello(self, streams: Sequence[bytes]) -> dict[bytes, Holding]:
        """Show who we are; how far the hub holds each stream that we may exchange with it. `Refused` when it
        does not know this laptop, or is not the hub that it was."""
        self._asked = list(streams)
        key, nonce = self._keys.public_key, os.urandom(NONCE_BYTES)
        first = self._said(HELLO, {"key": key, "nonce": nonce})
        if first.get("version") != VERSION:
            raise Refused(
                _("This hub speaks another version than this Ranger."),
                _("Bring both to the same version; until then, exchange by stick."),
            )
        hub = sized(first.get("hub"), 32)
        if self.hub_key and hub != self.hub_key:
            raise OtherHub(
                _("This is not the hub that this workspace went to before: it shows another key."),
                _("Ask its keeper. If it was set up anew: ranger-app sync --hub URL --new-hub."),
            )
        proof = first.get("proof")
        if type(proof) is not bytes or not genuine(hub, proof_text(nonce, key), proof):
            raise OtherHub(
                _("What answers there cannot prove that it has the hub's key. Nothing was sent."),
                _("Tell the hub's keeper: somebody may be standing in its place."),
            )
        self.hub_key = hub
        challenge = first.get("challenge")
        if type(challenge) is not bytes:
            raise unreadable()
        signature = self._keys.sign(hello_text(hub, challenge, key))
        asks = {"key": key, "challenge": challenge, "signature": signature, "streams": self._asked}
        said = self._said(HELLO, asks)
        token = said.get("token")
        if type(token) is not str or not token.isascii() or not token.isprintable() or len(token) > 1_000:
            raise unreadable()
        self.line.token = token
        return holdings_in(said.get("streams"))

    def _greet_again(self) -> None:
        self.hello(self._asked)

    def _said(self, path: str, content: Mapping[str, object]) -> dict[str, Any]:
        reply = self.line.ask("POST", path, message(content), at_most=MAX_MESSAGE, media=CBOR)
        return read_message(reply.body)

    # -- changes

    def send(self, stream: bytes, segments: Sequence[SignedSegment]) -> Sent:
        """Bring a batch through: in one go, or, when the line does not hold that long, in pieces."""
        payload = pack(segments)
        path = f"{_site(stream)}/segments"
        try:
            if len(payload) > MAX_MESSAGE:
                reply = self._send_in_pieces(stream, path, payload)
            else:
                reply = self.line.once("POST", path, payload, at_most=MAX_MESSAGE, media=BATCH).body
        except Broken:
            self.line.wait()
            reply = self._send_in_pieces(stream, path, payload)
        said = read_message(reply)
        refused = said.get("refused")
        if type(refused) is not int or not 0 <= refused <= len(segments):
            raise unreadable()
        return Sent(len(segments) - refused, refused, reaches_in(said.get("reaches")))

    def _send_in_pieces(self, stream: bytes, path: str, payload: bytes) -> bytes:
        name = hashlib.sha256(payload).hexdigest()
        return self._in_pieces(stream, payload, "POST", f"{path}?upload={name}")

    def _in_pieces(self, stream: bytes, payload: bytes, method: str, path: str) -> bytes:
        """Upload something, and then say at this address what it is."""
        name = hashlib.sha256(payload).hexdigest()
        while True:
            self.line.upload(f"{_site(stream)}/uploads/{name}", io.BytesIO(payload), len(payload))
            try:
                return self.line.ask(method, path, at_most=MAX_MESSAGE).body
            except HubRefused as refusal:
                # The hub had it and its answer was lost: it has taken the upload away already.
                if refusal.status != 404:
                    raise
                self.line.wait()

    def run(self, stream: bytes, replica: bytes, above: int) -> tuple[list[SignedSegment], int, bool]:
        """The next segments of a feed, up to which number they go, and whether there are more."""
        found = io.BytesIO()
        path = f"{_site(stream)}/segments/{replica.hex()}?above={above}"
        headers = self.line.download(path, found, at_most=MAX_BATCH)
        through = headers.get(THROUGH, "")
        if not through.isdecimal() or len(through) > 19:
            raise unreadable()
        more = headers.get(MORE) == YES
        if more and int(through) <= above:
            raise unreadable()
        return unpack(found.getvalue()), int(through), more

    def directory(self, stream: bytes) -> list[SignedEntry]:
        """The entries of the site's directory that the hub has."""
        found = self.line.ask("GET", f"{_site(stream)}/directory", at_most=MAX_DIRECTORY)
        return unpack_entries(found.body)

    def send_directory(self, stream: bytes, entries: Iterable[SignedEntry]) -> int:
        """Bring entries of the site's directory to the hub; how many it did not take."""
        strange = 0
        for some in _some_entries(entries):
            raw, path = pack_entries(some), f"{_site(stream)}/directory"
            reply = self.line.ask("PUT", path, raw, at_most=MAX_MESSAGE, media=CBOR)
            left_out = read_message(reply.body).get("strange")
            strange += left_out if type(left_out) is int else 0
        return strange

    # -- files

    def missing(self, stream: bytes, files: Sequence[bytes]) -> list[tuple[bytes, int]]:
        """Of these files, those that the hub lacks, and how much of each has come through."""
        said = self._said(f"{_site(stream)}/files/missing", {"files": list(files)}).get("missing")
        if type(said) is not list or len(said) > len(files):
            raise unreadable()
        found = []
        for entry in said:
            if type(entry) is not list or len(entry) < 2 or type(entry[1]) is not int or entry[1] < 0:
                raise unreadable()
            found.append((sized(entry[0], 32), entry[1]))
        return found

    def send_file(self, stream: bytes, sha256: bytes, source: BinaryIO, length: int, *, start: int) -> None:
        """Bring a file to the hub."""
        path = f"{_site(stream)}/files/{sha256.hex()}"
        self.line.upload(path, source, length, start=start if start <= length else 0)

    def fetch_file(self, stream: bytes, sha256: bytes, sink: BinaryIO) -> None:
        """Fetch a file, of which `sink` may hold the beginning. What came is to be checked."""
        path = f"{_site(stream)}/files/{sha256.hex()}"
        self.line.download(path, sink, at_most=MAX_FILE, tag=f'"{sha256.hex()}"')

    # -- what is handed on and not read

    def strays(self, stream: bytes) -> list[bytes]:
        """The names of the records at the hub that whoever brought them could not read."""
        reply = self.line.ask("GET", f"{_site(stream)}/strays", at_most=MAX_MESSAGE)
        return hashes_in(read_message(reply.body).get("strays"))

    def fetch_stray(self, stream: bytes, sha256: bytes, sink: BinaryIO) -> None:
        """Fetch one of them, of which `sink` may hold the beginning; what came is to be checked."""
        path = f"{_site(stream)}/strays/{sha256.hex()}"
        self.line.download(path, sink, at_most=MAX_STRAY + MAX_HEAD, tag=f'"{sha256.hex()}"')

    def send_stray(self, stream: bytes, sha256: bytes, type_: int, payload: bytes) -> None:
        """Bring one to the hub: a long one in pieces, then by its name."""
        path = f"{_site(stream)}/strays/{sha256.hex()}"
        if len(payload) + MAX_HEAD <= MAX_MESSAGE:
            self.line.ask("PUT", path, stray_out(type_, payload), at_most=MAX_MESSAGE, media=CBOR)
        else:
            self._in_pieces(stream, payload, "PUT", f"{path}?type={type_}")

    # -- sealed bundles

    def sealed(self, stream: bytes) -> list[tuple[bytes, bytes, list[bytes]]]:
        """The sealed bundles of the site that wait at the hub: address, list, and what was signed for it;
        what came is to be checked."""
        found = self.line.ask("GET", f"{_site(stream)}/sealed", at_most=MAX_WORDS)
        said = read_message(found.body, at_most=MAX_WORDS).get("sealed")
        if type(said) is not list:
            raise unreadable()
        return [_sealed(one) for one in said]

    def send_sealed(self, stream: bytes, sha256: bytes, listed: bytes) -> None:
        """Leave a sealed bundle for the site's laptops, whose files are at the hub."""
        path = f"{_site(stream)}/sealed/{sha256.hex()}"
        self.line.ask("PUT", path, listed, at_most=MAX_MESSAGE, media=CBOR)

    def sign_sealed(self, stream: bytes, sha256: bytes, signed: bytes) -> None:
        """Say that this laptop holds everything in it."""
        path = f"{_site(stream)}/sealed/{sha256.hex()}/receipt"
        self.line.ask("PUT", path, signed, at_most=MAX_MESSAGE, media=CBOR)

    def words(self, stream: bytes) -> list[bytes]:
        """What the laptops of the site last signed of themselves; what came is to be checked."""
        reply = self.line.ask("GET", f"{_site(stream)}/words", at_most=MAX_WORDS)
        said = read_message(reply.body, at_most=MAX_WORDS).get("words")
        if type(said) is not list or not all(type(one) is bytes for one in said):
            raise unreadable()
        return said

    def send_word(self, stream: bytes, signed: bytes) -> None:
        """Leave what this laptop signs of itself for the others."""
        self.line.ask("PUT", f"{_site(stream)}/words", signed, at_most=MAX_MESSAGE, media=CBOR)

    # -- receipts

    def receipt(self, stream: bytes, files: Sequence[bytes] = ()) -> Receipt:
        """What the hub signs that it holds for good; nobody else's signature counts."""
        path = f"{_site(stream)}/receipts"
        asks = message({"files": list(files)})
        reply = self.line.ask("POST", path, asks, at_most=MAX_MESSAGE, media=CBOR)
        found = read_receipt(reply.body)
        ours = found.device == self._keys.replica and found.stream == stream
        if found.hub != replica_of(self.hub_key) or not ours or not found.files <= set(files):
            raise unreadable()
        return found


def _sealed(untrusted: Any) -> tuple[bytes, bytes, list[bytes]]:
    if type(untrusted) is not list or len(untrusted) < 3:
        raise unreadable()
    address, listed, signed = untrusted[:3]
    if type(listed) is not bytes or type(signed) is not list or not all(type(one) is bytes for one in signed):
        raise unreadable()
    return sized(address, 32), listed, signed


def _some_entries(entries: Iterable[SignedEntry]) -> Iterator[list[SignedEntry]]:
    """Entries in their order, as many at once as a message may bring."""
    some: list[SignedEntry] = []
    size = 0
    for entry in entries:
        if some and size + len(entry.body) > MAX_MESSAGE // 2:
            yield some
            some, size = [], 0
        some.append(entry)
        size += len(entry.body)
    if some:
        yield some


def _site(stream: bytes) -> str:
    return f"/v1/streams/{id_text(Id(stream))}"
