"""The power fails while a stick is written or read; the stick and both laptops lose power together."""

from __future__ import annotations

from ranger_app.domain.errors import KnownError
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import tips
from ranger_app.sync.bundles import reading
from ranger_app.sync.bundles.looking import bundles_at, look_at
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.recipients import opening_secrets
from ranger_app.sync.bundles.stick_receipts import receipts_on
from ranger_app.sync.bundles.writing import write_bundle
from ranger_app.sync.people.devices import Devices
from tests.builders import quiet
from tests.storage.torn_place import OTHER, Place, Say, Work, add_unit, units_in
from tests.sync.sticks import small_parts

UNITS = {"first", "second"}


def prepare_giver(place: Place) -> None:
    """Two laptops of a site, of which one has something to give; enrolled ones where things are sealed."""
    place.make()
    place.make(OTHER, joined=False)
    with place.open() as giver, place.open(OTHER) as taker:
        if place.sealed:
            _request, file = Devices(taker).request()
            Devices(taker).join(Devices(giver).enrol(file, role="ranger"))
        for name in sorted(UNITS):
            add_unit(giver, name)
    place.stick.mkdir()


def prepare_stick(place: Place) -> None:
    prepare_giver(place)
    _give(place)


def _give(place: Place) -> None:
    with place.open() as giver, small_parts():
        write_bundle(giver, place.stick, quiet())


def do_give(place: Place, say: Say) -> None:
    _give(place)
    say("written")


def check_give(place: Place, said: set[str]) -> None:
    """What was said to be written is on the stick, and can be read. What was not is gone on with."""
    with place.open(OTHER) as taker, place.open() as giver:
        assert units_in(giver) == UNITS
        if said:
            done = read_bundles(taker, place.stick, quiet())
            assert (done.damaged, done.missing_parts) == (0, []), "said to be written, and damaged"
        else:
            _read_what_is_there(taker, place)
            with small_parts():
                write_bundle(giver, place.stick, quiet())
            read_bundles(taker, place.stick, quiet())
        assert taker.digest() == giver.digest()
        assert units_in(taker) == UNITS


def _read_what_is_there(taker: Workspace, place: Place) -> None:
    """Any sentence will do, and nothing half-written is taken for whole."""
    if not place.stick.is_dir():
        place.stick.mkdir()
    try:
        done = read_bundles(taker, place.stick, quiet())
    except KnownError:
        return
    assert done.damaged == 0, "what has the name of a part is whole, or was not written by us"


def do_read(place: Place, say: Say) -> None:
    reading.TAKEN_AT_ONCE = 1
    with place.open(OTHER) as taker:
        read_bundles(taker, place.stick, quiet())
        say("read")


def check_read(place: Place, said: set[str]) -> None:
    """Whatever a receipt on the stick signs for is here. Reading again brings the rest."""
    with place.open(OTHER) as taker, place.open() as giver:
        have = tips(taker)
        for folder in bundles_at(place.stick):
            bundle = look_at(folder, opening_secrets(giver))
            for _name, receipt in receipts_on(bundle, opening_secrets(giver)):
                assert receipt.receiver == taker.keys.replica
                assert all(
                    have.get(site, {}).get(replica, ()) >= tip
                    for site, feeds in receipt.tips.items()
                    for replica, tip in feeds.items()
                ), "a receipt for changes that are gone"
                files = [one for part in receipt.taken if (of := bundle.contents(part)) for one in of.files]
                assert all(taker.files.whole(one) for one in files), "a receipt for a file that is gone"
        assert not said or taker.digest() == giver.digest()
        if said:
            assert units_in(taker) == UNITS
        read_bundles(taker, place.stick, quiet())
        assert taker.digest() == giver.digest()
        assert units_in(taker) == UNITS


EXCHANGE = (
    Work("give", prepare_giver, do_give, check_give),
    Work("give, sealed", prepare_giver, do_give, check_give, sealed=True),
    Work("give, after a kill", prepare_giver, do_give, check_give, sealed=True, interrupted=True),
    Work("read", prepare_stick, do_read, check_read),
    Work("read, sealed", prepare_stick, do_read, check_read, sealed=True),
    Work("read, after a kill", prepare_stick, do_read, check_read, sealed=True, interrupted=True),
)
