"""Writes down the shape of the database, for `test_shape` to compare (`python -m tests.storage.shape`)."""

from __future__ import annotations

from pathlib import Path

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.tables import fingerprint

RECORD = Path(__file__).with_name(f"shape_v{SCHEMA_VERSION}.txt")


def described() -> str:
    """Every field of every kind with what is permanent about it, and the fingerprint of all tables."""
    lines = [
        " ".join((str(kind.number), kind.name, str(f.number), f.name, f.form.value, *f.steps))
        for _number, kind in sorted(BY_NUMBER.items())
        for f in kind.fields
    ]
    return "\n".join([*lines, f"fingerprint {fingerprint()}", ""])


if __name__ == "__main__":
    RECORD.write_text(described(), encoding="utf-8")
    print(f"wrote {RECORD}")
