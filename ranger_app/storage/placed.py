"""A stream of known length with a place in it: what files that are sealed or still growing have alike."""

from __future__ import annotations

import io
import os
from abc import abstractmethod


class Placed(io.RawIOBase):
    """Readable from any place; whoever inherits moves `_at` as it reads."""

    _at: int
    """Where the next byte is read, in bytes from the beginning."""

    @property
    @abstractmethod
    def _size(self) -> int:
        """How long it is, in bytes."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if at < 0:
            raise ValueError("no place before the beginning")
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
