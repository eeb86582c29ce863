"""The four laptops again, each enrolled, so that every stick between them is sealed."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache, lru_cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import rule

from ranger_app.domain.errors import BadInput
from ranger_app.security.entries import SignedEntry
from ranger_app.security.succession import read_succession
from ranger_app.storage import Workspace
from ranger_app.storage.changes.directories import followed
from ranger_app.storage.exchange.exchanging import brought_by, directory_entries, segments_above, take
from ranger_app.sync.people.devices import Devices
from tests.sync import soaking
from tests.sync.carried import LAPTOP, STICK
from tests.sync.laptops import Laptops
from tests.sync.model_directory import Known
from tests.sync.shop import LAPTOPS, counted_secrets, new_laptops, shared_memory
from tests.sync.things import SITE


@cache
def enrolled_laptops() -> Path:
    """Workspaces of administrators, each with the keys of the site, made once."""
    place = Path(tempfile.mkdtemp(dir=shared_memory(), prefix="enrolled-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    shutil.copytree(new_laptops(), place, dirs_exist_ok=True)
    with counted_secrets("enrolled"), Workspace.open(place / "0.ranger") as first:
        for i in range(1, LAPTOPS):
            with Workspace.open(place / f"{i}.ranger") as other:
                _request, asked = Devices(other).request()
                take(first, segments_above(other, {}))
                Devices(other).join(Devices(first).enrol(asked, role="administrator"))
        for i in range(1, LAPTOPS):
            with Workspace.open(place / f"{i}.ranger") as other:
                take(other, segments_above(first, {}), entries=directory_entries(first))
    return place


@lru_cache(maxsize=1000)
def _vouched(entry: SignedEntry) -> tuple[bytes, bytes] | None:
    """A laptop's keys before and after, if that is what an entry says."""
    try:
        said = read_succession(entry)
    except BadInput:
        return None
    return said.before, said.after


class SealedLaptops(Laptops):
    """What holds on open sticks holds on sealed ones, and nobody without the key can meddle with them."""

    shop = staticmethod(enrolled_laptops)

    def list_known_to(self, i: int) -> Known | None:
        """What a copied laptop wrote may come before the word that it is one, and anything before the entry
        of the list that it names."""
        with self.laptops[i].reading_raw() as database:
            found = followed(database, SITE)
        assert found is not None
        directory = found.directory
        vouched = [one for one in map(_vouched, directory_entries(self.laptops[i])) if one is not None]
        return Known(
            highest=found.highest,
            quotas={member.replica: member.quota for member in directory.members.values()},
            heirs={after: before for before, after in vouched},
            accepted=directory.accepted,
        )

    @rule(i=LAPTOP, j=LAPTOP, most=st.integers(-3, 6) | st.none())
    def allow(self, i: int, j: int, most: int | None) -> None:
        """An administrator says how much a laptop may bring: about as much as it has, or very much."""
        devices, replica = Devices(self.laptops[i]), self.laptops[j].keys.replica
        directory = devices.directory()
        member = directory.member_of(replica) if directory else None
        if member is None or devices.why_not():
            return
        soaking.done["quotas"] += 1
        present = brought_by(self.laptops[i], SITE).get(replica, 0)
        devices.set_quota(member.replica, 1_000 if most is None else max(0, present + most))
        self.touched.add(i)

    @rule(i=LAPTOP, j=LAPTOP, k=STICK, all_of_it=st.booleans(), whole=st.booleans())
    def write(self, i: int, j: int, k: int, all_of_it: bool, whole: bool = True) -> None:
        super().write(i, j, k, all_of_it, whole)
        newest = max((one.bundle for one in self.sticks), key=lambda bundle: bundle.stat().st_ctime_ns)
        for path in newest.glob("P*.RSB"):
            assert path.read_bytes().startswith(b"age-encryption.org/v1")

    def last_exchange(self, i: int, j: int) -> None:
        self.write(i, j, 0, all_of_it=False)
        newest = max(range(len(self.sticks)), key=lambda k: self.sticks[k].bundle.stat().st_ctime_ns)
        self.read(j, newest)
