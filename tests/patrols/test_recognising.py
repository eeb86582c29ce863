"""Whatever downloads of one receiver come, in whatever order: nothing is lost, doubled or overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.found import Fixes
from ranger_app.domain.ids import new_id
from ranger_app.domain.patrols import Track
from ranger_app.domain.sites import Site
from ranger_app.patrols.fixes import decode
from ranger_app.patrols.service import Patrols
from ranger_app.storage import Workspace
from tests.formats import gpx_files
from tests.formats.gpx_files import fix, track

FIXES = 8
SAYS = st.sampled_from(
    [
        "<ele>{n}</ele><time>2026-05-06T07:0{n}:00Z</time>",
        "<ele>{n}.5</ele><time>2026-05-06T07:0{n}:00Z</time>",
        "<ele>{n}</ele><time>2026-05-06T07:0{n}:30Z</time>",
        "<ele>{n}</ele><time>2026-05-06T07:0{n}:00Z</time><hdop>1.{n}</hdop>",
        "<ele>{n}</ele><time>2026-05-06T07:0{n}:00Z</time><hdop>-0.0</hdop>",
        "<ele>high</ele><time>2026-05-06T07:0{n}:00Z</time>",
        "<ele>{n}</ele><time>2026-05-06T07:0{n}:00Z</time><extensions><a>{n}</a></extensions>",
        "<ele>{n}</ele>",
    ]
)


@st.composite
def downloads(draw: st.DrawFn) -> str:
    """A piece of the same walk, some of it said otherwise."""
    first = draw(st.integers(0, FIXES - 1))
    last = draw(st.integers(first, FIXES - 1))
    usual = "<ele>{n}</ele><time>2026-05-06T07:0{n}:00Z</time>"
    odd = draw(st.dictionaries(st.integers(first, last), SAYS, max_size=2))
    points = [fix(43.5 + n / 1000, 134.5, odd.get(n, usual).format(n=n)) for n in range(first, last + 1)]
    cut = draw(st.integers(0, len(points)))
    return f"<trk><trkseg>{''.join(points[:cut])}</trkseg><trkseg>{''.join(points[cut:])}</trkseg></trk>"


def rows(fixes: Fixes) -> set[str]:
    said = gpx_files.plain_fixes(fixes)
    more = [{k: v[i] for k, v in said["more"].items() if v[i] is not None} for i in range(len(fixes))]
    columns = (said["lon"], said["lat"], said["elevation"], said["time"], said["notes"], more)
    return {str(row) for row in zip(*columns, strict=True)}


@settings(max_examples=25)
@given(st.lists(downloads(), min_size=1, max_size=5))
def test_all_that_any_download_said_is_here_once(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("recognising")
    site_id = new_id()
    site = Site(id=site_id, site_id=site_id, name="Demo park")
    paths = [gpx_files.write(folder / f"{n}.gpx", body) for n, body in enumerate(bodies)]
    with Workspace.create(folder / "demo.ranger", site=site) as workspace:
        patrols = Patrols(workspace)
        wanted: set[str] = set()
        for path in paths:
            patrols.accept(patrols.propose([path]))
            for one in gpx_files.read(path).tracks:
                wanted |= rows(one.fixes)
            assert here(workspace) == wanted
        for path in paths:
            again = patrols.propose([path])
            assert (again.made, again.changed) == ({}, {})


def here(workspace: Workspace) -> set[str]:
    with workspace.reading() as data:
        return {row for value in data.column(Track, "fixes") for row in rows(decode(value))}


def test_a_fix_that_is_said_otherwise_never_overwrites_the_track(
    workspace: Workspace, patrols: Patrols, tmp_path: Path
) -> None:
    def walk(dilution: str) -> Path:
        points = [
            fix(43.5 + n / 1000, 134.5, f"<time>2026-05-06T07:0{n}:00Z</time>{dilution if n == 0 else ''}")
            for n in range(5)
        ]
        return gpx_files.write(tmp_path / "a.gpx", track(*points))

    patrols.accept(patrols.propose([walk("<hdop>1.0</hdop>")]))
    patrols.accept(patrols.propose([walk("<hdop>9.9</hdop>")]))
    with workspace.reading() as data:
        assert sorted(data.column(Track, "fix_count")) == [1, 5]
