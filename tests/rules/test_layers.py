"""Each import contract of pyproject.toml catches the very thing that it is there to catch."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

# A house with every room, as small as it can be, that keeps every contract.
HOUSE = {
    "__main__": "from ranger_app import cli, gui",
    "cli.__init__": "from ranger_app import bootstrap, demo",
    "demo.__init__": "from ranger_app import bootstrap",
    "hub.__init__": "from ranger_app import bootstrap",
    "gui.__init__": "",
    "gui.app": "import PySide6\nfrom ranger_app.gui.pages import map, today",
    "gui.pages.__init__": "",
    "gui.pages.today": "from ranger_app import bootstrap",
    "gui.pages.map": "",
    "bootstrap": "from ranger_app import assessments, packets, patrols, photos, storage, sync",
    "packets.__init__": "from ranger_app import assessments",
    "sync.__init__": "from ranger_app import storage",
    "patrols.__init__": "from ranger_app import formats, storage",
    "photos.__init__": "from ranger_app.inference import runtime",
    "assessments.__init__": "from ranger_app import storage",
    "species.__init__": "",
    "inference.__init__": "",
    "inference.runtime": "import onnxruntime",
    "inference.families.__init__": "from ranger_app.inference.families import detector, whole",
    "inference.families.detector": "",
    "inference.families.whole": "",
    "formats.__init__": "from ranger_app.formats import gpx, smart",
    "formats.gpx": "from ranger_app.domain import records",
    "formats.smart": "from ranger_app.domain import records",
    "maps.__init__": "",
    "analysis.__init__": "",
    "storage.__init__": "import sqlalchemy, sqlcipher3\nfrom ranger_app import config, jobs, security",
    "security.__init__": "from ranger_app import durable, i18n",
    "jobs": "",
    "config": "from ranger_app import i18n",
    "durable": "",
    "i18n": "",
    "domain.__init__": "",
    "domain.records": "import dataclasses",
    "domain.places": "",
    "domain.seen": "from ranger_app.domain import places",
}

PLANTED = [
    ("Imports run downwards", "domain.records", "from ranger_app import i18n"),
    ("Imports run downwards", "storage.rows", "from ranger_app import patrols"),
    ("Imports run downwards", "patrols.summaries", "from ranger_app import photos"),
    ("Imports run downwards", "formats.gpx", "from ranger_app import storage, maps"),
    ("Imports run downwards", "maps.canvas", "def draw():\n    from ranger_app import gui"),
    ("Imports run downwards", "helpers.__init__", ""),  # a room without a place
    ("Only the gui knows Qt", "maps.canvas", "from PySide6.QtGui import QPainter"),
    ("Only the gui knows Qt", "cli.data", "def show():\n    import PySide6.QtWidgets"),
    ("Only storage knows SQLAlchemy and SQLCipher", "formats.table", "import sqlalchemy"),
    ("Only storage knows SQLAlchemy and SQLCipher", "bootstrap", "import sqlcipher3"),
    ("Only the runtime knows onnxruntime", "inference.families.detector", "import onnxruntime"),
    (
        "The gui asks services, never the database, the keys or the models",
        "gui.pages.map",
        "import sqlalchemy",
    ),
    (
        "The gui asks services, never the database, the keys or the models",
        "gui.pages.today",
        "from ranger_app.storage import rows",
    ),
    (
        "The gui asks services, never the database, the keys or the models",
        "gui.sign_in",
        "import ranger_app.security",
    ),
    ("The domain needs nothing but the standard library", "domain.places", "import numpy"),
    ("Formats do not know each other", "formats.gpx", "from ranger_app.formats import smart"),
    (
        "Model families do not know each other",
        "inference.families.whole",
        "from ranger_app.inference.families.detector import decode",
    ),
    ("Pages do not know each other", "gui.pages.map", "from ranger_app.gui.pages import today"),
    ("No cycles among neighbours", "domain.places", "from ranger_app.domain import seen"),
]


def test_a_house_in_order_keeps_every_contract(tmp_path: Path) -> None:
    told = _lint(tmp_path, HOUSE)
    assert "0 broken" in told, told


@pytest.mark.parametrize(("contract", "module", "text"), PLANTED)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, contract: str, module: str, text: str) -> None:
    told = _lint(tmp_path, HOUSE | {module: text})
    assert f"{contract} BROKEN" in " ".join(told.split()), told


def test_every_contract_is_proved_here() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}
    assert {contract for contract, _, _ in PLANTED} == contracts


def _lint(folder: Path, house: dict[str, str]) -> str:
    """What import-linter says about `house`, built in `folder` and judged by our own contracts."""
    (folder / "ranger_app").mkdir()
    (folder / "ranger_app" / "__init__.py").touch()
    for module, text in house.items():
        path = folder.joinpath("ranger_app", *module.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    config = REPOSITORY / "pyproject.toml"
    done = subprocess.run(
        [sys.executable, "-c", lint, "--config", str(config), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "200"},
        check=False,
    )
    return done.stdout + done.stderr
