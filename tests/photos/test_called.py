"""Photos are found by the name that people gave, else by that which the rules make of the model's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.domain.ids import Id
from ranger_app.domain.photos import Detection
from ranger_app.photos.area.area_book import SpeciesLine
from ranger_app.photos.called import Named
from ranger_app.photos.review import Word
from ranger_app.photos.runs.classify import detection_id
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Workspace
from tests.inference.tiny import crop_pack, pipeline_pack, yolox_pack
from tests.photos.pictures import card_of

LABELS = """index,id,role,name_en,class,order,family,genus,species
0,roe,species,European roe deer,mammalia,artiodactyla,cervidae,capreolus,capreolus
1,sika,species,Sika deer,mammalia,artiodactyla,cervidae,cervus,nippon
2,lion,species,Lion,mammalia,carnivora,felidae,panthera,leo
"""
SAID = ([["roe", 0.8], ["sika", 0.1]], [["lion", 0.9], ["sika", 0.05]], [["sika", 0.7]], [["roe", 0.6]])


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    """Four photos: the model said roe deer, lion, sika deer, and roe deer of one that shows no animal."""
    folder = tmp_path / "packs"
    pipeline_pack(folder / "chain", yolox_pack(folder / "finder"), crop_pack(folder / "namer", labels=LABELS))
    made = Photos(workspace, packs=ModelPacks((folder,)))
    made.add(card_of(tmp_path / "card", 4), station="Ridge")
    with workspace.unit("results") as unit:
        unit.add_many(
            result(workspace, id_, groups, animal=0.9 if at < 3 else 0.01)
            for at, (id_, groups) in enumerate(zip(made.ids(Wanted()), SAID, strict=True))
        )
    return made


def result(workspace: Workspace, photo_id: Id, groups: list[list[object]], *, animal: float) -> Detection:
    return Detection(
        id=detection_id(photo_id, "chain", "1"),
        site_id=workspace.site_id,
        photo_id=photo_id,
        animal=animal,
        boxes=[[0.1, 0.1, 0.2, 0.2, "animal", animal]],
        groups=groups,
        pack_id="chain",
        pack_version="1",
    )


def places(photos: Photos, name: str) -> list[int]:
    """The places in the order of the card of the photos under a name."""
    order = photos.ids(Wanted())
    return [order.index(id_) for id_ in photos.ids(Wanted(called=name))]


def names(photos: Photos) -> list[Named]:
    return photos.called.counted(photos.pack_used())


def test_photos_are_found_by_what_the_model_names_where_it_sees_an_animal(photos: Photos) -> None:
    assert places(photos, "European roe deer") == [0]
    assert places(photos, " sika  DEER ") == [2]
    assert places(photos, "Cervus nippon") == [2]
    assert names(photos) == [Named("European roe deer", 1), Named("Lion", 1), Named("Sika deer", 1)]


def test_a_meaning_and_the_list_of_species_hold_at_once(photos: Photos) -> None:
    photos.called.names(photos.pack_used())  # remembered until the site's knowledge changes
    photos.area.mean("European roe deer", "Siberian roe deer", scientific_name="Capreolus pygargus")
    assert places(photos, "Siberian roe deer") == places(photos, "capreolus pygargus") == [0]
    assert places(photos, "European roe deer") == []
    photos.area.list_species([SpeciesLine(name="Leopard", scientific_name="Panthera pardus")])
    assert places(photos, "Lion") == []
    assert places(photos, "Panthera") == [1]
    photos.area.unmean("European roe deer")
    photos.area.strike_species("Leopard")
    assert places(photos, "European roe deer") == [0]


def test_a_persons_name_counts_before_the_models(photos: Photos) -> None:
    first, second, third, _last = photos.ids(Wanted())
    photos.label([first], Word(type="animal", name="wild boar"), by="A")
    photos.label([second], Word(type="blank"), by="A")
    photos.label([third], Word(type="animal"), by="A")  # no name, so the model's stands
    assert places(photos, "Wild boar") == [0]
    assert places(photos, "European roe deer") == places(photos, "Lion") == []
    assert places(photos, "Sika deer") == [2]
    assert names(photos) == [Named("Sika deer", 1), Named("wild boar", 1)]
    assert photos.ids(Wanted(called="sika deer", unlabelled=True)) == []


def test_names_that_differ_in_capitals_only_are_one(photos: Photos) -> None:
    photos.label(photos.ids(Wanted())[:1], Word(type="animal", name="sika Deer"), by="A")
    assert Named("Sika deer", 2) in names(photos)


def test_only_results_that_changed_are_read_again(photos: Photos, workspace: Workspace) -> None:
    before = photos.called.names(photos.pack_used())
    first = photos.ids(Wanted())[0]
    said = Detection, detection_id(first, "chain", "1")
    with workspace.unit("gone") as unit:
        unit.remove(said, reason="a test")
    after = photos.called.names(photos.pack_used())
    assert set(before) - set(after) == {first}
    assert photos.called.names_of(list(before), photos.pack_used()) == after
    with workspace.unit("back") as unit:
        unit.restore(*said)
    assert photos.called.names(photos.pack_used()) == before


def test_a_learned_model_that_is_unsure_names_nothing(photos: Photos) -> None:
    pack = photos.pack_used()
    assert pack is not None
    sure = photos.called.names(pack._replace(answer_from=0.85))
    assert [one.name for one in sure.values()] == ["Lion"]


def test_the_rules_are_made_once_and_not_for_each_photo(photos: Photos) -> None:
    assert photos.area.ruler_of("chain", "1") is photos.area.ruler_of("chain", "1")
    kept = photos.area.ruler_of("chain", "1")
    photos.area.mean("Lion", "Tiger")
    assert photos.area.ruler_of("chain", "1") is not kept


def test_without_a_model_only_peoples_names_are_found(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=ModelPacks((tmp_path / "none",)))
    photos.add(card_of(tmp_path / "card", 2), station="Ridge")
    assert names(photos) == []
    photos.label(photos.ids(Wanted())[:1], Word(type="animal", name="Goral"), by="A")
    assert names(photos) == [Named("Goral", 1)]
    assert places(photos, "goral") == [0]
