"""A folder that cannot be opened is refused with a sentence, and nothing in it is changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.errors import (
    KnownError,
    NotFound,
    Refused,
    WorkspaceDamaged,
    WorkspaceLocked,
    WorkspaceTooNew,
    WrongPassphrase,
)
from ranger_app.domain.patrols import Patrol
from ranger_app.storage import Workspace
from ranger_app.storage.backups import newest
from ranger_app.storage.opening import restore
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, a_site, a_workspace, quiet
from tests.conftest import REPOSITORY

PASSPHRASE = "demo pässphrase"


def contents(folder: Path) -> dict[str, str]:
    """Every file with a hash of its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed workspace with some patrols."""
    path = tmp_path / "demo.ranger"
    with a_workspace(path) as made, made.unit("add") as unit:
        unit.add_many(a_patrol(made.site_id, f"DEM-{n}", comment="words " * 50) for n in range(300))
    return path


def refused(folder: Path, kind: type[KnownError], passphrase: str | None = None) -> KnownError:
    """Open it, expecting this; nothing of it may have changed."""
    before = contents(folder)
    with pytest.raises(kind) as told:
        Workspace.open(folder, passphrase=passphrase)
    assert told.value.text.endswith(".")
    assert told.value.what_to_do
    assert contents(folder) == before
    return told.value


def test_what_was_made_is_opened_again(folder: Path) -> None:
    with Workspace.open(folder) as again:
        digest = again.digest()
        with again.reading() as data:
            assert data.count(Patrol) == 300
        assert verify(again, quiet()).problems == []
    assert sorted(p.name for p in folder.iterdir()) == [
        "backups",
        "cache",
        "device",
        "files",
        "lock",
        "ranger.db",
    ]
    shutil.rmtree(folder / "cache")
    with Workspace.open(folder) as again:
        assert again.digest() == digest
        assert again.cache.is_dir()


def test_a_copied_folder_opens_elsewhere(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "elsewhere" / "copy.ranger")
    with Workspace.open(folder) as one, Workspace.open(tmp_path / "elsewhere" / "copy.ranger") as other:
        assert one.digest() == other.digest()


def test_what_is_there_is_never_written_over(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("somebody's")
    before = contents(tmp_path)
    for place in (folder, tmp_path, tmp_path / "note.txt"):
        with pytest.raises(Refused):
            Workspace.create(place, site=a_site())
    assert contents(tmp_path) == before


def test_a_workspace_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        Workspace.create(tmp_path / "new.ranger", site=a_site(name=None))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty").mkdir()
    with pytest.raises(TypeError):
        Workspace.create(tmp_path / "empty", site=a_site(name=None))  # type: ignore[arg-type]
    a_workspace(tmp_path / "empty").close()


def test_a_folder_that_is_none_of_ours(tmp_path: Path) -> None:
    refused(tmp_path, NotFound)
    with pytest.raises(NotFound):
        Workspace.open(tmp_path / "nowhere")


def test_a_second_window_is_refused(folder: Path) -> None:
    with Workspace.open(folder):
        with pytest.raises(WorkspaceLocked, match="open in another window"):
            Workspace.open(folder)
        code = (
            "import sys; from pathlib import Path; from ranger_app.storage import Workspace\n"
            "from ranger_app.domain.errors import WorkspaceLocked\n"
            "try: Workspace.open(Path(sys.argv[1]))\n"
            "except WorkspaceLocked: print('locked')"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder)],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            check=False,
        )
        assert done.stdout.strip() == "locked", done.stderr
    Workspace.open(folder).close()


def test_one_made_by_a_newer_version_is_let_be(folder: Path) -> None:
    connection = dbapi2.connect(str(folder / "ranger.db"))
    connection.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    refused(folder, WorkspaceTooNew)


def overwrite_start(database: Path) -> None:
    with open(database, "r+b") as file:
        file.write(b"not a database at all, but words " * 40)


def truncate(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 3)


def empty(database: Path) -> None:
    os.truncate(database, 0)


def another(database: Path) -> None:
    database.unlink()
    connection = dbapi2.connect(str(database))
    connection.execute("create table somebody_elses (x)")
    connection.commit()
    connection.close()


def remove(database: Path) -> None:
    database.unlink()


@pytest.mark.parametrize("harm", [overwrite_start, truncate, empty, another, remove])
def test_a_damaged_database_is_told_and_a_backup_brings_it_back(
    harm: Callable[[Path], None], folder: Path
) -> None:
    with Workspace.open(folder) as made:
        digest = made.digest()
        made.back_up()
    harm(folder / "ranger.db")
    error = refused(folder, WorkspaceDamaged)
    assert "restore" in error.what_to_do
    restore(folder, newest(folder / "backups"))
    with Workspace.open(folder) as again:
        assert again.digest() == digest
        assert verify(again, quiet()).problems == []


def test_pages_that_changed_are_found_when_they_are_looked_at(folder: Path) -> None:
    """Plain SQLite has no checksums, but the changes are signed."""
    with Workspace.open(folder) as made, made.reading_raw() as database:
        (body,) = database.execute("select body from segment order by length(body) desc").fetchone()
    raw = (folder / "ranger.db").read_bytes()
    at = raw.index(body[200:260])
    (folder / "ranger.db").write_bytes(raw[:at] + bytes(60) + raw[at + 60 :])
    with Workspace.open(folder) as hurt:
        assert verify(hurt, quiet()).problems != []
        with pytest.raises(WorkspaceDamaged):
            hurt.rebuild()
        assert hurt.digest()  # the records themselves are as they were, and the rebuilding was undone


def test_a_record_that_changed_under_the_hand_is_found_and_put_right(folder: Path) -> None:
    with Workspace.open(folder) as made:
        digest = made.digest()
    raw = (folder / "ranger.db").read_bytes()
    assert raw.count(b"words words") > 100  # rows are kept as they are, segments are compressed
    (folder / "ranger.db").write_bytes(raw.replace(b"words words", b"swords word"))
    with Workspace.open(folder) as hurt:
        (problem,) = verify(hurt, quiet()).problems
        assert "ranger-app rebuild" in problem
        before, after = hurt.rebuild()
        assert before != after == digest
        assert verify(hurt, quiet()).problems == []


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "sealed.ranger"
    with a_workspace(path, passphrase=PASSPHRASE) as made, made.unit("add") as unit:
        unit.add(a_patrol(made.site_id, "SECRET-1"))
    return path


def test_a_sealed_workspace_opens_with_its_passphrase_alone(sealed: Path) -> None:
    assert Workspace.needs_passphrase(sealed)
    refused(sealed, WrongPassphrase)
    refused(sealed, WrongPassphrase, "wrong")
    refused(sealed, WrongPassphrase, PASSPHRASE + " ")
    with Workspace.open(sealed, passphrase=PASSPHRASE) as opened:
        assert opened.back_up().exists()
        assert verify(opened, quiet()).problems == []
    assert not any(b"SECRET-1" in path.read_bytes() for path in sealed.rglob("*") if path.is_file())


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_flipped_bit_in_a_sealed_database_is_told(at: float, sealed: Path) -> None:
    raw = bytearray((sealed / "ranger.db").read_bytes())
    raw[int(len(raw) * at)] ^= 1
    (sealed / "ranger.db").write_bytes(raw)
    with suppress(WorkspaceDamaged), Workspace.open(sealed, passphrase=PASSPHRASE) as opened:
        assert verify(opened, quiet()).problems != []


def test_lost_keys_are_told(folder: Path, sealed: Path) -> None:
    for path, passphrase in ((folder, None), (sealed, PASSPHRASE)):
        shutil.rmtree(path / "device")
        assert "missing" in refused(path, WorkspaceDamaged, passphrase).text


def test_an_open_workspace_without_its_keys_is_saved_by_a_backup(folder: Path) -> None:
    with Workspace.open(folder) as made:
        digest = made.digest()
        made.back_up()
    shutil.rmtree(folder / "device")
    restore(folder, newest(folder / "backups"))
    with Workspace.open(folder) as again:
        assert again.digest() == digest


def test_keys_of_another_workspace_do_not_open_it(sealed: Path, tmp_path: Path) -> None:
    with a_workspace(tmp_path / "other.ranger", passphrase=PASSPHRASE):
        pass
    shutil.copy(tmp_path / "other.ranger" / "device" / "keys.cbor", sealed / "device" / "keys.cbor")
    refused(sealed, WorkspaceDamaged, PASSPHRASE)


def test_a_workspace_without_a_site_says_so(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "new.ranger", site=None) as made:
        assert not made.has_site
        with pytest.raises(NotFound, match="belongs to no site"):
            _ = made.site_id
