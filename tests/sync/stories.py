"""Short stories of laptops and sticks, told without chance; at the end all know and show the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any, TypeVar

from ranger_app.domain.assessments import Answer
from ranger_app.domain.ids import derived_id
from ranger_app.domain.patrols import Patrol
from ranger_app.storage.differences.differing import differences
from ranger_app.sync.bundles.manifest import MANIFEST_NAME
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_photo, quiet
from tests.sync import sticks
from tests.sync.kept import bodies
from tests.sync.laptops import Laptops
from tests.sync.things import FIELDS, SITE, Writing, record_id

ANSWER, PATROL = ("answer", 0), ("patrol", 0)


class Told(Laptops):
    """The four laptops, moved by hand. Everything is watched after every step."""

    most_sticks = 1_000

    def make(self, i: int, which: tuple[str, int] = ANSWER, **values: Any) -> None:
        self.add(i, Writing(which, (values,)))
        self.watch()

    def edit(self, i: int, which: tuple[str, int] = ANSWER, **values: Any) -> None:
        self.change(i, Writing(which, (values,)))
        self.watch()

    def delete(self, i: int, which: tuple[str, int] = ANSWER) -> None:
        self.remove(i, which)
        self.watch()

    def tell(self, i: int, *others: int) -> None:
        """Everything that i has, by stick."""
        self.carry(self.put_on_stick(i), *others)

    def put_on_stick(self, i: int) -> int:
        self.write(i, i, len(self.sticks), all_of_it=True)
        return len(self.sticks) - 1

    def carry(self, stick: int, *others: int) -> None:
        for j in others:
            self.read(j, stick)
            self.watch()

    def value(self, i: int, field: str, which: tuple[str, int] = ANSWER) -> Any:
        with self.laptops[i].reading() as data:
            found = data.get(FIELDS[which[0]][0], record_id(which))
        return None if found is None else getattr(found, field)

    def unsettled(self, i: int) -> list[str]:
        return sorted(d.field for d in differences(self.laptops[i]))

    def watch(self) -> None:
        self.what_is_shown_is_what_the_changes_say()
        self.who_knows_the_same_has_the_same_digest()


T = TypeVar("T", bound=Told)


@contextmanager
def watched(laptops: T) -> Iterator[T]:
    """Four laptops; at the end they exchange until all know the same."""
    try:
        laptops.watch()
        yield laptops
    except BaseException:
        laptops.pack_up()
        raise
    laptops.teardown()


def told() -> AbstractContextManager[Told]:
    return watched(Told())


def two_edit_the_same() -> None:
    with told() as laptops:
        laptops.make(0, rating="partly")
        laptops.tell(0, 1, 2)
        laptops.edit(0, rating="met")
        laptops.edit(1, rating="not_met")
        laptops.tell(0, 1, 2)
        laptops.tell(1, 0, 2)
        for i in (0, 1, 2):
            assert laptops.unsettled(i) == ["rating"]
        laptops.settle(2, 0, 1)
        assert laptops.unsettled(2) == []
        laptops.tell(2, 0)
        assert laptops.unsettled(0) == []


def the_same_words_are_no_difference() -> None:
    with told() as laptops:
        laptops.make(0)
        laptops.tell(0, 1)
        laptops.edit(0, rating="met")
        laptops.edit(1, rating="met")
        laptops.tell(0, 1)
        assert laptops.unsettled(1) == []


def a_clock_decides_nothing() -> None:
    """Who saw the other's value and wrote another has replaced it, whatever the years say."""
    with told() as laptops:
        laptops.set_clock(0, 2100)
        laptops.make(0, rating="met")
        laptops.set_clock(1, 1970)
        laptops.tell(0, 1)
        laptops.edit(1, rating="partly")
        laptops.tell(1, 0, 2)
        assert [laptops.value(i, "rating") for i in (0, 1, 2)] == ["partly"] * 3
        laptops.edit(0, rating="met")
        laptops.tell(0, 1)
        laptops.edit(1, rating="not_met")
        laptops.tell(1, 0, 2)
        assert [laptops.value(i, "rating") for i in (0, 1, 2)] == ["not_met"] * 3
        assert laptops.unsettled(0) == []


def one_record_made_twice() -> None:
    """Two answer the same indicator without knowing of each other; others hear of it in either order, and
    edit what they have heard of."""
    with told() as laptops:
        laptops.make(0, rating="met", narrative="a")
        laptops.make(1, rating="met", narrative="b")
        first, second = laptops.put_on_stick(0), laptops.put_on_stick(1)
        laptops.carry(first, 2)
        laptops.edit(2, narrative="c")
        laptops.carry(second, 2, 3)
        laptops.carry(first, 3)
        assert laptops.unsettled(2) == laptops.unsettled(3) == ["narrative"]
        laptops.tell(2, 3)
        laptops.edit(3, narrative="settled by an edit")
        assert laptops.unsettled(3) == []


