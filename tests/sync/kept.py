"""What a workspace really holds, in the words of the model."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import zstandard

from ranger_app.domain.fields import INSERT, FieldSpec, KindSpec, Merge
from ranger_app.domain.kinds import BY_NAME, BY_NUMBER
from ranger_app.storage import Workspace
from ranger_app.storage.rows import readable, wire_value
from tests.sync import model_policies
from tests.sync.model import DELETED, Dot, Kind, Policy, Row, Shown, State


def _policy(field: FieldSpec) -> Policy:
    match field.merge:
        case Merge.FURTHEST:
            return model_policies.furthest(field.steps)
        case Merge.UNION:
            return model_policies.union
        case Merge.PARAGRAPHS:
            return model_policies.paragraphs
        case Merge.FIXED:
            return model_policies.the_first
        case Merge.LATEST | Merge.VERSIONS:
            return model_policies.keep_all


def _as_the_model_sees_it(kind: KindSpec) -> Kind:
    return Kind(
        defaults={f.number: None if f.required else wire_value(f, f.default) for f in kind.fields},
        required=frozenset(f.number for f in kind.fields if f.required),
        holds=lambda number, value: readable(kind.by_number[number], value),
        policies={f.number: _policy(f) for f in kind.fields},
        fixed=frozenset(f.number for f in kind.fields if f.merge is Merge.FIXED),
        parents={f.number: BY_NAME[f.parent].number for f in kind.parents},
        nothing={f.number: {"text": "", "bytes": b""}.get(f.form.value) for f in kind.fields if f.required},
    )


KINDS: dict[int, Kind] = {number: _as_the_model_sees_it(kind) for number, kind in BY_NUMBER.items()}


def bodies(workspace: Workspace) -> dict[bytes, bytes]:
    """Every segment that a workspace keeps, by its hash."""
    with workspace.reading_raw() as database:
        return {hash_: _unpacked(body) for hash_, body in database.execute("select hash, body from segment")}


@lru_cache(maxsize=8192)
def _unpacked(body: bytes) -> bytes:
    """The same segment lies on four laptops that are looked at after each step."""
    return zstandard.decompress(body)


def state_in(workspace: Workspace) -> State:
    """The tables as they are."""
    records: dict[Row, Shown] = {}
    with workspace.reading_raw() as database:
        streams = dict(database.execute("select no, id from stream"))
        replicas = dict(database.execute("select no, replica from feed"))
        standing: dict[Row, dict[int, set[Dot]]] = defaultdict(lambda: defaultdict(set))
        for stream, kind, row, number, feed, seq, op in database.execute(
            "select stream, kind, row, field, feed, seq, op from edit where standing = 1"
        ):
            standing[streams[stream], kind, row][number].add((replicas[feed], seq, op))
        for kind in BY_NUMBER.values():
            columns = "".join(f', "{f.name}"' for f in kind.fields)
            for id_, site, feed, seq, op, gone, *values in database.execute(
                f'select id, site_id, _feed, _seq, _op, _gone{columns} from "{kind.name}"'
            ):
                row = (site, kind.number, id_)
                made = standing[row].get(INSERT) or {(replicas[feed], seq, op)}
                records[row] = Shown(
                    values={f.number: value for f, value in zip(kind.fields, values, strict=True)},
                    hidden=bool(gone),
                    standing={f.number: frozenset(standing[row].get(f.number) or made) for f in kind.fields},
                )
        differences = frozenset(
            ((streams[stream], kind, row), number)
            for stream, kind, row, number in database.execute(
                "select stream, kind, row, field from difference"
            )
        )
    return State(records, differences)


__all__ = ["DELETED", "KINDS", "bodies", "state_in"]
