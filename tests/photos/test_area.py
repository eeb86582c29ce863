"""What a site knows changes what is shown of a model's word, and every change names its rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.config import models_dir
from ranger_app.inference.geofence import Fence, Geofence
from ranger_app.inference.packs.manifest import Label, Postprocess
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.taxonomy import Taxonomy, taxa_of
from ranger_app.photos.area.pack_rules import rules_of_pack
from ranger_app.photos.area.rules import (
    Knowledge,
    Listed,
    Meaning,
    PackRules,
    Ruled,
    ruler,
    summed,
)


def label(place: int, id_: str, lineage: str, role: str = "species") -> Label:
    return Label(place, id_, role, lineage=tuple((lineage.split() + [""] * 5)[:5]))


LABELS = [
    label(0, "European roe deer", "mammalia artiodactyla cervidae capreolus capreolus"),
    label(1, "sika deer", "mammalia artiodactyla cervidae cervus nippon"),
    label(2, "red deer", "mammalia artiodactyla cervidae cervus elaphus"),
    label(3, "giraffe", "mammalia artiodactyla giraffidae giraffa camelopardalis"),
    label(4, "leopard", "mammalia carnivora felidae panthera pardus"),
    label(5, "lion", "mammalia carnivora felidae panthera leo"),
    label(6, "big cat", "mammalia carnivora felidae panthera"),
    Label(7, "something", "species"),
    Label(8, "nothing", "blank"),
]
PACK = PackRules(Taxonomy.of_labels(taxa_of(LABELS)))
ROE = Meaning("European roe deer", "Siberian roe deer", "Capreolus pygargus")
PRIMORYE = Knowledge(
    species=(
        Listed("Siberian roe deer", "Capreolus pygargus"),
        Listed("sika deer", "Cervus nippon"),
        Listed("Amur leopard", "Panthera pardus orientalis"),
        Listed("tiger", "Panthera tigris"),
    ),
    meanings=(ROE,),
)


def ruled(
    *groups: tuple[str, float],
    knowledge: Knowledge = PRIMORYE,
    pack: PackRules = PACK,
    kind: str = "animal",
    box: float = 0.9,
) -> Ruled:
    found = ruler(pack, knowledge)(groups, kind=kind, box=box)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("groups", "name", "score", "rules"),
    [
        # Nothing to change.
        ([("sika deer", 0.9)], "sika deer", 0.9, []),
        # A word that means another animal here.
        ([("European roe deer", 0.8)], "Siberian roe deer", 0.8, ["meaning"]),
        # Not on the list: up to the lowest branch of which something is.
        ([("red deer", 0.9)], "Cervus", 0.9, ["list"]),
        ([("lion", 0.9)], "big cat", 0.9, ["list"]),
        ([("giraffe", 0.9)], "Artiodactyla", 0.9, ["list"]),
        # A guess becomes the branch on which the scores add up.
        ([("sika deer", 0.4), ("red deer", 0.3)], "Cervus", 0.7, ["rollup"]),
        ([("sika deer", 0.4), ("European roe deer", 0.3)], "Cervidae", 0.7, ["rollup"]),
        ([("European roe deer", 0.4), ("sika deer", 0.3)], "Cervidae", 0.7, ["meaning", "rollup"]),
        ([("giraffe", 0.5), ("sika deer", 0.3)], "Artiodactyla", 0.8, ["list"]),
        # What does not occur adds up on a branch, and outweighs the likeliest.
        ([("sika deer", 0.35), ("lion", 0.3), ("giraffe", 0.2)], "sika deer", 0.35, []),
        ([("leopard", 0.3), ("red deer", 0.25), ("giraffe", 0.2)], "leopard", 0.3, []),
        # Too little on any branch: the likeliest stays as it is.
        ([("sika deer", 0.4), ("leopard", 0.2)], "sika deer", 0.4, []),
        # A label that says nothing of its branch is left alone.
        ([("something", 0.9)], "something", 0.9, []),
        ([("nothing", 0.9)], "nothing", 0.9, []),
        # A label that the pack does not have, too.
        ([("no such label", 0.9)], "no such label", 0.9, []),
        # Written out by another program.
        (
            [("990ae9dd;mammalia;carnivora;felidae;panthera;onca;jaguar", 0.9)],
            "big cat",
            0.9,
            ["list"],
        ),
    ],
)
def test_what_the_site_makes_of_it(
    groups: list[tuple[str, float]], name: str, score: float, rules: list[str]
) -> None:
    found = ruled(*groups)
    assert (found.name, [step.rule for step in found.steps]) == (name, rules)
    assert found.score == pytest.approx(score)
    assert found.said_score == groups[0][1]
    assert found.changed is bool(rules)


def test_every_step_says_why_in_words() -> None:
    words = [
        step.words
        for groups in ([("giraffe", 0.9)], [("European roe deer", 0.4), ("sika deer", 0.3)])
        for step in ruled(*groups).steps
    ]
    assert words == [
        "giraffe is not on the list of this site",
        "here “European roe deer” means Siberian roe deer",
        "unsure of Siberian roe deer; the scores on Cervidae add up",
    ]


def test_without_a_list_nothing_is_refused() -> None:
    assert ruled(("giraffe", 0.9), knowledge=Knowledge()).name == "giraffe"


def test_a_meaning_is_found_by_id_name_or_scientific_name_whatever_the_case() -> None:
    for says in ("EUROPEAN ROE DEER", "capreolus capreolus"):
        knowledge = Knowledge(meanings=(replace(ROE, says=says),))
        found = ruled(("European roe deer", 0.9), knowledge=knowledge)
        assert (found.name, found.scientific, found.rank) == (
            "Siberian roe deer",
            "Capreolus pygargus",
            "species",
        )


def test_two_labels_that_mean_the_same_are_one() -> None:
    knowledge = Knowledge(
        meanings=(Meaning("red deer", "deer", "Cervus nippon"), Meaning("sika deer", "deer", "Cervus nippon"))
    )
    found = ruled(("red deer", 0.4), ("sika deer", 0.35), knowledge=knowledge)
    assert found.name == "deer"
    assert found.score == pytest.approx(0.75)


def test_a_list_may_say_only_names() -> None:
    knowledge = Knowledge(species=(Listed("giraffe", ""),))
    assert not ruled(("giraffe", 0.9), knowledge=knowledge).changed


def test_a_fence_of_the_pack_counts_beside_the_list() -> None:
    fences = {"mammalia;carnivora;felidae;panthera;leo": Fence({"KEN": ()}, {})}
    pack = replace(PACK, fence=Geofence(fences))
    found = ruled(("lion", 0.9), pack=pack, knowledge=Knowledge(country="RUS"))
    assert (found.name, [step.rule for step in found.steps]) == ("big cat", ["geofence"])
    assert not ruled(("lion", 0.9), pack=pack, knowledge=Knowledge(country="KEN")).changed
    assert not ruled(("lion", 0.9), pack=pack, knowledge=Knowledge()).changed


def test_the_ensemble_holds_the_list_of_the_site_like_a_fence() -> None:
    pack = replace(PACK, postprocess=Postprocess(ensemble="speciesnet_v4"))
    found = ruled(("lion", 0.9), pack=pack)
    assert (found.name, [step.rule for step in found.steps]) == ("Felidae", ["list"])
    found = ruled(("nothing", 0.995), pack=pack)
    assert found.name == "blank"
    found = ruled(("sika deer", 0.3), pack=pack, kind="person", box=0.8)
    assert (found.name, [step.rule for step in found.steps]) == ("human", ["ensemble"])


def test_a_detector_alone_has_nothing_to_rule_over() -> None:
    groups = [("animal", 0.9), ("empty", 0.1)]
    assert ruler(PACK, PRIMORYE)(groups, kind="animal", box=0.9) is None


def test_the_table_counts_what_was_said_and_made() -> None:
    some = [ruled(("red deer", 0.9)), ruled(("red deer", 0.8)), ruled(("sika deer", 0.9))]
    assert summed(some) == {("red deer", "Cervus", "list"): 2, ("sika deer", "sika deer", ""): 1}


names = st.sampled_from([one.id for one in LABELS])


@given(st.dictionaries(names, st.floats(0.001, 1), min_size=1, max_size=6))
def test_rules_are_pure_and_never_invent_a_score(scores: dict[str, float]) -> None:
    total = sum(scores.values())
    groups = sorted(((name, score / total) for name, score in scores.items()), key=lambda one: -one[1])
    once, again = ruled(*groups), ruled(*groups)
    assert once == again
    assert 0 < once.score <= 1
    assert once.score >= max(score for _name, score in groups) - 1e-9 or once.steps


def test_a_branch_that_outweighs_the_likeliest_says_so() -> None:
    some = label(9, "elephant", "mammalia proboscidea elephantidae")
    other = label(10, "zebra", "mammalia perissodactyla equidae")
    pack = PackRules(Taxonomy.of_labels(taxa_of([*LABELS, some, other])))
    found = ruled(("sika deer", 0.3), ("elephant", 0.25), ("zebra", 0.2), pack=pack)
    assert (found.name, [step.rule for step in found.steps]) == ("Mammalia", ["rollup"])


@given(st.dictionaries(names, st.floats(0.001, 1), min_size=1, max_size=6))
def test_nothing_is_changed_without_saying_by_which_rule(scores: dict[str, float]) -> None:
    groups = sorted(scores.items(), key=lambda one: -one[1])
    found = ruled(*groups)
    assert (found.name == found.said) or found.steps


@pytest.mark.parametrize(
    ("group", "here"),
    [
        ("elephant", "Mammalia"),
        ("giraffe", "Artiodactyla"),
        ("zebra", "Mammalia"),
        ("deer_antelope", "Deer, antelope or goat"),
        ("small_cat", "Small or medium cat"),
        ("tiger", "Tiger"),
        ("lion", "Panthera"),
        ("bear", "Carnivora"),
        ("bird", "animal"),
        ("reptile_other", "Reptile, amphibian or other"),
    ],
)
def test_the_bundled_groups_stand_where_a_sites_list_finds_them(group: str, here: str) -> None:
    pack = rules_of_pack(read_pack(models_dir() / "ranger-groups"), {})
    listed = (
        Listed("tiger", "Panthera tigris", ("mammalia", "carnivora", "felidae")),
        Listed("roe deer", "Capreolus pygargus", ("mammalia", "artiodactyla", "cervidae")),
    )
    assert ruled((group, 0.9), pack=pack, knowledge=Knowledge(species=listed)).name == here
