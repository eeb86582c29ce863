"""Short stories of laptops that bring more than they may, and of administrators who allow it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from ranger_app.sync.people.devices import Devices
from tests.sync.sealed_laptops import SealedLaptops
from tests.sync.stories import PATROL, Told, watched

WAYPOINT = ("waypoint", 0)


class ToldOfQuotas(Told, SealedLaptops):
    """The four laptops of administrators, moved by hand."""

    def let(self, i: int, j: int, most: int) -> None:
        """Laptop i says that laptop j may bring so much."""
        Devices(self.laptops[i]).set_quota(self.laptops[j].keys.replica, most)
        self.touched.add(i)
        self.watch()

    def brought(self, i: int, j: int) -> int:
        """What laptop i has of laptop j's changes."""
        replica = self.laptops[j].keys.replica
        return next(one.brought for one in Devices(self.laptops[i]).laptops() if one.replica == replica)

    def aside(self, i: int) -> int:
        return Devices(self.laptops[i]).count_aside()


def told() -> AbstractContextManager[ToldOfQuotas]:
    return watched(ToldOfQuotas())


def what_is_beyond_is_kept_aside_and_comes_in_when_it_is_allowed() -> None:
    """Whoever hears of the quota first, or of the changes first, shows the same."""
    with told() as laptops:
        laptops.make(1, PATROL, armed=False)
        laptops.tell(1, 0, 3)
        laptops.let(0, 1, laptops.brought(0, 1) + 1)
        laptops.edit(1, PATROL, armed=True)
        laptops.edit(1, PATROL, status="submitted")
        laptops.tell(1, 0, 2, 3)
        laptops.edit(3, PATROL, status="verified")
        assert [laptops.value(i, "status", PATROL) for i in (0, 2)] == ["draft", "submitted"]
        laptops.tell(0, 2, 3, 1)
        assert [laptops.value(i, "armed", PATROL) for i in range(4)] == [True] * 4
        assert [laptops.value(i, "status", PATROL) for i in range(4)] == [
            "draft",
            "draft",
            "draft",
            "verified",
        ]
        laptops.edit(1, PATROL, status="verified")
        assert laptops.value(1, "status", PATROL) == "draft", "and it writes nothing more"
        assert [laptops.aside(i) for i in range(4)] == [1] * 4
        laptops.let(2, 1, 100)
        laptops.tell(2, 0, 1, 3)
        laptops.tell(3, 0, 1, 2)
        assert [laptops.aside(i) for i in range(4)] == [0] * 4
        assert [laptops.value(i, "status", PATROL) for i in range(4)] == ["verified"] * 4


def lowered_below_what_is_there() -> None:
    with told() as laptops:
        laptops.make(1, WAYPOINT, comment="demo")
        laptops.edit(1, WAYPOINT, comment="also demo")
        laptops.tell(1, 0, 2)
        laptops.edit(2, WAYPOINT, lon=1.0)
        laptops.let(0, 1, laptops.brought(0, 1) - 1)
        assert laptops.value(0, "comment", WAYPOINT) == "demo"
        laptops.tell(2, 0, 1)
        laptops.tell(0, 1, 2)
        assert [laptops.value(i, "lon", WAYPOINT) for i in range(3)] == [1.0] * 3, "others' work goes on"
        laptops.let(0, 1, 0)
        assert laptops.value(0, "comment", WAYPOINT) is None
        laptops.tell(0, 1, 2, 3)


def a_copy_brings_no_more_than_was_allowed() -> None:
    """New keys of a laptop are no way round; each of them that the list names brings what it says."""
    with told() as laptops:
        laptops.make(1, WAYPOINT, comment="demo")
        laptops.tell(1, 0)
        allowed = laptops.brought(0, 1) + 1
        laptops.let(0, 1, allowed)
        laptops.tell(0, 1, 2)
        laptops.copy_folder(1, 3)
        laptops.edit(1, WAYPOINT, comment="also demo")
        laptops.edit(3, WAYPOINT, comment="")
        laptops.tell(1, 0, 3)
        laptops.tell(3, 0, 1)
        for i in (1, 3):
            for lon in (0.0, 1.0, 131.5):
                laptops.edit(i, WAYPOINT, lon=lon)
        laptops.tell(1, 0, 2, 3)
        laptops.tell(3, 0, 1, 2)
        for i in (1, 3):
            assert laptops.brought(i, i) <= allowed
            assert laptops.value(i, "lon", WAYPOINT) != 131.5


STORIES: tuple[Callable[[], None], ...] = (
    what_is_beyond_is_kept_aside_and_comes_in_when_it_is_allowed,
    lowered_below_what_is_there,
    a_copy_brings_no_more_than_was_allowed,
)
