"""How a record says what it is made of: permanent numbers, forms, and who may see a field."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, dataclass_transform

from ranger_app.domain.ids import Id, new_id

INSERT = 0
"""Field number of the op that makes a whole record."""
DELETED = 1
"""Field number of the op that hides a record or brings it back."""
FIRST_FIELD = 2


class Form(Enum):
    """The shape of a value, in a record, in a row and on the wire."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    BYTES = "bytes"
    ID = "id"
    FILE = "file"
    """SHA-256 (32 bytes) of a file in the store; it travels with the record."""
    INSTANT = "instant"
    """A moment with its zone; kept as UTC microseconds since 1970."""
    LOCAL = "local"
    """A camera's or a form's own wall clock: a datetime without a zone, kept as ISO text."""
    DAY = "day"
    WORDS = "words"
    """Several words in order; a tuple of str."""
    DATA = "data"
    """Anything JSON can say."""


class Privacy(Enum):
    """Who a field may reach (see `domain.seeing`). Fields that are not open travel in leaves of their own,
    under these numbers, so that a bundle can leave them out: the numbers are permanent."""

    OPEN = 0
    PERSON = 1
    """Tells, or in free words may tell, who somebody is."""
    POSITION = 2
    """Tells where something is; blurred when the thing is a listed species."""
    PRIVATE = 3
    """May hold anything: what came with a foreign file and has no field of its own."""
    ATTRIBUTE = 4
    """The value of an attribute; some attributes tell of suspects, informants and complainants."""
    FIGURE = 5
    """A table frozen with a figure; some of its columns tell who or where."""
    ROUTE = 6
    """Where patrols went, or are to go."""


class Merge(Enum):
    """What becomes of values that two people wrote apart. All are always kept (see `domain.policies`)."""

    LATEST = "latest"
    """A measurement, a date, a name: the later by the clocks is shown, marked as a difference."""
    VERSIONS = "versions"
    """A judgement, such as a rating: a difference, and no single one of them is shown as the answer."""
    PARAGRAPHS = "paragraphs"
    """A longer text: merged where different paragraphs of a text that both had were changed, else a
    difference."""
    FURTHEST = "furthest"
    """A status: the one furthest along its list of steps; no difference."""
    UNION = "union"
    """A list whose order says little: what anybody added, less what somebody took away who had seen it; no
    difference."""
    FIXED = "fixed"
    """Said once, when the record is made, and never changed after: no difference is possible."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a kind. `number` is permanent: it is on the wire and is never used again."""

    name: str
    number: int
    form: Form
    privacy: Privacy = Privacy.OPEN
    merge: Merge = Merge.LATEST
    steps: tuple[str, ...] = ()
    closed: str = ""
    """The step that nobody may set while something of the record or of what belongs to it is unsettled."""
    parent: str = ""
    """Name of the kind whose record this one belongs to: it is hidden with it, and keeps it from being."""
    together: str = ""
    """Fields with the same word here are one value, such as the two numbers of a position: they are always
    written, shown and settled together."""
    default: Any = None
    indexed: bool = False
    required: bool = False
    """There is no default: the op that makes the record has to say it."""
    optional: bool = False
    """It may be None."""

    def __hash__(self) -> int:
        # With every edit fields are looked up; hashing all that is said of them was a sixth of the work.
        return hash((self.number, self.name))


def stored(
    number: int,
    form: Form,
    *,
    default: Any = dataclasses.MISSING,
    privacy: Privacy = Privacy.OPEN,
    merge: Merge = Merge.LATEST,
    steps: tuple[str, ...] = (),
    closed: str = "",
    parent: str = "",
    together: str = "",
    indexed: bool = False,
) -> Any:
    """Declare a field of a record. `steps` makes it a status that only moves along (see `Merge.FURTHEST`)."""
    about = {
        "number": number,
        "form": form,
        "privacy": privacy,
        "merge": Merge.FURTHEST if steps else merge,
        "steps": steps,
        "closed": closed,
        "parent": parent,
        "together": together,
        "indexed": indexed,
    }
    return dataclasses.field(default=default, metadata={"stored": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A thing that Ranger keeps. Who wrote it and when is in its history, not in the record."""

    KIND: ClassVar[int]
    NAME: ClassVar[str]
    FIXED: ClassVar[bool]

    id: Id = dataclasses.field(default_factory=new_id)
    site_id: Id


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(stored, dataclasses.field))
def record(number: int, name: str, *, fixed: bool = False) -> Any:
    """Make a class a kind of record, with its permanent number and the name people see. Of a `fixed` one
    nothing changes once it is made: whoever thinks otherwise adds another."""

    def make(cls: Any) -> Any:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.KIND, made.NAME, made.FIXED = number, name, fixed
        return made

    return make


@dataclass(frozen=True, slots=True)
class KindSpec:
    """Everything that storage and sync need to know of a kind."""

    cls: type[Record]
    number: int
    name: str
    fields: tuple[FieldSpec, ...]
    by_number: Mapping[int, FieldSpec]
    by_name: Mapping[str, FieldSpec]
    parents: tuple[FieldSpec, ...]
    """The fields that name a record to which this one belongs."""

    def companions(self, field: FieldSpec) -> tuple[FieldSpec, ...]:
        """The fields that are one value with this one, itself among them."""
        if not field.together:
            return (field,)
        return tuple(f for f in self.fields if f.together == field.together)


def describe(cls: type[Record]) -> KindSpec:
    """The kind behind a record class, worked out from its fields (`kinds` keeps the result)."""
    fields = tuple(
        FieldSpec(
            name=f.name,
            default=None if f.default is dataclasses.MISSING else f.default,
            required=f.default is dataclasses.MISSING,
            optional=str(f.type) == "Any" or "None" in str(f.type).split(" | "),
            **{**f.metadata["stored"], **({"merge": Merge.FIXED} if cls.FIXED else {})},
        )
        for f in dataclasses.fields(cls)
        if "stored" in f.metadata
    )
    numbers = [f.number for f in fields]
    if len(set(numbers)) != len(numbers) or any(n < FIRST_FIELD for n in numbers):
        raise ValueError(f"{cls.__name__} uses a field number twice or a reserved one")
    return KindSpec(
        cls=cls,
        number=cls.KIND,
        name=cls.NAME,
        fields=fields,
        by_number={f.number: f for f in fields},
        by_name={f.name: f for f in fields},
        parents=tuple(f for f in fields if f.parent),
    )
