"""Reads CBOR of any origin: plain values only, and nothing whose cost its sender can choose."""

from __future__ import annotations

from typing import Any

import cbor2

# Tags that the library would make dates, big numbers, regular expressions, mails or loops of.
_KNOWN_TAGS = (*range(64), 100, 256, 258, 260, 261, 1004, 43000, 55799)


def _refuse(*_: object) -> Any:
    raise ValueError("a tag")


_REFUSED = dict.fromkeys(_KNOWN_TAGS, _refuse)


def read_cbor(untrusted: bytes, *, depth: int) -> Any:
    """The value in `untrusted`, whose size the caller has bounded; `ValueError` when it is not plain CBOR.

    Refused are tags, items of unknown length, keys given twice, maps with keys that are neither text nor
    bytes (others can be chosen to collide and make a map of megabytes take hours), and containers nested
    deeper than `depth`.
    """
    try:
        return cbor2.loads(
            untrusted,
            max_depth=depth,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
            semantic_decoders=_REFUSED,
            tag_hook=_refuse,
        )
    except (cbor2.CBORDecodeError, OverflowError, RecursionError) as error:
        raise ValueError("not plain CBOR") from error
