"""A line that drops again and again costs time, and nothing else."""

from __future__ import annotations

import random
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, Unfinished
from ranger_app.domain.sites import Attachment, Site
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.storage import Workspace
from ranger_app.sync.hub.exchange import sync_with_hub
from ranger_app.sync.hub.pool import SILENCE_S
from tests.hub.hubs import QUICK, Hub, add_files, add_people, free_port, laptop, new_site, sync
from tests.hub.lines import dropping_line, says_only


def with_work(workspace: Workspace, site: Site) -> list[bytes]:
    """Changes that take several batches and files that outlast every connection."""
    noise = random.Random(5)
    with workspace.unit("narratives") as unit:
        for number in range(6):  # noise does not compress: each is a batch longer than a connection lives
            unit.add(
                Attachment(
                    site_id=site.id,
                    owner_id=site.id,
                    owner_kind="site",
                    file=noise.randbytes(32),
                    file_name=f"demo {number}.jpg",
                    caption=noise.randbytes(100_000).hex(),
                )
            )
    add_people(workspace, 3_000)
    return add_files(workspace, 6, size=150_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_line_that_drops_all_the_time_brings_everything_through(
    hub: Hub, tmp_path: Path, seed: int
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        files = with_work(a, site)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        with dropping_line(hub.port, seed=seed, least=8_000, most=60_000) as line:
            there = sync(a, line.url)
            cuts_there = line.cuts
            back = sync(b, line.url)
        assert min(cuts_there, line.cuts - cuts_there) > 10
        assert there.complete
        assert back.complete
        assert there.line_breaks > 10
        assert a.digest() == b.digest()
        assert all(b.files.whole(one) for one in files)
        assert there.bytes_sent < 1.5 * sync_size(a)


def sync_size(workspace: Workspace) -> int:
    """Bytes that an unbroken line would carry, and some."""
    files = sum(path.stat().st_size for _hash, path in workspace.files.stored())
    return files + workspace.database.stat().st_size


def test_a_line_too_short_for_anything_ends_with_a_sentence_and_loses_nothing(
    hub: Hub, tmp_path: Path
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        add_files(a, 1)
        hub.let_in(a.keys, site.id)
        with (
            dropping_line(hub.port, seed=1, least=100, most=300) as line,
            pytest.raises(Unfinished) as stopped,
        ):
            sync(a, line.url)
        assert "goes on where it stopped" in stopped.value.what_to_do
        assert sync(a, hub.url).complete


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nserver: gra",
        b"HTTP/1.1 200 OK\r\ncontent-len",
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nand not more",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nand not more",
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 5\r\n\r\nnginx",
    ],
)
def test_an_answer_that_was_cut_is_a_line_that_broke(tmp_path: Path, answer: bytes) -> None:
    with laptop(tmp_path / "a", new_site()) as a, says_only(answer) as url, pytest.raises(Unfinished):
        sync(a, url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + bytes(8 << 20),
    ],
)
def test_what_is_no_hub_is_said_to_be_none(tmp_path: Path, answer: bytes) -> None:
    with laptop(tmp_path / "a", new_site()) as a, says_only(answer) as url, pytest.raises(BadInput):
        sync(a, url)


def test_a_hub_that_is_not_there_is_said_soon(tmp_path: Path) -> None:
    with laptop(tmp_path / "a", new_site()) as a, pytest.raises(Unfinished, match="does not answer"):
        sync(a, f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("left", [0, 1, 149_999, 150_000, 150_001, 200_000])
def test_what_an_earlier_exchange_left_of_a_file_is_gone_on_with(hub: Hub, tmp_path: Path, left: int) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        (file,) = add_files(a, 1, size=150_000)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        assert sync(a, hub.url).complete
        path = a.files.path(file)
        assert path is not None
        part = b.cache / "hub" / f"{file.hex()}.part"
        part.parent.mkdir()
        part.write_bytes((path.read_bytes() + bytes(100_000))[:left])
        first = sync(b, hub.url)
        assert first.files_received == 1
        assert b.files.whole(file)
        if left <= 150_000:
            assert first.bytes_received < 150_000 - left + 10_000


def test_a_stopped_exchange_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        add_files(a, 8, size=30_000)
        hub.let_in(a.keys, site.id)
        seen: list[Progress] = []

        def stop_at_the_fifth(progress: Progress) -> None:
            seen.append(progress)
            if len(seen) == 5:
                work.cancel()

        work = Work(stop_at_the_fifth)
        with pytest.raises(Cancelled):
            sync_with_hub(a, work, url=hub.url, patience=QUICK)
        rest = sync(a, hub.url)
        assert rest.complete
        assert 0 < rest.files_sent < 8


def test_a_silent_line_is_let_go_as_soon_as_somebody_stops(tmp_path: Path) -> None:
    """Whoever closes the window does not wait for a hub that takes the request and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent, laptop(tmp_path / "a", new_site()) as a:
        work = Work()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with ThreadPoolExecutor(1) as pool:
            exchange = pool.submit(sync_with_hub, a, work, url=url)
            near, _address = silent.accept()
            with near:
                assert near.recv(10)  # the request has come
                work.cancel()
                with pytest.raises(Cancelled):
                    exchange.result(timeout=SILENCE_S / 4)
