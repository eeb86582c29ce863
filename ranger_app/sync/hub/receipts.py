"""The receipts that hubs gave this laptop: signed, and kept for as long as they say what is safe there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ranger_app.domain.errors import BadInput
from ranger_app.durable import make_folder, write_whole
from ranger_app.storage.exchange.carrying import NOTHING, Reaches
from ranger_app.storage.faults import disk_told
from ranger_app.sync.hub.wire import MAX_MESSAGE, Receipt, read_receipt

FOLDER = "hub"
MAX_KEPT = 64
"""Receipts for files of one site; beyond it all files are asked about anew, which makes few of many."""
TRUSTED_MS = 30 * 24 * 3_600 * 1_000
"""A receipt for files older than this is asked for anew: disks fail, and hubs are put back from backups."""


class Receipts:
    """The receipts of one hub, named by its replica, in the folder of a workspace."""

    def __init__(self, workspace_folder: Path, hub: bytes) -> None:
        self._folder = workspace_folder / FOLDER / f"receipts-{hub.hex()}"
        self._hub = hub

    def changes(self, stream: bytes) -> Receipt | None:
        """The last receipt for the changes of a site."""
        return self._read(self._folder / f"{stream.hex()}.cbor")

    def files(self, stream: bytes) -> set[bytes]:
        """The files of a site that the hub has said to hold."""
        return {one for receipt in self._file_receipts(stream) for one in receipt.files}

    def keep_changes(self, receipt: Receipt) -> None:
        """Keep a receipt for changes in the place of the one before."""
        self._write(f"{receipt.stream.hex()}.cbor", receipt)

    def keep_files(self, receipt: Receipt) -> None:
        """Keep a receipt for files beside the others."""
        self._write(f"{receipt.stream.hex()}-{receipt.at_ms:015d}-{min(receipt.files).hex()}.cbor", receipt)

    def review(self, stream: bytes, reaches: Reaches, now_ms: int | None = None) -> None:
        """Compare what the hub holds with what it signed for: when it has gone back, as from a backup, no
        earlier receipt for files is trusted; nor are old ones (`now_ms` by the hub's clock) or those from a
        time when that clock was wrong, or very many."""
        before = self.changes(stream)
        back = before is not None and went_back(before.reaches, reaches)
        old = now_ms is not None and any(
            abs(now_ms - receipt.at_ms) > TRUSTED_MS for receipt in self._file_receipts(stream)
        )
        if back or old or len(self._paths(stream)) > MAX_KEPT:
            self.forget_files(stream)

    def forget_files(self, stream: bytes) -> None:
        """Trust no earlier receipt for files of a site."""
        for path in self._paths(stream):
            with disk_told(path):
                path.unlink(missing_ok=True)

    def _file_receipts(self, stream: bytes) -> Iterator[Receipt]:
        for path in self._paths(stream):
            found = self._read(path)
            if found is not None and found.stream == stream:
                yield found

    def _paths(self, stream: bytes) -> list[Path]:
        return sorted(self._folder.glob(f"{stream.hex()}-*.cbor"))

    def _read(self, path: Path) -> Receipt | None:
        """A receipt that does not read says nothing."""
        try:
            with open(path, "rb") as source:
                found = read_receipt(source.read(MAX_MESSAGE + 1))
        except (OSError, BadInput):
            return None
        return found if found.hub == self._hub else None

    def _write(self, name: str, receipt: Receipt) -> None:
        with disk_told(self._folder):
            make_folder(self._folder)
            write_whole(self._folder / name, receipt.raw)


def covers(hub: Reaches, mine: Reaches) -> bool:
    """Whether a hub with these reaches holds everything that a laptop with those has."""
    for replica, reach in mine.items():
        theirs = hub.get(replica, NOTHING)
        if theirs.upto < reach.upto or (reach.beyond and theirs != reach):
            return False
    return True


def went_back(before: Reaches, now: Reaches) -> bool:
    """Whether a hub holds less than it once signed for, as when it was restored from a backup. A fork that
    came to light since makes a feed count only up to there, and is none."""
    return any(
        now.get(replica, NOTHING).upto < reach.upto and not now.get(replica, NOTHING).beyond
        for replica, reach in before.items()
    )
