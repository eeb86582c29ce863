"""What comes from elsewhere: taken when it is genuine, shown when it makes sense, kept in any case."""

from __future__ import annotations

from typing import Any

import pytest

from ranger_app.domain.changes import Dot, Op, deletion
from ranger_app.domain.clock import COUNTER_BITS
from ranger_app.domain.feeds import MAX_AHEAD
from ranger_app.domain.fields import DELETED, INSERT
from ranger_app.domain.ids import Id, new_id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol
from ranger_app.storage import Workspace
from ranger_app.storage.changes.feeds import holds_stretch
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.changes.segments import encode, hash_of
from ranger_app.storage.exchange.exchanging import segments_above, take
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, quiet
from tests.storage.forging import Forger
from tests.sync.kept import KINDS, bodies, state_in
from tests.sync.model import state_of

PATROL = BY_NAME["patrol"]
NUMBER, TITLE, STATUS, ARMED = (PATROL.by_name[n].number for n in ("number", "title", "status", "armed"))
UNKNOWN_KIND, UNKNOWN_FIELD = 9_000, 9_001


@pytest.fixture
def forger(workspace: Workspace) -> Forger:
    return Forger(workspace.site_id)


def made(row: bytes, **values: Any) -> Op:
    said = [part for name, value in values.items() for part in (PATROL.by_name[name].number, value)]
    return Op(PATROL.number, row, INSERT, [NUMBER, "FORGED", *said])


def edit(row: bytes, field: int, value: Any, *replaces: Dot) -> Op:
    return Op(PATROL.number, row, field, value, replaces)


def get(workspace: Workspace, row: bytes) -> Patrol | None:
    with workspace.reading() as data:
        return data.get(Patrol, Id(row))


def well(workspace: Workspace) -> None:
    """What is shown is what the segments say, and everything can be checked and made anew."""
    assert state_in(workspace) == state_of(bodies(workspace).values(), KINDS)
    assert verify(workspace, quiet()).problems == []
    before, after = workspace.rebuild()
    assert before == after


def give(workspace: Workspace, *segments: SignedSegment) -> Received:
    received = take(workspace, segments)
    well(workspace)
    return received


