"""The steps of an assessment as a whole: it is started, handed over, made final, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ranger_app.gui import asking
from ranger_app.gui.outside import open_outside
from ranger_app.gui.widgets.assessments.final_form import FinalForm
from ranger_app.gui.widgets.assessments.forms import StartForm
from ranger_app.gui.widgets.assessments.packet_form import PacketForm
from ranger_app.gui.widgets.banner import Banner
from ranger_app.gui.widgets.buttons import button
from ranger_app.i18n import _, file_size, ngettext, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ranger_app.assessments.packs import FormPack
    from ranger_app.assessments.service import Assessments
    from ranger_app.assessments.standing import Standing
    from ranger_app.gui.page import Page
    from ranger_app.packets.service import PacketMade


class AssessmentSteps:
    """The buttons at the head of the Green List page and what they do. `keep` keeps at once what has been
    typed, before a question is asked of the whole."""

    def __init__(self, page: Page, assessments: Assessments, keep: Callable[[], None]) -> None:
        self._page, self._assessments, self._keep = page, assessments, keep
        self._packs: Sequence[FormPack] = ()
        self._standing: Standing | None = None
        self.start = button(_("Start an assessment…"), icon="plus", on=self.start_assessment)
        self.final = button(_("Make it final…"), icon="check", on=self.make_final)
        self.reopen = button(_("Go on with it"), icon="edit", on=self.go_on)
        self.packet = button(_("Write the packet…"), icon="packet", kind="primary", on=self.write_packet)
        self.remark = Banner()

    def show(self, packs: Sequence[FormPack], standing: Standing | None) -> None:
        """Offer what fits where the assessment stands; none has been started without `standing`."""
        self._packs, self._standing = packs, standing
        is_final = standing is not None and standing.whole.is_final
        self.packet.setEnabled(standing is not None)
        self.start.setVisible(standing is not None)
        self.final.setVisible(standing is not None and not is_final)
        self.reopen.setVisible(is_final)

    def start_assessment(self) -> None:
        """Ask for a form and start a round of it."""
        self._keep()
        form = StartForm(self._page, self._packs)
        if self._packs and form.asked():
            pack_id, title = form.pack.currentData(), form.title.text()
            self._page.do(
                lambda _work: self._assessments.start(pack_id=pack_id, title=title),
                _("Starting an assessment"),
                quiet=True,
            )

    # ---- the last step, and back

    def make_final(self) -> None:
        """Show what stands in the way and what would be lacking, and make it final if that is wished."""
        self._keep()
        # What was typed a moment ago is kept by a job of the same line: asked after it, this sees it.
        self._page.do(
            lambda _work: self._assessments.standing(), _("Looking at the whole"), self._ask, quiet=True
        )

    def _ask(self, standing: Standing) -> None:
        if standing.whole.is_final:
            return
        form = FinalForm(self._page, standing)
        if form.asked():
            self._become_final()
        elif form.wants_to_settle:
            self._page.context.go("differences")

    def _become_final(self) -> None:
        said = _("“{title}” is final. Write the packet and hand it over.")
        self._take(self._assessments.finish, said, self._open_again)

    def go_on(self) -> None:
        """Open a final assessment again."""
        self._open_again()

    def _open_again(self) -> None:
        self._take(self._assessments.reopen, _("“{title}” is open again."), self._become_final)

    def _take(self, step: Callable[..., object], said: str, undo: Callable[[], None]) -> None:
        if self._standing is None:
            return
        assessment = self._standing.whole.assessment
        self._page.do(
            lambda _work: step(assessment.id),
            _("Changing the state of the assessment"),
            lambda _done: self._page.context.messages.say(said.format(title=assessment.title), undo),
            quiet=True,
        )

    # ---- the packet

    def write_packet(self) -> None:
        """Ask who it is for and where to, and write it as a job that can be stopped."""
        if self._standing is None:
            return
        self._keep()
        form = PacketForm(self._page, self._standing.missing)
        if not form.asked():
            return
        profile, as_folder = form.profile, form.as_folder
        ranger = self._page.context.ranger
        site = ranger.site()
        name = _("packet of {site}").format(site=site.name if site else "")
        out = asking.for_new_file(
            self._page, _("Where to write the packet"), name=name if as_folder else f"{name}.zip"
        )
        if out is None:
            return
        self.remark.hide()
        packets = ranger.packets
        task = self._page.context.background.run(
            # The dialog has asked already whether a file may be written over; a folder never is.
            lambda work: packets.write(
                out, profile=profile, as_folder=as_folder, replace=not as_folder, work=work
            ),
            _("Writing the packet"),
            long=True,
        )
        task.finished.connect(self._written)
        task.failed.connect(self._page.error)

    def _written(self, made: PacketMade) -> None:
        missing = len(made.missing)
        lacks = ngettext("It lacks {count} thing.", "It lacks {count} things.", missing)
        hints = [lacks.format(count=number(missing))] if missing else []
        show = button(_("Show it"), icon="folder", on=partial(open_outside, made.path.parent))
        told = _("The packet is written: {path} ({size}).").format(path=made.path, size=file_size(made.bytes))
        self.remark.show_words(told, " ".join([*hints, *made.notes]), show, tone="good")
