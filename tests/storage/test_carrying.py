"""What a carrier is told of a workspace: how far each feed goes, runs that lose nothing, files by site."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.ids import Id, new_id
from ranger_app.domain.sites import Attachment, Person, Site
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.carrying import (
    Reach,
    files_of,
    reaches,
    run_above,
    stream_of,
    streams_here,
)
from ranger_app.storage.exchange.exchanging import take
from tests.storage.cloning import unnoticed_copies


def a_site() -> Site:
    id_ = new_id()
    return Site(id=id_, site_id=id_, name="Demo park")


def write(workspace: Workspace, count: int, name: str = "demo") -> None:
    for number in range(count):
        with workspace.unit("person") as unit:
            unit.add(Person(site_id=workspace.site_id, name=f"{name} {number}"))


def all_of(workspace: Workspace, stream: bytes, *, at_most_bytes: int = 1) -> list[SignedSegment]:
    """Every segment of a stream, fetched in small runs."""
    found: list[SignedSegment] = []
    for replica in reaches(workspace, stream):
        above, more = 0, True
        while more:
            run = run_above(workspace, stream, replica, above, at_most_bytes=at_most_bytes)
            found += run.segments
            above, more = run.through, run.more
    return found


def forked(tmp_path: Path, site: Site) -> tuple[Path, bytes]:
    """A workspace that holds both sides of a copied laptop's feed, and the laptop's replica."""
    with Workspace.create(tmp_path / "a", site=site) as a:
        write(a, 2)
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    with (
        unnoticed_copies(),
        Workspace.open(tmp_path / "a") as a,
        Workspace.open(tmp_path / "copy") as copy,
    ):
        replica = a.keys.replica
        write(a, 4, "demo of the first")
        write(copy, 3, "demo of the copy")
        take(a, all_of(copy, site.id))
    return tmp_path / "a", replica


@pytest.mark.parametrize("at_most_bytes", [1, 700, 1 << 20])
def test_runs_hold_every_segment_once_and_those_of_one_number_together(
    tmp_path: Path, at_most_bytes: int
) -> None:
    site = a_site()
    folder, _replica = forked(tmp_path, site)
    with Workspace.open(folder) as a, Workspace.create(tmp_path / "b", site=None) as b:
        found = all_of(a, site.id, at_most_bytes=at_most_bytes)
        assert len({one.body for one in found}) == len(found) == 3 + 4 + 3
        take(b, found)
        assert reaches(b, site.id) == reaches(a, site.id)
        assert b.digest() == a.digest()


def test_a_fork_shows_in_how_far_a_feed_goes(tmp_path: Path) -> None:
    site = a_site()
    folder, replica = forked(tmp_path, site)
    with Workspace.open(folder) as a, Workspace.open(tmp_path / "copy") as copy:
        both, one = reaches(a, site.id)[replica], reaches(copy, site.id)[replica]
        assert (both.upto, len(both.beyond)) == (3, 32)
        assert one == Reach(3 + 3)


def test_a_gap_shows_in_how_far_a_feed_goes_and_is_gone_when_it_is_filled(tmp_path: Path) -> None:
    site = a_site()
    with Workspace.create(tmp_path / "a", site=site) as a, Workspace.create(tmp_path / "b", site=None) as b:
        write(a, 4)
        segments = all_of(a, site.id)
        take(b, [*segments[:2], *segments[3:]])
        gap = reaches(b, site.id)[a.keys.replica]
        assert (gap.upto, len(gap.beyond)) == (2, 32)
        take(b, segments)
        assert reaches(b, site.id) == reaches(a, site.id) == {a.keys.replica: Reach(5)}


def test_of_a_stream_that_is_not_here_there_is_nothing(tmp_path: Path) -> None:
    site = a_site()
    with Workspace.create(tmp_path / "a", site=site) as a:
        assert streams_here(a) == [site.id]
        assert reaches(a, new_id()) == {}
        assert run_above(a, new_id(), a.keys.replica, 0, at_most_bytes=1).segments == []
        assert run_above(a, site.id, a.keys.replica, 99, at_most_bytes=1).segments == []


def test_files_are_told_for_the_site_that_they_are_of(tmp_path: Path) -> None:
    site, other = a_site(), new_id()
    with Workspace.create(tmp_path / "a", site=site) as a:
        for stream, content in ((site.id, b"demo one"), (other, b"demo two")):
            stored = a.files.add_bytes(content)
            with a.unit("file") as unit:
                unit.add(_attachment(Id(stream), stored.sha256))
        assert len(files_of(a, site.id)) == len(files_of(a, other)) == 1
        assert files_of(a, site.id) != files_of(a, other)


def _attachment(site: Id, file: bytes) -> Attachment:
    return Attachment(site_id=site, owner_id=site, owner_kind="site", file=file, file_name="demo.jpg")


def test_a_segment_says_its_stream_at_its_beginning(tmp_path: Path) -> None:
    site = a_site()
    with Workspace.create(tmp_path / "a", site=site) as a:
        write(a, 1)
        assert {stream_of(one.body) for one in all_of(a, site.id)} == {site.id}


@given(st.binary(max_size=40))
def test_noise_has_no_stream_or_one_of_sixteen_bytes(noise: bytes) -> None:
    found = stream_of(noise)
    assert found is None or (len(found) == 16 and noise[3:19] == found)
