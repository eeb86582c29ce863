"""Packs are made of what a person brings, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ranger_app.cli.main import main
from tests.inference.test_recipes import SPECIESNET, TEXTS, brought


def run(capsys: pytest.CaptureFixture[str], *words: str | Path, status: int = 0) -> Any:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_two_brought_graphs_become_packs_and_a_pipeline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {one["name"] for one in run(capsys, "models", "make")}
    assert {"megadetector-v5-classic", "speciesnet-crop"} <= names
    finder, namer, chain = (tmp_path / name for name in ("finder", "namer", "chain"))
    graph = brought("megadetector-v5-classic", tmp_path / "a.onnx")
    made = run(capsys, "models", "make", "megadetector-v5-classic", graph, finder)
    assert made["id"] == "megadetector-v5-classic"
    (tmp_path / "labels.txt").write_text(SPECIESNET)
    words: list[str | Path] = ["--labels", tmp_path / "labels.txt"]
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text)
        words += ["--text", tmp_path / name]
    graph = brought("speciesnet-crop", tmp_path / "b.onnx")
    run(capsys, "models", "make", "speciesnet-crop", graph, namer, *words)
    assert run(capsys, "models", "pair", finder, namer, chain)["id"] == "chain"
    assert run(capsys, "models", "check", chain)["problems"] == []


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("models", "make", "mbaza-gabon"),
        ("models", "make", "nothing", tmp_path / "a", tmp_path / "b"),
        ("models", "pair", "nothing", "nothing", tmp_path / "c"),
    ):
        error = run(capsys, *words, status=1)["error"]
        assert error["text"].endswith(".")
        assert not (tmp_path / "b").exists()
