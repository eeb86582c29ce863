"""Spreads a run over the workers of a Dask cluster, with certificates where it asks for them."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import BadInput, KnownError, NotFound, Refused, Unfinished
from ranger_app.domain.readable import Readable
from ranger_app.i18n import _
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.parcels import Answer, Packed, at_hand, look_at, wrapped
from ranger_app.inference.pictures import read_file
from ranger_app.inference.spread import TRIES_AT_MOST, Pending, SpreadOut

REACHED_WITHIN_S = 20
TLS = "tls://"
PEM_BYTES_AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """PEM files with which laptop and cluster know each other (TLS 1.2 or newer, both sides); all or none."""

    ca: Path | None = None
    """Of whoever signed the certificates of scheduler and workers."""
    certificate: Path | None = None
    """Of this laptop, signed by the same."""
    key: Path | None = None
    """That belongs to it; not locked with a passphrase, which nobody could type at night."""

    def check(self, address: str) -> None:
        """Raises `BadInput` where they do not fit the address, or cannot be used."""
        files = self.ca, self.certificate, self.key
        if not any(files):
            return
        if not all(files):
            raise BadInput(
                _("A cluster with certificates needs three files: CA, certificate and key."),
                _("Say --tls-ca, --tls-cert and --tls-key."),
            )
        if not address.startswith(TLS):
            raise BadInput(
                _("Certificates are of use only at an address that begins with tls://."),
                _("Write it as tls://host:8786, and start the scheduler with its certificates."),
            )
        for path in files:
            self._look_at(path)

    def security(self) -> Any:
        """What Dask takes; None where there are none."""
        if not self.ca:
            return None
        from distributed import Security

        security: Any = Security
        return security(
            tls_ca_file=str(self.ca),
            tls_client_cert=str(self.certificate),
            tls_client_key=str(self.key),
            require_encryption=True,
        )

    @staticmethod
    def _look_at(path: Path | None) -> None:
        if path is None:
            return
        try:
            with path.open("rb") as file:
                raw = file.read(PEM_BYTES_AT_MOST)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput(
                _("{name} cannot be read: {reason}.").format(name=path.name, reason=reason)
            ) from error
        if b"-----BEGIN " not in raw:
            raise BadInput(_("“{name}” is no certificate or key in PEM form.").format(name=path.name))
        if b"ENCRYPTED" in raw:
            raise BadInput(
                _("The key in “{name}” is locked with a passphrase.").format(name=path.name),
                _("Take it off with openssl, and let nobody else read the file."),
            )


def _unfit(reason: str) -> BadInput:
    return BadInput(
        _("The cluster and this laptop do not accept each other's certificates: {reason}.").format(
            reason=reason[:200]
        ),
        _("All of them must be signed by the CA that is given, and be in date; each key must fit."),
    )


class Cluster(AbstractContextManager[SpreadOut]):
    """The workers of a Dask scheduler at an address such as tcp://host:8786. Use it in a `with`.

    Pictures and pack travel as bytes, so workers need Ranger and nothing else of it; clips that are too long
    to travel are looked at here meanwhile. Whoever can reach a scheduler can run programs on it: keep it
    inside the office, or use tls:// with certificates, which scheduler, workers and this laptop then ask of
    each other.
    """

    def __init__(
        self,
        pack: Pack,
        address: str,
        dirs: Sequence[Path] = (),
        *,
        certificates: Certificates = Certificates(),
    ) -> None:
        certificates.check(address)
        self._pack, self._address, self._certificates = wrapped(pack, dirs), address, certificates
        self._own = at_hand(pack, dirs)
        self._here = ThreadPoolExecutor(1, thread_name_prefix="ranger-long-clips")
        self._client: Any = None
        self._packed: Any = None

    def __enter__(self) -> SpreadOut:
        try:
            import distributed
        except ImportError as error:
            raise Refused(
                _("This Ranger was installed without what a cluster needs."),
                _("Install it with the extra “cluster”: ranger-app[cluster]."),
            ) from error
        try:
            client: Any = distributed.Client
            self._client = client(
                self._address,
                timeout=REACHED_WITHIN_S,
                set_as_default=False,
                security=self._certificates.security(),
            )
        except (ssl.SSLError, FileNotFoundError, PermissionError) as error:
            raise _unfit(getattr(error, "reason", "") or str(error)) from error
        except (OSError, ValueError, TypeError, TimeoutError) as error:
            raise NotFound(
                _("There is no cluster at {address}.").format(address=self._address[:100]),
                _(
                    "Start its scheduler and workers, and write the address as tcp://host:8786, or as "
                    "tls://host:8786 where it asks for certificates."
                ),
            ) from error
        if not self._workers:
            self._client.close()
            raise NotFound(
                _("The cluster at {address} has no workers.").format(address=self._address[:100]),
                _("Start workers and try again."),
            )
        self._packed = self._handed_over()
        return SpreadOut(self._start, workers=self._workers)

    def __exit__(self, *_: object) -> None:
        self._here.shutdown(wait=True, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _handed_over(self) -> Any:
        """The pack on the cluster, as the answer of a task: what is lost with a worker is worked out again.

        Data that were only laid there (`scatter`) are gone with their last copy, and Dask keeps no more than
        one of what nobody waits for just then.
        """
        import dask

        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
            return self._client.submit(_itself, self._pack, pure=False, retries=TRIES_AT_MOST)

    @property
    def _workers(self) -> int:
        return sum(self._client.nthreads().values())

    def _start(self, paths: Sequence[Readable]) -> Pending:
        return _OnCluster(self._client, self._packed, [self._sent(path) for path in paths])

    def _sent(self, path: Readable) -> _Sent:
        try:
            raw = read_file(path)
        except KnownError as error:
            return Answer(None, error.code, error.text)
        return self._here.submit(look_at, self._own, [path]) if raw is None else raw


def _itself(pack: Packed) -> Packed:
    return pack


_Sent = bytes | Answer | Future[list[Answer]]
"""The bytes of a picture; for a file that cannot be read the answer itself; of a long clip that of here."""


class _OnCluster:
    """A parcel's answer from the cluster, which hands it out again by itself when a worker is lost."""

    def __init__(self, client: Any, packed: Packed, pictures: list[_Sent]) -> None:
        self._pictures = pictures
        raw = [one for one in pictures if isinstance(one, bytes)]
        self._future = client.submit(look_at, packed, raw, pure=False, retries=TRIES_AT_MOST)

    def result(self, timeout: float | None = None) -> list[Answer]:
        from distributed import CancelledError, KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            came = iter(self._future.result(timeout))
        except TimeoutError:
            raise
        except (KilledWorker, CommClosedError, CancelledError, OSError) as error:
            raise Unfinished(
                _("The cluster was lost: {reason}.").format(reason=str(error)[:200] or type(error).__name__),
                _("Start it again and run this again; what was done is kept."),
            ) from error
        return [
            one.result(timeout)[0]
            if isinstance(one, Future)
            else (one if isinstance(one, Answer) else next(came))
            for one in self._pictures
        ]

    def cancel(self) -> None:
        self._future.cancel()
        for one in self._pictures:
            if isinstance(one, Future):
                one.cancel()
