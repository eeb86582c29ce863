"""The only copy of an original: nothing that Ranger tidies, restores or hands on takes it away."""

from __future__ import annotations

import ast
from pathlib import Path

from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.backups import put_back
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.clearing import clear_bundle
from tests.builders import quiet
from tests.conftest import REPOSITORY
from tests.sync.sealed import photos_here, read, sealed_park, write

DELETES = {
    "adopt": "a finished download, once it is in the store under its own name",
    "__exit__": "the file that was being written aside",
    "sweep": "what a stopped copy left aside",
    "sweep_shown": "copies laid out for other programs to show",
}
"""The functions of the store of files that delete something, and what. None takes a file out of the store:
there is no way yet to let an original go, with a hub's receipt or without."""


def test_the_store_has_no_way_to_let_an_original_go() -> None:
    tree = ast.parse((REPOSITORY / "ranger_app" / "storage" / "files.py").read_text(encoding="utf-8"))
    found = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in {"unlink", "rmtree", "remove", "rmdir"}
    }
    assert found == DELETES.keys()


def test_an_original_outlives_everything_that_tidies(tmp_path: Path) -> None:
    with sealed_park() as park:
        office = park["office"]
        stick = write(office, tmp_path / "stick")
        read(park["post"], tmp_path / "stick")
        read(office, tmp_path / "stick")  # with the receipt of the other
        assert clear_bundle(office, stick.folder)
        backup = office.back_up(tmp_path / "backups")
        with office.unit("remove") as unit:
            for photo in unit.data.find(Photo):
                unit.remove(photo)
        office.rebuild()
        assert verify(office, quiet()).problems == []
        folder, kept = office.folder, {sha256 for sha256, _path in office.files.stored()}
        assert len(kept) == 3
        office.close()
        put_back(backup, folder)
        park.opened("office", Workspace.open(folder))
        assert {sha256 for sha256, _path in park["office"].files.stored()} == kept
        assert photos_here(park["office"]) == 3
