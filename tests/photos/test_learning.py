"""A park's own species are learned from what its rangers confirm, judged, accepted, taken back, passed on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.photos import Label, ModelPack
from ranger_app.inference.packs.pack import read_pack
from ranger_app.photos.learning.learning import Learning
from ranger_app.photos.review import Word
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import quiet
from tests.photos.parks import COLOURS, STATIONS, chain, colour_packs, fill, name_all, species_of

EACH = 5


@pytest.fixture
def park(workspace: Workspace, tmp_path: Path) -> Photos:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=EACH)
    photos.classify()
    return photos


@pytest.fixture
def learning(park: Photos) -> Learning:
    return park.learning


def test_a_head_learned_from_confirmed_photos_knows_them_at_cameras_it_has_not_seen(
    park: Photos, learning: Learning
) -> None:
    proposal = learning.learn("Demo park")
    figures = proposal.figures
    assert figures.by_camera
    assert figures.judged == EACH * STATIONS * len(COLOURS)
    assert figures.learned.value > 0.95
    assert {one.name: one.photos for one in figures.classes} == dict.fromkeys(COLOURS, EACH * STATIONS)
    assert figures.present_pack == "chain@1"
    assert figures.difference.value == pytest.approx(figures.learned.value - figures.present.value)
    assert not figures.present_saw


def test_nothing_is_used_or_kept_before_a_person_accepts(
    park: Photos, learning: Learning, workspace: Workspace
) -> None:
    learning.learn("Demo park")
    assert park.packs.choose() == chain(park.packs)
    assert learning.versions() == []
    with workspace.reading() as data:
        assert data.count(ModelPack) == 0


def test_what_is_accepted_names_the_photos_from_then_on_and_touches_no_label(
    park: Photos, learning: Learning, workspace: Workspace
) -> None:
    with workspace.reading() as data:
        before = data.find(Label, order=("id",))
    accepted = learning.accept(learning.learn("Demo park"), by="A demo manager")
    assert park.packs.choose().id == "demo-park"
    park.classify()
    pack = park.packs.choose()
    said = {seen.file_name: one.groups[0][0] for seen, one in park.results(pack)}
    assert len(said) == len(COLOURS) * EACH
    assert all(name == species_of(file) for file, name in said.items())
    assert (accepted.in_use, accepted.installed) == (True, True)
    with workspace.reading() as data:
        assert data.find(Label, order=("id",)) == before


def test_an_earlier_version_or_the_one_that_came_with_ranger_can_be_used_again(
    park: Photos, learning: Learning
) -> None:
    first = learning.accept(learning.learn("Demo park"))
    ids = park.ids(Wanted())
    park.label(ids[:6], Word(type="animal", name="sable"), by="A demo ranger")
    second = learning.accept(learning.learn("Demo park"))
    assert (first.record.version[0], second.record.version[0]) == ("1", "2")
    assert [one.in_use for one in learning.versions()] == [True, False]
    learning.use("demo park", "1")
    assert park.packs.choose().version == first.record.version
    learning.use("chain")
    assert park.packs.choose() == chain(park.packs)
    learning.use("demo-park", second.record.version)
    assert park.packs.choose().version == second.record.version
    learning.use("")
    assert park.packs.choose() == chain(park.packs)
    with pytest.raises(NotFound):
        learning.use("demo park", "7")


def test_learning_the_same_again_gives_the_same_head(learning: Learning) -> None:
    one, other = learning.learn("Demo park"), learning.learn("Demo park")
    assert one.digest == other.digest
    assert one.version == other.version
    assert one.files == other.files
    assert learning.accept(one).key == learning.accept(other).key
    assert len(learning.versions()) == 1


def test_a_picture_is_looked_at_once_and_never_again(
    park: Photos, learning: Learning, tmp_path: Path
) -> None:
    """The embeddings were kept when the model ran, so that teaching needs no picture at all."""
    store = {
        path: path.read_bytes() for path in (tmp_path / "demo.ranger" / "files").rglob("*") if path.is_file()
    }
    for path in store:
        path.unlink()
    proposal = learning.learn("Demo park")
    assert proposal.figures.judged == EACH * STATIONS * len(COLOURS)
    assert proposal.not_here == 0


def test_pictures_that_no_run_has_seen_are_looked_at_now(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=2)
    figures = photos.learning.learn("Demo park").figures
    assert figures.learned.value > 0.9
    assert not figures.present.known, "the present pack has looked at nothing, so nothing is said of it"


def test_two_names_for_one_photo_are_not_taught(park: Photos, learning: Learning) -> None:
    ids = park.ids(Wanted())
    park.label(ids[:4], Word(type="animal", name="wolf"), by="Another demo ranger")
    assert learning.learn("Demo park").figures.photos == EACH * STATIONS * len(COLOURS) - 4


def test_capital_letters_are_no_other_species(park: Photos, learning: Learning) -> None:
    deer = park.ids(Wanted(name="sika deer"))
    park.label(deer[:3], Word(type="animal", name="Sika Deer"), by="A demo ranger")
    assert {one.name for one in learning.learn("Demo park").figures.classes} == set(COLOURS)


def test_without_names_there_is_nothing_to_learn(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    with pytest.raises(Refused, match="Nobody"):
        photos.learning.learn("Demo park")
    fill(photos, tmp_path / "cards", each=1, named=False)
    ids = photos.ids(Wanted())
    photos.label(ids, Word(type="animal", name="deer"), by="A demo ranger")
    with pytest.raises(Refused, match="not enough"):
        photos.learning.learn("Demo park")
    with pytest.raises(BadInput):
        photos.learning.learn("  ")


def test_without_a_pack_that_embeds_it_says_so(workspace: Workspace, tmp_path: Path) -> None:
    packs = colour_packs(tmp_path / "packs")
    photos = Photos(workspace, packs=replace(packs, folders=(tmp_path / "nothing",)))
    with pytest.raises(NotFound, match="embeddings"):
        photos.learning.learn("Demo park")


# ---- between laptops


@pytest.fixture
def office(park: Photos, workspace: Workspace, tmp_path: Path) -> Iterator[Photos]:
    """Another laptop of the site, with its own packs and none of the pictures."""
    folder = tmp_path / "office.ranger"
    shutil.copytree(workspace.folder, folder)
    for place in ("cache", "files"):
        shutil.rmtree(folder / place, ignore_errors=True)
        (folder / place).mkdir()
    with closing(Workspace.open(folder)) as other:
        yield Photos(other, packs=colour_packs(tmp_path / "office-packs"))


def carry(sender: Workspace, receiver: Workspace, stick: Path) -> None:
    write_bundle(sender, stick, quiet())
    read_bundles(receiver, stick, quiet())


def test_a_model_from_another_laptop_waits_until_a_person_there_accepts_it(
    park: Photos, learning: Learning, office: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    sent = learning.accept(learning.learn("Demo park"), by="A demo manager")
    carry(workspace, office._workspace, tmp_path / "stick")
    (received,) = office.learning.versions()
    assert received.key == sent.key
    assert (received.installed, received.in_use) == (False, False)
    assert office.packs.choose() == chain(office.packs)
    office.learning.use("Demo park")
    assert office.packs.choose().version == sent.record.version
    assert office.learning.versions()[0].in_use


def test_a_model_that_was_spoilt_on_the_way_is_refused_like_any_pack(
    park: Photos, learning: Learning, workspace: Workspace, tmp_path: Path
) -> None:
    proposal = learning.learn("Demo park")
    accepted = learning.accept(proposal)
    bad = dict(proposal.files) | {"head.onnx": b"\x80\x04 not a graph"}
    from ranger_app.inference.learning.head_pack import zipped

    stored = workspace.files.add_bytes(zipped(bad))
    with workspace.unit("forge") as unit:
        unit.add(
            ModelPack(
                site_id=workspace.site_id,
                name="Evil",
                pack_id="evil",
                version="1.x",
                base="b",
                file=stored.sha256,
            )
        )
    with pytest.raises(BadInput):
        learning.use("Evil")
    assert park.packs.choose().version == accepted.record.version


def test_the_office_teaches_again_without_the_pictures_and_gets_the_same_head(
    park: Photos, learning: Learning, office: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    proposal = learning.learn("Demo park")
    learning.accept(proposal)
    carry(workspace, office._workspace, tmp_path / "stick")
    for path in (tmp_path / "office.ranger" / "files").rglob("*"):
        if path.is_file() and path.stat().st_size < 4000 and path.read_bytes()[:2] == b"\xff\xd8":
            path.unlink()
    again = office.learning.learn("Demo park")
    assert again.digest == proposal.digest
    assert again.taught.lessons.digest() == proposal.taught.lessons.digest()


def test_more_words_from_another_station_are_learned_with_the_rest(
    park: Photos, learning: Learning, office: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    """Every station's words count at the office, and every laptop that has them all learns the same."""
    learning.accept(learning.learn("Demo park"))
    carry(workspace, office._workspace, tmp_path / "stick")
    ids = office.ids(Wanted(name="sika deer"))
    office.label(ids[:8], Word(type="animal", name="red deer"), by="A demo ranger")
    office.label(ids[8:], Word(type="animal", name="sika deer"), by="Another demo ranger")
    there = office.learning.learn("Demo park")
    assert "red deer" in there.taught.head.names
    carry(office._workspace, workspace, tmp_path / "back")
    assert learning.learn("Demo park").digest == there.digest


