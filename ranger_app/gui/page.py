"""A page of the window: what it shows, when it reads anew, and the commands it answers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.domain.ids import Id
from ranger_app.domain.roles import Deed
from ranger_app.gui.background import Task
from ranger_app.gui.context import Context
from ranger_app.gui.drafts import Typed, drafts_of
from ranger_app.gui.unfinished import Begun
from ranger_app.i18n import _
from ranger_app.jobs import Job

EVERYTHING = "everything"  # what storage says when it cannot name the records, such as after a rebuild

T = TypeVar("T")
Command = Callable[[], None]


def draft_key(page_id: str, form: str) -> str:
    """By which a form that lies on a page is found again."""
    return f"page {page_id} {form}"


def _with_form_kept(error: Exception) -> Exception:
    """The same, and that what was typed is not lost."""
    if not isinstance(error, KnownError):
        return error
    kept = _("What you typed stays in its form: open it again.")
    return KnownError(error.text, f"{error.what_to_do} {kept}".strip())


class Touched(Protocol):
    """What a unit of work changed: the ids by the name of their kind."""

    @property
    def kinds(self) -> Mapping[str, tuple[Id, ...]]: ...


class Page(QWidget):
    """Base of all pages. A subclass builds its widgets in `__init__` and reads in `reload`.

    Reads go through `fetch`, changes through `do`; neither ever blocks the screen, and what fails is
    shown on this page as a sentence. The window puts each page into a scroll area, so a page may ask
    for the room that its text needs. The window gives every page its title: do not draw one.
    """

    standing_changed = Signal()
    """What `closed_for` says is another than before."""

    page_id: ClassVar[str] = ""
    watches: ClassVar[frozenset[str]] = frozenset()
    """Names of the kinds of record that this page shows, such as {"patrol", "track"}."""
    first: QWidget | None = None
    """What the keys are for when the page comes up, such as its list; its first field when None."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._stale = True
        self._asked: dict[str, Task] = {}

    # ---- what a page may say of itself

    def reload(self) -> None:
        """Read anew what is shown (through `fetch`)."""

    def go_to(self, **where: Any) -> None:
        """Show one thing; called after `came_up` with what `context.go` was given."""

    def commands(self) -> Mapping[str, Command]:
        """What to call for each action of `actions.ACTIONS` that belongs to this page, by its id."""
        return {}

    def tools(self) -> Sequence[QWidget]:
        """What stands at the right of the title, such as the page's main button; asked for once."""
        return ()

    def undo(self) -> bool:
        """Take back the last thing done here; False when the page keeps nothing of its own to undo."""
        return False

    def closed_for(self, kind: str, deed: Deed) -> str:
        """What speaks against doing this to a kind of record here, whoever asks; empty when nothing does."""
        return ""

    def went_away(self) -> None:
        """Another page is shown now."""

    def half_written(self) -> Mapping[str, Typed]:
        """What has been typed here and is kept by nothing else, form by form; it comes back with `draft`."""
        return {}

    def draft(self, form: str) -> Typed | None:
        """What had been typed into this form of the page when its workspace was closed; told once."""
        drafts, key = drafts_of(self), draft_key(self.page_id, form)
        typed = drafts.of(key) if drafts is not None else None
        if drafts is not None and typed is not None:
            drafts.forget(key)
        return typed

    def keep_now(self) -> None:
        """Keep at once, without a job, what has been typed; a `KnownError` when that cannot be done, and then
        it is still to be kept."""

    def closing(self) -> None:
        """The workspace is about to be closed: keep at once what has been typed, without a job."""

    # ---- what the window calls

    def came_up(self) -> None:
        """The page is shown now. It reads when it never has, or when something it watches changed."""
        if self._stale:
            self._stale = False
            self.reload()

    def take_focus(self) -> None:
        """Have the keys go to this page from now on."""
        tab = Qt.FocusPolicy.TabFocus
        usable = (
            one for one in self.findChildren(QWidget) if one.focusPolicy() & tab and one.isVisibleTo(self)
        )
        target = self.first or next(usable, None)
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def look_changed(self) -> None:
        """Colours or sizes changed: what was drawn in the old ones is drawn anew, as when data changed."""
        self._stale = True
        if self.isVisible():
            self.came_up()

    def data_changed(self, touched: Touched) -> None:
        """Records changed, here or in a job: read anew now if seen, else when next shown."""
        if EVERYTHING not in touched.kinds and self.watches.isdisjoint(touched.kinds):
            return
        self._stale = True
        if self.isVisible():
            self.came_up()

    # ---- how much room it needs

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        # The least height belongs to the least width; at the width that there is, `heightForWidth` knows.
        return QSize(hint.width(), 0) if self.hasHeightForWidth() else hint

    # ---- what a page uses

    def fetch(
        self,
        job: Job[T],
        then: Callable[[T], None],
        *,
        key: str = "",
        failed: Callable[[Exception], None] | None = None,
    ) -> Task:
        """Read on a worker's thread, then hand the answer to `then` on the screen's.

        An answer is dropped when the page is gone, or when the same `key` has been asked again since:
        give a key to what is asked on every key press or every turn of a list.
        """
        if key and (earlier := self._asked.get(key)):
            earlier.cancel()
        task = self.context.background.run(job, key or self.page_id, quiet=True)
        if key:
            self._asked[key] = task

        def answer(value: T) -> None:
            if shiboken6.isValid(self) and (not key or self._asked.get(key) is task):
                self._asked.pop(key, None)
                then(value)

        task.finished.connect(answer)
        task.failed.connect(failed or self.error)
        return task

    def do(
        self,
        job: Job[T],
        title: str,
        then: Callable[[T], None] | None = None,
        *,
        quiet: bool = False,
        long: bool = False,
        begun: Begun | None = None,
    ) -> Task:
        """Change data on the writer's thread; unless `quiet` it shows in the tray with a stop button. What
        takes minutes and is made of many units of work is `long`: no later change waits for it. With `begun`
        it is offered again when Ranger was cut off in the middle of it.

        The form that was answered just before is kept until this is done, or is noted as begun.
        """
        drafts, ranger = drafts_of(self), self.context.ranger
        sent = drafts.take_sent() if drafts is not None else ()

        def let_go() -> None:
            if drafts is not None and sent:
                drafts.written(sent)
                with suppress(KnownError):  # the window tells it again
                    ranger.people.keep_drafts(dict.fromkeys(sent))

        def first() -> None:
            if begun is not None:
                ranger.begun.note(begun.key, begun.asked)
                let_go()

        def written() -> None:
            let_go()
            if begun is not None:
                ranger.begun.forget(begun.key)

        def failed(error: Exception) -> None:
            is_kept = drafts is not None and drafts.not_written(sent)
            self.error(_with_form_kept(error) if is_kept else error)

        def stopped() -> None:
            """The person thought better of it."""
            if drafts is not None:
                drafts.written(sent)
            if begun is not None:
                self.context.leave(begun.key)

        background = self.context.background
        task = background.run(job, title, writes=True, quiet=quiet, long=long, first=first, written=written)
        task.goes_on = begun.key if begun is not None else ""

        def answer(value: T) -> None:
            if then is not None and shiboken6.isValid(self):
                then(value)

        task.finished.connect(answer)
        task.failed.connect(failed if sent else self.error)
        if sent or begun is not None:
            task.cancelled.connect(stopped)
        return task

    def error(self, error: Exception) -> None:
        """Show on this page what went wrong and the way out."""
        self.context.messages.error(error, page_id=self.page_id)
