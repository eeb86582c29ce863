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
    return _program("nginx", "/usr/sbin/nginx")


def _program(name: str, *places: str) -> str:
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


@pytest.mark.slow
def test_a_laptop_gets_through_nginx_as_it_is_documented(
    hub: Hub, nginx: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site()
    with nginx_before(hub.port, nginx, tmp_path) as (port, trusted), laptop(tmp_path / "a", site) as a:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        add_people(a, 500, at_once=50)
        add_files(a, 2, size=6 << 20)
        hub.let_in(a.keys, site.id)
        done = sync(a, f"https://localhost:{port}")
        assert (done.complete, done.files_confirmed, done.line_breaks) == (True, 2, 0)
        assert hub.digest(site.id, tmp_path) == a.digest()


def test_the_caddyfile_is_read_without_complaint(tmp_path: Path) -> None:
    program = _program("caddy")
    path = tmp_path / "Caddyfile"
    path.write_text(snippet("TLS with Caddy"), encoding="utf-8")
    words = [program, "validate", "--config", str(path), "--adapter", "caddyfile"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(tmp_path)}
    said = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert said.returncode == 0, said.stderr
