"""The power fails upon backups, restoring, an upgrade, new keys, a passphrase, and laptops that join."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.errors import KnownError
from ranger_app.security import keys
from ranger_app.storage import Workspace
from ranger_app.storage.backups import backups, check_backup
from ranger_app.storage.engine import connect_raw
from ranger_app.storage.meta import COPIED, write_note
from ranger_app.storage.opening import DEVICE_FOLDER, restore
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from ranger_app.sync.people.devices import Devices
from tests.builders import quiet
from tests.storage.torn_place import LAPTOP, OTHER, PASSPHRASE, Place, Say, Work, add_unit, units_in

UNIT = "before"
AFTER = {f"after {n}" for n in range(12)}
NEW_PASSPHRASE = "another demo passphrase"


def prepare(place: Place) -> None:
    place.make()
    with place.open() as workspace:
        add_unit(workspace, UNIT)


def do_create(place: Place, say: Say) -> None:
    place.make("new/new.ranger")
    say("made")
    with place.open("new/new.ranger") as workspace:
        add_unit(workspace, UNIT)
        say(UNIT)


def check_create(place: Place, said: set[str]) -> None:
    """Once it was said to be made it opens. Before that it does, or a sentence says why not."""
    try:
        opened = place.open("new/new.ranger")
    except KnownError:
        assert not said
        return
    with opened as workspace:
        assert units_in(workspace) >= said - {"made"}
        assert workspace.has_site or not said


# -- backups


def do_back_up(place: Place, say: Say) -> None:
    with place.open() as workspace:
        for n in range(2):
            add_unit(workspace, f"unit {n}")
            say(workspace.back_up(place / "elsewhere" / "backups").relative_to(place.folder).as_posix())
            say(workspace.back_up().relative_to(place.folder).as_posix())


def check_back_up(place: Place, said: set[str]) -> None:
    """Every backup that was spoken of is there, and whatever has the name of one is whole."""
    with place.open() as workspace:
        units_in(workspace)
        key = workspace.keys.database_key
    folders = place / LAPTOP / "backups", place / "elsewhere" / "backups"
    there = [backup for folder in folders for backup in backups(folder)]
    for backup in there:
        check_backup(backup, key)
    assert {place / one for one in said} <= set(there), "a backup is gone"


def prepare_backup(place: Place) -> None:
    """A backup, and after it so much work that no log holds all pages that changed since."""
    prepare(place)
    with place.open() as workspace:
        workspace.back_up(place / "elsewhere")
        for name in sorted(AFTER):
            add_unit(workspace, name)


def do_restore(place: Place, say: Say) -> None:
    """Somebody has the database open beside it, as a program that looks at it may: so its log does not go."""
    (backup,) = backups(place / "elsewhere")
    with closing(connect_raw(place / LAPTOP / "ranger.db", None)) as beside:
        beside.execute("select count(*) from segment").fetchone()
        with place.open() as workspace:
            add_unit(workspace, "last")
        restore(place / LAPTOP, backup)
    say("restored")


def check_restore(place: Place, said: set[str]) -> None:
    """It opens as it was, or as the backup is, or says how the backup comes back; never as a mixture."""
    try:
        opened = place.open()
    except KnownError:
        assert not said
        (backup,) = backups(place / "elsewhere")
        restore(place / LAPTOP, backup)
        opened = place.open()
    with opened as workspace:
        units = units_in(workspace)
        assert units == {UNIT} or (not said and units in ({UNIT, *AFTER}, {UNIT, *AFTER, "last"})), units
        add_unit(workspace, "afterwards")
        assert units_in(workspace) == units | {"afterwards"}


# -- an older workspace


def prepare_older(place: Place) -> None:
    prepare(place)
    connection = connect_raw(place / LAPTOP / "ranger.db", None)
    connection.execute("begin")
    connection.execute("drop table action")
    connection.execute("alter table patrol drop column time_zone")
    connection.execute(f"pragma user_version = {SCHEMA_VERSION - 1}")
    connection.execute("commit")
    connection.close()


def do_upgrade(place: Place, say: Say) -> None:
    with place.open() as workspace:
        say("opened")
        add_unit(workspace, "upgraded")
        say("upgraded")


def check_upgrade(place: Place, said: set[str]) -> None:
    """It opens and shows all there was, whether it is upgraded then or was before."""
    with place.open() as workspace:
        units = units_in(workspace)
        assert units in ({UNIT}, {UNIT, "upgraded"})
        assert "upgraded" in units or "upgraded" not in said
        if "opened" in said:
            assert backups(workspace.folder / "backups"), "upgraded, and no copy of what was before"
    for backup in backups(place / LAPTOP / "backups"):
        check_backup(backup, None)


# -- keys


@contextmanager
def quickly_stretched() -> Iterator[None]:
    """Passphrases that are tried hundreds of times, and are worth nothing to anybody."""
    with pytest.MonkeyPatch.context() as patch:
        for name, cost in (("ARGON_TIME", 1), ("ARGON_MEMORY_KIB", 8), ("ARGON_LANES", 1)):
            patch.setattr(keys, name, cost)
        yield


def prepare_passphrase(place: Place) -> None:
    with quickly_stretched():
        prepare(place)


def do_change_passphrase(place: Place, say: Say) -> None:
    with place.open() as workspace, quickly_stretched():
        Devices(workspace).change_passphrase(NEW_PASSPHRASE)
        say("changed")
        add_unit(workspace, "after")


def check_passphrase(place: Place, said: set[str]) -> None:
    """One of the two opens it; the new one alone, once that was said."""
    opened = []
    for passphrase in (PASSPHRASE, NEW_PASSPHRASE):
        try:
            with quickly_stretched():
                opened.append((passphrase, keys.read_keys(place / LAPTOP / DEVICE_FOLDER, passphrase)))
        except KnownError:
            continue
    assert len(opened) == 1, "no passphrase opens it"
    ((passphrase, found),) = opened
    assert not said or passphrase == NEW_PASSPHRASE, "the passphrase that was given up opens it"
    with Workspace.open(place / LAPTOP, unlock=lambda _folder: found) as workspace:
        assert UNIT in units_in(workspace)


def prepare_copied(place: Place) -> None:
    """An enrolled laptop that turns out to be a copy, and takes new keys before it writes."""
    prepare_enrolled(place)
    with place.open(OTHER) as copied, copied.transaction() as (_connection, database):
        write_note(database, COPIED, copied.keys.replica)


def prepare_enrolled(place: Place) -> None:
    prepare_joining(place)
    with place.open() as office, place.open(OTHER) as post:
        _request, file = Devices(post).request()
        Devices(post).join(Devices(office).enrol(file, role="ranger"))


def do_write_as_a_copy(place: Place, say: Say) -> None:
    with place.open(OTHER) as copied:
        add_unit(copied, "copied")
        say("copied")


def check_copy(place: Place, said: set[str]) -> None:
    """It is the same device of its site under its old keys or its new ones, and what it writes counts."""
    with place.open(OTHER) as copied:
        assert "copied" in units_in(copied) or not said
        add_unit(copied, "afterwards")
        assert Devices(copied).role() == "ranger", "a laptop that nobody knows any more"
        assert Devices(copied).count_aside() == 0, "what it wrote does not count"
        assert "afterwards" in units_in(copied)


# -- joining


def prepare_joining(place: Place) -> None:
    place.make()
    place.make(OTHER, joined=False)
    place.stick.mkdir()


def do_join(place: Place, say: Say) -> None:
    request, answer = place.stick / "REQUEST", place.stick / "ANSWER"
    with place.open(OTHER) as post:
        Devices(post).write_request(request)
        say("asked")
    with place.open() as office:
        Devices(office).answer(request, role="ranger", out=answer)
        say("answered")
        add_unit(office, UNIT)
    with place.open(OTHER) as post:
        Devices(post).join_by(answer)
        say("joined")
    with place.open() as office:
        write_bundle(office, place.stick, quiet())
    with place.open(OTHER) as post:
        read_bundles(post, place.stick, quiet())


def check_join(place: Place, said: set[str]) -> None:
    """Each step that was said is done for good, and the next one goes on from there."""
    request, answer = place.stick / "REQUEST", place.stick / "ANSWER"
    with place.open(OTHER) as post, place.open() as office:
        if "asked" not in said:
            Devices(post).write_request(request)
        if "answered" not in said:
            Devices(office).answer(request, role="ranger", out=answer)
        if "joined" not in said:
            Devices(post).join_by(answer)
        assert Devices(post).role() == "ranger"
        assert Devices(office).find(post.keys.replica.hex()).role == "ranger"
        if not units_in(office):
            add_unit(office, UNIT)
        write_bundle(office, place / "another", quiet())
        read_bundles(post, place / "another", quiet())
        assert units_in(post) == {UNIT}
        assert verify(office, quiet()).problems == []


KEEPING = (
    Work("a new workspace", lambda _place: None, do_create, check_create),
    Work("a backup", prepare, do_back_up, check_back_up),
    Work("a sealed backup", prepare, do_back_up, check_back_up, sealed=True),
    Work("restore", prepare_backup, do_restore, check_restore),
    Work("upgrade", prepare_older, do_upgrade, check_upgrade),
    Work("passphrase", prepare_passphrase, do_change_passphrase, check_passphrase, sealed=True),
    Work("a copied laptop", prepare_copied, do_write_as_a_copy, check_copy),
    Work("join", prepare_joining, do_join, check_join),
    Work("join, sealed", prepare_joining, do_join, check_join, sealed=True),
)