def test_a_stranger_who_signs_well_is_heard(workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    received = give(workspace, forger.segment(made(row), edit(row, TITLE, "one", forger.dot(1))))
    assert (received.new, received.refused) == (1, 0)
    assert get(workspace, row) == Patrol(id=row, site_id=workspace.site_id, number="FORGED", title="one")


VALUES_IN_ANOTHER_FORM = [7, b"bytes", None, ["list"], {"a": 1}, True, 1.5, "x" * (5 << 20)]


@pytest.mark.parametrize("value", VALUES_IN_ANOTHER_FORM, ids=lambda v: repr(v)[:20])
def test_a_value_in_another_form_is_kept_and_not_shown(
    value: Any, workspace: Workspace, forger: Forger
) -> None:
    whole, broken = new_id(), new_id()
    first = forger.segment(made(whole), made(broken, title=value))
    second = forger.segment(
        edit(whole, TITLE, value, forger.dot(1, 0)), edit(whole, STATUS, "verified", forger.dot(1, 0))
    )
    received = give(workspace, first, second)
    assert received.new == 2
    found = get(workspace, whole)
    assert found is not None
    assert (found.title, found.status) == ("", "verified")
    assert get(workspace, broken) is None
    assert {hash_of(first.body), hash_of(second.body)} <= bodies(workspace).keys()


def test_a_record_without_what_it_must_have_is_not_shown(workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    give(workspace, forger.segment(Op(PATROL.number, row, INSERT, [TITLE, "no number"])))
    give(workspace, forger.segment(edit(row, TITLE, "edited", forger.dot(1))))
    assert get(workspace, row) is None


def test_what_a_newer_version_knows_is_kept_carried_on_and_else_passed_over(
    workspace: Workspace, forger: Forger
) -> None:
    row = new_id()
    segment = forger.segment(
        Op(UNKNOWN_KIND, new_id(), INSERT, [2, "new kind"]),
        Op(PATROL.number, row, INSERT, [NUMBER, "NEWER", UNKNOWN_FIELD, "new field"]),
        edit(row, UNKNOWN_FIELD, "edited", forger.dot(1, 1)),
        Op(UNKNOWN_KIND, new_id(), DELETED, {"gone": True, "reason": ""}, (forger.dot(1, 0),)),
        edit(row, TITLE, "known", forger.dot(1, 1)),
    )
    give(workspace, segment)
    found = get(workspace, row)
    assert found is not None
    assert (found.number, found.title) == ("NEWER", "known")
    assert segment in list(segments_above(workspace, {}))


DELETIONS_THAT_ARE_NONE = [
    True,
    {},
    {"gone": 1, "reason": ""},
    {"gone": True},
    {"gone": True, "reason": 1},
    {"gone": True, "reason": "", "more": 1},
    "gone",
]


@pytest.mark.parametrize("value", DELETIONS_THAT_ARE_NONE, ids=repr)
def test_a_deletion_that_is_none_hides_nothing(value: Any, workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    give(workspace, forger.segment(made(row)))
    give(workspace, forger.segment(Op(PATROL.number, row, DELETED, value, (forger.dot(1),))))
    assert get(workspace, row) is not None


def test_an_edit_that_names_nothing_replaces_nothing(workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    give(workspace, forger.segment(made(row, title="made"), edit(row, TITLE, "loose")))
    assert get(workspace, row).title == "made"  # type: ignore[union-attr]


def test_an_edit_of_nothing_waits_for_it_without_holding_up_the_rest(
    workspace: Workspace, forger: Forger
) -> None:
    """Somebody guesses the id that two laptops will derive, and writes to it before it is there."""
    row, other = new_id(), new_id()
    give(workspace, forger.segment(made(other), edit(row, TITLE, "early", forger.dot(1, 0))))
    assert get(workspace, row) is None
    assert get(workspace, other) is not None
    with workspace.unit("make") as unit:
        unit.add(Patrol(id=row, site_id=workspace.site_id, number="MINE", title="mine"))
    well(workspace)
    assert workspace.differences() == 1
    with workspace.unit("settle") as unit:
        unit.settle((Patrol, row), "title", "mine")
    assert workspace.differences() == 0
    well(workspace)


@pytest.mark.parametrize("early_first", [True, False])
def test_a_deletion_of_nothing_hides_nothing_that_it_did_not_see(
    early_first: bool, workspace: Workspace, forger: Forger
) -> None:
    row, other = new_id(), Forger(workspace.site_id, "other")
    early = forger.segment(
        made(new_id()), Op(PATROL.number, row, DELETED, dict(deletion("")), (forger.dot(1, 0),))
    )
    making = other.segment(made(row))
    for segment in (early, making) if early_first else (making, early):
        give(workspace, segment)
    assert get(workspace, row) is not None
    assert workspace.differences() == 1


def test_dots_that_lead_nowhere_do_no_harm(workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    nowhere = Dot(bytes(16), 5, 0)
    give(
        workspace,
        forger.segment(made(row)),
        forger.segment(edit(row, TITLE, "one", forger.dot(1, 999))),
        forger.segment(edit(row, TITLE, "two", forger.dot(1, 0))),
    )
    waiting = forger.segment(edit(row, TITLE, "waits", nowhere))
    give(workspace, waiting)
    assert get(workspace, row).title in {"one", "two"}  # type: ignore[union-attr]
    assert workspace.differences() == 1
    assert hash_of(waiting.body) in bodies(workspace)


def test_two_who_wait_for_each_other_wait_and_hold_up_nobody_else(
    workspace: Workspace, forger: Forger
) -> None:
    other, honest, row = Forger(workspace.site_id, "other"), Forger(workspace.site_id, "honest"), new_id()
    give(
        workspace,
        forger.segment(edit(row, TITLE, "a", other.dot(1))),
        other.segment(edit(row, TITLE, "b", forger.dot(1))),
        honest.segment(made(row)),
    )
    assert get(workspace, row) is not None


def test_a_segment_by_another_name_is_refused(workspace: Workspace, forger: Forger) -> None:
    own = bodies(workspace)
    mine = next(iter(segments_above(workspace, {})))
    body = forger.segment(made(new_id()), replica=workspace.keys.replica).body
    for fake in (
        SignedSegment(forger.keys.public_key, body, forger.keys.sign(body)),
        SignedSegment(workspace.keys.public_key, body, forger.keys.sign(body)),
        SignedSegment(mine.public_key, mine.body + b"\x00", mine.signature),
        SignedSegment(bytes(32), body, bytes(64)),
    ):
        received = give(workspace, fake)
        assert (received.new, received.refused) == (0, 1)
    assert bodies(workspace) == own


def test_refused_segments_leave_no_trace(workspace: Workspace) -> None:
    stranger = Forger(new_id())
    body = stranger.segment(made(new_id())).body
    take(workspace, [SignedSegment(stranger.keys.public_key, body, bytes(64))])
    with workspace.reading_raw() as database:
        assert database.execute("select count(*) from stream").fetchone() == (1,)
        assert database.execute("select count(*) from feed").fetchone() == (1,)


def test_a_number_beyond_belief_is_refused(workspace: Workspace, forger: Forger) -> None:
    received = give(workspace, forger.segment(made(new_id()), seq=MAX_AHEAD + 1, previous=bytes(32)))
    assert received.refused == 1
    received = give(workspace, forger.segment(made(new_id()), seq=MAX_AHEAD, previous=bytes(32)))
    assert received.new == 1


def test_a_first_segment_that_names_one_before_it_is_not_shown(workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    give(workspace, forger.segment(made(row), seq=1, previous=b"p" * 32))
    assert get(workspace, row) is None


def test_a_clock_beyond_belief_is_not_followed(workspace: Workspace, forger: Forger) -> None:
    row, year_4000 = new_id(), 64_060_588_800_000 << COUNTER_BITS
    give(
        workspace,
        forger.segment(made(row), hlc=2**63 - 1),
        forger.segment(edit(row, TITLE, "late", forger.dot(1)), hlc=year_4000),
    )
    assert workspace.clock.tick() < year_4000
    folder = workspace.folder
    workspace.close()
    with Workspace.open(folder) as again:
        assert again.clock.tick() < year_4000
        with again.unit("edit") as unit:
            unit.change((Patrol, row), title="mine")
        assert get(again, row).title == "mine"  # type: ignore[union-attr]
        with again.reading() as data:
            assert len(data.history(Patrol, row)) == 3


def test_twenty_thousand_ops_in_one_segment(workspace: Workspace, forger: Forger) -> None:
    rows = [new_id() for _ in range(10_000)]
    many = forger.segment(
        *(made(row) for row in rows), *(edit(row, ARMED, 1, forger.dot(1, n)) for n, row in enumerate(rows))
    )
    assert take(workspace, [many]).new == 1
    with workspace.reading() as data:
        assert data.tally(Patrol, "armed") == {True: 10_000}
    before, after = workspace.rebuild()
    assert before == after


def test_more_than_that_is_refused(workspace: Workspace, forger: Forger) -> None:
    body = encode_of(forger, 50_001)
    assert take(workspace, [forger.signed(body)]).refused == 1


def encode_of(forger: Forger, ops: int) -> bytes:
    from ranger_app.domain.changes import Segment

    plain = Segment(stream=forger.stream, replica=forger.keys.replica, seq=1, previous=b"", hlc=1)
    return encode(
        Segment(**{**{n: getattr(plain, n) for n in plain.__slots__}, "ops": (made(new_id()),) * ops})
    )


@pytest.mark.parametrize("order", ["forwards", "backwards", "middle out"])
def test_any_order_and_every_split_gives_the_same(order: str, workspace: Workspace, forger: Forger) -> None:
    row = new_id()
    segments = [forger.segment(made(row))]
    segments += [forger.segment(edit(row, TITLE, f"{n}", forger.dot(n))) for n in range(1, 8)]
    if order == "backwards":
        segments.reverse()
    elif order == "middle out":
        segments = segments[4:] + segments[:4]
    for segment in segments:
        give(workspace, segment, segment)
    assert get(workspace, row).title == "7"  # type: ignore[union-attr]
    assert take(workspace, segments).known == 8


def test_two_segments_under_one_number_keep_that_feed_aside_and_no_other(
    workspace: Workspace, forger: Forger
) -> None:
    row, honest = new_id(), Forger(workspace.site_id, "honest")
    give(workspace, forger.segment(made(row, title="before the fork")))
    give(workspace, honest.segment(edit(row, STATUS, "submitted", forger.dot(1))))
    left = forger.segment(
        edit(row, TITLE, "left", forger.dot(1)), seq=2, previous=hash_of(segment_one(workspace, forger))
    )
    right = forger.segment(
        edit(row, TITLE, "right", forger.dot(1)), seq=2, previous=hash_of(segment_one(workspace, forger))
    )
    give(workspace, left)
    assert get(workspace, row).title == "left"  # type: ignore[union-attr]
    received = give(workspace, right)
    assert received.forks == 1
    found = get(workspace, row)
    assert found is not None
    assert (found.title, found.status) == ("before the fork", "submitted")
    assert {hash_of(left.body), hash_of(right.body)} <= bodies(workspace).keys()
    assert {left, right} <= set(segments_above(workspace, {}))


def segment_one(workspace: Workspace, forger: Forger) -> bytes:
    return next(s.body for s in segments_above(workspace, {}) if s.public_key == forger.keys.public_key)


def test_a_fork_shows_in_what_the_next_segment_names(workspace: Workspace, forger: Forger) -> None:
    """Of the other side only the later segment is here; its link alone proves that there are two."""
    row = new_id()
    give(workspace, forger.segment(made(row)))
    give(workspace, forger.segment(edit(row, TITLE, "left", forger.dot(1))))
    later = forger.segment(edit(row, TITLE, "right", forger.dot(1)), seq=3, previous=b"x" * 32)
    assert give(workspace, later).forks == 1
    assert get(workspace, row).title == ""  # type: ignore[union-attr]


def test_a_laptop_that_hears_its_own_voice_from_elsewhere_takes_fresh_keys(workspace: Workspace) -> None:
    before = workspace.keys
    forger = Forger(workspace.site_id)
    forger.keys = before
    mine = next(iter(segments_above(workspace, {})))
    row = new_id()
    give(workspace, forger.segment(made(row), seq=2, previous=hash_of(mine.body)))
    assert get(workspace, row) is not None
    assert workspace.keys == before
    with workspace.unit("mine") as unit:
        unit.add(a_patrol(workspace.site_id))
    assert workspace.keys.replica != before.replica
    folder = workspace.folder
    renewed = workspace.keys
    workspace.close()
    with Workspace.open(folder) as again:
        assert again.keys == renewed
        well(again)


def test_what_waits_for_another_copy_s_number_is_shown_when_this_one_writes_it(
    workspace: Workspace, forger: Forger
) -> None:
    """Nobody here knows yet that there are two of this laptop."""
    written = len(list(segments_above(workspace, {})))
    row = new_id()
    give(workspace, forger.segment(made(row)))
    named = Dot(workspace.keys.replica, written + 1, 0)
    give(workspace, forger.segment(edit(row, TITLE, "waits", forger.dot(1), named)))
    assert get(workspace, row).title == ""  # type: ignore[union-attr]
    with workspace.unit("mine") as unit:
        unit.add(a_patrol(workspace.site_id))
    well(workspace)
    assert get(workspace, row).title == "waits"  # type: ignore[union-attr]


def test_a_stretch_is_held_when_each_of_its_own_links_is_here(workspace: Workspace, forger: Forger) -> None:
    """Where a laptop was copied, another segment under the same number is none of it."""
    copy = Forger(workspace.site_id)
    first, second = forger.segment(made(new_id())), forger.segment(made(new_id()))
    give(workspace, copy.segment(made(new_id())), second)
    stretch = (workspace.site_id, forger.keys.replica, 1, 2, hash_of(second.body))
    with workspace.reading_raw() as database:
        assert not holds_stretch(database, *stretch)
    give(workspace, first)
    with workspace.reading_raw() as database:
        assert holds_stretch(database, *stretch)
