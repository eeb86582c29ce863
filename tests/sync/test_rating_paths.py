"""Every other way by which a ranger might come to change an assessment: services, files, undo and backups."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.domain.assessments import Answer, Assessment, Evidence, EvidenceLink
from ranger_app.domain.errors import KnownError, Refused
from ranger_app.domain.fields import Record
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.roles import ASSESSMENTS
from ranger_app.storage import Workspace
from ranger_app.storage.backups import put_back
from ranger_app.storage.changes.segments import decode
from ranger_app.storage.engine import connect_raw
from ranger_app.storage.exchange.exchanging import segments_above
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import quiet
from tests.formats.smart_files import patrol as smart_patrol
from tests.patrols.walks import noted, walk, write_gpx
from tests.photos.pictures import jpeg
from tests.sync.park import Park, a_park

CODE = "1.1.1"
Said = dict[str, list[Record]]


@dataclass
class Scene:
    """A ranger's laptop on which everything of an assessment is, with two versions of one rating."""

    park: Park
    ranger: Ranger
    place: Path
    answer: Answer
    link: EvidenceLink
    evidence: Evidence
    action: Id

    @property
    def workspace(self) -> Workspace:
        return self.ranger.workspace


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_park() as park:
        park.enrol("post", "ranger")
        park.enrol("gate", "manager")
        paper = tmp_path / "paper.txt"
        paper.write_text("demo paper", encoding="utf-8")
        office = Ranger(park["office"]).assessments
        office.start(title="Demo round")
        office.answer(CODE, rating="partly")
        office.answer("1.1.2", rating="met")
        cited = office.cite(CODE, paper)
        action = office.plan_action(CODE, "mend the fence")
        park.everybody_gives()
        office.answer("1.1.2", rating="not_met")
        Ranger(park["gate"]).assessments.answer("1.1.2", rating="partly")
        park.everybody_gives()
        sheet, _pack = office.sheet(CODE)
        assert sheet.answer is not None
        yield Scene(park, Ranger(park["post"]), tmp_path, sheet.answer, cited.link, cited.evidence, action.id)


def said(workspace: Workspace) -> Said:
    """Everything of assessments, hidden or not."""
    with workspace.reading(whole=True) as data:
        return {kind: data.find(BY_NAME[kind].cls, order=("id",)) for kind in ASSESSMENTS}


def signed_by(workspace: Workspace) -> set[str]:
    """The kinds of assessments that this laptop has signed anything about."""
    mine = [s for s in segments_above(workspace, {}) if s.public_key == workspace.keys.public_key]
    kinds = {BY_NAME[kind].number: kind for kind in ASSESSMENTS}
    return {kinds[op.kind] for s in mine for op in decode(s.body).ops if op.kind in kinds}


def unit(act: Callable[[Any, Scene], object]) -> Callable[[Scene], object]:
    def do(scene: Scene) -> None:
        with scene.workspace.unit("by hand") as opened:
            act(opened, scene)

    return do


def a_paper(scene: Scene) -> Path:
    path = scene.place / "another.txt"
    path.write_text("another demo paper", encoding="utf-8")
    return path


def keep_one(scene: Scene) -> None:
    (one,) = scene.ranger.differences.all()
    scene.ranger.differences.keep(one, one.versions[0])


def write_new(scene: Scene) -> None:
    (one,) = scene.ranger.differences.all()
    scene.ranger.differences.write(one, "met")


