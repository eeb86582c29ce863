"""Knows family, order and class of the genera that camera traps see: a list needs only scientific names.

Our own short table (`resources/taxa/genera.csv`), names in use with the IUCN Red List and SpeciesNet. A genus
that it lacks is told by the columns of a site's list, or by a pack that knows it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from ranger_app.config import resources_dir


@cache
def known_genera() -> Mapping[str, tuple[str, str, str]]:
    """Class, order and family by genus, in small letters."""
    with (resources_dir() / "taxa" / "genera.csv").open(encoding="utf-8", newline="") as file:
        return {row["genus"]: (row["class"], row["order"], row["family"]) for row in csv.DictReader(file)}


def upper_of(scientific_name: str) -> tuple[str, ...]:
    """Class, order and family of a species or genus; nothing when its genus is not known."""
    genus = scientific_name.strip().lower().partition(" ")[0]
    return known_genera().get(genus, ())
