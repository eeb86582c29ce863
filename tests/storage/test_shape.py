"""What is on the wire and in people's databases keeps its meaning."""

from __future__ import annotations

from tests.storage.shape import RECORD, described

WHAT_TO_DO = f"""
The shape of the database is not what {RECORD.name} says.

A field or a kind was added? Then, as long as no version has been released, write the shape down anew:
    python -m tests.storage.shape
Once version 1 is out, first raise SCHEMA_VERSION in ranger_app/domain/changes.py, and keep the old record.

A line is gone or reads differently? A number, name or form was changed that is in people's databases and on
their sticks. Give the field its old line back, and add a new field with the next free number instead.
"""


def test_no_field_has_changed_its_meaning() -> None:
    recorded = set(RECORD.read_text(encoding="utf-8").splitlines()[:-1])
    gone = sorted(recorded - set(described().splitlines()))
    assert not gone, "\n".join([WHAT_TO_DO, *gone])


def test_the_shape_is_written_down() -> None:
    assert RECORD.read_text(encoding="utf-8") == described(), WHAT_TO_DO
