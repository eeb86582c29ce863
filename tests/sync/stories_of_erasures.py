"""Short stories of values that are dropped for good, and of all the ways by which they might come back."""

from __future__ import annotations

from collections.abc import Callable

from tests.sync.stories import Told, told

FIRST, SECOND = ("waypoint", 0), ("waypoint", 1)
COMMENT = "comment"


def erase(laptops: Told, i: int, which: tuple[str, int] = FIRST, field: str = COMMENT) -> None:
    laptops.drop(i, which, field)
    laptops.watch()


def an_old_stick_does_not_bring_it_back() -> None:
    with told() as laptops:
        laptops.make(0, FIRST, comment="demo", name="Camp", lon=1.0)
        laptops.edit(0, FIRST, comment="also demo")
        old = laptops.put_on_stick(0)
        laptops.carry(old, 1, 2)
        erase(laptops, 1)
        laptops.tell(1, 0)
        laptops.carry(old, 0, 1, 2)
        assert [laptops.value(i, COMMENT, FIRST) for i in range(3)] == ["", "", "also demo"]
        laptops.tell(0, 2, 3)
        laptops.carry(old, 3, 2)
        assert [laptops.value(i, COMMENT, FIRST) for i in range(4)] == [""] * 4
        assert [laptops.value(i, "name", FIRST) for i in range(4)] == ["Camp"] * 4, "it stood beside it"
        laptops.edit(3, FIRST, comment="demo")
        laptops.tell(3, 0, 1, 2)
        assert laptops.value(1, COMMENT, FIRST) == "demo", "what is written later is a value of its own"


def heard_of_before_what_it_is_about() -> None:
    with told() as laptops:
        laptops.make(0, FIRST, comment="demo")
        old = laptops.put_on_stick(0)
        laptops.carry(old, 1)
        erase(laptops, 1)
        laptops.hear_in_part(1, 2, "newest first", 0)
        laptops.hear_in_part(1, 3, "one feed", -1)
        laptops.watch()
        laptops.hear_in_part(1, 2, "everything once more", 0)
        laptops.carry(old, 2, 3)
        laptops.tell(0, 2, 3)
        laptops.tell(2, 3, 0)
        assert [laptops.value(i, COMMENT, FIRST) for i in range(4)] == [""] * 4


def by_one_of_two_copies() -> None:
    """Its word is kept aside with all that it wrote; what it dropped comes back from those who have it."""
    with told() as laptops:
        laptops.make(1, FIRST, comment="demo")
        laptops.make(0, SECOND, comment="demo")
        laptops.tell(1, 0)
        laptops.copy_folder(0, 3)
        laptops.edit(0, SECOND, lon=1.0)
        erase(laptops, 3)
        assert laptops.value(3, COMMENT, FIRST) == ""
        laptops.tell(3, 2)
        laptops.tell(0, 2, 3)
        laptops.tell(1, 2, 3)
        assert [laptops.value(i, COMMENT, FIRST) for i in (1, 2, 3)] == ["demo"] * 3


def of_what_one_of_two_copies_wrote() -> None:
    """Under the same number the other copy wrote something else, which is not theirs to lose."""
    with told() as laptops:
        laptops.make(0, FIRST, comment="")
        laptops.make(0, SECOND, comment="")
        laptops.tell(0, 1)
        laptops.copy_folder(0, 3)
        laptops.edit(0, FIRST, comment="demo")
        laptops.edit(3, SECOND, comment="also demo")
        laptops.tell(0, 1)
        erase(laptops, 1)
        laptops.tell(3, 1, 2)
        laptops.tell(1, 2, 0, 3)


def of_what_waits_and_of_what_is_kept_aside() -> None:
    with told() as laptops:
        laptops.make(0, FIRST, comment="demo")
        laptops.tell(0, 1, 2)
        laptops.edit(0, FIRST, lon=1.0)
        laptops.edit(0, FIRST, comment="also demo")
        laptops.hear_in_part(0, 2, "newest first", 0)
        laptops.watch()
        erase(laptops, 2)
        laptops.tell(0, 2)
        laptops.tell(2, 0, 1)
        assert [laptops.value(i, COMMENT, FIRST) for i in range(3)] == [""] * 3


def of_a_removed_record() -> None:
    with told() as laptops:
        laptops.make(0, FIRST, comment="demo", lon=1.0)
        laptops.delete(0, FIRST)
        erase(laptops, 0)
        assert laptops.value(0, COMMENT, FIRST) is None, "it stays removed"
        laptops.tell(0, 1)
        laptops.bring_back(1, FIRST)
        assert laptops.value(1, COMMENT, FIRST) == ""


STORIES: tuple[Callable[[], None], ...] = (
    an_old_stick_does_not_bring_it_back,
    heard_of_before_what_it_is_about,
    by_one_of_two_copies,
    of_what_one_of_two_copies_wrote,
    of_what_waits_and_of_what_is_kept_aside,
    of_a_removed_record,
)
