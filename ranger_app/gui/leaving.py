"""What stands in the way of leaving a workspace: jobs under way, and words that cannot be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ranger_app.domain.errors import KnownError
from ranger_app.gui import asking
from ranger_app.i18n import _, ngettext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ranger_app.gui.background import Background
    from ranger_app.gui.workspace_view import WorkspaceView


def may_stop_jobs(window: QWidget, background: Background) -> bool:
    """Whether nothing is under way, or may be stopped by the word of the person."""
    under_way = [task for task in background.tasks if not task.quiet]
    if not under_way:
        return True
    question = ngettext(
        "{count} job is still under way.", "{count} jobs are still under way.", len(under_way)
    )
    return asking.whether(
        window,
        question.format(count=len(under_way)),
        hint=_("What is done is kept; the rest can be done again later."),
        yes=_("Stop and leave"),
        no=_("Stay"),
    )


def is_kept(window: QWidget, view: WorkspaceView | None) -> bool:
    """Whether what was typed last is kept, or may be lost by the word of the person: a full disk must not
    take it in silence."""
    try:
        if view is not None:
            view.keep_now()
    except KnownError as error:
        return asking.whether(
            window,
            _("What was typed last cannot be kept."),
            hint=f"{error.text} {error.what_to_do}".strip(),
            yes=_("Leave and lose it"),
            no=_("Stay"),
        )
    return True
