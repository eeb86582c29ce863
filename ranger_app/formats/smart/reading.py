"""Reads what SMART exports: patrols, independent incidents and data models, as XML or in a zip.

Names are matched without their namespace, so any version of the form is read; what a version has and this
does not know is kept for the way back.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found import Found, FoundFile
from ranger_app.formats.smart.datamodel import read_model
from ranger_app.formats.smart.patrols import Said, read_incident, read_patrol
from ranger_app.formats.smart.tree import Node, parse
from ranger_app.formats.smart.zips import Zip
from ranger_app.i18n import _
from ranger_app.jobs import Work

_ZIP_START = b"PK\x03\x04"


def read(path: Path, *, work: Work) -> Found:
    """Everything in a SMART export. `BadInput` when it is none, `OSError` when it cannot be read."""
    with path.open("rb") as file:
        if file.read(4) == _ZIP_START:
            return _read_zip(path, work)
        file.seek(0)
        return _read_xml(file, path.name, files={})


def _read_zip(path: Path, work: Work) -> Found:
    with Zip(path) as archive:
        files = archive.files()
        documents = archive.documents()
        if not documents:
            raise BadInput(
                _("There is no SMART document in this zip."),
                _("Export the patrol from SMART again, with “include attachments”."),
            )
        found = Found(format="smart", file_name=path.name)
        for document in work.each(documents, len(documents)):
            one = _read_xml(io.BytesIO(archive.read(document)), document.filename, files=files)
            found = replace(
                found,
                patrols=found.patrols + one.patrols,
                waypoints=found.waypoints + one.waypoints,
                models=found.models + one.models,
                doubts=found.doubts + one.doubts,
                unmapped=found.unmapped | one.unmapped,
            )
    return found


def _read_xml(file: BinaryIO, name: str, *, files: Mapping[str, FoundFile]) -> Found:
    tree = parse(file)
    said = Said(files=files)
    if tree.guessed:
        said.doubt(
            "encoding",
            _("The file's letters are not in the encoding that it declares; look at the names."),
        )
    found = _understand(tree.root, name, said)
    return replace(found, doubts=tuple(said.doubts), unmapped=frozenset(said.unmapped))


def _understand(root: Node, name: str, said: Said) -> Found:
    found = Found(format="smart", file_name=name)
    match root.name:
        case "patrol":
            return replace(found, patrols=(read_patrol(root, said),))
        case "Waypoint" | "waypoint":
            return replace(found, waypoints=(read_incident(root, said),))
        case "DataModel":
            return replace(found, models=(read_model(root, name),))
        case "ConfigurableModel":
            raise BadInput(
                _("This is a SMART configurable model, which tells a phone what to ask."),
                _("Import the data model that it was made from: in SMART, export the data model as XML."),
            )
    raise BadInput(
        _("This is no SMART patrol, incident or data model: its first element is “{name}”.").format(
            name=root.name[:40]
        ),
        _("In SMART, export the patrol as XML and import that."),
    )
