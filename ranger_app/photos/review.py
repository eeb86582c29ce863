"""What people say of photos: every word is kept, the latest of each person stands, and can be taken back.

A change of mind is a further label, and taking back is a label that names the one it takes back. So what
stands is a function of the set of labels, whatever order they arrive in from other laptops, and undo works
after the program was closed. What a model says is kept elsewhere and never appears here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id
from ranger_app.domain.photos import LABEL_TYPES, WITHDRAWN, Label
from ranger_app.i18n import _

NAME_AT_MOST = 200
COUNT_AT_MOST = 100_000
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says of a photo, before it is written down."""

    type: str
    """One of LABEL_TYPES."""
    name: str = ""
    """Species or group in the person's words."""
    scientific_name: str = ""
    count: int | None = None
    life_stage: str = ""
    sex: str = ""
    behavior: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people together say of one photo now."""

    labels: tuple[Label, ...]
    """The standing label of each person, the latest last."""

    @property
    def latest(self) -> Label:
        return self.labels[-1]

    @property
    def agreed(self) -> bool:
        """Whether all who spoke say the same kind and name."""
        return len({(one.type, one.name.casefold()) for one in self.labels}) == 1


def check_word(word: Word) -> Word:
    """The word with its spaces tidied. Raises `BadInput` when it cannot be kept."""
    if word.type not in LABEL_TYPES:
        raise BadInput(
            _("“{type}” is no kind of label.").format(type=word.type[:40]),
            _("Use one of these: {types}.").format(types=", ".join(LABEL_TYPES)),
        )
    name, scientific_name = (" ".join(text.split()) for text in (word.name, word.scientific_name))
    if max(len(name), len(scientific_name)) > NAME_AT_MOST or not (name + scientific_name).isprintable():
        raise BadInput(_("The name is too long, or has signs in it that cannot be shown."))
    if name and word.type == "blank":
        raise BadInput(_("An empty picture shows no {name}.").format(name=name), _("Label it as animal."))
    if word.count is not None and not 1 <= word.count <= COUNT_AT_MOST:
        raise BadInput(
            _("A count is a whole number from 1."), _("Leave it out when nobody counted; use blank for none.")
        )
    return replace(word, name=name, scientific_name=scientific_name)


def written(word: Word, *, photo_id: Id, site_id: Id, by: str, at: datetime) -> Label:
    """The label that keeps a word. Labels of one act have the same `at`, so that they are undone together."""
    return Label(
        site_id=site_id,
        photo_id=photo_id,
        by=by,
        type=word.type,
        name=word.name,
        scientific_name=word.scientific_name,
        count=word.count,
        life_stage=word.life_stage,
        sex=word.sex,
        behavior=word.behavior,
        note=word.note,
        at=at,
    )


def withdrawal(label: Label, *, at: datetime) -> Label:
    """The label that takes `label` back."""
    return Label(
        site_id=label.site_id,
        photo_id=label.photo_id,
        by=label.by,
        person_id=label.person_id,
        type=WITHDRAWN,
        at=at,
        withdraws=label.id,
    )


def standing(labels: Iterable[Label]) -> Iterator[Label]:
    """The labels that stand, in the order in which they were given; only who said a thing takes it back."""
    labels = list(labels)
    taken_back = {(label.withdraws, _who(label)) for label in labels if label.type == WITHDRAWN}
    said = (label for label in labels if label.type != WITHDRAWN)
    return iter(sorted((label for label in said if (label.id, _who(label)) not in taken_back), key=_when))


def verdicts(labels: Iterable[Label]) -> Mapping[Id, Verdict]:
    """What people say now, for each photo that anybody's label stands on."""
    spoken: dict[Id, dict[bytes | str, Label]] = {}
    for label in standing(labels):
        on_photo = spoken.setdefault(label.photo_id, {})
        on_photo.pop(_who(label), None)  # so that the latest word is the last
        on_photo[_who(label)] = label
    return {photo_id: Verdict(tuple(by.values())) for photo_id, by in spoken.items()}


class Latest(NamedTuple):
    """The last thing that anybody said of a photo and that stands."""

    type: str
    name: str


OF_LATEST = ("photo_id", "id", "type", "name", "by", "person_id", "withdraws")
"""The fields of a label that `latest` needs, in its order."""


def latest(rows: Iterable[tuple[Any, ...]]) -> dict[Id, Latest]:
    """What stands last on each photo, for many photos at once: the same as `verdicts(…)[photo].latest`.

    `rows` hold the fields OF_LATEST of labels in the order in which they were given.
    """
    rows = list(rows)
    taken_back = {
        (withdraws, person_id or by.casefold())
        for _photo, _id, type_, _name, by, person_id, withdraws in rows
        if type_ == WITHDRAWN
    }
    return {
        photo_id: Latest(type_, name)
        for photo_id, id_, type_, name, by, person_id, _withdraws in rows
        if type_ != WITHDRAWN and (id_, person_id or by.casefold()) not in taken_back
    }


def last_act(newest_first: Iterable[Label]) -> list[Label]:
    """Of one person's labels, those of the last thing said and not taken back; none when there is none."""
    taken_back: set[Id | None] = set()
    act: list[Label] = []
    for label in newest_first:
        if label.type == WITHDRAWN:
            taken_back.add(label.withdraws)
        elif label.id not in taken_back:
            if act and label.at != act[0].at:
                break
            act.append(label)
    return act


def _who(label: Label) -> bytes | str:
    return label.person_id or label.by.casefold()


def _when(label: Label) -> tuple[datetime, Id]:
    return label.at or _LONG_AGO, label.id
