"""The seam between the hub's addresses and what lies behind them: a shelf with a place for each site.

There are two: ordinary workspaces in a folder (`folder_shelf`), and PostgreSQL with an object store
(`central_shelf`). What is in one place is never within reach of another site's laptops. Every method may be
called from any thread, and may wait for a disk or a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ranger_app.domain.errors import BadInput
from ranger_app.domain.members import Member
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.entries import SignedEntry
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.exchange.carrying import Reaches, Run

FILE, BATCH = "file", "batch"
"""What an upload becomes: a file of the site's, or a batch of segments that a later request speaks of."""
SMALL = 4 << 20
"""A file of at most so many bytes that comes in one go is never written down half."""
GATHERED = 512 << 10  # bytes of an upload that are written at once
READ_AT_ONCE = 256 << 10  # bytes


@dataclass(frozen=True, slots=True)
class Visit:
    """When a laptop last came for a site, and the last receipt that it was given (empty: none yet)."""

    device: bytes
    at_ms: int
    receipt: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is kept of one site, in numbers."""

    site: bytes
    name: str
    """As the site's own records have it; empty while they are not here."""
    laptops: int
    """How many have written something that is here."""
    segments: int
    changes_bytes: int
    files: int
    files_bytes: int


class Upload(Protocol):
    """Something that is coming in. What is written at an offset belongs there, also when it comes twice."""

    held: bool
    """It is here as a whole already."""

    def begin(self) -> int:
        """How many bytes of it are here; `NoRoom` when the rest would find none."""

    def gather(self, piece: bytes) -> bool:
        """Take a piece; whether it is time to `write`."""

    def write(self) -> None:
        """Write down what was gathered, for good or until somebody goes on with it."""

    def end(self) -> tuple[int, bool]:
        """The request has come to its end: how far the upload is, and whether it is whole and its content
        what its name says. `BadInput`, and nothing is left of it, when it is not."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed bundle that waits for the site's laptops; its files are among the others."""

    sha256: bytes
    """Of the list."""
    listed: bytes
    """See `sync.hub_sealed_list`."""
    brought_by: bytes
    signed: Mapping[bytes, bytes]
    """By device, its word that it holds everything in it."""


class HandedOn(Protocol):
    """What the hub keeps of one site for others, and does not read."""

    def strays(self) -> list[bytes]:
        """The SHA-256 of each record that some laptop brought from a newer one, and could not read."""

    def measure_stray(self, sha256: bytes) -> tuple[int, int] | None:
        """The type of such a record, and the length of its payload in bytes."""

    def read_stray(self, sha256: bytes, start: int, end: int) -> bytes:
        """The bytes of its payload from `start` up to `end`."""

    def keep_stray(self, sha256: bytes, type_: int, payload: bytes) -> bool:
        """Keep one; False when so much of it is here that nobody can read that there is no room for more."""

    def keep_uploaded_stray(self, caller: bytes, sha256: bytes, type_: int) -> bool:
        """The same for one that this laptop uploaded, which is taken away. `NotFound` when it did not."""

    def words(self) -> list[bytes]:
        """What each laptop last signed of itself, such as how far it has every feed."""

    def keep_word(self, device: bytes, word: bytes) -> None:
        """Keep what a laptop signed in the place of what it signed before."""

    def sealed(self) -> list[Sealed]:
        """The sealed bundles that wait here."""

    def keep_sealed(self, sha256: bytes, listed: bytes, brought_by: bytes) -> None:
        """Keep the list of one."""

    def sign_sealed(self, sha256: bytes, device: bytes, signed: bytes) -> None:
        """Keep a laptop's word that it holds all of it."""

    def drop_sealed(self, sha256: bytes) -> None:
        """Throw the list away."""


