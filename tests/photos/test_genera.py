"""The table of genera is whole and says each genus once."""

from __future__ import annotations

import re

import pytest

from ranger_app.photos.area.genera import known_genera, upper_of


def test_every_line_is_a_genus_with_family_order_and_class() -> None:
    genera = known_genera()
    assert len(genera) > 400
    for genus, (class_, order, family) in genera.items():
        assert all(re.fullmatch("[a-z]+", word) for word in (genus, class_, order, family))
        assert family.endswith("idae")
    orders = {order: class_ for class_, order, _family in genera.values()}
    families = {family: order for _class, order, family in genera.values()}
    assert all(
        (orders[order], families[family]) == (class_, order) for class_, order, family in genera.values()
    )


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Panthera tigris altaica", "felidae"),
        ("Ursus", "ursidae"),
        ("capreolus pygargus", "cervidae"),
        ("Martes zibellina", "mustelidae"),
        ("Nobody knows", ""),
        ("", ""),
    ],
)
def test_a_name_leads_to_its_family(name: str, family: str) -> None:
    assert (upper_of(name) or ("", "", ""))[2] == family
