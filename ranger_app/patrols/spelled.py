"""Words for an attribute that its data model gives no name: what SMART spells in one, and any other key."""

from __future__ import annotations

import re

from ranger_app.i18n import N_, _

_SMART = {
    "nameornames": N_("Name or names"),
    "nationalidnumber": N_("National ID number"),
    "phonenumber": N_("Phone number"),
    "fullname": N_("Full name"),
    "suspectname": N_("Name of the suspect"),
    "suspectphone": N_("Phone number of the suspect"),
    "informantname": N_("Name of the informant"),
    "complainantname": N_("Name of the complainant"),
    "homeaddress": N_("Home address"),
    "passportnumber": N_("Passport number"),
    "idnumber": N_("ID number"),
    "licenseplate": N_("Licence plate"),
    "licenceplate": N_("Licence plate"),
    "vehicleregistration": N_("Registration of the vehicle"),
    "dateofbirth": N_("Date of birth"),
}
"""By the key without capitals and signs, as `domain.seeing.PEOPLE` has them."""
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\s]+")


def spelled(key: str) -> str:
    """A key of an attribute as a person would write it: `suspect_name_2` is "Name of the suspect 2"."""
    own = key.rstrip(".").rpartition(".")[2]
    parts = [part for part in _HUMPS.split(own) if part]
    number = parts.pop() if len(parts) > 1 and parts[-1].isdecimal() else ""
    known = _SMART.get("".join(parts).casefold())
    words = _(known) if known else " ".join(part if part.isupper() else part.lower() for part in parts)
    return f"{words[:1].upper()}{words[1:]} {number}".strip() or key
