"""Differences to settle, in a reader's words: which record, what stands there, who wrote it; and settling."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ranger_app.domain.clock import stamp_time
from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.domain.fields import FieldSpec, Form
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.kinds import kind_named
from ranger_app.domain.roles import Deed
from ranger_app.domain.seeing import Unseen
from ranger_app.domain.sites import Device
from ranger_app.i18n import _
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.differences.differing import Difference, StandingValue, differences, waiting
from ranger_app.storage.differences.settling import Choice, settle, take_back
from ranger_app.storage.unsettled import GONE, fields_named
from ranger_app.sync.people.people import People
from ranger_app.sync.typed import BY_HAND, looks_like, typed_together
from ranger_app.sync.wording import CODES, Names, code_words, field_words, removal_words, value_words


@dataclass(frozen=True, slots=True)
class Version:
    """One of the values that stand, with who wrote it, on which laptop and when."""

    value: Any
    words: str
    by: str
    """Name of the person; empty where nobody was signed in."""
    device: str
    replica: bytes
    hlc: int
    at: datetime

    @property
    def is_hidden(self) -> bool:
        """Whether it is not shown to who is signed in, who then cannot choose it."""
        said = self.value.values() if isinstance(self.value, dict) else (self.value,)
        return any(isinstance(one, Unseen) for one in said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """One difference. `trip` is the record that it is seen with: a patrol, an assessment, a station."""

    kind: str
    id: Id
    site_id: Id
    field: str
    record: str
    """The record in a reader's words."""
    about: str
    """The field in a reader's words."""
    trip_kind: str
    trip: Id
    trip_words: str
    indicator: str
    """The code of the indicator that it is about; empty where it is about none."""
    versions: tuple[Version, ...]
    is_text: bool
    """Whether it is free text, of which parts may be taken over."""
    refused: str
    """Why it may not be settled here; empty when it may."""

    @property
    def key(self) -> str:
        """Names it in lists and on the command line."""
        return f"{self.kind}:{id_text(self.id)}:{self.field}"

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """The field that it is about, or those that are one value; none of a removal."""
        return fields_named(kind_named(self.kind), self.field)

    @property
    def choices(self) -> Mapping[str, str]:
        """Where only some values may be written: what is typed for each, with its words."""
        if (codes := CODES.get((self.kind, self.field))) is not None:
            return {code: _(words) for code, words in codes.items()}
        (first, *_more) = self.fields or (None,)
        return {"yes": _("yes"), "no": _("no")} if first and first.form is Form.FLAG else {}

    @property
    def may_write(self) -> bool:
        """Whether a person may write something new in the place of all."""
        return bool(self.fields) and all(field.form in BY_HAND for field in self.fields)

    @property
    def looks_like(self) -> str:
        """What to write, in a reader's words."""
        return looks_like(self.fields)

    def typed(self, text: str) -> Any:
        """Something new, from what a person typed; `BadInput` when it cannot be read."""
        if not self.fields:
            raise BadInput(
                _("“{field}” cannot be written anew here.").format(field=self.field),
                _("Keep one of the values: --keep N."),
            )
        return typed_together(self.fields, text)

    @property
    def is_removal(self) -> bool:
        """Whether one removed what another worked on."""
        return self.field == GONE

    def is_like(self, other: Unsettled, *, alike: str) -> bool:
        """Whether it is settled along with another: of the same `trip` or the same `kind` and field."""
        if alike == TRIP:
            return self.trip == other.trip
        return (self.kind, self.field) == (other.kind, other.field)


