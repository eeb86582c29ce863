"""The long jobs that can be gone on with after Ranger was cut off: what is noted of each, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.photos.runs.pace import Pace
    from ranger_app.sync.bundles.cargo import Originals

CARD, RUN, STICK = "card", "run", "stick"


@dataclass(frozen=True, slots=True)
class Begun:
    """A job that is noted before it begins and forgotten when it has come to its end."""

    job: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    """What is needed to begin it once more: texts, numbers and truths."""

    @property
    def key(self) -> str:
        """By which it is noted: the same for the same job."""
        about = (str(self.asked.get(name, "")) for name in ("place", "station"))
        return " ".join((self.job, *about)).strip()


@dataclass(frozen=True, slots=True)
class Told:
    """A job that is not finished, in words, and the page that goes on with it."""

    icon: str
    words: str
    hint: str
    page: str


def run(pace: Pace) -> Begun:
    """A model that looks at photos."""
    hours = {name: at.isoformat() for name, at in (("start", pace.start), ("until", pace.until)) if at}
    return Begun(RUN, {**hours, "mains": pace.pause_on_battery})


def run_pace(asked: Mapping[str, Any]) -> Pace:
    """When it may go on."""
    from ranger_app.photos.runs.pace import Pace

    start, until = (
        time.fromisoformat(str(asked[name])) if name in asked else None for name in ("start", "until")
    )
    return Pace(start=start, until=until, pause_on_battery=bool(asked["mains"]))


def stick(place: Path, *, name: str, take: bool, give: bool, originals: Originals) -> Begun:
    """A stick that is read, written, or both."""
    asked = {"place": str(place), "name": name, "take": take, "give": give, "originals": originals.value}
    return Begun(STICK, asked)


def told(begun: Begun) -> Told | None:
    """What is said of it; None for a job that this Ranger does not know."""
    asked = begun.asked
    match begun.job:
        case "card":
            words = _("The card of “{station}” is not wholly taken in").format(
                station=asked.get("station", "")
            )
            hint = _(
                "It was cut off. What was taken is kept; put the card in again, and nothing is taken twice."
            )
            return Told("photos", words, hint, "photos")
        case "run":
            hint = _("It was cut off. What the model has seen is kept; it goes on with the rest.")
            return Told("play", _("The model has not looked at all photos"), hint, "photos")
        case "stick":
            words = _("The exchange with “{name}” is not finished").format(name=asked.get("name", ""))
            hint = _("It was cut off. Plug the stick in again: what is done is not done twice.")
            return Told("exchange", words, hint, "exchange")
    return None


def noted(key: str, asked: Mapping[str, Any]) -> Begun:
    """A job as the workspace has it."""
    return Begun(key.partition(" ")[0], asked)