class Place(Protocol):
    """What the hub keeps of one site."""

    @property
    def handed_on(self) -> HandedOn:
        """What it keeps for others, and does not read."""

    # -- changes

    def reaches(self) -> Reaches:
        """How far every feed goes here; what it says is on disk for good. Segments that came without some of
        their sensitive values count as missing: a receipt for them would be one for those too."""

    def run_above(self, replica: bytes, above: int, *, at_most_bytes: int, whole: bool = True) -> Run:
        """The segments of a feed with numbers greater than `above`, as many as fit, at least one number.
        Unless they are to be `whole`, without the sensitive values that outsiders may not have."""

    def take(self, segments: Sequence[SignedSegment], *, entries: Sequence[SignedEntry] = ()) -> Received:
        """Keep every genuine segment and every entry of the directory that belongs here, at once and for
        good. The segments are of this site."""

    def directory(self) -> list[SignedEntry]:
        """Every entry of the site's directory that is here, forks too."""

    # -- files

    def held(self, files: Sequence[bytes]) -> set[bytes]:
        """Of these files, those that are here whole and for good."""

    def size(self, sha256: bytes) -> int | None:
        """The length of a file in bytes; None when it is not here."""

    def read(self, sha256: bytes, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a file that is here, from `start` up to `end`."""

    def add_file(self, content: bytes) -> None:
        """Keep a file that came as a whole; for good when `settle` has been called."""

    def add_piece(self, untrusted: bytes) -> int:
        """Keep a piece of a long file as it stands on a stick; 1 when it made its file whole, else 0."""

    def settle(self) -> None:
        """Make everything that was added for good."""

    def forget_file(self, sha256: bytes) -> None:
        """Throw a file away."""

    # -- what is under way

    def upload(self, caller: bytes, sha256: bytes, kind: str, length: int, gathers: int) -> Upload:
        """Go on with what this laptop is bringing; each laptop has its own, so that none spoils another's.
        So many bytes of it are gathered before they are written."""

    def so_far(self, caller: bytes, sha256: bytes) -> int:
        """How many bytes of it are here."""

    def take_upload(self, caller: bytes, sha256: bytes, *, at_most: int) -> bytes:
        """A batch that this laptop brought before; it is taken away. `NotFound` when there is none."""

    def spool(self) -> Path:
        """A folder on this computer for what is looked through before it is kept; `NoRoom` when full."""

    # -- who came

    def note_visit(self, visit: Visit) -> None:
        """Remember that a laptop came; without a receipt the one before stays."""


class Shelf(Protocol):
    """The places of all sites."""

    def has(self, stream: bytes) -> bool:
        """Whether something was ever kept of this stream."""

    def streams(self) -> list[bytes]:
        """Every stream that something was kept of."""

    def open(self, stream: bytes) -> AbstractContextManager[Place]:
        """The place of a site, made when the site is new here."""

    def member(self, stream: bytes, replica: bytes) -> Member | None:
        """A device as the site's directory has it; None when it is not in there, or there is no directory.
        Also while another process serves it."""

    def standing(self, stream: bytes) -> list[frozenset[bytes]] | None:
        """The devices of a site that are not revoked, each by its replica and those of its heirs; None where
        there is no directory."""

    def may_have_all(self, stream: bytes, replica: bytes) -> bool:
        """Whether a laptop that is let in is to have the sensitive values of a site: the site's own are, but
        for assessors; where there is no directory, everybody is."""

    def well(self) -> None:
        """`KnownError` when what lies behind does not answer."""

    def holdings(self) -> list[Holdings]:
        """What is kept, site by site; also while another process serves it."""

    def visits(self, stream: bytes) -> list[Visit]:
        """The laptops that came for a site, each with its last visit; also while another process serves."""

    def verify(self, stream: bytes, work: Work, *, forget: bool = False) -> list[str]:
        """Look at every change and every file of a site; what is wrong, each in a sentence. With `forget`,
        files that are not what they were are thrown away, so that laptops bring them again."""

    def close(self) -> None:
        """Let go of everything."""


def not_the_file() -> BadInput:
    return BadInput(_("What came through is not what its name says."), _("Send it again from the beginning."))