def deleted_by_one_and_edited_by_another() -> None:
    with told() as laptops:
        laptops.make(0, rating="met")
        laptops.tell(0, 1, 2, 3)
        laptops.delete(0)
        laptops.edit(1, rating="partly")
        deletion, edit = laptops.put_on_stick(0), laptops.put_on_stick(1)
        laptops.carry(deletion, 2)
        assert laptops.value(2, "rating") is None
        laptops.carry(edit, 2, 3)
        laptops.carry(deletion, 3)
        for i in (2, 3):
            assert laptops.value(i, "rating") == "partly"
            assert laptops.unsettled(i) == ["deleted"]
        laptops.delete(3)
        laptops.tell(3, 0, 1)
        assert laptops.value(1, "rating") is None


def deleted_and_brought_back() -> None:
    with told() as laptops:
        laptops.make(0, PATROL, armed=True)
        laptops.edit(0, PATROL, starts_on=date(2026, 1, 1))
        laptops.delete(0, PATROL)
        laptops.tell(0, 1)
        assert laptops.value(1, "armed", PATROL) is None
        laptops.bring_back(1, PATROL)
        laptops.tell(1, 0)
        assert laptops.value(0, "armed", PATROL) is True
        assert laptops.unsettled(0) == []


def what_comes_too_early_waits() -> None:
    """A stick with only the newest parts shows nothing until the others come."""
    with told() as laptops:
        laptops.make(0, rating="met")
        laptops.tell(0, 1)
        laptops.edit(1, rating="partly")
        laptops.edit(1, narrative="x")
        laptops.edit(1, rating="not_met")
        whole, torn = laptops.put_on_stick(1), laptops.put_on_stick(1)
        bundle = laptops.sticks[torn].bundle
        (bundle / "MANIF.RSB").unlink()
        laptops.sticks[torn].whole = False
        for part in sticks.parts(bundle)[:-1]:
            part.unlink()
        laptops.carry(torn, 2)
        assert laptops.value(2, "rating") is None
        laptops.carry(whole, 2)
        assert laptops.value(2, "rating") == "not_met"


def an_edit_before_what_it_edits() -> None:
    """The edit's own feed is whole, and still it waits for the laptop that made the record."""
    with told() as laptops:
        laptops.make(0, rating="met")
        laptops.tell(0, 1)
        laptops.edit(1, rating="partly")
        torn = laptops.put_on_stick(1)
        laptops.sticks[torn].whole = False
        (laptops.sticks[torn].bundle / "MANIF.RSB").unlink()
        made = laptops.laptops[0].keys.replica
        sticks.keep_only(laptops.sticks[torn].bundle, lambda segment: segment.replica != made)
        laptops.carry(torn, 2)
        assert laptops.value(2, "rating") is None
        laptops.tell(0, 2)
        assert laptops.value(2, "rating") == "partly"


def a_status_goes_the_furthest() -> None:
    with told() as laptops:
        laptops.make(0, PATROL)
        laptops.tell(0, 1, 2)
        laptops.set_clock(1, 2001)
        laptops.edit(0, PATROL, status="submitted")
        laptops.edit(1, PATROL, status="verified")
        laptops.tell(0, 2)
        laptops.tell(1, 2)
        assert laptops.value(2, "status", PATROL) == "verified"
        assert laptops.unsettled(2) == []


def read_twice_is_read_once() -> None:
    with told() as laptops:
        laptops.make(0, rating="met")
        laptops.edit(0, rating="partly")
        stick = laptops.put_on_stick(0)
        laptops.carry(stick, 1, 1, 0)
        laptops.edit(1, rating="not_met")
        # With its list a laptop sees that it has all of it, and reads none of it.
        (laptops.sticks[stick].bundle / MANIFEST_NAME).unlink()
        laptops.carry(stick, 1)
        assert laptops.value(1, "rating") == "not_met"


def a_courier_who_meddles() -> None:
    with told() as laptops:
        laptops.make(0, rating="met")
        for how in (sticks.another_value, sticks.signed_anew):
            stick = laptops.put_on_stick(0)
            laptops.meddle(stick, how)
            laptops.carry(stick, 1)
            assert laptops.value(1, "rating") is None


