"""No row of any record changes but by a signed op, and the ops alone make every row again."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from ranger_app.domain.fields import Form, Merge
from ranger_app.domain.kinds import BY_NAME, KINDS
from ranger_app.storage import Workspace
from ranger_app.storage.tables import GUARDED, STATE
from tests.builders import FILLED, a_full_record, a_record, filled

STORAGE = Path(__file__).resolve().parents[2] / "ranger_app" / "storage"


@pytest.fixture
def lived_in(workspace: Workspace) -> Workspace:
    """A record of every kind, empty and full, edited, removed and brought back."""
    with workspace.unit("add") as unit:
        for cls in KINDS:
            unit.add(a_full_record(cls, workspace.site_id))
            unit.add(a_record(cls, workspace.site_id))
    with workspace.unit("live") as unit:
        for cls in KINDS:
            fields = [f for f in BY_NAME[cls.NAME].fields if f.merge is not Merge.FIXED]
            empty = unit.data.find(cls, order=("id",))[-1]
            unit.change(empty, **{f.name: filled(f) for f in fields})
            unit.change(empty, **{f.name: f.default for f in fields if not f.required})
            removed = unit.data.find(cls, order=("id",))[0]
            unit.remove(removed)
            if cls.KIND % 2:
                unit.restore(cls, removed.id)
    return workspace


def test_a_row_cannot_be_written_past_the_unit_of_work(lived_in: Workspace) -> None:
    with suppress(Undone), lived_in.transaction() as (_connection, database):
        for table in GUARDED:
            _fill(database, table)
        database.execute("update gate set open = 0")
        for table in GUARDED:
            for statement in (
                f'insert into "{table}" select * from "{table}" limit 1',
                _update(database, table),
                f'delete from "{table}"',
            ):
                with pytest.raises(dbapi2.IntegrityError, match="only change through a unit of work"):
                    database.execute(statement)
        raise Undone


class Undone(Exception):
    """Leaves a transaction without keeping it."""


def _columns(database: Any, table: str) -> list[str]:
    return [row[1] for row in database.execute(f'pragma table_info("{table}")')]


def _update(database: Any, table: str) -> str:
    column = _columns(database, table)[-1]
    return f'update "{table}" set "{column}" = "{column}"'


def _fill(database: Any, table: str) -> None:
    """A trigger for each row sees nothing where there is none."""
    if not database.execute(f'select 1 from "{table}"').fetchone():
        columns = _columns(database, table)
        names, marks = ", ".join(f'"{c}"' for c in columns), ", ".join("1" for _ in columns)
        database.execute(f'insert into "{table}" ({names}) values ({marks})')


def test_the_gate_is_shut_between_units(lived_in: Workspace) -> None:
    with lived_in.reading_raw() as database:
        assert database.execute("select open from gate").fetchall() == [(0,)]


def test_every_table_of_records_is_guarded() -> None:
    assert STATE.keys() <= set(GUARDED)


def test_what_the_ops_say_is_what_is_there(lived_in: Workspace) -> None:
    before, after = lived_in.rebuild()
    assert before == after
    lived_in.rebuild()
    with lived_in.reading() as data:
        for cls in KINDS:
            assert data.count(cls) >= 1


def test_every_form_of_value_was_tried() -> None:
    """So that a new form does not slip past the claims above."""
    used = {field.form for cls in KINDS for field in BY_NAME[cls.NAME].fields}
    assert used == set(FILLED) == set(Form)


def test_only_the_merge_writes_records() -> None:
    writes = re.compile(r"(insert into|update|delete from) \"?\{", re.IGNORECASE)
    found = {path.name for path in STORAGE.rglob("*.py") if writes.search(path.read_text(encoding="utf-8"))}
    assert found == {"merging.py", "heads.py", "kinship.py", "rebuilding.py"}
