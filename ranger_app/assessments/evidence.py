"""Evidence: a file kept once and cited often, or a figure frozen from the site's own data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ranger_app.assessments.answers import made_at_ms
from ranger_app.assessments.figures import Figure
from ranger_app.domain.assessments import CONFIDENTIALITY, Evidence
from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id, derived_id
from ranger_app.i18n import _

FILE_BYTES_AT_MOST = (4 << 30) - 1
"""The largest file that FAT32, the format of most sticks, can hold."""
TITLE_CHARS_AT_MOST = 300

# Not the computer's own table: the same file must get the same type on every laptop.
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".geojson": "application/geo+json",
    ".gif": "image/gif",
    ".gpx": "application/gpx+xml",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".wav": "audio/wav",
    ".webp": "image/webp",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
UNKNOWN_MEDIA_TYPE = "application/octet-stream"


def media_type_of(file_name: str) -> str:
    """The media type by the ending of the name."""
    return _MEDIA_TYPES.get(Path(file_name).suffix.lower(), UNKNOWN_MEDIA_TYPE)


def readable_name(path: Path) -> str:
    """The file's name as text; bytes that are none in this system's coding become question marks."""
    return path.name.encode("utf-8", "replace").decode()


def check_file(path: Path) -> None:
    """Raise `BadInput` when there is no file here that can be evidence."""
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError:
        size = None
    if size is None:
        raise BadInput(
            _("There is no file “{name}”.").format(name=path.name or path),
            _("Check the name and the folder."),
        )
    if size == 0:
        raise BadInput(_("The file “{name}” is empty.").format(name=path.name), _("Choose another file."))
    if size > FILE_BYTES_AT_MOST:
        raise BadInput(
            _("The file “{name}” is larger than 4 GB, which no stick in FAT32 can hold.").format(
                name=path.name
            ),
            _("Cut it into parts, or make it smaller, and cite the parts."),
        )


def file_evidence_id(site_id: Id, sha256: bytes) -> Id:
    """One file is one piece of evidence of a site, whoever adds it and how often."""
    return derived_id(made_at_ms(site_id), site_id, "evidence", sha256)


def link_id(answer_id: Id, evidence_id: Id, page: str) -> Id:
    """The same evidence cited twice for the same answer and page is one citation."""
    return derived_id(made_at_ms(answer_id), answer_id, "cites", evidence_id, page.strip().lower())


def check_confidentiality(value: str) -> str:
    if value not in CONFIDENTIALITY:
        raise BadInput(
            _("“{value}” is no class of confidentiality.").format(value=value[:40]),
            _("Use one of: {allowed}.").format(allowed=", ".join(CONFIDENTIALITY)),
        )
    return value


def figure_evidence(
    figure: Figure, *, site_id: Id, title: str, confidentiality: str, at: datetime
) -> Evidence:
    """A piece of evidence that holds a figure; dated by the last day that it counts."""
    return Evidence(
        site_id=site_id,
        title=(title or figure.title)[:TITLE_CHARS_AT_MOST],
        kind="figure",
        dated_on=figure.ends_on or at.date(),
        confidentiality=check_confidentiality(confidentiality),
        figure=figure.to_data(),
        frozen_at=at,
    )
