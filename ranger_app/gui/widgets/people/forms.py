"""The small forms about people and laptops. What cannot be taken back is confirmed by typing a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from ranger_app.domain.people import Person
from ranger_app.domain.roles import ROLES
from ranger_app.gui.drafts import SECRET
from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import Form, Part, boxed, column, indented
from ranger_app.gui.widgets.note import Note
from ranger_app.gui.widgets.protection import NewPassphrase
from ranger_app.gui.widgets.role_words import role_hint, role_words
from ranger_app.gui.widgets.text import muted, plain, say, strong
from ranger_app.i18n import _, number
from ranger_app.sync.people.laptops import Laptop

MOST_NUMBER = 2**31 - 1
SHEET_STEPS = 36  # room for the eight lines of words


class _Confirmed(Asking):
    """Goes on only when the name of what it is about was typed."""

    def __init__(self, parent: QWidget, title: str, yes: str, name: str, *parts: Part) -> None:
        self._name = name.strip()
        self.typed = QLineEdit()
        self._form = Form()
        self._form.field(_("To confirm, type the name: {name}").format(name=self._name), self.typed)
        super().__init__(parent, title, yes, *parts, boxed(self._form))

    def find_fault(self) -> str:
        if self.typed.text().strip().casefold() != self._name.casefold():
            self.typed.setFocus()
            return _("Type the name as it stands there: {name}").format(name=self._name)
        return ""


class LaptopRoleForm(Asking):
    """Another role for a laptop."""

    def __init__(self, parent: QWidget, laptop: Laptop) -> None:
        self.roles = QComboBox()
        for role in ROLES:
            self.roles.addItem(role_words(role), role)
        self.roles.setCurrentIndex(max(0, self.roles.findData(laptop.role)))
        form = Form()
        form.field(_("It may do what this role may do"), self.roles)
        self.means = muted(role_hint(self.role))
        self.roles.currentIndexChanged.connect(lambda _at: self.means.setText(role_hint(self.role)))
        happens = plain(
            _(
                "What this laptop has written keeps the role that it had, as far as it is here. What it "
                "writes from now on has the new one; it learns of it with the next bundle or from the hub."
            )
        )
        title = _("Role of “{name}”").format(name=laptop.name)
        super().__init__(parent, title, _("Give it this role"), happens, boxed(form), self.means)

    @property
    def role(self) -> str:
        return str(self.roles.currentData())


class RevokeForm(_Confirmed):
    """Shuts a laptop out, and says up to where its changes count."""

    def __init__(self, parent: QWidget, laptop: Laptop) -> None:
        again = laptop.accept_up_to is not None
        self.up_to = QSpinBox()
        self.up_to.setRange(0, MOST_NUMBER)
        self.up_to.setValue(laptop.accept_up_to if laptop.accept_up_to is not None else laptop.changes)
        form = Form()
        hint = _("{count} changes of this laptop are here.").format(count=laptop.changes)
        form.field(_("Accept its changes up to number"), self.up_to, hint=hint)
        happens = (
            plain(
                _("This laptop is shut out already. Only the number moves: what it covers counts everywhere.")
            )
            if again
            else plain(
                _(
                    "A laptop that is lost or in wrong hands is shut out. What it wrote up to this number "
                    "counts; what it wrote later is kept aside on every laptop, for a person to look at: a "
                    "stolen laptop may hold a ranger's last honest patrol. The others get a new key, which "
                    "it has not. What it holds already it can still read."
                )
            )
        )
        yes = _("Move the number") if again else _("Shut it out")
        title = _("Shut out “{name}”").format(name=laptop.name)
        super().__init__(parent, title, yes, laptop.name, happens, boxed(form))


class QuotaForm(Asking):
    """How much a laptop may bring."""

    def __init__(self, parent: QWidget, laptop: Laptop) -> None:
        self.changes = QSpinBox()
        self.changes.setRange(0, MOST_NUMBER)
        self.changes.setGroupSeparatorShown(True)
        self.changes.setValue(min(laptop.quota or 0, MOST_NUMBER))
        form = Form()
        hint = _("It has brought {count} so far.").format(count=number(laptop.brought))
        form.field(_("Single changes that it may bring in all"), self.changes, hint=hint)
        happens = plain(
            _(
                "A laptop in wrong hands, or a program gone mad, could flood every laptop of the site. What "
                "this one brings beyond its quota is kept aside everywhere, is not lost, and comes in when "
                "the number is raised. The others learn of it with the next bundle or from the hub."
            )
        )
        title = _("Quota of “{name}”").format(name=laptop.name)
        super().__init__(parent, title, _("Set its quota"), happens, boxed(form))


class PersonForm(Asking):
    """A person's name, roles, and where they sign in."""

    def __init__(
        self, parent: QWidget, person: Person | None, laptops: Sequence[Laptop], *, is_first: bool
    ) -> None:
        self.name = QLineEdit(person.name if person else "")
        now = person.roles if person else ()
        self.roles = {role: QCheckBox(role_words(role)) for role in ROLES}
        for role, box in self.roles.items():
            box.setChecked(role in now or (is_first and role == ROLES[-1]))
        self.everywhere = QCheckBox(_("On every laptop of the site, those to come too"))
        self.everywhere.setChecked(person is None or person.devices is None)
        known = [one for one in laptops if one.role is not None]
        self.laptops = {one.replica: QCheckBox(one.name) for one in known}
        for replica, box in self.laptops.items():
            box.setChecked(person is not None and person.devices is not None and replica in person.devices)
        some = boxed(column(*self.laptops.values(), gap=1))
        some.setVisible(not self.everywhere.isChecked())
        self.everywhere.toggled.connect(lambda on: some.setVisible(not on))
        form = Form()
        form.field(_("Name"), self.name, hint=_("As the others know them; two people need two names."))
        first = _(
            "Begin with yourself, as administrator. From then on everybody signs in on the laptops that you "
            "choose below, and what is written there names its writer."
        )
        later = _(
            "They may do what their roles allow, and nowhere more than the laptop's own role allows. They "
            "choose a passphrase of their own when they first sign in on a laptop."
        )
        super().__init__(
            parent,
            _("Change “{name}”").format(name=person.name) if person else _("Add a person"),
            _("Change them") if person else _("Add them"),
            plain(first if is_first else later),
            boxed(form),
            strong(_("What they do")),
            _explained(self.roles),
            strong(_("Where they sign in")),
            self.everywhere,
            some,
        )

    def find_fault(self) -> str:
        if not self.name.text().strip():
            self.name.setFocus()
            return _("Give them a name.")
        if not self.chosen_roles:
            next(iter(self.roles.values())).setFocus()
            return _("Say what they do: at least one role.")
        return ""

    @property
    def chosen_roles(self) -> list[str]:
        return [role for role, box in self.roles.items() if box.isChecked()]

    @property
    def devices(self) -> list[bytes] | None:
        """Where they sign in; None for everywhere."""
        if self.everywhere.isChecked():
            return None
        return [replica for replica, box in self.laptops.items() if box.isChecked()]


