"""The words of a PDF, as a reader's program finds them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.conftest import not_here


def words_of_pdf(path: Path) -> str:
    """All its words. Without Debian's poppler-utils the test is skipped; where it counts it fails."""
    if shutil.which("pdftotext") is None:
        not_here("pdftotext is not installed (Debian: apt-get install poppler-utils)")
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True, text=True)
    return done.stdout
