"""Running a graph tells nobody: no number for this computer is kept, and nothing waits to be sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.inference.tiny import constant_graph

RUNS = """
import sys
import numpy as np
from ranger_app.inference.runtime import Session
graph = sys.stdin.buffer.read()
feed = {"images": np.ones((1, 3, 64, 96), np.float32)}
print(Session(graph, name="demo").run(feed, ["output"])["output"].shape)
"""
# Where onnxruntime believes that it is being tested it is silent by itself.
WATCHED_FOR = ("CI", "PYTEST_", "GITHUB_", "TF_BUILD", "BUILD_", "ORT_", "JENKINS", "TRAVIS", "GITLAB")


def test_a_run_leaves_no_word_of_it_in_the_home_of_who_runs_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(WATCHED_FOR)}
    told = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(home))
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUNS],
        input=constant_graph(np.zeros((1, 4), np.float32)),
        env=kept | told,
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == [b"(1,", b"4)"]
    assert [path.name for path in home.rglob("*")] == []
