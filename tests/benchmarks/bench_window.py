"""How soon the window is painted, warm and cold, and what it weighs with a workspace open."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ranger_app.bootstrap import Ranger
from tests.benchmarks.report import Report

ROUNDS = 7
WARM_S, COLD_S = 0.4, 1.0
MEMORY_MB = 250.0

# The program's own way to the window, up to the moment when it has been painted.
START = """
import time
from ranger_app import config, i18n
i18n.set_language(i18n.preferred_language(config.read_settings().settings.language))
from ranger_app.gui import app
application = app.application()
window = app.show(application, config.read_settings().settings)
from PySide6.QtCore import QEventLoop
loop = QEventLoop()
window.painted.connect(loop.quit)
loop.exec()
print(time.time())
"""
FILES = """
import sys
for line in open("/proc/self/maps"):
    if "/" in line and ".so" in line:
        print(line[line.index("/"):].rstrip())
for module in list(sys.modules.values()):
    for name in (getattr(module, "__file__", None), getattr(module, "__cached__", None)):
        if name:
            print(name)
print(sys.executable)
"""
MEMORY = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
window.begin(Path(sys.argv[1]))
def look():
    if window.view is None or window.background.tasks:
        QTimer.singleShot(50, look)
    else:
        loop.quit()
QTimer.singleShot(50, look)
loop.exec()
print(open("/proc/self/statm").read().split()[1])
window.close()
"""


def run(report: Report) -> None:
    """Measure in fresh processes; each figure is the best of some rounds, as a busy machine only adds."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"RANGER_CONFIG_DIR": folder}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        _told(START, environment)  # writes bytecode, warms the cache
        warm = min(_painted(environment) for _round in range(ROUNDS))
        report.budget("window painted, warm", measured=warm, at_most=WARM_S)
        if sys.platform == "linux":
            files = [Path(line) for line in _told(START + FILES, environment).splitlines()[1:]]
            cold = min(_painted_cold(environment, files) for _round in range(ROUNDS))
            note = f"{len(files)} files evicted before each start"
            report.budget("window painted, cold", measured=cold, at_most=COLD_S, note=note)
            report.budget(
                "memory with a new workspace on Today",
                measured=_memory(environment, Path(folder)),
                at_most=MEMORY_MB,
                unit="MB",
            )


def _painted(environment: dict[str, str]) -> float:
    """Seconds from asking for the process to the painted window."""
    begun = time.time()
    return float(_told(START, environment)) - begun


def _painted_cold(environment: dict[str, str], files: list[Path]) -> float:
    for path in files:
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)
    return _painted(environment)


def _memory(environment: dict[str, str], folder: Path) -> float:
    """Resident megabytes once Today has been read."""
    workspace = folder / "demo.ranger"
    ranger, _doubts = Ranger.create(workspace, site_name="demo park")
    ranger.close()
    pages = float(_told(START + MEMORY, environment, str(workspace)).splitlines()[-1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _told(program: str, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return done.stdout
