"""Runs what the room of models asks for: reads, learns and measures in the background, shows what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ranger_app.config import reviewer_name
from ranger_app.domain.errors import KnownError
from ranger_app.gui.widgets.models.room import (
    Confirmation,
    ModelRoom,
    UsableModel,
    in_use_words,
    is_worse,
    version_words,
)
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.gui.page import Page
    from ranger_app.photos.bench import Choice
    from ranger_app.photos.learning.learning import Proposal
    from ranger_app.photos.service import Photos


@dataclass(frozen=True, slots=True)
class ModelsSeen:
    """All that the room shows before anything is learned or measured."""

    confirmed: tuple[Confirmation, ...]
    models: tuple[UsableModel, ...]
    name: str
    problem: str


class Teaching:
    """Binds the room to a page: what it asks is done, and what is done is shown."""

    def __init__(self, page: Page, photos: Photos, room: ModelRoom, *, changed: Callable[[], None]) -> None:
        self._page, self._photos, self.room = page, photos, room
        self._changed = changed
        self._proposal: Proposal | None = None
        self._choices: dict[str, Choice] = {}
        room.learn_asked.connect(self.learn)
        room.accepted.connect(self._accept)
        room.refused.connect(lambda: self._propose(None))
        room.use_asked.connect(self._use)
        room.measure_asked.connect(self._measure)

    def reload(self) -> None:
        """Read what there is to learn from and to choose."""
        ranger = self._page.context.ranger

        def read(_work: object) -> ModelsSeen:
            site = ranger.site()
            return look_at_models(self._photos, site.name if site else "", self._choices)

        self._page.fetch(read, self._show, key="models")

    def learn(self, name: str) -> None:
        """Learn from the confirmed photos; shows in the tray and can be stopped."""
        self.room.show_learning(True)
        self._propose(None)
        task = self._page.context.background.run(
            lambda work: self._photos.learning.learn(name, work=work),
            _("Learning from confirmed photos"),
            long=True,
        )
        task.finished.connect(self._propose)
        task.failed.connect(self._page.error)
        self._page.context.background.ended.connect(
            lambda ended: self.room.show_learning(False) if ended is task else None
        )

    def _propose(self, proposal: Proposal | None) -> None:
        self._proposal = proposal
        self.room.show_proposal(proposal)
        if proposal is not None:
            (self.room.refuse if is_worse(proposal.figures) else self.room.accept).setFocus()

    def _accept(self) -> None:
        proposal = self._proposal
        if proposal is None:
            return
        by = reviewer_name(self._page.context.settings)
        self._page.do(
            lambda _work: self._photos.learning.accept(proposal, by=by),
            _("Installing what was learned"),
            lambda _version: self._chosen(),
        )

    def _use(self, key: str) -> None:
        name, _at, version = key.partition("@")
        self._page.do(
            lambda _work: self._photos.learning.use(name, version),
            _("Changing the model"),
            lambda _key: self._chosen(),
        )

    def _chosen(self) -> None:
        self._propose(None)
        self._page.context.messages.say(_("In use from now on. Run it to have the photos named by it."))
        self.reload()
        self._changed()

    def _measure(self) -> None:
        self.room.measure.setEnabled(False)
        task = self._page.context.background.run(
            lambda work: self._photos.choices(work=work), _("Measuring and judging the models"), long=True
        )
        task.finished.connect(self._judged)
        task.failed.connect(self._page.error)
        self._page.context.background.ended.connect(
            lambda ended: self.room.measure.setEnabled(True) if ended is task else None
        )

    def _judged(self, choices: list[Choice]) -> None:
        self._choices = {f"{one.pack.id}@{one.pack.version}": one for one in choices}
        self.reload()

    def _show(self, seen: ModelsSeen) -> None:
        self.room.show_confirmed(seen.confirmed, name=seen.name, problem=seen.problem)
        self.room.show_models(seen.models)


def look_at_models(photos: Photos, name: str, choices: Mapping[str, Choice]) -> ModelsSeen:
    """Gather what the room shows; runs on a worker's thread."""
    learning = photos.learning
    try:
        learning.base()
        problem = ""
    except KnownError as error:
        problem = f"{error.text} {error.what_to_do}".strip()
    used = photos.packs.usual_key()
    in_use = "@".join(used) if used else ""
    rows: dict[str, UsableModel] = {}
    versions = {one.key: one for one in learning.versions()}
    for key, version in versions.items():
        state = in_use_words() if key == in_use else _("not accepted here") if not version.installed else ""
        rows[key] = UsableModel(key, version_words(version), state, choices.get(key), version)
    for pack in photos.packs.able():
        key = f"{pack.id}@{pack.version}"
        words = f"{pack.name or pack.id} {pack.version}"
        state = in_use_words() if key == in_use else ""
        rows.setdefault(key, UsableModel(key, words, state, choices.get(key), None))
    confirmed = tuple(Confirmation(*one) for one in learning.confirmed_species())
    ordered = sorted(rows.values(), key=lambda one: one.key != in_use)
    return ModelsSeen(confirmed, tuple(ordered), name, problem)
