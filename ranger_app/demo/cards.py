"""The demo's memory cards: drawn pictures in bursts, with the times and makers that a camera writes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from PIL import Image

from ranger_app.demo.place import STATIONS, CameraPlace
from ranger_app.jobs import Work
from ranger_app.photos.drawn.scenes import draw_scene

FIRST_SHOT = datetime(2026, 5, 3, 5, 40)
BURSTS = 6
PICTURES_A_BURST = 3
SIZE_PX = (1280, 960)
KINDS = ("animal", "empty", "animal", "person", "animal", "vehicle")
LABELS = {"animal": "animal", "empty": "blank", "person": "human", "vehicle": "vehicle"}
"""What a reviewer says of each, in the words of Camtrap DP."""
NIGHT = (False, False, True, False, True, False)
_MAKE, _MODEL, _TIME, _ORIGINAL, _EXIF = 271, 272, 306, 36867, 34665


def write_cards(folder: Path, work: Work) -> list[tuple[CameraPlace, Path]]:
    """One card a station, `BURSTS` bursts of `PICTURES_A_BURST` on each."""
    cards = []
    total = len(STATIONS) * BURSTS
    for number, station in enumerate(STATIONS):
        card = folder / f"card-{number + 1}" / "DCIM" / "100DEMO"
        card.mkdir(parents=True, exist_ok=True)
        for burst in range(BURSTS):
            work.tick(number * BURSTS + burst, total, station.name)
            _write_burst(card, station, burst)
        cards.append((station, folder / f"card-{number + 1}"))
    return cards


def _write_burst(card: Path, station: CameraPlace, burst: int) -> None:
    rng = Random(f"{station.name} {burst}")
    night = NIGHT[burst]
    shot = FIRST_SHOT + timedelta(
        days=5 * burst + station.view % 4, hours=16.5 if night else rng.uniform(1, 11)
    )
    for step in range(PICTURES_A_BURST):
        at = shot + timedelta(seconds=2 * step)
        number = burst * PICTURES_A_BURST + step + 1
        picture, _boxes = draw_scene(
            station.view * 100 + burst,
            KINDS[burst],
            width=SIZE_PX[0],
            height=SIZE_PX[1],
            place=station.view,
            night=night,
            step=step,
            words=f"DEMO  {at:%Y-%m-%d %H:%M:%S}",
        )
        picture.save(card / f"DEMO{number:04d}.JPG", quality=88, exif=_exif(at))


def _exif(at: datetime) -> Image.Exif:
    exif = Image.Exif()
    said = at.strftime("%Y:%m:%d %H:%M:%S")
    exif[_MAKE], exif[_MODEL], exif[_TIME] = "Ranger", "Demo camera (drawn)", said
    exif.get_ifd(_EXIF)[_ORIGINAL] = said
    return exif
