"""Short stories of values that were written apart: one for each thing that can become of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ranger_app.domain.assessments import FINAL, Answer, Assessment
from ranger_app.domain.changes import Dot, Op
from ranger_app.domain.errors import Refused
from ranger_app.domain.ids import derived_id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol, Waypoint
from ranger_app.domain.photos import Label, Photo
from ranger_app.storage.changes.segments import decode
from ranger_app.storage.differences.differing import differences
from ranger_app.storage.differences.settling import sign_merges
from ranger_app.storage.exchange.exchanging import take
from tests.builders import a_photo, an_answer
from tests.sync.kept import bodies
from tests.sync.model import parse
from tests.sync.park import SITE as PARK
from tests.sync.park import a_park, add, by_hand, dot_of
from tests.sync.stories import ANSWER, PATROL, Told, told
from tests.sync.things import SITE, record_id

LEG, WAYPOINT, ATTACHMENT = ("leg", 0), ("waypoint", 0), ("attachment", 0)
PEOPLE = (("post", "ranger"), ("gate", "manager"), ("lake", "manager"))
NARRATIVE = BY_NAME["answer"].by_name["narrative"].number
A, B, C = {"given": "A"}, {"given": "B"}, "c"


@contextmanager
def refused(words: str) -> Iterator[None]:
    """What is done within is refused in these words; an ordinary failure where it is not."""
    why = ""
    try:
        yield
    except Refused as told:
        why = told.text
    assert words in why


def both_know_both(laptops: Told) -> None:
    """What 0 and 1 have written reaches 2 and 3, in either order."""
    first, second = laptops.put_on_stick(0), laptops.put_on_stick(1)
    laptops.carry(first, 2)
    laptops.carry(second, 2, 3)
    laptops.carry(first, 3)


def different_paragraphs_become_one_text() -> None:
    with told() as laptops:
        laptops.make(0, narrative="a\nb\nc")
        laptops.tell(0, 1)
        laptops.edit(0, narrative="A\nb\nc")
        laptops.edit(1, narrative="a\nb\nC\nd")
        both_know_both(laptops)
        for i in (2, 3):
            assert laptops.value(i, "narrative") == "A\nb\nC\nd"
            assert laptops.unsettled(i) == []


def the_same_paragraph_is_left_to_a_person() -> None:
    with told() as laptops:
        laptops.make(0, narrative="a\nb\nc")
        laptops.tell(0, 1)
        laptops.edit(0, narrative="a\nB\nc")
        laptops.edit(1, narrative="a\nBB\nc")
        both_know_both(laptops)
        assert laptops.unsettled(2) == laptops.unsettled(3) == ["narrative"]


def two_put_something_into_the_same_gap() -> None:
    with told() as laptops:
        laptops.make(0, narrative="a\nc")
        laptops.tell(0, 1)
        laptops.edit(0, narrative="a\nb\nc")
        laptops.edit(1, narrative="a\nB\nc")
        both_know_both(laptops)
        assert laptops.unsettled(2) == ["narrative"]


def texts_without_a_common_beginning_are_not_merged() -> None:
    with told() as laptops:
        laptops.make(0, narrative="a\nb")
        laptops.make(1, narrative="a\nc")
        both_know_both(laptops)
        assert laptops.unsettled(2) == laptops.unsettled(3) == ["narrative"]


def two_sign_the_same_merge() -> None:
    """Both write it down, one of them goes on, and nobody has to choose; the merge names both texts."""
    with told() as laptops:
        laptops.make(0, narrative="a\nb\nc")
        laptops.tell(0, 1)
        laptops.edit(0, narrative="A\nb\nc")
        laptops.edit(1, narrative="a\nb\nC")
        both_know_both(laptops)
        for i in (2, 3):
            assert sign_merges(laptops.laptops[i], {"answer": [record_id(ANSWER)]}) == 1
            laptops.wrote(i)
            laptops.watch()
            assert sign_merges(laptops.laptops[i], {"answer": [record_id(ANSWER)]}) == 0
        told_by = [parse(body) for body in bodies(laptops.laptops[2]).values()]
        merge = [s for s in told_by if s.replica == laptops.laptops[2].keys.replica][-1]
        assert 2 in {len(op.replaces) for op in merge.ops}
        laptops.edit(2, narrative="A\nb, and more\nC")
        laptops.tell(2, 0)
        laptops.tell(3, 0, 1)
        laptops.tell(2, 1)
        for i in (0, 1):
            assert laptops.value(i, "narrative") == "A\nb, and more\nC"
            assert laptops.unsettled(i) == []
            assert sign_merges(laptops.laptops[i], {"answer": [record_id(ANSWER)]}) == 1
            laptops.wrote(i)


def what_was_settled_is_laid_open_again() -> None:
    with told() as laptops:
        laptops.make(0, narrative="a\nb", rating="partly")
        laptops.tell(0, 1)
        laptops.edit(0, narrative="a\nB", rating="met")
        laptops.edit(1, narrative="a\nBB", rating="not_met")
        both_know_both(laptops)
        with laptops.laptops[2].unit("settle") as unit:
            unit.settle((Answer, record_id(ANSWER)), "narrative", "a\nB")
            unit.settle((Answer, record_id(ANSWER)), "rating", "met")
        laptops.wrote(2)
        laptops.watch()
        assert laptops.unsettled(2) == []
        with laptops.laptops[2].unit("lay open") as unit:
            unit.lay_open((Answer, record_id(ANSWER)), "narrative", ["a\nB", "a\nBB"])
            unit.lay_open((Answer, record_id(ANSWER)), "rating", ["met", "not_met"])
        laptops.wrote(2)
        laptops.watch()
        assert laptops.unsettled(2) == ["narrative", "rating"]
        laptops.tell(2, 0, 1)
        assert laptops.unsettled(0) == laptops.unsettled(1) == ["narrative", "rating"]


def lists_join_and_a_removal_takes_what_it_saw() -> None:
    with told() as laptops:
        laptops.make(0, PATROL)
        laptops.make(0, LEG, members=[A, B])
        laptops.tell(0, 1)
        laptops.edit(0, LEG, members=[A])
        laptops.edit(1, LEG, members=[A, B, C])
        both_know_both(laptops)
        for i in (2, 3):
            assert laptops.value(i, "members", LEG) == [A, C], "B was removed by one who had seen it"
            assert laptops.unsettled(i) == []


def what_was_put_on_a_list_meanwhile_stays() -> None:
    """0 removes B; 1 removes B as well and puts it there again: the second B is another."""
    with told() as laptops:
        laptops.make(0, PATROL)
        laptops.make(0, LEG, members=[A, B])
        laptops.tell(0, 1)
        laptops.edit(0, LEG, members=[A])
        laptops.edit(1, LEG, members=[A])
        laptops.edit(1, LEG, members=[A, B])
        both_know_both(laptops)
        assert laptops.value(2, "members", LEG) == laptops.value(3, "members", LEG) == [A, B]


def a_child_brings_its_parent_back() -> None:
    with told() as laptops:
        laptops.make(0, PATROL)
        laptops.tell(0, 1)
        laptops.delete(0, PATROL)
        laptops.make(1, WAYPOINT, patrol_id=record_id(PATROL))
        both_know_both(laptops)
        for i in (2, 3):
            assert laptops.value(i, "number", PATROL) == "DEM-1"
            assert laptops.unsettled(i) == ["deleted"]
        laptops.delete(2, WAYPOINT)
        assert laptops.value(2, "number", PATROL) is None, "nothing speaks for it any more"
        assert laptops.unsettled(2) == []


def a_record_is_removed_and_restored_with_what_belongs_to_it() -> None:
    with told() as laptops:
        laptops.make(0, PATROL)
        laptops.make(0, WAYPOINT, patrol_id=record_id(PATROL), lon=1.0)
        laptops.make(0, LEG, label="a")
        laptops.delete(0, LEG)
        laptops.delete(0, PATROL)
        assert laptops.value(0, "lon", WAYPOINT) is None
        laptops.bring_back(0, PATROL)
        laptops.watch()
        assert laptops.value(0, "lon", WAYPOINT) == 1.0
        assert laptops.value(0, "label", LEG) is None, "it had been removed before"
        laptops.tell(0, 1)


def a_waypoint_that_is_moved_to_a_removed_patrol() -> None:
    other = ("patrol", 1)
    with told() as laptops:
        laptops.make(0, PATROL)
        laptops.make(0, other)
        laptops.make(0, WAYPOINT, patrol_id=record_id(other))
        laptops.tell(0, 1)
        laptops.delete(0, PATROL)
        laptops.edit(1, WAYPOINT, patrol_id=record_id(PATROL))
        both_know_both(laptops)
        assert laptops.unsettled(2) == laptops.unsettled(3) == ["deleted"]


def what_is_fixed_stays() -> None:
    """Made twice with different files, and edited by hand on a laptop that was meddled with."""
    with told() as laptops:
        laptops.make(0, ATTACHMENT, caption="a")
        laptops.make(1, ATTACHMENT, caption="b")
        both_know_both(laptops)
        shown = laptops.value(2, "file", ATTACHMENT)
        assert laptops.value(3, "file", ATTACHMENT) == shown
        assert laptops.unsettled(2) == ["caption"]
        made = dot_of(laptops.laptops[0], record_id(ATTACHMENT))
        number = BY_NAME["attachment"].by_name["file"].number
        op = Op(BY_NAME["attachment"].number, record_id(ATTACHMENT), number, bytes(32), (made,))
        segment = by_hand(laptops.laptops[0], op, stream=SITE)
        for i in range(4):
            assert take(laptops.laptops[i], [segment]).new == 1
            laptops.written |= set(bodies(laptops.laptops[i]))
            laptops.wrote(i)
        laptops.watch()
        assert laptops.value(2, "file", ATTACHMENT) == shown
        with refused("never changed"), laptops.laptops[2].unit("change") as unit:
            unit.change((BY_NAME["attachment"].cls, record_id(ATTACHMENT)), file=bytes(32))


def a_position_is_one_value() -> None:
    """One corrects the latitude, the other both numbers: what is shown is one of the two places, never the
    longitude of one with the latitude of the other; and the fix as it was taken is not lost."""
    with told() as laptops:
        laptops.make(0, WAYPOINT, lon=1.0)
        with laptops.laptops[0].unit("place") as unit:
            unit.change((Waypoint, record_id(WAYPOINT)), lat=1.0)
        laptops.wrote(0)
        laptops.tell(0, 1)
        with laptops.laptops[1].unit("correct") as unit:
            unit.change((Waypoint, record_id(WAYPOINT)), lon=2.0, lat=2.0)
        laptops.wrote(1)
        laptops.set_clock(0, 2090)
        with laptops.laptops[0].unit("correct") as unit:
            unit.change((Waypoint, record_id(WAYPOINT)), lat=3.0)
        laptops.wrote(0)
        both_know_both(laptops)
        for i in (2, 3):
            assert (laptops.value(i, "lon", WAYPOINT), laptops.value(i, "lat", WAYPOINT)) == (1.0, 3.0)
            assert laptops.unsettled(i) == ["position"]
            with laptops.laptops[i].reading() as data:
                assert data.original(Waypoint, record_id(WAYPOINT)).lon == 1.0
                assert data.original(Waypoint, record_id(WAYPOINT)).lat is None


def nothing_is_final_while_it_is_unsettled() -> None:
    round_ = derived_id(1, "demo assessment")
    with told() as laptops:
        with laptops.laptops[0].unit("start") as unit:
            unit.add(Assessment(id=round_, site_id=SITE, pack_id="gl:1.1"))
        laptops.wrote(0)
        laptops.make(0, rating="partly")
        laptops.tell(0, 1)
        laptops.edit(0, rating="met")
        laptops.edit(1, rating="not_met")
        both_know_both(laptops)
        with refused("final"), laptops.laptops[2].unit("finish") as unit:
            unit.change((Assessment, round_), status=FINAL)
        laptops.settle(2, 0, 0)
        with laptops.laptops[2].unit("finish") as unit:
            unit.change((Assessment, round_), status=FINAL)
        laptops.wrote(2)
        laptops.watch()


def what_nobody_said_is_no_difference() -> None:
    """Two make the same answer: one rates, the other tells. Neither has said the opposite of the other."""
    with told() as laptops:
        laptops.make(0, rating="met")
        laptops.make(1, narrative="a")
        both_know_both(laptops)
        for i in (2, 3):
            assert laptops.unsettled(i) == []
            assert laptops.value(i, "rating") == "met"
            assert laptops.value(i, "narrative") == "a"
        laptops.edit(0, rating="")
        laptops.tell(0, 2)
        laptops.edit(3, rating="partly")
        laptops.tell(3, 2)
        assert laptops.unsettled(2) == ["rating"], "what was taken away by hand was said"


def a_removed_record_asks_for_nothing() -> None:
    """Who removes a record need not settle it first; brought back, it asks again."""
    with told() as laptops:
        laptops.make(0, rating="partly")
        laptops.tell(0, 1)
        laptops.edit(0, rating="met")
        laptops.edit(1, rating="not_met")
        both_know_both(laptops)
        laptops.delete(2)
        assert laptops.unsettled(2) == []
        assert laptops.laptops[2].differences() == 0
        laptops.bring_back(2, ANSWER)
        laptops.watch()
        assert laptops.unsettled(2) == ["rating"]


def a_status_goes_back_when_somebody_says_so() -> None:
    with told() as laptops:
        laptops.make(0, PATROL, status="verified")
        laptops.tell(0, 1)
        laptops.edit(1, PATROL, status="draft")
        laptops.tell(1, 0)
        assert laptops.value(0, "status", PATROL) == "draft"


def what_was_not_allowed_is_no_common_beginning() -> None:
    """Two managers write on top of what a ranger had no right to write: it is not what both began with."""
    with a_park() as park:
        post, gate, lake = (park.enrol(*one) for one in PEOPLE)
        answer = an_answer(PARK, narrative="a\nb")
        add(park["office"], answer)
        park.everybody_gives()
        made = dot_of(park["office"], answer.id)
        wrong = by_hand(post, Op(Answer.KIND, answer.id, NARRATIVE, "a\nb\nc", (made,)))
        dot = Dot(post.keys.replica, decode(wrong.body).seq, 0)
        for name in ("office", "gate", "lake"):
            take(park[name], [wrong])
        for laptop, text in ((gate, "A\nb\nc"), (lake, "a\nb\nc")):
            op = Op(Answer.KIND, answer.id, NARRATIVE, text, (dot,))
            take(laptop, [by_hand(laptop, op)])
            park.give(laptop.device_name, "office")
        assert [d.field for d in differences(park["office"])] == ["narrative"]


def labels_stand_side_by_side() -> None:
    photo = a_photo(SITE, bytes(32), id=derived_id(1, "demo photo"))
    with told() as laptops:
        with laptops.laptops[0].unit("photo") as unit:
            unit.add(photo)
        laptops.wrote(0)
        laptops.tell(0, 1)
        for i, type_ in enumerate(("animal", "blank")):
            with laptops.laptops[i].unit("label") as unit:
                unit.add(Label(site_id=SITE, photo_id=photo.id, type=type_))
            laptops.wrote(i)
        both_know_both(laptops)
        with laptops.laptops[2].reading() as data:
            assert sorted(data.column(Label, "type")) == ["animal", "blank"]
            assert data.count(Photo) == 1
            assert data.count(Patrol) == 0
        assert laptops.unsettled(2) == []


STORIES: tuple[Callable[[], None], ...] = (
    different_paragraphs_become_one_text,
    the_same_paragraph_is_left_to_a_person,
    two_put_something_into_the_same_gap,
    texts_without_a_common_beginning_are_not_merged,
    two_sign_the_same_merge,
    what_was_settled_is_laid_open_again,
    lists_join_and_a_removal_takes_what_it_saw,
    what_was_put_on_a_list_meanwhile_stays,
    a_child_brings_its_parent_back,
    a_record_is_removed_and_restored_with_what_belongs_to_it,
    a_waypoint_that_is_moved_to_a_removed_patrol,
    what_is_fixed_stays,
    a_position_is_one_value,
    nothing_is_final_while_it_is_unsettled,
    what_nobody_said_is_no_difference,
    a_removed_record_asks_for_nothing,
    a_status_goes_back_when_somebody_says_so,
    what_was_not_allowed_is_no_common_beginning,
    labels_stand_side_by_side,
)
