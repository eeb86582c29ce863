"""The power fails while units of work are saved, or photos are taken in."""

from __future__ import annotations

import hashlib

from ranger_app.domain.photos import Photo
from ranger_app.photos.service import Photos
from ranger_app.storage.engine import connect_raw
from ranger_app.storage.verifying import verify
from tests.builders import quiet
from tests.photos.pictures import card_of
from tests.storage.torn_place import Place, Say, Work, add_unit, units_in

CARD, PHOTOS = "card", 4


def prepare_units(place: Place) -> None:
    place.make()
    with place.open() as workspace:
        add_unit(workspace, "before")


def do_units(place: Place, say: Say) -> None:
    """Before and after the log has gone into the database, with a new log and with one begun anew."""
    for round_ in ("first", "second"):
        with place.open() as workspace:
            for n in range(2):
                add_unit(workspace, f"{round_} {n}")
                say(f"{round_} {n}")
            bare = connect_raw(workspace.database, workspace.keys.database_key)
            bare.execute("pragma wal_checkpoint(restart)")
            bare.close()
            add_unit(workspace, f"{round_} last")
            say(f"{round_} last")


def check_units(place: Place, said: set[str]) -> None:
    """What was said is there, nothing is there by halves, and work goes on."""
    with place.open() as workspace:
        units = units_in(workspace)
        assert said <= units, f"said and gone: {said - units}"
        add_unit(workspace, "afterwards")
        assert units_in(workspace) == units | {"afterwards"}


def prepare_card(place: Place) -> None:
    place.make()
    card_of(place / CARD, PHOTOS)


def do_card(place: Place, say: Say) -> None:
    with place.open() as workspace:
        taken = Photos(workspace).add(place / CARD, station="Demo station")
        say(f"{taken.added + taken.already} photos")


def check_card(place: Place, said: set[str]) -> None:
    """All photos of the card are there or none; adding it again brings what lacks, and nothing twice."""
    on_card = {hashlib.sha256(path.read_bytes()).digest() for path in (place / CARD).iterdir()}
    with place.open() as workspace:
        for again in (False, True):
            if again:
                Photos(workspace).add(place / CARD, station="Demo station")
            with workspace.reading() as data:
                files = data.column(Photo, "file")
            assert len(files) == len(set(files)) == (PHOTOS if said or again else len(files))
            assert set(files) in (set(), on_card)
            assert verify(workspace, quiet()).problems == []
            assert all(workspace.files.whole(sha256) for sha256 in files), "a photo is gone or not whole"
            assert all(workspace.files.whole(sha256) for sha256, _path in workspace.files.stored())


UNITS = (
    Work("units", prepare_units, do_units, check_units),
    Work("sealed units", prepare_units, do_units, check_units, sealed=True),
    Work("a card", prepare_card, do_card, check_card),
    Work("a sealed card", prepare_card, do_card, check_card, sealed=True),
    Work("a card, after a kill", prepare_card, do_card, check_card, interrupted=True),
)
