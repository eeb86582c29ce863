"""An older workspace is brought up to date after a copy, and shows what its changes say in the new shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.domain.assessments import Action
from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.patrols import Patrol
from ranger_app.storage import Workspace, migrations
from ranger_app.storage.backups import backups, check_backup
from ranger_app.storage.codecs import reads
from ranger_app.storage.engine import connect_raw
from ranger_app.storage.exchange.exchanging import segments_above, take
from ranger_app.storage.meta import SHAPE, write_note
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, a_record, a_workspace, quiet
from tests.sync.planting import Change, planted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed workspace with an action and edited, removed and restored patrols."""
    path = tmp_path / "demo.ranger"
    with a_workspace(path) as made, made.unit("add") as unit:
        site = made.site_id
        for n in range(20):
            patrol = a_patrol(site, f"DEM-{n}", time_zone="Asia/Vladivostok", comment="before")
            unit.add(patrol)
            unit.change(patrol, comment="after", time_zone="Asia/Yakutsk" if n % 2 else "UTC")
            if n % 3 == 0:
                unit.remove(patrol)
        unit.add(a_record(Action, site, what="mend the fence", success="it holds"))
    return path


def make_older(folder: Path, harm: Callable[[Any], None]) -> None:
    """Take from the database what an older version did not have."""
    connection = connect_raw(folder / "ranger.db", None)
    connection.execute("begin")
    harm(connection)
    connection.execute(f"pragma user_version = {SCHEMA_VERSION - 1}")
    connection.execute("commit")
    connection.close()


def without_a_kind(database: Any) -> None:
    database.execute("drop table action")


def without_a_field(database: Any) -> None:
    database.execute("alter table patrol drop column time_zone")


def without_an_index_and_a_guard(database: Any) -> None:
    database.execute("drop index patrol__number")
    database.execute("drop trigger guard_patrol_update")
    database.execute("drop table orphan")


@pytest.mark.parametrize("harm", [without_a_kind, without_a_field, without_an_index_and_a_guard])
def test_what_an_older_version_did_not_have_is_made_from_the_changes(
    harm: Callable[[Any], None], folder: Path
) -> None:
    with Workspace.open(folder) as made:
        digest, shape = made.digest(), _shape(made)
        with made.reading() as data:
            patrols = data.find(Patrol, order=("id",))
    make_older(folder, harm)
    with Workspace.open(folder) as again:
        (backup,) = backups(folder / "backups")
        assert f"before-v{SCHEMA_VERSION}" in backup.name
        assert again.digest() == digest
        assert _shape(again) == shape
        with again.reading() as data:
            assert data.find(Patrol, order=("id",)) == patrols
        assert verify(again, quiet()).problems == []
    with Workspace.open(folder):
        assert len(backups(folder / "backups")) == 1  # it is up to date now


def _shape(workspace: Workspace) -> set[tuple[str, str]]:
    with workspace.reading_raw() as database:
        names = {tuple(row) for row in database.execute("select type, name from sqlite_master")}
        columns = {
            (table, row[1])
            for kind, table in names
            if kind == "table"
            for row in database.execute(f'pragma table_info("{table}")')
        }
    return names | columns


def test_a_field_that_is_new_has_its_default_and_not_nothing(folder: Path) -> None:
    make_older(folder, without_a_field)
    with Workspace.open(folder) as again, again.reading() as data:
        assert None not in data.column(Patrol, "time_zone")


def test_an_upgrade_that_fails_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mishap(Exception):
        pass

    def fail(database: Any) -> None:
        database.execute("drop table patrol")
        raise Mishap

    with Workspace.open(folder) as made:
        digest = made.digest()
    make_older(folder, without_a_kind)
    monkeypatch.setitem(migrations.STEPS, SCHEMA_VERSION, fail)
    with pytest.raises(Mishap):
        Workspace.open(folder)
    monkeypatch.delitem(migrations.STEPS, SCHEMA_VERSION)
    for backup in backups(folder / "backups"):
        check_backup(backup, None)
    with Workspace.open(folder) as again:
        assert again.digest() == digest


def test_kinds_that_have_grown_since_are_brought_up_to_date_too(folder: Path) -> None:
    """Between two releases nobody counts the version up for every new field."""
    connection = connect_raw(folder / "ranger.db", None)
    write_note(connection, SHAPE, "another shape")
    connection.execute("alter table patrol drop column time_zone")
    connection.close()
    with Workspace.open(folder) as again, again.reading() as data:
        assert "Asia/Yakutsk" in data.column(Patrol, "time_zone")


def test_what_an_older_version_could_not_read_is_there_after_the_upgrade(
    folder: Path, tmp_path: Path
) -> None:
    """An old laptop takes segments with a kind and a field that it does not know, carries them on, and shows
    them as soon as it knows them."""
    title = next(f for f in _fields(Patrol) if f.name == "comment").number
    older = (
        Change(
            reads, "codec = CODECS.get(op.kind)", "codec = CODECS.get(op.kind) if op.kind != 64 else None"
        ),
        Change(
            reads,
            "check = codec.checks.get(op.field)",
            f"check = codec.checks.get(op.field) if op.field != {title} else None",
        ),
    )
    with Workspace.open(folder) as newer, Workspace.create(tmp_path / "old.ranger", site=None) as old:
        digest = newer.digest()
        with planted(*older):
            take(old, segments_above(newer, {}))
            with old.reading() as data:
                assert data.count(Action) == 0
                assert set(data.column(Patrol, "comment")) == {"before"}
            assert old.digest() != digest
            carried = list(segments_above(old, {}))
        assert carried == list(segments_above(newer, {}))
    make_older(tmp_path / "old.ranger", lambda database: None)
    with Workspace.open(tmp_path / "old.ranger") as upgraded:
        assert upgraded.digest() == digest
        with upgraded.reading() as data:
            assert data.count(Action) == 1
            assert set(data.column(Patrol, "comment")) == {"after"}
        with upgraded.reading_raw() as database:
            assert database.execute("select count(*) from segment where unread = 1").fetchone() == (0,)


def _fields(cls: Any) -> Any:
    from ranger_app.domain.kinds import BY_NUMBER

    return BY_NUMBER[cls.KIND].fields