TRIP, KIND = "trip", "kind"
ALIKE = (TRIP, KIND)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of settling several alike."""

    settled: int
    left: int
    """Those where nothing was written on that laptop, or that may not be settled here or by who does not see
    what would be chosen."""
    touched: Touched


class Differences:
    """The inbox. Settling is an ordinary change: it travels, it has a writer, and it can be taken back."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def count(self) -> int:
        """How many wait."""
        return self._workspace.differences()

    def all(self, *, of: Id | None = None) -> list[Unsettled]:
        """Every difference, or those of one record, in the order of what they are seen with."""
        found = differences(self._workspace, of=of)
        if not found:
            return []
        people = People(self._workspace)
        rights = people.standing()
        authors = people.names()
        with self._workspace.reading() as data:
            devices = {one.replica: one.name for one in data.find(Device)}
            names = Names(data)
            told = [self._tell(one, names, devices, authors, rights) for one in found]
        return sorted(told, key=lambda one: (one.trip_kind, one.trip_words, one.trip, one.record, one.about))

    def waiting(self, ids: Iterable[Id]) -> dict[Id, dict[str, int]]:
        """For a page that shows these records: the fields of each that wait, with how many versions."""
        return waiting(self._workspace, ids)

    def find(self, kind: str, id_: Id, field: str) -> Unsettled:
        """The difference of this field; `NotFound` when there is none."""
        for one in self.all(of=id_):
            if (one.kind, one.field) == (kind, field):
                return one
        raise NotFound(_("There is no such difference."), _("See: ranger-app differences list."))

    def keep(self, one: Unsettled, version: Version) -> Touched:
        """Keep one of the values; the others stay in the record's history."""
        return self.write(one, version.value)

    def write(self, one: Unsettled, value: Any) -> Touched:
        """Put something new, or one of the values, in the place of all."""
        if one.refused:
            raise Refused(one.refused, _("Ask somebody who may change this record."))
        codes = CODES.get((one.kind, one.field))
        if codes is not None and value != "" and value not in codes:
            raise BadInput(
                _("“{value}” is none of the values of this field.").format(value=str(value)[:40]),
                _("Use one of: {allowed}.").format(allowed=", ".join(codes)),
            )
        return settle(self._workspace, [Choice(one.kind, one.id, one.field, value)])

    def keep_alike(self, among: Collection[Unsettled], *, replica: bytes | None) -> Outcome:
        """Settle each with what was written on one laptop, or with the latest value when None is given."""
        choices = []
        for one in among:
            chosen = _written_on(one.versions, replica)
            if chosen is not None and not one.refused and not chosen.is_hidden:
                choices.append(Choice(one.kind, one.id, one.field, chosen.value))
        touched = settle(self._workspace, choices) if choices else Touched({})
        return Outcome(len(choices), len(among) - len(choices), touched)

    def take_back(self) -> Touched:
        """Lay open again what was last settled on this laptop, also after the window was closed."""
        return take_back(self._workspace)

    def _tell(self, found: Difference, names: Names, devices: Any, authors: Any, rights: Any) -> Unsettled:
        kind = kind_named(found.kind)
        fields = fields_named(kind, found.field)
        trip_kind, trip, trip_words = names.trip(found.kind, found.id)

        def version(one: StandingValue) -> Version:
            if found.field == GONE:
                words = removal_words(one, found.kind)
            else:
                code = code_words(found.kind, found.field, one.value) if isinstance(one.value, str) else None
                words = code or value_words(fields, one.value)
            device = devices.get(one.device) or one.device[:4].hex()
            return Version(
                one.value,
                words,
                authors.get(one.author, ""),
                device,
                one.device,
                one.hlc,
                stamp_time(one.hlc),
            )

        return Unsettled(
            kind=found.kind,
            id=found.id,
            site_id=found.site_id,
            field=found.field,
            record=names.record(found.kind, found.id),
            about=field_words(found.field),
            trip_kind=trip_kind,
            trip=trip,
            trip_words=trip_words,
            indicator=names.indicator(found.kind, found.id),
            versions=tuple(version(one) for one in found.values),
            is_text=len(fields) == 1
            and fields[0].form is Form.TEXT
            and not fields[0].steps
            and (found.kind, found.field) not in CODES,
            refused=rights.why_not_in_words(found.kind, Deed.REMOVE if found.field == GONE else Deed.CHANGE),
        )


def _written_on(versions: Sequence[Version], replica: bytes | None) -> Version | None:
    if replica is None:
        # As the one that is shown until it is settled; two laptops may write within one millisecond.
        return max(versions, key=lambda one: (one.hlc, one.replica), default=None)
    return next((one for one in versions if one.replica == replica), None)