WAYS: dict[str, Callable[[Scene], object]] = {
    "start": lambda s: s.ranger.assessments.start(),
    "answer": lambda s: s.ranger.assessments.answer(CODE, rating="met"),
    "narrative": lambda s: s.ranger.assessments.answer(CODE, narrative="all is well"),
    "cite": lambda s: s.ranger.assessments.cite(CODE, a_paper(s)),
    "cite again": lambda s: s.ranger.assessments.cite_again("1.1.2", s.evidence.id),
    "uncite": lambda s: s.ranger.assessments.uncite(s.link.id),
    "describe": lambda s: s.ranger.assessments.describe(s.evidence.id, title="another"),
    "plan": lambda s: s.ranger.assessments.plan_action(CODE, "nothing"),
    "action done": lambda s: s.ranger.assessments.change_action(s.action, status="done"),
    "keep one": keep_one,
    "write new": write_new,
    "change": unit(lambda u, s: u.change(s.answer, rating="met")),
    "settle": unit(lambda u, s: u.settle(s.answer, "rating", "met")),
    "lay open": unit(lambda u, s: u.lay_open(s.answer, "rating", ["met", "partly"])),
    "remove": unit(lambda u, s: u.remove(s.answer)),
    "remove all": unit(lambda u, s: u.remove((Assessment, s.answer.assessment_id))),
    "add": unit(lambda u, s: u.add(Answer(site_id=s.answer.site_id, assessment_id=s.answer.assessment_id,
                                          indicator="1.1.3", rating="met"))),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_no_service_does_it_for_a_ranger(scene: Scene, way: str) -> None:
    before = said(scene.workspace)
    with pytest.raises((Refused, KnownError)) as refused:
        WAYS[way](scene)
    assert "ranger" in refused.value.text
    assert said(scene.workspace) == before
    assert not signed_by(scene.workspace)


def test_a_ranger_makes_nothing_final(scene: Scene) -> None:
    office = Ranger(scene.park["office"])
    (one,) = office.differences.all()
    office.differences.keep(one, one.versions[0])
    scene.park.everybody_gives()
    with pytest.raises(Refused, match="ranger"):
        scene.ranger.assessments.finish()
    office.assessments.finish()
    scene.park.everybody_gives()
    with pytest.raises(Refused, match="ranger"):
        scene.ranger.assessments.reopen()


def test_many_settled_alike_leaves_ratings_alone(scene: Scene) -> None:
    before = said(scene.workspace)
    found = scene.ranger.differences.all()
    done = scene.ranger.differences.keep_alike(found, replica=None)
    assert (done.settled, done.left) == (0, len(found))
    assert said(scene.workspace) == before


def test_nothing_is_taken_back_that_somebody_else_settled(scene: Scene) -> None:
    office = Ranger(scene.park["office"]).differences
    (one,) = office.all()
    office.keep(one, one.versions[0])
    scene.park.everybody_gives()
    before = said(scene.workspace)
    with pytest.raises(KnownError):
        scene.ranger.differences.take_back()
    assert said(scene.workspace) == before


def test_a_hidden_assessment_is_not_brought_back(scene: Scene) -> None:
    with scene.park["office"].unit("remove") as opened:
        opened.remove((Assessment, scene.answer.assessment_id))
    scene.park.everybody_gives()
    for cls, id_ in ((Assessment, scene.answer.assessment_id), (Answer, scene.answer.id)):
        with pytest.raises(Refused, match="ranger"), scene.workspace.unit("restore") as opened:
            opened.restore(cls, id_)
    assert said(scene.workspace)["assessment"] == []


def gpx(place: Path) -> Path:
    """A receiver's file whose names would like to be ratings."""
    return write_gpx(place / "answer.gpx", walk(), waypoints=[noted(name=f"answer:{CODE}:rating=met")])


def smart(place: Path) -> Path:
    path = place / "patrol.xml"
    path.write_text(smart_patrol(), encoding="utf-8")
    return path


@pytest.mark.parametrize("file", [gpx, smart], ids=["gpx", "smart"])
def test_a_file_of_patrols_brings_patrols_and_no_rating(scene: Scene, file: Callable[[Path], Path]) -> None:
    before = said(scene.workspace)
    patrols = scene.ranger.patrols
    assert patrols.accept(patrols.propose([file(scene.place)])).made
    assert said(scene.workspace) == before
    assert not signed_by(scene.workspace)


def test_photos_and_results_from_elsewhere_bring_no_rating(scene: Scene) -> None:
    before = said(scene.workspace)
    card = scene.place / "card"
    card.mkdir()
    (card / "IMG_0001.JPG").write_bytes(jpeg())
    assert scene.ranger.photos.add(card, station="demo", work=quiet()).added == 1
    results = {
        "images": [
            {"file": "IMG_0001.JPG", "detections": [], "answer": {"indicator": CODE, "rating": "met"}}
        ],
        "detection_categories": {"1": "animal"},
        "info": {"format_version": "1.5", "detector": "demo"},
        "answers": [{"id": scene.answer.id.hex(), "rating": "met"}],
    }
    path = scene.place / "results.json"
    path.write_text(json.dumps(results), encoding="utf-8")
    scene.ranger.photos.results_files.read(path, work=quiet())
    assert said(scene.workspace) == before
    assert not signed_by(scene.workspace)


def test_an_older_backup_put_back_is_overtaken_by_what_others_wrote(scene: Scene) -> None:
    backup = scene.workspace.back_up(scene.place / "backups")
    Ranger(scene.park["office"]).assessments.answer(CODE, rating="met")
    scene.park.everybody_gives()
    folder = scene.workspace.folder
    scene.workspace.close()
    put_back(backup, folder)
    scene.park.opened("post", Workspace.open(folder))
    scene.park.everybody_gives()
    assert said(scene.park["office"]) == said(scene.park["post"])
    assert rating_of(scene.park["office"], scene.answer.id) == "met"


def test_a_backup_that_was_edited_by_hand_convinces_nobody_else(scene: Scene) -> None:
    """Whoever has the open file can write into it what he likes to see; it is no change, it does not travel,
    it is found, and what was signed is put back in its place."""
    backup = scene.workspace.back_up(scene.place / "backups")
    database = connect_raw(backup, None)
    database.execute("drop trigger guard_answer_update")
    database.execute("update answer set rating = 'met' where id = ?", (scene.answer.id,))
    database.close()
    folder = scene.workspace.folder
    scene.workspace.close()
    put_back(backup, folder)
    with Workspace.open(folder) as post:
        write_bundle(post, scene.place / "stick", quiet())
        read_bundles(scene.park["office"], scene.place / "stick", quiet())
        assert rating_of(scene.park["office"], scene.answer.id) == "partly"
        assert verify(post, quiet()).problems
        post.rebuild()
        assert rating_of(post, scene.answer.id) == "partly"
        assert verify(post, quiet()).problems == []


def rating_of(workspace: Workspace, id_: Id) -> str:
    with workspace.reading() as data:
        return data.need(Answer, id_).rating


def test_a_ranger_still_does_his_own_work(scene: Scene) -> None:
    """The tests above would pass if nothing at all were allowed."""
    patrols = scene.ranger.patrols
    assert patrols.accept(patrols.propose([gpx(scene.place)])).made
    assert patrols.next_number(date(2026, 5, 31))
