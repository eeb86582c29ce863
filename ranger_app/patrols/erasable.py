"""What of one line of what was seen can be dropped for good, each in words that the line shows."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Observation, Value, Waypoint
from ranger_app.domain.sites import Attachment
from ranger_app.i18n import _
from ranger_app.patrols.reports import Noted, Seen


@dataclass(frozen=True, slots=True)
class Erasable:
    """One value of one record."""

    kind: str
    record_id: Id
    field: str
    words: str


def erasable(noted: Noted, seen: Seen | None) -> list[Erasable]:
    """The sensitive values, free words, files and the place of a line; plain values are not among them."""
    found = []
    if seen is not None:
        values = seen.ids[1:]
        for said, id_ in zip(seen.said, values, strict=True):
            if said.sensitive and said.is_there:
                found.append(Erasable(Value.NAME, id_, "text", f"{said.attribute}: {said.value}"))
        if seen.observation.comment:
            words = _("Remark: {text}").format(text=seen.observation.comment)
            found.append(Erasable(Observation.NAME, seen.observation.id, "comment", words))
    if noted.waypoint.comment:
        words = _("Remark on the place: {text}").format(text=noted.waypoint.comment)
        found.append(Erasable(Waypoint.NAME, noted.waypoint.id, "comment", words))
    for one in noted.files:
        if one.file_name:
            words = _("File: {name}").format(name=one.file_name)
            found.append(Erasable(Attachment.NAME, one.id, "file", words))
    if noted.waypoint.lon is not None:
        found.append(Erasable(Waypoint.NAME, noted.waypoint.id, "lon", _("The place on the map")))
    return found
