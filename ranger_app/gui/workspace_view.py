"""An open workspace on the screen: the rail, the pages as they are asked for, the tray of jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.domain.roles import Deed
from ranger_app.gui import actions
from ranger_app.gui.allowed import WhyNot, guard
from ranger_app.gui.context import Context
from ranger_app.gui.drafts import drafts_of
from ranger_app.gui.hub_exchange import HubExchange
from ranger_app.gui.messages import Notice
from ranger_app.gui.page import Page, Touched, draft_key
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages import PAGES
from ranger_app.gui.widgets.job_tray import JobTray
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.notice_bar import NoticeBar
from ranger_app.gui.widgets.rail import Rail, Stop
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.config import Settings
    from ranger_app.gui.background import Background, Task
    from ranger_app.gui.look.theme import Theme
    from ranger_app.gui.messages import Messages


class Standing(Protocol):
    """What may be written here by who is signed in."""

    def why_not_in_words(self, kind: str, act: Deed) -> str: ...


_SPECS = {spec.id: spec for spec in PAGES}
UNDOS_KEPT = 50


class WorkspaceView(QWidget):
    """Rail and pages. It can stand on the screen, empty, before its workspace is open."""

    page_shown = Signal(str)
    asked = Signal(str)  # for an action of the window, by its id

    def __init__(
        self,
        *,
        background: Background,
        messages: Messages,
        theme: Theme,
        keep: Callable[[Settings], None],
    ) -> None:
        super().__init__()
        self._background, self._messages, self._theme = background, messages, theme
        self._keep = keep
        self._frames: dict[str, PageFrame] = {}
        self._why_not: WhyNot | None = None
        self._is_over = False
        self._kept_of_pages: set[str] = set()
        self._undos: list[Callable[[], None]] = []
        self.context: Context | None = None
        self.rail = Rail(
            [Stop(spec.id, _(spec.words), spec.icon, _keys(f"go.{spec.id}")) for spec in PAGES],
            [(_foot(id_), partial(self.asked.emit, id_)) for id_ in ("palette", "guide")],
        )
        self.stack = QStackedWidget()
        self.tray = JobTray()
        self.tray.watch(background)
        background.ended.connect(self._ended)
        body = QWidget()
        body.setLayout(column(self.stack, self.tray, gap=0))
        self.setLayout(row(self.rail, body, gap=0))
        self.notices = NoticeBar(self.stack, undo=self.undo)
        self.stack.currentChanged.connect(lambda _at: self.notices.raise_())
        self._is_on_rail = False
        self.rail.chosen.connect(self._go_along_rail)
        self.rail.setEnabled(False)
        messages.said.connect(self._said)
        messages.erred.connect(self._erred)

    @property
    def current(self) -> Page | None:
        """The page in front."""
        frame = self.stack.currentWidget()
        return frame.page if isinstance(frame, PageFrame) else None

    def begin(self, ranger: Any, settings: Settings) -> None:
        """Show the workspace `ranger`, which has just been opened."""
        self.context = Context(
            ranger=ranger,
            background=self._background,
            messages=self._messages,
            theme=self._theme,
            settings=settings,
            go=self.go,
            keep=self._keep,
        )
        self.context.hub = HubExchange(ranger, self._background, self._messages, self)
        self._stop_watching = ranger.watch(
            lambda touched: self._background.tell(lambda: self._data_changed(touched))
        )
        self.rail.setEnabled(True)
        self._name_site()
        self._count_differences()
        self.go(PAGES[0].id)

    def keep_now(self) -> None:
        """Keep what has been typed on any page; a `KnownError` when that cannot be done."""
        for frame in self._frames.values():
            frame.page.keep_now()

    def end(self) -> None:
        """Let go of the workspace; the pages go with this view."""
        self._is_over = True
        self.keep_half_written()
        if self.context is not None:
            for frame in self._frames.values():
                try:
                    frame.page.closing()
                except KnownError as error:  # a full disk must not keep the window from closing
                    self._messages.error(error)
            if self.context.hub is not None:
                self.context.hub.end()
            self._stop_watching()
            self._messages.said.disconnect(self._said)
            self._messages.erred.disconnect(self._erred)

    def keep_half_written(self) -> None:
        """Keep what stands in the forms of the pages; forget what has been saved since it was kept so."""
        drafts = drafts_of(self)
        if drafts is None:
            return
        standing = {
            draft_key(page_id, form): typed
            for page_id, frame in self._frames.items()
            for form, typed in frame.page.half_written().items()
        }
        for key, typed in standing.items():
            drafts.keep(key, typed)
        for key in self._kept_of_pages - set(standing):
            drafts.forget(key)
        self._kept_of_pages = set(standing)

    def go(self, page_id: str, **where: Any) -> None:
        """Show a page, and on it what `where` names."""
        before = self.current
        frame = self._frame(page_id)
        if before is not frame.page:
            self.stack.setCurrentWidget(frame)
            self.rail.show_stop(page_id)
            if before is not None:
                before.went_away()
            if not self._is_on_rail:
                frame.page.take_focus()
        frame.page.came_up()
        if where:
            frame.page.go_to(**where)
        self._ask_rights()
        self.page_shown.emit(page_id)

    def why_not(self, action: actions.Action) -> str:
        """Why who is signed in may not do this here; empty when they may."""
        if not action.needs or self._why_not is None:
            return ""
        kind, _space, deed = action.needs.partition(" ")
        frame = self._frames.get(action.page)
        closed = frame.page.closed_for(kind, Deed(deed)) if frame is not None else ""
        return self._why_not(kind, Deed(deed)) or closed

    def _ask_rights(self) -> None:
        """Look anew at what may be done here: the directory may have come with a bundle."""
        if self.context is None:
            return
        people = self.context.ranger.people
        task = self._background.run(lambda _work: people.standing(), "rights", quiet=True)
        task.finished.connect(self._take_rights)

    def _take_rights(self, standing: Standing) -> None:
        self._why_not = standing.why_not_in_words
        self._guard()

    def _guard(self) -> None:
        if self.current is not None and self._why_not is not None:
            guard(self.current, self._why_not)

    def _go_along_rail(self, page_id: str) -> None:
        """Show a page and leave the keys with the rail: who walks along it stays on it."""
        self._is_on_rail = True
        self.go(page_id)
        self._is_on_rail = False

    def run(self, action: actions.Action) -> None:
        """Do what an action of a page asks for, on that page."""
        if self.current is None or self.current.page_id != action.page:
            self.go(action.page)
        self._frames[action.page].page.commands()[action.id]()

    def undo(self) -> None:
        """Take back the last thing done: by the page in front, else the last that was said."""
        self.notices.hide()
        if self.current is not None and self.current.undo():
            return
        if self._undos:
            self._undos.pop()()
        else:
            self._messages.say(_("There is nothing to take back."))

    def put_away(self) -> bool:
        """Put away the notice or the error that is shown; False when there was none."""
        shown = [part for part in self._remarks() if part.isVisible()]
        for part in shown:
            part.hide()
        return bool(shown)

    @property
    def shows_error(self) -> bool:
        """Whether the page in front says that something went wrong."""
        frame = self.stack.currentWidget()
        return isinstance(frame, PageFrame) and frame.banner.isVisible()

    def reload(self) -> None:
        """Read the page in front anew."""
        if self.current is not None:
            self.current.reload()

    def reload_all(self) -> None:
        """Read every page anew, the one in front at once: the colours of what it draws have changed."""
        for frame in self._frames.values():
            frame.page.look_changed()

    def _remarks(self) -> list[QWidget]:
        frame = self.stack.currentWidget()
        return [self.notices, *([frame.banner] if isinstance(frame, PageFrame) else [])]

    def _frame(self, page_id: str) -> PageFrame:
        assert self.context is not None, "pages are shown once a workspace is open"
        if page_id not in self._frames:
            spec = _SPECS[page_id]
            made = PageFrame(_(spec.words), spec.load()(self.context))
            made.page.standing_changed.connect(self._guard)
            self._frames[page_id] = made
            self.stack.addWidget(made)
        return self._frames[page_id]

    def _name_site(self) -> None:
        assert self.context is not None
        ranger = self.context.ranger
        folder: str = ranger.workspace.folder.stem
        task = self._background.run(lambda work: ranger.site(), "site", quiet=True)
        task.finished.connect(lambda site: self.rail.name(site.name if site else "", folder))

    def _count_differences(self) -> None:
        assert self.context is not None
        inbox = self.context.ranger.differences
        task = self._background.run(lambda work: inbox.count(), "differences", quiet=True)
        task.finished.connect(lambda count: self.rail.mark("differences", count))

    def _data_changed(self, touched: Touched) -> None:
        if self._is_over:
            return  # what the last commit had to say comes after its workspace was closed
        self._count_differences()
        if self.context is not None and self.context.hub is not None:
            self.context.hub.data_changed()
        if "site" in touched.kinds:
            self._name_site()
        for frame in self._frames.values():
            frame.page.data_changed(touched)

    def _said(self, notice: Notice) -> None:
        if notice.undo is not None:
            self._undos = [*self._undos[1 - UNDOS_KEPT :], notice.undo]
        shown = self.stack.currentWidget()
        if isinstance(shown, PageFrame):
            shown.went_well(None)
        self.notices.say(notice)

    def _erred(self, page_id: str, error: KnownError) -> None:
        frame = self._frames.get(page_id) or self.stack.currentWidget()
        if isinstance(frame, PageFrame):
            frame.show_error(error, told_by=self._background.telling)

    def _ended(self, task: Task) -> None:
        if task.succeeded and task.goes_on:
            self._name_site()  # a stick may have brought the site, in an earlier try that was cut off
        if task.succeeded:
            for frame in self._frames.values():
                frame.went_well(task)


def _keys(action_id: str) -> str:
    return actions.BY_ID[action_id].keys


def _foot(action_id: str) -> Stop:
    action = actions.BY_ID[action_id]
    return Stop(action.id, _(action.words), action.icon, action.keys)