def a_copied_laptop() -> None:
    """Both copies write under the same keys. Both sides are kept, neither is shown from there on, and what
    either writes after it has heard of the other is shown, under keys of its own."""
    with told() as laptops:
        laptops.make(0, rating="met")
        laptops.copy_folder(0, 1)
        laptops.edit(0, rating="partly")
        laptops.edit(1, rating="not_met")
        laptops.tell(0, 2, 3)
        laptops.edit(3, rating="not_applicable", narrative="built on one side")
        laptops.tell(1, 2, 0)
        assert laptops.value(2, "rating") == laptops.value(0, "rating") == "met"
        laptops.edit(0, rating="partly")
        laptops.tell(0, 2, 1)
        assert laptops.value(2, "rating") == laptops.value(1, "rating") == "partly"
        laptops.tell(3, 0)
        assert laptops.value(0, "narrative") == "built on one side"
        assert laptops.laptops[0].keys.replica != laptops.laptops[1].keys.replica


def two_copies_at_the_same_number() -> None:
    """Both have written as much as the other. Asking only for what is lacking still brings it to light."""
    with told() as laptops:
        laptops.make(0)
        laptops.copy_folder(0, 1)
        laptops.edit(0, rating="partly")
        laptops.edit(1, rating="met")


def a_record_of_a_copied_laptop_made_again() -> None:
    """It was made on one side of a fork and edited by an honest laptop; then another makes it, too."""
    with told() as laptops:
        laptops.copy_folder(0, 1)
        laptops.make(0, rating="met", narrative="a")
        laptops.make(1, ("answer", 1))
        laptops.tell(0, 2)
        laptops.edit(2, narrative="b")
        laptops.tell(1, 2)
        assert laptops.value(2, "narrative") is None
        laptops.make(3, rating="partly", narrative="c")
        laptops.tell(3, 2)
        assert laptops.value(2, "rating") == "partly"
        assert laptops.unsettled(2) == ["narrative"]


def much_in_one_unit() -> None:
    with told() as laptops:
        second = {"armed": False, "status": "submitted"}
        laptops.work_a_while(0, Writing(PATROL, ({"armed": True}, second)))
        laptops.tell(0, 1)
        with laptops.laptops[1].reading() as data:
            assert data.need(Patrol, record_id(PATROL)).armed
            assert data.count(Answer) == 0


def digests_tell_differences_apart() -> None:
    """The same shown value is not the same state: one laptop knows of another head, the other does not."""
    with told() as laptops:
        laptops.make(1, PATROL)
        laptops.make(0, rating="met")
        laptops.tell(0, 1, 2, 3)
        laptops.tell(1, 2, 3)
        laptops.edit(0, rating="partly")
        laptops.edit(1, rating="partly")
        laptops.tell(0, 2, 3)
        laptops.tell(1, 3)
        assert laptops.value(2, "rating") == laptops.value(3, "rating")
        assert laptops.laptops[2].digest() != laptops.laptops[3].digest()


def a_bit_that_flipped_in_a_photo() -> None:
    """A damaged photo is not taken, and its part is named."""
    with told() as laptops:
        content = bytes(range(256)) * 40
        stored = laptops.laptops[0].files.add_bytes(content)
        with laptops.laptops[0].unit("photo") as unit:
            unit.add(a_photo(SITE, stored.sha256, id=derived_id(1, "demo photo")))
        laptops.wrote(0)
        done = write_bundle(laptops.laptops[0], laptops.place / "photo stick", quiet())
        (part,) = (p for p in sticks.parts(done.folder) if content in p.read_bytes())
        part.write_bytes(part.read_bytes().replace(content, content[:99] + b"!" + content[100:]))
        found = read_bundles(laptops.laptops[1], done.folder, quiet())
        assert found.damaged == 1
        assert found.missing_parts == [f"{done.folder.name}/{part.name}"]
        assert list(laptops.laptops[1].files.stored()) == []
        laptops.has[1] |= set(bodies(laptops.laptops[1]))


STORIES: tuple[Callable[[], None], ...] = (
    two_edit_the_same,
    the_same_words_are_no_difference,
    a_clock_decides_nothing,
    one_record_made_twice,
    deleted_by_one_and_edited_by_another,
    deleted_and_brought_back,
    what_comes_too_early_waits,
    an_edit_before_what_it_edits,
    a_status_goes_the_furthest,
    read_twice_is_read_once,
    a_courier_who_meddles,
    a_copied_laptop,
    two_copies_at_the_same_number,
    a_record_of_a_copied_laptop_made_again,
    much_in_one_unit,
    digests_tell_differences_apart,
    a_bit_that_flipped_in_a_photo,
)
