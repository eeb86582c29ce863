"""The species groups that the bundled classifier names, in their order, and ImageNet's words for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """One output of the classifier. `words` are ImageNet-1k classes, 0..999; a group may have none.

    Marsupials, the armadillo and the sloth stand for the small mammals that ImageNet has no word for. The
    words for reptiles are left out: they answer to any texture of leaves.
    """

    id: str
    words: tuple[int, ...]
    name_en: str
    name_fr: str


# fmt: off
GROUPS = (
    Group("big_spotted_cat", (288, 289, 290, 293), "Leopard, jaguar, cheetah", "Léopard, jaguar, guépard"),
    Group("lion", (291,), "Lion", "Lion"),
    Group("puma", (286,), "Puma", "Puma"),
    Group("tiger", (292,), "Tiger", "Tigre"),
    Group("small_cat", (281, 282, 283, 284, 285, 287), "Small or medium cat", "Petit félin"),
    Group("bear", (294, 295, 296, 297, 388), "Bear", "Ours"),
    Group("pig_peccary", (341, 342, 343), "Pig or peccary", "Sanglier, phacochère ou pécari"),
    Group("deer_antelope", tuple(range(348, 354)), "Deer, antelope or goat", "Cerf, antilope ou chèvre"),
    Group("large_bovid", (345, 346, 347), "Cattle, buffalo or wildebeest", "Bovin, buffle ou gnou"),
    Group("canid", (*range(151, 276), *range(277, 281)), "Dog, fox or wolf", "Chien, renard ou loup"),
    Group("hyena", (276,), "Hyena or aardwolf", "Hyène ou protèle"),
    Group("small_carnivore", (298, 299, 387, *range(356, 363)),
          "Marten, badger or raccoon", "Martre, blaireau ou raton laveur"),
    Group("hare_rabbit", (330, 331, 332), "Hare or rabbit", "Lièvre ou lapin"),
    Group("rodent_other_small", (*range(102, 107), *range(333, 339), 363, 364),
          "Rodent or small mammal", "Rongeur ou petit mammifère"),
    Group("elephant", (101, 385, 386), "Elephant", "Éléphant"),
    Group("giraffe", (), "Giraffe", "Girafe"),
    Group("zebra", (339, 340), "Zebra, horse or donkey", "Zèbre, cheval ou âne"),
    Group("hippo_rhino", (344,), "Hippopotamus or rhinoceros", "Hippopotame ou rhinocéros"),
    Group("primate", tuple(range(365, 385)), "Monkey or ape", "Singe"),
    Group("aardvark", (), "Aardvark", "Oryctérope"),
    Group("bird", (*range(7, 25), *range(80, 101), *range(127, 147)), "Bird", "Oiseau"),
    Group("reptile_other", (), "Reptile, amphibian or other", "Reptile, amphibien ou autre"),
)
# fmt: on
WORD_COUNT = sum(len(group.words) for group in GROUPS)
PLACE = {group.id: place for place, group in enumerate(GROUPS)}

BRANCHES = {
    "big_spotted_cat": ("group", "mammalia carnivora felidae"),
    "lion": ("species", "mammalia carnivora felidae panthera leo"),
    "puma": ("species", "mammalia carnivora felidae puma concolor"),
    "tiger": ("species", "mammalia carnivora felidae panthera tigris"),
    "small_cat": ("group", "mammalia carnivora felidae"),
    "bear": ("family", "mammalia carnivora ursidae"),
    "pig_peccary": ("group", "mammalia artiodactyla"),
    "deer_antelope": ("group", "mammalia artiodactyla"),
    "large_bovid": ("group", "mammalia artiodactyla bovidae"),
    "canid": ("family", "mammalia carnivora canidae"),
    "hyena": ("family", "mammalia carnivora hyaenidae"),
    "small_carnivore": ("group", "mammalia carnivora"),
    "hare_rabbit": ("family", "mammalia lagomorpha leporidae"),
    "rodent_other_small": ("group", "mammalia"),
    "elephant": ("family", "mammalia proboscidea elephantidae"),
    "giraffe": ("genus", "mammalia artiodactyla giraffidae giraffa"),
    "zebra": ("genus", "mammalia perissodactyla equidae equus"),
    "hippo_rhino": ("group", "mammalia"),
    "primate": ("order", "mammalia primates"),
    "aardvark": ("species", "mammalia tubulidentata orycteropodidae orycteropus afer"),
    "bird": ("class", "aves"),
    "reptile_other": ("group", ""),
}
"""The rank of each group, and class, order, family, genus and species as far as all of it has them; a `group`
is only a part of that branch."""
