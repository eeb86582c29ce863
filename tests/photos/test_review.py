"""What people say of photos: kept for ever, the latest of each person stands, and can be taken back."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import Id, new_id
from ranger_app.domain.photos import WITHDRAWN, Label, Photo
from ranger_app.photos.review import OF_LATEST, Word, last_act, latest, verdicts, withdrawal, written
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.photos.pictures import card_of

SITE = new_id()
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
DEER, BOAR = Word(type="animal", name="roe deer"), Word(type="animal", name="wild boar")
EMPTY = Word(type="blank")


def said(word: Word, photo_id: Id, *, by: str = "Demo Ranger", minute: int = 0) -> Label:
    return written(word, photo_id=photo_id, site_id=SITE, by=by, at=NOON + timedelta(minutes=minute))


# ---- what stands


def test_the_latest_word_of_a_person_stands() -> None:
    photo = new_id()
    labels = [said(DEER, photo, minute=5), said(BOAR, photo, minute=9), said(EMPTY, photo, minute=1)]
    (label,) = verdicts(labels)[photo].labels
    assert label.name == "wild boar"


def test_words_of_two_people_stand_side_by_side() -> None:
    photo = new_id()
    verdict = verdicts([said(DEER, photo, by="A"), said(BOAR, photo, by="B", minute=1)])[photo]
    assert [label.by for label in verdict.labels] == ["A", "B"]
    assert (verdict.agreed, verdict.latest.name) == (False, "wild boar")


def test_people_agree_whatever_the_case_of_their_letters() -> None:
    photo = new_id()
    labels = [said(DEER, photo, by="A"), said(Word(type="animal", name="Roe Deer"), photo, by="B")]
    assert verdicts(labels)[photo].agreed


def test_a_word_that_is_taken_back_leaves_the_one_before() -> None:
    photo = new_id()
    first, second = said(DEER, photo), said(BOAR, photo, minute=1)
    back = withdrawal(second, at=NOON + timedelta(minutes=2))
    assert verdicts([first, second, back])[photo].latest == first


def test_nobody_takes_back_what_another_said() -> None:
    photo = new_id()
    label = said(DEER, photo, by="A")
    forged = Label(site_id=SITE, photo_id=photo, by="B", type=WITHDRAWN, withdraws=label.id, at=NOON)
    assert verdicts([label, forged])[photo].latest == label


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 5), st.booleans()), max_size=12), st.integers()
)
def test_what_stands_does_not_depend_on_the_order_in_which_labels_arrive(
    acts: list[tuple[str, int, bool]], seed: int
) -> None:
    photo = new_id()
    labels: list[Label] = []
    for by, minute, back in acts:
        labels.append(said(random.Random(minute).choice([DEER, BOAR, EMPTY]), photo, by=by, minute=minute))
        if back:
            labels.append(withdrawal(labels[-1], at=NOON + timedelta(minutes=minute)))
    shuffled = random.Random(seed).sample(labels, len(labels))
    assert verdicts(labels) == verdicts(shuffled)
    in_order = sorted(labels, key=lambda label: (label.at, label.id))
    rows = [tuple(getattr(label, name) for name in OF_LATEST) for label in in_order]
    latest_said = {id_: (one.latest.type, one.latest.name) for id_, one in verdicts(labels).items()}
    assert latest(rows) == latest_said


@given(st.integers(1, 8), st.integers(0, 10))
def test_taking_back_goes_step_by_step_to_the_beginning(acts: int, backs: int) -> None:
    photo = new_id()
    labels = [said(DEER, photo, minute=minute) for minute in range(acts)]
    for back in range(backs):
        newest_first = sorted(labels, key=lambda label: (label.at, label.id), reverse=True)
        labels += [
            withdrawal(label, at=NOON + timedelta(minutes=acts + back)) for label in last_act(newest_first)
        ]
    left = verdicts(labels)
    if backs >= acts:
        assert left == {}
    else:
        assert left[photo].latest.at == NOON + timedelta(minutes=acts - backs - 1)


# ---- in a workspace


@pytest.fixture
def five(photos: Photos, workspace: Workspace, tmp_path: Path) -> list[Id]:
    photos.add(card_of(tmp_path / "card", 5), station="S")
    with workspace.reading() as data:
        return data.column(Photo, "id", order=("taken_local",))


def names(photos: Photos, ids: list[Id]) -> list[str]:
    return [tile.verdict.latest.name if tile.verdict else "" for tile in photos.tiles(ids)]


def test_a_whole_sequence_is_labelled_and_taken_back_as_one(photos: Photos, five: list[Id]) -> None:
    photos.label(five[:1], BOAR, by="A")
    assert photos.label(five[:3], DEER, by="A") == 3
    assert names(photos, five) == ["roe deer"] * 3 + ["", ""]
    assert set(photos.undo(by="A")) == set(five[:3])
    assert names(photos, five) == ["wild boar", "", "", "", ""]


def test_taking_back_works_after_the_program_was_closed(
    photos: Photos, workspace: Workspace, five: list[Id]
) -> None:
    photos.label(five[:1], DEER, by="A")
    photos.label(five[:1], BOAR, by="A")
    workspace.close()
    with Workspace.open(workspace.folder) as again:
        reopened = Photos(again)
        assert reopened.undo(by="A") == (five[0],)
        assert names(reopened, five)[0] == "roe deer"
        assert reopened.undo(by="A") == (five[0],)
        assert names(reopened, five)[0] == ""
        assert reopened.undo(by="A") == ()


def test_taking_back_leaves_the_words_of_others(photos: Photos, five: list[Id]) -> None:
    photos.label(five[:1], DEER, by="A")
    photos.label(five[:1], BOAR, by="B")
    photos.undo(by="A")
    assert names(photos, five)[0] == "wild boar"


def test_every_word_is_kept_although_only_one_stands(photos: Photos, five: list[Id]) -> None:
    for word in (DEER, BOAR, EMPTY):
        photos.label(five[:1], word, by="A")
    photos.undo(by="A")
    assert [label.type for label in photos.photo(five[0]).history] == [
        "animal",
        "animal",
        "blank",
        WITHDRAWN,
    ]


def test_a_photo_that_is_gone_cannot_be_labelled_and_nothing_is_written(
    photos: Photos, workspace: Workspace, five: list[Id]
) -> None:
    with pytest.raises(NotFound):
        photos.label([*five, new_id()], DEER, by="A")
    with workspace.reading() as data:
        assert data.count(Label) == 0


@pytest.mark.parametrize(
    "word",
    [
        Word(type="dog"),
        Word(type="withdrawn"),
        Word(type="animal", name="x" * 201),
        Word(type="animal", name="a\x00"),
        Word(type="animal", count=0),
        Word(type="animal", count=-3),
        Word(type="blank", name="roe deer"),
    ],
)
def test_a_word_that_says_nothing_sensible_is_refused(photos: Photos, five: list[Id], word: Word) -> None:
    with pytest.raises(BadInput):
        photos.label(five, word, by="A")


@pytest.mark.parametrize("by", ["x" * 101, "a\nb", "\udce9"])
def test_a_reviewer_without_a_sensible_name_is_refused(photos: Photos, five: list[Id], by: str) -> None:
    with pytest.raises(BadInput):
        photos.label(five, DEER, by=by)


def test_names_that_people_used_are_offered_the_most_frequent_first(photos: Photos, five: list[Id]) -> None:
    photos.label(five[:1], DEER, by="A")
    photos.label(five[1:4], BOAR, by="A")
    assert photos.names() == ["wild boar", "roe deer"]
