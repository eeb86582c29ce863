"""What is kept and does not count: changes that their laptop had no right to make, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ranger_app.domain.changes import Op
from ranger_app.domain.clock import stamp_time
from ranger_app.domain.fields import DELETED, INSERT, KindSpec, Privacy
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.seeing import Unseen
from ranger_app.storage.changes.feeds import stored
from ranger_app.storage.faults import database_told
from ranger_app.storage.rows import record_value
from ranger_app.storage.sight import Looker
from ranger_app.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class KeptAside:
    """One change that does not count. `field` is empty where a record was made, `deleted` where it was hidden
    or brought back; `role` is what its laptop was then, or empty when it was none of the site's devices."""

    device: bytes
    seq: int
    at: datetime
    author: bytes
    kind: str
    id: Id
    field: str
    value: Any
    role: str
    beyond: bool
    """Whether it lies beyond what its laptop may bring (see `quotas`)."""
    said: Mapping[str, Any]
    """Where a record was made: its fields, for a person to look at; without those that not everybody sees
    whole, except for who sees everything."""


def count_aside(workspace: Workspace) -> int:
    """How many changes do not count."""
    with workspace.reading_raw() as database, database_told(workspace.folder):
        return int(database.execute("select count(*) from refused").fetchone()[0])


def kept_aside(workspace: Workspace, *, limit: int = 1_000) -> list[KeptAside]:
    """The changes that do not count, laptop by laptop, as they were written; at most `limit` of them."""
    with workspace.reading() as data, workspace.reading_raw() as database, database_told(workspace.folder):
        return list(_kept_aside(database, limit, data.looker))


def _kept_aside(database: Any, limit: int, looker: Looker | None) -> Iterator[KeptAside]:
    present: tuple[int, int] | None = None
    for feed, seq, index, role, beyond in database.execute(
        "select feed, seq, op, role, beyond from refused order by feed, seq, op limit ?", (limit,)
    ).fetchall():
        if present != (feed, seq):
            present = (feed, seq)
            body = database.execute(
                "select body from segment where feed = ? and seq = ? and state = 1", (feed, seq)
            ).fetchone()[0]
            segment = stored(body)
        op = segment.ops[index]
        spec = BY_NUMBER[op.kind]
        known = spec.by_number.get(op.field)
        name = {INSERT: "", DELETED: "deleted"}.get(op.field, known.name if known else "")
        value = record_value(known, op.value) if known else op.value["gone"] if op.field == DELETED else None
        if looker is not None and known is not None:
            value = looker.standing(database, spec, known, op.row, value)
            if known.privacy is Privacy.POSITION and not looker.sees_listed:
                value = Unseen.HIDDEN  # what says that it is a listed species may be kept aside as well
        yield KeptAside(
            device=segment.replica,
            seq=seq,
            at=stamp_time(segment.hlc),
            author=segment.author,
            kind=spec.name,
            id=Id(op.row),
            field=name,
            value=value,
            role=role,
            beyond=bool(beyond),
            said=dict(_said(spec, op, looker is None)) if op.field == INSERT else {},
        )


def _said(spec: KindSpec, op: Op, everything: bool) -> Iterator[tuple[str, Any]]:
    for number, wire in zip(op.value[::2], op.value[1::2], strict=True):
        field = spec.by_number.get(number)
        if field is None or wire is None or not (everything or field.privacy is Privacy.OPEN):
            continue
        yield field.name, record_value(field, wire)
