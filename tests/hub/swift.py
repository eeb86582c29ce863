"""A real S3-compatible store for tests: OpenStack Swift from Debian's packages, alone in a folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hub.hubs import LOOPBACK, free_port, wait_until_it_answers

PACKAGES = ("swift-proxy", "swift-account", "swift-container", "swift-object", "memcached")
SERVERS = ("account", "container", "object")
KEY, SECRET = "demo:keeper", "demosecret"
BUCKET = "demo-files"
STARTS_WITHIN_S = 90.0
"""All of it: on a machine that is too busy its tests are skipped, rather than killed as hanging."""


@dataclass(frozen=True, slots=True)
class Swift:
    """A store that answers on loopback, with one bucket."""

    port: int

    @property
    def options(self) -> dict[str, str]:
        """What hub.toml says of it. It cannot refuse to write over something."""
        return {
            "endpoint": f"http://{LOOPBACK}:{self.port}",
            "region": "us-east-1",
            "access_key_id": KEY,
            "secret_access_key": SECRET,
            "conditional_put": "disabled",
        }

    @property
    def toml(self) -> str:
        """The same as lines of hub.toml."""
        lines = "\n".join(f'{name} = "{value}"' for name, value in self.options.items())
        return f'objects = "s3://{BUCKET}/demo"\n[store]\n{lines}\n'

    def make_bucket(self) -> None:
        user, key = KEY, SECRET
        asked = urllib.request.Request(
            f"http://{LOOPBACK}:{self.port}/auth/v1.0", headers={"X-Auth-User": user, "X-Auth-Key": key}
        )
        with urllib.request.urlopen(asked, timeout=30) as said:
            token, place = said.headers["X-Auth-Token"], said.headers["X-Storage-Url"]
        made = urllib.request.Request(f"{place}/{BUCKET}", method="PUT", headers={"X-Auth-Token": token})
        urllib.request.urlopen(made, timeout=30).close()


@contextmanager
def swift_here() -> Iterator[Swift]:
    """The store for a while."""
    programs = [f"swift-{name}-server" for name in ("proxy", *SERVERS)]
    missing = [name for name in (*programs, "swift-ring-builder", "memcached") if not shutil.which(name)]
    if missing:
        pytest.skip(f"no S3-compatible server here (Debian: apt-get install {' '.join(PACKAGES)})")
    home = Path(tempfile.mkdtemp(prefix="ranger-swift-"))
    running: list[subprocess.Popen[bytes]] = []
    try:
        try:
            os.setxattr(home, "user.demo", b"demo")
        except OSError:
            pytest.skip("this file system keeps no attributes, which Swift needs")
        ports = _lay_out(home)
        commands = [["memcached", "-l", LOOPBACK, "-p", str(ports["memcached"]), *_as_root("-u", "root")]]
        commands += [[f"swift-{name}-server", str(home / f"{name}.conf")] for name in (*SERVERS, "proxy")]
        for command in commands:
            running.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=dict(os.environ) | {"PYTHONWARNINGS": "ignore"},
                )
            )
        store = Swift(ports["proxy"])
        try:
            until = time.monotonic() + STARTS_WITHIN_S
            for port in ports.values():
                wait_until_it_answers(port, within_s=until - time.monotonic())
            store.make_bucket()
        except (AssertionError, OSError) as error:  # another version of it, or of its many parts
            pytest.skip(f"Swift is installed here and does not start: {error}")
        yield store
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def _as_root(*words: str) -> tuple[str, ...]:
    return words if os.geteuid() == 0 else ()


def _lay_out(home: Path) -> dict[str, int]:
    ports = {name: free_port() for name in (*SERVERS, "proxy", "memcached")}
    (home / "devices" / "one").mkdir(parents=True)
    (home / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = demo\nswift_hash_path_prefix = demo\n"
        "[storage-policy:0]\nname = one\ndefault = yes\n",
        encoding="utf-8",
    )
    user = pwd.getpwuid(os.geteuid()).pw_name
    common = f"swift_dir = {home}\nbind_ip = {LOOPBACK}\nworkers = 0\nuser = {user}\nlog_level = ERROR\n"
    for name in SERVERS:
        _make_ring(home, name, ports[name])
        (home / f"{name}.conf").write_text(
            f"[DEFAULT]\n{common}bind_port = {ports[name]}\ndevices = {home}/devices\nmount_check = false\n"
            f"fallocate_reserve = 0\n[pipeline:main]\npipeline = {name}-server\n"
            f"[app:{name}-server]\nuse = egg:swift#{name}\n",
            encoding="utf-8",
        )
    (home / "proxy.conf").write_text(
        f"[DEFAULT]\n{common}bind_port = {ports['proxy']}\n"
        "[pipeline:main]\npipeline = catch_errors cache s3api tempauth slo proxy-server\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        "[filter:catch_errors]\nuse = egg:swift#catch_errors\n"
        f"[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = {LOOPBACK}:{ports['memcached']}\n"
        "[filter:s3api]\nuse = egg:swift#s3api\nlocation = us-east-1\n"
        f"[filter:tempauth]\nuse = egg:swift#tempauth\nuser_demo_keeper = {SECRET} .admin\n"
        "[filter:slo]\nuse = egg:swift#slo\n",
        encoding="utf-8",
    )
    return ports


def _make_ring(home: Path, name: str, port: int) -> None:
    builder = str(home / f"{name}.builder")
    for words in (("create", "4", "1", "0"), ("add", f"r1z1-{LOOPBACK}:{port}/one", "1"), ("rebalance",)):
        subprocess.run(
            ["swift-ring-builder", builder, *words], stdout=subprocess.DEVNULL, check=words[0] != "rebalance"
        )
