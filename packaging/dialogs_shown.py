"""Every dialog of the window, filled with made-up things: for the pictures, and for the tests of them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from ranger_app.bootstrap import Ranger
from ranger_app.domain.assessments import Evidence
from ranger_app.domain.ids import new_id
from ranger_app.domain.people import Person, Stay
from ranger_app.domain.roles import DATA_CLERK, RANGER
from ranger_app.gui.actions import ACTIONS
from ranger_app.gui.area_form import AreaForm
from ranger_app.gui.asking import Question
from ranger_app.gui.cheat_sheet import CheatSheet
from ranger_app.gui.entering.comparing import SameWords
from ranger_app.gui.guide import Guide, chapters
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.palette import Palette
from ranger_app.gui.photo_card import CardForm
from ranger_app.gui.run_form import RunForm
from ranger_app.gui.unforeseen import Unforeseen
from ranger_app.gui.widgets.assessments.figure_form import FigureForm
from ranger_app.gui.widgets.assessments.final_form import FinalForm
from ranger_app.gui.widgets.assessments.forms import ActionForm, AgainForm, EvidenceForm, StartForm
from ranger_app.gui.widgets.assessments.packet_form import PacketForm
from ranger_app.gui.widgets.patrols.erasing import ErasureForm
from ranger_app.gui.widgets.patrols.forms import DayForm, PatrolForm
from ranger_app.gui.widgets.patrols.observation_form import ObservationForm
from ranger_app.gui.widgets.patrols.proposal_form import ProposalForm
from ranger_app.gui.widgets.people.forms import (
    LaptopRoleForm,
    PassphraseForm,
    PersonForm,
    QuotaForm,
    RetireForm,
    RevokeForm,
    SheetForm,
)
from ranger_app.patrols.erasable import Erasable
from ranger_app.patrols.proposals import Failed, FileDoubt, Proposal
from ranger_app.patrols.recording import PatrolEntry
from ranger_app.photos.runs.forecast import Forecast
from ranger_app.sync.people.laptops import Laptop

DAY = date(2026, 5, 31)
WORDS = ("amber", "basin", "cedar", "delta", "ember", "fjord")
HAPPENS = "Type the words from the paper, not from the file. Nothing is changed by this."

Make = Callable[[QWidget, Ranger, MainWindow], QDialog]


def laptop(*, out: int | None = None) -> Laptop:
    """A laptop of the site; one that is shut out has a last number that counts."""
    return Laptop(
        replica=bytes(16),
        name="demo station at the river",
        role=None if out is not None else RANGER,
        enrolled=True,
        accept_up_to=out,
        changes=318,
        brought=2_540,
        quota=10_000_000,
        this=False,
    )


def person(*, everywhere: bool = True) -> Person:
    """Somebody of the site."""
    devices = None if everywhere else frozenset({bytes(16)})
    stay = Stay(version=2, roles=(RANGER, DATA_CLERK), devices=devices, after={})
    return Person(id=new_id(), name="Asha demo", since=2, stays=(stay,))


def patrol() -> PatrolEntry:
    return PatrolEntry(number="DEMO-12", title="Snares by the river", starts_on=DAY, members=("Asha demo",))


def proposal() -> Proposal:
    doubt = FileDoubt("demo.gpx", "no-zone", "The time zone of the receiver is not known; times are local.")
    return Proposal(doubts=(doubt,), failed=(Failed("broken.gpx", "The file ends in the middle."),), files=2)


def evidence(ranger: Ranger) -> Evidence:
    return Evidence(site_id=ranger.workspace.site_id, title="Demo management plan")


DIALOGS: tuple[tuple[str, Make], ...] = (
    ("patrol", lambda p, _r, _w: PatrolForm(p, patrol(), title="Correct the patrol", yes="Keep")),
    ("patrol-day", lambda p, _r, _w: DayForm(p, None, propose=DAY)),
    (
        "observation",
        lambda p, r, _w: ObservationForm(
            p, r.patrols.vocabulary(), r.patrols.frequent_categories(), patrol_id=None, propose=DAY
        ),
    ),
    ("proposal", lambda p, _r, _w: ProposalForm(p, proposal())),
    ("card", lambda p, _r, _w: CardForm(p, stations=["Demo ridge 1", "Demo ford"], station="Demo ridge 1")),
    ("run", lambda p, _r, _w: RunForm(p, Forecast(waiting=1204, photo_s=0.3))),
    ("area", lambda p, r, w: AreaForm(p, r.photos.area, w.background)),
    ("assessment", lambda p, r, _w: StartForm(p, tuple(r.assessments.packs.found.values()))),
    (
        "evidence",
        lambda p, r, _w: EvidenceForm(p, title="Cite plan.pdf", yes="Cite", evidence=evidence(r)),
    ),
    ("evidence-again", lambda p, r, _w: AgainForm(p, [evidence(r)])),
    ("figure", lambda p, r, _w: FigureForm(p, r.measures(), lambda *_asked: None)),
    ("action", lambda p, _r, _w: ActionForm(p)),
    ("packet", lambda p, r, _w: PacketForm(p, r.assessments.standing().missing)),
    ("final", lambda p, r, _w: FinalForm(p, r.assessments.standing())),
    ("person-first", lambda p, _r, _w: PersonForm(p, None, [laptop()], is_first=True)),
    ("person", lambda p, _r, _w: PersonForm(p, person(everywhere=False), [laptop()], is_first=False)),
    ("retire", lambda p, _r, _w: RetireForm(p, person())),
    ("role", lambda p, _r, _w: LaptopRoleForm(p, laptop())),
    ("quota", lambda p, _r, _w: QuotaForm(p, laptop())),
    ("revoke", lambda p, _r, _w: RevokeForm(p, laptop())),
    ("revoke-again", lambda p, _r, _w: RevokeForm(p, laptop(out=200))),
    ("passphrase", lambda p, _r, _w: PassphraseForm(p, whose="Your passphrase here", asks_present=True)),
    ("sheet-check", lambda p, _r, _w: SheetForm(p, "Check a sheet", "Check it", HAPPENS)),
    (
        "sheet-recover",
        lambda p, _r, _w: SheetForm(
            p,
            "Become administrator by the sheet",
            "Become administrator",
            HAPPENS,
            wrong="Word 3 is not one of the list.",
            asks_name=True,
        ),
    ),
    ("same-words", lambda p, _r, _w: SameWords(p, name="demo station at the river", words=WORDS)),
    (
        "erase",
        lambda p, _r, _w: ErasureForm(
            p,
            [Erasable("observation", new_id(), "comment", "Note: told by somebody at the ford")],
            ["Copies on paper, on sticks that were read, and in packets that went out are not reached."],
        ),
    ),
    (
        "remove-patrol",
        lambda p, _r, _w: Question(
            p,
            "Remove “Snares by the river”?",
            yes="Remove",
            hint="Its tracks and observations go with it. Nothing is erased: its history stays.",
        ),
    ),
    ("trust-hub", lambda p, _r, _w: Question(p, "Was the hub set up anew?", yes="Trust its new key")),
    ("palette", lambda _p, _r, w: Palette(w, [(one, "") for one in ACTIONS], w.run)),
    ("keys", lambda _p, _r, w: CheatSheet(w)),
    ("guide", lambda _p, _r, w: Guide(w, chapters()[0].id, show_keys=lambda: None)),
    ("unforeseen", lambda p, _r, _w: Unforeseen(p, Path("report.txt"))),
)
"""By name: each is made below a page of an open workspace in which an assessment was started."""
