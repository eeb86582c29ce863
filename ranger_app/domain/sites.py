"""The site, its people and its laptops."""

from __future__ import annotations

from typing import Any

from ranger_app.domain.fields import Form, Merge, Privacy, Record, record, stored
from ranger_app.domain.ids import Id


@record(1, "site")
class Site(Record):
    """A protected or conserved area. Its `site_id` is its own id."""

    name: str = stored(2, Form.TEXT)
    local_name: str = stored(3, Form.TEXT, default="")
    country: str = stored(4, Form.TEXT, default="")
    """ISO 3166-1 alpha-3."""
    boundary: bytes | None = stored(5, Form.BYTES, default=None)
    """WKB MultiPolygon, WGS 84 longitude and latitude."""
    area_km2: float | None = stored(6, Form.REAL, default=None)
    time_zone: str = stored(7, Form.TEXT, default="UTC")
    """IANA name, such as Asia/Vladivostok; UTC until somebody says otherwise."""
    world_database_id: str = stored(8, Form.TEXT, default="")
    """SITE_ID of WDPCA (formerly WDPAID)."""
    management_category: str = stored(9, Form.TEXT, default="")
    governance_type: str = stored(10, Form.TEXT, default="")
    boundary_source: str = stored(11, Form.TEXT, default="")
    listed_species: Any = stored(12, Form.DATA, default=None)
    """Species whose places are not told to everybody (see `domain.species_list`)."""


@record(2, "person")
class Person(Record):
    """Somebody who works with this site's data."""

    name: str = stored(2, Form.TEXT, privacy=Privacy.PERSON)
    role: str = stored(3, Form.TEXT, default="ranger")
    employee_number: str = stored(4, Form.TEXT, default="", privacy=Privacy.PERSON)
    active: bool = stored(5, Form.FLAG, default=True)


@record(3, "device")
class Device(Record):
    """One installed database on one laptop (an incarnation): it signs its own feed of changes."""

    name: str = stored(2, Form.TEXT)
    replica: bytes = stored(3, Form.BYTES, merge=Merge.FIXED)
    public_key: bytes = stored(4, Form.BYTES, merge=Merge.FIXED)
    """Ed25519, 32 bytes; `replica` is the first half of its SHA-256."""


@record(5, "erasure", fixed=True)
class Erasure(Record):
    """That a sensitive value was dropped for good, and where it stood. Whoever hears of it drops it, too."""

    kind: str = stored(2, Form.TEXT)
    """Name of the kind of the record."""
    record_id: Id = stored(3, Form.ID, indexed=True)
    field: str = stored(4, Form.TEXT)
    leaves: Any = stored(5, Form.DATA, default=None)
    """[[replica in hexadecimal digits, number of the segment, place of the op, mark, the segment's hash in
    hexadecimal digits], …] (see `storage.changes.leaves`); where no hash is said, of every segment with this
    number."""
    files: Any = stored(6, Form.DATA, default=None)
    """[SHA-256 in hexadecimal digits, …] of files that went with it."""
    reason: str = stored(7, Form.TEXT, default="", privacy=Privacy.PERSON)


@record(4, "attachment")
class Attachment(Record):
    """A file that belongs to a record: a photo of a snare, a scanned form, an imported original."""

    owner_id: Id = stored(2, Form.ID, indexed=True)
    owner_kind: str = stored(3, Form.TEXT)
    file: bytes = stored(4, Form.FILE, merge=Merge.FIXED)
    file_name: str = stored(5, Form.TEXT, privacy=Privacy.PERSON)
    media_type: str = stored(6, Form.TEXT, default="application/octet-stream")
    size_bytes: int = stored(7, Form.INTEGER, default=0)
    caption: str = stored(8, Form.TEXT, default="", privacy=Privacy.PERSON)
