"""A packet of a park full of recognisable secrets holds none of them, in any of its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ranger_app.domain.roles import MANAGER
from tests.journeys.command_line import ranger_here
from tests.journeys.test_secrets import EVERY, Seeded, seeded
from tests.pdf_words import words_of_pdf

__all__ = ["seeded"]


def all_said(path: Path) -> str:
    """What a file says; of a PDF the text that a reader shows."""
    if path.suffix == ".pdf":
        return words_of_pdf(path)
    return path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("profile", ["public", "assessor"])
def test_a_packet_holds_no_secret(seeded: Seeded, tmp_path: Path, profile: str) -> None:
    folder = seeded.laptops[MANAGER]

    def told(*line: object) -> Any:
        done = ranger_here(*line, "--workspace", folder, folder=tmp_path)
        assert done.status == 0, done.words
        return done.document

    told("assess", "new", "--title", f"demo {profile}")
    frozen = 0
    for measure in told("assess", "measures"):
        line = ("assess", "freeze", "3.4.1", measure["id"], "--class", "public", "--workspace", folder)
        frozen += ranger_here(*line, folder=tmp_path).status == 0  # for some there is nothing to count
    assert frozen > 5
    packet = tmp_path / "packet"
    told("assess", "packet", packet, "--folder", "--profile", profile)
    files = [path for path in packet.rglob("*") if path.is_file()]
    assert {".html", ".pdf", ".json"} <= {path.suffix for path in files}
    said = {str(path): all_said(path) for path in files}
    assert len(list(packet.rglob("data.csv"))) == frozen
    leaks = {path: [secret for secret in EVERY if secret in text] for path, text in said.items()}
    assert {path: found for path, found in leaks.items() if found} == {}
