"""The Green List page: the gap board on the left, one indicator on the right, and the packet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ranger_app.assessments.evidence import readable_name
from ranger_app.assessments.packs import Stands
from ranger_app.assessments.sheets import DONE_ACTION, OPEN_ACTION, Cited
from ranger_app.domain.assessments import Action, Answer, Evidence
from ranger_app.domain.errors import NotFound
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.roles import Deed
from ranger_app.gui import asking
from ranger_app.gui.assessment_steps import AssessmentSteps
from ranger_app.gui.context import Context
from ranger_app.gui.drafts import Typed
from ranger_app.gui.outside import lay_out_copy, open_outside
from ranger_app.gui.page import Command, Page
from ranger_app.gui.widgets.assessments.board import OVERVIEW, AssessmentBoard
from ranger_app.gui.widgets.assessments.figure_form import FigureForm
from ranger_app.gui.widgets.assessments.forms import ActionForm, AgainForm, EvidenceForm
from ranger_app.gui.widgets.assessments.looking import Seen, look
from ranger_app.gui.widgets.assessments.overview import AssessmentOverview
from ranger_app.gui.widgets.assessments.owed import Owed
from ranger_app.gui.widgets.assessments.sheet import AssessmentSheet
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.differences.badge import look_for_differences
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.halves import Halves
from ranger_app.gui.widgets.layout import OneOf, page_column
from ranger_app.i18n import _
from ranger_app.packets.names import file_name

if TYPE_CHECKING:
    from ranger_app.assessments.service import Assessments
    from ranger_app.domain.measures import Measure

BOARD_SHARE, SHEET_SHARE = 2, 3
LEAST_EMS = 56  # of board and sheet beside one another
ANSWERS = "answers"
RATINGS = {
    "met": Stands.MET,
    "partly": Stands.PARTLY,
    "not_met": Stands.NOT_MET,
    "not_applicable": Stands.NOT_APPLICABLE,
    "open": Stands.OPEN,
}


CLOSED_WHEN_FINAL = ("answer", "evidence", "evidence_link")
"""The plan of action goes on."""


class GreenListPage(Page):
    """Whatever is said here is kept at once; nothing waits for a button."""

    page_id = "green_list"
    watches = frozenset({"assessment", "answer", "evidence", "evidence_link", "action"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.assessments: Assessments = context.ranger.assessments
        self.seen: Seen | None = None
        self._shown_assessment: Id | None = None
        self.board = AssessmentBoard()
        self.overview = AssessmentOverview()
        self.sheet = AssessmentSheet()
        self.steps = AssessmentSteps(self, self.assessments, self.sheet.put_away)
        self.empty = EmptyState(
            "green_list",
            _("No assessment has been started"),
            _(
                "Answer the form indicator by indicator, cite the papers, freeze figures from patrols and "
                "photos, and hand all of it over as one packet that any browser reads."
            ),
            button(_("Start an assessment…"), icon="plus", kind="primary", on=self.steps.start_assessment),
        )
        self.right = OneOf(self.overview, self.sheet)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self.right)
        self.work = Halves(self.board, self._scroll, shares=(BOARD_SHARE, SHEET_SHARE), least_ems=LEAST_EMS)
        self.whole = OneOf(self.work, self.empty)
        page_column(self, self.steps.remark, self.whole)
        self.first = self.board
        self._rated: list[tuple[str, str]] = []
        self._owed, self._is_first = Owed(), True
        self._connect()

    def _connect(self) -> None:
        evidence, actions = self.sheet.evidence, self.sheet.action_list
        self.board.chosen.connect(self._show_right)
        self.overview.asked.connect(self.board.choose)
        self.sheet.answered.connect(self._answer)
        evidence.file_asked.connect(self.add_file)
        evidence.figure_asked.connect(self.freeze_figure)
        evidence.again_asked.connect(self._cite_again)
        evidence.open_asked.connect(self._open)
        evidence.describe_asked.connect(self._describe)
        evidence.uncite_asked.connect(self._uncite)
        actions.plan_asked.connect(self._plan)
        actions.turn_asked.connect(self._turn)

    # ---- as a page

    def tools(self) -> Sequence[QWidget]:
        return (self.steps.start, self.steps.final, self.steps.reopen, self.steps.packet)

    def commands(self) -> Mapping[str, Command]:
        ratings = {f"green_list.{name}": partial(self.sheet.rate, stands) for name, stands in RATINGS.items()}
        return ratings | {
            "green_list.start": self.steps.start_assessment,
            "green_list.next": partial(self.board.step, 1),
            "green_list.previous": partial(self.board.step, -1),
            "green_list.overview": partial(self.board.choose, OVERVIEW),
            "green_list.file": self.add_file,
            "green_list.figure": self.freeze_figure,
            "green_list.final": self.steps.make_final,
            "green_list.reopen": self.steps.go_on,
            "green_list.packet": self.steps.write_packet,
        }

    def go_to(self, **where: Any) -> None:
        """Show one indicator: `indicator`."""
        self.board.choose(where["indicator"])

    def went_away(self) -> None:
        self.sheet.put_away()

    def keep_now(self) -> None:
        code, said = self.sheet.code, self.sheet.unkept()
        if said:
            self._answer_now(code, said, self._shown_assessment)
            self._are_kept(code, said)

    def half_written(self) -> Mapping[str, Typed]:
        """Nothing waits for a button here, but what is said may wait for a long job, or be typed on."""
        unkept = self.sheet.unkept() if self.sheet.code else {}
        typed = self._owed.typed(self._shown_assessment, self.sheet.code, unkept, self._stored)
        return {ANSWERS: typed} if typed else {}

    def closing(self) -> None:
        """Keep at once what has been typed: the workspace is about to be closed."""
        code, said = self.sheet.code, self.sheet.unkept()
        try:
            self.keep_now()
        finally:  # the field loses the focus as the page goes, and must not ask once more: nobody is there
            self._are_kept(code, said)

    def _are_kept(self, code: str, said: Mapping[str, str]) -> None:
        for field, value in said.items():
            self.sheet.kept(code, field, value)
            if self._shown_assessment is not None:
                self._owed.written(self._shown_assessment, code, field, value)

    def reload(self) -> None:
        self.fetch(lambda work: look(self.assessments), self._show, key="green_list")

    # ---- what is shown

    def _show(self, seen: Seen) -> None:
        self.seen = seen
        self.steps.show(seen.packs, seen.standing)
        self.standing_changed.emit()
        if seen.standing is None:
            self.whole.show_one(self.empty)
            return
        whole = seen.standing.whole
        if whole.assessment.id != self._shown_assessment:
            self._shown_assessment = whole.assessment.id
            self.board.clear_board()
        self.board.show_board(seen.standing.board, whole.pack)
        self.overview.show_standing(seen.standing)
        self.whole.show_one(self.work)
        self._show_right(self.board.code)
        if self._is_first:  # later it would be of now
            self._is_first = False
            self._owed.type_again(self.draft(ANSWERS) or {})
            self._say_again(whole.assessment.id)

    def _show_right(self, code: str) -> None:
        standing = self.seen.standing if self.seen is not None else None
        if standing is None:
            return
        sheet, state = standing.whole.sheet(code), standing.board.indicator(code)
        if sheet is None or state is None:
            self.sheet.put_away()
            self.right.show_one(self.overview)
            return
        afresh = code != self.sheet.code
        self.sheet.show_sheet(sheet, state, standing.whole.pack)
        if afresh:
            self._scroll.verticalScrollBar().setValue(0)
            self.sheet.show_unkept(self._owed.words_of(standing.whole.assessment.id, code))
        look_for_differences(self, [sheet.answer.id], self.sheet.badges)
        self.right.show_one(self.sheet)

    # ---- answering

    def closed_for(self, kind: str, deed: Deed) -> str:
        if self.seen is None or self.seen.standing is None or not self.seen.standing.whole.is_final:
            return ""
        if kind not in CLOSED_WHEN_FINAL:
            return ""
        return _("It is final. “Go on with it” opens it again.")

    def undo(self) -> bool:
        if not self._rated:
            return False
        code, before = self._rated.pop()
        self._answer(code, "rating", before)
        self._rated.pop()  # what was taken back is no rating to take back
        self.context.messages.say(_("{code} is rated as before.").format(code=code))
        return True

    def _answer(self, code: str, field: str, value: str) -> None:
        if field == "rating" and self.seen is not None and self.seen.standing is not None:
            whole = self.seen.standing.whole
            self._rated += [(code, one.answer.rating) for one in whole.sheets if one.indicator.code == code]
        assessment_id = self._shown_assessment
        if assessment_id is None:
            return
        self._owed.owe(assessment_id, code, field, value, before=self._stored(code, field))

        def kept(_answer: object) -> None:
            self._owed.written(assessment_id, code, field, value)
            self.sheet.kept(code, field, value)

        def failed(_error: Exception) -> None:
            self._owed.refused(assessment_id, code, field, value)
            self.reload()  # a rating that was not kept is not shown as given

        task = self.do(
            lambda work: self._answer_now(code, {field: value}, assessment_id),
            _("Keeping the answer to {code}").format(code=code),
            kept,
            quiet=True,
        )
        task.failed.connect(failed)

    def _stored(self, code: str, field: str) -> str:
        """What this page knows to be written."""
        standing = self.seen.standing if self.seen is not None else None
        sheet = standing.whole.sheet(code) if standing is not None else None
        return str(getattr(sheet.answer, field)) if sheet is not None else ""

    def _say_again(self, assessment_id: Id) -> None:
        """Write what Ranger was cut off in before it was written."""
        again = self._owed.again(assessment_id, self._stored)
        for code, field, value in again:
            self._answer(code, field, value)
        if again:
            words = _("What had been said of {codes} when Ranger was cut off is back.")
            codes = ", ".join(sorted({code for code, _field, _value in again}))
            self.context.messages.say(words.format(codes=codes))

    def _answer_now(self, code: str, said: dict[str, Any], assessment_id: Id | None) -> Answer:
        return self.assessments.answer(code, assessment_id=assessment_id, **said)

    # ---- evidence

    def add_file(self) -> None:
        """Ask for a file, and cite it for the indicator that is shown."""
        code = self.board.code
        if code == OVERVIEW:
            return
        path = asking.for_file(self, _("A document, picture or table that shows it"))
        if path is None:
            return
        known = Evidence(site_id=self.context.ranger.workspace.site_id, title=_title_of(path))
        form = EvidenceForm(
            self, title=_("Cite {name}").format(name=path.name), yes=_("Cite"), evidence=known
        )
        form.about = code
        if form.asked():
            words = form.words()
            self._keep(
                lambda: self.assessments.cite(
                    code, path, page=words.page, note=words.note, **_said(words.said)
                ),
                _("Adding {name}").format(name=path.name),
            )

    def freeze_figure(self) -> None:
        """Ask for a figure, and freeze it for the indicator that is shown."""
        code = self.board.code
        if code != OVERVIEW:
            # Asking every room what it can count loads all of them: not on the screen's thread.
            self.fetch(
                lambda work: self.assessments.measures(), partial(self._choose_figure, code), key="figure"
            )

    def _choose_figure(self, code: str, measures: Sequence[Measure]) -> None:
        def preview(measure: str, first: Any, last: Any, show: Any, failed: Any) -> object:
            return self.fetch(
                lambda work: self.assessments.preview(measure, starts_on=first, ends_on=last),
                show,
                key="preview",
                failed=failed,
            )

        form = FigureForm(self, measures, preview)
        form.about = code
        if form.asked():
            measure, title = form.measure.currentData(), form.title.text()
            first, last, class_ = form.starts_on.day, form.ends_on.day, form.class_.currentData()
            self._keep(
                lambda: self.assessments.freeze(
                    code, measure, starts_on=first, ends_on=last, title=title, confidentiality=class_
                ),
                _("Freezing a figure"),
            )

    def _cite_again(self) -> None:
        code = self.board.code
        self.fetch(lambda work: self.assessments.evidence(), partial(self._choose_again, code), key="again")

    def _choose_again(self, code: str, evidence: list[Evidence]) -> None:
        form = AgainForm(self, evidence)
        form.about = code
        if form.asked():
            which, page = form.which.currentData(), form.page.text()
            self._keep(lambda: self.assessments.cite_again(code, which, page=page), _("Citing evidence"))

    def _open(self, cited: Cited) -> None:
        file = self.assessments.file_of(cited.evidence)
        if file is not None:
            # The store names files by their hash, and the program that shows one goes by its ending. The
            # name may have come from anywhere, so it is made safe.
            name = file_name("evidence", cited.evidence.title, cited.evidence.file_name)
            shown = self.context.ranger.workspace.cache / "shown" / name
            self.do(lambda work: lay_out_copy(file, shown), _("Opening"), open_outside, quiet=True)
        elif cited.evidence.file is not None:
            self.error(
                NotFound(
                    _("The file of “{title}” is not on this laptop.").format(title=cited.evidence.title),
                    _("Read a bundle from the laptop on which it was added."),
                )
            )

    def _describe(self, cited: Cited) -> None:
        one = cited.evidence
        form = EvidenceForm(self, title=_("Describe evidence"), yes=_("Keep"), evidence=one, with_place=False)
        form.about = id_text(one.id)
        if form.asked():
            said = form.words().said
            self._keep(lambda: self.assessments.describe(one.id, **said), _("Describing evidence"))

    def _uncite(self, cited: Cited) -> None:
        self._keep(lambda: self.assessments.uncite(cited.link.id), _("Taking a citation away"))
        code, page = self.board.code, cited.link.page
        self.context.messages.say(
            _("“{title}” is no longer cited here.").format(title=cited.evidence.title),
            lambda: self._keep(
                lambda: self.assessments.cite_again(code, cited.evidence.id, page=page), _("Citing evidence")
            ),
        )

    # ---- actions

    def _plan(self) -> None:
        code = self.board.code
        form = ActionForm(self)
        form.about = code
        if form.asked():
            what, owner, success = form.what.text(), form.owner.text(), form.success.text()
            due = form.due.day
            self._keep(
                lambda: self.assessments.plan_action(code, what, owner=owner, due_on=due, success=success),
                _("Planning an action"),
            )

    def _turn(self, action: Action) -> None:
        status = OPEN_ACTION if action.status == DONE_ACTION else DONE_ACTION
        self._keep(lambda: self.assessments.change_action(action.id, status=status), _("Changing an action"))

    def _keep(self, change: Any, title: str) -> None:
        self.do(lambda work: change(), title, quiet=True)


def _title_of(path: Path) -> str:
    return Path(readable_name(path)).stem.replace("_", " ")


def _said(said: dict[str, Any]) -> dict[str, Any]:
    """Empty texts are not said: what is known of a file already stays."""
    return {name: value for name, value in said.items() if value not in ("", None)}
