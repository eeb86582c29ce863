"""The stick on the Exchange page: choose one, see what it holds and would be given, then take and give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QPushButton

from ranger_app.gui import asking
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, boxed, column, row
from ranger_app.gui.widgets.text import fault, plain, say, strong
from ranger_app.i18n import _, file_size, ngettext, number
from ranger_app.sync.cargo import Originals
from ranger_app.sync.telling import own_words, plan_words, read_words, shown_words, written_words

if TYPE_CHECKING:
    from pathlib import Path

    from ranger_app.gui.page import Page
    from ranger_app.jobs import Work
    from ranger_app.sync.taking import BundleRead
    from ranger_app.sync.trading import StickSeen, Traded

MOST_SHOWN = 12
"""Bundles of which everything is said; a stick that holds more is told in a number."""


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
        self.choose = button(_("Choose a stick…"), icon="exchange", kind="primary", on=self.ask)
        self.another = button(_("Choose another stick…"), icon="exchange", on=self.ask)
        self.both = button(_("Take and give"), icon="exchange", kind="primary", on=self._both)
        self.take = button(_("Only take"), icon="receive", on=self._take)
        self.give = button(_("Only give"), icon="send", on=self._give)
        self.clear = button(_("Clear away what was received…"), icon="delete", on=self._clear)
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
                    [strong(_("On the stick")), self.holds, row(self.clear, None)],
                    [strong(_("From this laptop")), self.gives, self._choice],
                    gap=3,
                ),
                row(self.both, self.take, self.give, None),
            )
        )
        self.another.hide()
        self.add(row(self.choose, self.another, None))
        self.add(self.looked)
        self.add(self._found)
        self.add(self.done)
        self._found.hide()

    # ---- the first click, and what it shows

    def ask(self) -> None:
        """Have a stick chosen, and look at it."""
        self._begin(None)

    def ask_to_read(self) -> None:
        """The same, with reading as what comes next."""
        self._begin(self.take)

    def ask_to_write(self) -> None:
        """The same, with writing as what comes next."""
        self._begin(self.give)

    def _begin(self, wish: QPushButton | None) -> None:
        place = asking.for_folder(self._page, _("Choose the stick, or a folder"))
        if place is not None:
            self._wish = wish
            say(self.done, "")
            self.look(place)

    def look(self, place: Path) -> None:
        """Say what is on a stick and what would be put there."""
        exchange = self._page.context.ranger.exchange
        say(self.looked, _("Looking at “{name}”…").format(name=place.name or place))
        self._page.fetch(
            lambda work: exchange.look(place, work), self.show_seen, key="stick", failed=self._failed
        )

    def show_seen(self, seen: StickSeen) -> None:
        """Show what was seen, with the button that fits first."""
        self._seen = seen
        say(self.looked, _("“{name}”").format(name=seen.place.name or seen.place))
        say(self.holds, "\n\n".join(stick_words(seen)))
        say(self.gives, "\n".join(give_words(seen)), _give_tone(seen))
        self.clear.setVisible(bool(seen.to_clear))
        self._choice.setVisible(seen.plan is not None and seen.plan.weight.files > 0)
        fits = seen.plan is None or seen.plan.fits
        self.originals.setCurrentIndex(self.originals.findData(Originals.ALL if fits else Originals.FIT))
        gives = seen.to_give and seen.plan is not None and seen.plan.changes_fit
        self.take.setEnabled(seen.to_read)
        self.give.setEnabled(gives)
        self.both.setEnabled(seen.to_read or gives)
        self._found.show()
        # One button of a page says what to do next, and that is another one now.
        self.choose.hide()
        self.another.show()
        first = self._wish if self._wish is not None and self._wish.isEnabled() else self.both
        (first if first.isEnabled() else self.another).setFocus()

    def _failed(self, error: Exception) -> None:
        say(self.looked, "")
        self._found.hide()
        self.another.hide()
        self.choose.show()
        self._page.error(error)

    # ---- the last click, and what moved

    def _both(self) -> None:
        self._trade(take=True, give=True, title=_("Taking and giving"))

    def _take(self) -> None:
        self._trade(take=True, give=False, title=_("Reading a bundle"))

    def _give(self) -> None:
        self._trade(take=False, give=True, title=_("Writing a bundle"))

    def _trade(self, *, take: bool, give: bool, title: str) -> None:
        if self._seen is None:
            return
        exchange, place = self._page.context.ranger.exchange, self._seen.place
        originals = Originals(self.originals.currentData())

        def job(work: Work) -> Traded:
            done: Traded = exchange.trade(place, work, take=take, give=give, originals=originals)
            return done

        def moved(done: Traded) -> None:
            say(self.done, "\n\n".join(moved_words(done)), _tone(done))
            self.look(place)
            self._page.reload()

        for each in (self.both, self.take, self.give):
            each.setEnabled(False)
        task = self._page.do(job, title, moved)
        task.failed.connect(lambda _error: self.look(place))

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


def stick_words(seen: StickSeen) -> list[str]:
    """What a stick holds, a paragraph a bundle."""
    if not seen.bundles and not seen.too_new:
        return [_("There is no bundle on it yet.")]
    words = [" ".join(shown_words(one)) for one in seen.bundles[:MOST_SHOWN] if not one.ours]
    words += [own_words(one) for one in seen.own]
    more = len(seen.bundles) - MOST_SHOWN
    if more > 0:
        words.append(ngettext("And {n} more bundle.", "And {n} more bundles.", more).format(n=number(more)))
    if seen.too_new:
        words.append(
            ngettext(
                "{n} bundle is from a newer Ranger.", "{n} bundles are from a newer Ranger.", seen.too_new
            ).format(n=number(seen.too_new))
        )
    return words


def give_words(seen: StickSeen) -> list[str]:
    """What would be written, or why nothing can be."""
    return plan_words(seen.plan) if seen.plan is not None else [seen.why_not]


def moved_words(done: Traded) -> list[str]:
    """What moved in both directions."""
    words = []
    if done.read is not None:
        words.append(" ".join(read_words(done.read)))
    if done.written is not None:
        words.append(" ".join(written_words(done.written)))
    if done.left:
        words.append(done.left)
    return words or [_("There was nothing to take and nothing to give.")]


def _give_tone(seen: StickSeen) -> str:
    return (
        "warning"
        if seen.to_give and seen.plan is not None and not (seen.plan.fits and seen.plan.sealed)
        else ""
    )


def _tone(done: Traded) -> str:
    unsealed = done.written is not None and not done.written.sealed
    left_out = done.written is not None and done.written.files_left_out
    return "warning" if unsealed or left_out or done.left or _is_short(done.read) else "good"


def _is_short(read: BundleRead | None) -> bool:
    return read is not None and bool(
        read.missing_parts or read.damaged or read.segments_refused or read.sealed_anew
    )
