"""What the window and the command line may do with assessments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from ranger_app import __version__, i18n
from ranger_app.assessments.answers import blank_answer, check_answer
from ranger_app.assessments.evidence import (
    TITLE_CHARS_AT_MOST,
    check_confidentiality,
    check_file,
    figure_evidence,
    file_evidence_id,
    media_type_of,
    readable_name,
)
from ranger_app.assessments.figures import Figure, freeze
from ranger_app.assessments.gaps import gap_board
from ranger_app.assessments.gathering import gather
from ranger_app.assessments.keeping import keep, write_citation
from ranger_app.assessments.pack_file import FormPacks, find_form_packs
from ranger_app.assessments.packs import FormPack, Indicator
from ranger_app.assessments.preflight import what_is_missing
from ranger_app.assessments.sheets import ACTION_STATES, OPEN_ACTION, Cited, Sheet, Whole
from ranger_app.assessments.standing import Standing, become, refuse_if_final
from ranger_app.domain.assessments import (
    ASSESSMENT_STEPS,
    FINAL,
    Action,
    Answer,
    Assessment,
    Evidence,
    EvidenceLink,
)
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.ids import Id
from ranger_app.domain.measures import Measure
from ranger_app.i18n import _
from ranger_app.storage import Workspace
from ranger_app.storage.files import KeptFile
from ranger_app.storage.query import equal

GREEN_LIST = "gl:1.1"


class Assessments:
    """Assessments of one workspace. `measures` lists what other rooms can count, when it is asked."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        measures: Callable[[], Sequence[Measure]] = tuple,
        form_packs: FormPacks | None = None,
    ) -> None:
        self._workspace = workspace
        self._measures = measures
        self._form_packs = form_packs

    # ---- forms and assessments

    @cached_property
    def packs(self) -> FormPacks:
        """The form packs on this computer."""
        return self._form_packs if self._form_packs is not None else find_form_packs()

    def all(self) -> list[Assessment]:
        """Every assessment of the site, the newest first."""
        with self._workspace.reading() as data:
            return data.find(Assessment, equal("site_id", self._workspace.site_id), order=("-id",))

    def current(self, assessment_id: Id | None = None) -> Assessment:
        """This assessment, or the newest one; `NotFound` when none was ever started."""
        if assessment_id is not None:
            with self._workspace.reading() as data:
                return data.need(Assessment, assessment_id)
        for newest in self.all():
            return newest
        raise NotFound(
            _("No assessment has been started in this workspace."),
            _("Start one: ranger-app assess new."),
        )

    def start(self, *, pack_id: str = GREEN_LIST, title: str = "", language: str = "") -> Assessment:
        """Start a new round of a form; earlier rounds stay as they are."""
        pack = self.packs.need(pack_id)
        earlier = [one for one in self.all() if one.pack_id == pack_id]
        today = date.today()
        started = Assessment(
            site_id=self._workspace.site_id,
            pack_id=pack.id,
            pack_version=pack.edition,
            title=title.strip()[:TITLE_CHARS_AT_MOST] or f"{pack.title()} {today.year}",
            round=1 + max((one.round for one in earlier), default=0),
            started_on=today,
            language=language or i18n.language(),
        )
        with self._workspace.unit("start an assessment") as unit:
            unit.add(started)
        return started

    def whole(self, assessment_id: Id | None = None) -> Whole:
        """An assessment with its form, its answers, their evidence and the actions, in one snapshot."""
        assessment = self.current(assessment_id)
        pack = self.packs.need(assessment.pack_id)
        return gather(self._workspace, assessment, pack)

    def sheet(self, code: str, assessment_id: Id | None = None) -> tuple[Sheet, FormPack]:
        """One indicator with all that was said and shown for it, and the form that it is of."""
        whole = self.whole(assessment_id)
        _indicator(whole.pack, code)
        found = whole.sheet(code.strip())
        assert found is not None  # a form's every row has its sheet
        return found, whole.pack

    def standing(self, assessment_id: Id | None = None, *, today: date | None = None) -> Standing:
        """The board and what is missing, as of `today`."""
        whole, day = self.whole(assessment_id), today or date.today()
        missing = what_is_missing(whole, today=day, can_read=self.is_there)
        return Standing(whole=whole, board=gap_board(whole, today=day), missing=missing)

    def finish(self, assessment_id: Id | None = None) -> Assessment:
        """Make an assessment final: its answers and citations stay as they are until it is gone on with.
        `Refused` while anything of it was written apart and is not settled."""
        return become(self._workspace, self.current(assessment_id), FINAL)

    def reopen(self, assessment_id: Id | None = None) -> Assessment:
        """Go on with an assessment that was final."""
        return become(self._workspace, self.current(assessment_id), ASSESSMENT_STEPS[0])

    # ---- answers

    def answer(
        self,
        code: str,
        *,
        rating: str | None = None,
        narrative: str | None = None,
        gap: str | None = None,
        gap_type: str | None = None,
        confidence: str | None = None,
        not_applicable_reason: str | None = None,
        assessment_id: Id | None = None,
    ) -> Answer:
        """Set what is given of the answer to one indicator and leave the rest; the answer as it is then."""
        assessment, indicator = self._row(code, assessment_id)
        given = check_answer(
            self.packs.need(assessment.pack_id),
            {
                "rating": rating,
                "narrative": narrative,
                "gap": gap,
                "gap_type": gap_type,
                "confidence": confidence,
                "not_applicable_reason": not_applicable_reason,
            },
        )
        blank = blank_answer(assessment, indicator.code)
        with self._workspace.unit(f"answer {indicator.code}") as unit:
            return keep(unit, blank, given)

    # ---- evidence

    def cite(
        self,
        code: str,
        path: Path,
        *,
        page: str = "",
        note: str = "",
        title: str | None = None,
        dated_on: date | None = None,
        author: str | None = None,
        language: str | None = None,
        confidentiality: str | None = None,
        consent: str | None = None,
        assessment_id: Id | None = None,
    ) -> Cited:
        """Add a file to the store, once however often it is cited, and cite it for one indicator.

        What is said of the file (title, date, author …) holds for it wherever it is cited; what is None
        stays as it is. Raises `BadInput` when the file is missing, empty or larger than a packet can hold.
        """
        assessment, indicator = self._row(code, assessment_id)
        check_file(path)
        if confidentiality is not None:
            check_confidentiality(confidentiality)
        name = readable_name(path)
        stored = self._workspace.files.add(path)
        said = {
            "title": title.strip()[:TITLE_CHARS_AT_MOST] if title else None,
            "dated_on": dated_on,
            "author": author,
            "language": language,
            "confidentiality": confidentiality,
            "consent": consent,
        }
        fresh = Evidence(
            id=file_evidence_id(self._workspace.site_id, stored.sha256),
            site_id=self._workspace.site_id,
            title=PurePath(name).stem.replace("_", " ")[:TITLE_CHARS_AT_MOST],
            file=stored.sha256,
            file_name=name,
            media_type=media_type_of(name),
            size_bytes=stored.size_bytes,
        )
        with self._workspace.unit(f"cite a file for {code}") as unit:
            evidence = keep(unit, fresh, {name: value for name, value in said.items() if value is not None})
            return write_citation(unit, assessment, indicator, evidence, page=page, note=note)

    def cite_again(
        self, code: str, evidence_id: Id, *, page: str = "", note: str = "", assessment_id: Id | None = None
    ) -> Cited:
        """Cite evidence that is there already for another indicator or another page."""
        assessment, indicator = self._row(code, assessment_id)
        with self._workspace.unit(f"cite evidence for {code}") as unit:
            evidence = unit.data.need(Evidence, evidence_id)
            return write_citation(unit, assessment, indicator, evidence, page=page, note=note)

    def uncite(self, link_id_: Id) -> None:
        """Take one citation away; the evidence and its other citations stay."""
        with self._workspace.unit("take a citation away") as unit:
            answer = unit.data.need(Answer, unit.data.need(EvidenceLink, link_id_).answer_id)
            refuse_if_final(unit.data.need(Assessment, answer.assessment_id))
            unit.remove((EvidenceLink, link_id_))

    def describe(self, evidence_id: Id, **said: Any) -> Evidence:
        """Change what is said of a piece of evidence: title, dated_on, author, language, confidentiality,
        consent."""
        if "confidentiality" in said:
            check_confidentiality(said["confidentiality"])
        with self._workspace.unit("describe evidence") as unit:
            unit.change((Evidence, evidence_id), **said)
            return unit.data.need(Evidence, evidence_id)

    def evidence(self) -> list[Evidence]:
        """Every piece of evidence of the site, by title."""
        with self._workspace.reading() as data:
            return data.find(Evidence, equal("site_id", self._workspace.site_id), order=("title", "id"))

    def file_of(self, evidence: Evidence) -> KeptFile | None:
        """The file; None when it has none or it is no longer there."""
        return self._workspace.files.find(evidence.file) if evidence.file else None

    def is_there(self, evidence: Evidence) -> bool:
        """Whether a piece of evidence can be shown: figures always can."""
        return evidence.file is None or self.file_of(evidence) is not None

    # ---- figures

    def measures(self) -> tuple[Measure, ...]:
        """What can be frozen, with definitions."""
        return tuple(self._measures())

    def preview(
        self,
        measure_id: str,
        *,
        starts_on: date | None = None,
        ends_on: date | None = None,
        assessment_id: Id | None = None,
    ) -> Figure:
        """The figure as `freeze` would take it now; nothing is kept."""
        if starts_on and ends_on and starts_on > ends_on:
            raise BadInput(_("The first day is after the last day."), _("Change one of the two."))
        measure = self._measure(measure_id)
        pack = self.packs.need(self.current(assessment_id).pack_id)
        return freeze(
            measure,
            measure.compute(starts_on, ends_on),
            starts_on=starts_on,
            ends_on=ends_on,
            data_version="",
            program_version=__version__,
            min_checked_share=pack.rules.min_checked_share,
        )

    def freeze(
        self,
        code: str,
        measure_id: str,
        *,
        starts_on: date | None = None,
        ends_on: date | None = None,
        title: str = "",
        note: str = "",
        confidentiality: str = "assessor",
        assessment_id: Id | None = None,
    ) -> Cited:
        """Freeze what a measure finds now as evidence for one indicator; later data never move it.

        Raises `Refused` when the form asks for a larger share checked by people.
        """
        assessment, indicator = self._row(code, assessment_id)
        figure = self.preview(measure_id, starts_on=starts_on, ends_on=ends_on, assessment_id=assessment_id)
        evidence = figure_evidence(
            replace(figure, data_version=self._workspace.digest()),
            site_id=self._workspace.site_id,
            title=title.strip(),
            confidentiality=confidentiality,
            at=datetime.now(UTC),
        )
        with self._workspace.unit(f"freeze {measure_id} for {code}") as unit:
            unit.add(evidence)
            return write_citation(unit, assessment, indicator, evidence, page="", note=note)

    def _measure(self, measure_id: str) -> Measure:
        known = {one.id: one for one in self.measures()}
        if measure_id not in known:
            raise NotFound(
                _("There is no measure “{id}”.").format(id=measure_id[:60]),
                _("The measures are: {ids}.").format(ids=", ".join(sorted(known)) or "–"),
            )
        return known[measure_id]

    # ---- actions

    def plan_action(
        self,
        code: str,
        what: str,
        *,
        owner: str = "",
        due_on: date | None = None,
        success: str = "",
        assessment_id: Id | None = None,
    ) -> Action:
        """Write down what is to be done about a gap; also of an assessment that is final."""
        assessment = self.current(assessment_id)
        indicator = _indicator(self.packs.need(assessment.pack_id), code)
        if not what.strip():
            raise BadInput(_("An action needs words."), _("Say what is to be done."))
        action = Action(
            site_id=assessment.site_id,
            assessment_id=assessment.id,
            indicator=indicator.code,
            what=what.strip(),
            owner=owner.strip(),
            due_on=due_on,
            status=OPEN_ACTION,
            success=success.strip(),
        )
        with self._workspace.unit(f"plan an action for {code}") as unit:
            unit.add(action)
        return action

    def change_action(self, action_id: Id, **fields: Any) -> Action:
        """Change an action: what, owner, due_on, status ("open" or "done"), success."""
        if fields.get("status", OPEN_ACTION) not in ACTION_STATES:
            raise BadInput(
                _("“{status}” is no state of an action.").format(status=str(fields["status"])[:40]),
                _("Use one of: {allowed}.").format(allowed=", ".join(ACTION_STATES)),
            )
        with self._workspace.unit("change an action") as unit:
            unit.change((Action, action_id), **fields)
            return unit.data.need(Action, action_id)

    # ---- inside

    def _row(self, code: str, assessment_id: Id | None) -> tuple[Assessment, Indicator]:
        """Where something new is to be said; `Refused` once the assessment is final."""
        assessment = self.current(assessment_id)
        refuse_if_final(assessment)
        return assessment, _indicator(self.packs.need(assessment.pack_id), code)


def _indicator(pack: FormPack, code: str) -> Indicator:
    found = pack.indicator(code.strip())
    if found is None:
        raise NotFound(
            _("The form {pack} has no indicator {code}.").format(pack=pack.id, code=code[:20]),
            _("See the codes with: ranger-app assess gaps."),
        )
    return found
