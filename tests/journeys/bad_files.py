"""Files that the world is full of: cut off, empty, mislabelled, enormous and hostile, made by the tests."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

ENORMOUS_BYTES = 1 << 30
"""Of a sparse file: it costs the disk nothing and a careless reader everything."""

_GPX = b'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'


def _empty(path: Path) -> None:
    path.touch()


def _noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(20_000))


def _zeroes(path: Path) -> None:
    path.write_bytes(bytes(20_000))


def _enormous(path: Path) -> None:
    with open(path, "wb") as out:
        out.truncate(ENORMOUS_BYTES)


def _other_letters(path: Path) -> None:
    path.write_bytes("Überwachung im Schutzgebiet; größte Höhe über dem Meer".encode("cp1252") * 400)


def _entity_bomb(path: Path) -> None:
    lines = ['<?xml version="1.0"?>', "<!DOCTYPE gpx [", '<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">']
    for letter, before in zip("bcdefghij", "abcdefghi", strict=True):
        lines.append(f'<!ENTITY {letter} "{f"&{before};" * 20}">')
    path.write_text("\n".join([*lines, "]>", "<gpx>&j;</gpx>"]), encoding="utf-8")


def _outside_entity(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx>&x;</gpx>',
        encoding="utf-8",
    )


def _deep_xml(path: Path) -> None:
    path.write_bytes(_GPX + b"<a>" * 200_000)


def _deep_json(path: Path) -> None:
    path.write_text("[" * 200_000, encoding="utf-8")


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("patrol.xml", bytes(200 << 20))


def _zip_with_paths(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as out:
        for name in ("../../outside.xml", "/outside.xml", "C:\\outside.xml", "CON"):
            out.writestr(name, _GPX)


def _folder(path: Path) -> None:
    path.mkdir()


BAD_FILES: dict[str, Callable[[Path], None]] = {
    "empty": _empty,
    "noise": _noise,
    "zeroes": _zeroes,
    "enormous": _enormous,
    "other-letters": _other_letters,
    "entity-bomb": _entity_bomb,
    "outside-entity": _outside_entity,
    "deep-xml": _deep_xml,
    "deep-json": _deep_json,
    "zip-bomb": _zip_bomb,
    "zip-with-paths": _zip_with_paths,
    "folder": _folder,
}
