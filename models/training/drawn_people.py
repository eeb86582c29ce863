"""Draws persons and vehicles to cut out and paste, because labelled frames hold so few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from frames import Frame
from PIL import Image

from ranger_app.photos.drawn.scenes import draw_scene

SCENES = 40  # of each kind; only what the parent sees in them is cut out
SEED, PLACE, PLACES = 5000, 700, 13
SIZE_PX = (640, 480)
SOURCE = "drawn"


@dataclass(frozen=True)
class DrawnFrame(Frame):
    """A frame that was never photographed."""

    drawn: Image.Image

    @property
    def picture(self) -> Image.Image:
        return self.drawn


def drawn_people() -> Iterator[DrawnFrame]:
    """Frames of our own drawing, a third of them by night; no figure is taken on them."""
    width, height = SIZE_PX
    for kind in ("person", "vehicle"):
        for number in range(SCENES):
            night = number % 3 == 2
            picture, _boxes = draw_scene(
                SEED + number, kind, width=width, height=height, place=PLACE + number % PLACES, night=night
            )
            yield DrawnFrame(
                file=Path(f"{kind} {number}"),
                path=f"{kind} {number}",
                label=kind,
                group="",
                triage=kind,
                fold="train",
                source=SOURCE,
                site=SOURCE,
                lit="night_ir" if night else "day",
                dhash=None,
                drawn=picture.convert("RGB"),
            )
