"""Records, fields and values in a reader's words, for what is said of differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from ranger_app.domain.assessments import Action, Answer, Assessment, Evidence, EvidenceLink
from ranger_app.domain.fields import FieldSpec, Form, Record
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Leg, LegDay, Observation, Patrol, PatrolPlan, Track, Value, Waypoint
from ranger_app.domain.photos import CameraStation, ClockCorrection, Deployment, Label, Photo
from ranger_app.domain.photos import Sequence as Run
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Attachment, Device, Person, Site
from ranger_app.i18n import N_, _, day, moment, number
from ranger_app.patrols.spelled import spelled
from ranger_app.storage.differences.differing import StandingValue
from ranger_app.storage.reading import Reading

LIST_SHOWN_AT_MOST = 20
SAID_AT_MOST, SAID_LETTERS = 6, 60  # fields of a record that was made, and letters of each
_NOT_TOLD = (Form.ID, Form.BYTES, Form.FILE, Form.DATA)
BYTES_SHOWN = 4  # of what no words can say, enough to tell two apart

KINDS = {
    "site": N_("Site"),
    "person": N_("Person"),
    "device": N_("Laptop"),
    "attachment": N_("File"),
    "data_model": N_("Data model"),
    "patrol_plan": N_("Plan"),
    "patrol": N_("Patrol"),
    "leg": N_("Leg"),
    "leg_day": N_("Day"),
    "track": N_("Track"),
    "waypoint": N_("Waypoint"),
    "observation": N_("Observation"),
    "value": N_("Value"),
    "camera_station": N_("Camera station"),
    "deployment": N_("Deployment"),
    "clock_correction": N_("Clock correction"),
    "sequence": N_("Sequence"),
    "photo": N_("Photo"),
    "detection": N_("Detection"),
    "label": N_("Label"),
    "assessment": N_("Assessment"),
    "answer": N_("Indicator"),
    "evidence": N_("Evidence"),
    "evidence_link": N_("Citation"),
    "action": N_("Action"),
}
FIELDS = {
    "deleted": N_("removed, and worked on"),
    "position": N_("position"),
    "number": N_("number"),
    "title": N_("title"),
    "name": N_("name"),
    "comment": N_("comment"),
    "narrative": N_("narrative"),
    "gap": N_("what is lacking"),
    "gap_type": N_("kind of gap"),
    "rating": N_("rating"),
    "confidence": N_("confidence"),
    "not_applicable_reason": N_("why it does not apply"),
    "objective": N_("objective"),
    "mandate": N_("mandate"),
    "team": N_("team"),
    "station": N_("station"),
    "starts_on": N_("first day"),
    "ends_on": N_("last day"),
    "starts_local": N_("begin"),
    "ends_local": N_("end"),
    "rest_s": N_("rest"),
    "stated_distance_m": N_("distance"),
    "armed": N_("armed"),
    "patrol_type": N_("kind of patrol"),
    "transport": N_("transport"),
    "category": N_("what was seen"),
    "text": N_("text"),
    "flag": N_("yes or no"),
    "items": N_("choice"),
    "notes": N_("notes"),
    "habitat": N_("habitat"),
    "caption": N_("caption"),
    "what": N_("what is to be done"),
    "owner": N_("who does it"),
    "due_on": N_("until when"),
    "success": N_("how it will show"),
    "page": N_("page"),
    "note": N_("note"),
    "author": N_("author"),
    "dated_on": N_("date"),
    "language": N_("language"),
    "time_zone": N_("time zone"),
    "at": N_("time"),
    "at_local": N_("time"),
}
CODES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("answer", "rating"): {
        "met": N_("Met"),
        "partly": N_("Partly met"),
        "not_met": N_("Not met"),
        "not_applicable": N_("Does not apply"),
        "not_yet_assessed": N_("Not yet assessed"),
    },
    ("answer", "confidence"): {"low": N_("Low"), "medium": N_("Medium"), "high": N_("High")},
    ("answer", "gap_type"): {
        "no_document": N_("No document"),
        "old": N_("Too old"),
        "no_data": N_("No data"),
        "decision_needed": N_("Decision needed"),
    },
    ("evidence", "confidentiality"): {
        "public": N_("Public"),
        "assessor": N_("For the assessor"),
        "site": N_("Stays at the site"),
    },
    ("patrol", "patrol_type"): {
        "GROUND": N_("On land"),
        "MARINE": N_("On water"),
        "AIR": N_("In the air"),
        "MIXED": N_("Mixed"),
    },
}
"""Fields that hold one of a few codes, by kind and name, with the words of each."""
TRIPS: Mapping[str, tuple[tuple[str, type[Record]], ...]] = {
    "leg": (("patrol_id", Patrol),),
    "leg_day": (("patrol_id", Patrol),),
    "track": (("patrol_id", Patrol),),
    "waypoint": (("patrol_id", Patrol),),
    "observation": (("patrol_id", Patrol), ("waypoint_id", Waypoint)),
    "value": (("observation_id", Observation),),
    "attachment": (("owner_id", Waypoint), ("owner_id", Observation)),
    "answer": (("assessment_id", Assessment),),
    "action": (("assessment_id", Assessment),),
    "evidence_link": (("answer_id", Answer),),
    "deployment": (("station_id", CameraStation),),
    "clock_correction": (("deployment_id", Deployment),),
    "sequence": (("station_id", CameraStation),),
    "photo": (("station_id", CameraStation),),
    "label": (("photo_id", Photo),),
}
"""Whose record a record is seen with, by the first of these fields that names one."""
MAX_STEPS = 6


class Names:
    """What records are called, looked up once each."""

    def __init__(self, data: Reading) -> None:
        self._data = data
        self._found: dict[tuple[str, Id], Record | None] = {}

    def record(self, kind: str, id_: Id) -> str:
        """A record in a reader's words, such as “Patrol KRU-07-0123, Koshka valley”."""
        found = self._get(kind, id_)
        what = kind_words(kind)
        said = _SAY[type(found)](found) if found is not None and type(found) in _SAY else ""
        return f"{what} {said}" if said else f"{what} {id_text(id_)[:8]}"

    def trip(self, kind: str, id_: Id) -> tuple[str, Id, str]:
        """What a record is seen with: kind, id and words; itself where it stands alone."""
        for _step in range(MAX_STEPS):
            above = self._above(kind, id_)
            if above is None:
                break
            kind, id_ = above
        return kind, id_, self.record(kind, id_)

    def indicator(self, kind: str, id_: Id) -> str:
        """The code of the indicator that a record is about; empty where it is about none."""
        found = self._get(kind, id_)
        if isinstance(found, EvidenceLink):
            found = self._get(Answer.NAME, found.answer_id)
        return found.indicator if isinstance(found, Answer | Action) else ""

    def _above(self, kind: str, id_: Id) -> tuple[str, Id] | None:
        found = self._get(kind, id_)
        for field, cls in TRIPS.get(kind, ()) if found is not None else ():
            named = getattr(found, field)
            if named is not None and self._get(cls.NAME, named) is not None:
                return cls.NAME, named
        return None

    def _get(self, kind: str, id_: Id) -> Record | None:
        if (kind, id_) not in self._found:
            self._found[kind, id_] = self._data.get(BY_NAME[kind].cls, id_, hidden_too=True)
        return self._found[kind, id_]


