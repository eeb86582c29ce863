"""The list of a site and its meanings are kept, travel, and hold at once for results that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.photos import AreaSpecies, Detection
from ranger_app.inference.checking import check_pack
from ranger_app.inference.packs.manifest import Postprocess
from ranger_app.photos.area.area_book import AreaBook, SpeciesLine
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
FENCE = b'{"mammalia;carnivora;felidae;panthera;leo": {"allow": {"KEN": []}}}'


@pytest.fixture
def packs(tmp_path: Path) -> ModelPacks:
    """A pipeline of a detector and a classifier of three species, with a geofence."""
    folder = tmp_path / "packs"
    namer = crop_pack(folder / "namer", labels=LABELS)
    chain = pipeline_pack(folder / "chain", yolox_pack(folder / "finder"), namer)
    import hashlib

    (chain / "fence.json").write_bytes(FENCE)
    with (chain / "pack.toml").open("a") as file:
        file.write(
            f'[postprocess]\ngeofence = "fence.json"\n[[files]]\npath = "fence.json"\nrole = "text"\n'
            f'bytes = {len(FENCE)}\nsha256 = "{hashlib.sha256(FENCE).hexdigest()}"\n'
        )
    assert check_pack(chain) == []
    return ModelPacks((folder,))


@pytest.fixture
def photos(workspace: Workspace, packs: ModelPacks, tmp_path: Path) -> Photos:
    """Two photos on which the model said roe deer, and perhaps a lion."""
    made = Photos(workspace, packs=packs)
    made.add(card_of(tmp_path / "card", 2), station="Ridge")
    said = [[["roe", 0.8], ["sika", 0.1]], [["lion", 0.9], ["sika", 0.05]]]
    with workspace.unit("results") as unit:
        unit.add_many(
            Detection(
                id=detection_id(id_, "chain", "1"),
                site_id=workspace.site_id,
                photo_id=id_,
                pack_id="chain",
                pack_version="1",
                animal=0.9,
                boxes=[[0.1, 0.1, 0.2, 0.2, "animal", 0.9]],
                groups=groups,
            )
            for id_, groups in zip(made.ids(Wanted()), said, strict=True)
        )
    return made


def made_of(photos: Photos) -> list[tuple[str, str]]:
    found = []
    for id_ in photos.ids(Wanted()):
        ruled = photos.photo(id_).ruled
        assert ruled is not None
        found.append((ruled.said, ruled.name))
    return found


def test_a_changed_rule_holds_at_once_and_no_model_runs(photos: Photos, workspace: Workspace) -> None:
    area = photos.area
    before = [photos.photo(id_).detection for id_ in photos.ids(Wanted())]
    assert made_of(photos) == [("European roe deer", "European roe deer"), ("Lion", "Lion")]
    area.mean("European roe deer", "Siberian roe deer", scientific_name="Capreolus pygargus")
    assert made_of(photos)[0] == ("European roe deer", "Siberian roe deer")
    area.list_species(
        [
            SpeciesLine(scientific_name="Capreolus pygargus"),
            SpeciesLine(name="tiger", scientific_name="Panthera tigris"),
        ]
    )
    assert made_of(photos) == [("European roe deer", "Siberian roe deer"), ("Lion", "Panthera")]
    area.strike_species("tiger")
    area.unmean("european roe deer")
    assert made_of(photos) == [("European roe deer", "Capreolus"), ("Lion", "Mammalia")]
    assert [photos.photo(id_).detection for id_ in photos.ids(Wanted())] == before


def test_the_geofence_of_the_pack_counts_once_the_site_says_its_country(
    photos: Photos, workspace: Workspace
) -> None:
    from ranger_app.domain.sites import Site

    assert made_of(photos)[1] == ("Lion", "Lion")
    with workspace.unit("site") as unit:
        unit.change((Site, workspace.site_id), country="RUS")
    assert made_of(photos)[1] == ("Lion", "Panthera")
    (photo,) = photos.ids(Wanted())[1:]
    ruled = photos.photo(photo).ruled
    assert ruled is not None
    assert [step.words for step in ruled.steps] == ["Lion does not occur in this country"]


def test_results_are_counted_as_said_and_made(photos: Photos) -> None:
    photos.area.mean("lion", "tiger", scientific_name="Panthera tigris")
    found = dict(photos.area.all_ruled("chain", "1"))
    assert sorted((one.said, one.name) for one in found.values()) == [
        ("European roe deer", "European roe deer"),
        ("Lion", "tiger"),
    ]


def test_the_list_goes_out_as_a_table_and_comes_back(photos: Photos, tmp_path: Path) -> None:
    photos.area.list_species(
        [
            SpeciesLine(name="sika deer", scientific_name="Cervus nippon", note="many"),
            SpeciesLine(
                name="тигр", scientific_name="Panthera tigris", upper=("mammalia", "carnivora", "felidae")
            ),
        ]
    )
    path = tmp_path / "list.csv"
    path.write_text(photos.area.list_as_csv(), encoding="utf-8-sig")
    before = photos.area.species()
    assert photos.area.read_list(path) == 0
    for one in before:
        photos.area.strike_species(one.scientific_name)
    assert photos.area.species() == []
    assert photos.area.read_list(path) == 2
    assert photos.area.species() == before


def test_two_laptops_that_list_the_same_species_have_one_record(workspace: Workspace) -> None:
    one, other = (AreaBook(workspace, ModelPacks(())) for _laptop in range(2))
    one.list_species([SpeciesLine(scientific_name="Cervus nippon")])
    assert other.list_species([SpeciesLine(name="sika", scientific_name="cervus  NIPPON")]) == 1
    with workspace.reading() as data:
        (record,) = data.find(AreaSpecies)
    assert (record.name, record.scientific_name) == ("sika", "cervus NIPPON")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no column name"),
        (b"species\nlynx\n", "no column name"),
        ("name\nрысь\n".encode("cp1251"), "no table in UTF-8"),
        (b"name\n" + b"x" * 300 + b"\n", "too long"),
        (b'name\n"' + b"x" * 200_000 + b'"\n', "no table"),
        (b"name\n" + b"x\n" * 5_000_000, "too large"),
    ],
)
def test_a_table_that_is_no_list_is_refused_and_nothing_is_kept(
    photos: Photos, tmp_path: Path, raw: bytes, words: str
) -> None:
    (tmp_path / "list.csv").write_bytes(raw)
    with pytest.raises(BadInput, match=words):
        photos.area.read_list(tmp_path / "list.csv")
    assert photos.area.species() == []


def test_what_is_not_there_is_said(photos: Photos, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not on the list"):
        photos.area.strike_species("unicorn")
    with pytest.raises(NotFound, match="no meaning"):
        photos.area.unmean("unicorn")
    with pytest.raises(NotFound):
        photos.area.read_list(tmp_path / "none.csv")
    for says, name in (("", "a"), ("a", ""), ("a\nb\x00", "c")):
        with pytest.raises(BadInput):
            photos.area.mean(says, name)
    with pytest.raises(BadInput, match="needs a name"):
        photos.area.list_species([SpeciesLine(note="x")])


def test_without_its_pack_the_names_of_a_result_are_left_as_they_are(
    workspace: Workspace, photos: Photos
) -> None:
    alone = Photos(workspace, packs=ModelPacks(()))
    assert alone.area.rules_of("chain", "1").postprocess == Postprocess()
    (ruled, *_more) = (alone.photo(id_).ruled for id_ in alone.ids(Wanted()))
    assert ruled is not None
    assert (ruled.said, ruled.name) == ("roe", "roe")
