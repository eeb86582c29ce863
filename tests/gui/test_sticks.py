"""What counts as a stick among all that is mounted, and word when one comes or goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.gui.sticks import StickWatch, linux_places

MOUNTS = """\
21 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw
22 21 0:5 / /proc rw - proc proc rw
23 21 254:2 / /home rw - ext4 /dev/vda2 rw
24 21 8:1 / /boot rw - vfat /dev/sda1 rw
25 21 8:17 / /media/demo/DEMO\\040STICK rw - vfat /dev/sdb1 rw
26 21 8:33 / /mnt/by\\040hand rw - exfat /dev/sdc1 rw
27 21 179:1 / /mnt/card rw - vfat /dev/mmcblk0p1 rw
28 21 0:44 / /mnt/office rw - nfs4 office:/ rw
29 21 9:1 / /run/media/demo/ßäck rw - vfat /dev/sdd1 rw
30 21 254:3 / /mnt/../../etc rw - ext4 /dev/vda3 rw
not a line
"""


@pytest.fixture
def block_devices(tmp_path: Path) -> Path:
    """The devices as /sys/dev/block has them: links into the tree of what is plugged into what."""
    links = tmp_path / "dev" / "block"
    links.mkdir(parents=True)
    for number, at, removable in (
        ("254:0", "pci0/virtio1/block/vda/vda1", "0"),
        ("254:2", "pci0/virtio1/block/vda/vda2", "0"),
        ("8:1", "pci0/usb1/1-1/block/sda/sda1", "1"),
        ("8:33", "pci0/usb1/1-2/block/sdc/sdc1", "0"),
        ("179:1", "pci0/mmc0/block/mmcblk0/mmcblk0p1", "1"),
    ):
        device = tmp_path / "devices" / at
        device.mkdir(parents=True)
        (device.parent / "removable").write_text(f"{removable}\n")
        (links / number).symlink_to(device)
    return links


def test_what_a_person_plugged_in_is_a_stick_and_what_the_system_needs_is_none(block_devices: Path) -> None:
    assert linux_places(MOUNTS, block_devices) == [
        Path("/media/demo/DEMO STICK"),
        Path("/mnt/by hand"),
        Path("/mnt/card"),
        Path("/run/media/demo/ßäck"),
    ]


def test_without_the_devices_only_where_desktops_mount_counts(tmp_path: Path) -> None:
    assert linux_places(MOUNTS, tmp_path) == [Path("/media/demo/DEMO STICK"), Path("/run/media/demo/ßäck")]
    assert linux_places("", tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount")
def test_word_comes_when_something_is_mounted_and_when_it_goes(qtbot: QtBot, tmp_path: Path) -> None:
    from PySide6.QtCore import QObject

    parent = QObject()
    watch = StickWatch(parent)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    with qtbot.waitSignal(watch.changed):
        mounted = subprocess.run(command, check=False, capture_output=True)
        if mounted.returncode != 0:
            pytest.skip("nothing may be mounted here")
    with qtbot.waitSignal(watch.changed):
        subprocess.run(["umount", str(tmp_path)], check=True)
    watch.end()
