"""The sign and the colour of each state of an assessment."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from ranger_app.assessments.gaps import State
from ranger_app.gui.look.icons import icon

SIGNS = {
    State.MET: ("check", "good"),
    State.CLAIMED: ("unknown", "warning"),
    State.PARTLY: ("state_partly", "warning"),
    State.NOT_MET: ("close", "danger"),
    State.UNFINISHED: ("more", "muted"),
    State.NOT_STARTED: ("state_open", "muted"),
    State.NOT_APPLICABLE: ("minus", "muted"),
}
"""Icon and colour; the icons differ in shape, because colour alone must never tell."""

TONES = {
    State.MET: "good",
    State.CLAIMED: "warning",
    State.PARTLY: "warning",
    State.NOT_MET: "danger",
}


def state_icon(state: State) -> QIcon:
    """The sign of a state, in today's colours."""
    name, role = SIGNS[state]
    return icon(name, role)