def _explained(roles: Mapping[str, QCheckBox]) -> QWidget:
    """Each role above what it may do."""
    lines = column(gap=1)
    for role, box in roles.items():
        box.setAccessibleDescription(role_hint(role))
        lines.addWidget(box)
        lines.addWidget(indented(muted(role_hint(role))))
    return boxed(lines)


class RetireForm(_Confirmed):
    """A person signs in no more."""

    def __init__(self, parent: QWidget, person: Person) -> None:
        happens = plain(
            _(
                "From now on “{name}” signs in nowhere; their passphrase opens no laptop of the site once "
                "it has heard of it. What they wrote until now counts. It can be undone by adding them again."
            ).format(name=person.name)
        )
        title = _("“{name}” retires").format(name=person.name)
        super().__init__(parent, title, _("Retire them"), person.name, happens)


class PassphraseForm(Asking):
    """A new passphrase in place of the one that is typed first."""

    def __init__(self, parent: QWidget, *, whose: str, asks_present: bool) -> None:
        self.present, self.new = QLineEdit(), NewPassphrase(_("New passphrase"))
        self.present.setEchoMode(QLineEdit.EchoMode.Password)
        form = Form()
        form.field(_("Present passphrase"), self.present)
        present = boxed(form)
        present.setVisible(asks_present)
        happens = plain(
            _(
                "Only the seal changes, so this takes a moment whatever is in the workspace. Nobody can help "
                "who forgets it. Copies and backups of the folder's keys still open with the old one. "
                "The recovery sheet stays good."
            )
        )
        super().__init__(parent, whose, _("Change it"), happens, present, self.new)

    def find_fault(self) -> str:
        return self.new.find_fault()


class SheetForm(Asking):
    """The words of a recovery sheet, typed from paper."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        yes: str,
        happens: str,
        *,
        typed: str = "",
        wrong: str = "",
        asks_name: bool = False,
    ) -> None:
        self.words, self.name = QPlainTextEdit(typed), QLineEdit()
        self.words.setTabChangesFocus(True)
        self.words.setProperty(SECRET, True)
        self.words.setFixedHeight(space(SHEET_STEPS))
        form, who = Form(), Form()
        form.field(
            _("The 24 words, from the first to the last"),
            self.words,
            hint=_("Four letters of each are enough; numbers and line ends do not matter."),
        )
        hint = _("People sign in at this site: this person becomes an administrator with the laptop.")
        who.field(_("Your name"), self.name, hint=hint)
        name = boxed(who)
        name.setVisible(asks_name)
        super().__init__(parent, title, yes, Note(happens), boxed(form), name)
        say(self.fault, wrong, "danger")

    def find_fault(self) -> str:
        if self.words.toPlainText().strip():
            return ""
        self.words.setFocus()
        return _("Type the words of the sheet.")
