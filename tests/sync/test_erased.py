"""A value that was dropped for good: gone wherever it is heard of, and nothing brings it back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.changes import Op
from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.fields import INSERT
from ranger_app.domain.ids import Id, new_id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Value, Waypoint
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Attachment, Erasure
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.dropping import Dropped, drop_value
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above, take, tips
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import quiet
from tests.sync.park import SITE, Park, a_park, by_hand

NAME, AGAIN, PICTURE = "Xavierdemo Suspect", "Xavierdemo Corrected", b"\xff\xd8 a demo face \xff\xd9"
VALUE = Value(site_id=SITE, observation_id=SITE, attribute="nameornames", text=NAME)
PLACE = Waypoint(site_id=SITE, number="1", name="Camp", comment=NAME, lon=131.25, lat=43.5)


@pytest.fixture
def park() -> Iterator[Park]:
    """An office, a manager's, a clerk's and a ranger's laptop that know all the same."""
    with a_park() as made:
        for role in ("manager", "data-clerk", "ranger"):
            made.enrol(role, role.replace("-", " "))
        with made["ranger"].unit("write down") as unit:
            unit.add_many([VALUE, PLACE])
        made.everybody_gives()
        yield made


def drop(laptop: Workspace, kind: str, id_: Id, field: str, reason: str = "") -> Dropped:
    spec = BY_NAME[kind]
    return drop_value(laptop, spec, id_, spec.by_name[field], reason=reason)


def text(laptop: Workspace) -> str | None:
    with laptop.reading(whole=True) as data:
        return data.need(Value, VALUE.id).text


def raw_bytes(laptop: Workspace) -> bytes:
    """Every file of the folder as it lies on the disk."""
    return b"".join(path.read_bytes() for path in sorted(laptop.folder.rglob("*")) if path.is_file())


def everything(laptop: Workspace) -> list[SignedSegment]:
    return list(segments_above(laptop, {}))


def give(park: Park, segments: list[SignedSegment], taker: str) -> None:
    take(park[taker], segments, entries=directory_entries(park["office"]))


def test_a_dropped_value_is_gone_from_every_laptop_that_hears_of_it(park: Park) -> None:
    with park["ranger"].unit("correct") as unit:
        unit.change(VALUE, text=AGAIN)
    park.everybody_gives()
    assert all(text(park[one]) == AGAIN for one in ("office", "manager", "data-clerk", "ranger"))
    done = drop(park["manager"], "value", VALUE.id, "text", "asked for by a court")
    assert (done.fields, done.places) == (("number", "text", "flag", "items"), 2)
    park.everybody_gives()
    for name in ("office", "manager", "data-clerk", "ranger"):
        assert text(park[name]) is None
        kept = raw_bytes(park[name])
        assert AGAIN.encode() not in kept
        assert b"demo face" not in kept
        with park[name].reading(whole=True) as data:
            told = data.history(Value, VALUE.id)
        assert [one.value for one in told] == [None, Unseen.ERASED, Unseen.ERASED]
        assert [one.field for one in told] == ["", "text", "text"]
        erased = {one.erased for one in told[1:]}
        assert [one.device for one in erased if one] == [park["manager"].keys.replica]
        assert park[name].differences() == 0
        assert verify(park[name], quiet()).problems == []
    assert len({park[name].digest(afresh=True) for name in ("office", "manager", "ranger")}) == 1


def test_what_stood_in_the_same_leaf_stays(park: Park) -> None:
    assert NAME.encode() in raw_bytes(park["office"])
    done = drop(park["office"], "waypoint", PLACE.id, "comment")
    assert done.fields == ("comment",)
    park.everybody_gives()
    for name in ("office", "ranger"):
        with park[name].reading(whole=True) as data:
            place = data.need(Waypoint, PLACE.id)
        assert (place.name, place.comment, place.lon) == ("Camp", "", 131.25)


def test_a_position_goes_as_a_whole(park: Park) -> None:
    assert set(drop(park["office"], "waypoint", PLACE.id, "lat").fields) == {"lon", "lat"}
    with park["office"].reading(whole=True) as data:
        place = data.need(Waypoint, PLACE.id)
    assert (place.lon, place.lat, place.comment) == (None, None, NAME)


def test_a_late_bundle_does_not_bring_it_back(park: Park) -> None:
    before = everything(park["ranger"])
    drop(park["manager"], "value", VALUE.id, "text")
    park.give("manager", "office")
    give(park, before, "office")
    assert text(park["office"]) is None
    assert NAME.encode() not in b"".join(one.body for one in everything(park["office"]) if one in before)
    # A laptop that hears of the erasure first, and of what it is about only later.
    late = park["late"]
    _request, file = park.devices("late").request()
    park.devices("late").join(park.devices("office").enrol(file, role="ranger"))
    writer = park["ranger"].keys.public_key
    give(park, [one for one in everything(park["manager"]) if one.public_key != writer], "late")
    give(park, before, "late")
    assert text(late) is None
    assert VALUE.text is not None
    assert VALUE.text.encode() not in late.database.read_bytes()


