"""SpeciesNet's ensemble, its geofence and its roll-up, each as a table of cases with its answers."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.inference.ensemble import BLANK, HUMAN, UNKNOWN, VEHICLE, combine
from ranger_app.inference.geofence import Fence, Geofence, read_geofence
from ranger_app.inference.packs.manifest import Label
from ranger_app.inference.taxonomy import (
    ANIMAL,
    Taxon,
    Taxonomy,
    read_release,
    release_taxon,
    roll_up,
    taxa_of,
)

RELEASE = """
f1856211-cfb7-4a5b-9158-c0f72fd09ee6;;;;;;blank
990ae9dd-7a59-4344-afcb-1b7b21368000;mammalia;primates;hominidae;homo;sapiens;human
ddf59264-185a-4d35-b647-2785792bdf54;mammalia;carnivora;felidae;panthera;leo;lion
fbb23d07-6677-43db-b650-f99ac452c50f;mammalia;carnivora;felidae;panthera;;panthera species
df8514b0-10a5-411f-8ed6-0f415e8153a3;mammalia;carnivora;felidae;;;cat family
eeeb5d26-2a47-4d01-a3de-10b33ec0aee4;mammalia;carnivora;;;;carnivorous mammal
f2d233e3-80e3-433d-9687-e29ecc7a467a;mammalia;;;;;mammal
330bb1e9-84d6-4e41-afa9-938aee17ea29;mammalia;carnivora;ursidae;ursus;arctos;brown bear
e7f83bf6-df2c-4ce0-97fc-2f233df23ec4;mammalia;carnivora;ursidae;ursus;maritimus;polar bear
85662682-67c1-4ecb-ba05-ba12e2df6b65;mammalia;carnivora;ursidae;ailuropoda;melanoleuca;giant panda
5a0f5e3f-c634-4b86-910a-b105cb526a24;mammalia;carnivora;ursidae;ursus;;ursus species
ec1a70f4-41c0-4aba-9150-292fb2b7a324;mammalia;carnivora;ursidae;;;bear family
"""
BRANCHES = read_release(RELEASE)
TAXONOMY = Taxonomy.of_labels(BRANCHES, release=BRANCHES)
BY_NAME = {taxon.name: taxon for taxon in BRANCHES} | {"blank": BLANK, "human": HUMAN, "vehicle": VEHICLE}
FENCES = {
    "mammalia;carnivora;felidae;panthera;leo": Fence({"KEN": (), "TZA": ()}, {}),
    "mammalia;carnivora;felidae;panthera;": Fence({"KEN": (), "TZA": (), "USA": ("AK", "CA")}, {}),
    "mammalia;carnivora;felidae;;": Fence(
        {"FRA": (), "KEN": (), "TZA": (), "USA": ()}, {"FRA": (), "USA": ("NY",)}
    ),
    "mammalia;carnivora;ursidae;;": Fence({}, {"GBR": ()}),
}


def fence(country: str = "", region: str = "") -> Geofence:
    return Geofence(FENCES, country, region)


def classes(*some: tuple[str, float]) -> list[tuple[Taxon, float]]:
    return [(BY_NAME[name], score) for name, score in some]


# ---- the ensemble's ten rules, in their order


@pytest.mark.parametrize(
    ("kind", "box", "top", "score", "wanted", "source"),
    [
        # 1, 2: human boxes
        ("person", 0.71, "lion", 0.99, "human", "detector"),
        ("person", 0.70, "human", 0.51, "human", "classifier"),
        ("person", 0.21, "vehicle", 0.51, "human", "classifier"),
        ("person", 0.20, "human", 0.99, "unknown", "classifier"),
        ("person", 0.50, "human", 0.50, "unknown", "classifier"),
        # 3: a human in a vehicle, also when the vehicle is sure
        ("vehicle", 0.21, "human", 0.51, "human", "classifier"),
        ("vehicle", 0.90, "human", 0.51, "human", "classifier"),
        # 4, 5: vehicles
        ("vehicle", 0.71, "lion", 0.10, "vehicle", "detector"),
        ("vehicle", 0.30, "vehicle", 0.41, "vehicle", "classifier"),
        ("vehicle", 0.30, "vehicle", 0.40, "unknown", "classifier"),
        # 6: blanks
        ("animal", 0.19, "blank", 0.51, "blank", "classifier"),
        ("animal", 0.20, "blank", 0.98, "unknown", "classifier"),
        ("animal", 0.90, "blank", 0.991, "blank", "classifier"),
        # 7: animals by their class
        ("animal", 0.00, "lion", 0.81, "lion", "classifier"),
        ("animal", 0.21, "lion", 0.66, "lion", "classifier"),
        ("person", 0.69, "lion", 0.81, "lion", "classifier"),
        # 8: … or by a branch, also when the box says otherwise
        ("animal", 0.20, "lion", 0.66, "panthera species", "classifier+rollup_to_genus"),
        ("vehicle", 0.30, "lion", 0.70, "panthera species", "classifier+rollup_to_genus"),
        # 9, 10
        ("animal", 0.51, "lion", 0.10, "animal", "detector"),
        ("animal", 0.50, "lion", 0.10, "unknown", "classifier"),
        ("vehicle", 0.60, "lion", 0.10, "unknown", "classifier"),
    ],
)
def test_rules_of_the_ensemble(
    kind: str, box: float, top: str, score: float, wanted: str, source: str
) -> None:
    answer = combine(kind, box, classes((top, score)), TAXONOMY, fence().refuses)
    assert (answer.taxon.name, answer.source) == (wanted, source)
    assert answer.score == (box if source == "detector" else score)


def test_without_classes_the_box_alone_counts() -> None:
    assert combine("animal", 0.6, [], TAXONOMY, fence().refuses).taxon == ANIMAL
    assert combine("animal", 0.4, [], TAXONOMY, fence().refuses).taxon == UNKNOWN
    assert combine("person", 0.8, [], TAXONOMY, fence().refuses).taxon == HUMAN


# ---- roll-up


@pytest.mark.parametrize(
    ("some", "above", "wanted"),
    [
        ([("brown bear", 0.4), ("polar bear", 0.3)], 0.65, ("ursus species", 0.7, "genus")),
        ([("brown bear", 0.4), ("giant panda", 0.3)], 0.65, ("bear family", 0.7, "family")),
        ([("brown bear", 0.4), ("lion", 0.3)], 0.65, ("carnivorous mammal", 0.7, "order")),
        ([("brown bear", 0.5), ("human", 0.2)], 0.65, None),
        ([("brown bear", 0.3), ("lion", 0.3), ("blank", 0.4)], 0.65, None),
        ([("brown bear", 0.65)], 0.65, None),
        ([("bear family", 0.4), ("brown bear", 0.3)], 0.65, ("bear family", 0.7, "family")),
    ],
)
def test_scores_add_up_at_the_first_level_that_is_sure(
    some: list[tuple[str, float]], above: float, wanted: tuple[str, float, str] | None
) -> None:
    levels = ("genus", "family", "order", "class", "kingdom")
    rolled = roll_up(classes(*some), TAXONOMY, levels=levels, above=above)
    if wanted is None:
        assert rolled is None
    else:
        assert rolled is not None
        assert (rolled.taxon.name, rolled.level) == (wanted[0], wanted[2])
        assert rolled.score == pytest.approx(wanted[1])


@given(st.lists(st.tuples(st.sampled_from(sorted(BY_NAME)), st.floats(0.01, 1)), max_size=8))
def test_a_higher_branch_never_has_a_lower_sum(some: list[tuple[str, float]]) -> None:
    sums = []
    for level in ("genus", "family", "order", "class", "kingdom"):
        rolled = roll_up(classes(*some), TAXONOMY, levels=(level,), above=0)
        sums.append(rolled.score if rolled else 0.0)
    assert all(low <= high + 1e-9 for low, high in pairwise(sums))


def test_a_branch_that_a_release_does_not_name_is_passed_over_and_made_where_there_is_none() -> None:
    bears = [BY_NAME["brown bear"], BY_NAME["polar bear"]]
    strict = Taxonomy.of_labels(bears, release=[BY_NAME["mammal"]])
    assert strict.above(bears[0], "genus") is None
    made = Taxonomy.of_labels(bears).above(bears[0], "family")
    assert made is not None
    assert (made.name, made.rank) == ("Ursidae", "family")


# ---- geofence


@pytest.mark.parametrize(
    ("name", "country", "region", "refused"),
    [
        ("lion", "KEN", "", False),
        ("lion", "USA", "", True),
        ("lion", "", "", False),
        ("panthera species", "USA", "", False),
        ("panthera species", "USA", "CA", False),
        ("panthera species", "USA", "NY", True),
        ("cat family", "FRA", "", True),  # allowed, then blocked
        ("cat family", "USA", "CA", False),
        ("cat family", "USA", "NY", True),
        ("cat family", "DEU", "", True),
        ("bear family", "GBR", "", True),
        ("bear family", "DEU", "", False),
        ("brown bear", "GBR", "", False),  # no fence of its own
    ],
)
def test_allow_counts_before_block(name: str, country: str, region: str, refused: bool) -> None:
    assert fence(country, region).refuses(BY_NAME[name]) is refused


@pytest.mark.parametrize(
    ("country", "wanted", "source"),
    [
        ("KEN", "lion", "classifier"),
        ("USA", "cat family", "classifier+geofence+rollup_to_family"),
        ("FRA", "carnivorous mammal", "classifier+geofence+rollup_to_order"),
    ],
)
def test_what_does_not_occur_goes_up_past_the_genus(country: str, wanted: str, source: str) -> None:
    answer = combine("animal", 0.9, classes(("lion", 0.9)), TAXONOMY, fence(country).refuses)
    assert (answer.taxon.name, answer.source, answer.score) == (wanted, source, 0.9)


def test_after_the_fence_other_classes_of_the_branch_count_too() -> None:
    some = classes(("lion", 0.7), ("brown bear", 0.2))
    answer = combine("animal", 0.9, some, TAXONOMY, fence("FRA").refuses)
    assert answer.taxon.name == "carnivorous mammal"
    assert answer.score == pytest.approx(0.9)


def test_a_geofence_file_reads_as_it_is_written() -> None:
    raw = json.dumps({"Mammalia;carnivora;felidae;;": {"allow": {"USA": ["AK"]}, "block": {"FRA": []}}})
    assert read_geofence(raw.encode()) == {
        "mammalia;carnivora;felidae;;": Fence({"USA": ("AK",)}, {"FRA": ()})
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"a": 1}',
        b'{"a": {"allow": []}}',
        b'{"a": {"allow": {"Kenya": []}}}',
        b'{"a": {"allow": {"KEN": "x"}}}',
        b"[" * 100_000,
        b"x" * (33 * 2**20),
    ],
)
def test_a_geofence_file_of_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        read_geofence(raw)


# ---- taxa


def test_a_release_gives_animals_and_passes_over_the_rest() -> None:
    assert len(BRANCHES) == 11
    assert BY_NAME["brown bear"].scientific == "Ursus arctos"
    assert [BY_NAME[name].rank for name in ("lion", "ursus species", "bear family", "mammal")] == [
        "species",
        "genus",
        "family",
        "class",
    ]
    assert release_taxon("a;b") is None


def test_labels_get_the_upper_branches_of_their_genus() -> None:
    labels = [
        Label(0, "sika", "species", "Cervus nippon"),
        Label(1, "red", "species", lineage=("mammalia", "artiodactyla", "cervidae", "cervus", "elaphus")),
    ]
    taxonomy = Taxonomy.of_labels(taxa_of(labels))
    assert taxonomy.by_id["sika"].lineage == ("mammalia", "artiodactyla", "cervidae", "cervus", "nippon")


def test_a_group_that_is_only_a_part_of_its_branch_does_not_give_it_its_name() -> None:
    felidae = ("mammalia", "carnivora", "felidae", "", "")
    labels = [
        Label(0, "small cat", "species", rank="group", lineage=felidae),
        Label(1, "spotted cat", "species", rank="group", lineage=felidae),
        Label(2, "bear", "species", rank="family", lineage=("mammalia", "carnivora", "ursidae", "", "")),
    ]
    taxonomy = Taxonomy.of_labels(taxa_of(labels))
    small, spotted, bear = (taxonomy.by_id[label.id] for label in labels)
    rolled = roll_up([(small, 0.4), (spotted, 0.4)], taxonomy, levels=("genus", "family"), above=0.65)
    assert rolled is not None
    assert rolled.taxon.name == "Felidae"
    assert taxonomy.above(bear, "family") == bear
