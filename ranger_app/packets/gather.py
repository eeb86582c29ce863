"""Gathers one assessment with all that belongs to it, redacted for its readers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from ranger_app import __version__, config
from ranger_app.assessments.figures import figure_of
from ranger_app.assessments.gaps import gap_board
from ranger_app.assessments.preflight import what_is_missing
from ranger_app.assessments.service import Assessments
from ranger_app.assessments.sheets import Whole
from ranger_app.domain.assessments import Evidence
from ranger_app.domain.errors import KnownError
from ranger_app.domain.ids import Id
from ranger_app.domain.readable import Readable, size_of
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.packets import pictures, redact
from ranger_app.packets.dossier import Dossier, Piece, Profile
from ranger_app.packets.names import file_name

THUMBNAILS_AT_MOST = 200
CLEANED_BYTES_AT_MOST = 200_000_000
MAP_WIDTH_PX, MAP_HEIGHT_PX = 1000, 620
MAP_AROUND = 0.25
"""How much of its own extent is shown around the site on each side, so that one sees where it lies."""
EVIDENCE_FOLDER = "evidence/files"


def gather(
    assessments: Assessments,
    *,
    site: Site,
    profile: Profile,
    made_at: datetime,
    device: str,
    work: Work,
    assessment_id: Id | None = None,
) -> Dossier:
    """Everything that goes into a packet, already redacted. Reads each file of evidence once."""
    whole = assessments.whole(assessment_id)
    today = made_at.date()
    pieces = tuple(
        _piece(assessments, whole, evidence, number, profile)
        for number, evidence in enumerate(
            work.each(whole.evidence(), len(whole.evidence()), _("Reading the evidence")), start=1
        )
    )
    kept_back = {piece.evidence.id for piece in pieces if piece.withheld}
    lost = {p.evidence.id for p in pieces if p.figure is None and not p.withheld and not p.path}
    missing = what_is_missing(
        whole,
        today=today,
        can_read=lambda evidence: evidence.id not in lost,
        is_withheld=lambda evidence: evidence.id in kept_back,
    )
    shown = redact.redacted_whole(whole, profile)
    return Dossier(
        site=redact.without_private_fields(site, profile),
        whole=shown,
        board=gap_board(whole, today=today),
        missing=missing,
        pieces=_with_thumbnails(pieces, work),
        profile=profile,
        made_at=made_at,
        program_version=__version__,
        device=device,
        left_out=redact.left_out(pieces, profile),
        map_png=_map(site),
        boundary_geojson=_geojson(site),
    )


# ---- evidence


def _piece(
    assessments: Assessments, whole: Whole, evidence: Evidence, number: int, profile: Profile
) -> Piece:
    piece = Piece(
        number=f"E{number:02d}",
        evidence=redact.redacted_evidence(evidence, profile),
        cited_by=whole.cited_by(evidence),
    )
    if redact.is_withheld(evidence, profile):
        return replace(piece, withheld=True, note=_("Too confidential for this packet."))
    if evidence.kind == "figure":
        figure = figure_of(evidence)
        return replace(piece, figure=redact.redacted_figure(figure, profile) if figure else None)
    return _file_piece(piece, evidence, assessments.file_of(evidence), profile)


def _file_piece(piece: Piece, evidence: Evidence, source: Readable | None, profile: Profile) -> Piece:
    if source is None:
        return replace(piece, note=_("The file is no longer at the site."))
    try:
        is_whole = file_sha256(source) == evidence.file
    except OSError:
        is_whole = False
    if not is_whole:
        return replace(piece, note=_("The file at the site is damaged."))
    placed = replace(
        piece,
        source=source,
        path=f"{EVIDENCE_FOLDER}/{file_name(piece.number, evidence.title, evidence.file_name)}",
    )
    if is_cleaned(evidence, profile):
        clean = cleaned_copy(source)
        if clean is None:
            told = _("This picture cannot be freed of its hidden data, so it is not in this packet.")
            return replace(piece, withheld=True, note=told)
        changed = hashlib.sha256(clean).digest() != evidence.file
        return replace(placed, original_sha256=evidence.file if changed else None)
    if profile is not Profile.FULL and evidence.media_type.startswith(("image/", "video/")):
        if profile is Profile.PUBLIC:
            told = _("A picture or clip of this kind may carry its position, so it is not in this packet.")
            return replace(piece, withheld=True, note=told)
        return replace(placed, note=_("Copied as it is; it may carry its position."))
    return placed


def is_cleaned(evidence: Evidence, profile: Profile) -> bool:
    """Whether the packet's copy of this file is freed of its hidden data."""
    return profile is not Profile.FULL and evidence.media_type in pictures.CLEANED


def cleaned_copy(source: Readable) -> bytes | None:
    """The picture without its hidden data; None when that cannot be done."""
    if size_of(source) > CLEANED_BYTES_AT_MOST:
        return None
    return pictures.without_metadata(source.read_bytes())


def file_sha256(path: Readable) -> bytes:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").digest()


def _with_thumbnails(pieces: tuple[Piece, ...], work: Work) -> tuple[Piece, ...]:
    seen = [p for p in pieces if p.source is not None and p.evidence.media_type.startswith("image/")]
    small = {
        piece.number: pictures.thumbnail(piece.source)
        for piece in work.each(seen[:THUMBNAILS_AT_MOST], len(seen), _("Looking at the pictures"))
        if piece.source is not None
    }
    return tuple(replace(piece, thumbnail=small.get(piece.number, b"")) for piece in pieces)


# ---- where the site is


def _map(site: Site) -> bytes:
    """A picture of the site on the base map; empty when the site has no outline yet."""
    from ranger_app.maps.basemap import FILE_NAME, Basemap
    from ranger_app.maps.boundary import boundary_of
    from ranger_app.maps.picture import PictureContent, draw_png

    if site.boundary is None:
        return b""
    try:
        outline = boundary_of(site.boundary)
    except KnownError:  # an outline from another program that is none; the packet goes without
        return b""
    try:
        ground = Basemap(config.resources_dir() / "maps" / FILE_NAME)
    except KnownError:
        ground = None
    return draw_png(
        PictureContent(basemap=ground, boundary=outline),
        width_px=MAP_WIDTH_PX,
        height_px=MAP_HEIGHT_PX,
        bounds=_with_surroundings(outline.bounds),
    )


def _with_surroundings(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    if west >= east:  # across 180°: as it is
        return bounds
    x, y = (east - west) * MAP_AROUND, (north - south) * MAP_AROUND
    return max(west - x, -180.0), max(south - y, -85.0), min(east + x, 180.0), min(north + y, 85.0)


def _geojson(site: Site) -> str:
    """The outline as one GeoJSON feature (RFC 7946); empty when there is none."""
    import shapely

    from ranger_app.maps.boundary import boundary_of

    if site.boundary is None:
        return ""
    try:
        outline = boundary_of(site.boundary)
    except KnownError:
        return ""
    feature = {
        "type": "Feature",
        "properties": {"name": site.name, "area_km2": round(outline.area_km2, 3)},
        "geometry": json.loads(shapely.to_geojson(outline.geometry)),
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False, indent=1)
