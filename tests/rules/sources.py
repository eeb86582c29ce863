"""The project's own files, read once for all rules."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY

# Made on this machine, or not ours.
NOT_OURS = {"build", "dist", "shots", "__pycache__", "node_modules"}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".typ",
    ".html",
    ".css",
    ".js",
    ".json",
    ".yml",
    ".yaml",
    ".spec",
    ".sh",
    ".po",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the top of the repository, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor understands it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def code(*folders: str) -> list[Source]:
    """Every Python file below these folders."""
    return [source for source in _all() if source.path.startswith(tuple(f"{one}/" for one in folders))]


def texts() -> Iterator[tuple[str, str]]:
    """Path and content of every file that people read or write."""
    for path in _walk(REPOSITORY):
        if path.suffix in TEXT or path.name in {"Makefile", "run"}:
            yield path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")


def top_folders() -> list[str]:
    """The folders at the top of the repository."""
    return sorted(path.name for path in REPOSITORY.iterdir() if path.is_dir() and _ours(path))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call below a node, with the last part of the name that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield called(node), node


def called(call: ast.Call) -> str:
    """`setText` for `self.title.setText(…)`; empty when what is called has no name."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def report(faults: Iterable[str]) -> str:
    """The faults, a line each: what an assertion of emptiness shows."""
    return "\n".join(["", *faults])


@functools.cache
def _all() -> tuple[Source, ...]:
    found = []
    for path in _walk(REPOSITORY):
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            found.append(Source(path.relative_to(REPOSITORY).as_posix(), text, ast.parse(text)))
    return tuple(found)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if _ours(path):
                yield from _walk(path)
        elif not path.is_symlink():
            yield path


def _ours(path: Path) -> bool:
    return path.name not in NOT_OURS and (not path.name.startswith(".") or path.name == ".ci")
