"""The People page: who signs in, which laptops belong to the site, what is kept aside, the recovery sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox

from ranger_app.domain.people import Person
from ranger_app.gui import asking
from ranger_app.gui.context import Context
from ranger_app.gui.entering.comparing import ANSWER_ENDING, REQUEST_ENDING, same_words
from ranger_app.gui.page import Command, Page
from ranger_app.gui.recovery_sheet import RecoverySheet
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button, offer
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, page_column
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.people.forms import (
    LaptopRoleForm,
    PassphraseForm,
    PersonForm,
    QuotaForm,
    RetireForm,
    RevokeForm,
)
from ranger_app.gui.widgets.people.seen import (
    Aside,
    PeopleSeen,
    aside_words,
    look,
    present_words,
    role_of,
    roles_of,
    standing_words,
    where_of,
)
from ranger_app.gui.widgets.spoken_words import SpokenWords
from ranger_app.gui.widgets.text import fault, muted, plain, say
from ranger_app.i18n import _, moment, number
from ranger_app.sync.people.laptops import Laptop

MARK_BYTES = 4  # of a laptop's long name, enough to tell two apart
ROWS_SEEN = 5


class PeoplePage(Page):
    """Every step says what happens; what cannot be taken back is confirmed in words."""

    page_id = "people"
    watches = frozenset({"device", "site"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._seen: PeopleSeen | None = None
        self.standing, self.present, self.why = plain(_("Looking…")), plain(_("Looking…")), fault()
        self.done, self.aside_told = fault(), fault()
        self.site_words = SpokenWords(name=_("The six words of the site"))
        self.site_words.hide()
        self.sheet = RecoverySheet(self, self._tell)
        self.laptops = Listing(
            [
                Column[Laptop](_("Laptop"), lambda one: one.name, stretch=True),
                Column(_("Role"), role_of),
                Column(
                    _("Changes here"), lambda one: number(one.changes), lambda one: one.changes, numeric=True
                ),
                Column(_("Mark"), lambda one: one.replica[:MARK_BYTES].hex()),
                Column("", lambda one: _("this one") if one.this else ""),
            ],
            name=_("Laptops of this site"),
            empty=EmptyState("device", _("No laptop is known yet")),
            key=lambda one: one.replica,
        )
        self.people = Listing(
            [
                Column[Person](_("Name"), lambda one: one.name, stretch=True),
                Column(_("Roles"), roles_of),
                Column(_("Signs in"), self._where),
                Column(_("Passphrase here"), self._passphrase_of, optional=True),
            ],
            name=_("People of this site"),
            empty=EmptyState(
                "person",
                _("Nobody signs in yet"),
                _("Add the people who share these laptops, and what is written names its writer."),
            ),
            key=lambda one: one.id,
        )
        self.aside = Listing(
            [
                Column[Aside](_("When"), lambda one: moment(one.at.astimezone()), lambda one: one.at),
                Column(_("Laptop"), lambda one: one.laptop),
                Column(_("Number"), lambda one: number(one.number), lambda one: one.number, numeric=True),
                Column(_("Person"), lambda one: one.person, optional=True),
                Column(_("What"), lambda one: one.what),
                Column(_("Value"), lambda one: one.value, stretch=True, tip=lambda one: one.value),
                Column(_("As"), lambda one: one.role or _("not enrolled")),
            ],
            name=_("Changes that are kept aside"),
            empty=EmptyState("check", _("Nothing is kept aside")),
        )
        self._make_buttons()
        self._lay_out()
        self.laptops.picked.connect(lambda _laptop: self._allow())
        self.people.picked.connect(lambda _person: self._allow())

    def commands(self) -> Mapping[str, Command]:
        return {
            "people.answer": self._answer,
            "people.add": self._add,
            "people.sheet": self.sheet.print_new,
            "people.passphrase": self._change_passphrase,
        }

    def go_to(self, **where: Any) -> None:
        """Come here to do something at once: `do` is the id of one of the commands."""
        self.commands()[where["do"]]()

    def reload(self) -> None:
        ranger = self.context.ranger
        self.fetch(lambda _work: look(ranger), self._show, key="people")

    # ---- how it looks

    def _make_buttons(self) -> None:
        self.answer = button(_("Answer a laptop that asks to join…"), icon="device", on=self._answer)
        self.role = button(_("Role…"), icon="edit", on=self._give_role)
        self.quota = button(_("Quota…"), icon="edit", on=self._set_quota)
        self.revoke = button(_("Shut out…"), icon="stop", kind="danger", on=self._revoke)
        self.add = button(_("Add a person…"), icon="plus", on=self._add)
        self.change = button(_("Change…"), icon="edit", on=self._change)
        self.retire = button(_("Retire…"), icon="minus", kind="danger", on=self._retire)
        self.passphrase = button(_("Change the passphrase…"), icon="lock", on=self._change_passphrase)
        self.kept = QCheckBox(_("Open it without typing on this computer"))
        self.kept.clicked.connect(self._keep_key)
        self.kept_hint = muted()

    def _lay_out(self) -> None:
        for listing in (self.laptops, self.people, self.aside):
            listing.setMinimumHeight(listing.table.verticalHeader().defaultSectionSize() * ROWS_SEEN)
        for_laptops = ButtonRow(self.answer, self.role, self.quota, self.revoke, None)
        laptops = Card(_("Laptops"), self.laptops, self.standing, for_laptops)
        people = Card(_("People"), self.people, ButtonRow(self.add, self.change, self.retire, None))
        you = Card(_("You"), self.present, ButtonRow(self.passphrase, None), self.kept, self.kept_hint)
        self._aside_card = Card(_("Kept aside"), self.aside_told, self.aside)
        self._aside_card.hide()
        page_column(
            self,
            self.why,
            self.done,
            self.site_words,
            Beside([laptops, self.sheet], [people, you]),
            self._aside_card,
            None,
        )

    def _show(self, seen: PeopleSeen) -> None:
        self._seen = seen
        self.laptops.show_rows(seen.laptops)
        self.people.show_rows(seen.people)
        self.aside.show_rows(seen.aside)
        self._aside_card.setVisible(bool(seen.aside or seen.quotas))
        say(self.aside_told, aside_words(seen), "warning")
        say(self.standing, *standing_words(seen))
        say(self.present, present_words(seen))
        say(self.why, seen.why_not, "warning")
        self.sheet.show_seen(seen)
        self.passphrase.setEnabled(seen.is_sealed)
        can_keep = seen.is_sealed and not seen.no_store
        self.kept.setChecked(seen.key_is_kept)
        self.kept.setEnabled(can_keep or seen.key_is_kept)
        say(self.kept_hint, self._kept_words(seen))
        self._allow()

    def _kept_words(self, seen: PeopleSeen) -> str:
        if not seen.is_sealed:
            return _("This workspace has no passphrase: whoever has the laptop reads everything in it.")
        if seen.no_store:
            return seen.no_store
        return _("Whoever is at this computer under this account can then open it; the lock still asks.")

    def _allow(self) -> None:
        """Offer what can be done to what is chosen, by who is signed in; say why not where it cannot."""
        seen = self._seen
        if seen is None:
            return
        laptop, person = self.laptops.current, self.people.current
        enrolled = laptop is not None and laptop.enrolled
        alive = laptop is not None and laptop.role is not None
        standing = person is not None and bool(person.roles)
        for one, fits in (
            (self.answer, True),
            (self.role, alive and seen.listed),
            (self.quota, enrolled and seen.listed),
            (self.revoke, enrolled and seen.listed),
            (self.add, True),
            (self.change, person is not None),
            (self.retire, standing),
        ):
            offer(one, fits=fits, why_not=seen.why_not)

    def _where(self, person: Person) -> str:
        return where_of(person, self._seen) if self._seen else ""

    def _passphrase_of(self, person: Person) -> str:
        seen = self._seen
        if seen is None or not seen.is_sealed or person.id not in seen.here:
            return ""
        return _("chosen") if person.id in seen.with_passphrase else _("not yet")

    def _tell(self, words: str, of_site: Sequence[str] = ()) -> None:
        say(self.done, words, "good")
        self.site_words.show_words(of_site)
        self.reload()

    # ---- laptops

    def _answer(self) -> None:
        words = _("The request of the new laptop")
        request = asking.for_file(self, words, endings=(REQUEST_ENDING,))
        if request is None:
            return
        devices = self.context.ranger.devices

        def compare(asked: Any) -> None:
            role = same_words(self, name=asked.name, words=asked.words)
            out = role and asking.for_new_file(
                self, _("Where to write the answer"), name=f"{request.stem}{ANSWER_ENDING}"
            )
            if role and out:
                answer = partial(devices.answer, request, role=role, out=out)
                self.do(lambda _work: (out, answer()), _("Answering a laptop"), done)

        def done(answered: tuple[Path, Sequence[str]]) -> None:
            out, of_site = answered
            told = _(
                "Take {file} to the new laptop. It will show these six words for the site; compare them."
            )
            self._tell(told.format(file=out.name), of_site)

        self.fetch(lambda _work: devices.asked(request), compare)

    def _give_role(self) -> None:
        laptop = self.laptops.current
        if laptop is None:
            return
        form, devices = LaptopRoleForm(self, laptop), self.context.ranger.devices
        if form.asked():
            job = partial(devices.set_role, laptop.replica, role=form.role)
            told = _("“{name}” has another role from now on.").format(name=laptop.name)
            self._change_directory(job, told)

    def _set_quota(self) -> None:
        laptop = self.laptops.current
        if laptop is None:
            return
        form, devices = QuotaForm(self, laptop), self.context.ranger.devices
        if form.asked():
            most = form.changes.value()
            told = _("“{name}” may bring {n} single changes; what is beyond is kept aside.")
            job = partial(devices.set_quota, laptop.replica, most)
            self._change_directory(job, told.format(name=laptop.name, n=number(most)))

    def _revoke(self) -> None:
        laptop = self.laptops.current
        if laptop is None:
            return
        form, devices = RevokeForm(self, laptop), self.context.ranger.devices
        if form.asked():
            job = partial(devices.revoke, laptop.replica, accept_up_to=form.up_to.value())
            told = _(
                "“{name}” is shut out; what it wrote up to number {n} counts. The others learn of it, and of "
                "the new key, with the next bundle."
            )
            self._change_directory(job, told.format(name=laptop.name, n=form.up_to.value()))

    # ---- people

    def _add(self) -> None:
        if self._seen is None:
            return
        is_first = not self._seen.people
        form = PersonForm(self, None, self._seen.laptops, is_first=is_first)
        if not form.asked():
            return
        people = self.context.ranger.people
        name, roles, devices = form.name.text(), form.chosen_roles, form.devices

        def job() -> None:
            made = people.add(name, roles=roles, devices=devices)
            if is_first and people.asks() and made in people.here():
                people.enter(made)  # who begins the list sits here

        self._change_directory(job, _("“{name}” may sign in now.").format(name=name))

    def _change(self) -> None:
        person = self.people.current
        if person is None or self._seen is None:
            return
        form, people = (
            PersonForm(self, person, self._seen.laptops, is_first=False),
            self.context.ranger.people,
        )
        if form.asked():
            job = partial(
                people.change,
                person,
                name=form.name.text(),
                roles=form.chosen_roles,
                devices=form.devices,
                everywhere=form.devices is None,
            )
            told = _("What “{name}” may do is changed from now on.").format(name=form.name.text())
            self._change_directory(job, told)

    def _retire(self) -> None:
        person = self.people.current
        if person is not None and RetireForm(self, person).asked():
            told = _("“{name}” signs in no more; what they wrote until now counts.").format(name=person.name)
            self._change_directory(partial(self.context.ranger.people.retire, person), told)

    def _change_directory(self, job: Callable[[], object], told: str) -> None:
        self.do(
            lambda _work: job(), _("Changing the list of laptops and people"), lambda _done: self._tell(told)
        )

    # ---- this laptop's own seal

    def _change_passphrase(self) -> None:
        seen = self._seen
        if seen is None or not seen.is_sealed:
            return
        ranger, person = self.context.ranger, seen.present
        own = person is not None and person.id in seen.with_passphrase
        whose = _("Your passphrase on this laptop") if person else _("Change the laptop's passphrase")
        form = PassphraseForm(self, whose=whose, asks_present=own or person is None)
        if not form.asked():
            return
        before, new = form.present.text(), form.new.passphrase.text()

        def job() -> None:
            if own or person is None:
                ranger.people.check(before)
            if person is None:
                ranger.devices.change_passphrase(new)
            else:
                ranger.people.choose_passphrase(person, new)

        told = _("The passphrase is changed.")
        self.do(lambda _work: job(), _("Changing the passphrase"), lambda _done: self._tell(told))

    def _keep_key(self, wanted: bool) -> None:
        people = self.context.ranger.people
        job = people.keep_key if wanted else people.forget_key
        task = self.do(
            lambda _work: job(), _("Asking the key store"), lambda _done: self.reload(), quiet=True
        )
        task.failed.connect(lambda _error: self.kept.setChecked(not wanted))
