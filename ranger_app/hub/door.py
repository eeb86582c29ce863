"""Who stands at the door of the hub: a challenge, a signature, a token, and which sites it opens."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable

from ranger_app.domain.errors import Refused
from ranger_app.hub.shelf import Shelf
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys, genuine, replica_of
from ranger_app.sync.hub.wire import CHALLENGE_BYTES, hello_text
from ranger_app.sync.people.admission import Admitted, GuestList

CHALLENGE_S = 60
TOKEN_S = 3_600
_TOKEN_BYTES = 8 + 16 + 32


class NotLetIn(Refused):
    """The hub does not know this laptop, or it may not have what it asks for."""

    code = "not-admitted"


class ShutOut(NotLetIn):
    """The site's administrators have revoked this laptop: no keeper lets it in again."""

    code = "revoked"


class NoToken(Refused):
    """The laptop has to say hello first, or again."""

    code = "say-hello"


class Door:
    """Nothing is remembered of who came: challenges and tokens carry the hub's seal, so any worker can tell
    its own, and who is let in is looked up at each request."""

    def __init__(
        self, keys: DeviceKeys, admissions: GuestList, shelf: Shelf, now: Callable[[], float] = time.time
    ) -> None:
        self.keys = keys
        self._secret = hashlib.sha256(b"ranger hub tokens v1" + keys.signing_seed).digest()
        self._admissions = admissions
        self._shelf = shelf
        self._now = now

    def challenge(self, device_key: bytes) -> bytes:
        """What a laptop has to sign within a minute."""
        text = self._until(CHALLENGE_S) + os.urandom(16)
        return text + self._seal(b"challenge", text, device_key)

    def enter(self, device_key: bytes, challenge: bytes, signature: bytes) -> str:
        """A token for a laptop that signed its challenge; `NoToken` when it did not."""
        text, seal = challenge[:24], challenge[24:]
        if (
            len(challenge) != CHALLENGE_BYTES
            or not hmac.compare_digest(seal, self._seal(b"challenge", text, device_key))
            or not self._is_still(text[:8])
            or not genuine(device_key, hello_text(self.keys.public_key, challenge, device_key), signature)
        ):
            raise NoToken(_("The hello was not signed as it should be, or too late."), _("Say hello again."))
        text = self._until(TOKEN_S) + replica_of(device_key)
        return urlsafe_b64encode(text + self._seal(b"token", text)).decode()

    def caller(self, authorization: str) -> bytes:
        """The replica that a request comes from; `NoToken` when its token is none of ours or too old."""
        scheme, _space, token = authorization.partition(" ")
        try:
            raw = urlsafe_b64decode(token.encode("ascii"))
        except (NotBase64, ValueError):
            raw = b""
        text, seal = raw[:24], raw[24:]
        if (
            scheme.lower() != "bearer"
            or len(raw) != _TOKEN_BYTES
            or not hmac.compare_digest(seal, self._seal(b"token", text))
            or not self._is_still(text[:8])
        ):
            raise NoToken(_("This request bears no token that holds."), _("Say hello again."))
        return text[8:]

    def let_in(self, replica: bytes, stream: bytes) -> None:
        """`NotLetIn` unless this laptop may exchange this stream: it is one of the site's devices, or the
        keeper let it in. One that the site's administrators revoked is out, whoever let it in."""
        member = self._shelf.member(stream, replica)
        if member is not None and member.role is None:
            raise ShutOut(
                _("This laptop was revoked by the site's administrator."),
                _("Bring what is on it by stick, or have it enrolled again."),
            )
        admitted = self._admissions.find(replica)
        if member is None and (admitted is None or not admitted.may(stream)):
            raise NotLetIn(
                _("This laptop is not let in to this site."),
                _("Ask the hub's keeper: ranger-app hub admin allow."),
            )

    def may(self, replica: bytes, stream: bytes) -> bool:
        """Whether `let_in` would say nothing."""
        try:
            self.let_in(replica, stream)
        except NotLetIn:
            return False
        return True

    def granted(self, replica: bytes, asked: Iterable[bytes]) -> list[bytes]:
        """The streams that a laptop may exchange: those that it asked for, or is let in to by name."""
        admitted = self._admissions.find(replica)
        named: Iterable[bytes] = () if admitted is None else admitted.sites
        if admitted is not None and admitted.all_sites:
            named = self._shelf.streams()
        return sorted(stream for stream in {*asked, *named} if self.may(replica, stream))

    def guests(self) -> list[Admitted]:
        """Those whom the keeper let in."""
        return self._admissions.all()

    def _until(self, seconds: float) -> bytes:
        return int(self._now() + seconds).to_bytes(8, "big")

    def _is_still(self, until: bytes) -> bool:
        return self._now() <= int.from_bytes(until, "big")

    def _seal(self, purpose: bytes, *parts: bytes) -> bytes:
        return hmac.digest(self._secret, b"|".join((purpose, *parts)), "sha256")
