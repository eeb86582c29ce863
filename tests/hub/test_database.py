"""Many who write to one database at once: what it refuses for the others' sake is done again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from ranger_app.domain.sites import Person
from ranger_app.storage.central import tables
from ranger_app.storage.central.database import TRIES, Central, Connection
from ranger_app.storage.central.faults import DatabaseAway
from tests.hub.hubs import Caller, add_people, hub_here, laptop, lay_out, new_site, sync
from tests.hub.postgres import Postgres

TWO = 2
WITHIN_S = 60


@pytest.fixture
def central(postgres: Postgres) -> Iterator[Central]:
    central = Central(postgres.database())
    central.write(lambda c: c.execute(text("create table counter (id int primary key, n int not null)")))
    central.write(lambda c: c.execute(text("insert into counter values (1, 0), (2, 0)")))
    yield central
    central.close()


def add_one(connection: Connection, row: int) -> None:
    connection.execute(text("update counter set n = n + 1 where id = :row"), {"row": row})


def counted(central: Central) -> list[int]:
    return central.read(lambda c: list(c.execute(text("select n from counter order by id")).scalars()))


def test_two_who_lock_each_other_out_both_get_through(central: Central) -> None:
    """A real deadlock (40P01): one of them is refused by the database, and does it again."""
    both_hold_one = threading.Barrier(TWO)
    tries: list[int] = []

    def cross(first: int) -> None:
        met = [False]

        def deed(connection: Connection) -> None:
            tries.append(first)
            add_one(connection, first)
            if not met[0]:
                met[0] = True
                both_hold_one.wait(WITHIN_S)
            add_one(connection, 3 - first)

        central.write(deed)

    with ThreadPoolExecutor(TWO) as pool:
        list(pool.map(cross, (1, 2)))
    assert counted(central) == [TWO, TWO]
    assert len(tries) > TWO


def test_a_change_that_came_in_between_is_no_reason_to_fail(central: Central) -> None:
    """A real serialisation failure (40001)."""
    tries: list[int] = []

    def deed(connection: Connection) -> None:
        connection.execute(text("set transaction isolation level serializable"))
        seen = connection.execute(text("select n from counter where id = 1")).scalar_one()
        if not tries:
            central.write(lambda c: add_one(c, 1))
        tries.append(seen)
        connection.execute(text("update counter set n = :n where id = 1"), {"n": seen + 10})

    central.write(deed)
    assert tries == [0, 1]
    assert counted(central)[0] == 11


def test_what_is_refused_again_and_again_is_a_sentence(central: Central) -> None:
    tries: list[int] = []

    def deed(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("do $$ begin raise exception using errcode = '40001'; end $$"))

    with pytest.raises(DatabaseAway):
        central.write(deed)
    assert len(tries) == TRIES


def test_every_key_begins_with_the_site_and_nothing_points_to_another_table() -> None:
    """So one server can become several, each with some of the sites."""
    of_the_hub = {"note", "admitted"}
    for table in tables.metadata.sorted_tables:
        assert not table.foreign_keys
        if table.name not in of_the_hub:
            first = next(iter(table.primary_key.columns))
            assert first.name == ("id" if table.name == "site" else "site")


@pytest.mark.slow
def test_laptops_that_bring_the_same_feeds_at_once_through_two_workers_all_get_through(
    postgres: Postgres, tmp_path: Path
) -> None:
    """Each has everything of the site, and the hub nothing yet; without one to hold the site's row, four at
    once came to deadlocks and answers of 500 (sync.md 3.9)."""
    folder, site = lay_out(tmp_path / "hub", postgres.database()), new_site()
    with ExitStack() as stack:
        hubs = [stack.enter_context(hub_here(folder)) for _n in range(TWO)]
        gather = stack.enter_context(hub_here(tmp_path / "gather"))
        first = stack.enter_context(laptop(tmp_path / "0", site))
        laptops = [first, *(stack.enter_context(laptop(tmp_path / str(n), None)) for n in range(1, 4))]
        for one in laptops:
            gather.let_in(one.keys, site.id)
            hubs[0].let_in(one.keys, site.id)
            sync(first, gather.url)
            sync(one, gather.url)
        for one in laptops:
            add_people(one, 200, at_once=10)
        for one in (*laptops, *laptops):
            sync(one, gather.url)
        with ThreadPoolExecutor(len(laptops)) as pool:
            done = list(pool.map(lambda n: sync(laptops[n], hubs[n % TWO].url, new_hub=True), range(4)))
        assert all(one.complete for one in done)
        assert sum(one.line_breaks for one in done) == 0
        assert hubs[0].digest(site.id, tmp_path) == first.digest()
        with first.reading() as data:
            assert data.count(Person) == 4 * 200
        assert Caller(hubs[1]).ask("GET", "/v1/health").status == 200
