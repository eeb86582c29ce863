"""A small park with cameras, animals that differ by their colour, and a model that sees colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ranger_app.inference.packs.pack import Pack, read_pack
from ranger_app.photos.review import Word
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from tests.inference.pictures_made import encoded
from tests.inference.tiny import crop_pack, pipeline_pack, yolox_answer, yolox_pack

COLOURS = {
    "sika deer": (190, 90, 60),
    "raccoon dog": (80, 120, 170),
    "leopard cat": (150, 160, 40),
}
STATIONS = 5


def colour_packs(folder: Path, *, sees: bool = True) -> ModelPacks:
    """A pipeline that finds one animal in the middle of every picture and knows it by its colour."""
    answer = yolox_answer()
    if sees:
        answer[0, 30] = np.array([0.5, 0.5, 1, 1, 1.0, 0.9, 0, 0, 0, 0])
    parts = yolox_pack(folder / "shipped" / "finder", answer), crop_pack(folder / "shipped" / "namer")
    pipeline_pack(folder / "shipped" / "chain", *parts)
    return ModelPacks((folder / "own", folder / "shipped"))


def chain(packs: ModelPacks) -> Pack:
    """The pipeline that came with Ranger."""
    return read_pack(packs.folders[1] / "chain")


def a_picture(species: str, station: int, number: int) -> bytes:
    """An animal of that species: its colour, with the camera's tint and noise."""
    rng = np.random.default_rng([list(COLOURS).index(species), station, number])
    tint = np.random.default_rng(station).normal(size=3) * 8
    colour = np.array(COLOURS[species]) + tint + rng.normal(size=3) * 6
    pixels = np.clip(colour + rng.normal(size=(72, 96, 3)) * 20, 0, 255).astype(np.uint8)
    return encoded(Image.fromarray(pixels))


def fill(
    photos: Photos,
    folder: Path,
    *,
    each: int = 5,
    named: bool = True,
    stations: Sequence[int] = range(STATIONS),
) -> None:
    """Cards of these stations, `each` photos of each species; a person has named every one."""
    for station in stations:
        card = folder / f"card-{station}"
        card.mkdir(parents=True)
        for species in COLOURS:
            for number in range(each):
                name = f"{species.replace(' ', '_').upper()}_{number:04}.JPG"
                (card / name).write_bytes(a_picture(species, station, number))
        photos.add(card, station=f"Station {station}")
    if named:
        name_all(photos)


def name_all(photos: Photos, *, by: str = "A demo ranger") -> None:
    """Say of every photo what it shows."""
    for tile in photos.tiles(photos.ids(Wanted())):
        photos.label([tile.id], Word(type="animal", name=species_of(tile.file_name)), by=by)


def species_of(file_name: str) -> str:
    """What is on a picture of `fill`."""
    return file_name.rpartition("_")[0].replace("_", " ").lower()
