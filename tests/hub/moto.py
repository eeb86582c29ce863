"""A second store that speaks S3, for what Swift lacks: conditional writes. It keeps everything in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.hub.hubs import LOOPBACK, free_port, wait_until_it_answers

BUCKET = "demo-files"
REGION = "us-east-1"
KEY, SECRET = "demokeeper", "demosecret"


@dataclass(frozen=True, slots=True)
class Moto:
    """A store that answers on loopback, with one bucket. `careful` as hub.toml may say of it."""

    port: int
    careful: bool = True

    @property
    def options(self) -> dict[str, str]:
        """What hub.toml says of it."""
        plain = {
            "endpoint": f"http://{LOOPBACK}:{self.port}",
            "region": REGION,
            "access_key_id": KEY,
            "secret_access_key": SECRET,
        }
        return plain if self.careful else plain | {"conditional_put": "disabled"}

    @property
    def toml(self) -> str:
        """The same as lines of hub.toml."""
        lines = "\n".join(f'{name} = "{value}"' for name, value in self.options.items())
        return f'objects = "s3://{BUCKET}/demo"\n[store]\n{lines}\n'

    def through(self, port: int) -> Moto:
        """The same store behind another port."""
        return replace(self, port=port)

    def make_bucket(self) -> None:
        scope = f"Credential={KEY}/20260101/{REGION}/s3/aws4_request"
        signed = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=demo"
        made = urllib.request.Request(
            f"http://{LOOPBACK}:{self.port}/{BUCKET}", method="PUT", headers={"Authorization": signed}
        )
        urllib.request.urlopen(made, timeout=30).close()


@contextmanager
def moto_here() -> Iterator[Moto]:
    """The store for a while, in a process of its own."""
    store = Moto(free_port())
    running = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(store.port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    try:
        wait_until_it_answers(store.port)
        store.make_bucket()
        yield store
    finally:
        running.terminate()
        running.wait(30)
