"""Everything that a screen or a command can ask of camera traps, over one workspace."""

from __future__ import annotations

from pathlib import Path

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.photos.card import read_card
from ranger_app.photos.intake import Taken, take_in
from ranger_app.photos.recording import Recorder
from ranger_app.photos.sequences import GAP_S
from ranger_app.photos.shots import Mode
from ranger_app.storage import Workspace

STATION_NAME_AT_MOST = 100


class Photos:
    """The camera-trap room of one open workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    # ---- taking in

    def add(
        self,
        folder: Path,
        *,
        station: str,
        mode: Mode = Mode.COPY,
        gap_s: float = GAP_S,
        deployment_id: Id | None = None,
        work: Work | None = None,
    ) -> Taken:
        """Take in the pictures of a card that hung at `station` (made when it is new).

        Nothing is taken twice, so the same folder may be added again after a stop. Raises `NotFound` or
        `BadInput` for a folder that gives no picture at all, and `Unfinished` when the card or the disk
        gives out half way.
        """
        station = " ".join(station.split())
        if not 0 < len(station) <= STATION_NAME_AT_MOST or not station.isprintable():
            raise BadInput(
                _("A station needs a name of at most {count} letters.").format(count=STATION_NAME_AT_MOST),
                _("Give the name that stands on the map, such as “Ridge 3”."),
            )
        if not 0 < gap_s <= 86_400:
            raise BadInput(
                _("The gap between sequences must be more than 0 seconds and at most a day."),
                _("60 seconds is usual."),
            )
        if folder.absolute().is_relative_to(self._workspace.folder):
            raise BadInput(
                _("“{name}” lies inside the workspace itself.").format(name=folder.name),
                _("Choose the card, or the folder that the pictures were copied to."),
            )
        card = read_card(folder)
        recorder = Recorder(self._workspace, station, deployment_id, gap_s)
        taken = take_in(self._workspace, card, recorder, mode=mode, work=work or Work())
        if not taken.added and not taken.already:
            raise _no_picture(folder, taken)
        return taken


def _no_picture(folder: Path, taken: Taken) -> BadInput:
    text = _("There is no picture in “{name}”.").format(name=folder.name)
    if taken.failed:
        first = taken.failed[0]
        text += " " + _("{file}: {reason}").format(file=first.file, reason=first.text)
    return BadInput(text, _("Choose the folder that holds the camera's pictures, often called DCIM."))
