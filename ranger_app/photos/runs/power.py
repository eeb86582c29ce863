"""Whether this laptop runs on its battery, from what each system says without a further library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Protocol

SUPPLIES = Path("/sys/class/power_supply")
READ_AT_MOST = 64
MAINS = ("Mains", "USB", "Wireless")
ASKED_AT_MOST_S = 5.0


class Power(Protocol):
    """What tells where the power comes from."""

    def on_battery(self) -> bool | None:
        """True on battery, False on mains, None where nobody can tell, as on a desktop computer."""
        ...


class ThisComputer:
    """The power of the computer that this runs on."""

    def on_battery(self) -> bool | None:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _mac()
        return linux(SUPPLIES)


def linux(supplies: Path) -> bool | None:
    """From a folder as /sys/class/power_supply (Linux: Documentation/ABI/testing/sysfs-class-power).

    A mains supply that is online settles it; else a battery of the computer that discharges does. Batteries
    of mice and pens have the scope `Device` and are passed over.
    """
    mains: list[bool] = []
    discharging: list[bool] = []
    try:
        supplies_there = sorted(supplies.iterdir())
    except OSError:
        return None
    for supply in supplies_there:
        type_ = _said(supply / "type")
        if type_ in MAINS and (online := _said(supply / "online")):
            mains.append(online != "0")
        elif type_ == "Battery" and _said(supply / "scope") != "Device":
            discharging.append(_said(supply / "status") == "Discharging")
    if any(mains):
        return False
    if discharging:
        return any(discharging) or bool(mains)
    return None


def _said(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(READ_AT_MOST).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _windows() -> bool | None:  # pragma: no cover - only there
    """GetSystemPowerStatus: ACLineStatus is 0 on battery, 1 on mains, 255 when unknown."""
    import ctypes

    status = (ctypes.c_ubyte * 12)()
    library = getattr(ctypes, "windll").kernel32  # noqa: B009 - mypy knows it on Windows only
    if not library.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    return {0: True, 1: False}.get(status[0])


def _mac() -> bool | None:  # pragma: no cover - only there
    try:
        said = subprocess.run(
            ["/usr/bin/pmset", "-g", "ps"], capture_output=True, timeout=ASKED_AT_MOST_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return mac(said.decode("utf-8", "replace"))


def mac(said: str) -> bool | None:
    """From what `pmset -g ps` says: Now drawing from 'Battery Power' or 'AC Power'."""
    first = said.partition("\n")[0]
    if "'Battery Power'" in first:
        return True
    return False if "'AC Power'" in first else None
