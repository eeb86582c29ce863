"""What is in one part of a bundle, in short: so that a part which is here already need not be read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.untrusted import read_cbor

MAX_CONTENTS = 16 << 20
"""Bytes of the list of one part; a part of empty files would need one of three."""
_MOST = 2**63 - 1


class Stretch(NamedTuple):
    """A run of one feed without a gap."""

    stream: bytes
    replica: bytes
    first: int
    last: int
    hash: bytes
    """SHA-256 of the last segment: the chain behind it proves those before."""


@dataclass(slots=True)
class Contents:
    """What one part holds. It grows while the part is written."""

    stretches: list[Stretch] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    """SHA-256 of each file of which something is in it."""
    small: list[bytes] = field(default_factory=list)
    """Originals of which a small picture is in it."""
    segments: int = 0
    more: bool = False
    """There is something else in it, too: it has to be read to know."""

    def add_segment(self, stream: bytes, replica: bytes, number: int, hash_: bytes) -> None:
        """One more segment, after those that were added before."""
        self.segments += 1
        last = self.stretches[-1] if self.stretches else None
        if last is not None and (last.stream, last.replica) == (stream, replica):
            self.stretches.pop()
            if number == last.last + 1:
                self.stretches.append(Stretch(stream, replica, last.first, number, hash_))
                return
            # Two under one number, or a gap: no run that one hash would prove.
            self.more = True
            return
        self.stretches.append(Stretch(stream, replica, number, number, hash_))

    def add_file(self, sha256: bytes) -> None:
        """A file or a piece of one."""
        if not self.files or self.files[-1] != sha256:
            self.files.append(sha256)


def contents_bytes(contents: Contents) -> bytes:
    """As the payload of a record."""
    return cbor2.dumps(
        [
            [list(one) for one in contents.stretches],
            contents.files,
            contents.small,
            contents.segments,
            contents.more,
        ],
        canonical=True,
    )


def read_contents(untrusted: bytes) -> Contents:
    """The list of one part from bytes of any origin; `BadInput` when it is none."""
    try:
        if len(untrusted) > MAX_CONTENTS:
            raise ValueError(len(untrusted))
        stretches, files, small, segments, more = read_cbor(untrusted, depth=4)[:5]
        return Contents(
            [_stretch(*one) for one in stretches],
            [_sized(one, 32) for one in files],
            [_sized(one, 32) for one in small],
            _whole(segments),
            more is not False,
        )
    except (ValueError, TypeError):
        raise BadInput(_("The list of a part does not read as it should.")) from None


def _stretch(stream: Any, replica: Any, first: Any, last: Any, hash_: Any) -> Stretch:
    return Stretch(_sized(stream, 16), _sized(replica, 16), _whole(first), _whole(last), _sized(hash_, 32))


def _sized(untrusted: Any, size: int) -> bytes:
    if type(untrusted) is not bytes or len(untrusted) != size:
        raise ValueError(untrusted)
    return untrusted


def _whole(untrusted: Any) -> int:
    if type(untrusted) is not int or not 0 <= untrusted <= _MOST:
        raise ValueError(untrusted)
    return untrusted
