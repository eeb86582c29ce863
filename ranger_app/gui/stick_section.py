"""The stick on the Exchange page: choose one, see what it holds and would be given, then take and give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QPushButton

from ranger_app.domain.errors import KnownError
from ranger_app.gui import asking, sticks, unfinished
from ranger_app.gui.sticks import Stick, StickWatch
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, boxed, column, row
from ranger_app.gui.widgets.people.forms import SheetForm
from ranger_app.gui.widgets.sticks.list import StickList
from ranger_app.gui.widgets.sticks.words import (
    give_tone,
    give_words,
    glance_words,
    moved_tone,
    moved_words,
    stick_words,
)
from ranger_app.gui.widgets.text import fault, plain, say, strong
from ranger_app.i18n import _, file_size
from ranger_app.sync.bundles.cargo import Originals
from ranger_app.sync.bundles.telling import own_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ranger_app.gui.page import Page
    from ranger_app.jobs import Work
    from ranger_app.sync.bundles.trading import StickSeen, Traded


class StickSection(Card):
    """Nothing is read or written before a person has seen what it would be."""

    def __init__(self, page: Page) -> None:
        super().__init__(
            _("Stick"),
            hint=_(
                "Carries what is new to the other laptops of this site, and brings theirs, without a network."
            ),
        )
        self._page = page
        self._seen: StickSeen | None = None
        self._wish: QPushButton | None = None
        self._moving = False
        """Something is being taken from it or given to it."""
        self._holds: dict[Path, str] = {}
        self.plugged = StickList()
        self.plugged.chosen.connect(lambda stick: self._look_at(stick.place))
        self.choose = button(_("Choose a folder…"), icon="folder", on=self.ask)
        self.both = button(_("Take and give"), icon="exchange", kind="primary", on=self._both)
        self.take = button(_("Only take"), icon="receive", on=self._take)
        self.give = button(_("Only give"), icon="send", on=self._give)
        self.clear = button(_("Clear away what was received…"), icon="delete", on=self._clear)
        self.by_sheet = button(_("Open it with the recovery sheet…"), icon="shield", on=self._open_by_sheet)
        self.looked, self.holds, self.gives, self.done = fault(), plain(), plain(), fault()
        self.originals = QComboBox()
        for words, which in (
            (_("All originals"), Originals.ALL),
            (_("As many originals as fit"), Originals.FIT),
            (_("No originals, only small pictures"), Originals.NONE),
        ):
            self.originals.addItem(words, which)
        form = Form()
        form.field(_("Photos and documents"), self.originals)
        self._choice = boxed(form)
        self._found = boxed(
            column(
                Beside(
                    [
                        strong(_("On the stick")),
                        self.holds,
                        row(self.clear, None),
                        row(self.by_sheet, None),
                    ],
                    [strong(_("From this laptop")), self.gives, self._choice],
                    gap=3,
                ),
                row(self.both, self.take, self.give, None),
            )
        )
        self.add(self.plugged)
        self.add(row(self.choose, None))
        self.add(self.looked)
        self.add(self._found)
        self.add(self.done)
        self._found.hide()
        self.watch = StickWatch(self)
        self.watch.changed.connect(self._plugged_or_not)

    # ---- what is plugged in

    def reload(self) -> None:
        """Read anew what is plugged in, and what lies on it."""
        self._page.fetch(lambda _work: sticks.plugged_in(), self._show_plugged, key="plugged in")

    def _plugged_or_not(self) -> None:
        if self.isVisible():  # else the page asks when it comes up
            self.reload()

    def _show_plugged(self, found: list[Stick]) -> None:
        gone = {one.place for one in self.plugged.sticks} - {one.place for one in found}
        name = self._name_of_seen
        self._holds = {one.place: self._holds.get(one.place, "") for one in found}
        self.plugged.show_sticks(found, self._holds)
        if self._seen is not None and self._seen.place in gone and not self._moving:
            self._forget()
            say(self.looked, _("“{name}” is not plugged in any more.").format(name=name), "warning")
        for stick in found:
            self._glance(stick)

    def _glance(self, stick: Stick) -> None:
        exchange = self._page.context.ranger.exchange

        def told(words: str) -> None:
            if stick.place in self._holds:
                self._holds[stick.place] = words
                self.plugged.show_sticks(self.plugged.sticks, self._holds)

        def failed(error: Exception) -> None:
            if isinstance(error, KnownError):
                told(error.text)
            else:
                self._page.error(error)

        self._page.fetch(
            lambda work: glance_words(exchange.glance(stick.place, work)),
            told,
            key=f"glance at {stick.place}",
            failed=failed,
        )

    # ---- the first click, and what it shows

    def ask(self) -> None:
        """Have a folder chosen, and look at it."""
        self._wish = None
        self._choose_folder()

    def ask_to_read(self) -> None:
        """The same, with reading as what comes next."""
        self._begin(self.take)

    def ask_to_write(self) -> None:
        """The same, with writing as what comes next."""
        self._begin(self.give)

    def _begin(self, wish: QPushButton) -> None:
        self._wish = wish
        if not self.plugged.sticks:
            self._choose_folder()
        elif len(self.plugged.sticks) == 1:
            self._look_at(self.plugged.sticks[0].place)
        else:
            say(self.looked, _("Which of the sticks?"))
            self.plugged.buttons[0].setFocus()

    def go_on(self, asked: Mapping[str, Any]) -> None:
        """Look at a stick, and go on with what was begun with it."""
        place = Path(str(asked["place"]))
        if self._moving:
            return

        def seen(found: StickSeen) -> None:
            self.show_seen(found)
            self.originals.setCurrentIndex(self.originals.findData(Originals(asked["originals"])))
            take, give = bool(asked["take"]), bool(asked["give"])
            title = _("Taking and giving") if take and give else self._title(give=give)
            self._trade(take=take, give=give, title=title)

        say(self.done, "")
        self._look(place, seen)

    def _choose_folder(self) -> None:
        place = asking.for_folder(self._page, _("Choose the stick, or a folder"))
        if place is not None:
            self._look_at(place)

    def _look_at(self, place: Path) -> None:
        say(self.done, "")
        self.look(place)

    def look(self, place: Path) -> None:
        """Say what is on a stick and what would be put there."""
        self._look(place, self.show_seen)

    def _look(self, place: Path, then: Callable[[StickSeen], None]) -> None:
        exchange = self._page.context.ranger.exchange
        say(self.looked, _("Looking at “{name}”…").format(name=place.name or place))
        self._page.fetch(lambda work: exchange.look(place, work), then, key="stick", failed=self._failed)

    def show_seen(self, seen: StickSeen) -> None:
        """Show what was seen, with the button that fits first."""
        self._seen = seen
        self.plugged.stand_on(seen.place)
        say(self.looked, _("“{name}”").format(name=self._name_of_seen))
        say(self.holds, "\n\n".join(stick_words(seen)))
        say(self.gives, "\n".join(give_words(seen)), give_tone(seen))
        self.clear.setVisible(bool(seen.to_clear))
        self.by_sheet.setVisible(seen.closed)
        self._choice.setVisible(seen.plan is not None and seen.plan.weight.files > 0)
        fits = seen.plan is None or seen.plan.fits
        self.originals.setCurrentIndex(self.originals.findData(Originals.ALL if fits else Originals.FIT))
        gives = seen.to_give and seen.plan is not None and seen.plan.changes_fit
        self.take.setEnabled(seen.to_read and not self._moving)
        self.give.setEnabled(gives and not self._moving)
        self.both.setEnabled((seen.to_read or gives) and not self._moving)
        self._found.show()
        first = self._wish if self._wish is not None and self._wish.isEnabled() else self.both
        (first if first.isEnabled() else self.choose).setFocus()
        self._wish = None

    @property
    def _name_of_seen(self) -> str:
        if self._seen is None:
            return ""
        known = {one.place: one.name for one in self.plugged.sticks}
        place = self._seen.place
        return known.get(place) or place.name or str(place)

    def _forget(self) -> None:
        """Show nothing of the stick any more."""
        self._found.hide()
        self.plugged.stand_on(None)
        say(self.looked, "")
        self.choose.setFocus()

    def _failed(self, error: Exception) -> None:
        self._forget()
        self._page.error(error)

    # ---- the last click, and what moved

    def _both(self) -> None:
        self._trade(take=True, give=True, title=_("Taking and giving"))

    def _take(self) -> None:
        self._trade(take=True, give=False, title=self._title(give=False))

    def _give(self) -> None:
        self._trade(take=False, give=True, title=self._title(give=True))

    @staticmethod
    def _title(*, give: bool) -> str:
        return _("Writing a bundle") if give else _("Reading a bundle")

    def _open_by_sheet(self, typed: str = "", wrong: str = "") -> None:
        happens = _(
            "For when no laptop is left that opens it: everything that was sealed since the sheet was "
            "printed opens with its words. They are not kept."
        )
        title = _("Open it with the recovery sheet")
        form = SheetForm(self._page, title, _("Open and take"), happens, typed=typed, wrong=wrong)
        if not form.asked():
            return
        words = form.words.toPlainText()
        try:
            secret = self._page.context.ranger.exchange.secret_of_sheet(words)
        except KnownError as error:
            self._open_by_sheet(words, f"{error.text} {error.what_to_do}".strip())
        else:
            self._trade(take=True, give=False, title=self._title(give=False), secrets=(secret,))

    def _trade(self, *, take: bool, give: bool, title: str, secrets: Sequence[str] = ()) -> None:
        if self._seen is None:
            return
        exchange, place = self._page.context.ranger.exchange, self._seen.place
        originals = Originals(self.originals.currentData())

        def job(work: Work) -> Traded:
            done: Traded = exchange.trade(
                place, work, take=take, give=give, originals=originals, secrets=secrets
            )
            return done

        def moved(done: Traded) -> None:
            self._moving = False
            say(self.done, "\n\n".join(moved_words(done)), moved_tone(done))
            self.look(place)
            self._page.reload()

        def ended() -> None:
            # Why is said on the page already; that the stick is gone as well must not take its place.
            self._moving = False
            self._page.fetch(
                lambda work: exchange.look(place, work),
                self.show_seen,
                key="stick",
                failed=lambda _error: self._forget(),
            )
            self.reload()

        def stopped() -> None:
            words = _("Stopped. What was taken is kept; what was written is of use, and is gone on with.")
            say(self.done, words, "warning")
            ended()

        for each in (self.both, self.take, self.give):
            each.setEnabled(False)
        self._moving = True
        begun = unfinished.stick(place, name=self._name_of_seen, take=take, give=give, originals=originals)
        # What only the words of the sheet open cannot be begun again without them, and they are not kept.
        task = self._page.do(job, title, moved, long=True, begun=None if secrets else begun)
        task.failed.connect(lambda _error: ended())
        task.cancelled.connect(stopped)

    def _clear(self) -> None:
        if self._seen is None or not self._seen.to_clear:
            return
        exchange, own = self._page.context.ranger.exchange, self._seen.to_clear
        size = file_size(sum(one.bytes for one in own))
        sure = asking.whether(
            self._page,
            _("Clear away what was received?"),
            yes=_("Clear away {size}").format(size=size),
            hint=" ".join(own_words(one) for one in own),
        )
        place = self._seen.place
        if sure:
            self._page.do(
                lambda _work: [exchange.clear(one.folder) for one in own],
                _("Clearing a stick"),
                lambda _freed: self.look(place),
            )
