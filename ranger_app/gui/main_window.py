"""The window: the start screen or an open workspace, and what can be asked for everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from ranger_app.config import TEXT_SCALE_FROM, TEXT_SCALE_TO, Settings, write_settings
from ranger_app.domain.errors import KnownError, Refused, WrongPassphrase
from ranger_app.gui import asking
from ranger_app.gui.actions import BY_ID, Action
from ranger_app.gui.background import Background, Task
from ranger_app.gui.commands import Commands
from ranger_app.gui.drafts import Drafts
from ranger_app.gui.entering import opening
from ranger_app.gui.entering.entrance import Entrance
from ranger_app.gui.entering.locking import Locking, put_away_dialogs
from ranger_app.gui.entering.start_screen import StartScreen
from ranger_app.gui.keeping import Keeping
from ranger_app.gui.leaving import is_kept, may_stop_jobs
from ranger_app.gui.look import icons
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.messages import Messages
from ranger_app.gui.pages import PAGES
from ranger_app.gui.reports import save_report
from ranger_app.gui.unforeseen import Unforeseen
from ranger_app.gui.workspace_view import WorkspaceView
from ranger_app.i18n import _
from ranger_app.jobs import Job

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.entering.join_site import JoinWish
    from ranger_app.gui.entering.new_site import SiteWish

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
        self.drafts = Drafts()
        self.keeping = Keeping(self)
        self.commands = Commands(self, self.run)
        self.entrance = Entrance(self.start, self._run_quietly, self.tell_unforeseen)
        self.locking = Locking(self._stack, self.tell_unforeseen)
        self._handlers = {
            "undo": lambda: self._in_view("undo"),
            "reload": lambda: self._in_view("reload"),
            "palette": self.show_palette,
            "guide": self.show_guide,
            "cheat_sheet": self.show_cheat_sheet,
            "larger": lambda: self._change_text(+TEXT_STEP),
            "smaller": lambda: self._change_text(-TEXT_STEP),
            "workspace.open": self.ask_for_folder,
            "workspace.close": self.close_workspace,
            "lock": self.lock,
            "switch": self.switch_person,
            "quit": self.close,
        } | {f"go.{spec.id}": lambda id_=spec.id: self._in_view("go", id_) for spec in PAGES}
        theme.changed.connect(self._look_changed)
        self.messages.broke.connect(self.tell_unforeseen)
        self.background.unheard.connect(self._tell_unheard)
        self.start.open_asked.connect(self._open_asked)
        self.start.demo_asked.connect(self.open_demo)
        self.start.new_asked.connect(self.make)
        self.start.join_asked.connect(self.ask_to_join)
        self.start.unlock.given.connect(self.open)
        self.entrance.entered.connect(self._show)
        self.entrance.left.connect(self._leave_entrance)
        self.locking.locked.connect(lambda: self.commands.follow(is_open=False, page_id=""))
        self.locking.unlocked.connect(self._unlocked)
        self.locking.switch_asked.connect(self.switch_person)

    # ---- opening and closing

    def begin(self, folder: Path | None = None) -> None:
        """Open `folder`, or the workspace that was open last, or offer what can be done."""
        last = folder or self.settings.last_workspace
        if last is not None and (folder is not None or last.is_dir()):
            self.open(last)
        else:
            self.start.show_choices(self.settings.recent_workspaces)

    def open(
        self,
        folder: Path,
        passphrase: str | None = None,
        person: str | None = None,
        *,
        kept: bool = True,
    ) -> None:
        """Open a workspace on a worker's thread; the window shows it when it is there. Without `kept` the
        system's key store is not asked."""
        self._await(
            opening.opens(folder, passphrase, person=person, kept=kept),
            _("Opening {name}…").format(name=folder.stem),
            asks_about=folder,
        )

    def make(self, wish: SiteWish) -> None:
        """Make a workspace for a new site and open it."""
        words = _("Making {name}…").format(name=wish.folder.stem)
        self._await(opening.makes(wish), words, back=self.start.show_form)

    def ask_to_join(self, wish: JoinWish) -> None:
        """Make an empty workspace that asks to join a site."""
        self._await(
            opening.asks_to_join(wish), _("Making the laptop's keys…"), back=self.start.show_join_form
        )

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
        if self._left():
            self.start.show_choices(self.settings.recent_workspaces)

    def lock(self) -> None:
        """Let nobody see or write before the passphrase of who is signed in was given; jobs go on."""
        if not self.locking.lock():
            self.messages.say(_("This workspace has no passphrase, so a lock would protect nothing."))

    def switch_person(self) -> None:
        """Sign out. What was typed is kept for who typed it, and the next one may sign in."""
        if self.ranger is None:
            return
        folder = self.ranger.workspace.folder
        if self._left():
            self.open(folder, kept=False)

    def _left(self) -> bool:
        """Close what is open and stand on the start screen; False when the person would rather stay."""
        if self.view is None or not self._may_leave():
            return False
        self._let_go()
        self.commands.follow(is_open=False, page_id="")
        self.setWindowTitle(_("Ranger"))
        self._stack.setCurrentWidget(self.start)
        return True

    def _leave_entrance(self) -> None:
        self._let_go()
        self.start.show_choices(self.settings.recent_workspaces)

    def _unlocked(self) -> None:
        if self.view is not None and self.view.current is not None:
            self.commands.follow(is_open=True, page_id=self.view.current.page_id)
            self.view.current.take_focus()
        if self.drafts.forms:
            self.messages.say(_("A form that was open is kept as you left it: open it again."))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_leave():
            self._let_go()
            self.background.close()
            event.accept()
        else:
            event.ignore()

    def _await(
        self,
        job: Job[opening.Opened],
        words: str,
        *,
        asks_about: Path | None = None,
        back: Callable[..., None] | None = None,
    ) -> None:
        self._let_go()
        self._stack.setCurrentWidget(self.start)
        self.start.show_busy(words)
        task = self.background.run(job, words, quiet=True)

        def failed(error: Exception) -> None:
            told: Exception | None = error
            if isinstance(error, opening.PassphraseAsked) and asks_about is not None:
                self.start.ask_passphrase(asks_about, error.people)
                told = error.trouble
            elif isinstance(error, WrongPassphrase) and asks_about is not None:
                self.start.ask_passphrase(asks_about)
            elif back is not None:
                back(afresh=False)
            else:
                self.start.show_choices(self.settings.recent_workspaces)
            if isinstance(told, KnownError):
                self.start.show_error(told)
            elif told is not None:
                self.tell_unforeseen(told)

        task.finished.connect(self._arrived)
        task.failed.connect(failed)

    def _arrived(self, opened: opening.Opened) -> None:
        self.ranger = opened.ranger
        self.start.forget_passphrases()
        self.change_settings(self.settings.with_workspace(opened.ranger.workspace.folder))
        self.entrance.receive(opened)

    def _run_quietly(self, job: Job[Any], words: str) -> Task:
        return self.background.run(job, words, quiet=True)

    def _show(self, opened: opening.Opened) -> None:
        ranger, folder = opened.ranger, opened.ranger.workspace.folder
        self.drafts = Drafts(opened.drafts)
        self.view = WorkspaceView(
            background=self.background, messages=self.messages, theme=self.theme, keep=self.change_settings
        )
        self.view.page_shown.connect(lambda id_: self.commands.follow(is_open=True, page_id=id_))
        self.view.asked.connect(lambda id_: self.run(BY_ID[id_]))
        self._stack.addWidget(self.view)
        self._stack.setCurrentWidget(self.view)
        self.view.begin(ranger, self.settings)
        assert self.view.context is not None
        self.keeping.begin(self.view.context, self.view, self.drafts)
        name = f"{folder.stem}, {opened.person}" if opened.person else folder.stem
        self.setWindowTitle(_("{name} — Ranger").format(name=name))
        self.locking.begin(
            ranger,
            self.background,
            site=folder.stem,
            person=opened.person,
            minutes=self.settings.lock_after_min,
            sealed=opened.is_sealed,
        )
        remarks = [*opened.remarks]
        if opened.drafts:
            remarks.append(_("What you left half written is kept: open the form again, and it is there."))
        if remarks:
            self.messages.say(" ".join(remarks))

    def _let_go(self) -> None:
        self.locking.end()
        self.keeping.end()
        self.entrance.forget()
        if self.view is not None:
            put_away_dialogs()
            self.view.end()
        if self.ranger is not None:
            # Jobs of this workspace must be over before its files are closed.
            self.background.close()
            self.background.deleteLater()
            self.background = Background(self)
            self.background.unheard.connect(self._tell_unheard)
        if self.view is not None:
            self._stack.removeWidget(self.view)
            self.view.deleteLater()
            self.view = None
        if self.ranger is not None:
            try:
                self.ranger.people.keep_drafts(self.drafts.changes())
            except KnownError as error:  # a full disk must not keep the window from closing
                self.messages.error(error)
            self.ranger.close()
            self.ranger = None

    def _may_leave(self) -> bool:
        return may_stop_jobs(self, self.background) and is_kept(self, self.view)

    def _open_asked(self, folder: Path | None) -> None:
        if folder is None:
            self.ask_for_folder()
        else:
            self.open(folder)

    # ---- what can be asked for everywhere

    def run(self, action: Action) -> None:
        """Do what an action asks for."""
        why = self.view.why_not(action) if self.view is not None else ""
        if why:
            self.messages.error(Refused(why))
        elif action.page:
            self._in_view("run", action)
        else:
            self._handlers[action.id]()

    def show_palette(self) -> None:
        """The command palette."""
        from ranger_app.gui.palette import Palette

        pages = {spec.id: _(spec.words) for spec in PAGES}
        offers = [(action, pages.get(action.page, "")) for action in self.commands.on_offer()]
        Palette(self, offers, self.run).open()

    def show_guide(self) -> None:
        """The guide, at the chapter of the page in front."""
        from ranger_app.gui.guide import Guide

        page = self.view.current if self.view is not None else None
        Guide(self, page.page_id if page is not None else "", show_keys=self.show_cheat_sheet).open()

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
        self.locking.wait(settings.lock_after_min)
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
