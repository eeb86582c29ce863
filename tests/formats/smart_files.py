"""SMART files for tests, written by hand."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ranger_app.domain.found import Found
from ranger_app.formats import smart
from ranger_app.jobs import Work

SPACE = "http://www.smartconservationsoftware.org/xml/1.3/patrol"


def observation(category: str = "animals.sign.", attributes: str = "") -> str:
    return f'<observations categoryKey="{category}">{attributes}</observations>'


def waypoint(number: int = 1, *, inner: str = "", more: str = "") -> str:
    body = inner or f"<groups>{observation()}</groups>"
    return f'<waypoints id="{number}" x="134.5" y="43.5" time="07:30:00"{more}>{body}</waypoints>'


def day(
    *,
    waypoints: str = "",
    track: str = "",
    date: str = "2026-05-06",
    start: str = "07:00:00",
    end: str = "15:30:00",
) -> str:
    times = f'startTime="{start}" endTime="{end}" restMinutes="30.0"'
    return f'<days date="{date}" {times}>{waypoints or waypoint()}{track}</days>'


def patrol(
    *,
    days: str = "",
    number: str = "DEMO_000001",
    more: str = "",
    space: str = SPACE,
    comment: str = "a demo",
) -> str:
    members = (
        '<members givenName="Demo" familyName="One" employeeId="d1" isPilot="false" isLeader="true"/>'
        '<members givenName="Demo" familyName="Two" employeeId="d2" isPilot="false" isLeader="false"/>'
    )
    leg = (
        '<legs id="1" startDate="2026-05-06" endDate="2026-05-06">'
        f'<transportType languageCode="en" value="Foot"/>{members}{days or day()}'
        '<mandate languageCode="en" value="Anti-poaching"/></legs>'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><patrol xmlns="{space}" id="{number}" patrolType="GROUND" '
        f'startDate="2026-05-06" endDate="2026-05-06" isArmed="true"{more}>'
        "<objective><description>boundary</description></objective>"
        f'<team languageCode="en" value="Demo team"/>{leg}<comment>{comment}</comment></patrol>'
    )


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> Found:
    return smart.read(path, work=Work())


def geometry(lines: list[list[tuple[float, ...]]], *, order: str = ">", code: int = 0x80000005) -> str:
    """WKB of a MultiLineString with the flags of `code`; each point has as many numbers as it has."""
    line_code = code - 3
    head = b"\x00" if order == ">" else b"\x01"
    out = [head, struct.pack(order + "II", code, len(lines))]
    for line in lines:
        out += [head, struct.pack(order + "II", line_code, len(line))]
        out += [struct.pack(f"{order}{len(point)}d", *point) for point in line]
    return b"".join(out).hex()
