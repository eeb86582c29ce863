"""The laptops that a hub with a database lets in."""

from __future__ import annotations

from ranger_app.domain.ids import Id
from ranger_app.storage.central import visitors
from ranger_app.storage.central.database import Central
from ranger_app.storage.central.visitors import AdmittedRow
from ranger_app.sync.people.admission import Admitted, GuestList


class CentralGuests(GuestList):
    """A row for each, so that every process of the hub knows the same."""

    def __init__(self, central: Central) -> None:
        self._central = central

    def find(self, replica: bytes) -> Admitted | None:
        row = self._central.read(lambda c: visitors.find_admitted(c, replica))
        if row is None:
            return None
        return Admitted(row.public_key, row.name, frozenset(map(Id, row.sites)), row.all_sites)

    def close(self) -> None:
        self._central.close()

    def _replicas(self) -> list[bytes]:
        return self._central.read(visitors.all_admitted)

    def _keep(self, admitted: Admitted) -> None:
        sites = tuple(sorted(admitted.sites))
        row = AdmittedRow(admitted.public_key, admitted.name, sites, admitted.all_sites)
        self._central.write(lambda c: visitors.keep_admitted(c, admitted.replica, row))

    def _remove(self, replica: bytes) -> None:
        self._central.write(lambda c: visitors.forget_admitted(c, replica))
