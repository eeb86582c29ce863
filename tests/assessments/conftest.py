"""Fixtures of the assessments' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assessments.parks import Park, open_park


@pytest.fixture
def park(tmp_path: Path) -> Iterator[Park]:
    """A demo park in which nothing has been assessed yet."""
    with open_park(tmp_path / "demo.ranger") as opened:
        yield opened
