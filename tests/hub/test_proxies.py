"""The proxies as they stand in the documents: they are read without complaint, and a laptop gets through."""

from __future__ import annotations

import datetime
import ipaddress
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.sync.hub.authority import read_authority
from ranger_app.sync.hub.line import NotCertified
from ranger_app.sync.service import Exchange
from tests.conftest import REPOSITORY
from tests.hub.hubs import (
    Hub,
    add_files,
    add_people,
    free_port,
    laptop,
    new_site,
    sync,
    wait_until_it_answers,
)

DOCUMENT = REPOSITORY / "docs" / "hub.md"


def snippet(under: str) -> str:
    """The first block of code under a heading of the document."""
    _before, _heading, rest = DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {under}\n")
    found = re.search(r"```\w*\n(.*?)```", rest, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def nginx() -> str:
    return program("nginx", "/usr/sbin/nginx")


def program(name: str, *places: str) -> str:
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    if found is None:
        pytest.skip(f"no {name} here")
    return found


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this computer for an hour, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo hub")])
    now = datetime.datetime.now(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - hour)
        .not_valid_after(now + hour)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, secret = folder / "fullchain.pem", folder / "privkey.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return public, secret


@contextmanager
def nginx_before(hub_port: int, program: str, folder: Path) -> Iterator[tuple[int, Path]]:
    """nginx as the document has it, on a port of ours; the port, and the certificate to trust."""
    port, (public, secret) = free_port(), certificate(folder)
    text = snippet("TLS with nginx")
    assert text.count("443") == 2
    text = re.sub(r"listen \[::\]:443 ssl;", "", text).replace("listen 443", f"listen 127.0.0.1:{port}")
    text = re.sub(r"ssl_certificate +\S+;", f"ssl_certificate {public};", text)
    text = re.sub(r"ssl_certificate_key +\S+;", f"ssl_certificate_key {secret};", text)
    text = text.replace("127.0.0.1:8470", f"127.0.0.1:{hub_port}")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"pid {folder}/pid; error_log {folder}/error.log; daemon off; master_process off;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{text}\n}}\n",
        encoding="utf-8",
    )
    read = subprocess.run(
        [program, "-t", "-c", str(whole), "-e", f"{folder}/error.log"], capture_output=True, check=False
    )
    assert read.returncode == 0, read.stderr
    running = subprocess.Popen([program, "-c", str(whole), "-e", f"{folder}/error.log"])
    try:
        wait_until_it_answers(port)
        yield port, public
    finally:
        running.terminate()
        running.wait(20)


@contextmanager
def caddy_before(hub_port: int, program: str, folder: Path) -> Iterator[tuple[int, Path]]:
    """Caddy as the document has it, on a port of ours and with a certificate of ours, which nobody outside
    could give it here; the port, and the certificate to trust."""
    port, (public, secret) = free_port(), certificate(folder)
    text = snippet("TLS with Caddy")
    assert text.startswith("hub.example.org {\n")
    text = text.replace("hub.example.org {\n", f"https://localhost:{port} {{\n\ttls {public} {secret}\n", 1)
    text = text.replace("127.0.0.1:8470", f"127.0.0.1:{hub_port}")
    path = folder / "Caddyfile"
    path.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text, encoding="utf-8")
    words = [program, "run", "--config", str(path), "--adapter", "caddyfile"]
    with open(folder / "caddy.log", "wb") as log:
        running = subprocess.Popen(words, env=at_home_in(folder), stdout=log, stderr=log)
        try:
            wait_until_it_answers(port)
            yield port, public
        finally:
            running.terminate()
            running.wait(20)


def at_home_in(folder: Path) -> dict[str, str]:
    places = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    return {"PATH": "/usr/bin:/bin"} | places


def gets_through(hub: Hub, port: int, trusted: Path, folder: Path) -> None:
    """Changes and files longer than a request, by a laptop that was told which authority to believe."""
    site = new_site()
    with laptop(folder / "a", site) as a:
        Exchange(a).trust_authority(trusted)
        add_people(a, 500, at_once=50)
        add_files(a, 2, size=6 << 20)
        hub.let_in(a.keys, site.id)
        done = sync(a, f"https://localhost:{port}")
        assert (done.complete, done.files_confirmed, done.line_breaks) == (True, 2, 0)
        assert hub.digest(site.id, folder) == a.digest()


@pytest.mark.slow
def test_a_laptop_gets_through_nginx_as_it_is_documented(hub: Hub, nginx: str, tmp_path: Path) -> None:
    with nginx_before(hub.port, nginx, tmp_path) as (port, trusted):
        gets_through(hub, port, trusted, tmp_path)


@pytest.mark.slow
def test_a_laptop_gets_through_caddy_as_it_is_documented(hub: Hub, tmp_path: Path) -> None:
    with caddy_before(hub.port, program("caddy"), tmp_path) as (port, trusted):
        gets_through(hub, port, trusted, tmp_path)


@pytest.mark.slow
def test_only_who_is_trusted_says_that_a_hub_is_the_hub(
    hub: Hub, nginx: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's authorities, or the one that was chosen, and then nobody else."""
    (tmp_path / "other").mkdir()
    other, _secret = certificate(tmp_path / "other")
    with nginx_before(hub.port, nginx, tmp_path) as (port, trusted), laptop(tmp_path / "a", new_site()) as a:
        hub.let_in(a.keys, a.site_id)
        exchange, url = Exchange(a), f"https://localhost:{port}"
        with pytest.raises(NotCertified, match="cannot prove who it is"):
            sync(a, url)
        exchange.trust_authority(other)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # as if this computer trusted it
        with pytest.raises(NotCertified):
            sync(a, url)
        exchange.trust_authority(trusted)
        assert sync(a, url).complete
        exchange.trust_authority(None)
        assert sync(a, url).complete


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\xff" * 999, b"-----BEGIN CERTIFICATE-----"])
def test_a_file_without_a_certificate_is_no_authority(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.pem").write_bytes(content)
    with pytest.raises(BadInput):
        read_authority(tmp_path / "file.pem")
    with pytest.raises(NotFound):
        read_authority(tmp_path / "none.pem")


def test_of_a_file_with_a_secret_key_in_it_the_certificate_alone_is_kept(tmp_path: Path) -> None:
    public, secret = certificate(tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(secret.read_bytes() + public.read_bytes())
    kept = read_authority(both)
    assert kept.count("BEGIN") == 1
    assert "PRIVATE" not in kept


def test_the_caddyfile_is_read_without_complaint(tmp_path: Path) -> None:
    caddy = program("caddy")
    path = tmp_path / "Caddyfile"
    path.write_text(snippet("TLS with Caddy"), encoding="utf-8")
    words = [caddy, "validate", "--config", str(path), "--adapter", "caddyfile"]
    said = subprocess.run(words, capture_output=True, text=True, env=at_home_in(tmp_path), check=False)
    assert said.returncode == 0, said.stderr
