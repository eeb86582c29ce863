"""Signs what merged by itself, so that a merged text has a writer and names the texts that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ranger_app.domain.changes import WITHHELD
from ranger_app.domain.errors import Refused
from ranger_app.domain.fields import FieldSpec, KindSpec, Merge
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.storage.faults import database_told
from ranger_app.storage.kinship import in_parts
from ranger_app.storage.rows import record_value
from ranger_app.storage.workspace import Workspace

MERGE = "merge texts"
"""The action of the unit of work that signs them."""


def sign_merges(workspace: Workspace, kinds: Mapping[str, Iterable[Id]]) -> int:
    """Write an op for every text of these records that merged by itself; returns how many.

    What is shown does not change, and it does not matter how many laptops do it: they all write the same
    text, and equal values are no difference. A laptop that may not change such a record leaves it to one that
    may.
    """
    found = list(_merged(workspace, kinds))
    if not found:
        return 0
    signed = 0
    for kind, id_, field, value in found:
        try:
            with workspace.unit(MERGE) as unit:
                if unit.data.get(kind.cls, id_) is not None:
                    unit.settle((kind.cls, id_), field.name, value)
                    signed += 1
        except Refused:
            continue
    return signed


def _merged(
    workspace: Workspace, kinds: Mapping[str, Iterable[Id]]
) -> Iterator[tuple[KindSpec, Id, FieldSpec, Any]]:
    """Texts with several values standing, all of them known and none waiting for a person: what they show was
    merged."""
    with workspace.reading_raw() as database, database_told(workspace.folder):
        for name, ids in kinds.items():
            kind = BY_NAME.get(name)
            for field in kind.fields if kind is not None else ():
                if kind is None or field.merge is not Merge.PARAGRAPHS:
                    continue
                for some, marks in in_parts(ids):
                    for row, value in database.execute(
                        f'select e.row, r."{field.name}" from edit e join stream s on s.no = e.stream '
                        f'join "{kind.name}" r on r.id = e.row and r.site_id = s.id '
                        "where e.kind = ? and e.field = ? and e.standing = 1 and r._gone = 0 "
                        f"and e.row in ({marks}) and not exists (select 1 from difference d "
                        "where d.stream = e.stream and d.kind = e.kind and d.row = e.row "
                        "and d.field = e.field) group by e.stream, e.row having count(distinct e.value) > 1 "
                        "and coalesce(sum(e.value = ?), 0) = 0",
                        (kind.number, field.number, *some, WITHHELD),
                    ):
                        yield kind, Id(row), field, record_value(field, value)
