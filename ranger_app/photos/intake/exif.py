"""Reads what a camera wrote into its picture: when, with what, where; damage makes it say less, never fail.

The format is Exif 2.32 (CIPA DC-008), which is a TIFF 6.0 file inside the picture: directories of
twelve-byte entries that point anywhere. Nothing that a pointer or a count says is believed before
it is checked against the length of the block, and no directory is read twice.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ranger_app.photos.intake.makers import read_maker_note

ENTRIES_AT_MOST = 512
TEXT_AT_MOST = 200
NUMBERS_AT_MOST = 8

WIDTH, LENGTH = 0x0100, 0x0101
ORIENTATION = 0x0112
EXIF_POINTER, GPS_POINTER = 0x8769, 0x8825
MAKER_NOTE = 0x927C

NAMES: Mapping[int, str] = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    ORIENTATION: "Orientation",
    0x0131: "Software",
    0x0132: "DateTime",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x829A: "ExposureTime",
    0x829D: "FNumber",
    0x8827: "ISOSpeedRatings",
    0x9000: "ExifVersion",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized",
    0x9204: "ExposureBias",
    0x9209: "Flash",
    0x920A: "FocalLength",
    0x9290: "SubSecTime",
    0x9291: "SubSecTimeOriginal",
    0x9292: "SubSecTimeDigitized",
    0x9400: "AmbientTemperature",
    0xA402: "ExposureMode",
    0xA403: "WhiteBalance",
    0xA406: "SceneCaptureType",
    0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber",
    0xC62F: "CameraSerialNumber",
}
"""The tags that are kept beside the photo, by their Exif names; maker notes stay in the original."""

GPS_NAMES: Mapping[int, str] = {
    0x0001: "GPSLatitudeRef",
    0x0002: "GPSLatitude",
    0x0003: "GPSLongitudeRef",
    0x0004: "GPSLongitude",
    0x0005: "GPSAltitudeRef",
    0x0006: "GPSAltitude",
    0x0012: "GPSMapDatum",
    0x001D: "GPSDateStamp",
}

TIME_TAGS = (
    ("DateTimeOriginal", "SubSecTimeOriginal"),
    ("DateTimeDigitized", "SubSecTimeDigitized"),
    ("DateTime", "SubSecTime"),
    ("Reconyx:DateTimeOriginal", ""),
)
"""In the order of trust, each with the tag that holds its fraction of a second."""

SERIAL_TAGS = ("BodySerialNumber", "CameraSerialNumber", "Reconyx:SerialNumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """What the camera says. Whatever is missing, damaged or impossible is empty."""

    taken_local: datetime | None = None
    """The camera's wall clock, with its fraction of a second when it has one."""
    taken_tag: str = ""
    taken_raw: str = ""
    make: str = ""
    model: str = ""
    serial: str = ""
    orientation: int = 1
    """1 to 8 as in TIFF 6.0; from 5 on, width and height change places."""
    lon: float | None = None
    lat: float | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    """The named tags as JSON can say them: text, numbers, lists; rationals as [numerator, denominator]."""
    width_px: int | None = None
    height_px: int | None = None
    """Of the picture itself, which only a TIFF says here; not yet upright."""
    damaged: bool = False


def read_exif(block: bytes | memoryview) -> Exif:
    """What the camera says in a TIFF block (in JPEG, what follows `Exif\\0\\0`). Never raises."""
    block = bytes(block)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return Exif(damaged=bool(block))
    reader = _Directories(block, order)
    first = reader.read(_u32(block, order, 4), _WANTED)
    details = reader.read(first.get(EXIF_POINTER), _WANTED)
    position = reader.read(first.get(GPS_POINTER), GPS_NAMES)
    tags = {NAMES[tag]: value for tag, value in (first | details).items() if tag in NAMES}
    tags |= read_maker_note(details.get(MAKER_NOTE, b""), order)
    gps = {GPS_NAMES[tag]: value for tag, value in position.items()}
    taken_local, taken_tag, taken_raw = _taken(tags)
    lon, lat = _place(gps)
    orientation = tags.get("Orientation")
    return Exif(
        taken_local=taken_local,
        taken_tag=taken_tag,
        taken_raw=taken_raw,
        make=_text(tags, "Make"),
        model=_text(tags, "Model"),
        serial=next(filter(None, (_text(tags, tag) for tag in SERIAL_TAGS)), ""),
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
        lon=lon,
        lat=lat,
        tags=tags | gps,
        width_px=_pixels(first.get(WIDTH)),
        height_px=_pixels(first.get(LENGTH)),
        damaged=reader.damaged,
    )


# ---- time


_STAMP = re.compile(r"\s*(\d{4})[:/.-](\d\d?)[:/.-](\d\d?)[ T]+(\d\d?):(\d\d?):(\d\d?)")


def _taken(tags: Mapping[str, Any]) -> tuple[datetime | None, str, str]:
    """The time, the tag that said it, and its text; the first tag that holds a real moment wins."""
    first_raw = ""
    for tag, fraction_tag in TIME_TAGS:
        raw = _text(tags, tag)
        first_raw = first_raw or raw
        if moment := parse_stamp(raw):
            fraction = _text(tags, fraction_tag)
            if fraction.isascii() and fraction.isdigit():
                moment = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
            return moment, tag, raw
    return None, "", first_raw


