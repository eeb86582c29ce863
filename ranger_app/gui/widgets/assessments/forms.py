"""Small forms about an assessment: start one, describe evidence, plan an action, write a packet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app.assessments.packs import FormPack
from ranger_app.assessments.words import confidentiality_word
from ranger_app.domain.assessments import CONFIDENTIALITY, Evidence
from ranger_app.gui.widgets.forms import Asking, DayField
from ranger_app.gui.widgets.layout import Form
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _


def class_field(value: str = "assessor") -> QComboBox:
    """Who may receive a piece of evidence."""
    made = QComboBox()
    for one in CONFIDENTIALITY:
        made.addItem(confidentiality_word(one), one)
    made.setCurrentIndex(max(made.findData(value), 0))
    return made


# ---- starting


class StartForm(Asking):
    """Which form to fill in, and what this round is called."""

    def __init__(self, parent: QWidget, packs: Sequence[FormPack]) -> None:
        self.pack, self.title = QComboBox(), QLineEdit()
        for one in packs:
            self.pack.addItem(f"{one.title()} ({one.id})", one.id)
        form = Form()
        form.field(_("Form"), self.pack)
        form.field(_("Name of this round"), self.title, hint=_("Such as: self-assessment 2027"))
        notice = muted(packs[0].said("pack", "", "notice").text if packs else "")
        super().__init__(parent, _("Start an assessment"), _("Start"), form, notice)


# ---- evidence


@dataclass(frozen=True, slots=True)
class EvidenceWords:
    """What a person said of a piece of evidence, and where in it to look."""

    page: str
    note: str
    said: dict[str, Any]


class EvidenceForm(Asking):
    """Asks where in a file the answer is, and what the file is."""

    def __init__(
        self,
        parent: QWidget,
        *,
        title: str,
        yes: str,
        evidence: Evidence,
        page: str = "",
        with_place: bool = True,
    ) -> None:
        self.page, self.note = QLineEdit(page), QLineEdit()
        self.title = QLineEdit(evidence.title)
        self.dated = DayField(evidence.dated_on)
        self.author, self.language = QLineEdit(evidence.author), QLineEdit(evidence.language)
        self.class_ = class_field(evidence.confidentiality)
        self.consent = QLineEdit(evidence.consent)
        form = Form()
        if with_place:
            form.field(_("Page, time or place in it"), self.page, hint=_("A reader's click opens it there."))
            form.field(_("Note"), self.note)
        form.field(_("Title"), self.title)
        form.field(_("Day of the document"), self.dated, hint=_("Not the day on which you add it."))
        form.field(_("Author"), self.author)
        form.field(_("Language"), self.language, hint=_("Such as en, fr, sw"))
        form.field(_("Who may see it"), self.class_)
        form.field(_("Consent"), self.consent, hint=_("Who agreed that it is used, and when"))
        super().__init__(parent, title, yes, form)

    def find_fault(self) -> str:
        if not self.title.text().strip():
            self.title.setFocus()
            return _("Give it a title.")
        return self.dated.find_fault()

    def words(self) -> EvidenceWords:
        """What was said."""
        return EvidenceWords(
            page=self.page.text(),
            note=self.note.text(),
            said={
                "title": self.title.text().strip(),
                "dated_on": self.dated.day,
                "author": self.author.text().strip(),
                "language": self.language.text().strip(),
                "confidentiality": self.class_.currentData(),
                "consent": self.consent.text().strip(),
            },
        )


class AgainForm(Asking):
    """Asks which evidence to cite again, and where in it."""

    def __init__(self, parent: QWidget, evidence: Sequence[Evidence]) -> None:
        self.which, self.page = QComboBox(), QLineEdit()
        for one in evidence:
            self.which.addItem(one.title, one.id)
        form = Form()
        form.field(_("Evidence"), self.which)
        form.field(_("Page, time or place in it"), self.page)
        super().__init__(parent, _("Cite evidence again"), _("Cite"), form)

    def find_fault(self) -> str:
        return "" if self.which.count() else _("There is no evidence yet: add a file first.")


# ---- actions


class ActionForm(Asking):
    """Asks what is to be done, by whom and until when."""

    def __init__(self, parent: QWidget) -> None:
        self.what, self.owner, self.success = QLineEdit(), QLineEdit(), QLineEdit()
        self.due = DayField()
        form = Form()
        form.field(_("What is to be done"), self.what)
        form.field(_("Who"), self.owner, hint=_("Left out of packets for others."))
        form.field(_("Until"), self.due)
        form.field(_("Done when"), self.success, hint=_("How one will see it"))
        super().__init__(parent, _("Plan an action"), _("Plan it"), form)

    def find_fault(self) -> str:
        if not self.what.text().strip():
            self.what.setFocus()
            return _("Say what is to be done.")
        return self.due.find_fault()
