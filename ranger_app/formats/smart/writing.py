"""Writes SMART patrol XML, as one document or as a zip with attachments, with all that was kept of it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ranger_app.domain.errors import Refused
from ranger_app.domain.found import Found, FoundFile, FoundWaypoint, Written
from ranger_app.formats.smart.elements import incident_element, patrol_element
from ranger_app.formats.smart.tree import as_text
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Work

_UNSAFE = re.compile(r"[^\w.-]+")


def write(found: Found, path: Path, *, work: Work) -> Written:
    """Patrols and incidents: into a `.zip` any number with attachments, into anything else exactly one.

    `Refused` when several do not go into one XML file.
    """
    documents = [
        *((f"patrol_{n}_{_safe(p.number)}.xml", patrol_element(p)) for n, p in enumerate(found.patrols, 1)),
        *((f"incident_{n}.xml", incident_element(w)) for n, w in enumerate(found.waypoints, 1)),
    ]
    files = list(_files(found))
    left_out = list(_left_out(found))
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, element in work.each(documents, len(documents)):
                archive.writestr(name, as_text(element))
            for name, file in _named(files).items():
                archive.writestr(name, file.read())
    else:
        if len(documents) != 1:
            raise Refused(
                ngettext(
                    "There is {count} patrol or incident, and one SMART document holds exactly one.",
                    "There are {count} patrols and incidents, and one SMART document holds exactly one.",
                    len(documents),
                ).format(count=len(documents)),
                _("Give the output a name that ends in .zip, or choose a shorter period."),
            )
        if files:
            left_out.append(
                ngettext(
                    "{count} attachment: only a .zip has room for it.",
                    "{count} attachments: only a .zip has room for them.",
                    len(files),
                ).format(count=len(files))
            )
            files = []
        path.write_text(as_text(documents[0][1]), encoding="utf-8")
    return Written(counts=_counts(found, len(files)), left_out=tuple(left_out))


def _waypoints(found: Found) -> Iterator[FoundWaypoint]:
    for patrol in found.patrols:
        for leg in patrol.legs:
            for day in leg.days:
                yield from day.waypoints
    yield from found.waypoints


def _files(found: Found) -> Iterator[FoundFile]:
    for waypoint in _waypoints(found):
        yield from waypoint.files
        for observation in waypoint.observations:
            yield from observation.files


def _named(files: list[FoundFile]) -> dict[str, FoundFile]:
    """Each file once, by a bare name that no system can take for a path."""
    return {_safe(file.name) or f"file_{n}": file for n, file in enumerate(files, 1)}


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip("._")[:120]


def _counts(found: Found, files: int) -> dict[str, int]:
    waypoints = list(_waypoints(found))
    days = [day for p in found.patrols for leg in p.legs for day in leg.days]
    return {
        "patrol": len(found.patrols),
        "leg_day": len(days),
        "track": sum(len(day.tracks) for day in days),
        "waypoint": len(waypoints),
        "observation": sum(len(w.observations) for w in waypoints),
        "attachment": files,
    }


def _left_out(found: Found) -> Iterator[str]:
    if found.tracks:
        yield ngettext(
            "{count} track without a date: SMART keeps tracks by day.",
            "{count} tracks without a date: SMART keeps tracks by day.",
            len(found.tracks),
        ).format(count=len(found.tracks))
    if found.routes:
        yield ngettext(
            "{count} planned route: SMART's patrol form has no place for it.",
            "{count} planned routes: SMART's patrol form has no place for them.",
            len(found.routes),
        ).format(count=len(found.routes))
    heights = sum(
        1
        for patrol in found.patrols
        for leg in patrol.legs
        for day in leg.days
        for track in day.tracks
        if any(height == height for height in track.fixes.elevation_m)
    )
    if heights:
        yield ngettext(
            "Elevations of {count} track: SMART keeps the time of a fix in their place.",
            "Elevations of {count} tracks: SMART keeps the time of a fix in their place.",
            heights,
        ).format(count=heights)