def test_nobody_lacks_what_was_dropped(park: Park) -> None:
    """Or laptops and hubs would ask for it for ever."""
    drop(park["manager"], "value", VALUE.id, "text")
    park.everybody_gives()
    assert len({repr(sorted(tips(park[one])[SITE].items())) for one in ("office", "manager", "ranger")}) == 1
    with park["office"].reading_raw() as database:
        assert database.execute("select count(*) from segment where lacking = 1").fetchone()[0] == 0


@pytest.mark.parametrize("name", ["ranger", "data-clerk"])
def test_a_ranger_and_a_clerk_drop_nothing(park: Park, name: str) -> None:
    with pytest.raises(Refused):
        drop(park[name], "value", VALUE.id, "text")
    assert text(park[name]) == NAME


def test_an_erasure_by_hand_without_the_right_drops_nothing(park: Park) -> None:
    first = drop(park["manager"], "waypoint", PLACE.id, "comment")
    assert first.places
    wanted = Erasure(
        site_id=SITE,
        kind="value",
        record_id=VALUE.id,
        field="text",
        leaves=[[park["ranger"].keys.replica.hex(), n, op, 4] for n in range(1, 9) for op in range(3)],
    )
    forged = by_hand(park["ranger"], Op(Erasure.KIND, wanted.id, INSERT, CODECS[Erasure.KIND].wire(wanted)))
    give(park, [forged], "office")
    assert text(park["office"]) == NAME
    assert [one.kind for one in park.devices("office").aside()] == ["erasure"]
    stranger = SignedSegment(forged.public_key, forged.body, bytes(64))
    give(park, [stranger], "manager")
    assert text(park["manager"]) == NAME


NONSENSE: tuple[object, ...] = (
    "x",
    [["zz", 1, 0, 4]],
    [["00" * 16, -1, 0, 4]],
    [["00" * 16, 1, 2**70, 4]],
    [[1]],
    {"a": 1},
    [None],
)


@pytest.mark.parametrize("leaves", NONSENSE)
def test_an_erasure_that_names_nonsense_does_no_harm(park: Park, leaves: object) -> None:
    with park["manager"].unit("nonsense") as unit:
        made = Erasure(site_id=SITE, kind="x", record_id=new_id(), field="y", leaves=leaves, files=[leaves])
        unit.add(made)
    park.everybody_gives()
    assert text(park["office"]) == NAME


def test_a_file_goes_with_its_small_picture_and_does_not_come_again(park: Park, tmp_path: Path) -> None:
    office, ranger = park["office"], park["ranger"]
    held = ranger.files.add_bytes(PICTURE)
    paper = Attachment(
        site_id=SITE, owner_id=VALUE.id, owner_kind="value", file=held.sha256, file_name="a.jpg"
    )
    with ranger.unit("attach") as unit:
        unit.add(paper)
    write_bundle(ranger, tmp_path / "stick", quiet())
    read_bundles(office, tmp_path / "stick", quiet())
    assert office.files.has(held.sha256)
    small = office.cache / "thumbnails" / held.sha256.hex()[:2] / f"{held.sha256.hex()}.jpg"
    small.parent.mkdir(parents=True, exist_ok=True)
    small.write_bytes(PICTURE)
    assert drop(office, "attachment", paper.id, "file").files == 1
    assert not small.exists()
    read_bundles(office, tmp_path / "stick", quiet())
    assert not office.files.has(held.sha256)
    park.give("office", "ranger")
    assert not ranger.files.has(held.sha256)
    assert hashlib.sha256(PICTURE).digest() == held.sha256
    write_bundle(ranger, tmp_path / "other", quiet())
    assert PICTURE not in b"".join(p.read_bytes() for p in (tmp_path / "other").rglob("*") if p.is_file())


def test_a_backup_made_later_does_not_hold_it(park: Park, tmp_path: Path) -> None:
    drop(park["office"], "value", VALUE.id, "text")
    drop(park["office"], "waypoint", PLACE.id, "comment")
    assert NAME.encode() not in park["office"].back_up(tmp_path).read_bytes()


def test_what_is_signed_in_the_open_cannot_be_dropped(park: Park) -> None:
    with pytest.raises(Refused, match="signed"):
        drop(park["office"], "waypoint", PLACE.id, "number")
    with pytest.raises(NotFound):
        drop(park["office"], "waypoint", new_id(), "comment")


def test_making_everything_anew_leaves_it_dropped(park: Park) -> None:
    drop(park["office"], "value", VALUE.id, "text")
    before, after = park["office"].rebuild()
    assert before == after
    assert text(park["office"]) is None