def test_heads_of_several_stations_are_refitted_at_the_office_from_all_their_words(
    workspace: Workspace, tmp_path: Path
) -> None:
    """North and south each taught a head; the office has no picture, and gets that of a laptop with all."""
    shares = {"north": (0, 1, 2), "south": (3, 4), "office": (), "everything": tuple(range(STATIONS))}
    for name in shares:
        shutil.copytree(workspace.folder, tmp_path / f"{name}.ranger")
    with ExitStack() as opened:
        laptops: dict[str, Photos] = {}
        for name, stations in shares.items():
            one = opened.enter_context(closing(Workspace.open(tmp_path / f"{name}.ranger")))
            laptops[name] = photos = Photos(one, packs=colour_packs(tmp_path / f"{name}-packs"))
            fill(photos, tmp_path / f"{name}-cards", each=4, stations=stations)
            photos.classify()
        heads = {name: laptops[name].learning.learn("Demo park") for name in ("north", "south")}
        for name, head in heads.items():
            laptops[name].learning.accept(head, by="A demo manager")
            carry(laptops[name]._workspace, laptops["office"]._workspace, tmp_path / f"stick of {name}")
        office = laptops["office"]
        assert len(office.learning.versions()) == 2
        refitted = office.learning.learn("Demo park")
        lessons = refitted.taught.lessons
        assert len(lessons.classes) == STATIONS * len(COLOURS) * 4
        assert len(np.unique(lessons.cameras)) == STATIONS
        assert refitted.digest not in {head.digest for head in heads.values()}
        assert refitted.digest == laptops["everything"].learning.learn("Demo park").digest


def test_the_pack_says_in_its_card_what_it_is_worth(learning: Learning, tmp_path: Path) -> None:
    proposal = learning.learn("Demo park")
    card = proposal.files["CARD.md"].decode()
    assert "| sika deer | 25 | 5 |" in card
    assert "held out" in card
    assert proposal.digest[:16] in card
    learning.accept(proposal)
    installed = next((tmp_path / "packs" / "own").glob("demo-park-*"))
    assert (installed / "CARD.md").read_text(encoding="utf-8") == card
    assert read_pack(installed).name == "Demo park"


def test_naming_again_changes_nothing(park: Photos, learning: Learning) -> None:
    before = learning.learn("Demo park")
    name_all(park)
    assert learning.learn("Demo park").digest == before.digest
