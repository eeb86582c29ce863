"""Every Python that Ranger runs on gets the same libraries, but for a few that are known to differ."""

from __future__ import annotations

import tomllib
from collections import Counter

from tests.conftest import REPOSITORY

DIFFERENT = {"networkx", "numpy", "pyproj"}
"""Their newest are not for Python 3.11. The whole suite passed with both."""


def test_a_library_that_is_another_on_another_python_is_known() -> None:
    with open(REPOSITORY / "uv.lock", "rb") as source:
        locked = Counter(package["name"] for package in tomllib.load(source)["package"])
    assert {name for name, versions in locked.items() if versions > 1} == DIFFERENT
