"""The power fails on a hub while it keeps what a laptop brings, and signs for it."""

from __future__ import annotations

import hashlib

from ranger_app.domain.photos import Photo
from ranger_app.hub.folder_shelf import FolderShelf
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.carrying import reaches
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above
from tests.builders import quiet
from tests.storage.torn_place import Place, Say, Work, add_unit

HUB = "hub"
LISTED = b"the list of a demo bundle"
SEALED, DEVICE = hashlib.sha256(LISTED).digest(), b"a demo device  !"
RECEIPT, BUNDLE = "signed for", "sealed bundle kept"


def prepare(place: Place) -> None:
    place.make()
    (place / HUB).mkdir()
    with place.open() as laptop:
        for name in ("first", "second"):
            add_unit(laptop, name)


def do_bring(place: Place, say: Say) -> None:
    with place.open() as laptop:
        shelf = FolderShelf(place / HUB)
        _bring(laptop, shelf)
        say(RECEIPT)
        with shelf.open(laptop.site_id) as hub:
            hub.handed_on.keep_sealed(SEALED, LISTED, DEVICE)
        say(BUNDLE)
        shelf.close()


def _bring(laptop: Workspace, shelf: FolderShelf) -> None:
    with shelf.open(laptop.site_id) as hub:
        for sha256 in _files(laptop):
            if (found := laptop.files.find(sha256)) is not None:
                hub.add_file(found.read_bytes())
        hub.settle()
        hub.take(list(segments_above(laptop, {})), entries=directory_entries(laptop))


def _files(laptop: Workspace) -> list[bytes]:
    with laptop.reading() as data:
        return data.column(Photo, "file")


def check_bring(place: Place, said: set[str]) -> None:
    """What was signed for is there and whole; bringing it again completes the rest."""
    with place.open() as laptop:
        shelf, site = FolderShelf(place / HUB), laptop.site_id
        try:
            if RECEIPT not in said:
                _bring(laptop, shelf)
            assert shelf.has(site), "the whole site is gone"
            assert shelf.verify(site, quiet()) == []
            with shelf.open(site) as hub:
                assert hub.reaches() == reaches(laptop, site, whole=True)
                assert hub.held(_files(laptop)) == set(_files(laptop))
                kept = [one.listed for one in hub.handed_on.sealed()]
            assert kept == [LISTED] or (BUNDLE not in said and kept == [])
        finally:
            shelf.close()


ON_A_HUB = (Work("a hub", prepare, do_bring, check_bring),)
