"""Reads the classes of a pack: a CSV in UTF-8, one line a class, which a spreadsheet can edit."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Any

from ranger_app.i18n import _
from ranger_app.inference.packs.manifest import LABEL_ROLES, Label
from ranger_app.inference.packs.toml_table import Complaints

LABELS_AT_MOST = 50_000
CELL_CHARS_AT_MOST = 500
NEEDED = ("index", "id", "role")
LINEAGE = ("class", "order", "family", "genus", "species")
KNOWN = (*NEEDED, "scientific", "rank", "gbif_key", "wi_uuid", *LINEAGE)


def read_labels(raw: bytes, complaints: Complaints) -> tuple[Label, ...]:
    """The classes in the order of their index, which must run 0, 1, 2, … without a gap.

    Columns: index, id, role (animal, human, vehicle, blank, unknown, species), and if wanted scientific,
    rank, gbif_key, wi_uuid, class, order, family, genus, species and name_en, name_ru, …
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        complaints.say(_("is not UTF-8 text; save it again as UTF-8"))
        return ()
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = list(reader.fieldnames or ())
        if missing := [name for name in NEEDED if name not in columns]:
            complaints.say(_("has no column {columns}").format(columns=", ".join(missing)))
            return ()
        for name in columns:
            if name not in KNOWN and not name.startswith("name_"):
                text = _("has a column “{column}” that this Ranger does not know")
                complaints.say(text.format(column=name[:60]))
        first = islice(reader, LABELS_AT_MOST)
        labels = [_label(row, place, complaints) for place, row in enumerate(first)]
        if next(reader, None) is not None:
            complaints.say(_("has more than {count} lines").format(count=LABELS_AT_MOST))
    except csv.Error as error:
        complaints.say(_("is not a table of values ({reason})").format(reason=error))
        return ()
    if not labels:
        complaints.say(_("names no class"))
    ids = [label.id for label in labels]
    if len(set(ids)) < len(ids):
        complaints.say(_("has the same id on two lines"))
    return tuple(labels)


def _label(row: dict[str, Any], place: int, complaints: Complaints) -> Label:
    # A line with too few cells has None for the others; one with too many has a list under None.
    cells = {str(key): value.strip() for key, value in row.items() if isinstance(value, str)}
    line = place + 2  # as a person counts, under the line with the names of the columns
    if any(len(value) > CELL_CHARS_AT_MOST for value in cells.values()):
        complaints.say(_("line {line} is too long").format(line=line))
    if cells.get("index") != str(place):
        complaints.say(_("line {line} must have the index {place}").format(line=line, place=place))
    if not cells.get("id"):
        complaints.say(_("line {line} has no id").format(line=line))
    role = cells.get("role", "")
    if role not in LABEL_ROLES:
        choice = ", ".join(LABEL_ROLES)
        complaints.say(_("the role on line {line} must be one of {choice}").format(line=line, choice=choice))
    lineage = tuple(cells.get(level, "").lower() for level in LINEAGE)
    return Label(
        index=place,
        id=cells.get("id", ""),
        role=role,
        scientific=cells.get("scientific", ""),
        rank=cells.get("rank", ""),
        gbif_key=cells.get("gbif_key", ""),
        wi_uuid=cells.get("wi_uuid", ""),
        lineage=lineage if any(lineage) else (),
        names=tuple((key[5:], value) for key, value in cells.items() if key.startswith("name_") and value),
    )
