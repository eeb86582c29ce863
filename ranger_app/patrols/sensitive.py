"""Which attributes of an observation tell who somebody is, and so stay at the site unless allowed out."""

from __future__ import annotations

import re

KEYS = frozenset(
    (
        "nameornames",
        "nationalidnumber",
        "phonenumber",
        "name",
        "names",
        "fullname",
        "suspectname",
        "informant",
        "informantname",
        "complainant",
        "address",
        "homeaddress",
        "passportnumber",
        "idnumber",
        "licenseplate",
        "licenceplate",
        "vehicleregistration",
        "dateofbirth",
    )
)
"""As SMART's data models spell them, without underscores, digits at the end and capitals."""
_NOISE = re.compile(r"[^a-z]|\d+$")


def is_sensitive(attribute: str) -> bool:
    """Whether the value of this attribute is about a person."""
    return _NOISE.sub("", attribute.casefold()) in KEYS
