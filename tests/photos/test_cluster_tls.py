"""A cluster that asks for certificates is reached with the right ones and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ranger_app.domain.errors import BadInput, KnownError
from ranger_app.inference.cluster import Certificates, Cluster
from ranger_app.inference.parcels import at_hand, look_at
from ranger_app.jobs import Work
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import yolox_answer, yolox_pack


class Office:
    """A certificate authority of its own, and what it has signed, as files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{folder.name} demo CA")])
        self.ca = self._write("ca.pem", self._signed(self._name, self._key, is_ca=True))

    def member(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of a scheduler, worker or laptop."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._write(f"{name}.pem", self._signed(subject, key)), self.key(name, key)

    def key(self, name: str, key: ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> Path:
        how: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            how = serialization.BestAvailableEncryption(passphrase)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
        path = self.folder / f"{name}.key"
        path.write_bytes(pem)
        return path

    def certificates(self, name: str) -> Certificates:
        certificate, key = self.member(name)
        return Certificates(ca=self.ca, certificate=certificate, key=key)

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_ca: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def _write(self, name: str, certificate: x509.Certificate) -> Path:
        path = self.folder / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """A scheduler with one worker that talk to those of the office only."""
    distributed: Any = pytest.importorskip("distributed")
    certificate, key = (str(path) for path in office.member("scheduler"))
    security = distributed.Security(
        tls_ca_file=str(office.ca),
        require_encryption=True,
        **{f"tls_{who}_cert": certificate for who in ("scheduler", "worker", "client")},
        **{f"tls_{who}_key": key for who in ("scheduler", "worker", "client")},
    )
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tls",
        security=security,
        dashboard_address=None,
        silence_logs=60,
    ) as made:
        assert made.scheduler_address.startswith("tls://")
        yield made.scheduler_address


def test_the_right_certificates_open_the_cluster_and_others_do_not(
    office: Office, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = yolox_answer()
    answer[0, 20] = [0.5, 0.5, 1, 1, 0.9, 0.9, 0, 0, 0, 0]
    pack = yolox_pack(tmp_path / "pack", answer)
    path = tmp_path / "IMG.JPG"
    path.write_bytes(encoded(noise_picture(160, 120)))
    with Cluster(pack, address, certificates=office.certificates("laptop")) as seer:
        (far,) = seer.looks([path], Work())
    (near,) = look_at(at_hand(pack), [path])
    assert far.look == near.look is not None

    monkeypatch.setattr("ranger_app.inference.cluster.REACHED_WITHIN_S", 1)
    stranger = Office(tmp_path / "stranger").certificates("laptop")
    for other in (
        Certificates(ca=office.ca, certificate=stranger.certificate, key=stranger.key),
        stranger,
        Certificates(),
    ):
        with pytest.raises(KnownError), Cluster(pack, address, certificates=other):
            pass


def test_certificates_that_cannot_be_used_are_told_before_anybody_is_asked(
    office: Office, tmp_path: Path
) -> None:
    good = office.certificates("laptop")
    locked = office.key("locked", ec.generate_private_key(ec.SECP256R1()), b"demo")
    words = tmp_path / "words.pem"
    words.write_text("no certificate")
    for certificates, address, said in (
        (Certificates(ca=good.ca), "tls://a:1", "three files"),
        (good, "tcp://a:1", "begins with tls://"),
        (good, "", "begins with tls://"),
        (Certificates(ca=good.ca, certificate=good.certificate, key=locked), "tls://a:1", "passphrase"),
        (Certificates(ca=words, certificate=good.certificate, key=good.key), "tls://a:1", "PEM"),
        (Certificates(ca=tmp_path / "none", certificate=words, key=words), "tls://a:1", "cannot be read"),
    ):
        with pytest.raises(BadInput, match=said):
            certificates.check(address)
    Certificates().check("tcp://a:1")
    good.check("tls://a:1")


def test_a_key_that_does_not_fit_its_certificate_is_said(office: Office, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    good, other = office.certificates("laptop"), office.certificates("other")
    mixed = Certificates(ca=good.ca, certificate=good.certificate, key=other.key)
    pack = yolox_pack(tmp_path / "pack")
    with (
        pytest.raises(BadInput, match="certificates"),
        Cluster(pack, "tls://127.0.0.1:9", certificates=mixed),
    ):
        pass
