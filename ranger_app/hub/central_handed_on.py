"""What a hub with a database hands on without reading it (see `shelf.HandedOn`)."""

from __future__ import annotations

from ranger_app.domain.errors import NotFound
from ranger_app.hub.shelf import Sealed
from ranger_app.i18n import _
from ranger_app.storage.central import feeds, relays, sealed
from ranger_app.storage.central.database import Central, Connection
from ranger_app.storage.central.uploads import Key


class CentralHandedOn:
    """A site's rows of the tables for it."""

    def __init__(self, central: Central, site: bytes) -> None:
        self._central = central
        self._site = site

    # -- records that nobody here can read

    def strays(self) -> list[bytes]:
        return self._central.read(lambda c: relays.strays(c, self._site))

    def measure_stray(self, sha256: bytes) -> tuple[int, int] | None:
        return self._central.read(lambda c: relays.measure_stray(c, self._site, sha256))

    def read_stray(self, sha256: bytes, start: int, end: int) -> bytes:
        return self._central.read(lambda c: relays.read_stray(c, self._site, sha256, start, end))

    def keep_stray(self, sha256: bytes, type_: int, payload: bytes) -> bool:
        def keep(connection: Connection) -> bool:
            feeds.hold(connection, self._site)
            return relays.keep_stray(connection, self._site, sha256, type_, payload)

        return self._central.write(keep)

    def keep_uploaded_stray(self, caller: bytes, sha256: bytes, type_: int) -> bool:
        def keep(connection: Connection) -> bool | None:
            feeds.hold(connection, self._site)
            return relays.keep_uploaded_stray(connection, Key(self._site, caller, sha256), type_)

        kept = self._central.write(keep)
        if kept is None:
            raise NotFound(_("No such upload has come through."))
        return kept

    # -- what laptops sign of themselves

    def words(self) -> list[bytes]:
        return self._central.read(lambda c: relays.words(c, self._site))

    def keep_word(self, device: bytes, word: bytes) -> None:
        self._central.write(lambda c: relays.keep_word(c, self._site, device, word))

    # -- sealed bundles

    def sealed(self) -> list[Sealed]:
        return [
            Sealed(row.sha256, row.listed, row.brought_by, row.signed)
            for row in self._central.read(lambda c: sealed.lists(c, self._site))
        ]

    def keep_sealed(self, sha256: bytes, listed: bytes, brought_by: bytes) -> None:
        self._central.write(lambda c: sealed.keep(c, self._site, sha256, listed, brought_by))

    def sign_sealed(self, sha256: bytes, device: bytes, signed: bytes) -> None:
        self._central.write(lambda c: sealed.sign(c, self._site, sha256, device, signed))

    def drop_sealed(self, sha256: bytes) -> None:
        self._central.write(lambda c: sealed.drop(c, self._site, sha256))
