"""What may happen before the window is there, and the Qt that it may happen with."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
import tomllib

import pytest

from tests.conftest import REPOSITORY

# Each of these costs from 15 to 400 ms: it is loaded when the page or command that needs it is asked for.
HEAVY = {
    "PIL", "av", "babel", "cv2", "duckdb", "folium", "httpx", "numpy", "onnxruntime", "pandas", "pyproj",
    "pyqtgraph", "requests", "scipy", "shapely", "sqlalchemy", "typst",
}  # fmt: skip

# Beyond some 580 emits a bad pair of PySide6 and Python aborts: enough to see the loss, too few to die of it.
EMITS = 300
COUNT_REFERENCES = f"""
import sys
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

class Bell(QObject):
    rung = Signal()

app, bell = QCoreApplication([]), Bell()
before = sys.getrefcount(True), sys.getrefcount(None)
for _ in range({EMITS}):
    bell.rung.emit()
    QTimer.singleShot(0, app.processEvents)
print(before[0] - sys.getrefcount(True), before[1] - sys.getrefcount(None))
"""


@pytest.mark.parametrize("module", ["ranger_app.gui.app", "ranger_app.__main__", "ranger_app.cli"])
def test_nothing_heavy_is_loaded_at_the_start(module: str) -> None:
    if _missing(module):
        pytest.skip(f"{module} is not there yet")
    loaded = set(_told(f"import sys, {module}; print(*sys.modules)").split())
    assert not loaded & HEAVY


def test_the_command_line_starts_without_qt() -> None:
    if _missing("ranger_app.cli"):
        pytest.skip("ranger_app.cli is not there yet")
    loaded = _told("import sys, ranger_app.__main__, ranger_app.cli; print(*sys.modules)").split()
    assert not [name for name in loaded if name.startswith("PySide6")]


def test_pyside_is_pinned_below_the_release_that_crashes() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    pins = [pin for pin in settings["project"]["dependencies"] if pin.startswith("PySide6")]
    assert pins == ["PySide6-Essentials>=6.10,<6.12"]
    major, minor = importlib.metadata.version("PySide6-Essentials").split(".")[:2]
    assert (6, 10) <= (int(major), int(minor)) < (6, 12)


def test_emitting_a_signal_loses_no_reference() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference to True an emit, and aborts after some 580."""
    lost = [int(count) for count in _told(COUNT_REFERENCES).split()]
    assert all(count < EMITS / 10 for count in lost), lost


def _missing(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is None
    except ModuleNotFoundError:
        return True


def _told(program: str) -> str:
    """What a fresh Python prints when it runs `program`."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