def _day_of(one: LegDay) -> str:
    return day(one.day)


def _place_of(one: Waypoint) -> str:
    return " ".join(filter(None, (one.number, one.name)))


_SAY: Mapping[type[Record], Callable[[Any], str]] = {
    Site: lambda one: one.name,
    Person: lambda one: one.name,
    Device: lambda one: one.name,
    Attachment: lambda one: one.file_name,
    PatrolPlan: lambda one: one.title,
    Patrol: lambda one: ", ".join(filter(None, (one.number, one.title))),
    Leg: lambda one: one.label or number(one.number),
    LegDay: _day_of,
    Track: lambda one: one.name,
    Waypoint: _place_of,
    Observation: lambda one: one.category.strip(".").rpartition(".")[2].replace("_", " "),
    Value: lambda one: spelled(one.attribute),
    CameraStation: lambda one: one.name,
    Deployment: lambda one: one.camera,
    ClockCorrection: lambda one: one.reason,
    Run: lambda one: moment(one.starts_local) if one.starts_local else "",
    Photo: lambda one: one.file_name,
    Label: lambda one: one.name or one.type,
    Assessment: lambda one: one.title or one.pack_id,
    Answer: lambda one: one.indicator,
    Evidence: lambda one: one.title,
    EvidenceLink: lambda one: one.page,
    Action: lambda one: f"{one.indicator}: {one.what}",
}


def kind_words(kind: str) -> str:
    """A kind of record as people say it."""
    return _(KINDS[kind]) if kind in KINDS else kind.replace("_", " ").capitalize()


def field_words(field: str) -> str:
    """A field as people say it."""
    return _(FIELDS[field]) if field in FIELDS else field.replace("_", " ")


def value_words(fields: Sequence[FieldSpec], value: Any) -> str:
    """A value as people read it."""
    if len(fields) > 1:
        return ", ".join(_one(field, value.get(field.name)) for field in reversed(fields))
    return _one(fields[0], value)


def said_words(kind: str, said: Mapping[str, Any]) -> str:
    """What was said of a record that was made, in short: not what only names other records."""
    fields = {field.name: field for field in BY_NAME[kind].fields}
    told = (
        f"{field_words(name)}: {_one(fields[name], value)[:SAID_LETTERS]}"
        for name, value in said.items()
        if name in fields and fields[name].form not in _NOT_TOLD and value not in ("", (), [], {})
    )
    return ", ".join(islice(told, SAID_AT_MOST))


def code_words(kind: str, field: str, value: Any) -> str | None:
    """The words of a code, such as a rating; None where it is no code."""
    known = CODES.get((kind, field), {})
    return _(known[value]) if value in known else None


def removal_words(one: StandingValue, kind: str) -> str:
    """One side of a record that was removed while somebody worked on it."""
    if one.value:
        return _("Removed: {reason}").format(reason=one.about) if one.about else _("Removed")
    if one.about in BY_NAME:
        return _("Worked on: “{kind}” was added").format(kind=kind_words(one.about))
    return _("Worked on: “{field}” was changed").format(field=field_words(one.about))


def _one(field: FieldSpec, value: Any) -> str:
    if value is None or value == "":
        return _("(nothing)")
    if isinstance(value, Unseen):
        return _("(not shown to you)")
    match field.form:
        case Form.FLAG:
            return _("yes") if value else _("no")
        case Form.INTEGER:
            return number(value)
        case Form.REAL:
            return f"{value:.6f}" if field.together else f"{value:g}"
        case Form.DAY:
            assert isinstance(value, date)
            return day(value)
        case Form.INSTANT | Form.LOCAL:
            assert isinstance(value, datetime)
            return moment(value)
        case Form.WORDS:
            return ", ".join(value[:LIST_SHOWN_AT_MOST])
        case Form.ID | Form.FILE | Form.BYTES:
            return f"{bytes(value)[:BYTES_SHOWN].hex()}… ({number(len(value))})"
        case _:
            return str(value)
