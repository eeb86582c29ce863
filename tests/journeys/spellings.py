"""The ways in which a secret may stand in a file, and where of many files any of them does."""

from __future__ import annotations

import base64
import math
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import cbor2

ARCHIVES = (".zip", ".rzip")
_DEGREES_OF_MINUTE = 60


def of_text(text: str) -> set[bytes]:
    """A name or a number in letters: in the encodings that files are in, and as others pack it."""
    plain = text.encode()
    return {
        plain,
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text.replace(" ", "%20").encode(),
        text.replace(" ", "+").encode(),
        plain.hex().encode(),
        *(base64.b64encode(b"\0" * pad + plain)[4 if pad else 0 : -4] for pad in range(3)),
    }


def of_degrees(degrees: float) -> set[bytes]:
    """A coordinate: decimal with point and comma, in degrees and minutes, as a packed double either way
    round, in CBOR, and as the whole numbers and fractions that receivers and cameras write."""
    found: set[bytes] = set()
    for digits in (4, 5, 6):
        for text in (f"{degrees:.{digits}f}", f"{math.floor(degrees * 10**digits) / 10**digits:.{digits}f}"):
            found |= of_text(text) | of_text(text.replace(".", ","))
    whole, rest = int(degrees), degrees - int(degrees)
    minutes = rest * _DEGREES_OF_MINUTE
    found |= of_text(f"{whole}{minutes:07.4f}") | of_text(f"{whole}° {minutes:.3f}")
    found |= {struct.pack("<d", degrees), struct.pack(">d", degrees), cbor2.dumps(degrees, canonical=True)}
    for order in "<>":
        # Eight bytes at least: shorter ones come up by chance in what is sealed.
        found.add(struct.pack(f"{order}q", round(degrees * 1e7)))
        second = minutes % 1 * _DEGREES_OF_MINUTE
        found.add(struct.pack(f"{order}IIII", whole, 1, int(minutes), 1))
        found.add(struct.pack(f"{order}II", round(second * 10_000), 10_000))
    return found


def of_number(number: float) -> set[bytes]:
    """A number that tells who somebody is, as of a telephone."""
    found = of_text(f"{number:.0f}")
    return found | {struct.pack("<d", number), struct.pack(">d", number), cbor2.dumps(number, canonical=True)}


def files_under(*places: Path) -> Iterator[Path]:
    """Every file, those that an open program holds too."""
    for place in places:
        yield from (path for path in sorted(place.rglob("*")) if path.is_file())


def found_in(paths: Iterable[Path], secrets: Mapping[str, set[bytes]]) -> dict[str, list[str]]:
    """By file, the secrets that stand in its bytes, in those of what is packed in it, or in its name."""
    found: dict[str, list[str]] = {}
    for path in paths:
        for name, content in _contents(path):
            held = [
                secret
                for secret, spelled in secrets.items()
                if any(one in content for one in spelled) or secret in name
            ]
            if held:
                found[name] = held
    return found


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    yield str(path), path.read_bytes()
    if path.suffix in ARCHIVES and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path}/{name}", archive.read(name)
