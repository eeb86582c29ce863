"""What an open workspace asks before it is shown: to join a site, or who is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ranger_app.domain.errors import KnownError
from ranger_app.gui.background import Task
from ranger_app.gui.entering import opening
from ranger_app.gui.entering.opening import Opened, SignIn
from ranger_app.i18n import _
from ranger_app.jobs import Job

if TYPE_CHECKING:
    from ranger_app.gui.entering.joining import Joining
    from ranger_app.gui.entering.start_screen import StartScreen
    from ranger_app.gui.entering.who import WhoIsThere
    from ranger_app.sync.people.devices import Joined


class Entrance(QObject):
    """Stands between opening and the pages. It holds the workspace until somebody goes in or leaves."""

    entered = Signal(object)  # an Opened
    left = Signal()

    def __init__(
        self, start: StartScreen, run: Callable[[Job[object], str], Task], broke: Callable[[Exception], None]
    ) -> None:
        super().__init__(start)
        self._start, self._run, self._broke = start, run, broke
        self._opened: Opened | None = None
        self._joining: Joining | None = None
        self._who: WhoIsThere | None = None

    def receive(self, opened: Opened) -> None:
        """Let in who has nothing to be asked."""
        self._opened = opened
        if opened.request is not None:
            page = self._joining_page()
            self._start.show_page(page)
            page.show_request(opened.request)
        elif opened.asks_who is not None:
            asks = self._who_page()
            self._start.show_page(asks)
            asks.ask(opened.asks_who, sealed=opened.is_sealed)
        else:
            self._enter()

    def forget(self) -> None:
        """The workspace is closed."""
        self._opened = None

    def _enter(self) -> None:
        if self._opened is not None:
            self.entered.emit(self._opened)

    # ---- joining a site

    def _joining_page(self) -> Joining:
        if self._joining is None:
            from ranger_app.gui.entering.joining import Joining

            self._joining = Joining()
            self._joining.kept.connect(self._keep_request)
            self._joining.answered.connect(self._answer)
            self._joining.opened.connect(self._enter)
            self._joining.left.connect(self.left)
        return self._joining

    def _keep_request(self, out: Path) -> None:
        if self._opened is not None:
            job = opening.writes_request(self._opened.ranger, out)
            self._do(job, _("Writing the request"), self._joining_page().show_saved)

    def _answer(self, file: Path) -> None:
        page = self._joining_page()

        def joined(done: Joined) -> None:
            page.show_joined(site=done.site_name, role=done.role, words=done.words)

        if self._opened is not None:
            self._do(opening.joins(self._opened.ranger, file), _("Reading the answer"), joined)

    # ---- signing in

    def _who_page(self) -> WhoIsThere:
        if self._who is None:
            from ranger_app.gui.entering.who import WhoIsThere

            self._who = WhoIsThere()
            self._who.given.connect(self._sign_in)
            self._who.looked.connect(self._enter)
            self._who.left.connect(self.left)
        return self._who

    def _sign_in(self, given: SignIn) -> None:
        if self._opened is None:
            return
        page = self._who_page()
        task = self._run(opening.signs_in(self._opened.ranger, given), _("Signing in"))

        def failed(error: Exception) -> None:
            if isinstance(error, KnownError):
                page.show_fault(f"{error.text} {error.what_to_do}".strip())
            else:
                self._broke(error)

        task.finished.connect(self.receive)
        task.failed.connect(failed)

    def _do(self, job: Job[object], words: str, then: Callable[..., None]) -> None:
        task = self._run(job, words)

        def failed(error: Exception) -> None:
            if isinstance(error, KnownError):
                self._start.show_error(error)
            else:
                self._broke(error)

        task.finished.connect(then)
        task.failed.connect(failed)
