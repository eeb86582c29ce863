"""Sees to the few Debian packages that a window, the tests or the pictures need.

As root it installs those that are missing; otherwise it prints the one line to run. Either way it ends
well: whoever needs a package that is not there says so. It needs nothing but Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# Qt's window without a screen, then with one (the xcb plugin). Found by trying on a bare Debian 12.
WINDOW = [
    "libglib2.0-0", "libegl1", "libgl1", "libfontconfig1", "libdbus-1-3", "libxkbcommon0",
    "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxkbcommon-x11-0",
]  # fmt: skip
NETWORK = ["ca-certificates"]  # pip trusts nobody without
SCREEN = ["xvfb", "xauth"]  # a screen for tests and pictures where there is none
BROWSER = ["chromium"]  # opens an assessment packet as its reader would
AGE = ["age"]  # opens what we seal, to show that others can
DATABASE = ["postgresql"]  # the hub's tests start one of their own
POPPLER = ["poppler-utils"]  # reads the words of our PDFs
COMPILER = ["gcc", "libc6-dev"]  # builds what makes calls to the disk fail
DISKS = ["xfsprogs"]  # a second file system on which the power is cut
STORE = ["swift-proxy", "swift-account", "swift-container", "swift-object", "memcached"]  # speaks S3

NEEDS = {
    "run": [NETWORK, WINDOW],
    "shots": [WINDOW, SCREEN],
    "test": [WINDOW, SCREEN, BROWSER, AGE, DATABASE, POPPLER, COMPILER, DISKS, STORE],
}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in NEEDS:
        print(f"usage: system_libraries.py {'|'.join(NEEDS)}", file=sys.stderr)
        return 2
    if not shutil.which("dpkg-query"):
        return 0  # not Debian: its desktop has the libraries, or its own names for them
    here = _installed()
    missing = [[name for name in group if name not in here] for group in NEEDS[sys.argv[1]]]
    if not any(missing):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        missing = _install(missing)
    if any(missing):
        names = " ".join(name for group in missing for name in group)
        print("Not installed here, and perhaps missed; the line that installs it:")
        print(f"  sudo apt-get install -y --no-install-recommends {names}")
    return 0


def _installed() -> set[str]:
    """Names of what is installed, and the names that it stands in for (libglib2.0-0t64 for libglib2.0-0)."""
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\t${Package}, ${Provides}\n"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    names = set()
    for line in told.splitlines():
        status, _, packages = line.partition("\t")
        if status == "installed":
            names |= {name.partition(" ")[0] for name in packages.split(", ")}
    return names


def _install(missing: list[list[str]]) -> list[list[str]]:
    """Install group by group, so that one does not hold up another; returns what could not be had."""
    print("Installing", *(name for group in missing for name in group), flush=True)
    _apt_get("update")
    left = []
    for group in filter(None, missing):
        told = _apt_get("install", "-y", "--no-install-recommends", *group)
        if told.returncode:
            print(told.stdout, end="")
            left.append(group)
    return left


def _apt_get(*task: str) -> subprocess.CompletedProcess[str]:
    """Run apt-get without questions; its many words are kept for when it fails."""
    return subprocess.run(
        ["apt-get", "-q", "-o", "Dpkg::Use-Pty=0", *task],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
