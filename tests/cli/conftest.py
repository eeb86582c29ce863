"""Commands on a workspace of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ranger_app.cli.main import main
from tests.cli import Command


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command on a fresh workspace and gives its JSON; `status` is the exit status to expect."""

    def run(*words: str | Path, status: int = 0) -> Any:
        capsys.readouterr()
        arguments = [*map(str, words), "--workspace", str(tmp_path / "demo.ranger"), "--json"]
        assert main(arguments) == status
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return json.loads(said.out)

    assert main(["new", str(tmp_path / "demo.ranger"), "--site", "Demo park", "--no-passphrase"]) == 0
    return run