def parse_stamp(text: str) -> datetime | None:
    """A time in Exif's form `2021:05:31 08:25:38`, or with the dashes and slashes that makers use.

    A clock that was never set (`0000:00:00 00:00:00`) or that says the impossible is None.
    """
    found = _STAMP.match(text)
    if not found:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None


# ---- place


def _place(gps: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Longitude and latitude in degrees, or neither.

    Cameras without a receiver fill the block with anything: no hemisphere, zeros, 0/0, or the same
    three numbers for both axes (640/480 was seen). None of that is a position.
    """
    lat = _degrees(gps.get("GPSLatitude"), gps.get("GPSLatitudeRef"), "N", "S", 90)
    lon = _degrees(gps.get("GPSLongitude"), gps.get("GPSLongitudeRef"), "E", "W", 180)
    if lat is None or lon is None or abs(lat) == abs(lon):
        return None, None
    return lon, lat


def _degrees(parts: Any, ref: Any, plus: str, minus: str, limit: int) -> float | None:
    sign = {plus: 1, minus: -1}.get(ref.strip().upper()) if isinstance(ref, str) else None
    if sign is None or not isinstance(parts, list) or not 2 <= len(parts) <= 3:
        return None
    pairs = [parts] if isinstance(parts[0], int) else parts
    if not all(isinstance(pair, list) and len(pair) == 2 and pair[0] >= 0 < pair[1] for pair in pairs):
        return None
    values = [numerator / denominator for numerator, denominator in pairs]
    if any(value >= 60 for value in values[1:]):
        return None
    degrees = sum(value / 60**power for power, value in enumerate(values))
    return sign * degrees if degrees <= limit else None


# ---- tags


def _text(tags: Mapping[str, Any], name: str) -> str:
    value = tags.get(name, "")
    return value if isinstance(value, str) else ""


def _pixels(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


class _Directories:
    """Walks the directories of one TIFF block, and remembers whether anything in it was wrong."""

    def __init__(self, block: bytes, order: str) -> None:
        self._block = block
        self._order = order
        self._seen: set[int] = set()
        self.damaged = False

    def read(self, offset: Any, wanted: Container[int]) -> dict[int, Any]:
        """The wanted tags of the directory at `offset`; none when there is no such place."""
        if offset is None:
            return {}
        if not isinstance(offset, int) or offset in self._seen or not 8 <= offset <= len(self._block) - 2:
            self.damaged = True
            return {}
        self._seen.add(offset)
        count = _u16(self._block, self._order, offset) or 0
        fits = (len(self._block) - offset - 2) // 12
        if count > min(fits, ENTRIES_AT_MOST):
            self.damaged = True
            count = min(fits, ENTRIES_AT_MOST)
        return dict(self._entries(offset + 2, count, wanted))

    def _entries(self, start: int, count: int, wanted: Container[int]) -> Iterator[tuple[int, Any]]:
        for place in range(start, start + 12 * count, 12):
            tag, form, length = struct.unpack_from(self._order + "HHI", self._block, place)
            size = _SIZES.get(form)
            if size is None or tag not in wanted:
                continue
            bytes_ = size * length
            at = place + 8 if bytes_ <= 4 else _u32(self._block, self._order, place + 8) or 0
            if at + bytes_ > len(self._block):
                self.damaged = True
                continue
            value = self._block[at : at + bytes_] if tag == MAKER_NOTE else self._value(form, at, length)
            if value is not None:
                yield tag, value

    def _value(self, form: int, at: int, length: int) -> Any:
        if form in (_ASCII, _UNDEFINED):
            return _words(self._block[at : at + min(length, TEXT_AT_MOST)])
        count = min(length, NUMBERS_AT_MOST)
        if not count:
            return None
        if form in (_RATIONAL, _SIGNED_RATIONAL):
            code = "I" if form == _RATIONAL else "i"
            flat = struct.unpack_from(f"{self._order}{2 * count}{code}", self._block, at)
            pairs = [list(pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
            return pairs[0] if length == 1 else pairs
        numbers = struct.unpack_from(f"{self._order}{count}{_CODES[form]}", self._block, at)
        return numbers[0] if length == 1 else list(numbers)


_ASCII, _RATIONAL, _UNDEFINED, _SIGNED_RATIONAL = 2, 5, 7, 10
_SIZES = {1: 1, _ASCII: 1, 3: 2, 4: 4, _RATIONAL: 8, 6: 1, _UNDEFINED: 1, 8: 2, 9: 4, _SIGNED_RATIONAL: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
_WANTED = frozenset({WIDTH, LENGTH, EXIF_POINTER, GPS_POINTER, MAKER_NOTE, *NAMES})


def _words(raw: bytes) -> str:
    raw = raw.partition(b"\0")[0]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _u16(block: bytes, order: str, at: int) -> int | None:
    return int(struct.unpack_from(order + "H", block, at)[0]) if at + 2 <= len(block) else None


def _u32(block: bytes, order: str, at: int) -> int | None:
    return int(struct.unpack_from(order + "I", block, at)[0]) if at + 4 <= len(block) else None
