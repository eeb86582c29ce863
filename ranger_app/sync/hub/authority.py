"""The authority that signs a hub's certificate, where it is a programme's own: then it alone is trusted."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.durable import write_whole
from ranger_app.i18n import _
from ranger_app.storage.faults import disk_told

MAX_BYTES = 256 << 10
_NAME = "authority.pem"
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def read_authority(path: Path) -> str:
    """The certificates in a file (PEM), and nothing else that may be in it; `BadInput` when there is none."""
    if not path.is_file():
        raise NotFound(
            _("“{name}” is not there.").format(name=path), _("The hub's keeper has this file (PEM).")
        )
    with disk_told(path), open(path, "rb") as source:
        raw = source.read(MAX_BYTES + 1)
    text = "\n".join(_CERTIFICATE.findall(raw[:MAX_BYTES].decode("ascii", errors="replace")))
    try:
        trusting(text)
    except KnownError:
        raise BadInput(
            _("“{name}” holds no certificate.").format(name=path.name),
            _("Ask the hub's keeper for the certificate of its authority, as a PEM file."),
        ) from None
    return text


def trusting(text: str | None) -> ssl.SSLContext:
    """Trusts these certificates alone, or, without any, whom this computer trusts."""
    try:
        if text is None:
            return ssl.create_default_context()
        if not text:  # the library takes that for “whom this computer trusts”
            raise ValueError("no certificate")
        context = ssl.create_default_context(cadata=text)
        if not context.cert_store_stats()["x509"]:
            raise ValueError("no certificate")
    except (ssl.SSLError, ValueError):
        raise BadInput(
            _("The certificate of the hub's authority does not read."), _("Choose its file again.")
        ) from None
    return context


def kept_authority(folder: Path) -> str | None:
    """The authority that the workspace in this folder trusts for its hub; None: those of this computer."""
    path = folder / "hub" / _NAME
    try:
        with open(path, encoding="ascii") as source:
            return source.read(MAX_BYTES)
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return ""  # unreadable: nobody is trusted rather than everybody


def keep_authority(folder: Path, text: str | None) -> None:
    """Trust these certificates from now on, or whom this computer trusts."""
    path = folder / "hub" / _NAME
    with disk_told(path):
        if text is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(exist_ok=True)
        write_whole(path, text.encode("ascii"))
