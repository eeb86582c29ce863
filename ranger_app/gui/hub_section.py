"""The hub on the Exchange page: where it is, exchanging with it, and what it has signed for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QLineEdit

from ranger_app.gui import asking
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, Part, row
from ranger_app.gui.widgets.text import fault, muted, plain, say
from ranger_app.i18n import _, file_size, moment, ngettext, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ranger_app.gui.context import Context
    from ranger_app.gui.drafts import Typed
    from ranger_app.gui.hub_exchange import HubExchange
    from ranger_app.gui.page import Page
    from ranger_app.jobs import Progress
    from ranger_app.sync.hub.memory import LastExchange
    from ranger_app.sync.hub.seen import HubSeen

CARD_NAME = "hub-card.json"
NOT_LET_IN, SHUT_OUT, OTHER_HUB = "not-admitted", "revoked", "other-hub"
NOT_CERTIFIED = "not-certified"
ADDRESS = "address"
A_PERSON_MUST_ACT = (NOT_LET_IN, SHUT_OUT, OTHER_HUB, NOT_CERTIFIED)
"""Trying again later does not help."""
CERTIFICATES = (".pem", ".crt", ".cer")


class HubSection(Card):
    """Shows what is known here; the network is asked only when somebody wants it, or has allowed it."""

    def __init__(self, page: Page) -> None:
        super().__init__(
            _("Hub"),
            hint=_("A computer that the site's laptops reach over a network. Sticks do without it."),
        )
        self._page = page
        self._hub: HubExchange = _of(page.context)
        self.address = QLineEdit()
        self.address.setPlaceholderText(_("such as https://hub.example.org"))
        self.address.returnPressed.connect(self.sync)
        self.now = button(_("Exchange now"), icon="exchange", on=self.sync)
        self.card = button(_("Write this laptop's card…"), icon="device", on=self._write_card)
        self.trust = button(_("It was set up anew: trust it"), icon="shield", kind="danger", on=self._trust)
        self.authority = button(
            _("Choose its authority's certificate…"), icon="shield", on=self._choose_authority
        )
        self.automatic = QCheckBox(_("Exchange by itself when there is a network"))
        self.automatic.clicked.connect(lambda on: self._hub.may_go_by_itself(on))
        self.status, self.moved, self.waiting = plain(), muted(), fault()
        form = Form()
        form.field(_("Address of the hub"), self.address)
        asks: list[Part] = [form, row(self.now, self.card, None), self.automatic]
        told: list[Part] = [self.status, row(self.trust, self.authority, None), self.moved, self.waiting]
        self.add(Beside(asks, told, gap=3))
        self.trust.hide()
        self.authority.hide()
        self._seen: HubSeen | None = None
        self._hub.changed.connect(page.reload)
        self._hub.moved.connect(self._under_way)

    def reload(self) -> None:
        """Read anew what is known of the hub."""
        exchange = self._page.context.ranger.exchange
        self.now.setEnabled(not self._hub.running)
        self._page.fetch(lambda _work: exchange.hub(), self.show_seen, key="hub")

    def sync(self) -> None:
        """Exchange now with the hub whose address stands there."""
        address = self.address.text().strip()
        if not address:
            say(self.status, _("Write the address of the hub; its keeper has it."), "warning")
            self.address.setFocus()
        elif not self._hub.running:
            self._hub.start(url=address)

    def show_seen(self, seen: HubSeen) -> None:
        """Show what is known of the hub."""
        before, self._seen = self._seen, seen
        if before is None or before.url != seen.url:
            self.address.setText(seen.url)
        if before is None and (typed := self._page.draft(ADDRESS)):
            self.address.setText(str(typed.get(ADDRESS, "")))
        self.automatic.setChecked(seen.automatic)
        self.automatic.setEnabled(bool(seen.url))
        if self._hub.running:
            say(self.status, _("Exchanging with the hub…"))
            return
        say(self.status, *status_words(seen))
        say(self.moved, moved_words(seen.last) if seen.last else "")
        say(self.waiting, waiting_words(seen), "warning")
        self.trust.setVisible(seen.last is not None and seen.last.code == OTHER_HUB)
        self.authority.setVisible(seen.last is not None and seen.last.code == NOT_CERTIFIED)

    def half_written(self) -> Mapping[str, Typed]:
        """An address with which nothing was exchanged yet."""
        address = self.address.text().strip()
        is_new = self._seen is not None and address != self._seen.url
        return {ADDRESS: {ADDRESS: address}} if is_new else {}

    def _under_way(self, progress: Progress) -> None:
        words = _("Exchanging with the hub: {what} ({done})").format(
            what=progress.note, done=number(progress.done)
        )
        say(self.status, words)

    def _trust(self) -> None:
        sure = asking.whether(
            self._page,
            _("Was the hub set up anew?"),
            yes=_("Trust its new key"),
            hint=_("Ask its keeper first. Somebody who answers in the hub's place would get your changes."),
        )
        if sure and self._seen is not None:
            self._hub.start(new_hub=True)

    def _choose_authority(self) -> None:
        path = asking.for_file(
            self._page, _("The certificate of the programme's own authority"), endings=CERTIFICATES
        )
        if path is None:
            return
        exchange = self._page.context.ranger.exchange
        # Only a file that the hub's keeper gave counts; whoever answers there cannot choose it.
        self._page.fetch(lambda _work: exchange.trust_authority(path), lambda _nothing: self.sync())

    def _write_card(self) -> None:
        path = asking.for_new_file(self._page, _("Where to write this laptop's card"), name=CARD_NAME)
        if path is None:
            return
        exchange = self._page.context.ranger.exchange

        def done(_nothing: Any) -> None:
            words = _("Give {name} to the hub's keeper, who lets this laptop in with it. It holds no secret.")
            self._page.context.messages.say(words.format(name=path.name))

        self._page.fetch(lambda _work: exchange.write_card(path), done)


def status_words(seen: HubSeen) -> tuple[str, str]:
    """How it stands with the hub, with the tone to say it in. “Synced” is said of what a receipt covers."""
    last = seen.last
    if last is None:
        none = _("This workspace has no hub yet.")
        return none if not seen.url else _("Nothing has been exchanged with it yet."), ""
    when = moment(last.at.astimezone())
    if last.failed:
        tone = "danger" if last.code in A_PERSON_MUST_ACT else "warning"
        return _("{when}: {what}").format(when=when, what=f"{last.failed} {way_out(last)}".strip()), tone
    if not last.confirmed:
        why = " ".join(last.reasons)
        return _("{when}: not synced. {why}").format(when=when, why=why).strip(), "warning"
    if seen.unsigned:
        return _("{when}: the hub signed for everything that was here then.").format(when=when), ""
    return _("Synced {when}: the hub has signed for everything that is here.").format(when=when), "good"


def way_out(last: LastExchange) -> str:
    """What to do about an exchange that failed, in the words of the window."""
    if last.code == NOT_LET_IN:
        return _("Write this laptop's card, and give that to the hub's keeper.")
    if last.code == NOT_CERTIFIED:
        return _("If the programme has an authority of its own, its keeper has the certificate as a file.")
    if last.code == OTHER_HUB:
        return _("Ask its keeper before you trust it.")
    return last.way_out


def moved_words(last: LastExchange) -> str:
    """What moved in the last exchange, both ways."""
    if not (last.segments_sent or last.segments_received or last.files_sent or last.files_received):
        return "" if last.failed else _("There was nothing new on either side.")
    return _(
        "Sent: {changes_out} changes, {files_out} files, {size_out}. "
        "Received: {changes_in} changes, {files_in} files, {size_in}."
    ).format(
        changes_out=number(last.segments_sent),
        files_out=number(last.files_sent),
        size_out=file_size(last.bytes_sent),
        changes_in=number(last.segments_received),
        files_in=number(last.files_received),
        size_in=file_size(last.bytes_received),
    )


def waiting_words(seen: HubSeen) -> str:
    """What is here that the hub has not signed for."""
    if not seen.url or not seen.unsigned:
        return ""
    return ngettext(
        "{count} change here waits for the hub's receipt.",
        "{count} changes here wait for the hub's receipt.",
        seen.unsigned,
    ).format(count=number(seen.unsigned))


def _of(context: Context) -> HubExchange:
    assert context.hub is not None, "an open workspace has its exchanges with a hub"
    return context.hub
