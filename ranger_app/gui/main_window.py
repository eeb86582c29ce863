"""The window: the start screen or an open workspace, and what can be asked for everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from ranger_app.config import TEXT_SCALE_FROM, TEXT_SCALE_TO, Settings, write_settings
from ranger_app.domain.errors import KnownError, WrongPassphrase
from ranger_app.gui import asking, icons, opening
from ranger_app.gui.actions import BY_ID, Action
from ranger_app.gui.background import Background, Task
from ranger_app.gui.commands import Commands
from ranger_app.gui.messages import Messages
from ranger_app.gui.pages import PAGES
from ranger_app.gui.reports import save_report
from ranger_app.gui.start_screen import StartScreen
from ranger_app.gui.theme import Theme
from ranger_app.gui.unforeseen import Unforeseen
from ranger_app.gui.workspace_view import WorkspaceView
from ranger_app.i18n import _, ngettext
from ranger_app.jobs import Job

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.new_site import SiteWish

TEXT_STEP = 0.1
WINDOW_ICON_STEPS = 16
OPENING_SIZE = 1366, 768


class MainWindow(QMainWindow):
    """One window for one workspace at a time."""

    painted = Signal()  # for the first time: now the heavy parts may be loaded

    def __init__(self, *, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.theme, self.settings = theme, settings
        self.messages = Messages(self)
        self.background = Background(self)
        self.ranger: Ranger | None = None
        self.view: WorkspaceView | None = None
        self.start = StartScreen()
        self._unforeseen: Unforeseen | None = None
        self._was_painted = False
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start)
        self.setCentralWidget(self._stack)
        self.setWindowTitle(_("Ranger"))
        self.setWindowIcon(icons.icon("ranger", "accent", steps=WINDOW_ICON_STEPS))
        self.resize(*OPENING_SIZE)
        self.commands = Commands(self, self.run)
        self._handlers = {
            "undo": lambda: self._in_view("undo"),
            "reload": lambda: self._in_view("reload"),
            "palette": self.show_palette,
            "cheat_sheet": self.show_cheat_sheet,
            "larger": lambda: self._change_text(+TEXT_STEP),
            "smaller": lambda: self._change_text(-TEXT_STEP),
            "workspace.open": self.ask_for_folder,
            "workspace.close": self.close_workspace,
            "quit": self.close,
        } | {f"go.{spec.id}": lambda id_=spec.id: self._in_view("go", id_) for spec in PAGES}
        theme.changed.connect(self._look_changed)
        self.messages.broke.connect(self.tell_unforeseen)
        self.background.unheard.connect(self._tell_unheard)
        self.start.open_asked.connect(self._open_asked)
        self.start.demo_asked.connect(self.open_demo)
        self.start.new_asked.connect(self.make)
        self.start.unlock.given.connect(self.open)

    # ---- opening and closing

    def begin(self, folder: Path | None = None) -> None:
        """Open `folder`, or the workspace that was open last, or offer what can be done."""
        last = folder or self.settings.last_workspace
        if last is not None and (folder is not None or last.is_dir()):
            self.open(last)
        else:
            self.start.show_choices(self.settings.recent_workspaces)

    def open(self, folder: Path, passphrase: str | None = None) -> None:
        """Open a workspace on a worker's thread; the window shows it when it is there."""
        self._await(
            opening.opens(folder, passphrase),
            _("Opening {name}…").format(name=folder.stem),
            asks_about=folder,
        )

    def make(self, wish: SiteWish) -> None:
        """Make a workspace for a new site and open it."""
        self._await(opening.makes(wish), _("Making {name}…").format(name=wish.folder.stem), from_form=True)

    def open_demo(self) -> None:
        """Build the demo park, if it is not there yet, and open it."""
        self._await(opening.builds_demo(), _("Building the demo park; this takes a moment…"))

    def ask_for_folder(self) -> None:
        """Let the person choose another workspace."""
        if folder := asking.for_folder(self, _("Choose the folder of a workspace")):
            self.close_workspace()
            if self.view is None:
                self.open(folder)

    def close_workspace(self) -> None:
        """Go back to the start screen, once jobs under way have stopped."""
        if self.view is None or not self._may_stop_jobs():
            return
        self._let_go()
        self.commands.follow(is_open=False, page_id="")
        self.setWindowTitle(_("Ranger"))
        self._stack.setCurrentWidget(self.start)
        self.start.show_choices(self.settings.recent_workspaces)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_stop_jobs():
            self._let_go()
            self.background.close()
            event.accept()
        else:
            event.ignore()

    def _await(
        self, job: Job[opening.Opened], words: str, *, asks_about: Path | None = None, from_form: bool = False
    ) -> None:
        self._stack.setCurrentWidget(self.start)
        self.start.show_busy(words)
        task = self.background.run(job, words, quiet=True)

        def failed(error: Exception) -> None:
            if isinstance(error, WrongPassphrase) and asks_about is not None:
                self.start.ask_passphrase(asks_about)
            elif from_form:
                self.start.show_form(afresh=False)
            else:
                self.start.show_choices(self.settings.recent_workspaces)
            if isinstance(error, KnownError):
                if not opening.is_first_question(error):
                    self.start.show_error(error)
            else:
                self.tell_unforeseen(error)

        task.finished.connect(self._show)
        task.failed.connect(failed)

    def _show(self, opened: opening.Opened) -> None:
        self.ranger = ranger = opened.ranger
        folder = ranger.workspace.folder
        self.change_settings(self.settings.with_workspace(folder))
        self.view = WorkspaceView(
            background=self.background, messages=self.messages, theme=self.theme, keep=self.change_settings
        )
        self.view.page_shown.connect(lambda id_: self.commands.follow(is_open=True, page_id=id_))
        self.view.asked.connect(lambda id_: self.run(BY_ID[id_]))
        self._stack.addWidget(self.view)
        self._stack.setCurrentWidget(self.view)
        self.view.begin(ranger, self.settings)
        self.setWindowTitle(_("{name} — Ranger").format(name=folder.stem))
        if opened.remarks:
            self.messages.say(" ".join(opened.remarks))

    def _let_go(self) -> None:
        if self.view is not None:
            self.view.end()
            # Jobs of this workspace must be over before its files are closed.
            self.background.close()
            self.background.deleteLater()
            self.background = Background(self)
            self.background.unheard.connect(self._tell_unheard)
            self._stack.removeWidget(self.view)
            self.view.deleteLater()
            self.view = None
        if self.ranger is not None:
            self.ranger.close()
            self.ranger = None

    def _may_stop_jobs(self) -> bool:
        under_way = [task for task in self.background.tasks if not task.quiet]
        if not under_way:
            return True
        question = ngettext(
            "{count} job is still under way.", "{count} jobs are still under way.", len(under_way)
        )
        return asking.whether(
            self,
            question.format(count=len(under_way)),
            hint=_("What is done is kept; the rest can be done again later."),
            yes=_("Stop and leave"),
            no=_("Stay"),
        )

    def _open_asked(self, folder: Path | None) -> None:
        if folder is None:
            self.ask_for_folder()
        else:
            self.open(folder)

    # ---- what can be asked for everywhere

    def run(self, action: Action) -> None:
        """Do what an action asks for."""
        if action.page:
            self._in_view("run", action)
        else:
            self._handlers[action.id]()

    def show_palette(self) -> None:
        """The command palette."""
        from ranger_app.gui.palette import Palette

        pages = {spec.id: _(spec.words) for spec in PAGES}
        offers = [(action, pages.get(action.page, "")) for action in self.commands.on_offer()]
        Palette(self, offers, self.run).open()

    def show_cheat_sheet(self) -> None:
        """Every key there is."""
        from ranger_app.gui.cheat_sheet import CheatSheet

        CheatSheet(self).open()

    def change_settings(self, settings: Settings) -> None:
        """Keep these settings for this user, and look as they say."""
        self.settings = settings
        if self.view is not None and self.view.context is not None:
            self.view.context.settings = settings
        self.theme.apply(appearance=settings.appearance, text_scale=settings.text_scale)
        try:
            write_settings(settings)
        except KnownError as error:
            self.messages.error(error)

    def tell_unforeseen(self, error: Exception) -> None:
        """Keep a report of a fault of ours, and say so once."""
        report = save_report(error)
        if self._unforeseen is None:
            self._unforeseen = Unforeseen(self, report)
            self._unforeseen.finished.connect(self._forget_unforeseen)
            self._unforeseen.open()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.view is not None and self.view.put_away():
            return
        super().keyPressEvent(event)

    def _look_changed(self) -> None:
        icons.renew()
        if self.view is not None:
            self.view.reload_all()

    def _forget_unforeseen(self) -> None:
        if self._unforeseen is not None:
            self._unforeseen.deleteLater()
            self._unforeseen = None

    def _tell_unheard(self, _task: Task, error: Exception) -> None:
        self.messages.error(error)

    def _change_text(self, step: float) -> None:
        scale = round(min(TEXT_SCALE_TO, max(TEXT_SCALE_FROM, self.settings.text_scale + step)), 2)
        self.change_settings(replace(self.settings, text_scale=scale))

    def _in_view(self, name: str, *arguments: Any) -> None:
        if self.view is not None:
            getattr(self.view, name)(*arguments)
