"""Workspaces fresh from the shop, and secrets that are the same each time."""

from __future__ import annotations

import atexit
import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from ranger_app.domain.sites import Site
from ranger_app.security.sealing import recipient_of
from ranger_app.storage import Workspace
from tests.sync.things import SITE

LAPTOPS = 4
OUTSIDER = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
OUTSIDERS = (recipient_of(OUTSIDER),)


@contextmanager
def counted_secrets(name: str) -> Iterator[None]:
    """Keys that are the same each time, so that a failure can be played again."""
    real, numbers = secrets.token_bytes, count()
    secrets.token_bytes = lambda nbytes=None: hashlib.sha512(f"{name} {next(numbers)}".encode()).digest()[
        : nbytes or 32
    ]
    try:
        yield
    finally:
        secrets.token_bytes = real


@cache
def new_laptops() -> Path:
    """Workspaces fresh from the shop, made once: one with a site, the others of it."""
    place = Path(tempfile.mkdtemp(dir=shared_memory(), prefix="laptops-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    site = Site(id=SITE, site_id=SITE, name="Demo park")
    with counted_secrets("new"):
        _make(place, site)
    return place


def _make(place: Path, site: Site) -> None:
    for i in range(LAPTOPS):
        with Workspace.create(place / f"{i}.ranger", site=site if i == 0 else None) as made:
            if i:
                made.settle_in(SITE)


def shared_memory() -> str | None:
    """A folder in memory, where the system has one: many workspaces are made and none is to last."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
