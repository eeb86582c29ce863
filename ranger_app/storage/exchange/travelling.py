"""Which files of records go along to others, the most wanted first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ranger_app.domain.assessments import OUTSIDE, Evidence
from ranger_app.domain.fields import Form
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.photos import Photo
from ranger_app.storage.changes.erasing import erased_files
from ranger_app.storage.query import equal, one_of, present
from ranger_app.storage.workspace import Workspace

SEEN = 0.2
"""A model's word from which on a photo goes before those in which it saw nothing."""

_PHOTOS = """
select file, min(case
    when exists (select 1 from label l where l.photo_id = p.id and l.type in ('animal', 'human', 'vehicle'))
    then 0
    when exists (select 1 from label l where l.photo_id = p.id and l.type = 'blank') then 3
    when exists (
        select 1 from detection d where d.photo_id = p.id and max(d.animal, d.person, d.vehicle) >= ?
    ) then 1
    else 2 end) as rank
from photo p where file is not null and (? is null or site_id = ?)
group by file order by rank, max(taken_local) desc, file
"""


def files_for_outsiders(workspace: Workspace, *, site: bytes | None = None) -> list[bytes]:
    """The SHA-256 of the files that an outsider may have: evidence that is not for the site alone. Photos and
    attachments show people, and hold in themselves where they were taken."""
    with workspace.reading() as data:
        given = [one_of("confidentiality", OUTSIDE), present("file")]
        if site is not None:
            given.append(equal("site_id", site))
        return sorted(set(data.column(Evidence, "file", *given)))


def files_to_carry(workspace: Workspace, *, site: bytes | None = None) -> Iterator[bytes]:
    """The SHA-256 of every file that some record speaks of, each once: documents first, then photos in which
    a person saw something, those in which a model did, those that nobody looked at, and empty ones; the
    newest first. Those of one site only, if it is given."""
    with workspace.reading_raw() as database:
        others = erased_files(database)
        for sha256 in _other_files(database, site):
            if sha256 not in others:
                others.add(sha256)
                yield sha256
        for sha256, _rank in database.execute(_PHOTOS, (SEEN, site, site)):
            if sha256 not in others:
                yield sha256


def photos_to_carry(workspace: Workspace, *, site: bytes | None = None) -> Iterator[bytes]:
    """The photos among them, in the same order."""
    with workspace.reading_raw() as database:
        gone = erased_files(database)
        for sha256, _rank in database.execute(_PHOTOS, (SEEN, site, site)):
            if sha256 not in gone:
                yield sha256


def _other_files(database: Any, site: bytes | None) -> Iterator[bytes]:
    for kind in BY_NAME.values():
        for field in kind.fields:
            if field.form is Form.FILE and (kind.name, field.name) != (Photo.NAME, "file"):
                rows = database.execute(
                    f'select distinct "{field.name}" from "{kind.name}" '
                    f'where "{field.name}" is not null and (? is null or site_id = ?) order by 1',
                    (site, site),
                )
                yield from (row[0] for row in rows)
