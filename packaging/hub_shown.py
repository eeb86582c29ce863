"""Every state in which the hub's part of the Exchange page may stand, for the pictures."""

from __future__ import annotations

from datetime import UTC, datetime

from ranger_app.gui.hub_section import NOT_LET_IN, OTHER_HUB, SHUT_OUT
from ranger_app.sync.hub.memory import LastExchange
from ranger_app.sync.hub.seen import HubSeen

AT = datetime(2026, 5, 31, 12, tzinfo=UTC)
URL = "https://hub.example.org"


def failed(code: str, text: str, way_out: str) -> HubSeen:
    """The last exchange did not come to its end."""
    last = LastExchange(at=AT, failed=text, way_out=way_out, code=code, segments_sent=40, bytes_sent=90_000)
    return HubSeen(url=URL, automatic=True, last=last, unsigned=12)


KEPT = "What came through is kept. Run it again later: it goes on where it stopped."
HUBS: tuple[tuple[str, HubSeen], ...] = (
    ("none", HubSeen()),
    ("new", HubSeen(url=URL)),
    ("unreachable", failed("unfinished", "The hub does not answer.", KEPT)),
    ("dropping", failed("unfinished", "The line to the hub does not hold.", KEPT)),
    (
        "certificate",
        failed(
            "refused",
            "The hub cannot prove who it is: its certificate is not one that this computer trusts.",
            "Check the address and this computer's date. Nothing was sent.",
        ),
    ),
    ("other", failed(OTHER_HUB, "This is not the hub that this workspace went to before.", "")),
    ("not-let-in", failed(NOT_LET_IN, "The hub says: This laptop is not let in to this site.", "")),
    (
        "revoked",
        failed(
            SHUT_OUT,
            "The hub says: This laptop was revoked by the site's administrator.",
            "Bring what is on it by stick, or have it enrolled again.",
        ),
    ),
    (
        "unsigned",
        HubSeen(
            url=URL,
            last=LastExchange(at=AT, reasons=("The hub has not signed for all changes.",)),
            unsigned=3,
        ),
    ),
    ("synced", HubSeen(url=URL, automatic=True, last=LastExchange(at=AT, confirmed=True), signed_at=AT)),
)
"""By name."""
