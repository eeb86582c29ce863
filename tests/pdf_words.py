"""The words of a PDF, as a reader's program finds them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import IN_CI


def words_of_pdf(path: Path) -> str:
    """All its words. Without Debian's poppler-utils the test is skipped; where it counts it fails."""
    if shutil.which("pdftotext") is None:
        assert not IN_CI, "pdftotext (poppler-utils) has to be installed where this counts"
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True, text=True)
    return done.stdout
