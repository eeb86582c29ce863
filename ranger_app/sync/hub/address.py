"""The address of a hub, as a person writes it and as it is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.i18n import _

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def checked_url(url: str) -> str:
    """The address of a hub as it is kept; `BadInput` when it is none, `Refused` when anybody on the way could
    read what is sent there."""
    try:
        parts = urlsplit(url.strip().rstrip("/"))
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise BadInput(
            _("“{url}” is not the address of a hub.").format(url=url[:100]),
            _("It looks like https://hub.example.org, as its keeper gave it to you."),
        )
    if parts.scheme == "http" and host not in LOOPBACK:
        raise Refused(
            _("The line to {host} would not be encrypted: anybody on the way could read it.").format(
                host=host
            ),
            _("Use the address that begins with https://; the hub's keeper sets it up (docs/hub.md)."),
        )
    return parts.geturl()
