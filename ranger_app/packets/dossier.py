"""What goes into a packet, before it is a page, a report or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ranger_app.assessments.figures import Figure
from ranger_app.assessments.gaps import GapBoard
from ranger_app.assessments.packs import FormPack
from ranger_app.assessments.preflight import Missing
from ranger_app.assessments.sheets import Sheet, Whole
from ranger_app.domain.assessments import Evidence
from ranger_app.domain.ids import Id
from ranger_app.domain.readable import Readable
from ranger_app.domain.sites import Site


class Profile(StrEnum):
    """Who a packet is for, which decides what is left out of it."""

    PUBLIC = "public"
    """Anybody: public evidence only, nothing that tells who or where."""
    ASSESSOR = "assessor"
    """Expert group and reviewer: evidence for them too, nothing that tells who or where."""
    FULL = "full"
    """The site itself: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of evidence as a packet has it."""

    number: str
    """What the packet calls it, such as E07; by order of first citation."""
    evidence: Evidence
    """Redacted for the profile."""
    cited_by: tuple[str, ...]
    figure: Figure | None = None
    source: Readable | None = None
    """The file to copy; None for figures, for what is withheld and for what is no longer there."""
    path: str = ""
    """Where it lies in the packet, with forward slashes; empty when it is not in it."""
    withheld: bool = False
    original_sha256: bytes | None = None
    """Of the file at the site, when the packet's copy differs because a position was taken out of it."""
    note: str = ""
    """A sentence for the reader, such as why it is not in the packet."""
    thumbnail: bytes = b""
    """A small JPEG without any metadata, when it is a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One assessment, ready to be set as a page, a report and tables."""

    site: Site
    whole: Whole
    board: GapBoard
    missing: tuple[Missing, ...]
    pieces: tuple[Piece, ...]
    profile: Profile
    made_at: datetime
    """UTC, whole seconds."""
    program_version: str
    device: str = ""
    """Who signs, by the name of the laptop."""
    left_out: tuple[str, ...] = ()
    """Sentences on what this profile leaves out."""
    map_png: bytes = b""
    boundary_geojson: str = ""

    @property
    def pack(self) -> FormPack:
        return self.whole.pack

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return self.whole.sheets

    def by_evidence(self) -> Mapping[Id, Piece]:
        return {piece.evidence.id: piece for piece in self.pieces}

    def figures(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.figure is not None)

    def title(self) -> str:
        return self.whole.assessment.title or self.pack.title()
