"""The manifest of a packet: every file with its SHA-256, and a signature over all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.packets.names import is_safe_path
from ranger_app.security.keys import genuine

MANIFEST = "manifest.json"
SCHEMA = "ranger-packet/1"
ALGORITHM = "Ed25519"
MANIFEST_BYTES_AT_MOST = 32_000_000
FILES_AT_MOST = 50_000
FILE_BYTES_AT_MOST = 1 << 40

CONTENT = "content"
"""Class of a file that Ranger wrote: page, report, tables. Evidence has its class of confidentiality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs: an Ed25519 key and the name of its laptop."""

    public_key: bytes
    sign: Callable[[bytes], bytes]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a packet."""

    path: str
    sha256: bytes
    size_bytes: int
    class_: str = CONTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is in a packet and who says so. `document` is the whole JSON document, signature included."""

    entries: tuple[Entry, ...]
    document: dict[str, Any]

    @property
    def signed_by(self) -> str:
        """The name of the laptop and the first bytes of its key, as people compare them."""
        signature = self.document.get("signature")
        if not isinstance(signature, dict):
            return ""
        key = str(signature.get("public_key", ""))[:16]
        mark = " ".join(key[at : at + 4] for at in range(0, len(key), 4))
        return f"{str(signature.get('by', ''))[:80]} ({mark})".strip()


def canonical(document: Any) -> bytes:
    """The bytes that are signed: JSON with sorted names, no white space, UTF-8, numbers as Python writes
    them (the packet's are whole)."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def write_manifest(head: dict[str, Any], entries: tuple[Entry, ...], signer: Signer) -> bytes:
    """The manifest as a file: `head`, the files by path, and the signature over all of that."""
    document = {
        **head,
        "schema": SCHEMA,
        "files": [
            {"path": one.path, "sha256": one.sha256.hex(), "bytes": one.size_bytes, "class": one.class_}
            for one in sorted(entries, key=lambda one: one.path)
        ],
    }
    signature = {
        "algorithm": ALGORITHM,
        "public_key": signer.public_key.hex(),
        "by": signer.name,
        "value": signer.sign(canonical(document)).hex(),
    }
    signed = {**document, "signature": signature}
    return json.dumps(signed, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def read_manifest(untrusted: bytes) -> Manifest:
    """A manifest from bytes of any origin; `BadInput` says what is wrong with it."""
    if len(untrusted) > MANIFEST_BYTES_AT_MOST:
        raise _bad(_("it is larger than any packet's"))
    try:
        document = json.loads(untrusted.decode("utf-8"), object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError):
        raise _bad(_("it is not JSON")) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise _bad(_("it is not the list of a packet that this Ranger can read"))
    files = document.get("files")
    if not isinstance(files, list) or len(files) > FILES_AT_MOST:
        raise _bad(_("its list of files is not one"))
    entries = tuple(_entry(one) for one in files)
    folded = [one.path.casefold() for one in entries]
    if len(set(folded)) != len(folded):
        raise _bad(_("it names a file twice"))
    return Manifest(entries=entries, document=document)


def signature_fault(manifest: Manifest) -> str:
    """What is wrong with the signature, as a sentence; empty when it is good."""
    signature = manifest.document.get("signature")
    if not isinstance(signature, dict):
        return _("The packet is not signed.")
    unsigned = {name: value for name, value in manifest.document.items() if name != "signature"}
    try:
        key = bytes.fromhex(signature.get("public_key", ""))
        value = bytes.fromhex(signature.get("value", ""))
    except (TypeError, ValueError):
        return _("The signature cannot be read.")
    if signature.get("algorithm") != ALGORITHM or not genuine(key, canonical(unsigned), value):
        return _("The signature does not fit the list of files: it was changed after it was signed.")
    return ""


def _entry(one: Any) -> Entry:
    if not isinstance(one, dict):
        raise _bad(_("its list of files is not one"))
    path, digest, size, class_ = (one.get(name) for name in ("path", "sha256", "bytes", "class"))
    if not isinstance(path, str) or not is_safe_path(path) or path == MANIFEST:
        raise _bad(_("it names a file outside the packet: {path}").format(path=repr(path)[:80]))
    try:
        sha256 = bytes.fromhex(digest) if isinstance(digest, str) else b""
    except ValueError:
        sha256 = b""
    if len(sha256) != 32 or not isinstance(class_, str):
        raise _bad(_("its entry for {path} has no SHA-256").format(path=path))
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= FILE_BYTES_AT_MOST:
        raise _bad(_("its entry for {path} has no size").format(path=path))
    return Entry(path=path, sha256=sha256, size_bytes=size, class_=class_[:40])


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers could see two values; so nobody shall."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


def _bad(reason: str) -> BadInput:
    return BadInput(
        _("The list of files (manifest.json) cannot be trusted: {reason}.").format(reason=reason),
        _("Ask the sender for the packet again."),
    )
