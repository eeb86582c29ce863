"""Says which taxa do not occur in a country, by a geofence file that comes with a pack (SpeciesNet's format).

`{"class;order;family;genus;species": {"allow": {"KEN": []}, "block": {"USA": ["NY"]}}}`: where there is an
allow list, the country must be in it, and its region where regions are listed; then the block list counts.
Countries are ISO 3166-1 alpha-3, regions two letters, so far of the USA only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.taxonomy import Taxon

FILE_BYTES_AT_MOST = 32 * 2**20
COUNTRY_LETTERS = 3

Regions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fence:
    """Where one taxon may be and may not be."""

    allow: Regions
    block: Regions


@dataclass(frozen=True, slots=True)
class Geofence:
    """All fences, and the place that they are held against; without a country nothing is refused."""

    fences: Mapping[str, Fence] = field(default_factory=dict)
    country: str = ""
    region: str = ""

    def refuses(self, taxon: Taxon) -> bool:
        """Whether the taxon does not occur there, as far as the file says."""
        fence = self.fences.get(";".join(taxon.lineage))
        if not self.country or fence is None:
            return False
        if fence.allow:
            if self.country not in fence.allow:
                return True
            regions = fence.allow[self.country]
            if self.region and regions and self.region not in regions:
                return True
        if self.country in fence.block:
            regions = fence.block[self.country]
            return not regions or self.region in regions
        return False


def read_geofence(raw: bytes) -> dict[str, Fence]:
    """The fences in a file. Raises `BadInput` when it is not of that shape."""
    if len(raw) > FILE_BYTES_AT_MOST:
        raise BadInput(_("The geofence file is too large."))
    try:
        said = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadInput(_("The geofence file is no JSON in UTF-8.")) from error
    if not isinstance(said, dict):
        raise _misshapen()
    return {key.lower(): _fence(value) for key, value in said.items()}


def _fence(value: object) -> Fence:
    if not isinstance(value, dict):
        raise _misshapen()
    return Fence(_regions(value.get("allow")), _regions(value.get("block")))


def _regions(value: object) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _misshapen()
    found = {}
    for country, regions in value.items():
        if len(country) != COUNTRY_LETTERS or not isinstance(regions, list):
            raise _misshapen()
        found[country] = tuple(str(region) for region in regions)
    return found


def _misshapen() -> BadInput:
    return BadInput(
        _("The geofence file is not as it should be."),
        _("It names taxa, and for each the countries that allow or block it."),
    )
