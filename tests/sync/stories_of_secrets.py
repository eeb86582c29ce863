"""Short stories of laptops and secrets that are kept back, come later, or are meddled with on the way."""

from __future__ import annotations

from collections.abc import Callable

from ranger_app.storage.differences.settling import sign_merges
from tests.sync import sticks
from tests.sync.stories import told
from tests.sync.things import record_id

WAYPOINT = ("waypoint", 0)


def secrets_kept_back_and_told_later() -> None:
    """An outsider carries the changes without the secrets; the others still come to know them."""
    with told() as laptops:
        laptops.make(0, WAYPOINT, comment="demo", lon=131.5)
        laptops.edit(0, WAYPOINT, comment="also demo")
        laptops.write(0, 1, 0, all_of_it=True, whole=False)
        laptops.carry(len(laptops.sticks) - 1, 1, 2)
        assert laptops.value(1, "comment", WAYPOINT) == ""
        laptops.edit(2, WAYPOINT, lon=1.0)
        laptops.tell(2, 0, 1)
        assert laptops.value(0, "comment", WAYPOINT) == "also demo"
        assert laptops.value(1, "lon", WAYPOINT) == 1.0


def two_secrets_of_one_field() -> None:
    """Who knows one of two shows that one; who knows both has to choose."""
    with told() as laptops:
        laptops.make(0, WAYPOINT, comment="")
        laptops.tell(0, 1, 2, 3)
        laptops.edit(0, WAYPOINT, comment="demo")
        laptops.set_clock(1, 2099)
        laptops.edit(1, WAYPOINT, comment="also demo")
        laptops.tell(0, 2)
        laptops.write(1, 2, 0, all_of_it=True, whole=False)
        laptops.carry(len(laptops.sticks) - 1, 2, 3)
        assert laptops.unsettled(2) == []
        assert laptops.value(2, "comment", WAYPOINT) == "demo"
        assert laptops.value(3, "comment", WAYPOINT) == ""
        assert sign_merges(laptops.laptops[2], {"waypoint": [record_id(WAYPOINT)]}) == 0
        laptops.tell(1, 2)
        assert laptops.unsettled(2) == ["comment"]


def a_courier_who_swaps_secrets() -> None:
    with told() as laptops:
        laptops.make(0, WAYPOINT, comment="demo")
        laptops.make(0, ("waypoint", 1), comment="also demo")
        laptops.put_on_stick(0)
        laptops.meddle(len(laptops.sticks) - 1, sticks.one_comment_for_another)
        laptops.carry(len(laptops.sticks) - 1, 1)
        assert laptops.value(1, "comment", WAYPOINT) is None


STORIES: tuple[Callable[[], None], ...] = (
    secrets_kept_back_and_told_later,
    two_secrets_of_one_field,
    a_courier_who_swaps_secrets,
)
