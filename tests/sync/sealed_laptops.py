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
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above, take
from ranger_app.sync.people.devices import Devices
from tests.sync.carried import LAPTOP, STICK
from tests.sync.laptops import Laptops
from tests.sync.shop import LAPTOPS, counted_secrets, new_laptops, shared_memory


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

    def __init__(self) -> None:
        super().__init__()
        self._enrolled = frozenset(laptop.keys.replica for laptop in self.laptops)

    def members_known_to(self, i: int) -> frozenset[bytes]:
        """Those that were enrolled, and whom they vouch for as far as was told to this laptop: what a copied
        laptop wrote may come before the word that it is one."""
        members = set(self._enrolled)
        vouched = [one for one in map(_vouched, directory_entries(self.laptops[i])) if one is not None]
        while heirs := {after for before, after in vouched if before in members} - members:
            members |= heirs
        return frozenset(members)

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
